"""Identifiers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.records import Reference
from ingest.ncbi_ids import identifiers_of, read_identifier, read_identifiers

SPELLINGS = [
    ("12345", "pmid:12345"),
    (" 0012345 ", "pmid:12345"),
    ("PMID:12345", "pmid:12345"),
    ("pmid: 12345", "pmid:12345"),
    ("PMID 12345", "pmid:12345"),
    ("https://pubmed.ncbi.nlm.nih.gov/12345/", "pmid:12345"),
    ("pubmed.ncbi.nlm.nih.gov/12345?format=pubmed", "pmid:12345"),
    ("http://www.ncbi.nlm.nih.gov/pubmed/12345", "pmid:12345"),
    ("PMC123", "pmcid:PMC123"),
    ("pmc123.2", "pmcid:PMC123"),
    ("PMCID: PMC123.2", "pmcid:PMC123"),
    ("pmcid:PMC123", "pmcid:PMC123"),
    ("PMCID: 123", "pmcid:PMC123"),
    ("https://pmc.ncbi.nlm.nih.gov/articles/PMC123/", "pmcid:PMC123"),
    ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC123/pdf/a.pdf", "pmcid:PMC123"),
    ("10.1000/ABC", "doi:10.1000/abc"),
    ("https://doi.org/10.1000/ABC.", "doi:10.1000/abc"),
    ("doi: 10.1016/S0140-6736(05)17709-5", "doi:10.1016/s0140-6736(05)17709-5"),
    (
        "10.1002/(SICI)1097<16::AID-SIM968>3.0.CO;2-2",
        "doi:10.1002/(sici)1097<16::aid-sim968>3.0.co;2-2",
    ),
]
NONSENSE = [
    "",
    " ",
    "0",
    "PMC0",
    "1234567890",
    "12345.6",
    "12345/",
    "12 345",
    "-5",
    "١٢٣",
    "PMC",
    "PMCX1",
    "gout",
    "10.1000",
    "10.1000/",
    "10.1000/a\x00b",
    "12345\x1b[31m",
    "https://example.org/12345",
    "https://pubmed.ncbi.nlm.nih.gov/",
    "https://evil.example/?https://doi.org/",
    "10.1000/" + "a" * 400,
]


@pytest.mark.parametrize(("text", "read"), SPELLINGS)
def test_every_spelling_is_read(text: str, read: str) -> None:
    """Bare, with a label, or as the address of a page: the same work."""
    assert str(read_identifier(text)) == read


@pytest.mark.parametrize("text", NONSENSE)
def test_what_identifies_nothing_is_none(text: str) -> None:
    """A number that cannot be a PMID, an unknown page, a DOI with a NUL in it."""
    assert read_identifier(text) is None


@given(st.text(max_size=60))
def test_nothing_raises_and_reading_is_stable(text: str) -> None:
    """Whatever is typed is read or not; what was read is read again as itself."""
    found = read_identifier(text)
    assert found is None or read_identifier(str(found)) == found


def test_each_work_is_asked_for_once_in_order() -> None:
    """Spellings of one identifier are one identifier."""
    read = read_identifiers(["PMC7", "12", "PMID: 12", "pmc7.1", "10.1000/A", "10.1000/a"])
    assert list(map(str, read)) == ["pmcid:PMC7", "pmid:12", "doi:10.1000/a"]


def test_all_bad_ones_are_told_at_once() -> None:
    """One error of one line names each, printable and not too many."""
    with pytest.raises(InputError) as refused:
        read_identifiers(["12", "gout\n", "\x1b[31m", *(f"x{n}" for n in range(30))])
    message = str(refused.value)
    assert "'gout\\n'" in message
    assert "\\x1b" in message
    assert "and 22 more" in message
    assert message.isprintable()


def test_a_reference_gives_its_usable_identifiers() -> None:
    """The PMID first; what is malformed in a list is left out."""
    reference = Reference(title="T", pmid="77", pmcid="PMC8.1", doi="10.1000/A")
    assert [str(i) for i in identifiers_of(reference)] == ["pmid:77", "pmcid:PMC8", "doi:10.1000/a"]
    assert identifiers_of(Reference(title="T", pmid="seven", doi="12")) == ()
