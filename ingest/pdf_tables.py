"""Where a page holds a table: between level rules, or where short entries stand under each other.

What is found is taken out of the page and replaced by one segment that holds the table's rows
(`ingest.pdf_cells`), so that no cell is ever read into a sentence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.pdf_cells import Grid, Row, read_rows, rows_of
from ingest.pdf_pages import Rule
from ingest.pdf_segments import Segment

MIN_RULE = 40.0  # points: shorter ones underline
SAME_EDGE = 6.0
MIN_ROWS = 3
MAX_CELL_CHARS = 40  # in the middle of all cells; longer ones are prose in columns
MAX_GRID_CELL_CHARS = 90
GRID_RULES = 5  # from so many rules on, they part the rows of a table
MAX_OPEN_GAP_EM = 3.0  # between the rows of a table without rules

_MARKER = re.compile(r"(?:[•◦▪‣●○·*–—-]|[\[(]?\d{1,3}[\])]?[.)]?|[a-z][.)])")
_VALUE = re.compile(r"[\d(<>≤≥±+−–—-]|n/?a\b|yes\b|no\b|ref", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabled:
    """Segments with tables replaced, and how many of those could only be kept line by line."""

    segments: list[Segment]
    tables: int = 0
    unclear: int = 0


def with_ruled_tables(
    segments: Sequence[Segment], rules: Sequence[Rule], fine: Sequence[Segment]
) -> Tabled:
    """Replace what stands between the rules of tables.

    `fine` are the page's segments parted at narrower gaps: cells may stand close together.
    """
    left = list(segments)
    placed: list[Segment] = []
    unclear = 0
    for group in _grouped(_long_rules(rules)):
        for run in _tabular_runs(fine, group):
            inside = [s for s in left if _within(s, run[0], run[-1])]
            grid = _ruled_grid([s for s in fine if _within(s, run[0], run[-1])], run)
            place, clear = _placed(inside, grid, top=run[0].y)
            left = [s for s in left if s not in inside]
            placed.append(place)
            unclear += not clear
    return Tabled(segments=left + placed, tables=len(placed), unclear=unclear)


def with_open_tables(segments: Sequence[Segment]) -> Tabled:
    """Replace tables without rules in one column of a page."""
    kept: list[Segment] = []
    run: list[Row] = []
    tables = unclear = 0
    for row in (*rows_of([s for s in segments if not s.rows]), None):
        if row is not None and _could_be_row(row) and (not run or _follows(run[-1], row)):
            run.append(row)
            continue
        if _is_open_table(run):
            inside = [s for line in run for s in line]
            place, clear = _placed(inside, Grid(head=(), body=tuple(run)), top=run[0][0].top)
            kept.append(place)
            tables, unclear = tables + 1, unclear + (not clear)
        else:
            kept += [s for line in run for s in line]
        run = [row] if row is not None and _could_be_row(row) else []
        kept += row if row is not None and not run else []
    kept += [s for s in segments if s.rows]
    return Tabled(segments=kept, tables=tables, unclear=unclear)


def _placed(inside: Sequence[Segment], grid: Grid, *, top: float) -> tuple[Segment, bool]:
    lines, clear = read_rows(grid)
    size = median(s.size for s in inside)
    place = Segment(
        text="",
        page=inside[0].page,
        x0=min(s.x0 for s in inside),
        x1=max(s.x1 for s in inside),
        top=top,
        bottom=max(s.bottom for s in inside),
        baseline=top + size,
        size=size,
        rows=lines,
    )
    return place, clear


def _long_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Join the borders of neighbouring cells to rules over the whole width."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (round(r.y / 2), r.x0)):
        last = joined[-1] if joined else None
        if last is not None and abs(last.y - rule.y) < 2 and rule.x0 - last.x1 < 4:  # noqa: PLR2004 - points
            joined[-1] = Rule(x0=min(last.x0, rule.x0), x1=max(last.x1, rule.x1), y=last.y)
        else:
            joined.append(rule)
    return [r for r in joined if r.x1 - r.x0 >= MIN_RULE]


def _grouped(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Give the rules of equal extent together, from the top down."""
    left = sorted(rules, key=lambda r: (r.x0 - r.x1, r.y))
    while left:
        first = left[0]
        group = [r for r in left if abs(r.x0 - first.x0) < SAME_EDGE > abs(r.x1 - first.x1)]
        left = [r for r in left if r not in group]
        group.sort(key=lambda r: r.y)
        apart = [r for at, r in enumerate(group) if not at or r.y - group[at - 1].y > 2]  # noqa: PLR2004 - a double rule is one
        if len(apart) > 1:
            yield apart


def _within(segment: Segment, upper: Rule, lower: Rule) -> bool:
    inside = upper.x0 - SAME_EDGE <= segment.x0 and segment.x1 <= upper.x1 + SAME_EDGE
    return inside and upper.y < segment.middle < lower.y


def _tabular_runs(segments: Sequence[Segment], rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Give runs of consecutive rules with nothing but a table's rows between them."""
    most = MAX_GRID_CELL_CHARS if len(rules) >= GRID_RULES else MAX_CELL_CHARS
    run: list[Rule] = []
    sure = 0  # the rows with several cells in the run
    for upper, lower in pairwise(rules):
        rows = _rows_between(segments, upper, lower)
        several = [row for row in rows or () if len(row) > 1]
        tabular = (
            bool(several) and _short(several, most) and 5 * len(several) >= 2 * len(rows or ())
        )
        small = rows is not None and len(rows) <= MIN_ROWS
        if tabular or (small and run):
            run = [*(run or [upper]), lower]
            sure += len(several)
            continue
        if sure > 1:
            yield run
        run, sure = [], 0
    if sure > 1:
        yield run


def _rows_between(segments: Sequence[Segment], upper: Rule, lower: Rule) -> list[Row] | None:
    """Return the rows between two rules; None where text runs past the rules' ends."""
    between = [
        s for s in segments if upper.y < s.middle < lower.y and s.x1 > upper.x0 and s.x0 < upper.x1
    ]
    if not all(_within(s, upper, lower) for s in between):
        return None
    return rows_of(between)


def _short(rows: Sequence[Row], most_chars: int) -> bool:
    return median(len(s.text) for row in rows for s in row) <= most_chars


def _ruled_grid(inside: Sequence[Segment], rules: Sequence[Rule]) -> Grid:
    """Part the head from the body, and the rows from each other where rules do that."""
    gaps = [
        rows_of([s for s in inside if upper.y < s.middle < lower.y])
        for upper, lower in pairwise(rules)
    ]
    gaps = [rows for rows in gaps if rows]
    if len(gaps) == 1:
        bold = [row for row in gaps[0] if all(s.bold for s in row)]
        head = gaps[0][:1] if bold == gaps[0][:1] else []
        return Grid(head=tuple(head), body=tuple(gaps[0][len(head) :]))
    ruled = len(gaps) >= GRID_RULES - 2 and median(len(rows) for rows in gaps[1:]) <= MIN_ROWS
    if ruled:
        body = tuple(tuple(s for row in rows for s in row) for rows in gaps[1:])
    else:
        body = tuple(row for rows in gaps[1:] for row in rows)
    return Grid(head=tuple(gaps[0]), body=body, wrapped=ruled)


def _could_be_row(row: Row) -> bool:
    return len(row) > 1 and not _MARKER.fullmatch(row[0].text)


def _follows(before: Row, row: Row) -> bool:
    return row[0].baseline - before[0].baseline < MAX_OPEN_GAP_EM * row[0].size


def _is_open_table(run: Sequence[Row]) -> bool:
    """Tell whether rows stand under each other in columns; the gaps of justified lines do not.

    Lines that all end at one edge may be justified: then every cell has to stand in its column.
    """
    if len(run) < MIN_ROWS or not _short(run, MAX_CELL_CHARS):
        return False
    columns = [[row[at] for row in run] for at in range(1, min(len(row) for row in run))]
    if _same_edge([row[-1].x1 for row in run]):
        even = len({len(row) for row in run}) == 1
        return even and all(_in_column(cells) for cells in columns)
    return any(_aligned(cells) for cells in columns)


def _same_edge(places: Sequence[float]) -> bool:
    return max(places) - min(places) < SAME_EDGE / 2


def _in_column(cells: Sequence[Segment]) -> bool:
    """Tell whether all cells share an edge; the right one counts for values alone."""
    values = all(_VALUE.match(c.text) for c in cells)
    return _same_edge([c.x0 for c in cells]) or (values and _same_edge([c.x1 for c in cells]))


def _aligned(cells: Sequence[Segment]) -> bool:
    edge = median(c.x0 for c in cells)
    starting = sum(abs(c.x0 - edge) < SAME_EDGE / 2 for c in cells)
    values = sum(bool(_VALUE.match(c.text)) for c in cells)
    return 5 * max(starting, values) >= 4 * len(cells)
