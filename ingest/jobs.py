"""What ingest was asked, what it found out about each file, and what it reports."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from corpus.records import Article
from ingest.cited_records import RecordReader
from ingest.doubts import Confirmed
from ingest.drafts import Parsed, Rejection
from ingest.sources import Source

MAX_FILE_BYTES = 100_000_000
# Rejections that a report holds itself; all of them go to whoever listens.
KEPT_REJECTIONS = 1000

Listener = Callable[[str, Rejection], object]


class Watch(Protocol):
    """Who is told how far the reading is."""

    def begin(self, size_bytes: int) -> None:
        """Hear how many bytes there are to read."""
        ...

    def advance(self, *, size_bytes: int = 0, records: int = 0) -> None:
        """Hear of bytes that were read, and of records or files that are done with."""
        ...


class Unwatched:
    """Nobody waits."""

    def begin(self, size_bytes: int) -> None:
        """Tell nobody."""

    def advance(self, *, size_bytes: int = 0, records: int = 0) -> None:
        """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of one run.

    `slug` names the article that is read, or the stored article that abstracts belong to.
    `as_references` takes articles as works that it cites. `ties` are matches that a person
    confirmed. `prune` removes what came from files that are gone, or from records that are.
    """

    slug: str | None = None
    max_bytes: int = MAX_FILE_BYTES
    as_references: bool = False
    ties: tuple[Confirmed, ...] = ()
    prune: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file: what is to be noted of it, and one of three ways to its content.

    Unchanged since `before`: neither `reader` nor `parsed`. Many records: `reader` streams them.
    Anything else: `parsed`. `renamed_from` is the name it bore.
    """

    path: Path
    source: Source
    size_bytes: int
    max_bytes: int = MAX_FILE_BYTES
    before: Source | None = None
    renamed_from: str | None = None
    reader: RecordReader | None = None
    parsed: Parsed | None = None

    @property
    def unchanged(self) -> bool:
        """Tell whether nothing has to be read."""
        return self.reader is None and self.parsed is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What one file brought: ids accepted, records left out and why, and what to know.

    `rejections` are the first of `left_out`; `changes` says what an article that was read anew has
    other than before. `broken` is why the file could not be read to its end.
    """

    name: str
    format: str
    unchanged: bool = False
    articles: tuple[Article, ...] = ()
    document_ids: tuple[str, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    left_out: int = 0
    notes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    broken: str | None = None


@dataclass(slots=True, kw_only=True)
class Rejected:
    """Gathers the rejections of one file, and passes each of them on."""

    name: str
    listener: Listener | None = None
    count: int = 0
    first: list[Rejection] = field(default_factory=list)

    def add(self, rejection: Rejection) -> None:
        """Take one more."""
        self.count += 1
        if len(self.first) < KEPT_REJECTIONS:
            self.first.append(rejection)
        if self.listener is not None:
            self.listener(self.name, rejection)
