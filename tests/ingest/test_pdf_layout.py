"""Columns, tables, running heads and reference lists of a PDF, from segments set by hand."""

from collections.abc import Sequence

from ingest.pdf_cells import Grid, read_rows
from ingest.pdf_columns import gutter_of, regions
from ingest.pdf_front import title_of
from ingest.pdf_furniture import without_furniture
from ingest.pdf_lines import Line
from ingest.pdf_pages import Page, Rule
from ingest.pdf_references import references_of
from ingest.pdf_segments import Segment
from ingest.pdf_tables import with_open_tables, with_ruled_tables

CHAR = 5.0  # width of a character of size 10


def seg(text: str, x: float, y: float, *, size: float = 10, bold: bool = False) -> Segment:
    """Set a segment with its baseline at `y`."""
    return Segment(
        text=text,
        page=1,
        x0=x,
        x1=x + CHAR * size / 10 * len(text),
        top=y - 0.8 * size,
        bottom=y + 0.2 * size,
        baseline=y,
        size=size,
        bold=bold,
    )


def column(words: Sequence[str], x: float, y: float) -> list[Segment]:
    """Set lines under each other, 12 points apart."""
    return [seg(word, x, y + 12 * at) for at, word in enumerate(words)]


def prose(name: str, count: int) -> list[str]:
    """Return lines of one width that name their place."""
    return [f"{name} line {at:02} of forty characters wide" for at in range(count)]


def order(segments: Sequence[Segment]) -> list[str]:
    """Return the texts in reading order."""
    return [s.text for region in regions(segments) for s in region]


def test_columns_are_read_down_and_then_across() -> None:
    """All of the left column comes before the right one."""
    left, right = prose("left", 6), prose("right", 6)
    page = [*column(left, 50, 100), *column(right, 300, 100)]
    assert gutter_of(page) is not None
    assert order(page) == [*left, *right]


def test_full_width_text_parts_the_columns() -> None:
    """Columns above a full-width line are read before it, those below after it."""
    wide = "a caption that reaches over both columns of this page and so parts them, as it must"
    upper, lower = (prose("a", 5), prose("b", 5)), (prose("c", 5), prose("d", 5))
    page = [seg(wide, 50, 170)]
    for (left, right), y in ((upper, 100), (lower, 190)):
        page += [*column(left, 50, y), *column(right, 300, y)]
    assert order(page) == [*upper[0], *upper[1], wide, *lower[0], *lower[1]]


def test_hanging_lines_do_not_move_the_gutter() -> None:
    """A reference list in two columns, its numbers standing out, keeps them with their entries."""
    entries = [f"{at}. entry that is one line of many words" for at in range(1, 7)]
    page = column(prose("left", 12), 50, 100)
    for at, entry in enumerate(entries):
        page += [
            seg(entry, 300, 100 + 24 * at),
            seg("and goes on below in words", 314, 112 + 24 * at),
        ]
    assert order(page)[12:14] == [entries[0], "and goes on below in words"]


def test_a_heading_over_both_columns_cuts_them() -> None:
    """Balanced columns end above a heading that starts at the left, and begin again below it."""
    first, second = (prose("a", 5), prose("b", 5)), (prose("c", 5), prose("d", 5))
    page = [seg("References", 50, 175, size=14, bold=True)]
    for (left, right), y in ((first, 100), (second, 195)):
        page += [*column(left, 50, y), *column(right, 300, y)]
    assert order(page) == [*first[0], *first[1], "References", *second[0], *second[1]]


def test_a_heading_below_the_columns_opens_the_text_below_it() -> None:
    """It stands at the left, but belongs to the full-width lines that it opens."""
    left, right = prose("a", 5), prose("b", 5)
    wide = "a line that reaches over both of the columns above it and over the gap between them"
    page = [*column(left, 50, 100), *column(right, 300, 100)]
    page += [seg("References", 50, 175, size=14), seg(wide, 50, 195)]
    assert order(page) == [*left, *right, "References", wide]


def test_wide_gaps_in_justified_lines_are_no_columns() -> None:
    """Gaps that do not stand under each other part nothing."""
    page = []
    for at in range(8):
        page += [
            seg("some words of it", 50, 100 + 12 * at),
            seg("others", 150 + 13 * (at % 5), 100 + 12 * at),
        ]
    assert gutter_of(page) is None


def test_a_table_of_short_cells_is_no_pair_of_columns() -> None:
    """Entries side by side are not read one column after the other."""
    page = [*column(["Low", "High", "None", "All", "Some"], 50, 100)]
    page += column(["1", "2", "3", "4", "5"], 300, 100)
    assert gutter_of(page) is None
    opened = with_open_tables(page)
    assert opened.tables == 1
    assert opened.segments[0].rows == ("Low; 1", "High; 2", "None; 3", "All; 4", "Some; 5")


def test_text_between_the_rules_of_a_box_stays_text() -> None:
    """Two rules around prose are a box, not a table."""
    page = column(prose("boxed", 5), 50, 100)
    rules = [Rule(x0=45, x1=400, y=85), Rule(x0=45, x1=400, y=170)]
    assert with_ruled_tables(page, rules, page).tables == 0


def test_two_tables_of_one_width_stay_apart() -> None:
    """The text between two tables does not become a row of either."""
    page, rules = [], []
    for y in (100, 300):
        for at, row in enumerate((("Drug", "n"), ("Low", "3"), ("High", "4"))):
            page += [seg(row[0], 50, y + 14 * at), seg(row[1], 200, y + 14 * at)]
        rules += [Rule(x0=45, x1=300, y=y + shift) for shift in (-12, 4, 34)]
    text = column(prose("between", 6), 50, 180)
    tabled = with_ruled_tables([*page, *text], rules, [*page, *text])
    assert tabled.tables == 2
    assert [s.text for s in tabled.segments if s.text] == prose("between", 6)
    assert tabled.segments[-1].rows[0] == "Low 3 (Drug: Low; n: 3)"


def grid(*rows: Sequence[tuple[str, float]]) -> tuple[tuple[Segment, ...], ...]:
    """Set the rows of a table."""
    return tuple(
        tuple(seg(text, x, 100 + 14 * at) for text, x in row) for at, row in enumerate(rows)
    )


def test_a_head_over_several_columns_is_told_with_each() -> None:
    """`Dose` above `Low` and `High` names both columns."""
    head = grid([("Dose group of all", 150)], [("Outcome", 50), ("Low", 150), ("High", 215)])
    body = grid([("Relapse", 50), ("3", 150), ("4", 215)])
    lines, clear = read_rows(Grid(head=head, body=body))
    assert clear
    assert lines == (
        "Relapse 3 4 (Outcome: Relapse; Dose group of all, Low: 3; Dose group of all, High: 4)",
    )


def test_a_value_is_never_put_into_the_row_above() -> None:
    """Words without a label go on with the cell above; numbers without one are a row."""
    head = grid([("Drug", 50), ("Effect", 150)])
    body = grid([("Low", 50), ("less cough", 150)], [("at night", 150)], [("7", 150)])
    lines, _ = read_rows(Grid(head=head, body=body))
    assert lines == ("Low less cough at night (Drug: Low; Effect: less cough at night)", "7")


def test_a_cell_over_two_columns_makes_the_table_unclear() -> None:
    """Where a value cannot be given its column, no column is named."""
    head = grid([("Drug", 50), ("One", 150), ("Two", 200)])
    body = grid([("Low", 50), ("3", 150), ("4", 200)], [("High", 50), ("the same for all", 150)])
    lines, clear = read_rows(Grid(head=head, body=body))
    assert not clear
    assert lines == ("Drug; One; Two", "Low; 3; 4", "High; the same for all")


def pages_of(*texts: Sequence[Segment]) -> list[tuple[Page, list[Segment]]]:
    """Make pages of 800 points of height."""
    return [
        (Page(number=at, width=600, height=800), list(segments))
        for at, segments in enumerate(texts, start=1)
    ]


def test_running_heads_go_and_captions_stay() -> None:
    """The same words at one height of several pages are furniture, `Table 1` and `Table 2` not."""
    pages = pages_of(
        *(
            [
                seg("J Lungs 2020", 50, 30),
                seg(f"Table {at}", 50, 50),
                seg("Text", 50, 400),
                seg(str(at), 300, 780),
            ]
            for at in (1, 2, 3)
        )
    )
    assert [[s.text for s in page] for page in without_furniture(pages)] == [
        [f"Table {at}", "Text"] for at in (1, 2, 3)
    ]


def test_numbers_that_count_nothing_stay() -> None:
    """A lone number in the margin of one page may belong to a table."""
    pages = pages_of([seg("Text", 50, 400), seg("12", 50, 780)], [seg("More", 50, 400)])
    assert [[s.text for s in page] for page in without_furniture(pages)] == [
        ["Text", "12"],
        ["More"],
    ]


def test_the_declared_title_counts_before_a_larger_name() -> None:
    """The journal's name may be printed larger than the title."""
    page = [seg("The Journal", 50, 50, size=30), seg("Cough in the long run", 50, 90, size=16)]
    pages = pages_of([*page, *column(prose("text", 3), 50, 150)])
    title, rest = title_of("Cough in the Long Run", pages, body=10, fallback="x")
    assert title == "Cough in the long run"
    assert [s.text for s in rest[0][1]][:1] == ["The Journal"]
    assert title_of("Microsoft Word - a.docx", pages, body=10, fallback="x")[0] == "The Journal"
    assert (
        title_of("", pages_of(column(prose("text", 3), 50, 150)), body=10, fallback="x")[0] == "x"
    )


def lines(*texts: tuple[str, float]) -> list[Line]:
    """Set the lines of a reference list: text and left edge."""
    return [
        Line(
            text=text, page=1, column=0, x0=x, x1=x + 5 * len(text), top=at * 12,
            bottom=at * 12 + 10, baseline=at * 12 + 8, size=10, left=50, right=300,
        )
        for at, (text, x) in enumerate(texts)
    ]  # fmt: skip


def test_references_without_numbers_are_told_by_how_they_hang() -> None:
    """A line that stands out to the left opens an entry."""
    found = references_of(
        lines(("Doe A. On lungs.", 50), ("J Lung 2001.", 62), ("Roe B. On cough.", 50)), ()
    )
    assert [(r.number, r.title) for r in found] == [
        (None, "Doe A. On lungs. J Lung 2001."),
        (None, "Roe B. On cough."),
    ]


def test_bare_numbers_open_entries_only_in_turn() -> None:
    """A page number at the start of a line is no entry."""
    found = references_of(
        lines(("1 Doe A. On lungs. J Lung 2001:", 50), ("12 to 15.", 62), ("2 Roe B.", 50)), ()
    )
    assert [(r.number, r.title) for r in found] == [
        (1, "Doe A. On lungs. J Lung 2001: 12 to 15."),
        (2, "Roe B."),
    ]
