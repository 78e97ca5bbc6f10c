"""What changed between two libraries, document by document: what a changed answer may rest on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from corpus.errors import NotFoundError
from corpus.library import Library
from corpus.records import Article, Document, NoticeKind, Reference

WhyKind = Literal[
    "added",
    "removed",
    "edited",
    "restructured",
    "relisted",
    "retraction",
    "concern",
    "correction",
    "update",
    "notice_gone",
    "entered",
    "left",
    "review",
]
_NOTICES: tuple[NoticeKind, ...] = ("retraction", "concern", "correction", "update")


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A change in the library that stands behind a changed answer; `text` tells it in words."""

    kind: WhyKind
    document_id: str
    text: str


class ComparedLibraries:
    """Two states of a library; `old` and `new` are what they hold."""

    def __init__(self, old: Library, new: Library) -> None:
        self.old = {d.document_id: d for d in old.documents()}
        self.new = {d.document_id: d for d in new.documents()}
        self._libraries = (old, new)

    @cached_property
    def added(self) -> tuple[str, ...]:
        """The documents that only the new one has."""
        return tuple(sorted(self.new.keys() - self.old.keys()))

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """The documents that only the old one has."""
        return tuple(sorted(self.old.keys() - self.new.keys()))

    @cached_property
    def edited(self) -> tuple[str, ...]:
        """The documents whose text differs."""
        both = sorted(self.old.keys() & self.new.keys())
        return tuple(key for key in both if self.old[key].text != self.new[key].text)

    @cached_property
    def restructured(self) -> tuple[str, ...]:
        """The documents of the same text whose title, note or inner structure differs."""
        both = sorted(self.old.keys() & self.new.keys())
        same = (key for key in both if self.old[key].text == self.new[key].text)
        return tuple(key for key in same if _form(self.old[key]) != _form(self.new[key]))

    @cached_property
    def relisted(self) -> tuple[str, ...]:
        """The articles whose list of references differs, notices left out."""
        old, new = ({a.slug: _listed(a) for a in one.articles()} for one in self._libraries)
        return tuple(key for key in sorted(old.keys() & new.keys()) if old[key] != new[key])

    @cached_property
    def noticed(self) -> tuple[str, ...]:
        """The documents of which other notices are known than before."""
        both = sorted(self.old.keys() & self.new.keys())
        return tuple(key for key in both if any(self._notices_changed(key)))

    @cached_property
    def reviewed(self) -> tuple[str, ...]:
        """The articles that stand elsewhere in their review."""
        old, new = ({a.slug: a.review_status for a in one.articles()} for one in self._libraries)
        return tuple(key for key in sorted(old.keys() & new.keys()) if old[key] != new[key])

    def changes_of(self, document_id: str, within: str | None) -> Iterator[Why]:
        """Yield what changed about a document, for a question that is asked within an article."""
        yield from self._text_changed(document_id)
        if document_id in self.old and document_id in self.new:
            yield from self._notices_changed(document_id)
            yield from self._scope_changed(document_id, within)

    def review_changed(self, slug: str) -> Iterator[Why]:
        """Yield how an article's review status changed, if it did."""
        if slug in self.reviewed:
            was, now = (one.article(slug).review_status.value for one in self._libraries)
            yield Why(kind="review", document_id=slug, text=f"was {was}, is {now}")

    def _text_changed(self, key: str) -> Iterator[Why]:
        if key not in self.new and key in self.old:
            yield Why(kind="removed", document_id=key, text="is not in the library any more")
        elif key not in self.old and key in self.new:
            yield Why(kind="added", document_id=key, text="is new in the library")
        elif key in self.edited:
            yield Why(kind="edited", document_id=key, text="its text was edited")
        elif key in self.restructured:
            said = "its text is the same; its title, headings, lists or passages are not"
            yield Why(kind="restructured", document_id=key, text=said)
        if key in self.relisted:
            yield Why(kind="relisted", document_id=key, text="its list of references was changed")

    def _notices_changed(self, key: str) -> Iterator[Why]:
        was, now = (entries[key] for entries in self._entries)
        for kind in _NOTICES:
            if (kind in was) == (kind in now):
                continue
            if kind in now:
                yield Why(kind=kind, document_id=key, text=f"a notice was published: {kind}")
            else:
                said = f"no notice of {kind} is known any more"
                yield Why(kind="notice_gone", document_id=key, text=said)

    def _scope_changed(self, key: str, within: str | None) -> Iterator[Why]:
        was, now = (key in scope for scope in self._scopes(within))
        if now and not was:
            yield Why(kind="entered", document_id=key, text=f"{within} cites it now")
        elif was and not now:
            yield Why(kind="left", document_id=key, text=f"{within} cites it no more")

    def _scopes(self, within: str | None) -> tuple[tuple[str, ...], ...]:
        return tuple(_scope(library, within) for library in self._libraries)

    @cached_property
    def _entries(self) -> tuple[dict[str, set[str]], ...]:
        return tuple(_published(library) for library in self._libraries)


def _scope(library: Library, within: str | None) -> tuple[str, ...]:
    try:
        return library.scope(within).document_ids
    except NotFoundError:
        return ()


def _form(document: Document) -> tuple[object, ...]:
    parts = (document.sections, document.blocks, document.callouts, document.passages)
    return (document.title, document.note, *parts)


def _listed(article: Article) -> tuple[Reference, ...]:
    return tuple(replace(reference, notices=()) for reference in article.references)


def _published(library: Library) -> dict[str, set[str]]:
    """Return for each document what kinds of notices any entry of the library knows."""
    found: dict[str, set[str]] = {d.document_id: set() for d in library.documents()}
    for key, reference in _references(library):
        if key in found:
            found[key].update(notice.kind for notice in reference.notices)
            if reference.retracted:
                found[key].add("retraction")
    return found


def _references(library: Library) -> Iterator[tuple[str | None, Reference]]:
    for document in library.documents():
        if document.reference is not None:
            yield document.document_id, document.reference
    for article in library.articles():
        for reference in article.references:
            yield reference.document_id, reference
