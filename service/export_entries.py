"""The references of a saved answer record, made ready for reference managers and texts.

A record may have been saved by an earlier version, so every key but the first ones may be missing.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from corpus.names import PersonName, person_name
from service.cited_papers import CitedThere, cited_there

EntryKind = Literal["article-journal", "report", "webpage", "document"]
RETRACTED = "Retracted."
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_WEB = re.compile(r"https?://[^\s<>\"\\]+", re.IGNORECASE)
# Characters that end a line, steer a terminal, or turn the direction of what follows.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One reference: plain single lines of text, None for what the record does not say.

    `key` is ASCII, stays the same from answer to answer, and is unique in its list. `date` is
    (year), (year, month, day) or (). `url` is an address on the web.
    """

    key: str
    marker: int
    kind: EntryKind
    title: str
    authors: tuple[PersonName | str, ...]
    journal: str | None
    date: tuple[int, ...]
    volume: str | None
    issue: str | None
    pages: str | None
    doi: str | None
    pmid: str | None
    pmcid: str | None
    url: str | None
    retracted: bool
    formatted: str


def one_line(text: Any) -> str:
    """Return text as one line without control characters; "" for None."""
    seen = _UNSEEN.sub(lambda m: " " if m[0].isspace() or m[0] == "\x00" else "", str(text or ""))
    return " ".join(seen.split())


def entries_of(record: Mapping[str, Any], site: str = "") -> tuple[Entry, ...]:
    """Return the references of an answer record in its order.

    `site` is the address that a relative one is completed with (`https://example.org`).
    """
    entries: list[Entry] = []
    for reference in record.get("references") or ():
        entries.append(_entry(reference, site, {entry.key for entry in entries}))
    return tuple(entries)


def cited_besides(record: Mapping[str, Any]) -> tuple[CitedThere, ...]:
    """Return the papers that quoted articles cite there and that are not among the references."""
    references = record.get("references") or ()
    listed = {name for one in references for name in _names(one, record.get("article"))}
    cited = record.get("cited") or ()
    besides = [paper for paper in cited if listed.isdisjoint(_names(paper, paper["article"]))]
    return cited_there({**record, "cited": besides})


def web_address(address: Any, site: str = "") -> str | None:
    """Return an http(s) address, a path of ours completed with `site`; None for anything else."""
    printed = str(address or "")
    if printed.startswith("/") and site:
        printed = site.rstrip("/") + printed
    return printed if _WEB.fullmatch(printed) else None


def _names(work: Mapping[str, Any], article: str | None) -> set[str]:
    """Return what tells a work: its identifiers, and its number in the list of an article."""
    named = {f"{key}:{work[key]}".lower() for key in ("pmid", "doi") if work.get(key)}
    number = work.get("number")
    return named if article is None or number is None else {*named, f"{article} {number}"}


def _entry(reference: Mapping[str, Any], site: str, taken: Iterable[str]) -> Entry:
    text = {name: one_line(reference.get(name)) or None for name in _TEXTS}
    authors = tuple(filter(None, map(one_line, reference.get("authors") or ())))
    names = tuple(person_name(author) or author for author in authors)
    date = _date(reference)
    return Entry(
        key=_unique(_key(reference, names, date), taken),
        marker=int(reference.get("marker") or 0),
        kind=_kind(reference),
        title=text["title"] or text["formatted"] or "untitled",
        authors=names,
        journal=text["journal"],
        date=date,
        volume=text["volume"],
        issue=text["issue"],
        pages=text["pages"],
        doi=text["doi"],
        pmid=text["pmid"],
        pmcid=text["pmcid"],
        url=web_address(reference.get("url"), site),
        retracted=reference.get("retracted") is True,
        formatted=text["formatted"] or text["title"] or "untitled",
    )


_TEXTS = ("title", "journal", "volume", "issue", "pages", "doi", "pmid", "pmcid", "formatted")


def _kind(reference: Mapping[str, Any]) -> EntryKind:
    if reference.get("kind") == "article":
        return "webpage"
    if reference.get("journal"):
        return "article-journal"
    return "report" if reference.get("kind") == "guideline" else "document"


def _date(reference: Mapping[str, Any]) -> tuple[int, ...]:
    updated = _ISO_DATE.fullmatch(str(reference.get("updated") or ""))
    if updated:
        return tuple(map(int, updated.groups()))
    year = reference.get("year")
    return (year,) if isinstance(year, int) else ()


def _key(
    reference: Mapping[str, Any], authors: tuple[PersonName | str, ...], date: tuple[int, ...]
) -> str:
    """Return surname, year and an identifier, so that a key never depends on its neighbours."""
    first = next((a.family for a in authors if isinstance(a, PersonName)), "")
    document_id = str(reference.get("document_id") or "")
    name = _ascii(first) or _ascii(document_id if reference.get("kind") == "article" else "")
    pmid = re.fullmatch(r"\d+", str(reference.get("pmid") or ""), re.ASCII)
    said = document_id or json.dumps([reference.get(k) for k in ("doi", "title", "formatted")])
    digest = hashlib.sha256(said.encode(errors="replace")).hexdigest()[:8]
    year = str(date[0]) if date else ""
    return f"{name[:40] or 'ref'}{year}-{f'pmid{pmid[0]}' if pmid else digest}"


def _unique(key: str, taken: Iterable[str]) -> str:
    known = {other.casefold() for other in taken}
    choices = (f"{key}-{number}" if number > 1 else key for number in range(1, len(known) + 2))
    return next(choice for choice in choices if choice.casefold() not in known)


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
