"""From a conversation to a stand-alone question, without a language model.

A follow-up leaves words out: "and when they are stopped?" needs the drug of the turn before. The
words that earlier questions have and this one lacks are carried along, at a lower weight, when
the question shows that it leans on them.
"""

import re
from collections.abc import Sequence

from index.lexical import terms
from index.retriever import Query

MAX_CARRIED_WORDS = 10
# A question with at most this many content words says too little to stand alone.
FEW_TERMS = 2
_LEANING_START = re.compile(
    r"^(?:and|but|or|so|then|also|what about|how about|what if|why not|any other|anything else|"
    r"which one|what else|in that case|same for|otherwise|instead)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|she|him|her|his|one|ones|"
    r"former|latter|such|another|others?|else|both|either)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


def stand_alone(question: str, history: Sequence[str]) -> Query:
    """Return the question with the words of earlier ones that it leans on.

    `history` holds the earlier questions, oldest first. Words are taken from the turn before,
    and further back for as long as those turns themselves lean on theirs.

    >>> stand_alone("And when they are stopped?", ["Do steroids work?"]).text
    'And when they are stopped? (steroids work)'
    """
    own = " ".join(question.split())
    if not history or not leans(own):
        return Query(own=own)
    needed: list[str] = []
    for earlier in reversed(history):
        needed.insert(0, earlier)
        if not leans(earlier):
            break
    held = set(terms(own))
    carried: list[str] = []
    for word in _WORD.findall(" ".join(needed)):
        stems = terms(word)
        if stems and not held.issuperset(stems):
            held.update(stems)
            carried.append(word)
    return Query(own=own, carried=" ".join(carried[-MAX_CARRIED_WORDS:]))


def leans(question: str) -> bool:
    """Tell whether a question cannot be understood without what was said before."""
    if _LEANING_START.match(question) or _POINTING.search(question):
        return True
    return len(set(terms(question))) <= FEW_TERMS
