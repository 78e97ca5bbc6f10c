"""Files of records as streams: opened, unzipped and decoded piece by piece, within bounds."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from corpus.errors import FileInputError
from ingest.cited_records import MAX_RECORD_SIZE, MAX_WHOLE_BYTES
from ingest.drafts import SourceFile

PIECE_BYTES = 65_536
_GZIP = b"\x1f\x8b"


class _Bounded(io.RawIOBase):
    """Reads on from a file and gives up once more than `max_bytes` have come out."""

    def __init__(self, file: BinaryIO, name: str, max_bytes: int | None) -> None:
        super().__init__()
        self._file = file
        self._name = name
        self._left = max_bytes
        self._max = max_bytes

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        wanted = size if size >= 0 else -1
        if self._left is not None:
            # one byte more than allowed tells a file that ends here from one that goes on
            wanted = self._left + 1 if wanted < 0 else min(wanted, self._left + 1)
        try:
            data = self._file.read(wanted)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise FileInputError(self._name, "the gzip file is damaged or cut off") from error
        except OSError as error:
            raise FileInputError(self._name, error.strerror or str(error)) from error
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                reason = f"holds more than the limit of {self._max:,} bytes"
                raise FileInputError(self._name, reason)
        return data


@contextmanager
def opened(path: Path, *, max_bytes: int | None = None) -> Iterator[BinaryIO]:
    """Open a file for reading; one in gzip, told by its first bytes, is unzipped as it is read.

    Raises FileInputError when it is missing or damaged, or once more than `max_bytes` (None: no
    limit) have come out of it.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise FileInputError(str(path), error.strerror or str(error)) from error
    with raw:
        zipped = raw.read(2) == _GZIP
        raw.seek(0)
        inner = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if zipped else raw
        yield cast(BinaryIO, _Bounded(inner, str(path), max_bytes))


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Give the rest of a file in pieces of at most `PIECE_BYTES`."""
    while piece := file.read(PIECE_BYTES):
        yield piece


def lines_of(file: BinaryIO, *, name: str) -> Iterator[str]:
    """Give the lines of a text in UTF-8 without their ends (LF, CRLF or CR).

    A byte-order mark is dropped. Raises FileInputError for bytes that are not UTF-8, a NUL, or a
    line of more than `MAX_RECORD_SIZE` characters.
    """
    number, rest = 1, ""
    for text in _decoded(file, name):
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            _check_line(line, name, number)
            yield line
            number += 1
        _check_line(rest, name, number)
    if rest:
        yield rest


def whole_text(file: BinaryIO, *, name: str) -> str:
    """Return the rest of a file as text, as `SourceFile.text` does.

    Raises FileInputError for what is no text in UTF-8 or has more than `MAX_WHOLE_BYTES`.
    """
    data = bytearray()
    for piece in pieces_of(file):
        data += piece
        if len(data) > MAX_WHOLE_BYTES:
            reason = f"more than {MAX_WHOLE_BYTES:,} bytes; divide the file and try again"
            raise FileInputError(name, reason)
    text = SourceFile(name=name, data=bytes(data)).text()
    if not text.strip():
        raise FileInputError(name, "the file is empty")
    return text


def _decoded(file: BinaryIO, name: str) -> Iterator[str]:
    utf8 = codecs.getincrementaldecoder("utf-8")()
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    seen = 0
    for piece in _with_end(file):
        held = len(utf8.getstate()[0])
        try:
            text = utf8.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            reason = "not UTF-8 text; save the file in UTF-8 and try again"
            place = f"byte {seen - held + error.start}"
            raise FileInputError(name, reason, place=place) from error
        text = text.removeprefix("\ufeff") if seen - held == 0 else text
        seen += len(piece)
        yield ends.decode(text, final=not piece)


def _with_end(file: BinaryIO) -> Iterator[bytes]:
    """Give the pieces and an empty one, which lets the decoders give what they still hold."""
    yield from pieces_of(file)
    yield b""


def _check_line(line: str, name: str, number: int) -> None:
    if "\x00" in line:
        raise FileInputError(name, "holds a NUL: not a text file", place=f"line {number}")
    if len(line) > MAX_RECORD_SIZE:
        reason = f"a line of more than {MAX_RECORD_SIZE:,} characters"
        raise FileInputError(name, reason, place=f"line {number}")
