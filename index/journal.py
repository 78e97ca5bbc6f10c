"""Vectors that were computed and stand in no index yet: a build that is stopped goes on from here.

    index/.embedded      one line of JSON (format, version, model, dimension), then records:
                         SHA-256 of the text (32 bytes), float32 vector, CRC-32 of both (4 bytes)

Records are appended batch by batch; what a killed process left half-written is not read.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from index.embedder import Vectors

NAME = ".embedded"
FORMAT = "sequitur-vectors"
VERSION = 1
KEY_BYTES = 32
CRC_BYTES = 4
MAX_HEADER_BYTES = 1000


class VectorJournal:
    """The journal of one model in an index folder; of another model nothing is read or kept."""

    def __init__(self, root: Path, model_digest: str) -> None:
        self._path = root / NAME
        self._model = model_digest
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self) -> dict[bytes, Vectors]:
        """Return vectors, each float32 (dimension,), by the SHA-256 of their text.

        Empty when there is no journal, or only one that cannot be used.
        """
        try:
            with self._path.open("rb") as file:
                dimension = _dimension(file.readline(MAX_HEADER_BYTES), self._model)
                return dict(_records(file, dimension)) if dimension else {}
        except OSError:
            return {}

    def append(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Add float32 (len(keys), dimension); they outlive the process when this returns."""
        if self._file is None:
            self._file = self._opened(int(vectors.shape[1]))
        for key, vector in zip(keys, vectors, strict=True):
            data = key + vector.astype("<f4").tobytes()
            self._file.write(data + zlib.crc32(data).to_bytes(CRC_BYTES, "little"))
        self._file.flush()

    def remove(self) -> None:
        """Remove the journal: its vectors stand in an index now."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._path.unlink(missing_ok=True)

    def _opened(self, dimension: int) -> BinaryIO:
        """Open the journal behind its last whole record, or begin a new one."""
        known = self.read()
        header = _header(self._model, dimension)
        size = len(header) + len(known) * _record_bytes(dimension)
        usable = known and len(next(iter(known.values()))) == dimension
        file = self._path.open("r+b" if usable else "w+b")
        if usable:
            file.truncate(size)
            file.seek(size)
        else:
            file.write(header)
        return file


def _header(model_digest: str, dimension: int) -> bytes:
    value = {"format": FORMAT, "version": VERSION, "model": model_digest, "dimension": dimension}
    return json.dumps(value).encode() + b"\n"


def _dimension(line: bytes, model_digest: str) -> int | None:
    """Return the length of the journal's vectors, None for what is no journal of this model."""
    try:
        dimension = int(json.loads(line)["dimension"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return dimension if dimension > 0 and line == _header(model_digest, dimension) else None


def _record_bytes(dimension: int) -> int:
    return KEY_BYTES + 4 * dimension + CRC_BYTES


def _records(file: BinaryIO, dimension: int) -> Iterator[tuple[bytes, Vectors]]:
    """Give the whole records up to the first that is cut off or damaged."""
    size = _record_bytes(dimension)
    while len(record := file.read(size)) == size:
        data, crc = record[:-CRC_BYTES], record[-CRC_BYTES:]
        if zlib.crc32(data).to_bytes(CRC_BYTES, "little") != crc:
            return
        vector = np.frombuffer(data, dtype="<f4", offset=KEY_BYTES).astype(np.float32)
        yield data[:KEY_BYTES], vector
