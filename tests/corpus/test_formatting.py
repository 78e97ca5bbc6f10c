import datetime as dt

import pytest

from corpus.formatting import article_line, url_of, vancouver
from corpus.records import Article, Document, Reference, ReviewStatus

SEVEN = tuple(f"Author{letter} {letter}" for letter in "ABCDEFG")


@pytest.mark.parametrize(
    ("reference", "line"),
    [
        (Reference(title="On lungs"), "On lungs."),
        (Reference(title="Do lungs heal?"), "Do lungs heal?"),
        (Reference(title="Lungs heal!"), "Lungs heal!"),
        (Reference(title="On lungs."), "On lungs."),
        (Reference(title="On lungs", authors=("Roe A",)), "Roe A. On lungs."),
        (
            Reference(title="On lungs", authors=("Roe A", "Doe B")),
            "Roe A, Doe B. On lungs.",
        ),
        (Reference(title="On lungs", year=2020), "On lungs. 2020."),
        (Reference(title="On lungs", journal="J Air"), "On lungs. J Air."),
        (Reference(title="On lungs", journal="J. Air.", year=2020), "On lungs. J. Air. 2020."),
        (Reference(title="On lungs", year=2020, volume="3"), "On lungs. 2020;3."),
        (Reference(title="On lungs", year=2020, issue="4"), "On lungs. 2020;(4)."),
        (Reference(title="On lungs", year=2020, pages="1-9"), "On lungs. 2020:1-9."),
        (Reference(title="On lungs", volume="3", pages="1-9"), "On lungs. 3:1-9."),
        (
            Reference(title="On lungs", journal="J Air", year=2020, volume="3", issue="4"),
            "On lungs. J Air. 2020;3(4).",
        ),
        (Reference(title="On lungs", doi="10.1/x"), "On lungs. doi:10.1/x"),
        (Reference(title="On lungs", pmid="12"), "On lungs. PMID: 12"),
        (Reference(title="On lungs", doi="10.1/x", pmid="12"), "On lungs. doi:10.1/x PMID: 12"),
        (Reference(title="", pmid="12"), "PMID: 12"),
        (Reference(title=""), ""),
    ],
)
def test_missing_parts_leave_no_trace(reference: Reference, line: str) -> None:
    """What a reference does not say is left out together with its punctuation."""
    assert vancouver(reference) == line


def test_a_full_reference_is_written_in_vancouver_style() -> None:
    """Authors, title, journal, year;volume(issue):pages, then the identifiers."""
    reference = Reference(
        title="On lungs",
        authors=("Roe A", "Doe B"),
        journal="J Air",
        year=2020,
        volume="3",
        issue="4",
        pages="1-9",
        doi="10.1/x",
        pmid="12",
        url="https://example.org",
    )
    assert vancouver(reference) == (
        "Roe A, Doe B. On lungs. J Air. 2020;3(4):1-9. doi:10.1/x PMID: 12"
    )


def test_six_authors_are_all_named() -> None:
    """Up to six authors stand in full."""
    line = vancouver(Reference(title="T", authors=SEVEN[:6]))
    assert line == f"{', '.join(SEVEN[:6])}. T."


def test_more_than_six_authors_become_six_and_others() -> None:
    """The seventh author and all later ones are "et al."."""
    line = vancouver(Reference(title="T", authors=SEVEN))
    assert line == f"{', '.join(SEVEN[:6])}, et al. T."


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        (Reference(title="T"), None),
        (Reference(title="T", url="https://example.org/a"), "https://example.org/a"),
        (
            Reference(title="T", url="https://example.org/a", pmid="12"),
            "https://pubmed.ncbi.nlm.nih.gov/12/",
        ),
        (
            Reference(title="T", url="https://example.org/a", pmid="12", doi="10.1/x"),
            "https://doi.org/10.1/x",
        ),
    ],
)
def test_the_best_address_is_doi_then_pubmed_then_its_own(
    reference: Reference, url: str | None
) -> None:
    """A lasting identifier comes before an address that may move."""
    assert url_of(reference) == url


def test_an_article_is_named_with_its_date_and_status() -> None:
    """The line says what the article is, who answers for it, how old and how far reviewed."""
    document = Document(document_id="a", kind="article", title="Does it heal?", text="x")
    bare = Article(slug="a", document=document)
    assert article_line(bare) == "Does it heal? Review status: submitted."
    full = Article(
        slug="a",
        document=document,
        editorial_board="Chest editors",
        updated=dt.date(2024, 5, 7),
        review_status=ReviewStatus.UNDER_REVIEW,
    )
    assert article_line(full) == (
        "Does it heal? Chest editors. Updated 2024-05-07. Review status: under review."
    )


def test_a_retracted_paper_is_marked_behind_its_place() -> None:
    """Where NLM's samples say in which issue it was retracted, the line says that it was."""
    reference = Reference(
        title="On lungs",
        journal="J Air",
        year=2020,
        pages="1-9",
        doi="10.1/x",
        publication_types=("Retracted Publication",),
    )
    assert vancouver(reference) == "On lungs. J Air. 2020:1-9. Retracted. doi:10.1/x"
