"""The default engine: an answer made of what the sources say, word for word.

From the best readings to at most four statements that can each be read alone: a sentence that
points back ("This relapses …") takes the sentence before it along, a list item its lead-ins, a
sentence that introduces a list the whole list. Nothing is reworded.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.records import Block, Document, Span
from index.lexical import terms
from index.reader import Reading

# Further statements must come this near to the best one's score.
SCORE_MARGIN = 1.2
MAX_LIST_CHARS = 1500
NEAR_DUPLICATE = 0.7
# An item that adds less than this to what its lead-in covers answers no better than its list.
ITEM_GAIN = 0.05
_POINTS_BACK = re.compile(
    r"(?:this|these|that|those|it|they|he|she|its|their|such|both|neither|here|the former|"
    r"the latter|however|therefore|thus|hence|moreover|furthermore|in addition|additionally|also|"
    r"but|and|or|conversely|in contrast|by contrast|consequently|nevertheless|otherwise|instead|"
    r"similarly|likewise|then|most of (?:them|these)|some of (?:them|these)|another)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One statement to be: its words, and the spans of one document that they are taken from.

    `spans` are in text order. `reading` is the best one that led here. `whole` tells a list shown
    with all its items.
    """

    text: str
    spans: tuple[Span, ...]
    reading: Reading
    whole: bool = False

    @property
    def block(self) -> Block:
        """The block that the reading's sentence stands in."""
        return self.document.blocks[self.reading.unit.block]

    @property
    def document(self) -> Document:
        """The document that is quoted."""
        return self.reading.document


def select(readings: Sequence[Reading], *, limit: int) -> tuple[Selection, ...]:
    """Return at most `limit` selections: the best first, the others in order of their text."""
    chosen: list[Selection] = []
    for reading in readings:
        if len(chosen) >= limit or reading.score < readings[0].score - SCORE_MARGIN:
            break
        selection = _selection(reading)
        if selection is None:
            continue
        merged = _merged(chosen, selection)
        if merged is not None:
            chosen[merged[0]] = merged[1]
        elif not any(_repeats(selection, other) for other in chosen):
            chosen.append(selection)
    if readings and not chosen:  # a long list and nothing beside it: then all of it
        chosen += filter(None, [_list_introduced(readings[0], max_chars=None)])
    first_seen = list(dict.fromkeys(s.document.document_id for s in chosen))
    rest = sorted(
        chosen[1:],
        key=lambda s: (first_seen.index(s.document.document_id), s.reading.span.start),
    )
    return (*chosen[:1], *rest)


def _selection(reading: Reading) -> Selection | None:
    """Return what a reading is shown as; None for the lead-in of a list too long to show."""
    block = reading.document.blocks[reading.unit.block]
    if _introduces(reading):
        return _list_introduced(reading)
    if block.kind not in ("item", "row"):
        return _sentence(reading, block)
    parent = block.lead_in
    adds = reading.coverage - reading.lead_in_coverage
    if block.kind == "item" and parent is not None and adds < ITEM_GAIN:
        whole = _whole_list(reading, parent)
        if whole is not None and reading.document.blocks[parent].kind != "heading":
            return whole
    return _item(reading)


def _introduces(reading: Reading) -> bool:
    """Tell whether the reading is the end of a block that other blocks are introduced by."""
    block = reading.document.blocks[reading.unit.block]
    introduced = any(_introduced_by(reading.document, reading.unit.block))
    return introduced and reading.unit.end == block.end


def _sentence(reading: Reading, block: Block) -> Selection:
    """Select a sentence, with those before it in its block that it points back to."""
    document = reading.document
    position = next(i for i, s in enumerate(block.sentences) if s.start == reading.unit.start)
    first = position
    while first > 0 and _POINTS_BACK.match(document.text, block.sentences[first].start):
        first -= 1
    span = Span(start=block.sentences[first].start, end=reading.unit.end)
    return Selection(text=_one_line(span.of(document.text)), spans=(span,), reading=reading)


def _list_introduced(
    reading: Reading, *, max_chars: int | None = MAX_LIST_CHARS
) -> Selection | None:
    """Select the whole list that the reading introduces."""
    return _whole_list(reading, reading.unit.block, max_chars=max_chars)


def _whole_list(
    reading: Reading, opener: int, *, max_chars: int | None = MAX_LIST_CHARS
) -> Selection | None:
    """Select the lead-in at block `opener` with all it introduces, when that is not too long."""
    document = reading.document
    members = list(_introduced_by(document, opener))
    if not members:
        return None
    start = document.blocks[opener].sentences[-1].start
    span = Span(start=start, end=members[-1].end)
    if max_chars is not None and span.end - span.start > max_chars:
        return None
    outer = [s.of(document.text) for s in document.lead_ins(document.blocks[opener])]
    head = Span(start=start, end=document.blocks[opener].end).of(document.text)
    least = min(member.depth for member in members)
    lines = [" ".join([*(_colon(o) for o in outer), _one_line(head)])]
    lines += [
        f"{'  ' * (m.depth - least)}- {_one_line(document.text[m.start : m.end])}" for m in members
    ]
    spans = (*_quotable_lead_ins(document, document.blocks[opener]), span)
    return Selection(text="\n".join(lines), spans=spans, reading=reading, whole=True)


def _introduced_by(document: Document, opener: int) -> Iterator[Block]:
    """Yield the items and rows whose chain of lead-ins passes through block `opener`."""
    reached = {opener}
    for position in range(opener + 1, len(document.blocks)):
        block = document.blocks[position]
        if block.kind not in ("item", "row"):
            return
        if block.lead_in not in reached:
            return
        reached.add(position)
        yield block


def _item(reading: Reading) -> Selection:
    """Select a list item or table row behind its lead-ins."""
    document = reading.document
    block = document.blocks[reading.unit.block]
    # an item of several sentences is taken whole: its parts lean on each other
    span = Span(start=block.start, end=block.end)
    before = [_colon(s.of(document.text)) for s in reading.unit.lead_ins]
    return Selection(
        text=" ".join([*before, _one_line(span.of(document.text))]),
        spans=(*_quotable_lead_ins(document, block), span),
        reading=reading,
    )


def _quotable_lead_ins(document: Document, block: Block) -> tuple[Span, ...]:
    """Return the lead-ins that are sentences; a heading is named by the citation's section."""
    headings = {b.start for b in document.blocks if b.kind == "heading"}
    return tuple(s for s in document.lead_ins(block) if s.start not in headings)


def _merged(chosen: Sequence[Selection], new: Selection) -> tuple[int, Selection] | None:
    """Join an item to what is chosen of the same list, as one statement; None when nothing is."""
    block = new.block
    if block.kind != "item" or block.lead_in is None:
        return None
    for position, old in enumerate(chosen):
        same_document = old.document.document_id == new.document.document_id
        if not same_document or old.block.kind != "item" or old.block.lead_in != block.lead_in:
            continue
        if old.whole or any(s.start <= block.start < s.end for s in old.spans):
            return position, old  # holds this item already
        if new.whole:
            return position, replace(new, reading=old.reading)
        return position, _joined(old, new)
    return None


def _joined(old: Selection, new: Selection) -> Selection:
    """Return the items of both behind their common lead-ins, in order of the text."""
    document = new.document
    spans = tuple(sorted({*old.spans, *new.spans}, key=lambda s: s.start))
    lead_ins = [_colon(s.of(document.text)) for s in new.reading.unit.lead_ins]
    quotable = set(_quotable_lead_ins(document, new.block))
    items = [_one_line(s.of(document.text)) for s in spans if s not in quotable]
    text = "\n".join([" ".join(lead_ins), *(f"- {item}" for item in items)])
    return Selection(text=text, spans=spans, reading=old.reading)


def _repeats(new: Selection, old: Selection) -> bool:
    """Tell whether a selection overlaps another or says nearly the same in other words."""
    if new.document.document_id == old.document.document_id:
        inside = (a.start < b.end and b.start < a.end for a in new.spans[-1:] for b in old.spans)
        if any(inside):
            return True
    words, others = set(terms(new.text)), set(terms(old.text))
    return len(words & others) >= NEAR_DUPLICATE * max(1, len(words | others))


def _colon(lead_in: str) -> str:
    """Return a lead-in as it stands before what it introduces."""
    lead_in = _one_line(lead_in)
    return lead_in if lead_in.endswith((":", ".", "?", "!")) else f"{lead_in}:"


def _one_line(text: str) -> str:
    return " ".join(text.split())
