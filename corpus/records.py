"""The records of a library. All are frozen; all offsets are characters into `Document.text`.

A document's text is stored once, without its in-text citation numbers. Everything else about
it (sections, blocks, sentences, passages, callouts) is a span of that text, so that a quote can
be checked with nothing more than a slice.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

DocumentKind = Literal["article", "abstract", "text"]
BlockKind = Literal["heading", "paragraph", "item", "caption", "row"]
ReferenceKind = Literal["guideline", "research"]
NoticeKind = Literal["retraction", "concern", "correction", "update"]
# PubMed's type of the paper itself; "Retraction of Publication" is the notice that retracts it.
_RETRACTED = "retracted publication"


class ReviewStatus(StrEnum):
    """The three steps of editorial review, in order."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under-review"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A non-empty stretch `[start, end)` of a document's text, in characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the slice of `text` that this span names."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and all that stands under it, sub-sections included.

    `parent` is the position of the enclosing section in `Document.sections`; `level` 1 is
    the outermost.
    """

    title: str
    level: int
    parent: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading, paragraph, list item, table caption or table row, in text order.

    `section` is a position in `Document.sections` (None before the first heading).
    `lead_in` is the position in `Document.blocks` of the block that introduces this one: the
    paragraph that ends with a colon, the parent item, the table's caption; for a list directly
    under a heading, the heading. `depth` is 1 for an outermost list item, 0 elsewhere;
    `marker` is the bullet or number as printed. `sentences` partition the block's words.
    """

    kind: BlockKind
    start: int
    end: int
    section: int | None
    lead_in: int | None = None
    depth: int = 0
    marker: str = ""
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """Citation numbers as printed in the text, taken out of it at offset `at`.

    They belong to the sentence or item with `start < at <= end`.
    """

    at: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageSpan:
    """Where a passage lies, before it is tied to its document's id.

    `lead_ins` are the spans, outermost first, that introduce its first block when they do not
    already lie inside the passage: a list item is never indexed without them.
    """

    start: int
    end: int
    section: int | None
    lead_ins: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What was published about a work after it: its retraction, a concern, a correction.

    An "update" is a newer version of the work (a review or guideline that replaces it).

    `source` is who told of it ("PubMed", "Retraction Watch"), `identifier` the notice's own
    `pmid:…` or `doi:…`, `text` its citation or the reason, as the source prints it.
    """

    kind: NoticeKind
    source: str
    date: dt.date | None = None
    identifier: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Bibliographic identity of a cited work.

    `number` is the number that the article prints beside it, None where the list is not numbered.
    `document_id` names the stored abstract, None where there is none.
    `as_listed` is the entry as the article printed it (empty when read from a structured source).
    """

    title: str
    number: int | None = None
    kind: ReferenceKind = "research"
    authors: tuple[str, ...] = ()
    journal: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    url: str | None = None
    publication_types: tuple[str, ...] = ()
    document_id: str | None = None
    as_listed: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def retracted(self) -> bool:
        """True for a retracted paper; a notice of retraction or an erratum is none."""
        typed = any(t.strip().casefold() == _RETRACTED for t in self.publication_types)
        return typed or self.has_notice("retraction")

    def has_notice(self, kind: NoticeKind) -> bool:
        """Tell whether a notice of this kind was published about the work."""
        return any(notice.kind == kind for notice in self.notices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One text that can be quoted: an article's, a cited abstract's, or one that stands alone.

    `reference` is the document's own bibliographic identity where it has one.
    `note` says what a reader must know about the text: that it is a summary, not the abstract.
    """

    document_id: str
    kind: DocumentKind
    title: str
    text: str
    sections: tuple[Section, ...] = ()
    blocks: tuple[Block, ...] = ()
    callouts: tuple[Callout, ...] = ()
    passages: tuple[PassageSpan, ...] = ()
    reference: Reference | None = None
    note: str | None = None

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the stored text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def section_path(self, section: int | None) -> tuple[str, ...]:
        """Return the titles from the outermost section down to `section`; empty for None."""
        path: list[str] = []
        while section is not None:
            path.append(self.sections[section].title)
            section = self.sections[section].parent
        return tuple(reversed(path))

    def lead_ins(self, block: Block) -> tuple[Span, ...]:
        """Return the spans that introduce `block`, outermost first, itself not included.

        Of a lead-in with several sentences only the last introduces what follows.
        """
        chain: list[Span] = []
        while block.lead_in is not None:
            block = self.blocks[block.lead_in]
            chain.append(block.sentences[-1])
        return tuple(reversed(chain))

    def quotable(self, lead_ins: Sequence[Span]) -> tuple[Span, ...]:
        """Return the lead-ins that are no headings: those are named by a citation's section."""
        headings = {block.start for block in self.blocks if block.kind == "heading"}
        return tuple(span for span in lead_ins if span.start not in headings)

    def numbers_cited_in(self, span: Span) -> tuple[int, ...]:
        """Return the citation numbers printed in or at the end of `span`, in order, once each."""
        found: dict[int, None] = {}
        for callout in self.callouts:
            if span.start < callout.at <= span.end:
                found.update(dict.fromkeys(callout.numbers))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryEntry:
    """A word of an article in plain language.

    `written_out` makes the term an abbreviation; only then may `meaning` be empty. `variants`
    are other spellings of the term. Those of an abbreviation that hold a capital letter and no
    space are other abbreviations; the rest are other spellings of what it stands for.
    """

    term: str
    meaning: str = ""
    written_out: str | None = None
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A reviewed article: its text as a document, and what stands around the text.

    `references` are in the order of the article's list. `findings` are what ingest saw and an
    editor should know (a number that is cited but not listed); they are data, not log lines.
    """

    slug: str
    document: Document
    references: tuple[Reference, ...] = ()
    review_status: ReviewStatus = ReviewStatus.SUBMITTED
    updated: dt.date | None = None
    audience_note: str | None = None
    disclaimer: str | None = None
    editorial_board: str | None = None
    policy_url: str | None = None
    findings: tuple[str, ...] = ()
    glossary: tuple[GlossaryEntry, ...] = ()

    @property
    def title(self) -> str:
        """The title, which is its document's."""
        return self.document.title

    def reference_numbered(self, number: int) -> Reference | None:
        """Return the reference that the article itself numbers so, or None: never by position."""
        return next((r for r in self.references if r.number == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The smallest stretch that can be quoted: a sentence, with the lead-ins that it needs.

    `block` is a position in `Document.blocks`.
    """

    start: int
    end: int
    block: int
    lead_ins: tuple[Span, ...]


def units_of(document: Document) -> tuple[Unit, ...]:
    """Return every sentence of every block but headings, in text order."""
    return tuple(
        Unit(start=s.start, end=s.end, block=position, lead_ins=document.lead_ins(block))
        for position, block in enumerate(document.blocks)
        if block.kind != "heading"
        for s in block.sentences
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The unit of retrieval: a span of a document with all that makes it readable on its own."""

    passage_id: str
    document_id: str
    start: int
    end: int
    text: str
    title: str
    section_path: tuple[str, ...]
    lead_ins: tuple[str, ...]


def passages_of(document: Document) -> tuple[Passage, ...]:
    """Return the passages of a document in text order; ids are `document_id@start-end`."""
    return tuple(
        Passage(
            passage_id=f"{document.document_id}@{span.start}-{span.end}",
            document_id=document.document_id,
            start=span.start,
            end=span.end,
            text=document.text[span.start : span.end],
            # an untitled document bears its id as title, which says nothing to a reader
            title="" if document.title == document.document_id else document.title,
            section_path=document.section_path(span.section),
            lead_ins=tuple(lead_in.of(document.text) for lead_in in span.lead_ins),
        )
        for span in document.passages
    )
