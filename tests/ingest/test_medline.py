"""MEDLINE / nbib."""

import datetime as dt
import re
from pathlib import Path

import pytest

from corpus.errors import FileInputError
from ingest.drafts import Parsed, Rejection, SourceFile
from ingest.medline import MedlineParser
from tests.ingest.parser_contract import assert_consistent
from tests.ingest.record_reader_contract import RecordContract

ONE = """PMID- 11
OWN - NLM
VI  - 3
IP  - 2
DP  - 2009 Nov-Dec
TI  - Effect of X on Y: a very long
      title.
PG  - 101-9
LID - S0001(09)1 [pii]
LID - 10.1000/Ex.1 [doi]
AB  - BACKGROUND: One thing.
      RESULTS: Two things
      fell.
FAU - van Dam, Mary Ann
AU  - van Dam MA
AU  - Roe J
CN  - The Example Group
ZZZZ- unknown
TA  - J Ex
JT  - The journal of examples
PMC - PMC77
PT  - Practice Guideline
"""


def source(text: str, name: str = "some.nbib") -> SourceFile:
    return SourceFile(name=name, data=text.encode())


def parse(text: str) -> Parsed:
    return MedlineParser().parse(source(text))


class TestContract(RecordContract):
    parser = MedlineParser()
    reader = MedlineParser()
    good_sources = (source(ONE), source(f"\n\n{ONE}\n\n{ONE.replace('11', '12')}", "two.txt"))


def test_a_record_becomes_an_abstract_with_its_identity() -> None:
    """Continuation lines are joined, unknown tags ignored, every field of the reference filled."""
    (document,) = parse(ONE).documents
    assert document.document_id == "pmid:11"
    assert document.text == "BACKGROUND\n\nOne thing.\n\nRESULTS\n\nTwo things fell."
    reference = document.reference
    assert reference is not None
    assert reference.title == document.title == "Effect of X on Y: a very long title."
    assert reference.authors == ("van Dam MA", "Roe J", "The Example Group")
    assert (reference.journal, reference.year, reference.pages) == ("J Ex", 2009, "101-9")
    assert (reference.volume, reference.issue, reference.kind) == ("3", "2", "guideline")
    assert (reference.doi, reference.pmid, reference.pmcid) == ("10.1000/ex.1", "11", "PMC77")


def test_a_retracted_paper_is_known_as_such() -> None:
    """PubMed's type of the paper itself is kept; that of the notice says nothing of the paper."""
    for publication_type, retracted in (
        ("Retracted Publication", True),
        ("Retraction of Publication", False),
    ):
        record = f"PMID- 11\nTI  - On X\nAB  - It fell.\nPT  - {publication_type}\n"
        (document,) = parse(record).documents
        assert document.reference is not None
        assert document.reference.retracted is retracted


@pytest.mark.parametrize(
    ("line", "kind", "identifier", "date", "text"),
    [
        (
            "RIN - Lancet. 2010 Feb 6;375:445. doi: 10.1016/S0140-6736(10)60175-4. PMID: 2013",
            "retraction",
            "pmid:2013",
            dt.date(2010, 2, 6),
            "Retraction in: Lancet. 2010 Feb 6;375:445. doi: 10.1016/S0140-6736(10)60175-4.",
        ),
        ("ECI - J Ex. 2011 Mar;3(1):9", "concern", None, None, None),
        ("EIN - J Ex. 2012;4:1. doi: 10.1000/E.", "correction", "doi:10.1000/e", None, None),
        ("PRIN- J Ex. 2012;4:1.", "correction", None, None, None),
        ("CRI - J Ex. 2012;4:1.", "correction", None, None, None),
        ("UIN - J Ex. 2020;4:1. PMID: 9", "update", "pmid:9", None, None),
    ],
)
def test_notices_are_told_apart(
    line: str, kind: str, identifier: str | None, date: dt.date | None, text: str | None
) -> None:
    """What was published about a work has its kind, its own id and its citation as printed."""
    reference = parse(ONE + line + "\n").documents[0].reference
    assert reference is not None
    (notice,) = reference.notices
    assert (notice.kind, notice.source, notice.identifier) == (kind, "PubMed", identifier)
    assert date is None or notice.date == date
    assert text is None or notice.text == text
    assert reference.retracted is (kind == "retraction")


@pytest.mark.parametrize("tag", ["ROF ", "ECF ", "EFR ", "CON ", "CIN ", "UOF "])
def test_the_other_direction_is_no_notice_about_the_record(tag: str) -> None:
    """A record that retracts, corrects or comments another is not itself retracted."""
    reference = parse(f"{ONE}{tag}- Lancet. 2010 Feb 6. PMID: 12\n").documents[0].reference
    assert reference is not None
    assert reference.notices == ()


def test_a_record_of_any_size_is_left_out() -> None:
    """A record without an end costs itself and no memory."""
    huge = "PMID- 7\nAB  - x\n" + f"      {'x' * 999_999}\n" * 5
    parsed = parse(f"{huge}\n{ONE}")
    assert [d.document_id for d in parsed.documents] == ["pmid:11"]
    assert parsed.rejections == (
        Rejection(place="line 1", reason="more than 4,000,000 characters"),
    )


def test_full_names_serve_where_short_ones_are_missing() -> None:
    """`FAU` is read when there is no `AU`."""
    reference = parse(re.sub(r"AU  - .*\n", "", ONE)).documents[0].reference
    assert reference is not None
    assert reference.authors == ("van Dam MA", "The Example Group")


def test_a_record_without_a_pmid_is_known_by_its_doi() -> None:
    """The DOI in lower case is the id."""
    (document,) = parse(ONE.replace("PMID- 11\n", "")).documents
    assert document.document_id == "doi:10.1000/ex.1"


def test_a_record_without_any_id_is_reported() -> None:
    """A title alone identifies nothing that can be stored, but is kept as a reference."""
    nameless = ONE.replace("PMID- 11\n", "").replace(" [doi]", "")
    parsed = parse(f"{ONE}\n{nameless}")
    assert len(parsed.documents) == 1
    assert parsed.rejections == (Rejection(place="line 24", reason="neither PMID nor DOI"),)
    assert parsed.references[0].title.startswith("Effect of X")


def test_a_record_without_an_abstract_is_reported() -> None:
    """It is named by line and PMID, and its identity kept."""
    parsed = parse("PMID- 7\nTI  - Title only.\n\n" + ONE)
    assert parsed.rejections == (Rejection(place="line 1 (PMID 7)", reason="no abstract"),)
    assert [r.pmid for r in parsed.references] == ["7"]


def test_of_two_records_with_one_id_the_last_is_kept() -> None:
    """The report names the earlier record's line."""
    parsed = parse(f"{ONE}\n{ONE.replace('fell', 'rose')}")
    assert [d.text[-5:] for d in parsed.documents] == ["rose."]
    assert [r.place for r in parsed.rejections] == ["line 1 (PMID 11)"]


def test_a_malformed_line_costs_its_record_only() -> None:
    """The report names the line; the other records are read."""
    parsed = parse(f"PMID- 7\nAB  - Text.\nnot a field\n\n{ONE}")
    assert [d.document_id for d in parsed.documents] == ["pmid:11"]
    (rejection,) = parsed.rejections
    assert rejection.place == "line 3"
    assert "neither a field" in rejection.reason


@pytest.mark.parametrize("text", ["hello\nworld", "      continued\n", "AB  - Only an abstract."])
def test_a_file_without_a_record_is_refused(text: str) -> None:
    """When nothing can be read, the first trouble is the error, with its line."""
    with pytest.raises(FileInputError, match=r"some\.nbib, line 1: no MEDLINE record: "):
        parse(text)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (ONE, "anything.bin", True),
        ("TI  - A title\n", "cited.nbib", True),
        ("TI  - A title\n", "cited.txt", False),
        ("TY  - JOUR\nTI  - A title\nER  - \n", "cited.ris", False),
        ("# PMID: 12\n", "article.md", False),
    ],
)
def test_the_format_is_told_from_its_neighbours(text: str, name: str, expected: bool) -> None:  # noqa: FBT001 - an expectation, not a flag
    """RIS looks alike; only MEDLINE has a PMID or its status fields."""
    assert MedlineParser().recognises(source(text, name)) is expected


@pytest.mark.shared
def test_all_samples_agree_with_their_fields(shared: Path) -> None:
    """Every record of the samples is read; its abstract is the folded `AB` field."""
    pmids = []
    for path in sorted((shared / "samples" / "medline").glob("*.txt")):
        sample = SourceFile(name=path.name, data=path.read_bytes())
        assert MedlineParser().recognises(sample)
        parsed = MedlineParser().parse(sample)
        assert_consistent(parsed)
        assert parsed.rejections == ()
        text = path.read_text()
        abstracts = re.findall(r"^AB  - (.*\n(?: {6}.*\n)*)", text, re.MULTILINE)
        # labels become headings and lose their colon
        stored = [re.sub(r"\s+", " ", d.text).replace(":", "") for d in parsed.documents]
        assert stored == [" ".join(a.split()).replace(":", "") for a in abstracts]
        printed = re.findall(r"^PMID- (\d+)", text, re.MULTILINE)
        assert [d.document_id for d in parsed.documents] == [f"pmid:{p}" for p in printed]
        pmids += printed
    assert len(pmids) == 6
