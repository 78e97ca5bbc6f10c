"""What the page templates are given: plain values, addresses already checked."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from corpus.errors import NotFoundError
from corpus.formatting import vancouver
from corpus.library import Library
from corpus.records import Article, Document, Reference
from service.http_articles import (
    doi_address,
    page_path,
    pubmed_address,
    stored_as,
    web_address,
)

# Where a span can be seen: (document id, offset) to an address; None when it is not stored here.
SpanFinder = Callable[[str, int], str | None]

_LISTED = re.compile(r"( *)- ")
_LABELS = {"article": "Article", "abstract": "Abstract", "text": "Text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A label and an address that is fit to be a link."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What stands around a text; `review_status` is None for a document that is no article."""

    label: str
    review_status: str | None = None
    pending: bool = False
    updated: str | None = None
    editorial_board: str | None = None
    audience_note: str | None = None
    policy: str | None = None
    disclaimer: str | None = None
    formatted: str | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceView:
    """An entry of the reference list; `line` is without the identifiers, which are links."""

    number: int | None
    kind: str
    line: str
    links: tuple[Link, ...]
    stored: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a statement; `depth` 0 is running text, 1 and more a list item."""

    text: str
    depth: int


def article_facts(article: Article | None, document: Document) -> Facts:
    """Return the facts of an article, or of a document that stands alone."""
    if article is None:
        reference = document.reference
        return Facts(
            label=_LABELS[document.kind],
            formatted=reference_line(reference) if reference else None,
            links=links_of(reference) if reference else (),
        )
    return Facts(
        label=_LABELS["article"],
        review_status=article.review_status.value,
        pending=article.review_status.value != "approved",
        updated=article.updated.isoformat() if article.updated else None,
        editorial_board=article.editorial_board,
        audience_note=article.audience_note,
        policy=web_address(article.policy_url),
        disclaimer=article.disclaimer,
    )


def reference_views(article: Article | None, library: Library) -> tuple[ReferenceView, ...]:
    """Return the reference list of an article in its order."""
    return tuple(
        ReferenceView(
            number=reference.number,
            kind=reference.kind,
            line=reference_line(reference),
            links=(*links_of(reference), *_stored_link(reference, library)),
            stored=_stored_note(reference, library),
        )
        for reference in (article.references if article else ())
    )


def reference_line(reference: Reference) -> str:
    """Return authors, title, journal, year and pages; as printed when nothing is known of it."""
    if not reference.title:
        return reference.as_listed
    return vancouver(replace(reference, doi=None, pmid=None))


def links_of(reference: Reference, *, named: bool = True) -> tuple[Link, ...]:
    """Return a reference's identifiers as links, its own address only when it has none.

    `named` labels them with the identifiers, for a line that does not print them.
    """
    doi, pmid = doi_address(reference.doi), pubmed_address(reference.pmid)
    pairs = [
        (f"doi:{reference.doi}" if named else "DOI", doi),
        (f"PMID {reference.pmid}" if named else "PubMed", pmid),
        ("Web page", None if doi or pmid else web_address(reference.url)),
    ]
    return tuple(Link(label=label, href=href) for label, href in pairs if href)


def source_links(source: dict[str, Any]) -> tuple[Link, ...]:
    """Return the links of one entry of an answer record's `references`."""
    if source["kind"] == "article":
        return (Link(label="Article", href=page_path(source["document_id"])),)
    reference = Reference(
        title=source["title"], doi=source["doi"], pmid=source["pmid"], url=source["url"]
    )
    return links_of(reference, named=False)


def span_finder(library: Library, *, here: str) -> SpanFinder:
    """Return the function that addresses a span by its block's anchor, from the page of `here`."""

    def find(document_id: str, start: int) -> str | None:
        try:
            document = library.document(document_id)
        except NotFoundError:
            return None
        starts = [block.start for block in document.blocks if block.start <= start]
        anchor = f"#b-{starts[-1]}" if starts else ""
        return anchor if document_id == here and anchor else page_path(document_id) + anchor

    return find


def passage_start(passage_id: str) -> int:
    """Return where a passage starts: its id ends in `@start-end`."""
    return int(passage_id.rpartition("@")[2].partition("-")[0])


def where_of(citation: dict[str, Any]) -> str:
    """Return what stands under a quote: its marker, its section, the article's own number."""
    number = citation["reference"]
    reference = "" if number is None else f", reference {number}"
    return f"[{citation['marker']}] {citation['section'] or citation['document_id']}{reference}"


def message_parts(refusal: dict[str, Any]) -> tuple[str, str]:
    """Return a refusal's message up to the words that found no support, and those words.

    The second part is empty where the message names none.
    """
    message, named = refusal["message"], ", ".join(refusal.get("unsupported", ()))
    if not named or not message.endswith(f" {named}."):
        return message, ""
    return message.removesuffix(f" {named}."), named


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of a statement: running text, and items told by their `- `."""
    for line in text.split("\n"):
        listed = _LISTED.match(line)
        if listed is None:
            yield Line(text=line, depth=0)
        else:
            yield Line(text=line[listed.end() :], depth=1 + len(listed[1]) // 2)


def new_conversation_id() -> str:
    """Return an id that nobody can guess."""
    return uuid.uuid4().hex


def _stored_link(reference: Reference, library: Library) -> tuple[Link, ...]:
    stored = stored_as(reference, library)
    if stored is None:
        return ()
    return (Link(label="Read the stored text", href=page_path(stored.document_id)),)


def _stored_note(reference: Reference, library: Library) -> str:
    stored = stored_as(reference, library)
    if stored is None:
        return "Not stored here: answers cannot quote it."
    if stored.note:
        return stored.note
    if stored.kind == "abstract":
        return "Abstract only: answers quote its abstract, not the whole paper."
    return "Full text stored."
