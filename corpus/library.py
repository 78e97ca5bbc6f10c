"""A library on disk: a folder of human-readable JSON, one file per article or document.

    library.json               {"format": "sequitur-library", "version": 1}
    articles/<slug>.json       an article with its document and its reference list
    documents/<id>.json        a cited abstract or a stand-alone text (id percent-encoded)
    index/                     kept by the `index` package

Every file is written to a temporary name and renamed. Articles share nothing with each other;
a document is shared by all articles that cite it and stays when one of them goes, except for
`<slug>#ref-N`, which belongs to its article.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import cattrs
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.preconf.json import make_converter

from corpus.errors import InputError, LibraryError, NotFoundError
from corpus.records import Article, Document, Passage, ReviewStatus, passages_of

FORMAT = "sequitur-library"
VERSION = 1
MAX_FILE_NAME_CHARS = 200

Record = TypeVar("Record", Article, Document)

_converter = make_converter(forbid_extra_keys=True)


def _exactly(value: Any, kind: type) -> Any:
    """Refuse what the converter would silently turn into text or a number."""
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value


_converter.register_structure_hook(str, _exactly)
_converter.register_structure_hook(int, _exactly)
_converter.register_structure_hook(ReviewStatus, lambda value, _: ReviewStatus(value))
# An article without a glossary keeps the content, and so the fingerprint, that it always had.
_converter.register_unstructure_hook(
    Article,
    make_dict_unstructure_fn(Article, _converter, glossary=override(omit_if_default=True)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The documents that one question may be answered from.

    `article` is None when the question is asked of the whole library or of a plain document.
    """

    article: Article | None
    document_ids: tuple[str, ...]


class Library:
    """Articles and documents in memory, read from and written to one folder.

    Raises LibraryError when the folder is not a library, is damaged, or has another version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _check_header(folder)
        self._articles = {a.slug: a for a in _read_all(folder / "articles", Article)}
        self._documents = {d.document_id: d for d in _read_all(folder / "documents", Document)}

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
        return tuple(self._articles[slug] for slug in sorted(self._articles))

    def article(self, slug: str) -> Article:
        """Return one article; raises NotFoundError naming the known slugs."""
        if slug not in self._articles:
            known = ", ".join(sorted(self._articles)[:10]) or "none"
            raise NotFoundError(f"no article {slug!r} in this library (known: {known})")
        return self._articles[slug]

    def documents(self) -> tuple[Document, ...]:
        """Return every quotable text by id: articles, cited abstracts and stand-alone texts."""
        everything = {a.slug: a.document for a in self._articles.values()} | self._documents
        return tuple(everything[key] for key in sorted(everything))

    def document(self, document_id: str) -> Document:
        """Return one document; raises NotFoundError."""
        if document_id in self._articles:
            return self._articles[document_id].document
        if document_id not in self._documents:
            raise NotFoundError(f"no document {document_id!r} in this library")
        return self._documents[document_id]

    def passages(self) -> tuple[Passage, ...]:
        """Return all passages, by document id and then in text order."""
        return tuple(p for document in self.documents() for p in passages_of(document))

    def scope(self, asked_within: str | None) -> Scope:
        """Return what a question may be answered from.

        `asked_within` is an article's slug (the article and the abstracts that it cites), a
        document's id (that document alone) or None (everything). Raises NotFoundError.
        """
        if asked_within is None:
            return Scope(article=None, document_ids=tuple(d.document_id for d in self.documents()))
        if asked_within in self._documents and asked_within not in self._articles:
            return Scope(article=None, document_ids=(asked_within,))
        article = self.article(asked_within)
        cited = (r.document_id for r in article.references)
        stored = dict.fromkeys(i for i in cited if i is not None and i in self._documents)
        return Scope(article=article, document_ids=(article.slug, *stored))

    def put(self, *, articles: Iterable[Article] = (), documents: Iterable[Document] = ()) -> None:
        """Store or replace articles and documents; documents first, so that no link dangles.

        Raises InputError when an id is taken by the other kind or makes no file name.
        """
        articles, documents = tuple(articles), tuple(documents)
        article_paths = [_path(self.folder / "articles", a.slug) for a in articles]
        document_paths = [_path(self.folder / "documents", d.document_id) for d in documents]
        for document in documents:
            if document.document_id in {*self._articles, *(a.slug for a in articles)}:
                raise InputError(f"document id {document.document_id!r} is an article's slug")
        for article in articles:
            if article.slug in self._documents:
                raise InputError(f"article slug {article.slug!r} is a document's id")
        for path, document in zip(document_paths, documents, strict=True):
            write_json(path, _converter.unstructure(document))
            self._documents[document.document_id] = document
        for path, article in zip(article_paths, articles, strict=True):
            write_json(path, _converter.unstructure(article))
            self._articles[article.slug] = article

    def delete_article(self, slug: str) -> None:
        """Remove an article and the abstracts that only it can own (`<slug>#ref-N`)."""
        self.article(slug)
        _path(self.folder / "articles", slug).unlink()
        del self._articles[slug]
        for document_id in [i for i in self._documents if i.startswith(f"{slug}#ref-")]:
            _path(self.folder / "documents", document_id).unlink()
            del self._documents[document_id]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the content of every article and document, in order of their ids."""
        digest = hashlib.sha256()
        for kind, records in (("article", self._articles), ("document", self._documents)):
            for key in sorted(records):
                content = fingerprint(_converter.unstructure(records[key]))
                digest.update(f"{kind}\t{key}\t{content}\n".encode())
        return digest.hexdigest()


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of a JSON value in canonical form (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people: indented, UTF-8, to a temporary name and then renamed."""
    write_bytes(path, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: temporary name, flush to disk, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _path(folder: Path, key: str) -> Path:
    try:
        name = quote(key, safe="")
    except UnicodeEncodeError:
        name = ""
    if not name or not key or key.startswith(".") or len(name) > MAX_FILE_NAME_CHARS:
        raise InputError(f"{key[:80]!r} cannot be an id: empty, too long or starting with a dot")
    return folder / f"{name}.json"


def _check_header(folder: Path) -> None:
    path = folder / "library.json"
    if not path.exists():
        raise LibraryError(f"{folder}: no library here (library.json is missing)")
    header = _read_json(path)
    found = (header.get("format"), header.get("version")) if isinstance(header, dict) else header
    if found != (FORMAT, VERSION):
        raise LibraryError(f"{path}: expected {FORMAT} version {VERSION}, found {found}")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LibraryError(f"{path}: cannot be read: {error}") from error


def _read_all(folder: Path, record: type[Record]) -> Iterator[Record]:
    for path in sorted(folder.glob("*.json")):
        value = _read_json(path)
        if not isinstance(value, dict):
            raise LibraryError(f"{path}: not a valid {record.__name__}: not an object")
        key = value.get("slug" if record is Article else "document_id")
        if isinstance(key, str) and _path(folder, key) != path:
            raise LibraryError(f"{path}: holds {key!r}, not what its name says")
        try:
            yield _converter.structure(value, record)
        except (cattrs.BaseValidationError, ValueError, TypeError) as error:
            reason = "; ".join(cattrs.transform_error(error))
            raise LibraryError(f"{path}: not a valid {record.__name__}: {reason}") from error
