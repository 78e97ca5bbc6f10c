"""True sentences said a little differently, and still true: what a verifier should let pass.

Each variant follows from its sentence alone: brackets dropped, a later clause cut, an opening
added, the other English, digits for words, an exact conversion, a word that means the same.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from evals.perturbation_words import BRITISH, EXACT, NUMBER_WORDS, SYNONYMS, any_of

MIN_WORDS = 6
# Nobody writes 500 mg in micrograms.
MOST_CONVERTED = 30
# "PaO(2)" is one word; "(with or without fever)" says of whom the rest is true
_BRACKETS = re.compile(r"\s+\((?![^()]*\b(?:with|without|not?|only|except|but)\b)[^()]*\)")
_CLAUSE = re.compile(r"; |, (?:whereas|which|suggesting|indicating) ")
_OPENERS = re.compile(
    r"(?:The|A|An|In|This|These|Those|There|It|We|Our|Of|All|Both|Most|Many|Some|At|During|After|"
    r"Among|For|With|No|Although|When|Patients|Treatment|Mean|Median)\b(?! \()"
)
_WORD = re.compile(r"(?<![\w-])[a-z]{4,}(?![\w-])")
_DIGITS = re.compile(
    rf"(?<![\w-])(?:{'|'.join(NUMBER_WORDS)})"
    r"(?= (?!of\b|or\b|to\b|and\b|hundred|thousand|third|quarter|fifth|halves)[a-z])"
)
_ADJECTIVE = re.compile(r"(?:al|ic|ar|ous|ary|ile|ive|ed|able|ine|ent|ant|oid)$")
_SYNONYM = any_of(SYNONYMS)
LEXICON_WORD_CHARS = 5
_ALONE = r"(?<![.,/\u2013<>≥≤±-] )(?<![\w.,/\u2013<>≥≤±-])"


class Variation(StrEnum):
    """How a sentence is said differently."""

    BRACKETS = "brackets dropped"
    CLAUSE = "clause cut"
    OPENING = "opening added"
    SPELLING = "other spelling"
    DIGITS = "digits for words"
    CONVERSION = "unit converted"
    SYNONYM = "synonym"


@dataclass(frozen=True, slots=True, kw_only=True)
class Varied:
    """A sentence that is true because the sentence that it was made of is."""

    kind: Variation
    text: str


def varied(sentence: str, *, seed: int = 0) -> tuple[Varied, ...]:
    """Return at most one variant of each kind, in the order of `Variation`.

    The same sentence and seed give the same variants.

    >>> [v.text for v in varied("The fever lasted 2 weeks.")]
    ['Overall, the fever lasted 2 weeks.', 'The fever lasted 14 days.']
    """
    found: list[Varied] = []
    for kind, ways in _WAYS.items():
        offered = [text for text in ways(sentence) if text != sentence]
        if offered:
            rng = random.Random(f"{seed} {kind.value} {sentence}")  # noqa: S311 - no secret
            found.append(Varied(kind=kind, text=rng.choice(offered)))
    return tuple(found)


def _brackets(sentence: str) -> Iterator[str]:
    without = _BRACKETS.sub("", sentence).strip()
    if without.count("(") == without.count(")") == 0 and _long_enough(without):
        yield without


def _clause(sentence: str) -> Iterator[str]:
    """Cut what follows the main clause; a sentence that opens with a condition keeps all."""
    kept = _CLAUSE.split(sentence, maxsplit=1)[0]
    complete = kept.count("(") == kept.count(")") and ":" not in kept
    if kept != sentence and complete and _long_enough(kept):
        yield f"{kept.rstrip(' ,;.')}."


def _opening(sentence: str) -> Iterator[str]:
    if _OPENERS.match(sentence):
        for opening in ("In conclusion, ", "Overall, ", "In summary, "):
            yield f"{opening}{sentence[0].lower()}{sentence[1:]}"


def _spelling(sentence: str) -> Iterator[str]:
    """Write the whole sentence in the other English."""
    from index.lexicon import american

    yield _WORD.sub(lambda m: american(m[0]), sentence)
    yield _WORD.sub(lambda m: BRITISH.get(m[0], m[0]), sentence)


def _digits(sentence: str) -> Iterator[str]:
    yield _DIGITS.sub(lambda m: str(NUMBER_WORDS[m[0]]), sentence)


def _conversion(sentence: str) -> Iterator[str]:
    """Convert one quantity that stands alone: neither in a range nor in a ratio."""
    for large, factor, small in EXACT:
        for match in re.finditer(rf"{_ALONE}(\d+) {large}\b(?!/)", sentence):
            value = f"{int(match[1]) * factor} {small}"
            if 1 < int(match[1]) <= MOST_CONVERTED and not re.search(
                r"(?:to|and|or|-) $", sentence[: match.start()]
            ):
                yield f"{sentence[: match.start()]}{value}{sentence[match.end() :]}"


def _synonym(sentence: str) -> Iterator[str]:
    for match in _SYNONYM.finditer(sentence):
        if match.start():
            new = SYNONYMS[match[0].lower()]
            yield f"{sentence[: match.start()]}{new}{sentence[match.end() :]}"
    known = _lexicon()
    for match in _WORD.finditer(sentence):
        for new in known.get(match[0], ()):
            yield f"{sentence[: match.start()]}{new}{sentence[match.end() :]}"


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, tuple[str, ...]]:
    """Return nouns of the index's lexicon with the other nouns of their group."""
    from index.lexicon import FILE

    found: dict[str, tuple[str, ...]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        group = [p.strip() for p in line.split("|")] if line and line[0] != "#" else []
        nouns = [p for p in group if not _ADJECTIVE.search(p) and len(p) >= LEXICON_WORD_CHARS]
        if len(nouns) == len(group) > 1:
            found |= {p: tuple(o for o in nouns if o != p) for p in nouns}
    return found


def _long_enough(text: str) -> bool:
    return len(text.split()) >= MIN_WORDS


_WAYS: dict[Variation, Callable[[str], Iterator[str]]] = {
    Variation.BRACKETS: _brackets,
    Variation.CLAUSE: _clause,
    Variation.OPENING: _opening,
    Variation.SPELLING: _spelling,
    Variation.DIGITS: _digits,
    Variation.CONVERSION: _conversion,
    Variation.SYNONYM: _synonym,
}
