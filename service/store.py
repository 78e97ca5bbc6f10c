"""Conversations and answers, kept in one SQLite file.

    conversations   id, created (UTC, ISO 8601)
    turns           conversation, position (from 1), question, answer_id
    answers         id, record (the answer record as JSON)

Nothing here decides an answer: the store hands out the earlier questions of a conversation and
finds an answer again by its id. `PRAGMA user_version` holds the format's version.
"""

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import LibraryError, NotFoundError
from service.wire import Record

VERSION = 1
IN_MEMORY = ":memory:"
_BUSY_TIMEOUT_S = 10.0

_TABLES = (
    "CREATE TABLE conversations (id TEXT PRIMARY KEY, created TEXT NOT NULL)",
    "CREATE TABLE answers (id TEXT PRIMARY KEY, record TEXT NOT NULL)",
    """CREATE TABLE turns (
        conversation TEXT NOT NULL REFERENCES conversations (id),
        position INTEGER NOT NULL,
        question TEXT NOT NULL,
        answer_id TEXT NOT NULL REFERENCES answers (id),
        PRIMARY KEY (conversation, position)
    )""",
)


class AnswerStore:
    """One connection behind a lock: usable from any thread, and by several processes at once.

    `path` is a file, made when it is missing, or IN_MEMORY. Every method raises LibraryError
    when the file cannot be used; one line, without any text of a question.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self._lock = threading.RLock()
        with self._mapped():
            if self.path != IN_MEMORY:
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path,
                timeout=_BUSY_TIMEOUT_S,
                isolation_level=None,  # transactions begin and end where we say
                check_same_thread=False,
            )
        try:
            self._prepare()
        except LibraryError:
            self._connection.close()
            raise

    def earlier_questions(self, conversation_id: str, *, limit: int) -> tuple[str, ...]:
        """Return the last `limit` questions of a conversation, oldest first; () when unknown."""
        with self._lock, self._mapped():
            rows = self._connection.execute(
                "SELECT question FROM turns WHERE conversation = ? ORDER BY position DESC LIMIT ?",
                (conversation_id, limit),
            ).fetchall()
        return tuple(question for (question,) in reversed(rows))

    def remember(self, record: Record, *, conversation_id: str | None = None) -> None:
        """Keep an answer record, and make it the next turn of a conversation.

        A conversation that is not known yet begins here.
        """
        answer_id, question = record["answer_id"], record["question"]
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO answers (id, record) VALUES (?, ?)", (answer_id, json.dumps(record))
            )
            if conversation_id is None:
                return
            now = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
            connection.execute(
                "INSERT OR IGNORE INTO conversations (id, created) VALUES (?, ?)",
                (conversation_id, now),
            )
            connection.execute(
                "INSERT INTO turns (conversation, position, question, answer_id) "
                "SELECT ?, coalesce(max(position), 0) + 1, ?, ? FROM turns WHERE conversation = ?",
                (conversation_id, question, answer_id, conversation_id),
            )

    def answer(self, answer_id: str) -> Record:
        """Return an answer record as it was given; raises NotFoundError."""
        with self._lock, self._mapped():
            row = self._connection.execute(
                "SELECT record FROM answers WHERE id = ?", (answer_id,)
            ).fetchone()
        if row is None:
            raise NotFoundError(f"no answer {answer_id[:80]!r} is kept here")
        record: Record = json.loads(row[0])
        return record

    def close(self) -> None:
        """Close the file; the store cannot be used any more."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        """Make the tables of a new file; refuse a file of another version or another purpose."""
        with self._mapped():
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        with self._transaction() as connection:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if found == 0 and tables == 0:
                for table in _TABLES:
                    connection.execute(table)
                connection.execute(f"PRAGMA user_version = {VERSION}")
            elif found != VERSION:
                raise LibraryError(
                    f"{self.path}: expected an answer store of version {VERSION}, found {found}"
                )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the lock and one write transaction: all of it is kept, or nothing."""
        with self._lock, self._mapped(), self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            reason = " ".join(str(error).split())
            raise LibraryError(f"{self.path}: the answer store cannot be used: {reason}") from error
