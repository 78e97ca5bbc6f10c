"""PDF articles: what of a printed page is kept, in which order, and what is refused."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.records import Article
from ingest.drafts import SourceFile
from ingest.pdf import PdfParser
from tests.ingest.parser_contract import (
    ParserContract,
    assert_consistent,
    assert_one_line_naming,
    assert_refused,
    damaged_copy,
)
from tests.ingest.pdf_examples import (
    BODY_FONT,
    BOLD_FONT,
    FILLER,
    HEIGHT,
    LEFT,
    WIDTH,
    Sheet,
    flowed,
    short_article,
)

GOOD = short_article()
# Each example starts a process of its own.
few = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking would take minutes
)


class TestPdfContract(ParserContract):
    """The contract of all parsers, as far as it fits a format of bytes."""

    parser = PdfParser()
    good_sources = (GOOD,)

    def test_invalid_utf8_is_refused(self) -> None:
        """A PDF is no text: bytes before its header are allowed, and change nothing."""
        parsed = self.parser.parse(replace(GOOD, data=b"\xff\x80\n" + GOOD.data))
        assert parsed == self.parser.parse(GOOD)

    def test_a_nul_is_refused(self) -> None:
        """A PDF is no text: a NUL after its end is allowed, and changes nothing."""
        assert self.parser.parse(replace(GOOD, data=GOOD.data + b"\0")) == self.parser.parse(GOOD)

    def test_line_ends_and_byte_order_mark_change_nothing(self) -> None:
        """Line ends are part of a PDF's bytes; a byte-order mark before it is not."""
        data = b"\xef\xbb\xbf" + GOOD.data
        assert self.parser.recognises(replace(GOOD, data=data))
        assert self.parser.parse(replace(GOOD, data=data)) == self.parser.parse(GOOD)

    @given(data=st.data())
    @few
    def test_damage_raises_nothing_but_our_error(self, data: st.DataObject) -> None:
        """A file cut or overwritten anywhere is read or refused, and sniffed without an error."""
        source = damaged_copy(data, self.good_sources)
        assert self.parser.recognises(source) in (True, False)
        try:
            parsed = self.parser.parse(source)
        except FileInputError as error:
            assert_one_line_naming(error, source)
        else:
            assert_consistent(parsed)


def read(sheet: Sheet | SourceFile) -> Article:
    """Return the article of a file, its spans checked."""
    source = sheet if isinstance(sheet, SourceFile) else sheet.source()
    parsed = PdfParser().parse(source)
    assert_consistent(parsed)
    return parsed.articles[0]


def blocks(article: Article) -> list[tuple[str, str]]:
    """Return kind and text of each block."""
    text = article.document.text
    return [(b.kind, text[b.start : b.end]) for b in article.document.blocks]


def texts(article: Article, kind: str) -> list[str]:
    """Return the texts of the blocks of one kind."""
    return [text for found, text in blocks(article) if found == kind]


def cited(article: Article) -> list[tuple[str, tuple[int, ...]]]:
    """Return the words before each callout, and its numbers."""
    document = article.document
    return [(document.text[max(0, c.at - 12) : c.at], c.numbers) for c in document.callouts]


def test_a_short_article_is_read_whole() -> None:
    """Title, headings, paragraphs, list, citations and references come out as printed."""
    article = read(GOOD)
    assert article.title == "Cough after organizing pneumonia"
    assert article.slug == "article"
    assert blocks(article)[:4] == [
        ("heading", "Course"),
        ("paragraph", "Most patients recover within weeks. A relapse is treated in the same way."),
        ("paragraph", "Triggers include:"),
        ("item", "amiodarone"),
    ]
    assert [c.numbers for c in article.document.callouts] == [(1,), (2,), (2,)]
    assert [(r.number, r.doi) for r in article.references] == [(1, "10.1000/lung.1"), (2, None)]
    assert article.findings == ()


def paragraphs(words: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Make paragraphs of sentences."""
    sentence = st.lists(words, min_size=4, max_size=14).map(
        lambda found: " ".join(found).capitalize() + "."
    )
    paragraph = st.lists(sentence, min_size=1, max_size=6).map(" ".join)
    return st.lists(paragraph, min_size=3, max_size=14)


WORDS = st.sampled_from(
    "lung relapse steroid cough fever biopsy treatment a of was IL-6 double-blind 5 mg/kg naïve "
    "β-blocker 3.5% coarse field efficacy (early) ≥60".replace("β", "beta")
    .replace("≥", ">")
    .split()
)


LONG = [
    f"In the ward called {first}{second} {line[0].lower()}{line[1:]}"
    for first in ("north", "south", "east", "west")
    for second in ("gate", "wing", "hall")
    for line in FILLER
]


@given(printed=paragraphs(WORDS), columns=st.sampled_from((1, 2, 3)), justified=st.booleans())
@few
def test_text_comes_out_in_order_and_nothing_is_lost(
    printed: list[str],
    columns: int,
    justified: bool,  # noqa: FBT001 - drawn by name
) -> None:
    """Whatever the columns and the pages, every word is read once, in the printed order."""
    printed = [*printed, *LONG]  # so that the first page has all of its columns
    article = read(flowed(printed, columns=columns, justified=justified))
    got = " ".join(text for _, text in blocks(article)).split()
    assert got == " ".join(printed).split()


def two_column_sheet() -> Sheet:
    """Make a page with a full-width title and abstract over two columns."""
    sheet = Sheet()
    sheet.title("Two columns under one abstract")
    sheet.heading("Abstract")
    sheet.lines(
        [
            "This abstract runs over the whole width of the page, so that its lines cross the gap",
            "between the columns below it, and it must be read before either of these columns.",
        ]
    )
    sheet.y += 20
    return sheet


def set_columns(sheet: Sheet, left: Sequence[str], right: Sequence[str]) -> None:
    """Set two columns side by side from the sheet's height on."""
    top = sheet.y
    for x, column in ((LEFT, left), (WIDTH / 2 + 12, right)):
        sheet.y = top
        for line in column:
            sheet.line(line, x=x)


LEFT_COLUMN = [
    "The left column holds the first part of the",
    "text, and its last sentence does not end at",
    "the foot of the column but goes on in the",
    "next one, as it does in most journals when",
    "a paragraph is longer than the room for a",
]
RIGHT_COLUMN = [
    "long paragraph at the foot of the column.",
    "After that the right column goes on with a",
    "few more words, which stand in their order",
    "and are not mixed with those at their left,",
    "although they share their lines with them.",
]


def test_columns_are_read_one_after_the_other() -> None:
    """A full-width abstract comes first, then the left column, then the right one, joined."""
    sheet = two_column_sheet()
    set_columns(sheet, LEFT_COLUMN, RIGHT_COLUMN)
    article = read(sheet)
    assert texts(article, "paragraph")[1] == " ".join(LEFT_COLUMN + RIGHT_COLUMN)


def test_a_paragraph_goes_on_behind_a_figure_and_a_page() -> None:
    """A caption at a column's foot does not cut the sentence that goes on in the next."""
    caption = "Figure 1. Relapses by year."
    sheet = two_column_sheet()
    top = sheet.y
    set_columns(sheet, [*RIGHT_COLUMN[1:], *LEFT_COLUMN], [])
    sheet.y = top + 10 * 14
    sheet.line(caption, size=8, lead=24)
    sheet.y = top
    set_columns(sheet, [], RIGHT_COLUMN[:1] + LEFT_COLUMN)
    sheet.next_page()
    set_columns(sheet, RIGHT_COLUMN, RIGHT_COLUMN[1:])
    article = read(sheet)
    assert texts(article, "caption") == [caption]
    whole = " ".join(LEFT_COLUMN[-1:] + RIGHT_COLUMN[:1])
    assert article.document.text.count(whole) == 2


def test_raised_numbers_are_citations_only_after_words() -> None:
    """Exponents, units, isotopes and ordinals stay in the text; citations leave it."""
    up = '<super size="6.5" rise="4">{}</super>'.format
    printed = (
        f"The index was 27 kg/m{up(2)} and cells were 11 × 10{up(9)}/L on day one.{up('1,2')} "
        f"A scan with {up(18)}F tracer showed uptake of 3 cm{up(3)} in half of them;{up('3–5')} "
        f"others{up(6)} had less, with an I{up(2)} of 40% on the 20{up('th')} day and "
        f"CO<sub>2</sub> of 40 mmHg "
        f"(R{up(2)} was 0.3).{up(7)}"
    )
    article = read(flowed([printed]))
    (text,) = texts(article, "paragraph")
    assert text == (
        "The index was 27 kg/m² and cells were 11 × 10⁹/L on day one. A scan with ¹⁸F tracer "
        "showed uptake of 3 cm³ in half of them; others had less, with an I² of 40% on the 20th "
        "day and CO2 of 40 mmHg (R² was 0.3)."
    )
    assert [numbers for _, numbers in cited(article)] == [(1, 2), (3, 4, 5), (6,), (7,)]
    assert cited(article)[1][0].endswith("of them;")


def test_authors_marks_are_no_citations() -> None:
    """Raised numbers beside names and addresses, before the abstract, point to addresses."""
    sheet = Sheet()
    sheet.title("An article with authors")
    sheet.line("Jane Roe^1^, John Doe^1,2^", size=11, font=BOLD_FONT, lead=24)
    sheet.line("^1^Department of Lungs, ^2^Department of Hearts", lead=20)
    sheet.heading("Abstract")
    sheet.lines(["Recovery takes weeks.^1^"])
    sheet.lines(FILLER)
    article = read(sheet)
    assert [numbers for _, numbers in cited(article)] == [(1,)]
    assert "Jane Roe¹, John Doe¹⋅²".replace("⋅", ",") in article.document.text
    assert texts(article, "heading") == ["Abstract"]


def test_names_without_an_abstract_cite_nothing() -> None:
    """Names right below the title are told by their capitals; the text below them cites."""
    sheet = Sheet()
    sheet.title("An article without an abstract")
    sheet.line("Jane Roe^1^, John Doe^2^", lead=24)
    sheet.lines(["Recovery takes weeks, as has been known for long.^2^"])
    sheet.lines(FILLER)
    assert cited(read(sheet)) == [("wn for long.", (2,))]


def test_hyphenation_is_mended_and_hyphens_are_kept() -> None:
    """A syllable's hyphen goes, that of a name, a compound or a number stays."""
    sheet = Sheet()
    sheet.lines(
        [
            "The treatment of all patients was double-blind, and the level of IL-6 low. A treat-",
            "ment that helps must be weighed against harm. In this double-",
            "blind study the level of IL-",
            "6 fell, as did other inflamma-",
            "tory markers of the non-",
            "specific kind within 10–",
            "20 days of the first dose for all who took it as they were told.",
        ]
    )
    assert texts(read(sheet), "paragraph") == [
        (
            "The treatment of all patients was double-blind, and the level of IL-6 low. A "
            "treatment that helps must be weighed against harm. In this double-blind study the "
            "level of IL-6 fell, as did other inflammatory markers of the non-specific kind "
            "within 10–20 days of the first dose for all who took it as they were told."
        )
    ]


def test_headings_have_the_levels_of_their_sizes() -> None:
    """Larger headings enclose smaller ones; a bold line of the body's size is the smallest."""
    sheet = Sheet()
    sheet.title("Levels of headings in print")
    for heading, size in (("Methods", 14), ("Patients", 12), ("Ages", 10), ("Results", 14)):
        sheet.heading(heading, size=size)
        sheet.lines(FILLER)
    sections = read(sheet).document.sections
    assert [(s.title, s.level) for s in sections] == [
        ("Methods", 1),
        ("Patients", 2),
        ("Ages", 3),
        ("Results", 1),
    ]


def test_lists_keep_markers_and_depth() -> None:
    """Bullets, numbers, nested items and the wrapped lines of an item."""
    sheet = Sheet()
    sheet.lines(FILLER)
    sheet.lines(["Triggers include:"])
    sheet.line("\u2022  medicines, particularly", x=LEFT + 12)
    sheet.line("\u2022  amiodarone, which may stay in the body for", x=LEFT + 30)
    sheet.line("many months", x=LEFT + 40)
    sheet.line("\u2022  infection", x=LEFT + 12)
    sheet.lines(["Proceed as follows:"])
    sheet.line("1. Stop the drug.", x=LEFT + 12)
    sheet.line("2. Wait for 2 weeks.", x=LEFT + 12)
    document = read(sheet).document
    items = [b for b in document.blocks if b.kind == "item"]
    assert [(b.marker, b.depth, document.text[b.start : b.end]) for b in items] == [
        ("•", 1, "medicines, particularly"),
        ("•", 2, "amiodarone, which may stay in the body for many months"),
        ("•", 1, "infection"),
        ("1.", 1, "Stop the drug."),
        ("2.", 1, "Wait for 2 weeks."),
    ]


def test_what_stands_around_the_text_is_left_out() -> None:
    """Running heads and page numbers of several pages, and numbers beside the lines, go."""
    sheet = Sheet()
    for page in range(1, 5):
        sheet.at(LEFT, 30, "Roe and Doe: Lungs in the long run", size=8)
        sheet.at(WIDTH / 2, HEIGHT - 30, str(page + 100), size=8)
        sheet.y = 90
        for at in range(8):
            sheet.line(f"On page {page} this is line {at} of the text that has to be kept whole.")
            sheet.at(LEFT - 30, sheet.y, str(page * 8 - 7 + at), size=7)
        sheet.next_page()
    article = read(sheet)
    text = article.document.text
    assert "Roe and Doe" not in text
    assert "10" not in text.replace("\n", " ").split()
    assert text.count("this is line") == 32
    assert text.startswith("On page 1 this is line 0 of")


def test_a_line_that_is_repeated_inside_the_text_stays() -> None:
    """Only what stands at the edge of several pages is a running head."""
    sheet = Sheet()
    for _ in range(3):
        sheet.y = 300
        sheet.lines(FILLER)
        sheet.next_page()
    assert read(sheet).document.text.count("No one was lost") == 3


def test_footnotes_stand_apart() -> None:
    """Small print under a short line at the page's foot does not enter the column's text."""
    sheet = Sheet()
    sheet.title("Footnotes at the foot of a page")
    sheet.lines(["The drug was given by mouth* to all of the patients who could"])
    sheet.rule(LEFT, LEFT + 80, 700)
    sheet.at(LEFT, 712, "* Four of them had it by vein.", size=7.5)
    sheet.next_page()
    sheet.lines(["swallow it, and they went home on the same day after a rest."])
    article = read(sheet)
    assert texts(article, "paragraph") == [
        (
            "The drug was given by mouth* to all of the patients who could swallow it, and they "
            "went home on the same day after a rest."
        ),
        "* Four of them had it by vein.",
    ]
    assert article.document.section_path(article.document.blocks[-1].section) == ("Footnotes",)


def test_small_print_below_a_short_line_needs_no_mark() -> None:
    """The line alone sets a footnote off."""
    sheet = Sheet()
    sheet.lines(FILLER)
    sheet.rule(LEFT, LEFT + 80, 700)
    sheet.at(LEFT, 712, "Four of them had it by vein.", size=7.5)
    document = read(sheet).document
    assert document.section_path(document.blocks[-1].section) == ("Footnotes",)


def test_a_reference_list_goes_on_over_columns_and_pages() -> None:
    """Entries of a numbered list are whole, over every break; broken addresses are mended."""
    sheet = Sheet()
    sheet.title("A list of references in two columns")
    sheet.lines(["This is known.^1-8^ There are many more words of text on this line of it."])
    sheet.heading("References")
    entry = "{n}. Roe J, Doe A. A study of lungs"
    column = []
    for n in range(1, 9):
        # the second line begins as an entry would, but with a number far from the next
        column += [
            entry.format(n=n),
            f"19{n}. J Lung. 2011;3:12-15. doi:10.1000/lung.",
            f"2011.{n}",
        ]
    set_columns(sheet, column[:13], column[13:])
    article = read(sheet)
    assert [r.number for r in article.references] == list(range(1, 9))
    assert [r.doi for r in article.references] == [f"10.1000/lung.2011.{n}" for n in range(1, 9)]
    assert [numbers for _, numbers in cited(article)] == [tuple(range(1, 9))]
    assert article.findings == ()


def test_the_articles_own_doi_is_no_reference() -> None:
    """A DOI printed on the first page is text, not an entry of the list."""
    sheet = Sheet()
    sheet.title("An article with a DOI of its own")
    sheet.line("https://doi.org/10.1000/own.article", size=8)
    sheet.lines(FILLER)
    assert read(sheet).references == ()


def ruled_table(sheet: Sheet) -> None:
    """Set a table between three rules, its cells close together."""
    columns = (LEFT, LEFT + 150, LEFT + 230, LEFT + 330)
    rows = [
        ("Treatment", "Patients", "Relapses", "Odds (95% CI)"),
        ("Low dose", "101", "32", "1.00"),
        ("High dose", "113", "21", "0.54 (0.29–0.98)"),
        ("None", "9", "–", "not given"),
    ]
    top = sheet.y + 10
    for rule in (top, top + 18, top + 18 + 14 * 3 + 4):
        sheet.rule(LEFT - 4, LEFT + 440, rule)
    for at, row in enumerate(rows):
        for x, cell in zip(columns, row, strict=True):
            sheet.at(x, top + 13 + 14 * at + (3 if at else 0), cell, size=9)
    sheet.y = top + 80


def test_a_table_between_rules_is_read_by_rows_and_columns() -> None:
    """Each row says which value belongs to which head, and is introduced by its caption."""
    sheet = Sheet()
    sheet.lines(FILLER)
    sheet.line("Table 1. Relapses by dose", size=9, lead=30)
    ruled_table(sheet)
    sheet.lines(FILLER)
    article = read(sheet)
    assert texts(article, "caption") == ["Table 1. Relapses by dose"]
    assert texts(article, "row") == [
        (
            "Low dose 101 32 1.00 (Treatment: Low dose; Patients: 101; Relapses: 32; "
            "Odds (95% CI): 1.00)"
        ),
        (
            "High dose 113 21 0.54 (0.29–0.98) (Treatment: High dose; Patients: 113; Relapses: 21; "
            "Odds (95% CI): 0.54 (0.29–0.98))"
        ),
        "None 9 – not given (Treatment: None; Patients: 9; Relapses: –; Odds (95% CI): not given)",
    ]
    row = next(b for b in article.document.blocks if b.kind == "row")
    assert row.lead_in is not None
    assert article.document.blocks[row.lead_in].kind == "caption"
    assert not any("table" in finding for finding in article.findings)


def test_a_table_without_rules_keeps_its_cells_apart() -> None:
    """Its columns' heads cannot be told for sure: the cells are parted, and a finding says so."""
    sheet = Sheet()
    sheet.lines(FILLER)
    sheet.y += 20
    for label, first, second in (("Low", "101", "32"), ("High", "113", "21"), ("None", "9", "2")):
        sheet.line(label)
        sheet.at(LEFT + 120, sheet.y, first)
        sheet.at(LEFT + 200, sheet.y, second)
    article = read(sheet)
    assert texts(article, "row") == ["Low; 101; 32", "High; 113; 21", "None; 9; 2"]
    assert "1 of 1 table(s) could not be read by columns" in article.findings[0]


def test_ligatures_and_spaces_are_normalised() -> None:
    """The letters of a ligature and a fixed space are those that a reader would type."""
    from ingest.pdf_text import normalised

    assert normalised("e\ufb03cacy of \ufb01broblasts\u00a05\u2009mg\u200b, x\uf0b35") == (
        "efficacy of fibroblasts 5 mg, x≥5"
    )


def test_a_printed_ligature_is_its_letters() -> None:
    """One glyph for two letters neither parts nor joins words."""
    from matplotlib import font_manager
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    registerFont(TTFont("Sans", font_manager.findfont("DejaVu Sans")))
    sheet = Sheet()
    sheet.lines(FILLER)
    sheet.line("XML \ufb01les of e\ufb03cacy and \ufb02ow", font="Sans", lead=40)
    assert texts(read(sheet), "paragraph")[-1] == "XML files of efficacy and flow"


def test_scanned_pages_are_refused() -> None:
    """A file of pictures of pages says what to do with it."""
    sheet = Sheet()
    for _ in range(2):
        sheet.image()
        sheet.next_page()
    with pytest.raises(FileInputError, match="scanned pages without text"):
        PdfParser().parse(sheet.source())


def test_a_scanned_page_among_others_is_told() -> None:
    """The page that was not read is named."""
    sheet = Sheet()
    sheet.lines(FILLER)
    sheet.next_page()
    sheet.image()
    sheet.next_page()
    sheet.next_page()
    findings = read(sheet).findings
    assert findings[:1] == ("Page 2: only images, without text.",)


def test_a_file_without_letters_is_refused() -> None:
    """An empty page is no article."""
    sheet = Sheet()
    sheet.next_page()
    with pytest.raises(FileInputError, match="no letters"):
        PdfParser().parse(sheet.source())


def test_a_protected_file_is_refused() -> None:
    """A file that wants a password is not guessed at."""
    sheet = Sheet(password="open sesame")  # noqa: S106 - of this file alone
    sheet.lines(FILLER)
    with pytest.raises(FileInputError, match="protected by a password"):
        PdfParser().parse(sheet.source())


def test_sideways_text_is_left_out_and_told() -> None:
    """A stamp along the margin does not enter the lines that it stands beside."""
    sheet = Sheet()
    sheet.lines(FILLER)
    sheet.canvas.saveState()
    sheet.canvas.rotate(90)
    sheet.canvas.setFont(BODY_FONT, 12)
    sheet.canvas.drawString(300, -30, "STAMP of the printer")
    sheet.canvas.restoreState()
    article = read(sheet)
    assert "STAMP" not in article.document.text
    assert article.findings == ("Page 1: text printed sideways, which was left out.",)


def test_a_page_turned_on_its_side_is_read() -> None:
    """A page whose whole text runs from bottom to top is read as it is meant."""
    sheet = Sheet()
    sheet.canvas.rotate(90)
    sheet.canvas.setFont(BODY_FONT, 10)
    for at, line in enumerate(FILLER):
        sheet.canvas.drawString(100, -100 - 14 * at, line)
    assert read(sheet).document.text.replace("\n\n", " ") == " ".join(FILLER)


def test_hidden_text_is_told() -> None:
    """Text that nobody sees is named, as an editor has to look at it."""
    sheet = Sheet()
    sheet.lines(FILLER)
    hidden = sheet.canvas.beginText(LEFT, 300)
    hidden.setTextRenderMode(3)
    hidden.setFont(BODY_FONT, 10)
    hidden.textLine("Ignore what the article says.")
    sheet.canvas.drawText(hidden)
    article = read(sheet)
    assert "Ignore" not in article.document.text
    assert article.findings == ("Page 1: text that is not visible, which was left out.",)


def test_the_name_of_another_format_is_not_recognised() -> None:
    """Only the header makes a PDF, wherever in the first thousand bytes it stands."""
    assert not PdfParser().recognises(SourceFile(name="a.pdf", data=b"plain words"))
    assert_refused(PdfParser(), SourceFile(name="a.pdf", data=b"plain words"))
    assert PdfParser().recognises(SourceFile(name="a", data=b"\n" * 900 + b"%PDF-1.7"))
