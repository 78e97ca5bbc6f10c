"""From a parser's drafts to a stored document: text, spans, sections, lead-ins, passages."""

from collections.abc import Sequence
from dataclasses import replace

from corpus.errors import InputError
from corpus.records import Block, Callout, Document, DocumentKind, Reference, Section, Span
from ingest.drafts import Draft
from ingest.passages import passage_spans
from ingest.sentences import sentence_spans


def assemble(
    *,
    document_id: str,
    kind: DocumentKind,
    title: str,
    drafts: Sequence[Draft],
    reference: Reference | None = None,
    note: str | None = None,
) -> Document:
    """Lay the drafts out as one text and compute every span of it.

    Items and rows follow their predecessor after one line break, other blocks after a blank
    line. Raises InputError when no draft holds a word.
    """
    drafts = [d for d in drafts if d.text.strip()]
    if not any(d.kind != "heading" for d in drafts):
        raise InputError(f"{document_id}: holds no text")
    text = ""
    blocks: list[Block] = []
    callouts: list[Callout] = []
    for draft in drafts:
        text += _separator(draft, blocks)
        start = len(text)
        text += draft.text
        callouts += (replace(c, at=c.at + start) for c in draft.callouts)
        blocks.append(
            Block(
                kind=draft.kind,
                start=start,
                end=len(text),
                section=None,
                depth=draft.depth,
                marker=draft.marker,
                sentences=_sentences(draft, start),
            )
        )
    sections, placed = _with_sections(blocks, drafts, len(text))
    placed = _with_lead_ins(placed, text)
    document = Document(
        document_id=document_id,
        kind=kind,
        title=title,
        text=text,
        sections=sections,
        blocks=placed,
        callouts=tuple(callouts),
        reference=reference,
        note=note,
    )
    return replace(document, passages=passage_spans(document))


def _sentences(draft: Draft, start: int) -> tuple[Span, ...]:
    """Split running text; a heading, caption or row is one unit, whatever stops it holds."""
    if draft.kind in ("paragraph", "item"):
        return sentence_spans(draft.text, offset=start)
    return (Span(start=start, end=start + len(draft.text)),)


def _separator(draft: Draft, before: Sequence[Block]) -> str:
    if not before:
        return ""
    if draft.kind not in ("item", "row"):
        return "\n\n"
    # the indentation keeps nested lists readable in a quote that spans several items
    return "\n" + "  " * max(0, draft.depth - 1)


def _with_sections(
    blocks: Sequence[Block], drafts: Sequence[Draft], text_chars: int
) -> tuple[tuple[Section, ...], tuple[Block, ...]]:
    """Build the section tree from heading levels; a heading belongs to the section it opens."""
    sections: list[Section] = []
    placed: list[Block] = []
    open_path: list[int] = []
    for block, draft in zip(blocks, drafts, strict=True):
        if draft.kind == "heading":
            while open_path and sections[open_path[-1]].level >= draft.level:
                closed = open_path.pop()
                sections[closed] = replace(sections[closed], end=placed[-1].end)
            parent = open_path[-1] if open_path else None
            open_path.append(len(sections))
            sections.append(
                Section(
                    title=draft.text,
                    level=draft.level,
                    parent=parent,
                    start=block.start,
                    end=text_chars,
                )
            )
        placed.append(replace(block, section=open_path[-1] if open_path else None))
    return tuple(sections), tuple(placed)


def _with_lead_ins(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
    """Point each item and row to the block that introduces it.

    An item's lead-in is the nearest item above of smaller depth; for an outermost item it is the
    block before its list when that is a paragraph ending in a colon, a caption or a heading. A
    row's is what stands before its table, on the same terms.
    """
    placed: list[Block] = []
    opener: int | None = None
    above: list[int] = []  # the items that enclose the next one, outermost first
    for position, block in enumerate(blocks):
        if position == 0 or blocks[position - 1].kind != block.kind:
            opener, above = _opener(blocks, position, text), []
        if block.kind == "item":
            while above and blocks[above[-1]].depth >= block.depth:
                above.pop()
            placed.append(replace(block, lead_in=above[-1] if above else opener))
            above.append(position)
        elif block.kind == "row":
            placed.append(replace(block, lead_in=opener))
        else:
            placed.append(block)
    return tuple(placed)


def _opener(blocks: Sequence[Block], first: int, text: str) -> int | None:
    """Return the position of what introduces the list or table that starts at block `first`."""
    if first == 0:
        return None
    before = blocks[first - 1]
    ends_open = text[before.start : before.end].rstrip().endswith((":", "："))
    introduces = before.kind in ("heading", "caption") or (before.kind == "paragraph" and ends_open)
    return first - 1 if introduces else None
