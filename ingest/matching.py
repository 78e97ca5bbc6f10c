"""Tying references of an article to records that hold their abstracts: by identifier or title.

Only what identifies a work decides: PMID, DOI, PMCID, or the whole title with the same year. A
position in a list never does.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.records import Article, Document, Reference

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """An article with its abstracts tied.

    `tied` are ids of documents that an entry of its list names; `added` of documents that none
    names and that were added as unnumbered entries.
    """

    article: Article
    tied: tuple[str, ...]
    added: tuple[str, ...]


def tie(article: Article, documents: Sequence[Document]) -> Tied:
    """Return the article with each document tied to the entry that names the same work.

    A document that no entry names becomes an entry of its own without a number.
    """
    references = list(article.references)
    tied: list[str] = []
    added: list[str] = []
    for document in documents:
        record = document.reference or Reference(title=document.title)
        held = [i for i, r in enumerate(references) if r.document_id == document.document_id]
        position = held[0] if held else _entry_for(record, references)
        if position is None:
            references.append(replace(record, number=None, document_id=document.document_id))
            added.append(document.document_id)
        else:
            entry = references[position]
            references[position] = completed(entry, record, document.document_id)
            tied.append(document.document_id)
    return Tied(
        article=replace(article, references=tuple(references)),
        tied=tuple(tied),
        added=tuple(added),
    )


def same_work(one: Reference, other: Reference) -> bool:
    """Tell whether two references certainly name the same work.

    Identifiers decide where both have one of a kind, and a contradiction rules a match out;
    otherwise the whole title must agree, and the year wherever both give it.
    """
    shared = [(mine, theirs) for mine, theirs in _identifiers(one, other) if mine and theirs]
    if shared:
        return all(mine.lower() == theirs.lower() for mine, theirs in shared)
    titles = [" ".join(_WORD.findall(r.title.lower())) for r in (one, other)]
    years = {r.year for r in (one, other) if r.year is not None}
    return titles[0] == titles[1] != "" and len(years) == 1


def _identifiers(one: Reference, other: Reference) -> Iterable[tuple[str | None, str | None]]:
    return ((one.pmid, other.pmid), (one.doi, other.doi), (one.pmcid, other.pmcid))


def _entry_for(record: Reference, references: Sequence[Reference]) -> int | None:
    """Return the position of the only entry that names the work; None when none or several do."""
    found = [i for i, entry in enumerate(references) if same_work(record, entry)]
    return found[0] if len(found) == 1 else None


def completed(entry: Reference, record: Reference, document_id: str) -> Reference:
    """Fill what the article's list leaves out from the record; what it says itself stays."""
    return replace(
        entry,
        authors=entry.authors or record.authors,
        journal=entry.journal or record.journal,
        year=entry.year or record.year,
        volume=entry.volume or record.volume,
        issue=entry.issue or record.issue,
        pages=entry.pages or record.pages,
        doi=entry.doi or record.doi,
        pmid=entry.pmid or record.pmid,
        pmcid=entry.pmcid or record.pmcid,
        # both: a retraction that either of them knows must not be lost
        publication_types=tuple(
            dict.fromkeys((*entry.publication_types, *record.publication_types))
        ),
        document_id=document_id,
    )
