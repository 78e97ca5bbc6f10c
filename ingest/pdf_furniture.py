"""What a PDF prints around its text: running heads, page numbers and line numbers.

Something is furniture only if the pages themselves show it: the same words (numbers apart) at the
same height of another page, or numbers that count the pages or the lines.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.pdf_cells import Row, rows_of
from ingest.pdf_pages import Page
from ingest.pdf_segments import Segment

MARGIN_SHARE = 0.12  # of the page's height, above and below
SAME_HEIGHT = 6.0  # points
MAX_CHARS = 160
MANY_PAGES = 6
MIN_LINE_NUMBERS = 6
APART_EM = 1.8  # from a running head to the text

_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:page\s*)?[-–—]?\s*(\d+)\s*[-–—]?(?:\s*(?:of|/)\s*\d+)?", re.IGNORECASE
)
_CAPTION = re.compile(
    r"\W*(?:table|fig|figure|box|panel|appendix|section|chapter)\b", re.IGNORECASE
)

_Key = tuple[str, bool, int]
_Pages = Sequence[tuple[Page, Sequence[Segment]]]


def without_furniture(pages: _Pages) -> list[list[Segment]]:
    """Return each page's segments without running heads, page numbers and line numbers."""
    repeated = _repeated(pages)
    shift = _page_number_shift(pages)
    kept: list[list[Segment]] = []
    for page, segments in pages:
        lined = _line_numbers(segments)
        left = [s for at, s in enumerate(segments) if at not in lined]
        rows = rows_of(left)
        out = {
            id(s)
            for edge in (rows, rows[::-1])
            for row in _outermost(page, edge, repeated, shift)
            for s in row
        }
        kept.append([s for s in left if id(s) not in out])
    return kept


def _outermost(
    page: Page, rows: Sequence[Row], repeated: frozenset[_Key], shift: int | None
) -> Iterator[Row]:
    """Give the rows of furniture from one edge inwards, up to the first that is text."""
    for row in rows:
        numbered = any(_numbers(page, s, shift) for s in row)
        known = all(_key(page, s) in repeated or _numbers(page, s, shift) for s in row)
        # a head that changes from page to page beside the page's number
        beside = numbered and row is rows[0] and len(row) > 1 and _apart(rows)
        if not all(_in_margin(page, s) for s in row) or not (known or beside):
            return
        yield row


def _apart(rows: Sequence[Row]) -> bool:
    first, second = rows[0][0], rows[1][0] if len(rows) > 1 else None
    return second is None or abs(second.baseline - first.baseline) > APART_EM * first.size


def _in_margin(page: Page, segment: Segment) -> bool:
    limit = MARGIN_SHARE * page.height
    return segment.bottom < limit or segment.top > page.height - limit


def _key(page: Page, segment: Segment, step: int = 0) -> _Key:
    """Return what a running head shares with its repetitions: words, edge and height."""
    above = segment.bottom < page.height / 2
    distance = segment.baseline if above else page.height - segment.baseline
    words = " ".join(_NUMBER.sub("#", segment.text).split()).lower()
    return words, above, round(distance / SAME_HEIGHT) + step


def _repeated(pages: _Pages) -> frozenset[_Key]:
    """Return the keys of margin texts that stand on several pages; a caption is none."""
    counts: Counter[_Key] = Counter()
    for page, segments in pages:
        found = {
            _key(page, s)
            for s in segments
            if _in_margin(page, s) and len(s.text) <= MAX_CHARS and not _CAPTION.match(s.text)
        }
        counts.update(found)
    least = 2 if len(pages) <= MANY_PAGES else 3
    near = {key: sum(counts[key[0], key[1], key[2] + d] for d in (-1, 0, 1)) for key in counts}
    return frozenset(key for key, count in near.items() if count >= least and key[0] != "#")


def _page_number_shift(pages: _Pages) -> int | None:
    """Return printed number minus position for most pages; None where pages are not counted."""
    shifts: Counter[int] = Counter()
    for page, segments in pages:
        found = {_printed_number(s.text) for s in segments if _in_margin(page, s)}
        shifts.update(number - page.number for number in found if number is not None)
    if not shifts:
        return None
    shift, count = max(shifts.items(), key=lambda item: (item[1], item[0] == 0, -item[0]))
    return shift if count >= min(2, len(pages)) and (len(pages) > 1 or shift == 0) else None


def _printed_number(text: str) -> int | None:
    match = _PAGE_NUMBER.fullmatch(text.strip())
    return int(match[1]) if match and len(match[1]) < 7 else None  # noqa: PLR2004 - no page has more digits


def _numbers(page: Page, segment: Segment, shift: int | None) -> bool:
    return shift is not None and _printed_number(segment.text) == page.number + shift


def _line_numbers(segments: Sequence[Segment]) -> frozenset[int]:
    """Return the positions of numbers that count the lines beside the text."""
    bare = [(at, s) for at, s in enumerate(segments) if s.text.isdecimal() and len(s.text) < 5]  # noqa: PLR2004 - four digits count the longest text
    texts = [s for s in segments if any(c.isalpha() for c in s.text)]
    if len(bare) < MIN_LINE_NUMBERS or not texts:
        return frozenset()
    left, right = min(s.x0 for s in texts), max(s.x1 for s in texts)
    for outside in (
        [(at, s) for at, s in bare if s.x1 <= left],
        [(at, s) for at, s in bare if s.x0 >= right],
    ):
        numbers = [int(s.text) for _, s in outside]
        steps = {b - a for a, b in pairwise(numbers)}
        if len(numbers) >= MIN_LINE_NUMBERS and len(steps) == 1 and steps <= {1, 2, 5, 10}:
            return frozenset(at for at, _ in outside)
    return frozenset()
