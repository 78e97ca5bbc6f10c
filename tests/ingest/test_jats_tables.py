"""Tables of JATS articles."""

from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.jats_examples import blocks_of, cite, document_of, ref


def rows_of(table: str, *, refs: str = "") -> list[str]:
    document = document_of(f"<p>x</p><table-wrap><table>{table}</table></table-wrap>", refs=refs)
    return [text for kind, text in blocks_of(document) if kind == "row"]


HEAD = "<thead><tr><th>Food</th><th>Old</th><th>New</th></tr></thead>"


def test_a_row_is_given_as_printed_and_with_its_heads() -> None:
    """The cells in order, then each value beside the head of its column; empty cells nowhere."""
    body = "<tbody><tr><td>Fat (g)</td><td>3.5</td><td>3.3</td></tr>"
    body += "<tr><td>Salt</td><td/><td>1</td></tr></tbody>"
    assert rows_of(HEAD + body) == [
        "Fat (g) 3.5 3.3 (Food: Fat (g); Old: 3.5; New: 3.3)",
        "Salt 1 (Food: Salt; New: 1)",
    ]


def test_heads_of_several_rows_are_joined() -> None:
    """A head that spans columns stands over each of them."""
    head = (
        '<thead><tr><th/><th colspan="2">Goats</th></tr><tr><th/><th>n</th><th>%</th></tr></thead>'
    )
    assert rows_of(f"{head}<tr><td>X</td><td>92</td><td>39</td></tr>") == [
        "X 92 39 (Goats, n: 92; Goats, %: 39)"
    ]


def test_a_cell_that_spans_rows_is_repeated() -> None:
    """Every row can be read without the one above."""
    body = '<tbody><tr><td rowspan="2">Fat</td><td>1</td><td>2</td></tr>'
    body += '<tr><td>3</td><td rowspan="1">4</td></tr></tbody>'
    assert rows_of(HEAD + body)[1] == "Fat 3 4 (Food: Fat; Old: 3; New: 4)"


def test_a_cell_that_spans_columns_has_all_their_heads() -> None:
    """It is given once."""
    body = '<tbody><tr><td>Fat</td><td colspan="2">same</td></tr></tbody>'
    assert rows_of(HEAD + body) == ["Fat same (Food: Fat; Old, New: same)"]


def test_indented_rows_follow_the_label_that_they_stand_under() -> None:
    """`mean` alone says nothing; an unindented label ends the group."""
    body = "<tr><td>Fat</td><td/><td/></tr><tr><td>\u2003mean</td><td>1</td><td>2</td></tr>"
    body += "<tr><td>\n  Salt</td><td>5</td><td>6</td></tr>"
    assert [row.partition(" (")[0] for row in rows_of(HEAD + body)] == [
        "Fat",
        "Fat mean 1 2",
        "Salt 5 6",
    ]


def test_a_label_over_the_whole_width_holds_until_the_next() -> None:
    """The rows below it need no indentation."""
    group = '<tr><td colspan="3">{}</td></tr><tr><td>a</td><td>1</td><td>2</td></tr>'
    rows = rows_of(HEAD + group.format("Men") + group.format("Women"))
    assert [row.partition(" (")[0] for row in rows] == ["Men", "Men a 1 2", "Women", "Women a 1 2"]


def test_without_heads_the_cells_are_parted_by_semicolons() -> None:
    """Leading rows of `th` are heads even without a `thead`."""
    assert rows_of("<tr><td>A</td><td>1</td></tr>") == ["A; 1"]
    assert rows_of("<tr><th/><th>n</th></tr><tr><td>A</td><td>1</td></tr>") == ["A 1 (n: 1)"]
    assert rows_of("<thead><tr><th>only</th><th>heads</th></tr></thead>") == ["only; heads"]


def test_a_head_over_an_empty_column_is_told() -> None:
    """That nothing stands under "Grade 3" is something that the table says."""
    head = "<thead><tr><th>Event</th><th>Grade 1</th><th>Grade 3</th></tr></thead>"
    body = "<tr><td>Pain</td><td>5</td><td/></tr>"
    assert rows_of(head + body) == ["Event; Grade 1; Grade 3", "Pain 5 (Event: Pain; Grade 1: 5)"]


def test_caption_rows_and_notes_stand_in_order() -> None:
    """The label opens the caption; remarks and notes follow the rows, introduced like them."""
    document = document_of(
        "<p>Before.</p><table-wrap><label>Table 1.</label><caption><title>Doses</title>"
        "<p>Means. Ranges.</p></caption><alternatives><graphic/><table><tr><td>A</td></tr></table>"
        "</alternatives><table-wrap-foot><fn><label>a</label><p>By weight.</p></fn>"
        "<p>Note.</p></table-wrap-foot></table-wrap>"
    )
    assert blocks_of(document)[1:] == [
        ("caption", "Table 1: Doses"),
        ("row", "A"),
        ("row", "Means. Ranges."),
        ("row", "a By weight."),
        ("row", "Note."),
    ]
    for block in document.blocks[2:]:
        assert [s.of(document.text) for s in document.lead_ins(block)] == ["Table 1: Doses"]


def test_citations_in_cells_are_callouts_of_their_row() -> None:
    """Also those of a cell that holds nothing else."""
    body = f"<tr><td>Doe [{cite(1)}]</td><td>5</td><td>{cite(2)}</td></tr>"
    document = document_of(
        f"<table-wrap><table>{HEAD}{body}</table></table-wrap>", refs=ref(1) + ref(2)
    )
    assert document.text == "Food; Old; New\nDoe 5 (Food: Doe; Old: 5)"
    row = document.blocks[1].sentences[0]
    assert document.numbers_cited_in(row) == (1, 2)
    head = f"<tr><th>Food [{cite(1)}]</th></tr>{body}"
    cited = document_of(f"<table-wrap><table>{head}</table></table-wrap>", refs=ref(1) + ref(2))
    assert cited.numbers_cited_in(cited.blocks[0].sentences[0]) == (1,)


def test_notes_marks_do_not_become_digits() -> None:
    """A raised mark after a value stays raised."""
    mark = '<xref ref-type="table-fn" rid="n">{}</xref>'
    body = f"<tr><td>A</td><td>39.1{mark.format('c')}</td><td>12{mark.format('2')}</td></tr>"
    assert rows_of(HEAD + body) == ["A 39.1ᶜ 12² (Food: A; Old: 39.1ᶜ; New: 12²)"]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(-1, 10**12), st.integers(-1, 10**12)), max_size=4),
        max_size=4,
    )
)
def test_spans_of_any_size_lose_no_cell(rows: list[list[tuple[int, int]]]) -> None:
    """Overlapping, absurd and negative spans still give every cell's word."""
    words: list[str] = []
    table = ""
    for row in rows:
        table += "<tr>"
        for columns, lines in row:
            words.append(f"w{len(words)}")
            table += f'<td colspan="{columns}" rowspan="{lines}">{words[-1]}</td>'
        table += "</tr>"
    text = " ".join(rows_of(table))
    assert all(word in text for word in words)
