"""What the links and marked fields of a reference list's entry say of the work."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree.ElementTree import Element

from corpus.records import Reference
from ingest.html_tree import class_names, hrefs_of, words_of
from ingest.reference_lists import normalise_doi

_DOI_IN_PATH = re.compile(
    r"/doi/(?:(?:abs|full|pdf|epdf|epub|book|10\.1002/\w+)/)?(10\.\d{4,9}/[^?#]+)"
)
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)(\d{1,9})\b")
_EUROPE = re.compile(r"europepmc\.org/(?:article|abstract)/med/(\d{1,9})\b", re.IGNORECASE)
_PMC = re.compile(r"(?:/articles?/|/pmc/)(?:pmc/)?(PMC\d{1,9})\b", re.IGNORECASE)
_NO_SOURCE = re.compile(
    r"doi\.org/|pubmed|ncbi\.nlm\.nih\.gov|europepmc|scholar\.google|webofknowledge|webofscience"
    r"|crossref\.org|linkout|openurl|scopus\.com|chemport",
    re.IGNORECASE,
)
_FIELDS = {
    "title": re.compile(r"(?:article|ref|cit|reference|chapter)-?_?title"),
    "journal": re.compile(r"journal-?_?title|(?:ref|cit)-(?:journal|source|jnl\S*)|source"),
    "year": re.compile(r"(?:pub-?_?|cit-(?:pub-)?|ref-)(?:year|date)"),
}


def with_links(read: Reference, element: Element) -> Reference:
    """Add what links and marked fields of an entry say to what its words say."""
    links = list(hrefs_of(element))
    fields = _fields(element)
    year = re.search(r"(?:19|20)\d\d", fields.get("year", ""))
    return replace(
        read,
        title=fields.get("title") or read.title,
        journal=fields.get("journal") or read.journal,
        year=int(year[0]) if year else read.year,
        doi=read.doi or _first(map(_doi_in, links)),
        pmid=read.pmid or _first(map(_pmid_in, links)),
        pmcid=read.pmcid or _first(map(_pmcid_in, links)),
        url=read.url or _first(map(_source_in, links)),
    )


def _fields(element: Element) -> Mapping[str, str]:
    """Return the title, journal and year that the page marks as such by class."""
    found: dict[str, str] = {}
    for inner in element.iter():
        for name, pattern in _FIELDS.items():
            if inner is not element and any(map(pattern.fullmatch, class_names(inner))):
                found.setdefault(name, words_of(inner).strip(" ,;"))
    return found


def _first(found: Iterator[str | None]) -> str | None:
    return next(filter(None, found), None)


def _parts(link: str) -> tuple[str, str]:
    """Return an address without its query, and the query; both empty for a broken one."""
    try:
        split = urlsplit(link)
    except ValueError:
        return "", ""
    return f"{split.netloc}{split.path}", split.query


def _doi_in(link: str) -> str | None:
    address, query = _parts(link)
    named = re.match(r"(?:dx\.|www\.)?doi\.org/(.+)", address)
    in_path = _DOI_IN_PATH.search(address)
    if named:
        return normalise_doi(unquote(named[1]))
    if in_path:
        return normalise_doi(unquote(in_path[1]))
    if link.lower().startswith("doi:"):
        return normalise_doi(link)
    return normalise_doi(parse_qs(query).get("doi", [""])[0]) if query else None


def _pmid_in(link: str) -> str | None:
    address, query = _parts(link)
    found = _PUBMED.search(address) or _EUROPE.search(address)
    if found:
        return found[1]
    if "ncbi.nlm.nih.gov" not in address:
        return None
    given = parse_qs(query)
    term = next((v for key in ("list_uids", "term") for v in given.get(key, ())), "")
    number = re.match(r"(\d{1,9})(?:\[(?:uid|pmid)\])?$", term, re.IGNORECASE)
    return number[1] if number else None


def _pmcid_in(link: str) -> str | None:
    found = _PMC.search(_parts(link)[0])
    return found[1].upper() if found else None


def _source_in(link: str) -> str | None:
    """Return a link to the work itself, as against one to an index of works."""
    if not re.fullmatch(r"https?://[^\s<>\"]+", link) or _NO_SOURCE.search(link):
        return None
    if not _parts(link)[0]:
        return None
    return None if _DOI_IN_PATH.search(link) else link
