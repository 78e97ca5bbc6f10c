"""Tying references of an article to records that hold their abstracts: by identifier or title.

Only what identifies a work decides: PMID, DOI, PMCID, or the whole title with the same year. What
merely looks alike is listed for the editor with its score; a position in a list never decides.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol
from urllib.parse import unquote

from corpus.records import Article, Reference
from ingest.reference_lists import normalise_doi
from ingest.title_matching import LISTED_FROM, same_first_author, score, title_key

_PMID = re.compile(r"(?:pmid:?\s*)?0*(\d{1,9})", re.IGNORECASE)
_PMCID = re.compile(r"(?:pmcid:?\s*)?pmc:?\s*0*(\d{1,9})(?:\.\d+)?", re.IGNORECASE)
_NAMES = {"pmid": "PMID", "doi": "DOI", "pmcid": "PMCID"}


class Citable(Protocol):
    """What a record must tell to be tied: a document, or what is known of one."""

    @property
    def document_id(self) -> str:
        """The id under which the abstract is stored."""
        ...

    @property
    def title(self) -> str:
        """The title of the work."""
        ...

    @property
    def reference(self) -> Reference | None:
        """The work's identity, where it is known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """An article with its abstracts tied.

    `tied` are ids of documents that an entry of its list names; `added` of documents that none
    names and that were added as unnumbered entries.
    """

    article: Article
    tied: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What two references are to each other, the score of `ingest.title_matching`, and why.

    "same" is certain; "doubtful" is for a person to decide; "other" is all the rest.
    """

    kind: Literal["same", "doubtful", "other"]
    score: float
    why: str


def record_of(document: Citable) -> Reference:
    """Return the identity of a record; one that has none is known by its title."""
    return document.reference or Reference(title=document.title)


def tie(article: Article, documents: Sequence[Citable]) -> Tied:
    """Return the article with each document tied to the entry that names the same work.

    A document that no entry names becomes an entry of its own without a number.
    """
    entries = _Entries(article.references)
    tied: list[str] = []
    added: list[str] = []
    for document in documents:
        record = record_of(document)
        position = entries.holding(document.document_id)
        if position is None:
            position = entries.naming(record, document.document_id)
        if position is None:
            entries.add(replace(record, number=None, document_id=document.document_id))
            added.append(document.document_id)
        else:
            entry = entries.references[position]
            entries.put(position, completed(entry, record, document.document_id))
            tied.append(document.document_id)
    return Tied(
        article=replace(article, references=tuple(entries.references)),
        tied=tuple(tied),
        added=tuple(added),
    )


def same_work(one: Reference, other: Reference) -> bool:
    """Tell whether two references certainly name the same work."""
    return compare(one, other).kind == "same"


def compare(one: Reference, other: Reference) -> Match:
    """Say what two references are to each other.

    Identifiers decide where both have one of a kind: all of them must agree. Otherwise the whole
    title must agree, and the year wherever both give it, and no other first author be named.
    """
    mine, theirs = identifiers(one), identifiers(other)
    shared = [kind for kind in _NAMES if kind in mine and kind in theirs]
    differ = [kind for kind in shared if mine[kind] != theirs[kind]]
    agree = [kind for kind in shared if kind not in differ]
    alike = _same_title_and_year(one, other)
    if agree and not differ:
        return Match(kind="same", score=1.0, why=_named(agree, "agrees"))
    if agree or (differ and alike):
        why = _named(agree, "agrees") if agree else "same title and year"
        return Match(kind="doubtful", score=score(one, other), why=f"{why}, {_differing(differ)}")
    if differ:
        return Match(kind="other", score=score(one, other), why=_differing(differ))
    if alike and same_first_author(one, other) is not False:
        return Match(kind="same", score=score(one, other), why="same title and year")
    found = score(one, other)
    if found < LISTED_FROM:
        return Match(kind="other", score=found, why="another title")
    return Match(kind="doubtful", score=found, why=_likeness(one, other))


def identifiers(reference: Reference) -> dict[str, str]:
    """Return the identifiers of a reference by kind, each in the one form that is compared.

    A PMCID in the place of a PMID is one; a DOI is taken out of an address and decoded.

    >>> identifiers(Reference(title="", pmid="PMC12", doi="10.1/A%3C2%3E"))
    {'pmcid': '12', 'doi': '10.1/a<2>'}
    """
    found: dict[str, str] = {}
    for printed in filter(None, (reference.pmid, reference.pmcid)):
        pmcid, pmid = _PMCID.fullmatch(printed.strip()), _PMID.fullmatch(printed.strip())
        if pmcid:
            found.setdefault("pmcid", pmcid[1])
        elif pmid and printed == reference.pmid:
            found["pmid"] = pmid[1]
        else:
            found.setdefault("pmid" if printed == reference.pmid else "pmcid", printed.lower())
    if reference.doi:
        found["doi"] = doi_key(reference.doi)
    return found


def doi_key(printed: str) -> str:
    """Return the form in which DOIs are compared; what is no DOI is compared in lower case."""
    decoded = unquote(printed) if "%" in printed else printed
    return normalise_doi(decoded) or printed.strip().lower()


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
        notices=tuple(dict.fromkeys((*entry.notices, *record.notices))),
        document_id=document_id,
    )


def names_of(reference: Reference) -> Iterator[str]:
    """Give every name by which the same work may be found: identifiers, and the title's key."""
    yield from (f"{kind}:{value}" for kind, value in identifiers(reference).items())
    key = title_key(reference.title)
    if key:
        yield f"title:{key}"


class _Entries:
    """A reference list while abstracts are tied to it, found by any name of a work."""

    def __init__(self, references: Iterable[Reference]) -> None:
        self.references: list[Reference] = []
        self._named: dict[str, list[int]] = {}
        self._held: dict[str, int] = {}
        for reference in references:
            self.add(reference)

    def add(self, reference: Reference) -> None:
        self.references.append(reference)
        self._note(len(self.references) - 1, reference)

    def put(self, position: int, reference: Reference) -> None:
        self.references[position] = reference
        self._note(position, reference)

    def holding(self, document_id: str) -> int | None:
        return self._held.get(document_id)

    def naming(self, record: Reference, document_id: str) -> int | None:
        """Return the only free entry that certainly names the work; None where several do."""
        near = {p for name in names_of(record) for p in self._named.get(name, ())}
        found = [
            position
            for position in sorted(near)
            if self.references[position].document_id in (None, document_id)
            and same_work(record, self.references[position])
        ]
        return found[0] if len(found) == 1 else None

    def _note(self, position: int, reference: Reference) -> None:
        if reference.document_id is not None:
            self._held.setdefault(reference.document_id, position)
        for name in names_of(reference):
            positions = self._named.setdefault(name, [])
            if position not in positions:
                positions.append(position)


def _same_title_and_year(one: Reference, other: Reference) -> bool:
    titles = [title_key(one.title), title_key(other.title)]
    years = {r.year for r in (one, other) if r.year is not None}
    return titles[0] == titles[1] != "" and len(years) == 1


def _named(kinds: Iterable[str], verb: str) -> str:
    return ", ".join(f"{_NAMES[kind]} {verb}" for kind in kinds)


def _differing(kinds: Iterable[str]) -> str:
    return "but " + _named(kinds, "differs")


def _likeness(one: Reference, other: Reference) -> str:
    same = title_key(one.title) == title_key(other.title)
    said = ["same title" if same else "similar title"]
    if one.year is None or other.year is None:
        said.append("year unknown" if one.year == other.year else "one year unknown")
    elif one.year != other.year:
        said.append(f"years {one.year} and {other.year}")
    if same_first_author(one, other) is False:
        said.append("another first author")
    return ", ".join(said)
