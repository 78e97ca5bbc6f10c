"""Which file gave what: the memory by which ingest reads only what changed, and goes on.

    <library>/sources.sqlite
        files   one row a file: name, SHA-256, format, code, options, whether it was read to its end
        yields  one row a record: the file, the id of the article or document, a digest

A file's name is its path relative to the library's folder. `code` digests the modules that read it
and `options` what was asked about it, so that a new version reads everything anew. The library does
not need this memory: without it every file is read again.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from corpus.errors import LibraryError

NAME = "sources.sqlite"
VERSION = 1
Kind = Literal["article", "document"]
_SCHEMA = """
CREATE TABLE files (
    name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, format TEXT NOT NULL, code TEXT NOT NULL,
    options TEXT NOT NULL, kept_slug TEXT, complete INTEGER NOT NULL, left_out INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE yields (
    name TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (name, id)
) WITHOUT ROWID;
CREATE INDEX yields_by_id ON yields (id);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as it was read last; `left_out` counts the records that could not be used.

    `kept_slug` is the slug that its article keeps since the file was renamed.
    """

    name: str
    sha256: str
    format: str
    code: str
    options: str = ""
    kept_slug: str | None = None
    complete: bool = True
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """What a file gave: an article's slug or a document's id, and a digest of what was read."""

    id: str
    kind: Kind
    digest: str = ""


class Sources:
    """The memory of one library, made at its first entry. Raises LibraryError when damaged."""

    def __init__(self, library_folder: Path) -> None:
        self._folder = library_folder
        self._path = library_folder / NAME
        self._db: sqlite3.Connection | None = None
        if self._path.exists():
            with self._mapped():
                self._db = sqlite3.connect(self._path)
                (version,) = self._db.execute("PRAGMA user_version").fetchone()
                if version != VERSION:
                    raise LibraryError(
                        f"{self._path}: expected version {VERSION}, found {version}; remove it "
                        "to have every file read anew"
                    )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._db is not None:
            self._db.close()

    def name_of(self, path: Path) -> str:
        """Return the name by which a file is known here."""
        try:
            relative = os.path.relpath(path.absolute(), self._folder.absolute())
        except ValueError:  # another drive
            return path.absolute().as_posix()
        return Path(relative).as_posix()

    def path_of(self, name: str) -> Path:
        """Return where the file of this name should be."""
        return self._folder.absolute() / name

    def get(self, name: str) -> Source | None:
        """Return what is known of a file, None for a new one."""
        found = list(self._sources("WHERE name = ?", (name,)))
        return found[0] if found else None

    def all(self) -> tuple[Source, ...]:
        """Return every file by name."""
        return tuple(self._sources("ORDER BY name", ()))

    def with_content(self, sha256: str) -> tuple[Source, ...]:
        """Return the files that had this content, by name."""
        return tuple(self._sources("WHERE sha256 = ? ORDER BY name", (sha256,)))

    def yields(self, name: str) -> dict[str, Yield]:
        """Return what a file gave, by id."""
        rows = self._rows("SELECT id, kind, digest FROM yields WHERE name = ? ORDER BY id", (name,))
        return {row[0]: Yield(id=row[0], kind=row[1], digest=row[2]) for row in rows}

    def givers(self, document_id: str) -> tuple[str, ...]:
        """Return the names of the files that gave an article or document."""
        rows = self._rows("SELECT name FROM yields WHERE id = ? ORDER BY name", (document_id,))
        return tuple(row[0] for row in rows)

    def record(self, files: Iterable[tuple[Source, Sequence[Yield]]]) -> None:
        """Note files and what they gave, all or nothing; what they gave earlier stays noted."""
        with self._writing() as db:
            for source, found in files:
                row = (
                    source.name,
                    source.sha256,
                    source.format,
                    source.code,
                    source.options,
                    source.kept_slug,
                    int(source.complete),
                    source.left_out,
                )
                db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
                rows = [(source.name, y.id, y.kind, y.digest) for y in found]
                db.executemany("INSERT OR REPLACE INTO yields VALUES (?, ?, ?, ?)", rows)

    def no_longer(self, name: str, ids: Iterable[str]) -> None:
        """Note that a file does not give these any more."""
        with self._writing() as db:
            rows = [(name, document_id) for document_id in ids]
            db.executemany("DELETE FROM yields WHERE name = ? AND id = ?", rows)

    def rename(self, old: str, new: str) -> None:
        """Note that a file bears another name now."""
        with self._writing() as db:
            for table in ("files", "yields"):
                db.execute(f"DELETE FROM {table} WHERE name = ?", (new,))  # noqa: S608 - ours
                db.execute(f"UPDATE {table} SET name = ? WHERE name = ?", (new, old))  # noqa: S608

    def forget(self, name: str) -> None:
        """Note that a file is gone, and what it gave with it."""
        with self._writing() as db:
            db.execute("DELETE FROM files WHERE name = ?", (name,))
            db.execute("DELETE FROM yields WHERE name = ?", (name,))

    def _sources(self, where: str, values: tuple[str, ...]) -> Iterator[Source]:
        columns = "name, sha256, format, code, options, kept_slug, complete, left_out"
        for row in self._rows(f"SELECT {columns} FROM files {where}", values):  # noqa: S608 - ours
            name, sha256, format_name, code, options, kept_slug, complete, left_out = row
            yield Source(
                name=name,
                sha256=sha256,
                format=format_name,
                code=code,
                options=options,
                kept_slug=kept_slug,
                complete=bool(complete),
                left_out=left_out,
            )

    def _rows(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        if self._db is None:
            return []
        with self._mapped():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._mapped():
            if self._db is None:
                self._db = sqlite3.connect(self._path)
                self._db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")
            with self._db:
                yield self._db

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise LibraryError(
                f"{self._path}: cannot be used ({error}); remove it to have every file read anew"
            ) from error
