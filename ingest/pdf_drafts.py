"""Blocks to drafts: which are headings and of what level, captions, rows, citations taken out."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.records import BlockKind, Reference
from ingest.article_parts import is_references_heading
from ingest.bare_citations import candidates, citable, take_bare
from ingest.citations import take_bracketed
from ingest.drafts import Draft, join_words
from ingest.pdf_blocks import CAPTION, Block, plain
from ingest.pdf_lines import Line
from ingest.pdf_text import RAISED, join_lines, resolve_raised

LARGER = 1.08  # times the body's size: a heading by its size alone
MAX_HEADING_CHARS = 200
MAX_HEADING_WORDS = 22
MAX_PLAIN_HEADING_WORDS = 10  # of one that neither size nor weight sets off
MAX_LEVEL = 6
MAX_BYLINE_WORDS = 60
MIN_NAMES = 0.6  # share of the words of a byline that begin with a capital

_OPENERS = frozenset(
    "abstract summary introduction background objective objectives purpose synopsis".split()
)
_NUMBERING = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,5}\.|[A-H]\.)\s+")

_Style = tuple[float, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the whole document tells about its blocks: the body's size and whether it is bold."""

    body: float
    body_bold: bool
    words: frozenset[str]


def is_heading(block: Block, look: Look) -> bool:
    """Tell by size, weight or capitals whether a block is a heading."""
    text = plain(" ".join(block.texts))
    if block.kind != "text" or not _could_be_heading(text) or CAPTION.match(text):
        return False
    if is_references_heading(_unnumbered(text)) or block.size >= LARGER * look.body:
        return block.size >= 0.9 * look.body
    bold = block.bold and not look.body_bold and block.size >= 0.93 * look.body
    words = text.split()
    few = len(block.lines) == 1 and len(words) <= MAX_PLAIN_HEADING_WORDS
    capitals = few and text.isupper() and sum(c.isalpha() for c in text) > 3  # noqa: PLR2004 - "USA" is none
    slanted = few and all(line.italic for line in block.lines)
    return bold or ((capitals or slanted) and block.size >= 0.93 * look.body)


def _could_be_heading(text: str) -> bool:
    return (
        len(text) <= MAX_HEADING_CHARS
        and len(text.split()) <= MAX_HEADING_WORDS
        and any(c.isalpha() for c in text)
        and not text[0].islower()
        and not text.rstrip().endswith((".", ",", ";"))
        and "@" not in text
    )


def _unnumbered(text: str) -> str:
    return _NUMBERING.sub("", text)


def opens_article(block: Block) -> bool:
    """Tell whether a block is the heading that ends the names and addresses of the first page."""
    text = _unnumbered(plain(" ".join(block.texts))).strip(" :").lower()
    return text in _OPENERS


def levels(headings: Sequence[Block]) -> dict[_Style, int]:
    """Return the level of each style of heading: larger, then bold, then in capitals, first."""
    styles = sorted({_style(block) for block in headings}, reverse=True)
    return {style: min(at, MAX_LEVEL) for at, style in enumerate(styles, start=1)}


def _style(block: Block) -> _Style:
    text = plain(" ".join(block.texts))
    italic = all(line.italic for line in block.lines)
    return round(block.size * 2) / 2, int(block.bold), int(text.isupper()), int(not italic)


def drafts_of(blocks: Sequence[Block], look: Look, notes: Collection[str] = ()) -> list[Draft]:
    """Return the drafts of the text, raised and bracketed citations taken out.

    `notes` are the marks of the document's numbered footnotes, which cite nothing.
    """
    headings = [block for block in blocks if is_heading(block, look)]
    first = next((block for block in blocks if opens_article(block)), None)
    front = blocks[: blocks.index(first)] if first else []
    if any(block.lines[0].page > 2 for block in front):  # noqa: PLR2004 - no title page is that long
        front = []
    headings = [block for block in headings if block not in front]
    level = levels(headings)
    drafts: list[Draft] = []
    for block in blocks:
        if block in headings:
            draft = _heading(block, level[_style(block)], look)
            above = drafts[-1] if drafts else None
            drafts.append(draft)
            if above and above.kind == "heading" and _one_heading(blocks, block, headings):
                drafts[-2:] = [replace(above, text=join_words([above.text, draft.text]))]
        else:
            drafts += _body(block, look, notes, byline=block in front or _is_byline(block, drafts))
    return drafts


def _one_heading(blocks: Sequence[Block], block: Block, headings: Sequence[Block]) -> bool:
    """Tell whether a heading goes on with the one right before it: same style, lower case."""
    before = blocks[blocks.index(block) - 1]
    return before in headings and _style(before) == _style(block) and block.texts[0][0].islower()


def _heading(block: Block, level: int, look: Look) -> Draft:
    text = resolve_raised(join_lines(block.texts, look.words), citing=False)
    return Draft(kind="heading", text=text, level=level)


def _is_byline(block: Block, drafts: Sequence[Draft]) -> bool:
    """Tell whether a block before all headings lists names with raised marks."""
    if any(draft.kind == "heading" for draft in drafts):
        return False
    words = [w for w in plain(" ".join(block.texts)).split() if w[0].isalpha()]
    names = sum(word[0].isupper() for word in words)
    marked = any(RAISED in text for text in block.texts)
    return marked and len(words) <= MAX_BYLINE_WORDS and names >= MIN_NAMES * len(words)


def _body(block: Block, look: Look, notes: Collection[str], *, byline: bool) -> Iterator[Draft]:
    if block.kind == "table":
        for row in block.lines[0].rows:
            yield Draft(kind="row", text=resolve_raised(row, citing=False))
        return
    text = join_lines(block.texts, look.words)
    resolved = resolve_raised(text, citing=not byline, notes=notes)
    taken = take_bracketed(resolved)
    if not taken.text.strip():
        return
    if block.kind == "item":
        yield Draft(
            kind="item",
            text=taken.text,
            depth=block.depth,
            marker=block.marker,
            callouts=taken.callouts,
        )
        return
    kind: BlockKind = "caption" if CAPTION.match(taken.text) else "paragraph"
    yield Draft(kind=kind, text=taken.text, callouts=taken.callouts)


def footnote_drafts(
    footnotes: Sequence[Sequence[Line]], look: Look
) -> tuple[list[Draft], frozenset[str]]:
    """Return the footnotes as paragraphs under a heading of their own, and their marks."""
    drafts: list[Draft] = []
    marks: set[str] = set()
    for lines in footnotes:
        notes: list[list[str]] = []
        for line in lines:
            mark = re.match(r"\ue000([^\ue001]+)\ue001|([*†‡§¶#]+)", line.text)
            if mark or not notes:
                notes.append([])
                marks |= {mark[1]} if mark and mark[1] else set()
            notes[-1].append(line.text)
        for note in notes:
            text = resolve_raised(join_lines(note, look.words), citing=False)
            taken = take_bracketed(text)
            drafts.append(Draft(kind="paragraph", text=taken.text, callouts=taken.callouts))
    heading = [Draft(kind="heading", text="Footnotes", level=1)] if drafts else []
    return [*heading, *drafts], frozenset(marks)


def with_bare_citations(drafts: Sequence[Draft], references: Sequence[Reference]) -> list[Draft]:
    """Take numbers without brackets out of a text that cites in no other way."""
    if any(draft.callouts for draft in drafts):
        return list(drafts)
    printed = [r.number for r in references if r.number is not None]
    listed = max([len(references), *printed])
    body = [d for d in drafts if d.kind in ("paragraph", "item", "caption")]
    found = (c for d in body for c in candidates(d.text))
    highest = citable(found, listed=listed, numbered=bool(printed))
    return [_without_bare(d, highest) if d in body else d for d in drafts]


def _without_bare(draft: Draft, highest: int) -> Draft:
    taken = take_bare(draft.text, highest=highest)
    return replace(draft, text=taken.text, callouts=taken.callouts)
