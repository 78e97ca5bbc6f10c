"""The reference list of an article as its page shows it: grouped, badged, with ways there and back.

The numbers are the article's own; grouping changes no number.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from corpus.formatting import vancouver
from corpus.library import Library
from corpus.records import Article, Document, Reference, ReferenceKind
from service.cited_papers import stored_as
from service.http_articles import doi_address, page_path, pubmed_address, web_address
from service.reference_marks import Marks, marks_of, notice_address, notice_line

_GROUPS: tuple[tuple[ReferenceKind, str], ...] = (
    ("guideline", "Guidelines"),
    ("research", "Research"),
)
_NOT_STORED = "No text of it is stored here: answers cannot quote it."
_ABSTRACT = "Answers quote its abstract, not the whole paper."
_WHOLE = "Full text stored."


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A label and an address that is fit to be a link."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceView:
    """An entry of the reference list; `line` is without the identifiers, which are links.

    `anchor` is where a citation number leads (empty for an entry without a number of its own),
    `places` the anchors in the text where the number is printed, in order. `notices` are what was
    published about the work, each with "" for an address where none is known.
    """

    number: int | None
    anchor: str
    kind: str
    line: str
    links: tuple[Link, ...]
    stored: str
    abstract_only: bool
    retracted: bool
    evidence: str
    concern: bool
    corrected: bool
    notice_of: str
    notices: tuple[Link, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceGroup:
    """The references of one kind, in the order of the article's list."""

    title: str
    references: tuple[ReferenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """A number that the text cites and the list does not have, and where it is printed."""

    number: int
    places: tuple[str, ...]


def reference_groups(article: Article | None, library: Library) -> tuple[ReferenceGroup, ...]:
    """Return the reference list, guidelines first; groups without an entry are left out."""
    if article is None:
        return ()
    views = list(_views(article, library))
    groups = (
        ReferenceGroup(title=title, references=tuple(v for v in views if v.kind == kind))
        for kind, title in _GROUPS
    )
    return tuple(group for group in groups if group.references)


def unlisted_numbers(article: Article | None, document: Document) -> tuple[Unlisted, ...]:
    """Return the citation numbers of the text that lead to no reference, in order."""
    printed = _printed(document)
    return tuple(
        Unlisted(number=number, places=_places(number, printed))
        for number in sorted(printed)
        if article is None or article.reference_numbered(number) is None
    )


def reference_line(reference: Reference) -> str:
    """Return authors, title, journal, year and pages; as printed when nothing is known of it."""
    if not reference.title:
        return reference.as_listed
    return vancouver(replace(reference, doi=None, pmid=None))


def links_of(reference: Reference) -> tuple[Link, ...]:
    """Return a reference's identifiers as links, its own address only when it has none."""
    doi, pmid = doi_address(reference.doi), pubmed_address(reference.pmid)
    pairs = [
        (f"doi:{reference.doi}", doi),
        (f"PMID {reference.pmid}", pmid),
        ("Web page", None if doi or pmid else web_address(reference.url)),
    ]
    return tuple(Link(label=label, href=href) for label, href in pairs if href)


def source_links(source: dict[str, Any]) -> tuple[Link, ...]:
    """Return the links of one entry of an answer record's `references` or `cited`."""
    if source["kind"] == "article":
        return (Link(label="Article", href=page_path(source["document_id"])),)
    reference = Reference(title="", doi=source["doi"], pmid=source["pmid"], url=source["url"])
    return links_of(reference)


def _views(article: Article, library: Library) -> Iterator[ReferenceView]:
    printed = _printed(article.document)
    taken: set[int] = set()
    for reference in article.references:
        stored = stored_as(reference, library)
        number = reference.number
        marks = marks_of(reference, stored.reference if stored else None)
        # of two entries with one number the first is the one that the number leads to
        own = number is not None and number not in taken
        yield ReferenceView(
            number=number,
            anchor=f"ref-{number}" if own else "",
            kind=reference.kind,
            line=reference_line(reference),
            links=(*links_of(reference), *_stored_link(stored)),
            stored=_stored_note(stored),
            abstract_only=stored is not None and stored.kind == "abstract" and not stored.note,
            retracted=marks.retracted,
            evidence=_evidence(marks, reference),
            concern=marks.concern,
            corrected=marks.corrected,
            notice_of=marks.notice_of or "",
            notices=_notices(marks),
            places=_places(number, printed) if number is not None and own else (),
        )
        if number is not None:
            taken.add(number)


def _printed(document: Document) -> Counter[int]:
    return Counter(number for callout in document.callouts for number in callout.numbers)


def _places(number: int, printed: Counter[int]) -> tuple[str, ...]:
    return tuple(f"cite-{number}-{nth}" for nth in range(1, printed[number] + 1))


def _evidence(marks: Marks, reference: Reference) -> str:
    """Return the kind of evidence, "" where it is unknown or what the first badge says already."""
    label = marks.evidence.value if marks.evidence else ""
    return "" if label == reference.kind else label


def _notices(marks: Marks) -> tuple[Link, ...]:
    return tuple(
        Link(label=notice_line(notice), href=notice_address(notice) or "")
        for notice in marks.notices
    )


def _stored_link(stored: Document | None) -> tuple[Link, ...]:
    if stored is None:
        return ()
    return (Link(label="Read the stored text", href=page_path(stored.document_id)),)


def _stored_note(stored: Document | None) -> str:
    if stored is None:
        return _NOT_STORED
    if stored.note:
        return stored.note
    return _ABSTRACT if stored.kind == "abstract" else _WHOLE
