"""Questions made from sentences: a piece is taken out and asked for.

After Lewis, Denoyer & Riedel (2019), "Unsupervised question answering by cloze translation": a
clause loses a number, a name or a phrase, a question word takes its place, and some of the other
words are lost or said otherwise. Such questions are crude and there is no end of them, in the very
prose that is to be read. Half of them cannot be answered: their sentence is cut out, or a word of
the question is exchanged for another one of the same article.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bm25s.stopwords import STOPWORDS_EN

from evals.training.examples import Example, cut, window_around
from index.lexical import stems

_STOP = frozenset(STOPWORDS_EN) | frozenset(
    "were was is are has have had been be did does do may can could which who whom whose that this "
    "these those than also both during between among within while when after before however our we "
    "from using used significantly respectively".split()
)
_NUMBER = re.compile(r"\d[\d.,]*(?:\s?(?:%|mg|kg|g|ml|µg|days?|weeks?|months?|years?|hours?))?$")
_CLAUSE_END = re.compile(r"(?<=[,;:])\s|\s(?=(?:but|whereas|although|while|because)\b)")
MAX_CLAUSE_WORDS = 18
MIN_CLAUSE_WORDS = 6
MAX_PHRASE_WORDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A stretch of prose: its heading and its sentences."""

    heading: str
    sentences: tuple[str, ...]


class Cloze:
    """Made-up questions over given texts; `count` sentences are drawn in every epoch."""

    name = "cloze"

    def __init__(self, texts: Sequence[Text], count: int) -> None:
        self._texts = [text for text in texts if text.sentences]
        self._count = count

    def epoch(self, rng: random.Random) -> Iterator[Example]:
        """Yield one round of examples."""
        made = 0
        while made < self._count and self._texts:
            text = rng.choice(self._texts)
            position = rng.randrange(len(text.sentences))
            example = exercise(text, position, rng)
            made += 1
            if example is None:
                continue
            draw = rng.random()
            if draw < 0.45:  # noqa: PLR2004
                yield example
            elif draw < 0.8:  # noqa: PLR2004
                missed = cut(example)
                if missed is not None:
                    yield missed
            else:
                swapped = exchanged(example, text, rng)
                if swapped is not None:
                    yield swapped


def exercise(text: Text, position: int, rng: random.Random) -> Example | None:
    """Return a question that the sentence at `position` answers, in a passage around it."""
    sentence = text.sentences[position]
    made = question_from(sentence, rng)
    if made is None:
        return None
    question, answer = made
    first, last = window_around(text.sentences, position, rng)
    start = sentence.find(answer)
    return Example(
        question=question,
        heading=text.heading,
        sentences=text.sentences[first:last],
        relevant=tuple(i == position for i in range(first, last)),
        spans=((position - first, start, start + len(answer)),) if start >= 0 else (),
        answers=True,
        source="cloze",
    )


def question_from(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """Return a question and the piece of the sentence that it asks for; None when none is fit."""
    clauses = [c.split() for c in _CLAUSE_END.split(sentence)]
    clauses = [c for c in clauses if len(c) >= MIN_CLAUSE_WORDS]
    if not clauses:
        return None
    words = rng.choice(clauses)
    if len(words) > MAX_CLAUSE_WORDS:
        first = rng.randrange(len(words) - MAX_CLAUSE_WORDS + 1)
        words = words[first : first + MAX_CLAUSE_WORDS]
    phrases = _phrases(words)
    if not phrases:
        return None
    first, last = rng.choice(phrases)
    answer = " ".join(words[first:last]).strip(".,;:()[]")
    rest = [w.strip(".,;:()[]") for w in (*words[:first], *words[last:])]
    kept = [w for w in rest if w and rng.random() > (0.35 if w.lower() in _STOP else 0.2)]
    if len([w for w in kept if w.lower() not in _STOP]) < 3 or not answer:  # noqa: PLR2004
        return None
    if rng.random() < 0.3:  # noqa: PLR2004
        middle = rng.randrange(len(kept))
        kept = [*kept[middle:], *kept[:middle]]
    return f"{_asks(answer, rng)} {' '.join(kept)}?", answer


def exchanged(example: Example, text: Text, rng: random.Random) -> Example | None:
    """Return the example with one rare word of its question exchanged, so that nothing answers."""
    words = example.question.rstrip("?").split()
    held = {t for s in example.sentences for t in stems(s)}
    places = [i for i, w in enumerate(words) if i and w.lower() not in _STOP and len(w) > 3]  # noqa: PLR2004
    others = [
        w.strip(".,;:()[]")
        for s in rng.sample(text.sentences, min(len(text.sentences), 12))
        for w in s.split()
        if len(w) > 4 and w.lower() not in _STOP  # noqa: PLR2004
    ]
    foreign = [w for w in others if w and not held.intersection(stems(w)) and stems(w)]
    if not places or not foreign:
        return None
    words[rng.choice(places)] = rng.choice(foreign)
    return replace(
        example,
        question=f"{' '.join(words)}?",
        relevant=(False,) * len(example.sentences),
        spans=(),
        answers=False,
    )


def _phrases(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return [first, last) of numbers, and of runs of words between function words."""
    found: list[tuple[int, int]] = []
    first: int | None = None
    for position, word in enumerate((*words, "the")):
        bare = word.strip(".,;:()[]").lower()
        if bare in _STOP or not bare:
            if first is not None and position - first <= MAX_PHRASE_WORDS:
                found.append((first, position))
            first = None
        elif first is None:
            first = position
    numbers = [(i, i + 1) for i, w in enumerate(words) if _NUMBER.match(w.strip(".,;:()[]"))]
    return found + numbers


def _asks(answer: str, rng: random.Random) -> str:
    if _NUMBER.match(answer.split(maxsplit=1)[0]):
        if "%" in answer:
            return rng.choice(("What percentage", "What proportion", "How many"))
        return rng.choice(("How many", "What", "How much", "What number", "When"))
    return rng.choice(("What", "Which", "What", "Who", "Where", "How", "Why", "What is"))
