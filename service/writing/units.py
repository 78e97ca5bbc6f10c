"""The units of evidence that a language model is shown, numbered, and that it points at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.library import Library
from corpus.records import Document, Passage, Span, Unit, units_of
from index.reading.lines import Placed
from prompts.messages import EvidenceBlock, EvidenceLine
from service.citing import source_of
from service.engines import Asking

# The passages of so many of the best units are shown.
READINGS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceUnit:
    """A unit of a document, with the passage that it stands in."""

    unit: Unit
    document: Document
    passage: Passage

    @property
    def span(self) -> Span:
        """Where it lies in its document."""
        return Span(start=self.unit.start, end=self.unit.end)

    @property
    def text(self) -> str:
        """The unit on one line."""
        return _one_line(self.span, self.document)

    @property
    def lead_ins(self) -> tuple[Span, ...]:
        """What introduces it, headings aside: outermost first."""
        return self.document.quotable(self.unit.lead_ins)

    @property
    def spans(self) -> tuple[Span, ...]:
        """What is cited where it is: its lead-ins, which it cannot be read without, and itself."""
        return (*self.lead_ins, self.span)

    def placed(self) -> Placed:
        """Return it as the checker reads it."""
        return Placed(
            text=self.text,
            title=self.passage.title,
            section=". ".join(self.passage.section_path),
            introduced_by=tuple(_one_line(span, self.document) for span in self.lead_ins),
        )


def _one_line(span: Span, document: Document) -> str:
    return " ".join(span.of(document.text).split())


def units_within(passage: Passage, document: Document) -> Iterator[EvidenceUnit]:
    """Yield the units that lie in a passage, at least in part, in text order."""
    for unit in units_of(document):
        if unit.start < passage.end and passage.start < unit.end:
            yield EvidenceUnit(unit=unit, document=document, passage=passage)


def evidence_of(
    asked: Asking, library: Library
) -> tuple[dict[str, EvidenceUnit], tuple[EvidenceBlock, ...]]:
    """Return the units of the passages of the best readings by their ids, and as they are shown.

    Passages come in the order of their best reading; ids count from "u1" in the order shown.
    """
    readings = asked.evidence.readings[:READINGS_SHOWN]
    passages = {r.hit.passage.passage_id: (r.hit.passage, r.document) for r in readings}
    units: dict[str, EvidenceUnit] = {}
    seen: set[tuple[str, Span]] = set()
    blocks = []
    for passage, document in passages.values():
        new = [
            u
            for u in units_within(passage, document)
            if (u.passage.document_id, u.span) not in seen
        ]
        seen |= {(u.passage.document_id, u.span) for u in new}
        inside = {f"u{place}": unit for place, unit in enumerate(new, start=len(units) + 1)}
        units |= inside
        source = source_of(document, 1, library, asked.article)
        blocks.append(
            EvidenceBlock(
                title=passage.title,
                kind=source.kind,
                year=source.reference.year,
                section=" > ".join(passage.section_path) or None,
                lines=tuple(_lines(inside)),
            )
        )
    return units, tuple(blocks)


def _lines(units: dict[str, EvidenceUnit]) -> Iterator[EvidenceLine]:
    shown = {unit.span for unit in units.values()}
    for name, unit in units.items():
        for span in unit.lead_ins:
            if span not in shown:
                yield EvidenceLine(text=_one_line(span, unit.document))
        shown |= set(unit.lead_ins)
        yield EvidenceLine(unit=name, text=unit.text)


def distinct_spans(units: Sequence[EvidenceUnit]) -> list[tuple[Document, Span]]:
    """Return what is cited for units: neighbours as one span, each once, in their order."""
    spans: list[tuple[Document, Span]] = []
    for document, span in ((unit.document, span) for unit in units for span in unit.spans):
        if any(other is document and _holds(whole, span) for other, whole in spans):
            continue
        before, last = spans[-1] if spans else (None, None)
        if before is document and last is not None and _adjoin(last, span, document):
            spans[-1] = (document, Span(start=last.start, end=span.end))
        else:
            spans.append((document, span))
    return spans


def _holds(whole: Span, part: Span) -> bool:
    return whole.start <= part.start and part.end <= whole.end


def _adjoin(before: Span, after: Span, document: Document) -> bool:
    """Tell whether only white space parts two spans, the second behind the first."""
    return before.end <= after.start and not document.text[before.end : after.start].strip()
