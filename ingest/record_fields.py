"""One record of RIS, BibTeX or CSL-JSON, from the texts of its fields."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.records import Notice, Reference
from ingest.abstract_text import abstract_drafts, plain_line
from ingest.cited_records import CitedRecord, cited_id, initials_of, publication_kind
from ingest.drafts import Rejection
from ingest.publication_notices import title_notices
from ingest.reference_lists import normalise_doi

_PMID = re.compile(r"(?:\bPMID\s*:?\s*|pubmed\.ncbi\.nlm\.nih\.gov/|/pubmed/)([1-9]\d{0,8})\b")
_PMCID = re.compile(r"\bPMC([1-9]\d{0,8})\b")
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)
_RETRACTED_NOTE = re.compile(r"\s*retracted\.?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What a record says, as printed: markup and all. "" and () where it says nothing.

    `notes` and `urls` are searched for identifiers; `dois` are tried in order.
    """

    title: str
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: int | None = None
    volume: str = ""
    issue: str = ""
    pages: str = ""
    dois: tuple[str, ...] = ()
    pmid: str = ""
    pmcid: str = ""
    urls: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    abstract: str = ""


def record_of(fields: Fields, *, place: str, source: str) -> CitedRecord | Rejection:
    """Return the record; one without title, PMID and DOI is left out.

    `source` is the format that told of a retraction.
    """
    searched = (*fields.notes, *fields.urls)
    pmid = _only(re.fullmatch(r"([1-9]\d{0,8})", fields.pmid.strip())) or _found(_PMID, searched)
    pmcid = _found(_PMCID, (fields.pmcid, *searched))
    doi = next(filter(None, map(normalise_doi, (*fields.dois, *fields.urls))), None)
    title = plain_line(fields.title)
    if not (title or pmid or doi):
        return Rejection(place=place, reason="no title, no PMID and no DOI")
    types = tuple(filter(None, map(plain_line, fields.types)))
    document_id = cited_id(pmid=pmid, doi=doi)
    reference = Reference(
        title=title or document_id or "untitled",
        kind=publication_kind(types),
        authors=tuple(filter(None, map(plain_line, fields.authors))),
        journal=plain_line(fields.journal) or None,
        year=fields.year,
        volume=plain_line(fields.volume) or None,
        issue=plain_line(fields.issue) or None,
        pages=plain_line(fields.pages) or None,
        doi=doi,
        pmid=pmid,
        pmcid=f"PMC{pmcid}" if pmcid else None,
        url=next((m[0] for m in map(_WEB.search, fields.urls) if m and not _is_id(m[0])), None),
        publication_types=types,
        document_id=document_id,
        notices=title_notices(title) or _noted(fields.notes, source),
    )
    return CitedRecord(place=place, reference=reference, drafts=abstract_drafts(fields.abstract))


def name_of(family: str, given: str = "", suffix: str = "") -> str:
    """Return `Surname AB Jr`, the form that all readers give.

    >>> name_of("van der Berg", "Anna B.", "Jr.")
    'van der Berg AB Jr'
    """
    parts = (family.strip(), initials_of(given), suffix.strip().rstrip("."))
    return " ".join(part for part in parts if part)


def _noted(notes: Iterable[str], source: str) -> tuple[Notice, ...]:
    noted = any(_RETRACTED_NOTE.fullmatch(note) for note in notes)
    return (Notice(kind="retraction", source=source),) if noted else ()


def _is_id(address: str) -> bool:
    return "doi.org/" in address or "pubmed" in address


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> str | None:
    return next((found[1] for found in map(pattern.search, texts) if found), None)


def _only(found: re.Match[str] | None) -> str | None:
    return found[1] if found else None
