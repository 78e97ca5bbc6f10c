"""The rows of a printed table, one line of text for each.

A row is given as printed, its cells parted by spaces, and then once more with the heads of its
columns, as for the tables of other formats:

    Low dose 101 32 (Treatment: Low dose; Patients: 101; Relapses: 32)

Where a cell reaches over several columns, or the columns cannot be told apart, nothing is
explained: the cells are parted by semicolons.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.pdf_segments import Segment

Row = tuple[Segment, ...]

MAX_COLUMNS = 40
SAME_ROW_EM = 0.4
_VALUE_START = re.compile(r"[\d<>≤≥±+−(]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The rows of a table's head and body; `wrapped` when a row may hold several lines."""

    head: tuple[Row, ...]
    body: tuple[Row, ...]
    wrapped: bool = False


_Columns = tuple[tuple[float, float], ...]


def rows_of(segments: Sequence[Segment]) -> list[Row]:
    """Return segments that share a baseline together, from the top down, left to right."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (s.baseline, s.x0)):
        if rows and segment.baseline - rows[-1][0].baseline < SAME_ROW_EM * segment.size:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [tuple(sorted(row, key=lambda s: s.x0)) for row in rows]


def read_rows(grid: Grid) -> tuple[tuple[str, ...], bool]:
    """Return the lines of a table, and whether every value could be given its column."""
    if not grid.body:
        grid = Grid(head=(), body=grid.head)
    columns = _columns(grid.body)
    if grid.wrapped:
        columns = max(_extents([s for row in grid.body for s in row]), columns, key=len)
    rows = [_cells(row, columns) for row in grid.body]
    clear = len(columns) > 1 and all(row is not None for row in rows)
    heads = _heads(grid.head, columns) if clear else None
    if heads is None or not clear:
        lines = [_plain(row) for row in (*grid.head, *(_by_line(grid)))]
        return tuple(line for line in lines if line), False
    full = rows if grid.wrapped else _unwrapped([row for row in rows if row is not None])
    lines = [_explained(row, heads) for row in full if row is not None]
    told = " ".join(lines)
    untold = [_plain(row) for row in grid.head if any(s.text not in told for s in row)]
    return tuple(line for line in (*untold, *lines) if line), any(heads)


def _by_line(grid: Grid) -> list[Row]:
    """Return the body as printed lines: cells of several lines are not put together."""
    return [line for row in grid.body for line in rows_of(row)] if grid.wrapped else [*grid.body]


def _plain(row: Row) -> str:
    return "; ".join(segment.text for segment in row)


def _columns(body: Sequence[Row]) -> _Columns:
    """Return the extents of the columns, as the rows with the most cells show them."""
    lines = [line for row in body for line in rows_of(row)]
    most = max((len(line) for line in lines), default=0)
    if not 1 < most <= MAX_COLUMNS:
        return ()
    extents = _extents([s for line in lines if len(line) == most for s in line])
    return extents if len(extents) == most else ()


def _extents(segments: Sequence[Segment]) -> _Columns:
    """Return the stretches of the width that segments cover."""
    extents: list[tuple[float, float]] = []
    for segment in sorted(segments, key=lambda s: s.x0):
        if extents and segment.x0 < extents[-1][1]:
            extents[-1] = (extents[-1][0], max(extents[-1][1], segment.x1))
        else:
            extents.append((segment.x0, segment.x1))
    return tuple(extents)


def _covered(segment: Segment, columns: _Columns) -> range:
    """Return the positions of the columns that a segment stands over; the nearest for none."""
    over = [at for at, (x0, x1) in enumerate(columns) if segment.x0 < x1 and segment.x1 > x0]
    if over:
        return range(over[0], over[-1] + 1)
    middle = (segment.x0 + segment.x1) / 2
    nearest = min(range(len(columns)), key=lambda at: abs(sum(columns[at]) / 2 - middle))
    return range(nearest, nearest + 1)


def _cells(row: Row, columns: _Columns) -> list[str] | None:
    """Return a row's text by column; None where a cell reaches over several."""
    if not columns:
        return None
    cells = [""] * len(columns)
    for line in rows_of(row):
        for segment in line:
            over = _covered(segment, columns)
            if len(over) > 1 and len(row) > 1:
                return None
            if len(over) > 1:
                over = range(over.start, over.start + 1)  # a label over the whole width
            cells[over.start] = f"{cells[over.start]} {segment.text}".strip()
    return cells


def _heads(head: Sequence[Row], columns: _Columns) -> list[str] | None:
    """Return the head of each column; a head over several columns counts for each of them."""
    heads = [""] * len(columns)
    for row in head:
        for segment in row:
            over = _covered(segment, columns)
            for at in over:
                part = ", " if heads[at].endswith("\x1f") else " "
                heads[at] = heads[at].removesuffix("\x1f")
                heads[at] = f"{heads[at]}{part}{segment.text}" if heads[at] else segment.text
                heads[at] += "\x1f" if len(over) > 1 else ""
    return [text.removesuffix("\x1f") for text in heads]


def _unwrapped(rows: Sequence[list[str]]) -> list[list[str]]:
    """Put the further lines of a wrapped row to its first: no label, and words, not values."""
    whole: list[list[str]] = []
    for row in rows:
        words = [cell for cell in row if cell]
        goes_on = not row[0] and not any(_VALUE_START.match(cell) for cell in words)
        if whole and goes_on:
            whole[-1] = [f"{a} {b}".strip() for a, b in zip(whole[-1], row, strict=True)]
        else:
            whole.append(list(row))
    return whole


def _explained(cells: Sequence[str], heads: Sequence[str]) -> str:
    printed = [cell for cell in cells if cell]
    if len(printed) == 1:
        return printed[0]
    if not any(heads):
        return "; ".join(printed)
    # The label is explained only by a head of its own: it opens the row as it is.
    named = [
        f"{head.rstrip(': ')}: {cell}" if head else cell
        for at, (head, cell) in enumerate(zip(heads, cells, strict=True))
        if cell and (head or at)
    ]
    return f"{' '.join(printed)} ({'; '.join(named)})"
