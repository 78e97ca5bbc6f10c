"""Abstracts from PubMed's XML, and what every reader of PubMed records has in common.

A record with an abstract becomes a document `pmid:<id>`; one without is known by its reference
alone and is reported.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from corpus.errors import FileInputError
from corpus.records import Document, Reference, ReferenceKind
from ingest.assemble import assemble
from ingest.drafts import Draft, Parsed, Rejection, SourceFile
from ingest.reference_lists import normalise_doi
from ingest.xml import inline_text, parse_xml, root_name, text_at

_ROOTS = frozenset(
    ("PubmedArticleSet", "PubmedArticle", "PubmedBookArticleSet", "PubmedBookArticle")
)
_UNLABELLED = frozenset(("", "UNLABELLED", "UNASSIGNED"))
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedRecord:
    """One record of a file: where it stands, what it identifies, and its abstract if any.

    `reference.document_id` is the id to store the abstract under, None where nothing gives one.
    """

    place: str
    reference: Reference
    drafts: tuple[Draft, ...]


class PubmedXmlParser:
    """`PubmedArticleSet` and its parts, journal articles and books alike."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "PubMed XML"

    def recognises(self, source: SourceFile) -> bool:
        """Say whether the root element is one of PubMed's."""
        return root_name(source) in _ROOTS

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:  # noqa: ARG002
        """Read every record; `slug` has no meaning here. Raises FileInputError."""
        root = parse_xml(source)
        if root.tag not in _ROOTS:
            raise FileInputError(source.name, f"not PubMed XML: its root is <{root.tag}>")
        records: list[CitedRecord] = []
        unidentified: list[Rejection] = []
        for position, element in enumerate(_record_elements(root), start=1):
            record = _record(element)
            if record is None:
                unidentified.append(Rejection(place=f"record {position}", reason="no PMID"))
            else:
                records.append(record)
        if not records and not unidentified:
            raise FileInputError(source.name, "holds no PubMed record")
        parsed = gather_abstracts(records)
        return replace(parsed, rejections=(*unidentified, *parsed.rejections))


def gather_abstracts(records: Iterable[CitedRecord]) -> Parsed:
    """Make a document of each record with an abstract; of records with one id the last is kept.

    The others are reported, and a record without an abstract stays known by its reference.
    """
    documents: dict[str, tuple[CitedRecord, Document]] = {}
    references: list[Reference] = []
    rejections: list[Rejection] = []
    for record in records:
        document_id = record.reference.document_id
        if not record.drafts or document_id is None:
            reason = "no abstract" if document_id is not None else "neither PMID nor DOI"
            references.append(replace(record.reference, document_id=None))
            rejections.append(Rejection(place=record.place, reason=reason))
            continue
        if document_id in documents:
            place = documents.pop(document_id)[0].place
            rejections.append(
                Rejection(place=place, reason=f"replaced by a later record of {document_id}")
            )
        documents[document_id] = (record, _abstract(document_id, record))
    return Parsed(
        documents=tuple(document for _, document in documents.values()),
        references=tuple(references),
        rejections=tuple(rejections),
    )


def publication_kind(publication_types: Iterable[str]) -> ReferenceKind:
    """Tell guidelines and consensus statements from research by PubMed's publication types.

    >>> publication_kind(["Journal Article", "Practice Guideline"])
    'guideline'
    """
    for publication_type in publication_types:
        folded = publication_type.casefold()
        if folded in ("guideline", "practice guideline") or folded.startswith("consensus"):
            return "guideline"
    return "research"


def first_year(text: str | None) -> int | None:
    """Return the first year from 1500 to 2099 in a date as printed (`1998 Dec-1999 Jan`)."""
    found = _YEAR.search(text or "")
    return int(found[0]) if found else None


def initials_of(given_names: str) -> str:
    """Return initials without stops; what already are initials stays as it is.

    >>> initials_of("Mary-Ann Jo"), initials_of("CPM"), initials_of("J. H.")
    ('MAJ', 'CPM', 'JH')
    """
    parts = re.findall(r"[^\W\d_]+", given_names)
    return "".join(part if part.isupper() else part[0].upper() for part in parts)


def _abstract(document_id: str, record: CitedRecord) -> Document:
    return assemble(
        document_id=document_id,
        kind="abstract",
        title=record.reference.title,
        drafts=record.drafts,
        reference=record.reference,
    )


def _record_elements(root: Element) -> Iterator[Element]:
    yield from (e for e in root.iter() if e.tag in ("PubmedArticle", "PubmedBookArticle"))


def _record(element: Element) -> CitedRecord | None:
    """Read one record; None where it has no PMID. What has no title is called by its PMID."""
    body = element.find("MedlineCitation")
    if body is None:
        body = element.find("BookDocument")
    pmid = text_at(body, "PMID") if body is not None else None
    if body is None or pmid is None or not re.fullmatch("[0-9]+", pmid):
        return None
    content = body.find("Article")
    content = body if content is None else content
    return CitedRecord(
        place=f"PMID {pmid}",
        reference=_reference(element, body, content, pmid),
        drafts=tuple(_abstract_drafts(content)),
    )


def _reference(element: Element, body: Element, content: Element, pmid: str) -> Reference:
    types = tuple(filter(None, map(inline_text, content.iter("PublicationType"))))
    return Reference(
        title=text_at(content, "ArticleTitle", "VernacularTitle", "Book/BookTitle")
        or f"PMID {pmid}",
        kind=publication_kind(types),
        authors=tuple(_authors(content)),
        journal=text_at(content, "Journal/ISOAbbreviation")
        or text_at(body, "MedlineJournalInfo/MedlineTA")
        or text_at(content, "Journal/Title"),
        year=_year(content),
        volume=text_at(content, "Journal/JournalIssue/Volume"),
        issue=text_at(content, "Journal/JournalIssue/Issue"),
        pages=_pages(content),
        doi=normalise_doi(_doi(element, content) or ""),
        pmid=pmid,
        pmcid=_article_id(element, "pmc"),
        publication_types=types,
        document_id=f"pmid:{pmid}",
    )


def _abstract_drafts(content: Element) -> Iterator[Draft]:
    for part in content.findall("Abstract/AbstractText"):
        text = inline_text(part)
        label = " ".join((part.get("Label") or "").split())
        if not text:
            continue
        if label not in _UNLABELLED:
            yield Draft(kind="heading", text=label, level=1)
        yield Draft(kind="paragraph", text=text)


def _authors(content: Element) -> Iterator[str]:
    author_list = content.find("AuthorList[@Type='authors']")
    author_list = content.find("AuthorList") if author_list is None else author_list
    for author in author_list if author_list is not None else ():
        if author.get("ValidYN") == "N":
            continue
        initials = text_at(author, "Initials") or initials_of(text_at(author, "ForeName") or "")
        parts = (text_at(author, "LastName"), initials, text_at(author, "Suffix"))
        name = text_at(author, "CollectiveName") or " ".join(filter(None, parts))
        if name:
            yield name


def _year(content: Element) -> int | None:
    for path in ("Journal/JournalIssue/PubDate", "ArticleDate", "Book/PubDate"):
        date = content.find(path)
        year = first_year(" ".join(date.itertext())) if date is not None else None
        if year is not None:
            return year
    return None


def _pages(content: Element) -> str | None:
    printed = text_at(content, "Pagination/MedlinePgn")
    if printed is None:
        ends = (text_at(content, "Pagination/StartPage"), text_at(content, "Pagination/EndPage"))
        printed = "-".join(filter(None, ends)) or None
    return printed


def _article_id(element: Element, id_type: str) -> str | None:
    """Return an id of the record itself, not one of the works that it cites."""
    parents = ("PubmedData", "PubmedBookData", "BookDocument")
    wanted = f"ArticleIdList/ArticleId[@IdType='{id_type}']"
    return text_at(element, *(f"{parent}/{wanted}" for parent in parents))


def _doi(element: Element, content: Element) -> str | None:
    return _article_id(element, "doi") or text_at(content, "ELocationID[@EIdType='doi']")
