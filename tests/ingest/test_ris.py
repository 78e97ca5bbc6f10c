"""RIS."""

import html
import json
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.records import Reference
from ingest.cited_records import MAX_RECORD_SIZE
from ingest.drafts import Parsed, Rejection, SourceFile
from ingest.ris import RisParser
from service.exporting import export
from tests.ingest.record_reader_contract import RecordContract
from tests.service.test_exporting import ARTICLE, answered, reference

ONE = """TY  - JOUR
AU  - van Dam, Mary Ann
AU  - Roe, J., Jr
AU  - The Example Group
TI  - Effect of <i>X</i> on Y &amp; Z: 10<sup>5</sup> cells
  of α type
JO  - The journal of examples
JA  - J Ex
PY  - 2009/11//
VL  - 3
IS  - 2
SP  - 101
EP  - 109
DO  - 10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2
AN  - 11
DB  - PubMed
C2  - PMC77
M3  - Randomized Controlled Trial
UR  - https://example.org/x
N2  - AIMS: One thing. METHODS: We looked;
it was 50% of all.

RESULTS: Two things fell.
ER  -
"""
PLAIN = "TY  - JOUR\nTI  - On lungs\nDO  - 10.1000/x\nAB  - They heal.\nER  - \n"


def source(text: str, name: str = "some.ris") -> SourceFile:
    return SourceFile(name=name, data=text.encode())


def parse(text: str) -> Parsed:
    return RisParser().parse(source(text))


def only(text: str) -> Reference:
    """Return the one reference of a file, whether it has an abstract or not."""
    parsed = parse(text)
    found = [*(d.reference for d in parsed.documents if d.reference), *parsed.references]
    assert len(found) == 1
    return found[0]


class TestContract(RecordContract):
    parser = RisParser()
    reader = RisParser()
    good_sources = (source(ONE), source(f"Provider: some database\n\n{ONE}\n{PLAIN}", "two.txt"))


def test_a_record_becomes_an_abstract_with_its_identity() -> None:
    """Markup is plain text, labels are headings, and every field of the reference is filled."""
    (document,) = parse(ONE).documents
    assert document.document_id == "pmid:11"
    assert document.text == (
        "AIMS\n\nOne thing.\n\nMETHODS\n\nWe looked; it was 50% of all."
        "\n\nRESULTS\n\nTwo things fell."
    )
    found = document.reference
    assert found is not None
    assert found.title == "Effect of X on Y & Z: 10⁵ cells of α type"
    assert found.authors == ("van Dam MA", "Roe J Jr", "The Example Group")
    assert (found.journal, found.year, found.volume, found.issue) == ("J Ex", 2009, "3", "2")
    assert (found.pages, found.pmid, found.pmcid) == ("101-109", "11", "PMC77")
    assert found.doi == "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"
    assert found.publication_types == ("Randomized Controlled Trial",)
    assert found.url == "https://example.org/x"


@pytest.mark.parametrize(
    ("lines", "pmid", "doi"),
    [
        ("AN  - L6001\nDB  - Embase", None, None),
        ("AN  - 12345678\nDP  - EBSCOhost", None, None),
        ("AN  - 12345678\nDB  - Ovid MEDLINE(R)", "12345678", None),
        ("AN  - 12345678", "12345678", None),
        ("N1  - PMID: 77; PMCID: PMC5", "77", None),
        ("UR  - https://pubmed.ncbi.nlm.nih.gov/77/", "77", None),
        ("UR  - https://doi.org/10.1000/a%2Fb", None, "10.1000/a/b"),
        ("M3  - doi: 10.1000/x.", None, "10.1000/x"),
    ],
)
def test_identifiers_are_taken_from_where_databases_write_them(
    lines: str, pmid: str | None, doi: str | None
) -> None:
    """An accession number is a PMID only of PubMed, and an old type of work may be a DOI."""
    found = only(f"TY  - JOUR\nTI  - On lungs\n{lines}\nER  - \n")
    assert (found.pmid, found.doi) == (pmid, doi)


def test_records_that_cannot_be_stored_are_reported_by_line() -> None:
    """No abstract, no id, no title: each says why, and the rest is read."""
    bare = "TY  - JOUR\nTI  - No abstract\nAN  - 5\nER  - \n"
    nameless = "TY  - JOUR\nTI  - No id\nAB  - Text.\nER  - \n"
    empty = "TY  - JOUR\nKW  - lung\nER  - \n"
    parsed = parse(f"{PLAIN}{bare}stray\nlines\n{nameless}{empty}")
    assert [d.document_id for d in parsed.documents] == ["doi:10.1000/x"]
    assert parsed.rejections == (
        Rejection(place="line 6", reason="no abstract"),
        Rejection(place="line 10", reason="text outside a record"),
        Rejection(place="line 12", reason="neither PMID nor DOI"),
        Rejection(place="line 16", reason="no title, no PMID and no DOI"),
    )
    assert [r.title for r in parsed.references] == ["No abstract", "No id"]


def test_a_record_that_is_not_closed_ends_where_the_next_begins() -> None:
    """A missing `ER` costs nothing, and lines of its text that look like tags do no harm."""
    first = PLAIN.replace("ER  - \n", "US - based people\n")
    parsed = parse(first + PLAIN.replace("10.1000/x", "10.1000/y"))
    assert [d.document_id for d in parsed.documents] == ["doi:10.1000/x", "doi:10.1000/y"]
    assert parsed.documents[0].text == "They heal. US - based people"


def test_files_with_one_space_before_the_hyphen_are_read() -> None:
    """The first line of a record shows how the file writes its tags."""
    assert only(PLAIN.replace("  - ", " - ")).doi == "10.1000/x"


def test_a_record_of_any_size_is_left_out_within_bounds() -> None:
    """A value that does not end costs its record alone."""
    huge = "TY  - JOUR\nTI  - Huge\n" + ("AB  - " + "x" * 999_994 + "\n") * 5
    assert huge.count("x") > MAX_RECORD_SIZE
    parsed = parse(f"{huge}ER  - \n{PLAIN}")
    assert [d.document_id for d in parsed.documents] == ["doi:10.1000/x"]
    assert parsed.rejections == (
        Rejection(place="line 1", reason="more than 4,000,000 characters"),
    )


@pytest.mark.parametrize(
    ("title", "note", "retracted"),
    [
        ("RETRACTED: On lungs", "", True),
        ("[Retracted] On lungs", "", True),
        ("On lungs", "Retracted.", True),
        ("Retraction: On lungs", "", False),
        ("Retracted papers and what they teach", "", False),
        ("On lungs", "Not retracted.", False),
    ],
)
def test_a_retraction_is_known_where_it_is_certain(
    title: str,
    note: str,
    retracted: bool,  # noqa: FBT001 - an expectation, not a flag
) -> None:
    """A publisher's mark before the title, or our own export's note; no notice, no mere word."""
    found = only(f"TY  - JOUR\nTI  - {title}\nN1  - {note}\nDO  - 10.1000/x\nER  - \n")
    assert found.retracted is retracted


def test_a_file_of_other_lines_is_refused() -> None:
    """What has no record is no RIS."""
    with pytest.raises(FileInputError, match=r"^some\.ris: holds no RIS record$"):
        parse("hello\nworld\n")


LATIN = "TY  - JOUR\nTI  - Caf\xe9\nER  - \n".encode("latin-1")


def test_another_encoding_is_refused_with_the_byte() -> None:
    """Bytes that are not UTF-8 are told by their place, not replaced."""
    with pytest.raises(FileInputError, match=r"^l\.ris, byte 20: not UTF-8"):
        RisParser().parse(SourceFile(name="l.ris", data=LATIN))


TITLES = st.one_of(
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40),
    st.lists(
        st.sampled_from(
            [*"{}\"'\\%#$_~^<>|`@,;=-()é& ", "α-β", "CO₂", " and ", "--", "10⁵", "p < 0.05", "$5"]
        ),
        min_size=1,
        max_size=10,
    ).map("".join),
    # what reads as an HTML entity is taken for one, since records hold them
).filter(lambda text: text.strip() != "" and html.unescape(text) == text)
DOI = "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"


def read_back(parser: Any, name: str, **given_: Any) -> Reference:
    """Return what a parser reads from our own export of one reference."""
    text = export(answered(reference(**given_)), name).body
    made = SourceFile(name=f"export.{name}", data=text.encode())
    assert parser.recognises(made)
    (found,) = parser.parse(made).references
    assert isinstance(found, Reference)
    return found


def check_read_back(parser: Any, name: str, title: str) -> None:
    """Check that every field of an export comes back."""
    expected = " ".join(title.split())
    found = read_back(parser, name, title=title, doi=DOI, retracted=True)
    # LaTeX's accents are put together, and with them what Unicode holds to be the same letter
    assert normalize("NFC", found.title) == normalize("NFC", expected)
    assert found.doi == DOI.lower()
    assert (found.journal, found.year, found.volume, found.issue) == ("J Air", 2020, "3", "4")
    assert (found.pmid, found.pmcid) == ("123", "PMC77")
    assert found.pages in ("637-41", "637-641")
    assert found.authors[:2] == ("Roe A", "van der Berg AB Jr")
    assert found.authors[2].replace(";", ",") == "ARDS Network, NIH"
    assert found.retracted
    assert not read_back(parser, name, title="On lungs").retracted


def check_article_read_back(parser: Any, name: str) -> None:
    """Check that an article of ours, which has an address alone, is read with its title."""
    text = export(answered(ARTICLE), name, site="https://example.org").body
    (found,) = parser.parse(SourceFile(name="x", data=text.encode())).references
    assert (found.title, found.year) == ("How do lungs heal?", 2024)
    assert found.url == "https://example.org/articles/lungs"


@given(TITLES)
def test_our_own_export_is_read_back(title: str) -> None:
    """Every field that the export writes comes back, whatever the title holds."""
    check_read_back(RisParser(), "ris", title)


def test_an_article_of_ours_is_read_back() -> None:
    """It has a title, a year and an address."""
    check_article_read_back(RisParser(), "ris")


def test_two_readers_agree_on_tags() -> None:
    """The library that writes our exports reads the same values from a plain record."""
    rispy: Any = pytest.importorskip("rispy")
    (entry,) = rispy.loads(PLAIN)
    found = only(PLAIN)
    assert (entry["title"], entry["doi"]) == (found.title, found.doi)
    assert json.dumps(entry["abstract"]) == '"They heal."'
