"""The file of a review log: events as lines, appended and never rewritten.

    {"format": "sequitur-review", "version": 1, "at", "status", "was", "by", "note", "content"}

A line that cannot be read (a process was killed while it wrote, a later version wrote it) is told
by file and number; the others count.
"""

import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import LibraryError
from corpus.records import ReviewStatus

FORMAT = "sequitur-review"
VERSION = 1
MAX_LOG_BYTES = 10_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One move: from `was` to `status`, when (UTC), by whom, and for which content (SHA-256)."""

    at: dt.datetime
    status: ReviewStatus
    was: ReviewStatus
    by: str
    note: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The events of one article, oldest first, and what of its log cannot be read.

    `damage` names file and line; `damaged_since` tells that some of it stands after the last event.
    """

    events: tuple[Event, ...] = ()
    damage: tuple[str, ...] = ()
    damaged_since: bool = False


def event_record(event: Event) -> dict[str, Any]:
    """Return an event as its line holds it."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "at": event.at.isoformat().replace("+00:00", "Z"),
        "status": event.status.value,
        "was": event.was.value,
        "by": event.by,
        "note": event.note,
        "content": event.content,
    }


def append(path: Path, line: bytes) -> None:
    """Write one line behind whatever stands there; a broken last line is left and closed.

    When this returns, it is on the disk. For one process at a time; raises OSError, LibraryError.
    """
    is_new = not path.exists()
    with path.open("ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size + len(line) > MAX_LOG_BYTES:
            raise LibraryError(f"{path}: is full ({MAX_LOG_BYTES:,} bytes)")
        file.seek(max(0, size - 1))
        whole = size == 0 or file.read(1) == b"\n"
        rest = memoryview((b"" if whole else b"\n") + line + b"\n")
        while rest:  # one write as a rule; a full disk may take a part of it
            rest = rest[file.write(rest) or 0 :]
        os.fsync(file.fileno())
    if is_new:
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Let a new file's name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def history_in(path: Path) -> History:
    """Read a log; raises LibraryError when it cannot be read at all."""
    events: list[Event] = []
    damage: list[str] = []
    damaged_since = False
    for number, line in _lines(path):
        try:
            events.append(_event(line))
            damaged_since = False
        except (ValueError, TypeError, RecursionError) as error:
            damage.append(f"{path}, line {number}: no whole event: {error}")
            damaged_since = True
    return History(events=tuple(events), damage=tuple(damage), damaged_since=damaged_since)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Give the lines that hold anything, with their numbers from 1; the last may be unfinished."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_LOG_BYTES + 1)
    except OSError as error:
        raise LibraryError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_LOG_BYTES:
        raise LibraryError(f"{path}: larger than {MAX_LOG_BYTES:,} bytes")
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _event(line: bytes) -> Event:
    """Read an event; raises ValueError or TypeError saying what is wrong."""
    try:
        found = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}, character {error.pos + 1})") from error
    if not isinstance(found, dict):
        raise TypeError("not an object")
    kind = (found.get("format"), found.get("version"))
    if kind != (FORMAT, VERSION):
        raise ValueError(f"expected {FORMAT} version {VERSION}, found {kind}")
    texts: dict[str, str] = {}
    for key in ("at", "status", "was", "by", "note", "content"):
        value = found.get(key)
        if not isinstance(value, str):
            raise TypeError(f"{key} is missing or no text")
        texts[key] = value
    at = dt.datetime.fromisoformat(texts.pop("at"))
    if at.tzinfo is None:
        raise ValueError("at has no time zone")
    if not _DIGEST.fullmatch(texts["content"]):
        raise ValueError("content is no SHA-256")
    status, was = ReviewStatus(texts.pop("status")), ReviewStatus(texts.pop("was"))
    return Event(at=at.astimezone(dt.UTC), status=status, was=was, **texts)
