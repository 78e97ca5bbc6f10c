"""PubMed XML."""

import datetime as dt
import io
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from corpus.errors import FileInputError
from corpus.records import Document
from ingest.cited_records import (
    MAX_RECORD_SIZE,
    CitedRecord,
    first_year,
    initials_of,
    publication_kind,
)
from ingest.drafts import Parsed, Rejection, SourceFile
from ingest.pubmed_xml import PubmedXmlParser
from tests.ingest.parser_contract import assert_consistent
from tests.ingest.record_reader_contract import RecordContract

RECORD = """<PubmedArticle><MedlineCitation>
<PMID Version="1">{pmid}</PMID>
<Article>
 <Journal>
  <JournalIssue><Volume>3</Volume><Issue>2</Issue><PubDate>{date}</PubDate></JournalIssue>
  <Title>The journal of examples</Title><ISOAbbreviation>J Ex</ISOAbbreviation>
 </Journal>
 <ArticleTitle>Effect of <i>X</i> on Y.</ArticleTitle>
 <Pagination><StartPage>101</StartPage><EndPage>109</EndPage><MedlinePgn>101-9</MedlinePgn></Pagination>
 <ELocationID EIdType="doi">10.1000/Ex.1</ELocationID>
 {abstract}
 <AuthorList>
  <Author><LastName>van Dam</LastName><ForeName>Mary Ann</ForeName><Initials>MA</Initials></Author>
  <Author><LastName>Roe</LastName><ForeName>Jo-Ann</ForeName><Suffix>Jr</Suffix></Author>
  <Author><CollectiveName>The Example Group</CollectiveName></Author>
 </AuthorList>
 <PublicationTypeList><PublicationType>{type}</PublicationType></PublicationTypeList>
</Article>
<MedlineJournalInfo><MedlineTA>J Examples</MedlineTA></MedlineJournalInfo>
</MedlineCitation>
<PubmedData>
 <ArticleIdList><ArticleId IdType="pmc">PMC77</ArticleId></ArticleIdList>
 <ReferenceList><Reference><ArticleIdList>
  <ArticleId IdType="doi">10.1000/cited</ArticleId></ArticleIdList></Reference></ReferenceList>
</PubmedData></PubmedArticle>"""
ABSTRACT = """<Abstract>
<AbstractText Label="METHODS" NlmCategory="METHODS">Two arms (10<sup>5</sup> cells).</AbstractText>
<AbstractText Label="RESULTS">It worked in <i>both</i>.  CO<sub>2</sub> fell.</AbstractText>
<CopyrightInformation>Somebody's</CopyrightInformation></Abstract>"""


def record(
    *,
    pmid: str = "11",
    abstract: str = ABSTRACT,
    date: str = "<Year>2019</Year>",
    kind: str = "Journal Article",
) -> str:
    return RECORD.format(pmid=pmid, abstract=abstract, date=date, type=kind)


def article_set(*records: str) -> SourceFile:
    text = f"<PubmedArticleSet>{''.join(records)}</PubmedArticleSet>"
    return SourceFile(name="set.xml", data=text.encode())


def parse(*records: str) -> Parsed:
    return PubmedXmlParser().parse(article_set(*records))


class TestContract(RecordContract):
    parser = PubmedXmlParser()
    reader = PubmedXmlParser()
    good_sources = (
        article_set(record(), record(pmid="12")),
        article_set(record(abstract=ABSTRACT)),
    )


def test_a_record_becomes_an_abstract_with_its_identity() -> None:
    """Labels are headings, markup is plain text, and every field of the reference is filled."""
    (document,) = parse(record()).documents
    assert document.document_id == "pmid:11"
    assert document.kind == "abstract"
    assert document.text == (
        "METHODS\n\nTwo arms (10⁵ cells).\n\nRESULTS\n\nIt worked in both. CO2 fell."
    )
    assert document.section_path(document.blocks[-1].section) == ("RESULTS",)
    reference = document.reference
    assert reference is not None
    assert (reference.title, reference.journal, reference.year) == (
        "Effect of X on Y.",
        "J Ex",
        2019,
    )
    assert (reference.volume, reference.issue, reference.pages) == ("3", "2", "101-9")
    assert (reference.doi, reference.pmid, reference.pmcid) == ("10.1000/ex.1", "11", "PMC77")
    assert reference.authors == ("van Dam MA", "Roe JA Jr", "The Example Group")
    assert reference.document_id == document.document_id
    assert document.title == reference.title


def test_an_abstract_without_labels_has_paragraphs_and_no_sections() -> None:
    """Unlabelled parts, and those that PubMed calls unlabelled, get no heading."""
    abstract = "<Abstract><AbstractText>One.</AbstractText><AbstractText>   </AbstractText>"
    abstract += '<AbstractText Label="UNLABELLED">Two.</AbstractText></Abstract>'
    (document,) = parse(record(abstract=abstract)).documents
    assert document.text == "One.\n\nTwo."
    assert document.sections == ()


def test_a_record_without_an_abstract_is_reported_and_keeps_its_identity() -> None:
    """Nothing is made up for it: it is a rejection and a reference, never a document."""
    parsed = parse(record(abstract=""), record(pmid="12"))
    assert [d.document_id for d in parsed.documents] == ["pmid:12"]
    assert parsed.rejections == (Rejection(place="PMID 11", reason="no abstract"),)
    (reference,) = parsed.references
    assert (reference.pmid, reference.document_id) == ("11", None)


def test_of_two_records_with_one_id_the_last_is_kept() -> None:
    """A later version replaces an earlier one, and the report says so."""
    newer = "<Abstract><AbstractText>Newer.</AbstractText></Abstract>"
    parsed = parse(record(), record(pmid="12"), record(abstract=newer))
    assert [d.document_id for d in parsed.documents] == ["pmid:12", "pmid:11"]
    assert parsed.documents[1].text == "Newer."
    assert [r.place for r in parsed.rejections] == ["PMID 11"]


def test_a_record_without_a_pmid_is_reported_by_its_position() -> None:
    """What cannot be identified is left out by name of its place."""
    parsed = parse(record(), record(pmid="none"))
    assert parsed.rejections == (Rejection(place="record 2", reason="no PMID"),)


def test_a_book_chapter_is_read() -> None:
    """PubmedBookArticle has its own layout and gives an abstract as well."""
    book = """<PubmedBookArticle><BookDocument><PMID>5</PMID>
    <ArticleIdList><ArticleId IdType="bookaccession">NBK1</ArticleId></ArticleIdList>
    <Book><BookTitle>GeneExamples</BookTitle><PubDate><Year>1993</Year></PubDate></Book>
    <ArticleTitle>Rare thing</ArticleTitle>
    <AuthorList Type="editors"><Author><LastName>Ed</LastName></Author></AuthorList>
    <AuthorList Type="authors">
     <Author><LastName>Au</LastName><Initials>T</Initials></Author></AuthorList>
    <Abstract><AbstractText>It is rare.</AbstractText></Abstract>
    </BookDocument></PubmedBookArticle>"""
    (document,) = parse(book).documents
    reference = document.reference
    assert reference is not None
    assert (document.document_id, document.text) == ("pmid:5", "It is rare.")
    assert (reference.title, reference.authors, reference.year) == ("Rare thing", ("Au T",), 1993)


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", 1998),
        ("<MedlineDate>Winter 2003-2004</MedlineDate>", 2003),
        ("<Year>1976</Year><Month>Sep</Month>", 1976),
        ("", None),
    ],
)
def test_the_year_is_read_from_every_kind_of_date(date: str, year: int | None) -> None:
    """MedlineDate is free text; the first year in it counts."""
    reference = parse(record(date=date)).documents[0].reference
    assert reference is not None
    assert reference.year == year


@pytest.mark.parametrize(
    ("publication_type", "kind"),
    [
        ("Practice Guideline", "guideline"),
        ("Guideline", "guideline"),
        ("Consensus Development Conference, NIH", "guideline"),
        ("Consensus Statement", "guideline"),
        ("Randomized Controlled Trial", "research"),
        ("Published Erratum", "research"),
    ],
)
def test_guidelines_are_told_from_research(publication_type: str, kind: str) -> None:
    """The publication types decide, and are kept."""
    reference = parse(record(kind=publication_type)).documents[0].reference
    assert reference is not None
    assert (reference.kind, reference.publication_types) == (kind, (publication_type,))
    assert publication_kind([]) == "research"


NOTICES = """<CommentsCorrectionsList>
<CommentsCorrections RefType="{kind}"><RefSource>J Ex. 2010 Feb 6;3(2):5. doi: 10.1000/n</RefSource>
<PMID Version="1">77</PMID></CommentsCorrections>
<CommentsCorrections RefType="Cites"><RefSource>J Ex. 1999</RefSource></CommentsCorrections>
</CommentsCorrectionsList></MedlineCitation>"""


@pytest.mark.parametrize(
    ("ref_type", "kind", "words"),
    [
        ("RetractionIn", "retraction", "Retraction in"),
        ("RetractedandRepublishedIn", "retraction", "Retracted and republished in"),
        ("ExpressionOfConcernIn", "concern", "Expression of concern in"),
        ("ErratumIn", "correction", "Erratum in"),
        ("PartialRetractionIn", "correction", "Partial retraction in"),
        ("CorrectedandRepublishedIn", "correction", "Corrected and republished in"),
        ("UpdateIn", "update", "Update in"),
        ("RetractionOf", None, ""),
        ("ExpressionOfConcernFor", None, ""),
        ("ErratumFor", None, ""),
        ("CommentOn", None, ""),
        ("SomethingNew", None, ""),
    ],
)
def test_notices_are_told_apart(ref_type: str, kind: str | None, words: str) -> None:
    """Each link has its kind; those of a notice to its work, and comments, are none."""
    noted = record().replace("</MedlineCitation>", NOTICES.format(kind=ref_type))
    reference = parse(noted).documents[0].reference
    assert reference is not None
    assert reference.retracted is (kind == "retraction")
    if kind is None:
        assert reference.notices == ()
        return
    (notice,) = reference.notices
    assert (notice.kind, notice.identifier, notice.date) == (kind, "pmid:77", dt.date(2010, 2, 6))
    assert notice.text == f"{words}: J Ex. 2010 Feb 6;3(2):5. doi: 10.1000/n"


def test_records_come_while_the_file_is_being_read() -> None:
    """A damaged end costs what stands behind the damage; the memory is that of one record."""
    good = article_set(*(record(pmid=str(n)) for n in range(1, 200))).data
    found = PubmedXmlParser().records(io.BytesIO(good[:-200]), name="cut.xml")
    seen: list[CitedRecord | Rejection] = []
    with pytest.raises(FileInputError, match=r"^cut\.xml, line .*cut off"):
        seen.extend(found)
    assert len(seen) == 198


def test_a_record_without_an_end_is_refused() -> None:
    """An element that goes on for ever is an error, not a full memory."""
    data = b"<PubmedArticleSet><PubmedArticle><a>" + b"x" * (MAX_RECORD_SIZE + 100_000)
    with pytest.raises(FileInputError, match="a record of more than 4,000,000 bytes"):
        list(PubmedXmlParser().records(io.BytesIO(data), name="x.xml"))


def test_xml_that_is_not_pubmeds_is_refused() -> None:
    """Another root is named in the error."""
    other = SourceFile(name="x.xml", data=b"<feed/>")
    assert not PubmedXmlParser().recognises(other)
    with pytest.raises(FileInputError, match=r"x\.xml: not PubMed XML: its root is <feed>"):
        PubmedXmlParser().parse(other)


def test_a_set_without_records_is_refused() -> None:
    """A search that found nothing is no abstract to read."""
    with pytest.raises(FileInputError, match=r"set\.xml: holds no PubMed record"):
        parse()


def test_small_readers_of_names_and_years() -> None:
    """Initials lose stops and keep compound names; a year needs exactly four digits."""
    assert [initials_of(n) for n in ("", "José María", "P.-Y.")] == ["", "JM", "PY"]
    assert [first_year(t) for t in ("2006b", "12006", "May 1899", None)] == [2006, None, 1899, None]


def sample_files(shared: Path) -> list[Path]:
    return sorted((shared / "samples" / "pubmed").glob("*.xml"))


@pytest.mark.shared
def test_all_samples_agree_with_their_xml_record_by_record(shared: Path) -> None:
    """Ids, title, abstract words, authors, source and types are those of each record's elements."""
    seen = 0
    for path in sample_files(shared):
        source = SourceFile(name=path.name, data=path.read_bytes())
        assert PubmedXmlParser().recognises(source)
        parsed = PubmedXmlParser().parse(source)
        assert_consistent(parsed)
        documents = {d.document_id: d for d in parsed.documents}
        rejected = {r.place for r in parsed.rejections}
        for element in fromstring(path.read_bytes()).iter("PubmedArticle"):
            pmid = element.findtext("MedlineCitation/PMID")
            seen += 1
            if element.find(".//Abstract") is None:
                assert f"PMID {pmid}" in rejected
                assert pmid in {r.pmid for r in parsed.references}
            else:
                check_against(element, documents.pop(f"pmid:{pmid}"))
        assert not documents
    assert seen == 9


def check_against(element: Element, document: Document) -> None:
    reference = document.reference
    assert reference is not None
    for part in element.iter("AbstractText"):
        assert squeezed("".join(part.itertext())) in squeezed(document.text)
        label = part.get("Label")
        assert label is None or label in [s.title for s in document.sections]
    journal = element.find(".//Journal")
    assert journal is not None
    assert reference.journal == journal.findtext("ISOAbbreviation")
    assert reference.volume == journal.findtext("JournalIssue/Volume")
    assert reference.issue == journal.findtext("JournalIssue/Issue")
    assert str(reference.year) in "".join(journal.itertext())
    assert reference.pages == element.findtext(".//MedlinePgn")
    title = element.find(".//ArticleTitle")
    assert title is not None
    assert squeezed(reference.title) == squeezed("".join(title.itertext()))
    names = [a.findtext("LastName") or a.findtext("CollectiveName") for a in element.iter("Author")]
    assert len(names) == len(reference.authors)
    assert all(a.startswith(str(n)) for n, a in zip(names, reference.authors, strict=True))
    assert list(reference.publication_types) == [t.text for t in element.iter("PublicationType")]
    ids = {i.get("IdType"): i.text for i in element.findall("PubmedData/ArticleIdList/ArticleId")}
    assert reference.doi == ((ids.get("doi") or "").lower() or None)
    assert reference.pmcid == ids.get("pmc")


def squeezed(text: str) -> str:
    plain = text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return "".join(plain.replace("−", "-").split())
