"""What checking a sentence against its evidence gives: the verdict, the spans and the reasons."""

from dataclasses import dataclass
from enum import StrEnum

from corpus.records import Document


class Verdict(StrEnum):
    """What the cited evidence says of a sentence; only a supported one may be shown."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    CONTRADICTED = "contradicted"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceText:
    """A passage that a sentence cites: `[start, end)` of the document's text.

    `number` is the one that the evidence was shown by.
    """

    number: int
    document_id: str
    document: Document
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSpan:
    """The stored text that a sentence was held against; `quote` is exactly that slice."""

    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with the spans that it rests on, best first; empty when nothing came near.

    For a list item or a table row the spans include the lead-ins that are sentences. `support` is
    the probability, 0 to 1, that the spans support the sentence: 1.0 where it is verbatim.
    `reasons` are short English phrases, empty for a supported sentence. `turned` says that a rule
    saw a fact turned in what came nearest, whatever the verdict.
    """

    verdict: Verdict
    spans: tuple[CheckedSpan, ...]
    support: float
    reasons: tuple[str, ...] = ()
    turned: bool = False
