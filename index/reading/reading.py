"""Hits to evidence: which units answer, and how likely it is that they do.

The passages that come nearest are read with the question, each as one window. The best units of all
windows are then read together once more, under their headings: evidence is often spread over a
list, a section and an abstract, and how sure one may be shows only beside what else there is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from corpus.records import Document, Passage, Span, Unit, units_of
from index.reading.model import Asked, ReaderModel
from index.reading.tokens import Line, WindowScores
from index.retriever import Hit

# Units that are read together, at most, and their characters: with headings and lead-ins, more
# finds no room in a window.
TOGETHER = 10
TOGETHER_CHARS = 800
CHARS_PER_TOKEN = 4
# A unit that its window had no room for counts as one that hardly answers.
UNREAD = -8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One unit as read against a question; all figures are log odds that it answers.

    `alone` in its own window, which as a whole answers with `window`; `together` beside the best
    units of all windows, None where it was not among them. Readings are ordered by `score`.
    """

    unit: Unit
    document: Document
    hit: Hit
    alone: float
    window: float
    together: float | None = None

    @property
    def score(self) -> float:
        """What orders readings; those read together come first."""
        return self.alone + UNREAD if self.together is None else (self.alone + self.together) / 2

    @property
    def span(self) -> Span:
        """Where the unit lies in its document."""
        return Span(start=self.unit.start, end=self.unit.end)

    @property
    def text(self) -> str:
        """The unit as stored."""
        return self.span.of(self.document.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All readings of a question, best first, and the last reading's `verdict`, log odds."""

    readings: tuple[Reading, ...]
    verdict: float


NOTHING_READ = Evidence(readings=(), verdict=UNREAD)


class Reader:
    """Reads the units of hits, of so many `tokens` at most: those of the nearest windows."""

    def __init__(self, model: ReaderModel, tokens: int) -> None:
        self._model = model
        self._tokens = tokens
        self._units: dict[str, tuple[Unit, ...]] = {}

    def read(
        self, asked: Asked, hits: Sequence[Hit], documents: Mapping[str, Document]
    ) -> Evidence:
        """Return every unit of the hits that are read; each once, as read in its best passage.

        `documents` holds every document that a hit comes from, by id. Ties are broken by document
        id and position.
        """
        if not hits:
            return NOTHING_READ
        inside = [self._inside(hit, documents[hit.passage.document_id]) for hit in hits]
        pairs = [
            (hit, documents[hit.passage.document_id], units)
            for hit, units in zip(hits, inside, strict=True)
        ]
        windows = [window_of(document, hit.passage, units) for hit, document, units in pairs]
        chosen = self._nearest(asked, windows)
        pairs, windows = [pairs[i] for i in chosen], [windows[i] for i in chosen]
        said = self._model.read_windows(asked, windows)
        best: dict[tuple[str, int], Reading] = {}
        for reading in sorted(_readings(pairs, said), key=_order):
            best.setdefault((reading.document.document_id, reading.unit.start), reading)
        if not best:
            return NOTHING_READ
        return self._together(asked, list(best.values()))

    def _nearest(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[int]:
        """Return the positions of the windows that are read, in order; one in any case."""
        lengths = [sum(len(line.text) for line in window) for window in windows]
        room = self._tokens * CHARS_PER_TOKEN
        if sum(lengths) <= room:
            return list(range(len(windows)))
        near = self._model.nearness(asked, windows)
        order = sorted(range(len(windows)), key=lambda i: (-near[i], i))
        return sorted(order[: with_room([lengths[i] for i in order], room)])

    def _together(self, asked: Asked, readings: list[Reading]) -> Evidence:
        """Read the best once more, in text order, the best one's document first."""
        lengths = [len(reading.text) for reading in readings[:TOGETHER]]
        chosen = readings[: with_room(lengths, TOGETHER_CHARS)]
        documents = list(dict.fromkeys(r.document.document_id for r in chosen))
        placed = sorted(
            chosen, key=lambda r: (documents.index(r.document.document_id), r.unit.start)
        )
        said = self._model.read_windows(asked, [together_of(placed, asked.title)])[0]
        # what found no room after all keeps what it was found to be alone
        again = [
            replace(reading, together=reading.alone if score is None else score)
            for reading, score in zip(placed, said.units, strict=True)
        ]
        ordered = sorted([*again, *readings[len(chosen) :]], key=_order)
        return Evidence(readings=tuple(ordered), verdict=said.answers)

    def _inside(self, hit: Hit, document: Document) -> tuple[Unit, ...]:
        if document.document_id not in self._units:
            self._units[document.document_id] = tuple(units_of(document))
        passage = hit.passage
        return tuple(
            unit
            for unit in self._units[document.document_id]
            if unit.start < passage.end and unit.end > passage.start
        )


def with_room(lengths: Sequence[int], room: int) -> int:
    """Return how many of the first ones have room together, one in any case.

    >>> with_room([5, 3, 9, 1], 8), with_room([5, 3, 9, 1], 7), with_room([5], 1), with_room([], 1)
    (2, 1, 1, 0)
    """
    for count, end in enumerate(accumulate(lengths)):
        if end > room and count:
            return count
    return len(lengths)


def window_of(document: Document, passage: Passage, units: Sequence[Unit]) -> list[Line]:
    """Return a passage as a window: its heading, what introduces its first unit, its units."""
    heading = ". ".join(part for part in (passage.title, *passage.section_path) if part)
    lines = [Line(text=heading, judged=False)]
    introduced: tuple[Span, ...] = ()
    starts = {unit.start for unit in units}
    for unit in units:
        if unit.lead_ins != introduced:
            introduced = unit.lead_ins
            lines += _led(document, introduced, starts)
            starts |= {span.start for span in introduced}
        lines.append(Line(text=_one_line(document.text[unit.start : unit.end])))
    return lines


def together_of(readings: Sequence[Reading], title: str) -> list[Line]:
    """Return units of several passages as one window; `readings` are in their texts' order."""
    lines: list[Line] = []
    document = section = ""
    shown = {reading.unit.start for reading in readings}
    introduced: tuple[Span, ...] = ()
    for reading in readings:
        passage = reading.hit.passage
        if reading.document.document_id != document:
            document = reading.document.document_id
            lines.append(Line(text=passage.title or title, judged=False))
            section, introduced = "", ()
        path = ". ".join(passage.section_path)
        if path != section:
            section = path
            lines.append(Line(text=path, judged=False))
        if reading.unit.lead_ins != introduced:
            introduced = reading.unit.lead_ins
            lines += _led(reading.document, introduced, shown)
        lines.append(Line(text=_one_line(reading.text)))
    return lines


def _led(document: Document, lead_ins: Sequence[Span], shown: set[int]) -> Iterator[Line]:
    """Yield the lead-ins that are no headings and are not shown as units themselves."""
    for span in document.quotable(lead_ins):
        if span.start not in shown:
            yield Line(text=_one_line(span.of(document.text)), judged=False)


def _readings(
    pairs: Sequence[tuple[Hit, Document, Sequence[Unit]]], said: Sequence[WindowScores]
) -> Iterator[Reading]:
    for (hit, document, units), scores in zip(pairs, said, strict=True):
        for unit, score in zip(units, scores.units, strict=True):
            yield Reading(
                unit=unit,
                document=document,
                hit=hit,
                alone=UNREAD if score is None else score,
                window=scores.answers,
            )


def _order(reading: Reading) -> tuple[float, str, int, int]:
    document_id = reading.document.document_id
    return (-reading.score, document_id, reading.unit.start, reading.hit.rank)


def _one_line(text: str) -> str:
    return " ".join(text.split())
