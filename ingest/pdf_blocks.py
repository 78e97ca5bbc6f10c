"""Lines to blocks: where a paragraph, an item or a heading begins and ends.

A break is taken for the end of a paragraph when the page shows it: more space, another font, an
indented first line, a marker, or a line that ends a sentence although the next word had room on it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from ingest.pdf_lines import SMALL, Line
from ingest.pdf_text import END_RAISED, RAISED

Kind = Literal["text", "item", "table"]

MORE_SPACE = 1.3  # times the usual distance of lines
SAME_SIZE = 0.06
INDENT_EM = 0.7
SAME_EDGE = 3.0  # points
MAX_DEPTH = 30
_MARKER = re.compile(
    r"(?P<marker>[•◦▪‣●○·*–—-]|\d{1,2}[.)]|\(\d{1,2}\)|[a-z][.)]|\([a-z]\))\s+(?=\S)"
)
_BULLETS = "•◦▪‣●○·*"
_FIRST = ("1", "a")
_SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_MARKS = re.compile(f"{RAISED}[^{END_RAISED}]*{END_RAISED}")
CAPTION = re.compile(
    r"(?:supplementa(?:l|ry) |extended data )?(?:table|figure|fig\.?|box|panel|scheme|algorithm) ?"
    r"(?:[A-Z]{0,2}\d{1,3}|[IVX]{1,5})(?:[A-Za-z]?\b)(?:\s*[.:|—–]|\s+(?=[A-Z(])|$)",
    re.IGNORECASE,
)


@dataclass(slots=True, kw_only=True)
class Block:
    """Lines that belong together; `depth` and `marker` are a list item's."""

    kind: Kind
    lines: list[Line] = field(default_factory=list)
    marker: str = ""
    depth: int = 0

    @property
    def size(self) -> float:
        """The font size of its first line, in points."""
        return self.lines[0].size

    @property
    def bold(self) -> bool:
        """All of its lines are bold."""
        return all(line.bold for line in self.lines)

    @property
    def texts(self) -> list[str]:
        """Its lines, without the marker of an item."""
        texts = [line.text for line in self.lines]
        if self.marker:
            texts[0] = texts[0].removeprefix(self.marker).lstrip()
        return texts


def blocks_of(lines: Sequence[Line], body: float) -> list[Block]:
    """Return the blocks in reading order; what goes on in another column or page is joined."""
    pitch = _pitch(lines)
    blocks: list[Block] = []
    for line in lines:
        if line.rows:
            blocks.append(Block(kind="table", lines=[line]))
            continue
        before = blocks[-1] if blocks and blocks[-1].kind != "table" else None
        marker = _marker(line, blocks)
        if marker:
            blocks.append(Block(kind="item", lines=[line], marker=marker))
        elif before is not None and not _breaks(before, line, pitch):
            before.lines.append(line)
        elif (earlier := _unfinished(blocks, line, body)) is not None:
            earlier.lines.append(line)
        else:
            blocks.append(Block(kind="text", lines=[line]))
    _set_depths(blocks)
    return blocks


def _pitch(lines: Sequence[Line]) -> dict[float, float]:
    """Return the usual distance of baselines, in points, by font size to the half point."""
    steps: dict[float, Counter[float]] = {}
    for above, line in pairwise(lines):
        step = line.baseline - above.baseline
        if above.column == line.column and 0 < step < 3 * line.size and _same_size(above, line):
            steps.setdefault(_half(line.size), Counter())[round(step * 2) / 2] += 1
    return {size: max(c, key=lambda s: (c[s], -s)) for size, c in steps.items()}


def _half(size: float) -> float:
    return round(size * 2) / 2


def _same_size(line: Line, other: Line) -> bool:
    return abs(line.size - other.size) <= SAME_SIZE * max(line.size, other.size)


def plain(text: str) -> str:
    """Return text without its raised runs."""
    return _MARKS.sub("", text).rstrip()


def ends_sentence(text: str) -> bool:
    """Tell whether a line's text, citations apart, ends with a sentence's mark."""
    bare = re.sub(r"\s*\[[\d,;\s–-]+\]$", "", plain(text))
    return bool(_SENTENCE_END.search(bare))


def _marker(line: Line, blocks: Sequence[Block]) -> str:
    """Return the marker of an item; a number that merely begins a wrapped line is none."""
    match = _MARKER.match(line.text)
    if match is None:
        return ""
    marker = match["marker"]
    before = blocks[-1] if blocks else None
    if marker in _BULLETS and (marker != "*" or before is None or before.kind == "item"):
        return marker
    if before is None or before.kind == "table":
        return marker if marker.strip("().") in _FIRST else ""
    last = before.lines[-1]
    if before.kind == "item":
        same = _same_size(last, line) and _shape(before.marker) == _shape(marker)
        nested = marker.strip("().") in _FIRST and line.x0 > before.lines[0].x0 + INDENT_EM
        return marker if (same and _next(before.marker, marker)) or nested else ""
    opens = plain(last.text).endswith(":") or (
        marker.strip("().") in _FIRST and ends_sentence(last.text) and not before.bold
    )
    return marker if opens else ""


def _shape(marker: str) -> str:
    return re.sub(r"\d+", "1", re.sub(r"[a-z]", "a", marker))


def _next(before: str, marker: str) -> bool:
    """Tell whether a marker follows another: the next number or letter, or the same dash."""
    a, b = before.strip("()."), marker.strip("().")
    if a.isdecimal() and b.isdecimal():
        return int(b) == int(a) + 1
    return a == b if not (a.isalnum() and b.isalnum()) else ord(b[0]) == ord(a[0]) + 1


def _breaks(block: Block, line: Line, pitch: dict[float, float]) -> bool:
    """Tell whether a line without a marker begins a block of its own."""
    last = block.lines[-1]
    lower = line.text[:1].islower()
    weight = last.bold != line.bold and not (lower and not _had_room(last, line))
    if weight or not _same_size(last, line):
        return True
    if last.column != line.column:
        starts = line.x0 > line.left + INDENT_EM * line.size and block.kind != "item"
        return not lower and (starts or ends_sentence(last.text) or block.bold)
    usual = pitch.get(_half(line.size), 1.2 * line.size)
    if line.baseline - last.baseline > MORE_SPACE * max(usual, line.size):
        return True
    return _leaves_item(block, line, last) if block.kind == "item" else _opens(line, last)


def _opens(line: Line, last: Line) -> bool:
    """Tell whether a line opens a paragraph or a caption right below the end of another."""
    if not ends_sentence(last.text) or line.text[:1].islower():
        return False
    indented = line.x0 > last.x0 + INDENT_EM * line.size and last.x0 < last.left + SAME_EDGE
    return indented or _had_room(last, line) or bool(CAPTION.match(line.text))


def _leaves_item(block: Block, line: Line, last: Line) -> bool:
    first = block.lines[0]
    hung = first.text_x0 or (block.lines[1].x0 if len(block.lines) > 1 else first.x0)
    outside = line.x0 < hung - INDENT_EM * line.size
    if outside and (hung > first.x0 or not line.text[:1].islower()):
        return True
    return ends_sentence(last.text) and not line.text[:1].islower() and _had_room(last, line)


def _had_room(last: Line, line: Line) -> bool:
    """Tell whether the first word of `line` could have stood on the line before it."""
    word = line.text.split(maxsplit=1)[0] if line.text.strip() else ""
    per_char = (line.x1 - line.x0) / max(1, len(line.text))
    return last.x1 + (len(word) + 2) * per_char < last.right


def _unfinished(blocks: Sequence[Block], line: Line, body: float) -> Block | None:
    """Return the running text above, behind tables and captions, that `line` goes on with."""
    if not line.text[:1].islower() or abs(line.size - body) > SAME_SIZE * body:
        return None
    for block in reversed(blocks[-8:]):
        last = block.lines[-1]
        if block.kind == "table" or block.size <= SMALL * body or CAPTION.match(last.text):
            continue
        caption = bool(CAPTION.match(block.lines[0].text))
        if caption or last.column == line.column:
            continue
        going_on = not ends_sentence(last.text) and not block.bold and _same_size(last, line)
        return block if going_on else None
    return None


def _set_depths(blocks: Sequence[Block]) -> None:
    """Give each item the depth that its indentation in its column shows, within one list."""
    indents: list[float] = []
    for block in blocks:
        if block.kind != "item":
            indents = []
            continue
        first = block.lines[0]
        indent = first.x0 - first.left
        while indents and indents[-1] > indent - INDENT_EM * first.size / 2:
            indents.pop()
        indents.append(indent)
        block.depth = min(len(indents), MAX_DEPTH)
