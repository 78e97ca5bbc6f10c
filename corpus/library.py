"""A library on disk: a folder of human-readable JSON, one file per article or document.

    library.json               {"format": "sequitur-library", "version": 1}
    articles/<slug>.json       an article with its document and its reference list
    documents/<id>.json        a cited abstract or a stand-alone text (id percent-encoded)
    catalogue.json             a cache by which it opens quickly (corpus/stored_documents.py)
    sources.sqlite             which file gave what (ingest/sources.py)
    reviews/                   moves of editorial review (corpus/reviews.py)
    index/                     kept by the `index` package

Every file is written to a temporary name and renamed. Articles share nothing with each other;
a document is shared by all articles that cite it and stays when one of them goes, except for
`<slug>#ref-N`, which belongs to its article.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.errors import InputError, LibraryError, NotFoundError
from corpus.files import fingerprint, path_for, read_json, write_bytes, write_json
from corpus.record_json import as_json, from_json, read_record
from corpus.records import Article, Document, Passage, passages_of
from corpus.reviews import ReviewLog, Standing
from corpus.stored_documents import Card, StoredDocuments

__all__ = [
    "Library",
    "Scope",
    "article_as_json",
    "article_from_json",
    "fingerprint",
    "write_bytes",
    "write_json",
]

FORMAT = "sequitur-library"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The documents that one question may be answered from.

    `article` is None when the question is asked of the whole library or of a plain document.
    """

    article: Article | None
    document_ids: tuple[str, ...]


class Library:
    """Articles in memory and documents at hand, read from and written to one folder.

    Articles are given with the review status that counts at the moment (`reviews`), which is no
    part of what is stored of them; a move shows in a running process without reading anew.
    Raises LibraryError when the folder is not a library, is damaged, or has another version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _check_header(folder)
        self.reviews = ReviewLog(folder)
        self._articles = {a.slug: a for a in _read_articles(folder / "articles")}
        self._documents = StoredDocuments(folder)

    @classmethod
    def create(cls, folder: Path) -> "Library":
        """Open the library in `folder`, making an empty one where there is none."""
        if not (folder / "library.json").exists():
            try:
                if folder.exists() and any(folder.iterdir()):
                    raise LibraryError(f"{folder}: not a library, and not empty")
                (folder / "articles").mkdir(parents=True, exist_ok=True)
                (folder / "documents").mkdir(exist_ok=True)
                write_json(folder / "library.json", {"format": FORMAT, "version": VERSION})
            except OSError as error:
                raise LibraryError(f"{folder}: cannot be made: {error.strerror}") from error
        return cls(folder)

    def articles(self) -> tuple[Article, ...]:
        """Return all articles by slug."""
        return tuple(self.reviews.applied(self._articles[slug]) for slug in sorted(self._articles))

    def article(self, slug: str) -> Article:
        """Return one article; raises NotFoundError naming the known slugs."""
        if slug not in self._articles:
            known = ", ".join(sorted(self._articles)[:10]) or "none"
            raise NotFoundError(f"no article {slug!r} in this library (known: {known})")
        return self.reviews.applied(self._articles[slug])

    def standing(self, slug: str) -> Standing:
        """Return an article's review status, why, and who gave it; raises NotFoundError."""
        self.article(slug)
        return self.reviews.standing(self._articles[slug])

    def documents(self) -> tuple[Document, ...]:
        """Return every quotable text by id: articles, cited abstracts and stand-alone texts."""
        return tuple(self.document(key) for key in self.document_ids())

    def document_ids(self) -> tuple[str, ...]:
        """Return the ids of all documents, articles' included, in order."""
        return tuple(sorted((*self._articles, *self._documents)))

    def each_document(self) -> Iterator[Document]:
        """Give every document by id without holding those that are read for it in memory."""
        for key in self.document_ids():
            article = self._articles.get(key)
            yield article.document if article is not None else self._documents.glance(key)

    def cards(self) -> Iterator[Card]:
        """Give what is known of every abstract and stand-alone text without reading it, by id."""
        return (self._documents.card(key) for key in self._documents)

    def card(self, document_id: str) -> Card:
        """Return what is known of one of these without reading it; raises NotFoundError."""
        if document_id not in self._documents:
            raise NotFoundError(f"no document {document_id!r} in this library")
        return self._documents.card(document_id)

    def document(self, document_id: str) -> Document:
        """Return one document; raises NotFoundError."""
        if document_id in self._articles:
            return self._articles[document_id].document
        if document_id not in self._documents:
            raise NotFoundError(f"no document {document_id!r} in this library")
        return self._documents[document_id]

    def passages(self) -> tuple[Passage, ...]:
        """Return all passages, by document id and then in text order."""
        return tuple(p for document in self.each_document() for p in passages_of(document))

    def scope(self, asked_within: str | None) -> Scope:
        """Return what a question may be answered from.

        `asked_within` is an article's slug (the article and the abstracts that it cites), a
        document's id (that document alone) or None (everything). Raises NotFoundError.
        """
        if asked_within is None:
            return Scope(article=None, document_ids=self.document_ids())
        if asked_within in self._documents and asked_within not in self._articles:
            return Scope(article=None, document_ids=(asked_within,))
        article = self.article(asked_within)
        cited = (r.document_id for r in article.references)
        stored = dict.fromkeys(i for i in cited if i is not None and i in self._documents)
        return Scope(article=article, document_ids=(article.slug, *stored))

    def put(
        self,
        *,
        articles: Iterable[Article] = (),
        documents: Iterable[Document] = (),
        keep: bool = True,
    ) -> None:
        """Store or replace articles and documents; documents first, so that no link dangles.

        Documents that are not to be kept in memory are read again when they are asked for.
        Of an article whose review has begun, the status that was declared before stays stored.
        Raises InputError when an id is taken by the other kind or makes no file name.
        """
        articles, documents = tuple(map(self._as_declared, articles)), tuple(documents)
        article_paths = [path_for(self.folder / "articles", a.slug) for a in articles]
        slugs = {*self._articles, *(a.slug for a in articles)}
        for document in documents:
            path_for(self.folder / "documents", document.document_id)
            if document.document_id in slugs:
                raise InputError(f"document id {document.document_id!r} is an article's slug")
        for article in articles:
            if article.slug in self._documents:
                raise InputError(f"article slug {article.slug!r} is a document's id")
        self._documents.store(documents, keep=keep)
        for path, article in zip(article_paths, articles, strict=True):
            write_json(path, as_json(article))
            self._articles[article.slug] = article

    def delete_article(self, slug: str) -> None:
        """Remove an article and the abstracts that only it can own (`<slug>#ref-N`)."""
        self.article(slug)
        path_for(self.folder / "articles", slug).unlink()
        del self._articles[slug]
        for document_id in [i for i in self._documents if i.startswith(f"{slug}#ref-")]:
            self._documents.delete(document_id)

    def delete_document(self, document_id: str) -> None:
        """Remove an abstract or stand-alone text; raises NotFoundError."""
        if document_id not in self._documents:
            raise NotFoundError(f"no document {document_id!r} in this library")
        self._documents.delete(document_id)

    def save_catalogue(self) -> None:
        """Write down what is known of the documents' files, so that opening is quick."""
        self._documents.save_catalogue()

    def _as_declared(self, article: Article) -> Article:
        """Keep a status that the log gave from being stored as if it had been declared."""
        stored = self._articles.get(article.slug)
        if stored is None or not self.reviews.history(article.slug).events:
            return article
        return replace(article, review_status=stored.review_status)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the content of every article and document, in order of their ids."""
        digest = hashlib.sha256()
        for key in sorted(self._articles):
            content = fingerprint(as_json(self._articles[key]))
            digest.update(f"article\t{key}\t{content}\n".encode())
        for key in self._documents:
            digest.update(f"document\t{key}\t{self._documents.content(key)}\n".encode())
        return digest.hexdigest()


def article_as_json(article: Article) -> Any:
    """Return an article as its file holds it."""
    return as_json(article)


def article_from_json(value: Any, *, where: str) -> Article:
    """Read an article back; raises LibraryError, which says `where` it stands."""
    return from_json(value, Article, where=where)


def _check_header(folder: Path) -> None:
    path = folder / "library.json"
    if not path.exists():
        raise LibraryError(f"{folder}: no library here (library.json is missing)")
    header = read_json(path)
    found = (header.get("format"), header.get("version")) if isinstance(header, dict) else header
    if found != (FORMAT, VERSION):
        raise LibraryError(f"{path}: expected {FORMAT} version {VERSION}, found {found}")


def _read_articles(folder: Path) -> Iterator[Article]:
    for path in sorted(folder.glob("*.json")):
        yield read_record(path, Article)
