"""Abstracts from PubMed's XML, journal articles and books alike."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from corpus.records import Reference
from ingest.cited_records import (
    CitedRecord,
    first_year,
    initials_of,
    parsed_records,
    publication_kind,
    some_records,
)
from ingest.drafts import Draft, Parsed, Rejection, SourceFile
from ingest.publication_notices import pubmed_notices
from ingest.reference_lists import normalise_doi
from ingest.xml import inline_text, root_name, text_at
from ingest.xml_stream import stream_elements

_ROOTS = frozenset(
    ("PubmedArticleSet", "PubmedArticle", "PubmedBookArticleSet", "PubmedBookArticle")
)
_RECORDS = frozenset(("PubmedArticle", "PubmedBookArticle"))
_UNLABELLED = frozenset(("", "UNLABELLED", "UNASSIGNED"))


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
        return parsed_records(self, source)

    def records(self, file: BinaryIO, *, name: str) -> Iterator[CitedRecord | Rejection]:
        """Give the records one by one; a damaged file raises FileInputError where it breaks."""
        elements = stream_elements(file, name=name, roots=_ROOTS, tags=_RECORDS, kind=self.name)
        return some_records(_records(elements), name=name, kind="PubMed record")


def _records(elements: Iterable[Element]) -> Iterator[CitedRecord | Rejection]:
    for position, element in enumerate(elements, start=1):
        record = _record(element)
        yield record or Rejection(place=f"record {position}", reason="no PMID")


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
        notices=pubmed_notices(body),
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
