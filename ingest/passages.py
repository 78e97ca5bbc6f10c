"""Splitting a document into passages that keep sections and lists whole.

Sentences and items are packed in text order up to about `TARGET_WORDS`. A passage never crosses a
section; a list that fits in one passage is not split, and stays with the sentence that
introduces it; a passage that has to begin inside a list carries the list's lead-ins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from corpus.records import BlockKind, Document, PassageSpan, Span, Unit, units_of

TARGET_WORDS = 110
MAX_LIST_WORDS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """What is not divided: a sentence, or a whole short list with its lead-in sentence."""

    units: tuple[Unit, ...]
    words: int


def passage_spans(document: Document) -> tuple[PassageSpan, ...]:
    """Return the passages of a document; every word but those of headings is in exactly one."""
    spans: list[PassageSpan] = []
    by_section = groupby(units_of(document), key=lambda u: document.blocks[u.block].section)
    for section, units in by_section:
        for packed in _packed(list(_pieces(document, list(units)))):
            spans.extend(_spans(document, section, packed))
    return tuple(spans)


def _spans(document: Document, section: int | None, units: Sequence[Unit]) -> Iterator[PassageSpan]:
    start, end = units[0].start, units[-1].end
    for piece in _cut(document.text, Span(start=start, end=end)):
        first = next(u for u in units if piece.start < u.end)
        yield PassageSpan(
            start=piece.start, end=piece.end, section=section, lead_ins=first.lead_ins
        )


def _cut(text: str, span: Span) -> Iterator[Span]:
    """Cut a span of more than twice the target (text without sentence ends) between words."""
    start = span.start
    words = span.of(text).split()
    while len(words) > 2 * TARGET_WORDS:
        end = start
        for word in words[:TARGET_WORDS]:
            end = text.index(word, end) + len(word)
        yield Span(start=start, end=end)
        words = words[TARGET_WORDS:]
        start = text.index(words[0], end)
    yield Span(start=start, end=span.end)


def _pieces(document: Document, units: Sequence[Unit]) -> Iterator[_Piece]:
    """Join each list (or table) with its lead-in sentence when together they are short enough."""
    position = 0
    while position < len(units):
        last = _end_of_list(document, units, position)
        # a longer list is divided between its items
        ends = [last] if _words(document, units[position:last]) <= MAX_LIST_WORDS else []
        for end in ends or range(position + 1, last + 1):
            yield _piece(document, units[position:end])
            position = end


def _end_of_list(document: Document, units: Sequence[Unit], first: int) -> int:
    """Return the position after the list that `first` belongs to or introduces."""
    position = first + 1
    introduces = position < len(units) and any(
        s.start == units[first].start for s in units[position].lead_ins
    )
    member = units[position] if introduces else units[first]
    if _kind(document, member) in ("item", "row"):
        kind = _kind(document, member)
        while position < len(units) and _kind(document, units[position]) == kind:
            position += 1
    return position


def _kind(document: Document, unit: Unit) -> BlockKind:
    return document.blocks[unit.block].kind


def _words(document: Document, units: Sequence[Unit]) -> int:
    return len(document.text[units[0].start : units[-1].end].split())


def _piece(document: Document, units: Sequence[Unit]) -> _Piece:
    return _Piece(units=tuple(units), words=_words(document, units))


def _packed(pieces: Sequence[_Piece]) -> Iterator[tuple[Unit, ...]]:
    """Pack pieces up to the target, spreading the words of a long section evenly."""
    total = sum(p.words for p in pieces)
    passages = max(1, round(total / TARGET_WORDS))
    share = max(total / passages, TARGET_WORDS / 2)
    held: list[Unit] = []
    words = 0
    for piece in pieces:
        if held and words + piece.words / 2 > share:
            yield tuple(held)
            held, words = [], 0
        held.extend(piece.units)
        words += piece.words
    if held:
        yield tuple(held)
