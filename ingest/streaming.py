"""Documents into a library as they come: in batches, noted when they are in, never all in memory.

A batch is written before it is noted: whoever is stopped in between writes it once more. What is
noted and still there is neither built nor written again.
"""

import hashlib
import io
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import BinaryIO, cast

from corpus.errors import FileInputError, InputError
from corpus.files import path_for
from corpus.library import Library
from corpus.records import Document
from corpus.stored_documents import Card
from ingest.cited_records import CitedRecord, cited_document, why_left_out
from ingest.drafts import Rejection
from ingest.jobs import Job, Rejected, Watch
from ingest.record_files import opened
from ingest.retraction_watch import mark_kept
from ingest.sources import Source, Sources, Yield

BATCH_DOCUMENTS = 256


class Writer:
    """Writes documents of all files in batches; `flush` writes the last one.

    `slugs` are the articles' that will be stored in the same run: no document may take one.
    `again` are ids to write whatever was noted of them.
    """

    def __init__(
        self,
        library: Library,
        sources: Sources,
        *,
        slugs: Collection[str] = (),
        again: Collection[str] = (),
    ) -> None:
        self._library = library
        self._sources = sources
        self._slugs = {*slugs, *(article.slug for article in library.articles())}
        self._again = again
        self._stored = {card.document_id for card in library.cards()}
        self._documents: dict[str, Document] = {}
        self._notes: dict[str, tuple[Source, dict[str, Yield]]] = {}

    def refuses(self, document_id: str) -> str | None:
        """Return why nothing can be stored under an id, None where it can."""
        if document_id in self._slugs:
            return f"document id {document_id!r} is an article's slug"
        try:
            path_for(self._library.folder, document_id)
        except InputError as error:
            return str(error)
        return None

    def holds(self, document_id: str, digest: str, known: dict[str, Yield]) -> bool:
        """Tell whether a record is in the library as it stands in the file."""
        noted = known.get(document_id)
        unchanged = noted is not None and noted.digest == digest
        stored = document_id in self._stored and document_id not in self._documents
        return unchanged and stored and document_id not in self._again

    def put(self, source: Source, document: Document, digest: str) -> None:
        """Take a document of a file."""
        found = self._notes.setdefault(source.name, (source, {}))[1]
        found[document.document_id] = Yield(id=document.document_id, kind="document", digest=digest)
        self._documents[document.document_id] = document
        if len(self._documents) >= BATCH_DOCUMENTS:
            self.flush()

    def finish(self, source: Source) -> None:
        """Note that a file was read to its end, once its last documents are in."""
        found = self._notes.get(source.name, (source, {}))[1]
        self._notes[source.name] = (source, found)
        if len(self._notes) >= BATCH_DOCUMENTS:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting, then note it."""
        if self._documents:
            marked = [self._marked(document) for document in self._documents.values()]
            self._library.put(documents=marked, keep=False)
            self._stored.update(self._documents)
        notes = [(source, tuple(found.values())) for source, found in self._notes.values()]
        self._documents, self._notes = {}, {}
        if notes:
            self._sources.record(notes)

    def _marked(self, document: Document) -> Document:
        """Return a document with the marks that the stored one has from a retraction database."""
        if document.document_id not in self._stored or document.reference is None:
            return document
        before = self._library.card(document.document_id).reference
        if before is None:
            return document
        return replace(document, reference=mark_kept(document.reference, before))


def stream(
    job: Job, writer: Writer, known: dict[str, Yield], rejected: Rejected, watch: Watch
) -> tuple[dict[str, Card], int, FileInputError | None]:
    """Put every record of a file that has an abstract into the library.

    Returns what is in by id, the number of records without an abstract, and the error of a file
    that breaks off: what stood before is in.
    """
    found: dict[str, Card] = {}
    places: dict[str, str] = {}
    bare = 0
    try:
        for record in _records(job, watch):
            watch.advance(records=1)
            if isinstance(record, Rejection):
                rejected.add(record)
                continue
            reason = why_left_out(record)
            bare += reason is not None
            document_id = record.reference.document_id or ""
            reason = reason or writer.refuses(document_id) or _put(job, record, writer, known)
            if reason is not None:
                rejected.add(Rejection(place=record.place, reason=reason))
                continue
            if document_id in places:
                reason = f"replaced by a later record of {document_id}"
                rejected.add(Rejection(place=places[document_id], reason=reason))
            places[document_id] = record.place
            reference = record.reference
            found[document_id] = Card(
                document_id=document_id, title=reference.title, reference=reference
            )
    except FileInputError as error:
        return found, bare, error
    return found, bare, None


def _put(job: Job, record: CitedRecord, writer: Writer, known: dict[str, Yield]) -> str | None:
    """Store a record unless it is there; return why it cannot be stored."""
    digest = digest_of(job.source.code, record)
    if writer.holds(record.reference.document_id or "", digest, known):
        return None
    try:
        document = cited_document(record)
    except InputError as error:
        return str(error)
    if document is None:
        return "no text"
    writer.put(job.source, document, digest)
    return None


def digest_of(code: str, record: CitedRecord | Document) -> str:
    """Return the SHA-256 of a record and of the code that read it."""
    return hashlib.sha256(f"{code}\n{record!r}".encode("utf-8", "surrogatepass")).hexdigest()


def check_first_record(job: Job, max_bytes: int) -> None:
    """Read on to the first record; raises FileInputError where the file holds none at all."""
    if job.reader is not None:
        with opened(job.path, max_bytes=max_bytes) as file:
            for record in job.reader.records(file, name=str(job.path)):
                if not isinstance(record, Rejection):
                    return


def _records(job: Job, watch: Watch) -> Iterator[CitedRecord | Rejection]:
    if job.reader is None:
        return
    counted = _Counted(job.size_bytes, watch)
    with opened(job.path, max_bytes=job.max_bytes) as file:
        counted.file = file
        yield from job.reader.records(cast(BinaryIO, counted), name=str(job.path))
    counted.finish()


class _Counted(io.RawIOBase):
    """Passes a file on and tells how many of its `size_bytes` have been read.

    More than there are may come out of a file that is unzipped; the rest is not told.
    """

    def __init__(self, size_bytes: int, watch: Watch) -> None:
        super().__init__()
        self.file: BinaryIO | None = None
        self._left = size_bytes
        self._watch = watch

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self.file.read(size) if self.file is not None else b""
        self._tell(len(data))
        return data

    def finish(self) -> None:
        self._tell(self._left)

    def _tell(self, size_bytes: int) -> None:
        told = min(size_bytes, self._left)
        self._left -= told
        self._watch.advance(size_bytes=told)
