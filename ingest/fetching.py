"""What was fetched, into a library: what is still wanted, tying to articles, and marking.

Every batch is stored as it comes, so that a run that is broken off keeps what it has.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from corpus.errors import NotFoundError
from corpus.library import Library
from corpus.records import Article, Document, Notice, Reference
from ingest.doubts import Candidates, doubts, with_findings
from ingest.matching import same_work, tie
from ingest.ncbi_ids import Identifier, identifiers_of, read_identifier
from ingest.ncbi_ledger import Brought
from ingest.retraction_watch import RetractionWatch, marked, marked_document, marked_reference

# Who tells of notices in what NCBI sends; a new record replaces what they said before.
NCBI_SOURCES = ("PubMed",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to fetch, what the library has already, and entries that no identifier names.

    `stored` pairs an identifier with the id of its document.
    """

    wanted: tuple[Identifier, ...] = ()
    stored: tuple[tuple[Identifier, str], ...] = ()
    nameless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What storing a batch did: ids of documents tied to entries, and added as new entries."""

    tied: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Notices that a work got by marking. `where` is a document's id or an article's entry."""

    where: str
    title: str
    notices: tuple[Notice, ...]


def task_for(identifiers: Iterable[Identifier], library: Library, *, refresh: bool) -> Task:
    """Tell which of some works are still to be fetched; with `refresh` all of them are."""
    names = _stored_names(library)
    wanted, stored = [], []
    for identifier in identifiers:
        held = names.get(str(identifier))
        if held is not None and not refresh:
            stored.append((identifier, held))
        else:
            wanted.append(identifier)
    return Task(wanted=tuple(wanted), stored=tuple(stored))


def task_of(article: Article, library: Library, *, refresh: bool) -> Task:
    """Tell which entries of an article's list have an identifier and no stored abstract."""
    held = set(library.document_ids())
    open_entries = [r for r in article.references if refresh or r.document_id not in held]
    named = [(r, identifiers_of(r)) for r in open_entries]
    task = task_for(dict.fromkeys(i[0] for _, i in named if i), library, refresh=refresh)
    nameless = tuple(r.title for r, i in named if not i and r.document_id not in held)
    return replace(task, nameless=nameless)


def keep(
    brought: Brought,
    library: Library,
    *,
    slug: str | None = None,
    watch: RetractionWatch | None = None,
) -> Kept:
    """Store what was brought and tie it to the articles that name it.

    With `slug`, a work that the article's list does not name becomes an entry without a number.
    Other articles only learn of works that they name by an identifier.
    """
    before = _stored(library, brought.documents)
    documents = [_renewed(d, before.get(d.document_id)) for d in brought.documents]
    if watch is not None:
        documents = [marked_document(d, watch) for d in documents]
    outdated = _types_before(documents, before)
    changed: list[Article] = []
    tied: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    for article in library.articles():
        new = article
        own = documents if article.slug == slug else _named_by(article, documents)
        if own:
            result = tie(article, own)
            new = result.article
            if article.slug == slug:
                tied, added = result.tied, result.added
        new = _informed(new, documents, brought.bare, outdated)
        if watch is not None and new != article:
            new = marked(new, watch)
        if new != article:
            changed.append(new)
    library.put(articles=changed, documents=documents, keep=False)
    return Kept(tied=tied, added=added)


def tie_stored(document_ids: Sequence[str], library: Library, slug: str) -> Kept:
    """Tie documents that the library has already to an article."""
    held = {r.document_id for r in library.article(slug).references}
    documents = [library.document(key) for key in document_ids if key not in held]
    return keep(Brought(documents=tuple(documents)), library, slug=slug) if documents else Kept()


def list_doubts(library: Library, slug: str) -> tuple[str, ...]:
    """Write down and return which stored works may be what an article's open entries name."""
    article = library.article(slug)
    found = doubts(article, Candidates(library.cards()))
    told = with_findings(article, found)
    if told != article:
        library.put(articles=[told])
    return tuple(map(str, found))


def mark_library(
    library: Library, watch: RetractionWatch, *, slug: str | None = None
) -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    """Mark all stored works, or those of one article, with what the database says of them.

    Returns what is new, and doubts: notices whose identifiers name two works. Only what changes
    is read and written.
    """
    articles = library.articles() if slug is None else (library.article(slug),)
    cited = {r.document_id for article in articles for r in article.references}
    works = {
        card.document_id: card.reference
        for card in library.cards()
        if card.reference is not None and (slug is None or card.document_id in cited)
    }
    new_articles = [(a, marked(a, watch)) for a in articles]
    changed = [key for key, work in works.items() if marked_reference(work, watch) != work]
    new_documents = [marked_document(library.document(key), watch) for key in changed]
    marks = [m for old, new in new_articles for m in _article_marks(old, new)]
    for document in new_documents:
        if document.reference is not None:
            marks += _marks(document.document_id, works[document.document_id], document.reference)
    library.put(
        articles=[new for old, new in new_articles if new != old],
        documents=new_documents,
        keep=False,
    )
    return tuple(marks), _doubts(articles, works, watch)


def _stored_names(library: Library) -> dict[str, str]:
    """Return the ids of stored abstracts and texts by every identifier that names them."""
    names: dict[str, str] = {}
    for card in library.cards():
        own = read_identifier(card.document_id)
        known = identifiers_of(card.reference) if card.reference else ()
        for identifier in (*((own,) if own else ()), *known):
            names.setdefault(str(identifier), card.document_id)
    return names


def _renewed(document: Document, before: Document | None) -> Document:
    """Keep what others than NCBI said of a work when its record is replaced."""
    if before is None or before.reference is None or document.reference is None:
        return document
    others = tuple(n for n in before.reference.notices if n.source not in NCBI_SOURCES)
    notices = tuple(dict.fromkeys((*document.reference.notices, *others)))
    return replace(document, reference=replace(document.reference, notices=notices))


def _stored(library: Library, documents: Iterable[Document]) -> dict[str, Document]:
    """Return what the library holds under the ids of some documents."""
    found: dict[str, Document] = {}
    for document in documents:
        with suppress(NotFoundError):
            found[document.document_id] = library.document(document.document_id)
    return found


def _types_before(
    documents: Iterable[Document], before: dict[str, Document]
) -> dict[str, set[str]]:
    """Return the publication types that a record had before and has no more."""
    gone: dict[str, set[str]] = {}
    for document in documents:
        old = before.get(document.document_id)
        if old is not None and old.reference is not None and document.reference is not None:
            now = set(document.reference.publication_types)
            gone[document.document_id] = set(old.reference.publication_types) - now
    return gone


def _named_by(article: Article, documents: Iterable[Document]) -> list[Document]:
    """Return the documents that entries of an article hold or certainly name."""
    return [d for d in documents if any(_names(entry, d) for entry in article.references)]


def _names(entry: Reference, document: Document) -> bool:
    if entry.document_id is not None:
        return entry.document_id == document.document_id
    return document.reference is not None and _same(entry, document.reference)


def _same(entry: Reference, record: Reference) -> bool:
    """Tell whether two references share an identifier and contradict each other in none."""
    shared = set(identifiers_of(entry)) & set(identifiers_of(record))
    return bool(shared) and same_work(entry, record)


def _informed(
    article: Article,
    documents: Iterable[Document],
    bare: Iterable[Reference],
    outdated: dict[str, set[str]],
) -> Article:
    """Let the entries of an article know the types and notices of the new records."""
    records = {d.document_id: d.reference for d in documents if d.reference is not None}
    without_text = tuple(bare)
    references = []
    for entry in article.references:
        record = records.get(entry.document_id or "")
        if record is None:
            record = next((r for r in without_text if _same(entry, r)), None)
        gone = outdated.get(entry.document_id or "", set())
        references.append(entry if record is None else _told(entry, record, gone))
    return replace(article, references=tuple(references))


def _told(entry: Reference, record: Reference, gone: set[str]) -> Reference:
    others = tuple(n for n in entry.notices if n.source not in NCBI_SOURCES)
    types = [t for t in entry.publication_types if t not in gone]
    return replace(
        entry,
        notices=tuple(dict.fromkeys((*record.notices, *others))),
        publication_types=tuple(dict.fromkeys((*types, *record.publication_types))),
    )


def _article_marks(old: Article, new: Article) -> Iterable[Mark]:
    for position, (one, other) in enumerate(zip(old.references, new.references, strict=True), 1):
        number = position if one.number is None else one.number
        yield from _marks(f"{old.slug}, reference {number}", one, other)


def _marks(where: str, old: Reference, new: Reference) -> Iterable[Mark]:
    notices = tuple(n for n in new.notices if n not in old.notices)
    if notices:
        yield Mark(where=where, title=new.title, notices=notices)


def _doubts(
    articles: Iterable[Article], works: Mapping[str, Reference], watch: RetractionWatch
) -> tuple[str, ...]:
    cited = [
        (f"{article.slug}, reference {position if r.number is None else r.number}", r)
        for article in articles
        for position, r in enumerate(article.references, start=1)
    ]
    return tuple(
        f"{where}: {notice.kind} {notice.identifier or ''} has one identifier of it and another "
        "that is not its own; not marked"
        for where, reference in (*cited, *works.items())
        for notice in watch.doubtful_for(reference)
    )
