"""The documents of a library: known at once, read when they are asked for.

    documents/<id>.json        one document (id percent-encoded)
    catalogue.json             what was read of each file when it was last looked at: a cache

A file whose size and time are those in the catalogue is not read again to open the library. A
catalogue that is missing, damaged or of another version costs time and nothing else.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from corpus.errors import LibraryError
from corpus.files import fingerprint, json_bytes, path_for, write_all, write_bytes
from corpus.record_json import as_json, from_json, read_record
from corpus.records import Document, Reference

FORMAT = "sequitur-catalogue"
VERSION = 1
# subtle: a file that is written again within one tick of the file system's clock bears the same
# time; what is not older than the catalogue by this much is read again
TICK_NS = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of a stored document without reading it: its id, title and identity."""

    document_id: str
    title: str
    reference: Reference | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file as it was when it was read: `size` in bytes, `time` of its change in nanoseconds."""

    size: int
    time: int
    content: str
    title: str
    reference: Any

    @classmethod
    def of(cls, path: Path, value: Any) -> "_Entry":
        stat = path.stat()
        return cls(
            size=stat.st_size,
            time=stat.st_mtime_ns,
            content=fingerprint(value),
            title=value["title"],
            reference=value["reference"],
        )

    def stands_for(self, stat: os.stat_result) -> bool:
        return (self.size, self.time) == (stat.st_size, stat.st_mtime_ns)


class StoredDocuments(Mapping[str, Document]):
    """Documents by id, in the order of their ids.

    Raises LibraryError for a damaged file: when the library is opened, or when the document is
    asked for and its file has changed since.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "documents"
        self._catalogue = folder / "catalogue.json"
        self._loaded: dict[str, Document] = {}
        known, as_of = self._read_catalogue()
        self._entries: dict[str, _Entry] = {}
        self._dirty = False
        for path, stat in _json_files(self._folder):
            entry = known.get(path.name)
            trusted = entry is not None and entry.stands_for(stat) and entry.time < as_of
            key, entry = self._read(path) if entry is None or not trusted else (_id(path), entry)
            self._entries[key] = entry
            self._dirty = self._dirty or not trusted
        self._dirty = self._dirty or len(known) != len(self._entries)

    def __getitem__(self, document_id: str) -> Document:
        if document_id not in self._loaded:
            self._loaded[document_id] = self._fresh(document_id)
        return self._loaded[document_id]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, document_id: object) -> bool:
        return document_id in self._entries

    def glance(self, document_id: str) -> Document:
        """Return a document without keeping it in memory."""
        return self._loaded.get(document_id) or self._fresh(document_id)

    def card(self, document_id: str) -> Card:
        """Return what is known of a document without reading its file."""
        entry = self._entries[document_id]
        reference = None
        if entry.reference is not None:
            reference = from_json(entry.reference, Reference, where=str(self._catalogue))
        return Card(document_id=document_id, title=entry.title, reference=reference)

    def content(self, document_id: str) -> str:
        """Return the fingerprint of a document's content."""
        return self._entries[document_id].content

    def store(self, documents: Sequence[Document], *, keep: bool) -> None:
        """Write documents; `keep` holds them in memory too."""
        values = {d.document_id: as_json(d) for d in documents}
        paths = {key: path_for(self._folder, key) for key in values}
        write_all([(paths[key], json_bytes(value)) for key, value in values.items()])
        for document in documents:
            key = document.document_id
            self._entries[key] = _Entry.of(paths[key], values[key])
            self._loaded.pop(key, None)
            if keep:
                self._loaded[key] = document
        self._dirty = self._dirty or bool(values)

    def delete(self, document_id: str) -> None:
        """Remove a document and its file."""
        path_for(self._folder, document_id).unlink(missing_ok=True)
        del self._entries[document_id]
        self._loaded.pop(document_id, None)
        self._dirty = True

    def save_catalogue(self) -> None:
        """Write down what is known, so that the library opens quickly the next time."""
        if not self._dirty:
            return
        rows = {
            path_for(self._folder, key).name: [e.size, e.time, e.content, e.title, e.reference]
            for key, e in sorted(self._entries.items())
        }
        value = {"format": FORMAT, "version": VERSION, "sha256": fingerprint(rows)}
        value |= {"documents": rows}
        write_bytes(self._catalogue, json.dumps(value, ensure_ascii=False).encode() + b"\n")
        self._dirty = False

    def _read(self, path: Path) -> tuple[str, _Entry]:
        document = read_record(path, Document)
        self._loaded[document.document_id] = document
        return document.document_id, _Entry.of(path, as_json(document))

    def _fresh(self, document_id: str) -> Document:
        entry = self._entries[document_id]
        path = path_for(self._folder, document_id)
        try:
            stands = entry.stands_for(path.stat())
        except OSError as error:
            raise LibraryError(f"{path}: cannot be read: {error.strerror}") from error
        if not stands:
            raise LibraryError(f"{path}: has changed since the library was opened")
        return read_record(path, Document)

    def _read_catalogue(self) -> tuple[dict[str, _Entry], int]:
        """Return entries by file name, and before what time (ns) they can be believed."""
        try:
            value = json.loads(self._catalogue.read_bytes())
            rows = value["documents"]
            head = (value["format"], value["version"], value["sha256"])
            if head != (FORMAT, VERSION, fingerprint(rows)):
                return {}, 0
            entries = {name: _Entry(*row) for name, row in rows.items()}
            return entries, self._catalogue.stat().st_mtime_ns - TICK_NS
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}, 0


def _id(path: Path) -> str:
    return unquote(path.name.removesuffix(".json"))


def _json_files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Give the files of a folder by name, with size and time; temporary files left out."""
    try:
        with os.scandir(folder) as found:
            named = [(e.name, e.stat()) for e in found if e.name.endswith(".json")]
    except FileNotFoundError:
        return
    except OSError as error:
        raise LibraryError(f"{folder}: cannot be read: {error.strerror}") from error
    for name, stat in sorted(named, key=lambda pair: pair[0]):
        yield folder / name, stat
