"""The parts of a Word document: unpacked within bounds, checked, and nothing but text.

A `.docx` is a zip archive of XML parts. Pictures, fonts and macros are never unpacked for use;
every XML part is read safely (`ingest.xml`) before any other library sees it.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from corpus.errors import FileInputError
from ingest.drafts import SourceFile
from ingest.xml import parse_xml

MAX_PARTS = 5_000
MAX_UNPACKED_BYTES = 200_000_000
MAX_XML_BYTES = 60_000_000

MAIN_PART = "word/document.xml"
_ZIP, _OLD_WORD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_RECORD, _END_BYTES = b"PK\x05\x06", 22
_CHUNK_BYTES = 1 << 16
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    KeyError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The XML parts of a document by name, as bytes and as trees without namespaces."""

    data: dict[str, bytes]
    trees: dict[str, Element]

    def repacked(self, **changed: bytes) -> io.BytesIO:
        """Return an archive of the XML parts alone; `changed` replaces the main part (`main`)."""
        parts = {**self.data, MAIN_PART: changed.get("main", self.data[MAIN_PART])}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name in sorted(parts):
                archive.writestr(name, parts[name])
        buffer.seek(0)
        return buffer


def is_zip(source: SourceFile) -> bool:
    """Tell whether the bytes open as a zip archive does."""
    return source.data.startswith(_ZIP)


def is_old_word(source: SourceFile) -> bool:
    """Tell whether the bytes open as a Word document of before 2007, or one with a password."""
    return source.data.startswith(_OLD_WORD)


def holds_document(source: SourceFile) -> bool:
    """Tell whether an archive names a Word document's main part; never raises."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            return MAIN_PART in archive.namelist()
    except _DAMAGE:
        return False


def open_package(source: SourceFile) -> Package:
    """Return the XML parts of a document.

    Raises FileInputError for what is no Word document, is damaged, unpacks to more than the
    bounds above, or holds XML that is broken, too deep, or declares entities.
    """
    if is_old_word(source):
        reason = "a Word document of the old kind (.doc) or with a password; save it as .docx"
        raise FileInputError(source.name, reason)
    if not is_zip(source):
        raise FileInputError(source.name, "not a Word document (.docx)")
    try:
        data = _unpacked(source)
    except FileInputError:
        raise
    except _DAMAGE as error:
        raise FileInputError(source.name, "the document is damaged or cut off") from error
    if MAIN_PART not in data:
        raise FileInputError(source.name, f"not a Word document: it has no {MAIN_PART}")
    return Package(data=data, trees={name: _tree(source, name, data[name]) for name in data})


def _unpacked(source: SourceFile) -> dict[str, bytes]:
    """Unpack every part, so that damage anywhere is noticed; keep those that are XML."""
    kept: dict[str, bytes] = {}
    left = MAX_UNPACKED_BYTES
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        entries = archive.infolist()
        end = source.data[len(source.data) - _END_BYTES - len(archive.comment) :]
        if not end.startswith(_END_RECORD):
            raise FileInputError(source.name, "there are bytes after the document's end")
        if len(entries) > MAX_PARTS:
            raise FileInputError(source.name, f"{len(entries)} parts (at most {MAX_PARTS})")
        for entry in entries:
            is_xml = entry.filename.endswith((".xml", ".rels"))
            most = min(left, MAX_XML_BYTES) if is_xml else left
            part, size = _read(archive, entry, most, keep=is_xml)
            if size > most:
                reason = f"unpacks to more than {most:,} bytes"
                raise FileInputError(source.name, reason, place=ascii(entry.filename)[1:80])
            left -= size
            if is_xml:
                kept[entry.filename] = part
    return kept


def _read(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, *, keep: bool
) -> tuple[bytes, int]:
    """Unpack one part up to just above `most` bytes, whatever size it says it has."""
    chunks: list[bytes] = []
    size = 0
    with archive.open(entry) as part:
        while size <= most:
            chunk = part.read(_CHUNK_BYTES)
            if not chunk:
                break
            size += len(chunk)
            if keep:
                chunks.append(chunk)
    return b"".join(chunks), size


def _tree(source: SourceFile, part: str, data: bytes) -> Element:
    try:
        return parse_xml(SourceFile(name=source.name, data=data))
    except FileInputError as error:
        place = ", ".join(filter(None, (ascii(part)[1:-1][:80], error.place)))
        raise FileInputError(source.name, error.reason, place=place) from error
