"""Conversations, answers and feedback, kept in one SQLite file (`service/store_format.py`).

Nothing here decides an answer: the store hands out the earlier questions of a conversation, finds
an answer again by its id, and erases. What was erased is not in the file any more.
"""

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from corpus.errors import LibraryError, NotFoundError
from service.store_format import prepare, utc_now, written
from service.wire import Record

IN_MEMORY = ":memory:"
_BUSY_TIMEOUT_S = 10.0

Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a reader said about an answer; `given` is UTC, ISO 8601."""

    answer_id: str
    rating: Rating
    comment: str | None
    given: str


class AnswerStore:
    """One connection behind a lock: usable from any thread, and by several processes at once.

    `path` is a file, made when it is missing, or IN_MEMORY. Answers older than `kept_days` are
    erased when the store is opened (0: kept until they are deleted). Every method raises
    LibraryError when the file cannot be used; one line, without any text of a question.
    """

    def __init__(self, path: Path | str, *, kept_days: int = 0) -> None:
        self.path = str(path)
        self.kept_days = kept_days
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
            self.erase_old()
        except LibraryError:
            self._connection.close()
            raise

    def earlier_questions(self, conversation_id: str, *, limit: int) -> tuple[str, ...]:
        """Return the last `limit` questions of a conversation, oldest first; () when unknown."""
        rows = self._rows(
            "SELECT question FROM turns WHERE conversation = ? ORDER BY position DESC LIMIT ?",
            (conversation_id, limit),
        )
        return tuple(question for (question,) in reversed(rows))

    def turns(self, conversation_id: str) -> tuple[Record, ...]:
        """Return the answer records of a conversation, oldest first; () when unknown."""
        rows = self._rows(
            "SELECT record FROM turns JOIN answers ON answers.id = turns.answer_id "
            "WHERE conversation = ? ORDER BY position",
            (conversation_id,),
        )
        return tuple(json.loads(record) for (record,) in rows)

    def remember(self, record: Record, *, conversation_id: str | None = None) -> None:
        """Keep an answer record, and make it the next turn of a conversation.

        A conversation that is not known yet begins here.
        """
        answer_id, question, now = record["answer_id"], record["question"], utc_now()
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO answers (id, record, created) VALUES (?, ?, ?)",
                (answer_id, json.dumps(record), now),
            )
            if conversation_id is None:
                return
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
        rows = self._rows("SELECT record FROM answers WHERE id = ?", (answer_id,))
        if not rows:
            raise _no_answer(answer_id)
        record: Record = json.loads(rows[0][0])
        return record

    def rate(self, answer_id: str, rating: Rating, comment: str | None = None) -> None:
        """Keep what a reader says about an answer, instead of what was said before.

        Raises NotFoundError when there is no such answer.
        """
        with self._transaction() as connection:
            known = connection.execute("SELECT 1 FROM answers WHERE id = ?", (answer_id,))
            if known.fetchone() is None:
                raise _no_answer(answer_id)
            connection.execute(
                "INSERT OR REPLACE INTO feedback (answer_id, rating, comment, given) "
                "VALUES (?, ?, ?, ?)",
                (answer_id, rating, comment, utc_now()),
            )

    def feedback(self, answer_id: str) -> Feedback | None:
        """Return what was last said about an answer, if anything."""
        rows = self._rows(
            "SELECT rating, comment, given FROM feedback WHERE answer_id = ?", (answer_id,)
        )
        return next(
            (Feedback(answer_id=answer_id, rating=r, comment=c, given=g) for r, c, g in rows), None
        )

    def erase(self, conversation_id: str) -> int:
        """Erase a conversation with its answers and their feedback; return how many answers."""
        return self._erase("SELECT answer_id FROM turns WHERE conversation = ?", (conversation_id,))

    def erase_old(self) -> int:
        """Erase the answers that are older than `kept_days`; return how many there were."""
        if self.kept_days == 0:
            return 0
        oldest = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=self.kept_days)
        return self._erase("SELECT id FROM answers WHERE created < ?", (written(oldest),))

    def close(self) -> None:
        """Close the file; the store cannot be used any more."""
        with self._lock:
            self._connection.close()

    def _erase(self, doomed: str, values: tuple[str, ...]) -> int:
        """Erase the answers whose ids the query gives, with all that hangs on them."""
        with self._transaction() as connection:
            ids = [(answer_id,) for (answer_id,) in connection.execute(doomed, values)]
            if not ids:
                return 0
            connection.executemany("DELETE FROM feedback WHERE answer_id = ?", ids)
            connection.executemany("DELETE FROM turns WHERE answer_id = ?", ids)
            connection.executemany("DELETE FROM answers WHERE id = ?", ids)
            connection.execute(
                "DELETE FROM conversations "
                "WHERE NOT EXISTS (SELECT 1 FROM turns WHERE conversation = conversations.id)"
            )
        # the journal beside the file still holds the pages as they were; a reader of another
        # process may keep it for now, and then the next one to close the file clears it
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(ids)

    def _prepare(self) -> None:
        with self._mapped():
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA secure_delete = ON")  # erased is overwritten
        with self._transaction() as connection:
            prepare(connection, self.path)

    def _rows(self, query: str, values: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock, self._mapped():
            return self._connection.execute(query, values).fetchall()

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


def _no_answer(answer_id: str) -> NotFoundError:
    return NotFoundError(f"no answer {answer_id[:80]!r} is kept here")
