"""What readers of reference files have in common: records of cited works, one after the other.

A record with an abstract becomes a document `pmid:…` or `doi:…`; one without is known by its
reference alone and is reported.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from corpus.errors import FileInputError
from corpus.records import Document, Reference, ReferenceKind
from ingest.assemble import assemble
from ingest.drafts import Draft, Parsed, Rejection, SourceFile

# Characters or bytes of one record; the longest abstracts have some 20,000.
MAX_RECORD_SIZE = 4_000_000
# Bytes of a file that its reader must hold as a whole.
MAX_WHOLE_BYTES = 100_000_000
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedRecord:
    """One record of a file: where it stands, what it identifies, and its abstract if any.

    `reference.document_id` is the id to store the abstract under, None where nothing gives one.
    """

    place: str
    reference: Reference
    drafts: tuple[Draft, ...]


class RecordReader(Protocol):
    """A format whose files hold many records, read one by one."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        ...

    def recognises(self, source: SourceFile) -> bool:
        """Say whether the first 65,536 bytes of a file, or all of it, are this format's."""
        ...

    def records(self, file: BinaryIO, *, name: str) -> Iterator[CitedRecord | Rejection]:
        """Give each record, or why it was left out, in the order of the file.

        `name` is what messages call the file. Raises FileInputError, it may be after some
        records, when the file itself is damaged or holds no record at all.
        """
        ...


def parsed_records(reader: RecordReader, source: SourceFile) -> Parsed:
    """Read a whole file that is held in memory. Raises FileInputError."""
    return gather_abstracts(reader.records(io.BytesIO(source.data), name=source.name))


def cited_document(record: CitedRecord) -> Document | None:
    """Return the record's abstract as a document; None without an abstract or an id for it."""
    document_id = record.reference.document_id
    if document_id is None or not record.drafts:
        return None
    return assemble(
        document_id=document_id,
        kind="abstract",
        title=record.reference.title,
        drafts=record.drafts,
        reference=record.reference,
    )


def why_left_out(record: CitedRecord) -> str | None:
    """Return why a record gives no document, None where it gives one."""
    if record.reference.document_id is None:
        return "neither PMID nor DOI"
    return None if record.drafts else "no abstract"


def gather_abstracts(records: Iterable[CitedRecord | Rejection]) -> Parsed:
    """Make a document of each record with an abstract; of records with one id the last is kept.

    The others are reported, and a record without an abstract stays known by its reference.
    """
    documents: dict[str, tuple[str, Document]] = {}
    references: list[Reference] = []
    rejections: list[Rejection] = []
    for record in records:
        if isinstance(record, Rejection):
            rejections.append(record)
            continue
        document = cited_document(record)
        if document is None:
            references.append(replace(record.reference, document_id=None))
            reason = why_left_out(record) or "no text"
            rejections.append(Rejection(place=record.place, reason=reason))
            continue
        document_id = document.document_id
        if document_id in documents:
            place = documents.pop(document_id)[0]
            reason = f"replaced by a later record of {document_id}"
            rejections.append(Rejection(place=place, reason=reason))
        documents[document_id] = (record.place, document)
    return Parsed(
        documents=tuple(document for _, document in documents.values()),
        references=tuple(references),
        rejections=tuple(rejections),
    )


def some_records(
    found: Iterable[CitedRecord | Rejection], *, name: str, kind: str
) -> Iterator[CitedRecord | Rejection]:
    """Pass the records of the file `name` on and make sure that there is one.

    Raises FileInputError where none can be read, with the first trouble; `kind` names what is
    missing ("RIS record").
    """
    first: Rejection | None = None
    read = False
    for record in found:
        if isinstance(record, Rejection):
            first = first or record
        else:
            read = True
        yield record
    if not read:
        reason = f"no {kind}: {first.reason}" if first else f"holds no {kind}"
        raise FileInputError(name, reason, place=first.place if first else "")


def cited_id(*, pmid: str | None, doi: str | None) -> str | None:
    """Return the id of a cited work's document: `pmid:…`, else `doi:…`, else None."""
    return f"pmid:{pmid}" if pmid else f"doi:{doi}" if doi else None


def publication_kind(publication_types: Iterable[str]) -> ReferenceKind:
    """Tell guidelines and consensus statements from research by PubMed's publication types.

    >>> publication_kind(["Journal Article", "Practice Guideline"])
    'guideline'
    """
    for publication_type in publication_types:
        folded = publication_type.casefold()
        if folded in ("guideline", "practice guideline") or folded.startswith("consensus"):
            return "guideline"
    return "research"


def first_year(text: str | None) -> int | None:
    """Return the first year from 1500 to 2099 in a date as printed (`1998 Dec-1999 Jan`)."""
    found = _YEAR.search(text or "")
    return int(found[0]) if found else None


def initials_of(given_names: str) -> str:
    """Return initials without stops; what already are initials stays as it is.

    >>> initials_of("Mary-Ann Jo"), initials_of("CPM"), initials_of("J. H.")
    ('MAJ', 'CPM', 'JH')
    """
    parts = re.findall(r"[^\W\d_]+", given_names)
    return "".join(part if part.isupper() else part[0].upper() for part in parts)
