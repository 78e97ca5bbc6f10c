"""The default engine: an answer made of what the sources say, word for word.

From all units that the reader finds answering to statements that can each be read alone: a
sentence that points back ("This relapses …") takes the sentence before it along, a list item its
lead-ins; the items of one list are one statement, whole or with how many of them are shown.
Nothing is reworded.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.records import Block, Document, Span
from index.lexical import terms
from index.reading.reading import Reading

# Units from these log odds on are shown, if they come so near the best one, which always is. Chosen
# on pages, and tried on texts, that the reader did not learn from: the best F1 of units shown
# against units that answer (docs/evaluation.md).
SHOWN_AT = -1.0
BELOW_BEST = 1.5
# From this share of its items on a list is shown whole.
WHOLE_AT = 0.8
MAX_LIST_CHARS = 1500
NEAR_DUPLICATE = 0.7
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

    `spans` are in text order. `reading` is the best one that led here.
    """

    text: str
    spans: tuple[Span, ...]
    reading: Reading

    @property
    def document(self) -> Document:
        """The document that is quoted."""
        return self.reading.document


def select(readings: Sequence[Reading], *, limit: int) -> tuple[Selection, ...]:
    """Return at most `limit` selections: the best first, the others in order of their text.

    `readings` are best first.
    """
    chosen: list[Selection] = []
    for group in _grouped(answering(readings)):
        if len(chosen) >= limit:
            break
        selection = _selection(group)
        if not any(_repeats(selection, other) for other in chosen):
            chosen.append(selection)
    first_seen = list(dict.fromkeys(s.document.document_id for s in chosen))
    rest = sorted(
        chosen[1:],
        key=lambda s: (first_seen.index(s.document.document_id), s.reading.span.start),
    )
    return (*chosen[:1], *rest)


def answering(readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings, best first, that answer so well that they are shown: one of any."""
    if not readings:
        return []
    least = max(SHOWN_AT, readings[0].score - BELOW_BEST)
    return [r for r in readings if r.score >= least] or [readings[0]]


def points_back(text: str) -> bool:
    """Tell whether a sentence points back to the one before it.

    >>> points_back("This relapses."), points_back("Pneumonia relapses.")
    (True, False)
    """
    return bool(_POINTS_BACK.match(text))


def _grouped(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Return the readings of one list together, in the order of the best of each group."""
    groups: dict[tuple[str, int, bool], list[Reading]] = {}
    for reading in readings:
        opener = _opener(reading)
        place = opener if opener is not None else reading.unit.start
        key = (reading.document.document_id, place, opener is not None)
        groups.setdefault(key, []).append(reading)
    return list(groups.values())


def _opener(reading: Reading) -> int | None:
    """Return the block whose list the reading belongs to or introduces; None for a sentence."""
    document, at = reading.document, reading.unit.block
    block = document.blocks[at]
    if block.kind in ("item", "row") and block.lead_in is not None:
        while document.blocks[block.lead_in].kind == "item":  # an item's own items
            at, block = block.lead_in, document.blocks[block.lead_in]
            if block.lead_in is None:
                return at
        return block.lead_in
    introduces = reading.unit.end == block.end and any(_introduced_by(document, at))
    return at if introduces else None


def _selection(group: Sequence[Reading]) -> Selection:
    best = group[0]
    opener = _opener(best)
    if opener is None:
        return _sentence(best, best.document.blocks[best.unit.block])
    members = dict(_introduced_by(best.document, opener))
    found = {r.unit.block for r in group if r.unit.block in members}
    inner = {best.document.blocks[at].lead_in for at in found}
    if len(inner) == 1 and inner <= set(members):  # all of one item's own items
        opener = inner.pop() or opener
        members = dict(_introduced_by(best.document, opener))
    if not members:  # an item without anything that introduces it
        members = {best.unit.block: best.document.blocks[best.unit.block]}
        found = set(members)
    return _list(best, opener, members, _completed(best.document, found, members))


def _completed(document: Document, found: set[int], members: dict[int, Block]) -> set[int]:
    """Return all of a list of which nearly all answers, or only what introduces it.

    An item that introduces others brings them where none of them answers by itself.
    """
    if not found:
        return set(members)
    table = any(block.kind == "row" for block in members.values())
    chars = max(b.end for b in members.values()) - min(b.start for b in members.values())
    if len(found) >= WHOLE_AT * len(members) and not table and chars <= MAX_LIST_CHARS:
        return set(members)
    kept = set(found)
    for at in found:
        own = {i for i, _ in _introduced_by(document, at)}
        kept |= own if own.isdisjoint(found) else set()
    return kept


def _list(best: Reading, opener: int, members: dict[int, Block], found: set[int]) -> Selection:
    """Return the items found behind what introduces them, with how many of all they are."""
    document = best.document
    head = document.blocks[opener]
    blocks = [members[at] for at in sorted(_with_parents(document, found, members))]
    introduced = _lead_ins(document, head, members)
    before = " ".join(_colon(span.of(document.text)) for span in introduced)
    if len(blocks) < len(members) and len(blocks) > 1 and head.kind != "heading":
        before = f"{before} ({len(blocks)} of {len(members)})"
    least = min(block.depth for block in blocks)
    items = [_one_line(document.text[b.start : b.end]) for b in blocks]
    if len(items) == 1:
        text = f"{before} {items[0]}".strip()
    else:
        marked = (
            f"{'  ' * (b.depth - least)}- {item}" for b, item in zip(blocks, items, strict=True)
        )
        text = "\n".join([before, *marked])
    spans = [*document.quotable(introduced), *_runs(document, blocks)]
    if len(blocks) == len(members) > 1 and spans[0] in introduced:  # one stretch of the text
        spans = [*introduced[:-1], Span(start=introduced[-1].start, end=spans[-1].end)]
    return Selection(text=text, spans=tuple(spans), reading=best)


def _with_parents(document: Document, found: set[int], members: dict[int, Block]) -> set[int]:
    """Return the blocks with the items that they are items of."""
    kept = set(found)
    for at in found:
        parent = document.blocks[at].lead_in
        while parent is not None and parent in members:
            kept.add(parent)
            parent = document.blocks[parent].lead_in
    return kept


def _lead_ins(document: Document, head: Block, members: dict[int, Block]) -> tuple[Span, ...]:
    """Return what introduces the items that stand directly under `head`."""
    if any(member is head for member in members.values()):
        return document.lead_ins(head)
    return (*document.lead_ins(head), head.sentences[-1])


def _runs(document: Document, blocks: Sequence[Block]) -> Iterator[Span]:
    """Yield the blocks' spans; neighbours in the text, with only white space between, as one."""
    start = end = None
    for block in blocks:
        if end is not None and start is not None and document.text[end : block.start].strip():
            yield Span(start=start, end=end)
            start = block.start
        start = block.start if start is None else start
        end = block.end
    if start is not None and end is not None:
        yield Span(start=start, end=end)


def _sentence(reading: Reading, block: Block) -> Selection:
    """Select a sentence, with those before it in its block that it points back to."""
    document = reading.document
    position = next(i for i, s in enumerate(block.sentences) if s.start == reading.unit.start)
    first = position
    while first > 0 and points_back(document.text[block.sentences[first].start :]):
        first -= 1
    span = Span(start=block.sentences[first].start, end=reading.unit.end)
    lead_ins = document.quotable(document.lead_ins(block))
    before = " ".join(_colon(s.of(document.text)) for s in lead_ins)
    text = f"{before} {_one_line(span.of(document.text))}".strip()
    return Selection(text=text, spans=(*lead_ins, span), reading=reading)


def _introduced_by(document: Document, opener: int) -> Iterator[tuple[int, Block]]:
    """Yield the items and rows whose chain of lead-ins passes through block `opener`."""
    reached = {opener}
    for position in range(opener + 1, len(document.blocks)):
        block = document.blocks[position]
        if block.kind not in ("item", "row"):
            return
        if block.lead_in not in reached:
            return
        reached.add(position)
        yield position, block


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
