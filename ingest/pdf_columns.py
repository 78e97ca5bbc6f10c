"""The order in which the parts of a page are read: bands over the full width, columns inside them.

A gutter is an upright strip that no text crosses over several lines, with a column of prose on
both sides: lines that start at the strip's right edge, and that fill most of the width between.
Whatever crosses the strip (a title, an abstract, a table) ends the columns above it and is read
before those below. Columns of short entries side by side are no columns but a table.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import takewhile
from statistics import median

from ingest.pdf_segments import Segment

MIN_LINES = 4
MANY_LINES = 10
MIN_GUTTER_EM = 0.6
MIN_COLUMN_SHARE = 0.18  # of the width of the region
MIN_FILL = 0.4  # a side of two columns is filled by half in places
MIN_LINE_CHARS = 14
SAME_EDGE = 2.0  # points
MAX_COLUMNS_DEPTH = 3
MAX_LAST_LINES = 2
HANGING_EM = 2.5  # how far lines may be indented in their column
LARGER = 1.05  # times the size of most lines around: a heading
MAX_UNEVEN_EM = 4.0  # between the ends of columns that are balanced
MAX_GAP_EM = 8.0


Gutter = tuple[float, float]


def regions(
    segments: Sequence[Segment], known: Sequence[Gutter] = (), depth: int = 0
) -> Iterator[list[Segment]]:
    """Give the parts of a page in reading order; none of them holds columns side by side.

    `known` are the gutters of other pages, for a page with too few lines to show its own.
    """
    gutter = gutter_of(segments) if depth < MAX_COLUMNS_DEPTH else None
    gutter = gutter or next((g for g in known if _parts(segments, g)), None)
    if gutter is None:
        if segments:
            yield sorted(segments, key=lambda s: (s.baseline, s.x0))
        return
    left_edge, right_edge = gutter
    crossing = [s for s in segments if s.x0 < right_edge - 1 and s.x1 > left_edge + 1]
    ids = {id(s) for s in crossing}
    rest = [s for s in segments if id(s) not in ids]
    crossing += _beside(crossing, rest)
    ids = {id(s) for s in crossing}
    bands = [
        part
        for full, band in _bands(crossing, [s for s in segments if id(s) not in ids])
        for part in _cut_at_headings(full, band, left_edge)
    ]
    for full, band in _with_headings(_with_last_lines(bands, left_edge), left_edge):
        if full:
            yield sorted(full, key=lambda s: (s.baseline, s.x0))
        left = [s for s in band if s.x0 < left_edge]
        yield from regions(left, known, depth + 1)
        yield from regions([s for s in band if s.x0 >= left_edge], known, depth + 1)


def _parts(segments: Sequence[Segment], gutter: Gutter) -> bool:
    """Tell whether a gutter has text on both sides, the right one starting at its edge."""
    left, edge = gutter
    starting = any(0 <= s.x0 - edge + SAME_EDGE < HANGING_EM * s.size for s in segments)
    return starting and any(s.x1 <= left + SAME_EDGE for s in segments)


_Band = tuple[list[Segment], list[Segment]]


def _with_last_lines(bands: Sequence[_Band], left_edge: float) -> list[_Band]:
    """Put the short last lines of full-width paragraphs, which end before the gutter, to them."""
    joined: list[_Band] = []
    for full, band in bands:
        alone = full and len(_rows(band)) <= MAX_LAST_LINES and all(s.x0 < left_edge for s in band)
        lines, rest = ([*full, *band], []) if alone else (full, band)
        if joined and not joined[-1][1]:
            joined[-1] = ([*joined[-1][0], *lines], rest)
        else:
            joined.append((lines, rest))
    return joined


def _cut_at_headings(full: list[Segment], band: list[Segment], left_edge: float) -> Iterator[_Band]:
    """Cut columns at a heading over both of them that ends before the gutter.

    Both columns break off at one height above it, and go on at one height below it.
    """
    usual = median(s.size for s in band) if band else 0.0
    for heading in sorted((s for s in band if s.x0 < left_edge), key=lambda s: s.baseline):
        if not (heading.bold or heading.size > LARGER * usual) or heading not in band:
            continue
        above = [s for s in band if s.bottom <= heading.top + usual / 2 and s is not heading]
        below = [s for s in band if s.top >= heading.bottom - usual / 2]
        if len(above) + len(below) + 1 < len(band) or not _breaks_off(
            above, below, left_edge, usual
        ):
            continue
        yield full, above
        full, band = [heading], below
    yield full, band


def _breaks_off(
    above: Sequence[Segment], below: Sequence[Segment], left_edge: float, usual: float
) -> bool:
    """Tell whether two columns end together, and begin together not far below."""
    sides = [
        ([s for s in part if s.x0 < left_edge], [s for s in part if s.x0 >= left_edge])
        for part in (above, below)
    ]
    if not all(left and right for left, right in sides):
        return False
    ends = [max(s.bottom for s in side) for side in sides[0]]
    starts = [min(s.top for s in side) for side in sides[1]]
    near = abs(ends[0] - ends[1]) < MAX_UNEVEN_EM * usual > abs(starts[0] - starts[1])
    return near and starts[1] - ends[1] < MAX_GAP_EM * usual


def _with_headings(bands: Sequence[_Band], left_edge: float) -> Iterator[_Band]:
    """Move a heading that stands below both columns to the full-width text that it opens."""
    carried: list[Segment] = []
    for at, (full, band) in enumerate(bands):
        right = max((s.bottom for s in band if s.x0 >= left_edge), default=None)
        moved = []
        if at + 1 < len(bands) and right is not None:
            usual = median(s.size for s in band)
            below = sorted((s for s in band if s.top > right - 1), key=lambda s: -s.baseline)
            moved = list(takewhile(lambda s: s.bold or s.size > LARGER * usual, below))  # noqa: B023 - used at once
        yield [*carried, *full], [s for s in band if s not in moved]
        carried = moved


def _beside(crossing: Sequence[Segment], rest: Sequence[Segment]) -> list[Segment]:
    """Return what shares its line with text across the gutter: the rest of a justified line."""
    found = []
    for segment in rest:
        for other in crossing:
            apart = max(segment.x0 - other.x1, other.x0 - segment.x1)
            level = abs(segment.baseline - other.baseline) < 0.15 * segment.size
            if level and apart < 3 * segment.size:
                found.append(segment)
                break
    return found


def _bands(
    crossing: Sequence[Segment], rest: Sequence[Segment]
) -> Iterator[tuple[list[Segment], list[Segment]]]:
    """Give (full-width lines, column text below them) from the top down."""
    full: list[Segment] = []
    band: list[Segment] = []
    marked = [(s.middle, 0, s) for s in crossing] + [(s.middle, 1, s) for s in rest]
    for _, kind, segment in sorted(marked, key=lambda m: (m[0], m[1], m[2].x0)):
        if kind == 0:
            if band:
                yield full, band
                full, band = [], []
            full.append(segment)
        else:
            band.append(segment)
    if full or band:
        yield full, band


def gutters_of(segments: Sequence[Segment], depth: int = 0) -> list[Gutter]:
    """Return all gutters of a page: of three columns, two."""
    gutter = gutter_of(segments) if depth < MAX_COLUMNS_DEPTH else None
    if gutter is None:
        return []
    left = [s for s in segments if s.x1 <= gutter[0] + 1]
    right = [s for s in segments if s.x0 >= gutter[1] - 1]
    return [gutter, *gutters_of(left, depth + 1), *gutters_of(right, depth + 1)]


def gutter_of(segments: Sequence[Segment]) -> Gutter | None:
    """Return the edges of the strip that most lines of prose start at, None without columns."""
    if len(segments) < 2 * MIN_LINES:
        return None
    left, right = min(s.x0 for s in segments), max(s.x1 for s in segments)
    least = MIN_COLUMN_SHARE * (right - left)
    best: tuple[int, float, float] | None = None
    tried: float | None = None
    for edge in sorted({s.x0 for s in segments if left + least < s.x0 < right - least}):
        if tried is not None and edge - tried < SAME_EDGE / 2:
            continue
        tried = edge
        aligned = [s for s in segments if 0 <= s.x0 - edge < HANGING_EM * s.size]
        if len(aligned) < MIN_LINES and any(s.x0 < edge - 1 < s.x1 for s in segments):
            continue
        found = _strip(segments, aligned, edge, left, right)
        if found and (
            best is None or (found[0], found[2] - found[1]) > (best[0], best[2] - best[1])
        ):
            best = found
    return best[1:] if best else None


def _strip(
    segments: Sequence[Segment], aligned: Sequence[Segment], edge: float, left: float, right: float
) -> tuple[int, float, float] | None:
    """Return (lines, left edge, right edge) of the strip before `edge`, None where it is none."""
    size = median(s.size for s in aligned)
    limit = edge - MIN_GUTTER_EM * size
    right_rows = _rows([s for s in segments if s.x0 >= edge - SAME_EDGE / 2])
    left_rows = _rows([s for s in segments if s.x1 <= limit])
    crossed = [(s.top, s.bottom) for s in segments if s.x0 < edge - 1 and s.x1 > limit]
    free = [y for y in right_rows if not any(top < y < bottom for top, bottom in crossed)]
    beside = [y for y in left_rows if not any(top < y < bottom for top, bottom in crossed)]
    starting = [y for y in free if right_rows[y][0] < edge + HANGING_EM * size]
    # a few lines at the head of the last column: nothing else may cross the strip
    few = starting and not crossed and len(beside) >= MANY_LINES
    if (_longest_run(starting, crossed) < MIN_LINES and not few) or len(beside) < MIN_LINES:
        return None
    column_right = max(right_rows[y][1] for y in free)
    column_left = min(left_rows[y][0] for y in beside)
    strip_left = max(left_rows[y][1] for y in beside)
    if min(column_right - edge, strip_left - column_left) < MIN_COLUMN_SHARE * (right - left):
        return None
    filled = _is_prose([right_rows[y] for y in free], column_right - edge) and _is_prose(
        [left_rows[y] for y in beside], strip_left - column_left
    )
    return (len(starting), strip_left, edge) if filled else None


def _longest_run(lines: Sequence[float], crossed: Sequence[tuple[float, float]]) -> int:
    """Count the most lines that follow each other with nothing across the strip between them."""
    marked = [(y, 1) for y in lines] + [((top + bottom) / 2, 0) for top, bottom in crossed]
    longest = run = 0
    for _, free in sorted(marked):
        run = run + 1 if free else 0
        longest = max(longest, run)
    return longest


_Row = tuple[float, float, int]


def _rows(segments: Sequence[Segment]) -> dict[float, _Row]:
    """Return left edge, right edge and characters of each line by the middle of its letters."""
    rows: dict[float, list[Segment]] = defaultdict(list)
    for segment in sorted(segments, key=lambda s: s.baseline):
        last = next(reversed(rows), None)
        if last is not None and abs(rows[last][0].baseline - segment.baseline) < 2:  # noqa: PLR2004 - points
            rows[last].append(segment)
        else:
            rows[segment.baseline - 0.3 * segment.size].append(segment)
    return {
        y: (min(s.x0 for s in row), max(s.x1 for s in row), sum(len(s.text) for s in row))
        for y, row in rows.items()
    }


def _is_prose(rows: Sequence[_Row], width: float) -> bool:
    fill = median(x1 - x0 for x0, x1, _ in rows)
    return fill >= MIN_FILL * width and median(chars for *_, chars in rows) >= MIN_LINE_CHARS
