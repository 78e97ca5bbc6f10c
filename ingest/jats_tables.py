"""Tables of a JATS article as lines, one for each row of the body.

A row is given as printed, its cells parted by spaces, and then once more with the heads of its
columns, so that each value can be told from its neighbours:

    Fat (g) Casein 0.5 0.4 (Nutrient: Casein; Standard: 0.5; New: 0.4)

Heads of several rows are joined by commas, a cell that spans rows is repeated in each, and the
label of an indented row follows the labels that it stands under. A table without heads has its
cells parted by semicolons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ingest.jats_citations import Inline, joined
from ingest.jats_inline import InlineReader

MAX_SPAN = 100  # columns or rows that one cell may claim

_LAYOUT_SPACE = " \t\r\n"  # white space of the XML file, as against printed indentation
_WHOLE_WIDTH = -1  # the indentation of a label over the whole width: less than any other


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """A table cell; `indent` counts the printed spaces before its text."""

    content: Inline
    columns: int
    rows: int
    indent: int
    is_head: bool


_NOTHING = _Cell(content=Inline(text=""), columns=1, rows=1, indent=0, is_head=False)
_Row = tuple[_Cell, ...]  # a cell that spans columns stands at each of them


def table_rows(table: Element, reader: InlineReader) -> list[Inline]:
    """Return the lines of a table; of one without a body, those of its head."""
    heads, body = _heads_and_body(_laid_out(table, reader))
    if not body:
        heads, body = [], heads
    above: list[tuple[int, str]] = []
    lines = [line for line in (_line(row, heads, above) for row in body) if line.text]
    return [*_untold(heads, lines), *lines]


def _untold(heads: Sequence[_Row], lines: Sequence[Inline]) -> Iterator[Inline]:
    """Give the rows of heads that no line tells: over an empty column, or with citations."""
    told = "\n".join(line.text for line in lines)
    for row in heads:
        contents = [cell.content for _, cell in _distinct(row)]
        if any(c.callouts or c.text not in told for c in contents):
            yield joined(contents, "; ")


def _heads_and_body(rows: Sequence[tuple[str, _Row]]) -> tuple[list[_Row], list[_Row]]:
    """Part the rows; without a `thead`, leading rows of nothing but `th` are the heads."""
    heads = [row for part, row in rows if part == "thead"]
    body = [row for part, row in rows if part != "thead"]
    while not heads and body and all(cell.is_head for cell in body[0]):
        first = next((i for i, row in enumerate(body) if not all(c.is_head for c in row)), 0)
        heads, body = body[:first], body[first:]
        if first == 0:
            break
    return heads, body


def _laid_out(table: Element, reader: InlineReader) -> list[tuple[str, _Row]]:
    """Return each row with the part of the table that it stands in, spans filled in."""
    rows: list[tuple[str, _Row]] = []
    for part in (table, *table):
        if part.tag not in ("table", "thead", "tbody", "tfoot"):
            continue
        carried: dict[int, tuple[_Cell, int]] = {}
        for row in part.findall("tr"):
            cells = [_cell(e, reader) for e in row if e.tag in ("td", "th")]
            rows.append((part.tag, _filled(cells, carried)))
    return rows


def _cell(element: Element, reader: InlineReader) -> _Cell:
    printed = "".join(element.itertext()).lstrip(_LAYOUT_SPACE)
    return _Cell(
        content=reader.element(element),
        columns=_span(element.get("colspan")),
        rows=_span(element.get("rowspan")),
        indent=len(printed) - len(printed.lstrip()),
        is_head=element.tag == "th",
    )


def _span(attribute: str | None) -> int:
    text = (attribute or "").strip()
    return min(max(int(text), 1), MAX_SPAN) if text.isdecimal() and len(text) < 9 else 1  # noqa: PLR2004 - longer is nonsense


def _filled(cells: Sequence[_Cell], carried: dict[int, tuple[_Cell, int]]) -> _Row:
    """Lay a row's cells around those carried from rows above; updates `carried`.

    `carried` has, by column, a cell and the number of rows that it still reaches down.
    """
    row: list[_Cell] = []
    waiting = list(reversed(cells))
    reach = max(carried, default=-1)
    while waiting or len(row) <= reach:
        column = len(row)
        if column in carried:
            cell, rows_left = carried.pop(column)
            row.append(cell)
            if rows_left > 1:
                carried[column] = (cell, rows_left - 1)
            continue
        cell = waiting.pop() if waiting else _NOTHING
        for offset in range(cell.columns):
            row.append(cell)
            if cell.rows > 1:
                carried[column + offset] = (cell, cell.rows - 1)
    return tuple(row)


def _line(row: _Row, heads: Sequence[_Row], above: list[tuple[int, str]]) -> Inline:
    """Write one row; `above` are the labels, with their indentation, that it may stand under."""
    cells = _distinct(row)
    if not cells or not any(cell.content.text for _, cell in cells):
        return Inline(text="")
    label = cells[0][1]
    alone = not any(cell.content.text for _, cell in cells[1:])
    indent = label.indent
    if alone and len(cells) == 1 and len(row) > 1:
        indent = _WHOLE_WIDTH
    while above and above[-1][0] >= indent:
        above.pop()
    under = [Inline(text=text) for _, text in above]
    if label.content.text:
        above.append((indent, label.content.text))
    contents = [cell.content for _, cell in cells]
    named = joined([*under, contents[0]], " ")
    if alone:
        return named
    explained = _explained(cells, heads)
    if not explained:
        return joined([named, *contents[1:]], "; ")
    return joined([named, *contents[1:], Inline(text=f"({explained})")], " ")


def _explained(cells: Sequence[tuple[range, _Cell]], heads: Sequence[_Row]) -> str:
    """Write `Head: value; …` for a row; empty where no column has a head."""
    named = [(_head(heads, columns), cell.content.text) for columns, cell in cells]
    if not any(head for head, _ in named):
        return ""
    # The label is explained only by a head of its own: it opens the row as it is.
    told = [(head, text) for at, (head, text) in enumerate(named) if text and (head or at)]
    return "; ".join(f"{head.rstrip(': ')}: {text}" if head else text for head, text in told)


def _distinct(row: _Row) -> list[tuple[range, _Cell]]:
    """Return each cell once, with the columns that it covers."""
    cells: list[tuple[range, _Cell]] = []
    for column, cell in enumerate(row):
        if cells and cells[-1][1] is cell:
            cells[-1] = (range(cells[-1][0].start, column + 1), cell)
        else:
            cells.append((range(column, column + 1), cell))
    return cells


def _head(heads: Sequence[_Row], columns: range) -> str:
    """Join the heads over some columns, from the top down, each text once."""
    found: dict[str, None] = {}
    for row in heads:
        found.update(dict.fromkeys(row[c].content.text for c in columns if c < len(row)))
    return ", ".join(filter(None, found))
