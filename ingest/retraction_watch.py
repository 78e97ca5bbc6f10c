"""Retractions, concerns and corrections from a local copy of the Retraction Watch database.

Crossref distributes it as one CSV file (https://gitlab.com/crossref/retraction-watch-data), a row
per notice: `Record ID, Title, …, RetractionDate, RetractionDOI, RetractionPubMedID,
OriginalPaperDate, OriginalPaperDOI, OriginalPaperPubMedID, RetractionNature, Reason, …`. Dates are
`month/day/year 0:00`; where an identifier is not known it says `0`, `unavailable` or nothing.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from corpus.errors import FileInputError
from corpus.records import Article, Document, Notice, NoticeKind, Reference
from ingest.drafts import Rejection
from ingest.reference_lists import normalise_doi
from ingest.retraction_watch_rows import Entry, Nature, pmid_in, rows_of

SOURCE = "Retraction Watch"
MAX_FILE_BYTES = 300_000_000

_KINDS: Mapping[Nature, NoticeKind] = {
    "retraction": "retraction",
    "concern": "concern",
    "correction": "correction",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractionWatch:
    """The database as one file has it.

    `dated` is the newest date of a notice in the file that does not lie in the future, and
    `dated_by` then "newest notice"; where no row has a date it is the day on which the file was
    last written ("file"). `nameless` counts rows whose work has neither a DOI nor a PMID.
    """

    name: str
    dated: dt.date
    dated_by: Literal["newest notice", "file"]
    rows: int
    nameless: int = 0
    rejections: tuple[Rejection, ...] = ()
    _by_doi: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict, repr=False)
    _by_pmid: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(
        cls, path: Path, *, max_bytes: int = MAX_FILE_BYTES, today: dt.date | None = None
    ) -> "RetractionWatch":
        """Read the CSV file row by row; rows that cannot be used are reported with their line.

        Raises FileInputError for a file that is missing, too large, another one, or without a
        row that can be used.
        """
        written = _written(path, max_bytes)
        entries: list[Entry] = []
        rejections: list[Rejection] = []
        try:
            # the file holds names in several encodings; what is read here is ASCII but for reasons
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                for row in rows_of(str(path), file):
                    (entries if isinstance(row, Entry) else rejections).append(row)  # type: ignore[arg-type]
        except OSError as error:
            raise FileInputError(str(path), error.strerror or str(error)) from error
        if not entries:
            first = f"; {rejections[0].place}: {rejections[0].reason}" if rejections else ""
            raise FileInputError(str(path), f"holds no row that can be used{first}")
        dates = [e.date for e in entries if e.date and e.date <= (today or _today())]
        return cls(
            name=str(path),
            dated=max(dates) if dates else written,
            dated_by="newest notice" if dates else "file",
            rows=len(entries),
            nameless=sum(1 for e in entries if not e.doi and not e.pmid),
            rejections=tuple(rejections),
            _by_doi=_grouped((e.doi, e) for e in entries),
            _by_pmid=_grouped((e.pmid, e) for e in entries),
        )

    @property
    def shown(self) -> str:
        """The source with its date, as it is shown wherever it is used."""
        by = "newest notice" if self.dated_by == "newest notice" else "file of"
        return f"{SOURCE} ({by} {self.dated.isoformat()})"

    def notices_for(self, reference: Reference) -> tuple[Notice, ...]:
        """Return what was published about a work, the oldest first.

        Its DOI or PMID must agree, and neither may contradict. A reinstatement takes away the
        retractions of the same day and before; where one of the two has no date, none.
        """
        return _notices(self._agreeing(reference))

    def doubtful_for(self, reference: Reference) -> tuple[Notice, ...]:
        """Return notices of which one identifier names the work and the other one another."""
        certain = self._agreeing(reference)
        return _notices([e for e in self._found(reference) if e not in certain])

    def _found(self, reference: Reference) -> list[Entry]:
        doi, pmid = _names_of(reference)
        found = (*self._by_doi.get(doi or "", ()), *self._by_pmid.get(pmid or "", ()))
        return list(dict.fromkeys(found))

    def _agreeing(self, reference: Reference) -> list[Entry]:
        doi, pmid = _names_of(reference)
        return [
            entry
            for entry in self._found(reference)
            if (not doi or not entry.doi or doi == entry.doi)
            and (not pmid or not entry.pmid or pmid == entry.pmid)
        ]


def marked(article: Article, watch: RetractionWatch) -> Article:
    """Return the article with what the database says about each reference, and nothing older."""
    references = tuple(marked_reference(reference, watch) for reference in article.references)
    document = marked_document(article.document, watch)
    return replace(article, references=references, document=document)


def marked_document(document: Document, watch: RetractionWatch) -> Document:
    """Return a document with what the database says about its own work."""
    if document.reference is None:
        return document
    return replace(document, reference=marked_reference(document.reference, watch))


def marked_reference(reference: Reference, watch: RetractionWatch) -> Reference:
    """Return a reference with what the database says about its work, and nothing older."""
    others = tuple(notice for notice in reference.notices if notice.source != SOURCE)
    return replace(reference, notices=(*others, *watch.notices_for(reference)))


def still_marked(new: Article, old: Article) -> Article:
    """Return an article that is read anew with the marks that its works bear in the stored one."""
    bearing = [r for r in old.references if any(n.source == SOURCE for n in r.notices)]
    known = {name: r for r in bearing for name in enumerate(_names_of(r)) if name[1]}
    references = tuple(
        next(
            (
                mark_kept(reference, known[name])
                for name in enumerate(_names_of(reference))
                if name in known
            ),
            reference,
        )
        for reference in new.references
    )
    own = new.document.reference, old.document.reference
    if own[0] is None or own[1] is None:
        return replace(new, references=references)
    document = replace(new.document, reference=mark_kept(own[0], own[1]))
    return replace(new, references=references, document=document)


def mark_kept(new: Reference, old: Reference) -> Reference:
    """Return a record that is read anew with what the database said of its work.

    What an older marking found stays until the next one: a retraction must not be forgotten
    because a file was read again.
    """
    kept = tuple(notice for notice in old.notices if notice.source == SOURCE)
    return replace(new, notices=tuple(dict.fromkeys((*new.notices, *kept))))


def _notices(entries: Sequence[Entry]) -> tuple[Notice, ...]:
    reinstated = [e.date for e in entries if e.nature == "reinstatement" and e.date]
    last = max(reinstated, default=None)
    notices = {
        Notice(
            kind=_KINDS[e.nature],
            source=SOURCE,
            date=e.date,
            identifier=e.identifier,
            text=e.reason,
        )
        for e in entries
        if e.nature in _KINDS
        and not (e.nature == "retraction" and e.date and last and e.date <= last)
    }
    return tuple(
        sorted(notices, key=lambda n: (n.date or dt.date.min, n.kind, n.identifier or "", n.text))
    )


def _names_of(reference: Reference) -> tuple[str | None, str | None]:
    doi = normalise_doi(reference.doi) if reference.doi else None
    return doi, pmid_in(reference.pmid or "")


def _written(path: Path, max_bytes: int) -> dt.date:
    try:
        found = path.stat()
    except OSError as error:
        raise FileInputError(str(path), error.strerror or str(error)) from error
    if path.is_dir():
        raise FileInputError(str(path), "is a folder, not a file")
    if found.st_size > max_bytes:
        reason = f"{found.st_size:,} bytes are more than the limit of {max_bytes:,}"
        raise FileInputError(str(path), reason)
    return dt.datetime.fromtimestamp(found.st_mtime, tz=dt.UTC).date()


def _today() -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date()


def _grouped(named: Iterable[tuple[str | None, Entry]]) -> dict[str, tuple[Entry, ...]]:
    grouped: defaultdict[str, list[Entry]] = defaultdict(list)
    for name, entry in named:
        if name is not None:
            grouped[name].append(entry)
    return {name: tuple(entries) for name, entries in grouped.items()}
