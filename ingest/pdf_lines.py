"""The lines of a PDF in reading order, each with the column that it stands in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.pdf_cells import rows_of
from ingest.pdf_columns import gutters_of, regions
from ingest.pdf_pages import Page, Rule
from ingest.pdf_segments import CELL_GAP_EM, Segment, segments_of
from ingest.pdf_tables import Tabled, with_open_tables, with_ruled_tables
from ingest.pdf_text import RAISED

SMALL = 0.93  # of the body's size: what is set smaller is no running text
FOOT_SHARE = 0.45  # of the page's height, in which footnotes stand
RULE_ABOVE_EM = 2.5
_NOTE_MARKS = ("*", "†", "‡", "§", "¶", "#", RAISED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A printed line, or (with `rows`) a whole table in its place.

    `left` and `right` are the edges of its column; `column` counts the columns of the document.
    `text_x0` is where the words after a marker start, when that stands apart.
    """

    text: str
    page: int
    column: int
    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    size: float
    left: float
    right: float
    bold: bool = False
    italic: bool = False
    text_x0: float | None = None
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """All lines in reading order, the footnotes apart, and how many tables there were."""

    lines: tuple[Line, ...]
    footnotes: tuple[tuple[Line, ...], ...] = ()
    tables: int = 0
    unclear_tables: int = 0


def body_size(pages: Iterable[Sequence[Segment]]) -> float:
    """Return the font size, in points, that most characters are set in."""
    counts: Counter[float] = Counter()
    for segments in pages:
        for segment in segments:
            counts[round(segment.size * 2) / 2] += len(segment.text)
    return max(counts, key=lambda size: (counts[size], size), default=10.0)


def flow_of(pages: Sequence[tuple[Page, Sequence[Segment]]], body: float) -> Flow:
    """Put all pages' segments in reading order, tables in place, footnotes apart."""
    lines: list[Line] = []
    footnotes: list[tuple[Line, ...]] = []
    column = tables = unclear = 0
    ruled_pages = [_with_ruled_tables(page, segments) for page, segments in pages]
    gutters = sorted({g for ruled in ruled_pages for g in gutters_of(ruled.segments)})
    for (page, _), ruled in zip(pages, ruled_pages, strict=True):
        tables, unclear = tables + ruled.tables, unclear + ruled.unclear
        for region in regions(ruled.segments, gutters):
            opened = with_open_tables(region)
            tables, unclear = tables + opened.tables, unclear + opened.unclear
            found = list(_lines(opened.segments, column))
            column += 1
            kept, notes = _without_footnotes(found, page, body)
            lines += kept
            footnotes += [notes] if notes else []
    return Flow(
        lines=tuple(lines), footnotes=tuple(footnotes), tables=tables, unclear_tables=unclear
    )


def _with_ruled_tables(page: Page, segments: Sequence[Segment]) -> Tabled:
    if len(page.rules) < 2:  # noqa: PLR2004 - a table has an upper and a lower edge
        return Tabled(segments=list(segments))
    return with_ruled_tables(segments, page.rules, segments_of(page, CELL_GAP_EM))


def _lines(segments: Sequence[Segment], column: int) -> Iterator[Line]:
    plain = [s for s in segments if not s.rows]
    left = min(s.x0 for s in segments)
    right = max(s.x1 for s in segments)
    placed = [*([s] for s in segments if s.rows), *(list(row) for row in rows_of(plain))]
    for row in sorted(placed, key=lambda row: row[0].baseline):
        yield _line(row, column, left, right)


def _line(row: Sequence[Segment], column: int, left: float, right: float) -> Line:
    longest = max(row, key=lambda s: len(s.text))
    return Line(
        text=" ".join(s.text for s in row),
        page=longest.page,
        column=column,
        x0=row[0].x0,
        x1=max(s.x1 for s in row),
        top=min(s.top for s in row),
        bottom=max(s.bottom for s in row),
        baseline=longest.baseline,
        size=longest.size,
        left=left,
        right=right,
        bold=all(s.bold for s in row),
        italic=all(s.italic for s in row),
        text_x0=row[1].x0 if len(row) > 1 else None,
        rows=longest.rows,
    )


def _without_footnotes(
    lines: Sequence[Line], page: Page, body: float
) -> tuple[list[Line], tuple[Line, ...]]:
    """Part the small lines at a column's foot that a rule or a note's mark sets off."""
    start = len(lines)
    while start and _at_foot(lines[start - 1], page, body):
        start -= 1
    while start < len(lines):
        ruled = any(_rule_above(lines[start], rule) for rule in page.rules)
        if ruled or lines[start].text.startswith(_NOTE_MARKS):
            break
        start += 1
    return list(lines[:start]), tuple(lines[start:])


def _at_foot(line: Line, page: Page, body: float) -> bool:
    low = line.top > (1 - FOOT_SHARE) * page.height
    return low and not line.rows and line.size <= SMALL * body


def _rule_above(line: Line, rule: Rule) -> bool:
    near = 0 < line.baseline - rule.y < RULE_ABOVE_EM * line.size
    short = rule.x1 - rule.x0 < 0.7 * max(1.0, line.right - line.left)
    return near and short and abs(rule.x0 - line.left) < line.size
