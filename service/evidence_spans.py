"""Which sentences of the cited passages a claim may rest on, best first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.records import Document, Span, Unit, units_of
from index.lexical import terms
from service.fact_numbers import numbers_of
from service.fact_text import wording, words_of
from service.verdicts import CheckedSpan, EvidenceText

# Sentences read of one passage, characters read of one sentence, sentences of one span.
MAX_UNITS = 200
MAX_UNIT_CHARS = 3000
MAX_ADJACENT = 3
# What every further sentence of a span costs: a claim rests on as few as hold it.
LENGTH_COST = 0.06
NUMBER_GAIN = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One to three adjacent sentences of a passage, on one line each behind their lead-ins.

    `context` is what stands around them: title, section and lead-ins. `overlap`, 0 to 1, is the
    share of the claim's terms that they hold; `score` ranks candidates of one claim.
    """

    evidence: EvidenceText
    units: tuple[Unit, ...]
    sentences: tuple[str, ...]
    context: str
    overlap: float
    score: float

    @property
    def text(self) -> str:
        """All sentences with their lead-ins, each lead-in once."""
        return " ".join(s if s[-1:] in ".!?;:" else f"{s}." for s in self.sentences)

    @property
    def lead_ins(self) -> tuple[str, ...]:
        """What introduces the sentences, each once, on one line."""
        spans = dict.fromkeys(s for unit in self.units for s in unit.lead_ins)
        return tuple(one_line(self.evidence.document, span) for span in spans)

    def spans(self) -> tuple[CheckedSpan, ...]:
        """Return the sentences as one span, and the lead-ins outside it that are sentences."""
        document = self.evidence.document
        own = Span(start=self.units[0].start, end=self.units[-1].end)
        before = dict.fromkeys(
            lead_in
            for unit in self.units
            for lead_in in document.quotable(unit.lead_ins)
            if not own.start <= lead_in.start < own.end
        )
        return tuple(_checked(document, span) for span in (own, *before))


def _checked(document: Document, span: Span) -> CheckedSpan:
    return CheckedSpan(
        document_id=document.document_id,
        start=span.start,
        end=span.end,
        quote=span.of(document.text),
    )


def candidates(claim: str, evidence: Sequence[EvidenceText]) -> tuple[Candidate, ...]:
    """Return what a claim may rest on: by score, then by the order of evidence and text."""
    wanted = frozenset(terms(claim))
    figures = frozenset(q.low for q in numbers_of(words_of(claim)).quantities)
    found = [
        candidate
        for text in _distinct(evidence)
        for candidate in _of_passage(wanted, figures, text)
    ]
    return tuple(sorted(found, key=lambda c: -c.score))  # stable: ties stay in reading order


def _distinct(evidence: Sequence[EvidenceText]) -> tuple[EvidenceText, ...]:
    return tuple({(e.document_id, e.start, e.end): e for e in evidence}.values())


def _of_passage(
    wanted: frozenset[str], figures: frozenset[object], evidence: EvidenceText
) -> Iterator[Candidate]:
    units = units_in(evidence)
    for first in range(len(units)):
        for last in range(first, min(first + MAX_ADJACENT, len(units))):
            chosen = units[first : last + 1]
            sentences = _lines(evidence.document, chosen)
            overlap = _share(wanted, sentences)
            gain = NUMBER_GAIN * _figures_held(figures, sentences)
            yield Candidate(
                evidence=evidence,
                units=chosen,
                sentences=sentences,
                context=_context(evidence.document, chosen),
                overlap=overlap,
                score=overlap + gain - LENGTH_COST * (last - first),
            )


def units_in(evidence: EvidenceText) -> tuple[Unit, ...]:
    """Return the sentences that lie in a passage, at least in part; at most `MAX_UNITS`."""
    inside = (
        unit
        for unit in units_of(evidence.document)
        if unit.start < evidence.end and evidence.start < unit.end
    )
    return tuple(inside)[:MAX_UNITS]


def _lines(document: Document, units: Sequence[Unit]) -> tuple[str, ...]:
    """Return the sentences behind their lead-ins, each of which is printed once."""
    printed: set[Span] = set()
    lines = []
    for unit in units:
        own = Span(start=unit.start, end=unit.end)
        before = [s for s in unit.lead_ins if s not in printed]
        printed.update((*before, own))
        lines.append(" ".join(one_line(document, span) for span in (*before, own)))
    return tuple(lines)


def one_line(document: Document, span: Span) -> str:
    """Return a span's text on one line, cut where it is too long to be read."""
    return " ".join(span.of(document.text)[:MAX_UNIT_CHARS].split())


def _context(document: Document, units: Sequence[Unit]) -> str:
    title = "" if document.title == document.document_id else document.title
    path = dict.fromkeys(
        name
        for unit in units
        for name in document.section_path(document.blocks[unit.block].section)
    )
    return "\n".join((title, *path))


def _share(wanted: frozenset[str], sentences: Sequence[str]) -> float:
    held = frozenset[str]().union(*map(_terms, sentences))
    return len(wanted & held) / len(wanted) if wanted else 0.0


def _figures_held(figures: frozenset[object], sentences: Sequence[str]) -> float:
    if not figures:
        return 0.0
    held = frozenset[object]().union(*map(_figures, sentences))
    return len(figures & held) / len(figures)


@lru_cache(maxsize=4096)
def _figures(text: str) -> frozenset[object]:
    return frozenset(q.low for q in numbers_of(words_of(text)).quantities)


@lru_cache(maxsize=4096)
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def verbatim(claim: str, evidence: Sequence[EvidenceText]) -> Candidate | None:
    """Return the stored sentence that a claim repeats word for word; None when there is none.

    A list's item or a table's row counts with its lead-ins; alone only where a mere heading
    stands above it, since a lead-in may turn what it says.
    """
    wanted = wording(claim)
    for text in _distinct(evidence):
        for unit in units_in(text):
            if any(wanted == wording(w) for w in _wordings(text.document, unit)):
                return Candidate(
                    evidence=text,
                    units=(unit,),
                    sentences=_lines(text.document, (unit,)),
                    context="",
                    overlap=1.0,
                    score=1.0,
                )
    return None


def _wordings(document: Document, unit: Unit) -> Iterator[str]:
    """Give the ways in which a sentence may be repeated as it stands."""
    own = Span(start=unit.start, end=unit.end)
    sentences = document.quotable(unit.lead_ins)
    if not sentences:
        yield one_line(document, own)
    if unit.lead_ins:
        for before in (unit.lead_ins, sentences, sentences[-1:]):
            if before:
                yield " ".join(one_line(document, s) for s in (*before, own))
