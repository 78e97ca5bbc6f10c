"""Files of a library: written whole or not at all, read as JSON, named after ids."""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpus.errors import InputError, LibraryError

MAX_FILE_NAME_CHARS = 200
# From this many files on, one flush of everything is quicker than one of each.
FLUSH_TOGETHER = 32


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of a JSON value in canonical form (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def json_bytes(value: Any) -> bytes:
    """Return JSON for people: indented, UTF-8, with a last line end."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people: indented, UTF-8, to a temporary name and then renamed."""
    write_bytes(path, json_bytes(value))


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


def write_all(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write files, each whole or not at all, in order; their folders must exist.

    Many are flushed to disk together before the first is renamed: ten thousand single flushes
    take minutes.
    """
    if len(files) < FLUSH_TOGETHER or not hasattr(os, "sync"):
        for path, data in files:
            write_bytes(path, data)
        return
    written: list[tuple[Path, Path]] = []
    try:
        for path, data in files:
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
            written.append((Path(temporary), path))
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        os.sync()
        for source, path in written:
            source.replace(path)
    except BaseException:
        for source, _ in written:
            source.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any:
    """Read a file of JSON; raises LibraryError naming it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LibraryError(f"{path}: cannot be read: {error}") from error


def path_for(folder: Path, key: str) -> Path:
    """Return the file of an id, percent-encoded; raises InputError for what makes no file name."""
    try:
        name = quote(key, safe="")
    except UnicodeEncodeError:
        name = ""
    if not name or not key or key.startswith(".") or len(name) > MAX_FILE_NAME_CHARS:
        raise InputError(f"{key[:80]!r} cannot be an id: empty, too long or starting with a dot")
    return folder / f"{name}.json"
