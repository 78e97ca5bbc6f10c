"""Articles that are read anew meet what the library holds: abstracts, ties, and what must go."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from corpus.library import Library
from corpus.records import Article, Reference
from ingest.doubts import Candidates, is_listed
from ingest.matching import Citable, compare, completed, identifiers, record_of, tie
from ingest.sources import Source, Sources
from ingest.title_matching import title_key


def with_known(
    article: Article, candidates: Candidates, before: Sequence[Reference]
) -> tuple[Article, tuple[str, ...]]:
    """Tie entries to abstracts that are stored, and keep what was tied `before`.

    An abstract that an entry named which is gone from the list is let go. Returns the article and
    a note for each of those.
    """
    references = _by_identity(article.references, candidates)
    held = {r.document_id for r in references}
    notes: list[str] = []
    added: list[Citable] = []
    for old in before:
        document = candidates.by_id.get(old.document_id or "")
        if document is None or document.document_id in held:
            continue
        position = _entry_printed_as(old, references)
        if position is not None:
            references[position] = completed(
                references[position], record_of(document), document.document_id
            )
        elif is_listed(old):
            notes.append(f"{document.document_id}: its entry is gone from the list, and its tie")
        else:
            added.append(document)
        held.add(document.document_id)
    return tie(replace(article, references=tuple(references)), added).article, tuple(notes)


def owned(slug: str, library: Library) -> set[str]:
    """Return the ids of documents that belong to an article alone (`<slug>#ref-N`)."""
    return {key for key in library.document_ids() if key.startswith(f"{slug}#ref-")}


def removable(
    ids: Iterable[str], library: Library, sources: Sources, *, without: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the documents that no file gives any more but those in `without`, by id."""
    stored = {card.document_id for card in library.cards()}
    return tuple(
        document_id
        for document_id in sorted(set(ids))
        if document_id in stored and not set(sources.givers(document_id)) - set(without)
    )


def cited_by_others(document_id: str, library: Library, slugs: Collection[str]) -> bool:
    """Tell whether an article beside these holds a document as an abstract."""
    return any(
        reference.document_id == document_id
        for article in library.articles()
        if article.slug not in slugs
        for reference in article.references
    )


def untied(article: Article, document_ids: Collection[str]) -> Article:
    """Return the article without these abstracts; entries of its own list stay."""
    references = [
        replace(r, document_id=None) if r.document_id in document_ids else r
        for r in article.references
        if r.document_id not in document_ids or is_listed(r)
    ]
    return replace(article, references=tuple(references))


def remove_documents(document_ids: Collection[str], library: Library) -> None:
    """Remove documents, and the ties of articles to them first."""
    changed = [
        untied(article, document_ids)
        for article in library.articles()
        if any(r.document_id in document_ids for r in article.references)
    ]
    library.put(articles=changed)
    for document_id in sorted(document_ids):
        library.delete_document(document_id)


def vanished(sources: Sources, folders: Iterable[str], renamed: Collection[str]) -> list[Source]:
    """Return the files of these folders, subfolders included, that are gone and not renamed."""
    prefixes = tuple("" if name == "." else f"{name}/" for name in folders)
    return [
        source
        for source in sources.all()
        if prefixes
        and source.name.startswith(prefixes)
        and source.name not in renamed
        and not sources.path_of(source.name).exists()
    ]


def prune(gone: Sequence[Source], library: Library, sources: Sources) -> dict[str, tuple[str, ...]]:
    """Remove what came from these files and from no other; returns the removed ids by file."""
    names = {source.name for source in gone}
    removed: dict[str, tuple[str, ...]] = {}
    slugs = {article.slug for article in library.articles()}
    for source in gone:
        found = sources.yields(source.name)
        articles = [
            key
            for key, noted in found.items()
            if noted.kind == "article" and key in slugs and not set(sources.givers(key)) - names
        ]
        for slug in articles:
            library.delete_article(slug)
            slugs.discard(slug)
        documents = removable(
            [key for key, noted in found.items() if noted.kind == "document"],
            library,
            sources,
            without=names,
        )
        remove_documents(documents, library)
        removed[source.name] = (*articles, *documents)
    for source in gone:
        sources.forget(source.name)
    return removed


def _by_identity(references: Sequence[Reference], candidates: Candidates) -> list[Reference]:
    """Tie each free entry to the one stored document that is certainly its work.

    By identifier two entries may name one work; a title that two entries bear names none.
    """
    found = [
        _stored(reference, candidates) if reference.document_id is None else None
        for reference in references
    ]
    held = Counter(d.document_id for d in found if d is not None)
    tied: list[Reference] = []
    for reference, document in zip(references, found, strict=True):
        if document is not None:
            record = record_of(document)
            if held[document.document_id] == 1 or _share_identifier(reference, record):
                reference = completed(reference, record, document.document_id)  # noqa: PLW2901
        tied.append(reference)
    return tied


def _stored(reference: Reference, candidates: Candidates) -> Citable | None:
    own = [f"{kind}:{value}" for kind, value in identifiers(reference).items()]
    certain: Mapping[str, Citable] = {
        document.document_id: document
        for document in (*candidates.named(reference), *_by_own_id(own, candidates))
        if document.document_id in own or compare(reference, record_of(document)).kind == "same"
    }
    exact = [certain[name] for name in own if name in certain]
    if exact:
        return exact[0]
    return next(iter(certain.values())) if len(certain) == 1 else None


def _by_own_id(names: Iterable[str], candidates: Candidates) -> list[Citable]:
    return [candidates.by_id[name] for name in names if name in candidates.by_id]


def _share_identifier(one: Reference, other: Reference) -> bool:
    return bool(identifiers(one).items() & identifiers(other).items())


def _entry_printed_as(old: Reference, references: Sequence[Reference]) -> int | None:
    """Return the position of the free entry that prints what the old one printed."""
    for position, new in enumerate(references):
        same = (
            is_listed(old)
            and new.document_id is None
            and new.number == old.number
            and title_key(new.title) == title_key(old.title)
            and new.year in (None, old.year)
            and identifiers(new).items() <= identifiers(old).items()
        )
        if same:
            return position
    return None
