"""The format of the answer store: how it became what it is, one step per version.

    conversations   id, created
    turns           conversation, position (from 1), question, answer_id
    answers         id, record (the answer record as JSON), created
    feedback        answer_id, rating (up, down), comment (or null), given

Times are UTC, ISO 8601. `PRAGMA user_version` holds the version. A new file goes through all the
steps and an older one through those that it lacks, so that both come out the same.
"""

import datetime as dt
import sqlite3

from corpus.errors import LibraryError

_STEPS = (
    (
        "CREATE TABLE conversations (id TEXT PRIMARY KEY, created TEXT NOT NULL)",
        "CREATE TABLE answers (id TEXT PRIMARY KEY, record TEXT NOT NULL)",
        """CREATE TABLE turns (
            conversation TEXT NOT NULL REFERENCES conversations (id),
            position INTEGER NOT NULL,
            question TEXT NOT NULL,
            answer_id TEXT NOT NULL REFERENCES answers (id),
            PRIMARY KEY (conversation, position)
        )""",
    ),
    (
        "ALTER TABLE answers ADD COLUMN created TEXT NOT NULL DEFAULT ''",
        # when an older answer was given is not known: it counts from the day of this step
        "UPDATE answers SET created = :now",
        "CREATE INDEX answers_by_time ON answers (created)",
        "CREATE INDEX turns_by_answer ON turns (answer_id)",
        """CREATE TABLE feedback (
            answer_id TEXT PRIMARY KEY REFERENCES answers (id),
            rating TEXT NOT NULL CHECK (rating IN ('up', 'down')),
            comment TEXT,
            given TEXT NOT NULL
        )""",
    ),
)
VERSION = len(_STEPS)


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Make the tables of a new file, or bring an older one up to VERSION, in one transaction.

    The caller holds the transaction. Raises LibraryError with both versions for a file of a later
    version or of another purpose.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found > VERSION or (found == 0) != (tables == 0):
        raise LibraryError(f"{path}: expected an answer store of version {VERSION}, found {found}")
    if found == VERSION:
        return
    for step in _STEPS[found:]:
        for statement in step:
            connection.execute(statement, {"now": utc_now()} if ":now" in statement else {})
    connection.execute(f"PRAGMA user_version = {VERSION}")


def utc_now() -> str:
    """Return the time in seconds, as the store writes it."""
    return written(dt.datetime.now(tz=dt.UTC))


def written(time: dt.datetime) -> str:
    """Return a time in UTC as the store writes it; earlier times sort first."""
    return time.astimezone(dt.UTC).isoformat(timespec="seconds")
