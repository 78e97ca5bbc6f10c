"""How a question leans on what was said before: pieces, pointers and gaps."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.lexical import stems
from service.conversation_words import (
    AUXILIARIES,
    CLASSES,
    CLAUSE_BREAKS,
    IMPERATIVES,
    OF_TWO_PLACE,
    PERSONS,
    PLURAL,
    PREPOSITIONS,
    SIDE_PREPOSITIONS,
    SINGULAR,
    SORTS,
    TWO_PLACE,
    WH,
    Role,
    is_clause,
    is_plural,
    is_superlative,
    kind,
)

if TYPE_CHECKING:
    from service.conversation_turns import Phrase

# fragment: has no verb of its own ("In children?"); pointer: says "it", "these drugs", "another";
# gap: a whole question that lacks what it is asked of ("What are the side effects?");
# whole: stands alone.
Leaning = Literal["fragment", "pointer", "gap", "whole"]

_ADJECTIVE = re.compile(r"[a-z]{2,}(?:al|ic|ive|ous|ary)|indoor|outdoor")
_DEFINITION = re.compile(r"(?:what|who)(?:'s| is| are| was| were) (?:the )?[\w'-]+$")
_RELATIVES = frozenset({"that", "which", "who", "whom"})
_DETERMINERS = frozenset({"the", "this", "that", "these", "those", "such"})
_LATER = frozenset("former latter otherwise instead afterwards thereafter".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word as written and in lower case; `broken` when punctuation stands before it."""

    text: str
    word: str
    role: Role
    broken: bool


def points(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether a word points to something that the question itself does not name."""
    return any(tokens[i].word in words and rule(tokens, i) for words, rule in _POINTERS)


def is_bare(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether "the" stands right before a word, and nothing after it that tells which one."""
    if i == 0 or tokens[i - 1].word not in _DETERMINERS:
        return False
    if i + 1 == len(tokens) or tokens[i + 1].broken:
        return True
    after = tokens[i + 1]
    return after.role != "name" and after.word not in {"of", "that", "which", "for"}


def leaning_of(
    tokens: Sequence[Token], phrases: Sequence["Phrase"], *, points: bool, follows: bool
) -> Leaning:
    """Tell how a question leans; `follows` when it opens with "and" or "what about"."""
    if not tokens:
        return "whole"
    names = [p for p in phrases if p.is_name]
    whole = is_clause([t.word for t in tokens])
    if not whole and (follows or len(phrases) <= 1 or _is_piece(tokens, names)):
        return "fragment"
    if points:
        return "pointer"
    return "gap" if not names or _lacks(tokens, phrases, names) else "whole"


def _word(tokens: Sequence[Token], i: int) -> str:
    """Return a word in lower case, "" before the first and after the last."""
    return tokens[i].word if 0 <= i < len(tokens) else ""


def _is_pronoun(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether a pronoun means something said before, not "those with asthma"."""
    word, after = tokens[i].word, _word(tokens, i + 1)
    if word in {"those", "these"} and after in {"who", "with", "that", "on", "in"}:
        return False
    ahead = word == "this" and after in {"article", "review", "paper", "text"}
    return not ahead and not _is_bound(tokens, i)


def _is_demonstrative(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether "that" is a thing, and does not only open a clause."""
    before = _word(tokens, i - 1) or "and"
    starts = before in AUXILIARIES | PREPOSITIONS | WH | {"and", "or", "but", "if", "when"}
    return starts and not _is_bound(tokens, i)


def _is_pro_form(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether "one" stands for a thing: "a less invasive one", and not "one tablet"."""
    if not i:
        return False
    return tokens[i - 1].role != "plain" or tokens[i - 1].word in {"which", "the", "other"}


def _is_other(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether "other" is other than what was said, and not "each other"."""
    return _word(tokens, i - 1) != "each" and _word(tokens, i + 1) != "hand"


def _is_such(tokens: Sequence[Token], i: int) -> bool:
    return _word(tokens, i + 1) not in {"", "as"}


def _is_same(tokens: Sequence[Token], i: int) -> bool:
    return _word(tokens, i + 1) in {"", "for", "in", "with", "true", "and"}


def _is_both(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether "both" stands for two things said before: they do not follow."""
    return not {"and", "or"}.intersection(t.word for t in tokens[i:])


def _is_later(_tokens: Sequence[Token], _i: int) -> bool:
    return True


def _is_bound(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether a pronoun stands for something named earlier in the same question.

    It does when a clause lies between: "Does iron work?" is answered by "it" in "and is it
    safe?", while in "Does iron prevent it?" something else is meant.
    """
    if i and tokens[i - 1].word in _RELATIVES:
        return False  # "the tribes that they met": somebody else
    plural = tokens[i].word in PLURAL
    crossed = tokens[i].broken
    for j in range(i - 1, -1, -1):
        if crossed and _agrees(tokens, j, plural=plural):
            return True
        crossed = crossed or tokens[j].broken or _opens_clause(tokens, j)
    return False


def _agrees(tokens: Sequence[Token], j: int, *, plural: bool) -> bool:
    """Tell whether a word can be what "it", or "they", stands for; people are never "it"."""
    token = tokens[j]
    if plural and is_plural(token.word):
        return token.role != "plain"
    # "blood" in "blood tests" is not what "it" can be
    qualifies = j + 1 < len(tokens) and not tokens[j + 1].broken and is_plural(tokens[j + 1].word)
    if token.role != "name" or qualifies or kind(token.word) == "people":
        return False
    joined = any(t.word == "and" for t in tokens[max(0, j - 3) : j])
    return plural == is_plural(token.word) or (plural and joined)


def _opens_clause(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether a clause begins here; "and" between two things opens none."""
    word = tokens[i].word
    if word not in {"and", "or"}:
        return word in CLAUSE_BREAKS
    after = tokens[i + 1].word if i + 1 < len(tokens) else ""
    return after in WH | AUXILIARIES | IMPERATIVES | SINGULAR | PLURAL | PREPOSITIONS


def _is_piece(tokens: Sequence[Token], names: Sequence["Phrase"]) -> bool:
    """Tell whether a question without a verb is a piece of one: "Which endoscopies?"."""
    first = tokens[0].word
    if first in WH and any(p.preposition in {"of", "for"} for p in names):
        return False
    few = sum(len(p.words) for p in names) <= 1
    return few and first in WH | PREPOSITIONS | {"only", "even", "just"}


def _lacks(tokens: Sequence[Token], phrases: Sequence["Phrase"], names: Sequence["Phrase"]) -> bool:
    """Tell whether a whole question with names leaves out what it is asked of."""
    words = [t.word for t in tokens]
    if _compares_with_nothing(words) or _ends_in_superlative(tokens) or _asks_sort(words):
        return True
    if all(p.definite and len(p.words) == 1 and p.words[0].islower() for p in names):
        return not _DEFINITION.match(" ".join(words))
    if any(p.is_topical for p in names):
        return False
    if all(_is_mere_adjective(tokens, p) for p in names):
        return True
    return _lacks_complement(tokens, phrases, names)


def _lacks_complement(
    tokens: Sequence[Token], phrases: Sequence["Phrase"], names: Sequence["Phrase"]
) -> bool:
    """Tell whether what is asked for is not said to be of anything: "effects on bones"."""
    asked = [stem for p in phrases if not p.is_name for stem in stems(p.words[0])]
    aside = all(p.preposition in SIDE_PREPOSITIONS for p in names)
    if asked and aside and _asks_first([t.word for t in tokens], phrases):
        return True
    return bool(asked) and len(names) == 1 and _lacks_second(tokens, names[0], asked)


def _lacks_second(tokens: Sequence[Token], name: "Phrase", asked: Sequence[str]) -> bool:
    """Tell whether what is asked of one thing needs another, as "helps" does.

    >>> from service.conversation_turns import read_turn
    >>> read_turn("Does melatonin help?").leaning, read_turn("Is melatonin natural?").leaning
    ('gap', 'whole')
    """
    last = len(tokens)
    while last and tokens[last - 1].role == "aspect":
        last -= 1
    if 0 < last < len(tokens) and tokens[last - 1].word in {"a", "an", "the"}:
        return True  # "Is azathioprine an option?"
    if name.preposition == "of":
        return OF_TWO_PLACE.issuperset(asked)
    return not name.preposition and TWO_PLACE.issuperset(asked)


def _compares_with_nothing(words: Sequence[str]) -> bool:
    compares = {"compare", "differ"}.intersection(words)
    return bool(compares) and not {"with", "to", "from", "between", "and"}.intersection(words)


def _asks_sort(words: Sequence[str]) -> bool:
    """Tell whether it asks "what kind should …", and not of what."""
    triples = zip(words, words[1:], words[2:], strict=False)
    return any(a in {"what", "which"} and b in SORTS and c in AUXILIARIES for a, b, c in triples)


def _asks_first(words: Sequence[str], phrases: Sequence["Phrase"]) -> bool:
    """Tell whether what is asked for comes first: "What are the effects on …"."""
    opens = words[0] in WH | {"is", "are"} and words[1] in AUXILIARIES | {"there"}
    return opens and not phrases[0].is_name


def _is_mere_adjective(tokens: Sequence[Token], phrase: "Phrase") -> bool:
    """Tell whether a name only qualifies what is asked: "surgical treatment"."""
    after = tokens[phrase.place + 1 : phrase.place + 3]
    if len(phrase.words) > 1 or not _ADJECTIVE.fullmatch(phrase.head) or not after:
        return False
    asks = after[0].role == "aspect" and not after[0].broken
    return asks and (len(after) == 1 or after[1].word not in {"of", "for"})


def _ends_in_superlative(tokens: Sequence[Token]) -> bool:
    """Tell whether "the largest" stands without the things that it is the largest of."""
    for i in range(1, len(tokens)):
        word = tokens[i].word
        if tokens[i - 1].word == "the" and is_superlative(word) and word not in {"most", "least"}:
            after = tokens[i + 1] if i + 1 < len(tokens) else None
            if after is None or (after.role == "plain" and after.word != "of"):
                return True
    return False


_POINTERS: tuple[tuple[frozenset[str], Callable[[Sequence[Token], int], bool]], ...] = (
    (SINGULAR | PLURAL | PERSONS, _is_pronoun),
    (frozenset({"that", "that's"}), _is_demonstrative),
    (CLASSES, is_bare),
    (frozenset({"one", "ones"}), _is_pro_form),
    (frozenset({"another", "other", "others", "else"}), _is_other),
    (frozenset({"such"}), _is_such),
    (frozenset({"same"}), _is_same),
    (frozenset({"both", "either"}), _is_both),
    (_LATER, _is_later),
)
