import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.records import Article, Document, ReviewStatus
from ingest.drafts import SourceFile
from ingest.page_blocks import MAX_DEPTH
from ingest.page_text import PageTextParser
from tests.ingest.parser_contract import ParserContract, assert_consistent

PAGE = """What raises serum potassium?

Clinical Advisory BoardEvery page is checked by our Clinical Advisory Board
Educational purpose only • Be careful: this content is pending human review
Article Review Status
Submitted
Under Review
Approved

Last updated: March 4, 2024View editorial policy

Personalize

Help us tailor your experience

Which best describes you? Your choice helps us.

Causes of Raised Serum Potassium

Potassium rises when the kidney excretes less than is eaten. 1, 2

Drugs

Drugs that raise potassium include:

  • ACE inhibitors 1
  • Diuretics, namely:
    • Amiloride 2
    • Spironolactone (up to 10-30% of users) 2
  • Type 1 antibodies in diabetes type 2

References

Guideline

Potassium in Practice

Renal Board Press, 2019

Research

Potassium and drugs.

Journal of Invented Nephrology, 2020

Professional Medical Disclaimer

This text is intended for healthcare professionals. It replaces no judgement.

Have a follow-up question?

Ask anything and get an answer.
"""

NUMBERED = """Gout in brief

Gout is common 1. It hurts 2.

References

1. First A. Gout today. J Joints 2020;1:2-3. doi:10.1000/J(1)2.
2. Second B. Gout tomorrow.
   J Joints, 2021. PMID: 123456
"""


def read(text: str, name: str = "page.txt") -> Article:
    """Parse a page given as text."""
    return PageTextParser().parse(SourceFile(name=name, data=text.encode())).articles[0]


def blocks_of(document: Document) -> list[tuple[str, int, str, str]]:
    """Return kind, depth, marker and text of every block."""
    return [(b.kind, b.depth, b.marker, document.text[b.start : b.end]) for b in document.blocks]


def cited(document: Document) -> list[tuple[str, tuple[int, ...]]]:
    """Return each callout as the last word before it and its numbers."""
    return [(document.text[: c.at].split()[-1], c.numbers) for c in document.callouts]


class TestPageTextParser(ParserContract):
    parser = PageTextParser()
    good_sources = (
        SourceFile(name="potassium.txt", data=PAGE.encode()),
        SourceFile(name="gout", data=NUMBERED.encode()),
    )


@pytest.fixture
def real_page(shared: Path) -> Article:
    """Return the article page that the project is built around, read whole."""
    path = shared / "samples" / "article" / "cop_page.txt"
    return PageTextParser().parse(SourceFile(name=path.name, data=path.read_bytes())).articles[0]


@pytest.mark.shared
class TestRealPage:
    def test_it_keeps_every_word_of_the_text(self, real_page: Article, shared: Path) -> None:
        """Between first heading and reference list nothing is lost but bullets and citations."""
        page = (shared / "samples" / "article" / "cop_page.txt").read_text(encoding="utf-8")
        start = page.index("Causes of Cryptogenic")
        printed = page[start : page.index("\nReferences\n")]
        printed_letters = [c for c in printed if c.isalpha() or c in "<>%()/:-."]
        kept = real_page.document.text
        markers = sum(len(b.marker) == 2 for b in real_page.document.blocks)
        assert [c for c in kept if c.isalpha()] == [c for c in printed_letters if c.isalpha()]
        assert kept.count(".") == printed_letters.count(".") - markers
        assert all(kept.count(c) == printed_letters.count(c) for c in "<>%()/:-")

    def test_it_keeps_quantities_and_takes_out_citations(self, real_page: Article) -> None:
        """`<3 months`, `60%` and `10-30%` are quantities; the numbers behind them cite."""
        document = real_page.document
        at = {
            document.text[: c.at].rsplit("\n", 1)[-1].strip(): c.numbers for c in document.callouts
        }
        assert at["Subacute illness with relatively short duration (median <3 months)"] == (1,)
        assert at["Fever in approximately 60% of cases"] == (5,)
        assert at["Small pleural effusions in 10-30% of cases"] == (1,)
        assert at["Transplantation (bone marrow or organ)"] == (5, 4)
        assert at["PD1/PDL-1 inhibitors"] == (4,)
        assert len(document.callouts) == 33
        assert document.text.endswith("driven by fibroblastic foci in IPF.")

    def test_it_nests_lists_and_sections(self, real_page: Article) -> None:
        """Sub-items hang on the item that ends with a colon, sections on the page's head."""
        document = real_page.document
        block = next(
            b for b in document.blocks if document.text[b.start :].startswith("Interferon")
        )
        leads = [span.of(document.text) for span in document.lead_ins(block)]
        assert block.depth == 2
        assert leads[0].endswith("organizing pneumonia can be triggered by:")
        assert leads[1] == "Medications, particularly:"
        assert document.section_path(block.section) == (
            "Causes of Cryptogenic Organizing Pneumonia (COP) as an Interstitial Lung Disease",
            "Secondary Organizing Pneumonia vs. Cryptogenic Organizing Pneumonia",
        )
        assert [s.level for s in document.sections] == [1, 2, 2, 2, 2, 2, 2, 2]

    def test_it_reads_what_stands_around_the_text(self, real_page: Article) -> None:
        """Status, date, board, audience and disclaimer come from the page, never approved."""
        assert real_page.slug == "cop_page"
        assert real_page.title.startswith("What causes Cryptogenic Organizing Pneumonia (COP)")
        assert real_page.review_status is ReviewStatus.UNDER_REVIEW
        assert real_page.updated == dt.date(2025, 9, 9)
        assert real_page.editorial_board is not None
        assert real_page.editorial_board.endswith("by our Medical Advisory Board")
        assert real_page.audience_note is not None
        assert "intended for healthcare professionals" in real_page.audience_note
        assert real_page.disclaimer is not None
        assert real_page.disclaimer.endswith("clinical decisions based on this content.")
        for left_out in (
            "Personalize",
            "Which best",
            "follow-up question?",
            "liability",
            "Approved",
        ):
            assert left_out not in real_page.document.text

    def test_it_ties_no_number_to_an_unnumbered_entry(self, real_page: Article) -> None:
        """Six numbers are cited, five entries are listed without any: findings, no guesses."""
        assert [(r.kind, r.year, r.number) for r in real_page.references] == [
            ("guideline", 2025, None),
            ("research", 2021, None),
            ("research", 2012, None),
            ("research", 2023, None),
            ("research", 2022, None),
        ]
        assert real_page.references[3].title == "Update on cryptogenic organizing pneumonia."
        assert real_page.references[3].journal == "Frontiers in medicine"
        said = " ".join(real_page.findings)
        assert "cites the numbers 1 to 6" in said
        assert "has 5 entries and prints no numbers" in said
        assert "no cited number is tied to an entry" in said
        assert "(6) than references are listed (5)" in said


def test_the_text_holds_headings_paragraphs_and_nested_items() -> None:
    """Shape alone tells the blocks; a label's own number stays in the text."""
    document = read(PAGE).document
    assert blocks_of(document) == [
        ("heading", 0, "", "Causes of Raised Serum Potassium"),
        ("paragraph", 0, "", "Potassium rises when the kidney excretes less than is eaten."),
        ("heading", 0, "", "Drugs"),
        ("paragraph", 0, "", "Drugs that raise potassium include:"),
        ("item", 1, "•", "ACE inhibitors"),
        ("item", 1, "•", "Diuretics, namely:"),
        ("item", 2, "•", "Amiloride"),
        ("item", 2, "•", "Spironolactone (up to 10-30% of users)"),
        ("item", 1, "•", "Type 1 antibodies in diabetes type 2"),
    ]
    assert cited(document) == [
        ("eaten.", (1, 2)),
        ("inhibitors", (1,)),
        ("Amiloride", (2,)),
        ("users)", (2,)),
    ]


def test_a_numbered_list_is_read_by_its_printed_numbers() -> None:
    """`1.` beside an entry is its number; a wrapped line goes on with it."""
    article = read(NUMBERED)
    first, second = article.references
    assert (first.number, first.doi) == (1, "10.1000/j(1)2")
    assert first.title == "First A. Gout today. J Joints 2020;1:2-3. doi:10.1000/J(1)2."
    assert (second.number, second.pmid) == (2, "123456")
    assert second.as_listed == "Second B. Gout tomorrow. J Joints, 2021. PMID: 123456"
    assert article.document.text == "Gout is common. It hurts."
    assert article.findings == ()


def test_numbers_that_the_list_lacks_are_a_finding() -> None:
    """A cited number without an entry, and an entry never cited, are both reported."""
    page = "T\n\nA is so. 1, 3\n\nReferences\n\n[1] One thing\n[2] Another thing\n"
    assert read(page).findings == (
        "Cited in the text but not in the reference list: 3.",
        "In the reference list but never cited: 2.",
    )


def test_a_number_printed_twice_names_no_entry() -> None:
    """Of two entries numbered alike neither is picked."""
    article = read("T\n\nA is so. 1\n\nReferences\n\n1. One thing\n1. Another thing\n")
    assert [r.number for r in article.references] == [None, None]
    assert "prints the number 1 2 times" in article.findings[0]


def test_kinds_and_numbers_may_stand_on_lines_of_their_own() -> None:
    """`Research`, then `2.`, then the title and the journal make one entry."""
    printed = "Guideline\n1. G\nPress, 2020\n\nResearch\n\n2.\n\nR\n\nJ, 2021\n"
    page = f"T\n\nA is so. 1, 2\n\nReferences\n\n{printed}"
    found = [(r.number, r.kind, r.title, r.journal, r.year) for r in read(page).references]
    assert found == [(1, "guideline", "G", "Press", 2020), (2, "research", "R", "J", 2021)]


def test_a_list_without_any_marks_is_read_by_its_blank_lines() -> None:
    """Title and `Journal, Year` in turn are one entry each."""
    printed = "First title\n\nSome Journal, 2020\n\nSecond title\n\nOther, 2021\n"
    article = read(f"T\n\nA is so.\n\nReferences\n\n{printed}")
    assert [(r.title, r.journal) for r in article.references] == [
        ("First title", "Some Journal"),
        ("Second title", "Other"),
    ]
    assert article.findings == ("2 references are listed, but the text cites no number.",)


def test_a_page_without_list_or_disclaimer_is_read() -> None:
    """Neither is needed; what is cited then is cited in vain, which is a finding."""
    article = read("Title of it\n\nA first sentence. 1, 2\n")
    assert article.references == ()
    assert article.disclaimer is None
    assert article.review_status is ReviewStatus.SUBMITTED
    assert article.findings == (
        "The text cites the numbers 1 and 2, but there is no reference list.",
    )


def test_a_page_that_cites_in_brackets_keeps_its_bare_numbers() -> None:
    """Brackets are the house style then, and a bare number at the end is a quantity."""
    document = read("T\n\nIt fell [1, 2].\n\nHe left with 4 and came back with apples 3\n").document
    assert document.text.endswith("apples 3")
    assert cited(document) == [("fell", (1, 2))]


@pytest.mark.parametrize(
    ("printed", "status"),
    [
        ("Review status: Approved", ReviewStatus.APPROVED),
        ("Article Review Status\nUnder Review", ReviewStatus.UNDER_REVIEW),
        ("Review status: Approved\nThis content is pending review", ReviewStatus.UNDER_REVIEW),
        ("Review Status\nSubmitted / Under Review / Approved", ReviewStatus.SUBMITTED),
        ("This article is not yet reviewed", ReviewStatus.UNDER_REVIEW),
        ("Anything else at all.", ReviewStatus.SUBMITTED),
    ],
)
def test_the_status_is_what_the_page_vouches_for(printed: str, status: ReviewStatus) -> None:
    """A step that is printed alone counts; pending review is never approved."""
    assert (
        read(f"Title\n\n{printed}\n\nThe text begins here and ends here.\n").review_status is status
    )


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("Last updated: September 9, 2025View editorial policy", dt.date(2025, 9, 9)),
        ("Last reviewed on 9 Sept 2025", dt.date(2025, 9, 9)),
        ("Updated: 2025-09-09", dt.date(2025, 9, 9)),
        ("Last updated: February 30, 2025", None),
    ],
)
def test_the_date_is_read_in_the_usual_forms(printed: str, date: dt.date | None) -> None:
    """Words glued to the date do not matter; an impossible date is reported, not invented."""
    article = read(f"Title\n\n{printed}\n\nThe text begins here and ends here.\n")
    assert article.updated == date
    assert ("cannot be read" in " ".join(article.findings)) == (date is None)


def test_headings_that_do_not_repeat_the_title_are_siblings() -> None:
    """Without a head of its own the page has one level of sections."""
    page = "Gout\n\nBackground\n\nIt is old.\n\nTreatment\n\nIt is treated.\n"
    assert [(s.title, s.level) for s in read(page).document.sections] == [
        ("Background", 1),
        ("Treatment", 1),
    ]


def test_a_short_line_that_cites_is_no_heading() -> None:
    """What carries a citation says something and can be quoted."""
    document = read(
        "T\n\nFirst fact here. 1\n\nRelapse is common 2\n\nReferences\n\n1. A\n2. B\n"
    ).document
    assert blocks_of(document)[1] == ("paragraph", 0, "", "Relapse is common")


def test_other_bullets_wrapped_lines_and_tabs_are_read() -> None:
    """Hyphens, circles and letters open items; a line without a marker goes on."""
    page = (
        "T\n\nThe causes are:\n- first thing,\n  which is long\n\t◦ below it\n- second\n\n"
        "Then do:\n\n(1) this\n(2) that\n"
    )
    assert blocks_of(read(page).document) == [
        ("paragraph", 0, "", "The causes are:"),
        ("item", 1, "-", "first thing, which is long"),
        ("item", 2, "◦", "below it"),
        ("item", 1, "-", "second"),
        ("paragraph", 0, "", "Then do:"),
        ("item", 1, "(1)", "this"),
        ("item", 1, "(2)", "that"),
    ]


def test_a_wrapped_line_that_begins_with_a_number_is_prose() -> None:
    """`3. Patients` in the middle of a paragraph opens no list."""
    page = "T\n\nThe tumour was of a grade that we call\n3. Patients recovered and went home.\n"
    assert [kind for kind, *_ in blocks_of(read(page).document)] == ["paragraph"]


def test_a_disclaimer_before_the_references_ends_with_the_next_heading() -> None:
    """The text goes on after it; after the references nothing does."""
    page = (
        "T\n\nOne fact.\n\nDisclaimer\n\nNo advice.\n\nMore\n\nTwo facts.\n\nReferences\n\n1. A\n\n"
        "Disclaimer: really none.\n\nRelated pages\n\nBuy this.\n"
    )
    article = read(page)
    assert article.document.text == "One fact.\n\nMore\n\nTwo facts."
    assert article.disclaimer == "No advice.\n\nreally none."
    assert [r.title for r in article.references] == ["A"]


def test_a_link_to_the_references_at_the_head_opens_no_list() -> None:
    """A page's own navigation does not swallow the text below it."""
    article = read("T\n\nReferences\n\nThe text stands here.\n")
    assert article.document.text.endswith("The text stands here.")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xml", PAGE.encode()),
        ("a.txt", b"<html><p>Text of a page.</p></html>"),
        ("a.txt", b'{"title": "A"}'),
        ("a.txt", b"PMID- 1\nTI  - A title\n\nAB  - Some text."),
        ("a.txt", b"---\ntitle: x\n---\n\nText of it."),
        ("a.txt", b"# Title\n\nText of it."),
        ("a.txt", b"A title alone\n"),
        ("a.txt", b"A title\n\nA Heading\n"),
        ("a.txt", "Ein Titel\n\nGrüße an alle.".encode("latin-1")),
    ],
)
def test_other_formats_are_not_recognised(name: str, data: bytes) -> None:
    """Only text with a title and a paragraph, that begins like nothing else, is a page."""
    assert PageTextParser().recognises(SourceFile(name=name, data=data)) is False


@pytest.mark.parametrize(
    "text",
    [
        "T\n\n" + "x" * 2_000_000,
        "x" * 2_000_000,
        "T\n\n" + "A b. " * 400_000,
        "T\n\n• " + "1, " * 700_000,
    ],
)
def test_a_line_of_two_megabytes_is_refused_at_once(text: str) -> None:
    """No article has such a paragraph, and nothing is spent on it."""
    with pytest.raises(FileInputError, match=r"^big\.txt.* characters \(at most \d+\)$"):
        read(text, "big.txt")


def test_a_list_five_thousand_deep_is_read_to_a_bounded_depth() -> None:
    """No item is lost, and none drags thousands of lead-ins along."""
    page = "T\n\nThe list:\n\n" + "\n\n".join(" " * i + "- x" for i in range(5000))
    document = read(page).document
    assert document.text.count("x") == 5000
    assert max(b.depth for b in document.blocks) == MAX_DEPTH


@pytest.mark.parametrize("name", [".hidden", "..txt", "a\nb.txt", " .txt", ""])
def test_a_file_name_that_makes_no_id_is_refused(name: str) -> None:
    """The slug is the file's stem as it stands, if it can be an id."""
    with pytest.raises(FileInputError, match="slug"):
        read("Title\n\nThe text stands here.\n", name)


def test_a_slug_with_a_slash_is_refused() -> None:
    """An id never leaves its folder."""
    source = SourceFile(name="a.txt", data=b"Title\n\nThe text stands here.\n")
    with pytest.raises(FileInputError, match=r"slug '\.\./x' cannot be an id"):
        PageTextParser().parse(source, slug="../x")


PRINTED = (
    *("", "", "Heading here", "A sentence. 1, 2", "It was 5.", "  • item 2", "    - deep 3"),
    *("1. x", "2) y", "Lead-in:", "References", "Research", "Some Journal, 2020", "Disclaimer"),
    *("Submitted", "[1] z", "Review status:", "Last updated: 2020-01-01"),
)
LINES = st.lists(st.sampled_from(PRINTED) | st.text(max_size=12), max_size=30)


@given(lines=LINES)
@settings(max_examples=150, deadline=None)
def test_any_page_is_read_or_refused(lines: list[str]) -> None:
    """Whatever the order of its lines, a page gives consistent spans or one clear error."""
    source = SourceFile(name="p.txt", data="\n".join(["T", *lines]).encode())
    try:
        parsed = PageTextParser().parse(source)
    except FileInputError:
        return
    assert_consistent(parsed)
