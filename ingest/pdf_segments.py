"""Stretches of one printed line, made of the pieces of a page: words, raised and lowered parts.

A segment ends where the line ends or at a gap wider than a word's: between columns, between the
cells of a table, and in widely justified lines. What a gap means is decided later.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.pdf_pages import Page, Piece
from ingest.pdf_text import normalised, raised

SAME_LINE_EM = 0.15  # baselines closer than this are one
WORD_GAP_EM = 0.16
SEGMENT_GAP_EM = 0.9  # in running text, which is often set with wide spaces
CELL_GAP_EM = 0.5  # inside a table
SMALLER = 0.86  # a raised or lowered part is at most this much of the line's size
MAX_SHIFT_EM = 0.75
DOT_REACH_EM = 2.6  # how far before its text a drawn bullet may stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a line: text (raised parts marked), edges in points, and how it is set.

    `size` is the size of most of its characters; `bold` and `italic` hold for all of its letters.
    One with `rows` stands in the place of a whole table, and has no text of its own.
    """

    text: str
    page: int
    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    size: float
    bold: bool = False
    italic: bool = False
    rows: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        """Half-way between top and bottom."""
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        """From the first to the last glyph, in points."""
        return self.x1 - self.x0


def segments_of(page: Page, gap_em: float = SEGMENT_GAP_EM) -> list[Segment]:
    """Return the segments of a page, parted at gaps of `gap_em` font sizes, in order."""
    groups: list[list[Piece]] = []
    for piece in page.pieces:
        if not normalised(piece.text).strip():
            continue
        if groups and _follows(groups[-1], piece, gap_em):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    found = [_segment(group, page.number) for group in groups]
    return _with_dots(_merged(found, gap_em), page)


def _main(group: Sequence[Piece]) -> Piece:
    """Return the piece whose size and baseline are the line's: the largest that prints a letter."""
    return max(group, key=lambda p: (p.size, len(p.text)))


def _follows(group: Sequence[Piece], piece: Piece, gap_em: float) -> bool:
    main, last = _main(group), group[-1]
    em = max(main.size, piece.size)
    if not -0.6 * em < piece.x0 - last.x1 < gap_em * em:
        return False
    shift = abs(piece.baseline - main.baseline)
    if shift <= SAME_LINE_EM * em:
        return True
    small = min(main.size, piece.size) <= SMALLER * em
    return small and shift <= MAX_SHIFT_EM * em


def _segment(group: Sequence[Piece], page: int) -> Segment:
    main = _main(group)
    sizes: Counter[float] = Counter()
    letters: Counter[str] = Counter()
    for piece in group:
        sizes[round(piece.size, 1)] += len(piece.text)
        letters[piece.font] += sum(c.isalpha() for c in piece.text)
    fonts = {font for font, count in letters.items() if count} or {main.font}
    level = [p for p in group if abs(p.baseline - main.baseline) <= SAME_LINE_EM * main.size]
    return Segment(
        text="".join(_texts(group, main)).strip(),
        page=page,
        x0=group[0].x0,
        x1=max(p.x1 for p in group),
        top=min(p.top for p in level),
        bottom=max(p.bottom for p in level),
        baseline=main.baseline,
        size=max(sizes, key=lambda size: (sizes[size], size)),
        bold=all("b" in font for font in fonts),
        italic=all("i" in font for font in fonts),
    )


def _texts(group: Sequence[Piece], main: Piece) -> Iterator[str]:
    before: Piece | None = None
    for piece in group:
        text = normalised(piece.text)
        gap = piece.x0 - before.x1 if before else 0.0
        if before and gap > WORD_GAP_EM * main.size and not before.text[-1:].isspace():
            yield " "
        up = main.baseline - piece.baseline
        high = piece.size <= SMALLER * main.size and up > SAME_LINE_EM * main.size
        yield raised(text) if high else text
        before = piece


def _merged(segments: Iterable[Segment], gap_em: float) -> list[Segment]:
    """Join what stands side by side on one line, though the file prints it in another order."""
    merged: list[Segment] = []
    for segment in sorted(segments, key=lambda s: (round(s.baseline), s.x0)):
        last = merged[-1] if merged else None
        if last is not None and _touches(last, segment, gap_em):
            merged[-1] = _joined(last, segment)
        else:
            merged.append(segment)
    return sorted(merged, key=lambda s: (s.baseline, s.x0))


def _touches(last: Segment, segment: Segment, gap_em: float) -> bool:
    em = max(last.size, segment.size)
    level = abs(last.baseline - segment.baseline) <= SAME_LINE_EM * em
    return level and -0.3 * em < segment.x0 - last.x1 < gap_em * em


def _joined(last: Segment, segment: Segment) -> Segment:
    space = " " if segment.x0 - last.x1 > WORD_GAP_EM * max(last.size, segment.size) else ""
    longer = max(last, segment, key=lambda s: len(s.text))
    return replace(
        longer,
        text=last.text + space + segment.text,
        x0=last.x0,
        x1=max(last.x1, segment.x1),
        top=min(last.top, segment.top),
        bottom=max(last.bottom, segment.bottom),
        bold=last.bold and segment.bold,
        italic=last.italic and segment.italic,
    )


def _with_dots(segments: list[Segment], page: Page) -> list[Segment]:
    """Put a bullet before the text that a drawn dot stands beside."""
    for x, y in page.dots:
        near = [
            (s.x0 - x, at)
            for at, s in enumerate(segments)
            if s.top < y < s.bottom and 0 < s.x0 - x < DOT_REACH_EM * s.size
        ]
        if near:
            at = min(near)[1]
            if not segments[at].text.startswith("•"):
                # the text keeps its own left edge: nested lists are told apart by it
                segments[at] = replace(segments[at], text=f"• {segments[at].text}")
    return segments
