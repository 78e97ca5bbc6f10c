"""The records of an answer: what is shown, where it stands, and what made it.

The two outcomes are `Answer` and `Refusal`; a refusal is a type with a reason, never a phrase.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from corpus.evidence_levels import EvidenceLabel
from corpus.records import DocumentKind, Reference, ReviewStatus
from corpus.reviews import Standing

Audience = Literal["clinician", "student", "patient"]
AUDIENCES: tuple[Audience, ...] = ("clinician", "student", "patient")
SourceKind = Literal["article", "guideline", "research"]
TermKind = Literal["term", "abbreviation"]
RefusalReason = Literal[
    "empty",
    "too_long",
    "emergency",
    "instruction",
    "not_a_question",
    "beyond_corpus",
    "not_in_these_sources",
    "not_approved",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPaper:
    """A paper that an article of ours cites where it is quoted.

    `article` is that article's slug and `number` the one that it prints; `reference` is the entry
    of its list, `formatted` that entry in one line. The marks are those of a `Source`.
    """

    article: str
    number: int
    reference: Reference
    formatted: str
    evidence_label: EvidenceLabel | None = None
    retracted: bool = False
    concern: bool = False
    corrected: bool = False
    notice_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A link from a statement to the exact span that it rests on.

    `quote` is `text[start:end]` of the document's stored text, whose SHA-256 is `sha256`.
    `reference` is the document's number in the article asked about, or for a sentence of the
    article itself the first number that the article prints there and resolves; None otherwise.
    `article_references` are all numbers that the article prints there, resolved or not; `cites`
    are the papers that they name.
    `support` is 1.0 for a verbatim quote; None where nothing measured it.
    """

    marker: int
    document_id: str
    passage_id: str
    reference: int | None
    section: str | None
    quote: str
    start: int
    end: int
    sha256: str
    support: float | None
    article_references: tuple[int, ...] = ()
    cites: tuple[CitedPaper, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermUse:
    """A mention of a term or an abbreviation: `[start, end)` of the text around it.

    `text` is that slice; `meaning` explains it in plain language; `written_out` is what an
    abbreviation stands for. Of the two, at least one is there.
    """

    start: int
    end: int
    text: str
    kind: TermKind
    meaning: str | None = None
    written_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence or list of an answer, with at least one citation.

    `terms` are the words in `text` that can be explained, in order: the same for every audience.
    """

    text: str
    citations: tuple[Citation, ...]
    terms: tuple[TermUse, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A cited document in the answer's own numbering (`marker`, from 1 in order of first use).

    `stored` says what its quotes come from. `evidence_label` is None where nothing certain tells
    it. `concern` and `corrected` tell of notices about the work; `notice_of` is what the record is
    when it is itself a notice ("notice of retraction"). `review_status` and `updated` are those of
    an article of ours, None for any other document.
    """

    marker: int
    kind: SourceKind
    document_id: str
    reference: Reference
    formatted: str
    note: str | None = None
    retracted: bool = False
    evidence_label: EvidenceLabel | None = None
    concern: bool = False
    corrected: bool = False
    notice_of: str | None = None
    stored: DocumentKind = "abstract"
    review_status: ReviewStatus | None = None
    updated: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A sentence that a language model wrote and that is not shown as a statement, and why.

    `verdict` is what the texts that it cites say of it: "partly", "contradicted", "not_found".
    """

    text: str
    verdict: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """What came near without answering; `score` is the retrieval score of its passage.

    `title` is its document's (empty when it has none), `section` the path of its section. Where
    the quote is a part of the passage, `start` and `end` are its offsets in the document's text,
    and `lead_ins` the words that introduce it there, outermost first.
    """

    document_id: str
    passage_id: str
    quote: str
    score: float
    title: str = ""
    section: str | None = None
    start: int | None = None
    end: int | None = None
    lead_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why there is no answer, what came nearest (at most three), and what to ask instead.

    `unsupported` are words of the question, as typed and in order, that nothing near it holds.
    """

    reason: RefusalReason
    message: str
    nearest: tuple[Nearest, ...] = ()
    try_asking: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything that decided the answer, so that it can be had again."""

    corpus_fingerprint: str
    index_fingerprint: str
    engine: str
    models: Mapping[str, str]
    prompts: Mapping[str, str]
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole record of one question; answered when `refusal` is None.

    `confidence` is the estimated probability, 0 to 1, that the shown evidence answers.
    `missing` are words of the question on which the quoted sources say nothing.
    `documents` are the ids of the retrieved documents, best first, at most ten.
    `review_status` and `corpus_date` (when it was last updated) are those of the article asked
    within, None where there is none; `review` tells more of it where its review was logged, with
    the name only where readers may see it. `timings_ms` are wall-clock milliseconds per stage.
    `struck` are sentences that were not shown, for operators who wish to see them.
    """

    answer_id: str
    question: str
    standalone_question: str
    article: str | None
    audience: Audience
    statements: tuple[Statement, ...]
    sources: tuple[Source, ...]
    refusal: Refusal | None
    confidence: float
    provenance: Provenance
    notices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    review_status: ReviewStatus | None = None
    corpus_date: dt.date | None = None
    review: Standing | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    struck: tuple[Struck, ...] = ()

    @property
    def answered(self) -> bool:
        """True when there are statements to show."""
        return self.refusal is None
