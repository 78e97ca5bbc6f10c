import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Reference
from ingest.reference_lists import (
    kind_named,
    listed_reference,
    normalise_doi,
    reference_document_id,
    split_number,
)


@pytest.mark.parametrize(
    ("printed", "doi"),
    [
        ("10.1000/182", "10.1000/182"),
        ("https://doi.org/10.1016/S0140-6736(05)17709-5", "10.1016/s0140-6736(05)17709-5"),
        ("http://dx.doi.org/10.1016/S0140-6736%2805%2917709-5", "10.1016/s0140-6736(05)17709-5"),
        ("doi: 10.1000/ABC.", "10.1000/abc"),
        ("DOI:10.1000/abc,", "10.1000/abc"),
        ("(10.1000/abc(1))", "10.1000/abc(1)"),
        ("<https://doi.org/10.1000/abc>", "10.1000/abc"),
        ("10.1002/(SICI)1097(1998)17:1<1::AID-SIM9>3.0.CO;2-2", None),
        ("  10.1000/abc).  ", "10.1000/abc"),
        ("10.1000.10/abc", "10.1000.10/abc"),
        ("doi.org/10.1000/abc", "10.1000/abc"),
        ("10.1000", None),
        ("11.1000/abc", None),
        ("10.1000/a b", None),
        ("", None),
        ("https://example.org/10", None),
    ],
)
def test_a_doi_is_brought_to_one_form(printed: str, doi: str | None) -> None:
    """Resolver, label and final punctuation go; brackets opened inside the DOI stay."""
    if "SICI" in printed:
        doi = printed.lower()
    assert normalise_doi(printed) == doi


@given(st.text(alphabet="10.5/abAB()<>[]{}.,;:' doi", max_size=30))
def test_normalising_a_doi_twice_changes_nothing(printed: str) -> None:
    """The normal form is its own normal form."""
    doi = normalise_doi(f"10.1000/{printed}")
    assert doi is None or normalise_doi(doi) == doi


@pytest.mark.parametrize(
    ("reference", "document_id"),
    [
        (Reference(title="A", number=3, pmid="12", doi="10.1000/a"), "pmid:12"),
        (Reference(title="A", number=3, doi="https://doi.org/10.1000/AbC"), "doi:10.1000/abc"),
        (Reference(title="A", number=3), "s#ref-3"),
        (Reference(title="A"), "s#ref-7"),
        (Reference(title="A", doi="not a doi"), "s#ref-7"),
    ],
)
def test_an_abstract_is_known_by_its_best_identifier(
    reference: Reference, document_id: str
) -> None:
    """PMID before DOI before the printed number before the position in the list."""
    assert reference_document_id(reference, slug="s", position=7) == document_id


def test_an_entry_gives_the_identifiers_that_it_prints() -> None:
    """DOI, PMID, PMCID and address are read; nothing else is claimed."""
    entry = (
        "Smith J. A title. J Foo 2020. doi: 10.1000/X(2)1. PMID: 123. PMC456. "
        "https://example.org/a(b)."
    )
    reference = listed_reference([entry], number=2)
    assert reference.title == reference.as_listed == entry
    assert (reference.doi, reference.pmid, reference.pmcid) == ("10.1000/x(2)1", "123", "PMC456")
    assert reference.url == "https://example.org/a(b)"
    assert (reference.year, reference.journal, reference.authors) == (None, None, ())


def test_an_address_of_a_resolver_or_database_is_an_identifier() -> None:
    """The DOI behind a resolver's address is not kept a second time as an address."""
    entry = "A title. https://doi.org/10.1000/abc https://pubmed.ncbi.nlm.nih.gov/77/"
    reference = listed_reference([entry], number=None)
    assert (reference.doi, reference.pmid) == ("10.1000/abc", "77")
    assert reference.url == "https://pubmed.ncbi.nlm.nih.gov/77/"


@pytest.mark.parametrize(
    ("line", "number", "rest"),
    [
        ("1. A", 1, "A"),
        ("[12] A", 12, "A"),
        ("(3) A", 3, "A"),
        ("4) A", 4, "A"),
        ("2020. A", None, "2020. A"),
        ("3.5 mg", None, "3.5 mg"),
        ("0. A", None, "0. A"),
        ("A 1.", None, "A 1."),
    ],
)
def test_a_printed_number_is_split_from_its_entry(line: str, number: int | None, rest: str) -> None:
    """Full stop and brackets mark a number; a year or a quantity is none."""
    assert split_number(line) == (number, rest)


def test_only_known_labels_name_a_kind() -> None:
    """A title that begins with such a word is a title."""
    assert kind_named(" Guidelines: ") == "guideline"
    assert kind_named("Research") == "research"
    assert kind_named("Guideline Directed Topic Overview") is None
