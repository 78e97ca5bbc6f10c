"""Rows of text as the cells of a table: where each row is cut, and what the columns are called."""

import re
from collections.abc import Sequence

# "Label; Column: value; Column: value", as the Markdown reader lays a row out
_COLUMN = re.compile(r"; ([^;:]{1,200}): ")


def columns_of(rows: Sequence[str]) -> tuple[str, ...]:
    """Return the columns' names when all rows are laid out alike, else nothing.

    >>> columns_of(["Low; Risk: under 3%; Note: a; b: c", "High; Risk: over 8%; Note: none"])
    ('Risk', 'Note')
    """
    named = [dict.fromkeys(match[1] for match in _COLUMN.finditer(row)) for row in rows]
    common = tuple(name for name in named[0] if all(name in others for others in named))
    alike = all(
        len(cuts_of(row, common)) == len(common) and _balanced(row, cuts_of(row, common))
        for row in rows
    )
    return common if alike else ()


def cuts_of(row: str, columns: Sequence[str]) -> list[tuple[int, int]]:
    """Return where each column's name stands in a row, as far as they come in order.

    >>> cuts_of("Low; Risk: under 3%", ["Risk"])
    [(3, 11)]
    """
    found: list[tuple[int, int]] = []
    position = 0
    for name in columns:
        printed = f"; {name}: "
        start = row.find(printed, position)
        if start < 0:
            break
        position = start + len(printed)
        found.append((start, position))
    return found


def _balanced(row: str, cuts: Sequence[tuple[int, int]]) -> bool:
    """Tell whether no cut lies inside brackets: such a row repeats itself and is left whole."""
    return all(row.count("(", 0, at) == row.count(")", 0, at) for at, _ in cuts)
