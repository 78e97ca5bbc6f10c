"""How sure an answer is, as a reader is told it: a level, its mark, and words with the number.

The number is the record's `confidence`, the estimated probability that the quoted text answers the
question: of a hundred answers given with it, so many rest on the right text. It is rounded down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from corpus.answers import Answer, RefusalReason

Level = Literal["high", "good", "fair", "none"]
# The mark says the level by its shape: no colour is needed, and a screen reader has the words.
MARKS: dict[Level, str] = {"high": "●●●", "good": "●●○", "fair": "●○○", "none": "○○○"}
_LEVELS: tuple[tuple[float, Level, str], ...] = (
    (0.9, "high", "Very likely the answer"),
    (0.75, "good", "Likely the answer"),
    (0.0, "fair", "Less certain"),
)
_REFUSED: dict[RefusalReason, str] = {
    "empty": "Nothing was asked",
    "too_long": "Too long for one question",
    "emergency": "This needs help from people, not from a text",
    "instruction": "Not followed: this asks the sources nothing",
    "not_a_question": "Not understood as a question about the sources",
    "beyond_corpus": "The sources do not deal with this",
    "not_in_these_sources": "The sources come near, but do not say this",
    "not_approved": "Not asked: the text is not approved yet",
}
_REFUSED_OTHERWISE = "The sources do not answer this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """A level, and one line of words without a full stop."""

    level: Level
    words: str

    @property
    def mark(self) -> str:
        """Three dots, as many of them full as the level has."""
        return MARKS[self.level]


def certainty_of(answer: Answer) -> Certainty:
    """Return how sure an answer is; of a refusal, what the sources have to do with the question."""
    return certainty_told(answer.confidence, answer.refusal.reason if answer.refusal else None)


def certainty_told(confidence: float, refused: str | None) -> Certainty:
    """Return the same from what a record holds; a reason of another version is worded in general.

    >>> certainty_told(0.937, None).words
    'Very likely the answer: about 93 in 100 such answers rest on the right text'
    >>> certainty_told(0.2, "not_in_these_sources").words
    'The sources come near, but do not say this'
    """
    if refused is not None:
        words = {str(reason): said for reason, said in _REFUSED.items()}
        return Certainty(level="none", words=words.get(refused, _REFUSED_OTHERWISE))
    level, said = next((name, said) for least, name, said in _LEVELS if confidence >= least)
    of_hundred = min(int(confidence * 100 + 1e-9), 99)  # nothing is certain
    share = f"about {of_hundred}" if of_hundred else "fewer than 1"
    return Certainty(
        level=level, words=f"{said}: {share} in 100 such answers rest on the right text"
    )


def partly(missing: Sequence[str]) -> str:
    """Return what a reader is told of words on which the quoted sources say nothing.

    >>> partly(["children", "dose"])
    'Partly answered: nothing here on children, dose'
    """
    return f"Partly answered: nothing here on {', '.join(missing)}"


def mark_of(certainty: Mapping[str, Any]) -> str:
    """Return the mark of a record's certainty; of a level of another version, none."""
    return next((mark for level, mark in MARKS.items() if level == certainty["level"]), "")


def told_in(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how sure a saved answer is, and what is missing where something is, a line each.

    A record from before there was a certainty is told by its confidence, or not at all. Beside
    the words that name help in an emergency stands nothing.

    >>> told_in({"refusal": None, "confidence": 0.8, "missing": ["children"]})
    ... # doctest: +NORMALIZE_WHITESPACE
    ('●●○ Likely the answer: about 80 in 100 such answers rest on the right text.',
    'Partly answered: nothing here on children.')
    """
    refusal = record.get("refusal")
    reason = str(refusal.get("reason")) if refusal else None
    if reason == "emergency":
        return ()
    certainty = record.get("certainty")
    if certainty is None and (refusal or "confidence" in record):
        certainty = asdict(certainty_told(record.get("confidence", 0.0), reason))
    sure = f"{mark_of(certainty)} {certainty['words']}.".lstrip() if certainty else ""
    missing = f"{partly(record['missing'])}." if record.get("missing") and not refusal else ""
    return tuple(filter(None, (sure, missing)))
