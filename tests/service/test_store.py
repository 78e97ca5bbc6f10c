"""Conversations and answers are kept, found again, and never mixed up."""

import datetime as dt
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import LibraryError, NotFoundError
from service import store_format
from service.store import AnswerStore, Rating
from service.store_format import VERSION, written


def record(answer_id: str, question: str = "Why?") -> dict[str, Any]:
    return {"answer_id": answer_id, "question": question, "statements": []}


def test_an_answer_comes_back_as_it_was_given(store: AnswerStore) -> None:
    """A stored record equals the record that is read."""
    given_record = record("a1", "Why “this”?\n\x00 ☃") | {
        "confidence": 0.25,
        "nested": [{"k": None}],
    }
    store.remember(given_record)
    assert store.answer("a1") == given_record


def test_an_unknown_answer_is_not_found(store: AnswerStore) -> None:
    """An id that was never given raises NotFoundError and names it."""
    with pytest.raises(NotFoundError, match="no-such-id"):
        store.answer("no-such-id")


def test_an_answer_id_is_kept_once(store: AnswerStore) -> None:
    """A second answer with the same id is refused and changes nothing."""
    store.remember(record("a1", "first"), conversation_id="c")
    with pytest.raises(LibraryError):
        store.remember(record("a1", "second"), conversation_id="c")
    assert store.earlier_questions("c", limit=9) == ("first",)


def test_questions_of_a_conversation_are_in_order(store: AnswerStore) -> None:
    """Earlier questions are oldest first, and only those of the conversation asked for."""
    for number, conversation in enumerate(["a", "b", "a", "a", None]):
        store.remember(record(f"id{number}", f"q{number}"), conversation_id=conversation)
    assert store.earlier_questions("a", limit=9) == ("q0", "q2", "q3")
    assert store.earlier_questions("b", limit=9) == ("q1",)
    assert store.earlier_questions("unknown", limit=9) == ()


def test_only_the_last_questions_are_given(store: AnswerStore) -> None:
    """The limit keeps the newest questions."""
    for number in range(5):
        store.remember(record(f"id{number}", f"q{number}"), conversation_id="a")
    assert store.earlier_questions("a", limit=2) == ("q3", "q4")


@given(questions=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_any_text_survives(questions: list[str]) -> None:
    """Whatever characters a question has, they come back unchanged."""
    store = AnswerStore(":memory:")
    for number, question in enumerate(questions):
        store.remember(record(f"id{number}", question), conversation_id="c")
    found = store.earlier_questions("c", limit=99)
    store.close()
    assert found == tuple(questions)


def test_a_file_is_read_again(tmp_path: Path) -> None:
    """What one process stored, the next one finds, folders made on the way."""
    path = tmp_path / "new folder" / "answers.sqlite"
    first = AnswerStore(path)
    first.remember(record("a1", "q1"), conversation_id="c")
    first.close()
    second = AnswerStore(path)
    assert second.answer("a1")["question"] == "q1"
    assert second.earlier_questions("c", limit=1) == ("q1",)
    second.close()


def test_another_version_is_refused_with_both_values(tmp_path: Path) -> None:
    """A file of a later format is left alone."""
    path = tmp_path / "answers.sqlite"
    AnswerStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(LibraryError, match=f"version {VERSION}, found 7"):
        AnswerStore(path)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    """A database with other tables is not taken over."""
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(LibraryError, match="found 0"):
        AnswerStore(path)


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    """Foreign exceptions do not pass the border."""
    path = tmp_path / "answers.sqlite"
    path.write_bytes(b"this is not a database, but long enough to be taken for one" * 20)
    with pytest.raises(LibraryError) as caught:
        AnswerStore(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_many_threads_lose_no_turn(tmp_path: Path) -> None:
    """Turns that arrive at once, through two connections, all get a position of their own."""
    path = tmp_path / "answers.sqlite"
    stores = [AnswerStore(path), AnswerStore(path)]

    def write(worker: int) -> None:
        for number in range(10):
            name = f"{worker}-{number}"
            stores[worker % 2].remember(record(name, name), conversation_id="c")

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = stores[0].earlier_questions("c", limit=99)
    assert sorted(found) == sorted(f"{w}-{n}" for w in range(4) for n in range(10))
    for worker in range(4):
        own = [name for name in found if name.startswith(f"{worker}-")]
        assert own == [f"{worker}-{number}" for number in range(10)]
    for store in stores:
        store.close()


# A file as the first version of the program made it.
FIRST_VERSION = """
    CREATE TABLE conversations (id TEXT PRIMARY KEY, created TEXT NOT NULL);
    CREATE TABLE answers (id TEXT PRIMARY KEY, record TEXT NOT NULL);
    CREATE TABLE turns (
        conversation TEXT NOT NULL REFERENCES conversations (id),
        position INTEGER NOT NULL,
        question TEXT NOT NULL,
        answer_id TEXT NOT NULL REFERENCES answers (id),
        PRIMARY KEY (conversation, position)
    );
    INSERT INTO conversations VALUES ('c', '2024-01-01T00:00:00+00:00');
    INSERT INTO turns VALUES ('c', 1, 'q1', 'a1'), ('c', 2, 'q2', 'a2');
    PRAGMA user_version = 1;
"""


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """Return a store of version 1 with two turns, and one answer outside of conversations."""
    path = tmp_path / "answers.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.executescript(FIRST_VERSION)
    for name in ("a1", "a2", "a3"):
        values = (name, json.dumps(record(name, name.replace("a", "q"))))
        connection.execute("INSERT INTO answers VALUES (?, ?)", values)
    connection.commit()
    connection.close()
    return path


def schema_of(path: Path) -> list[tuple[Any, ...]]:
    """Return the tables and indexes of a file and its version."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
    rows = [(kind, name, " ".join((sql or "").split())) for kind, name, sql in found]
    rows += connection.execute("PRAGMA user_version").fetchall()
    connection.close()
    return rows


def test_a_file_of_the_first_version_goes_on(old_file: Path, tmp_path: Path) -> None:
    """Answers, conversations and order stay; what is new works; the file is as a new one."""
    store = AnswerStore(old_file)
    assert [turn["answer_id"] for turn in store.turns("c")] == ["a1", "a2"]
    assert store.answer("a3")["question"] == "q3"
    store.remember(record("a4", "q4"), conversation_id="c")
    store.rate("a1", "up")
    assert store.earlier_questions("c", limit=9) == ("q1", "q2", "q4")
    store.close()
    AnswerStore(tmp_path / "new.sqlite").close()
    assert schema_of(old_file) == schema_of(tmp_path / "new.sqlite")


def test_the_answers_of_an_old_file_are_not_erased_for_their_unknown_age(old_file: Path) -> None:
    """Their days are counted from the first opening by this version."""
    store = AnswerStore(old_file, kept_days=1)
    assert len(store.turns("c")) == 2
    store.close()
    aged(old_file, "a1", days=2)
    store = AnswerStore(old_file, kept_days=1)
    assert [turn["answer_id"] for turn in store.turns("c")] == ["a2"]
    store.close()


def test_a_failed_step_leaves_the_old_file(old_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either all of a step is done or nothing."""
    steps = store_format._STEPS
    broken = (*steps[:1], (*steps[1], "CREATE TABLE answers (again TEXT)"))
    before = schema_of(old_file)
    monkeypatch.setattr(store_format, "_STEPS", broken)
    with pytest.raises(LibraryError):
        AnswerStore(old_file)
    assert schema_of(old_file) == before


def aged(path: Path, answer_id: str, *, days: float) -> None:
    """Make an answer as old as that."""
    then = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=days)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE answers SET created = ? WHERE id = ?", (written(then), answer_id))
    connection.commit()
    connection.close()


def test_only_old_answers_are_erased(tmp_path: Path) -> None:
    """What is older than the limit goes, with its feedback; a conversation goes with its last."""
    path = tmp_path / "answers.sqlite"
    store = AnswerStore(path, kept_days=30)
    for name, conversation in (("a1", "c"), ("a2", "c"), ("a3", "d"), ("a4", None)):
        store.remember(record(name, name), conversation_id=conversation)
        store.rate(name, "down", "Hm.")
    for name in ("a1", "a3", "a4"):
        aged(path, name, days=30.01)
    aged(path, "a2", days=29.99)
    assert store.erase_old() == 3
    assert store.erase_old() == 0
    assert [turn["answer_id"] for turn in store.turns("c")] == ["a2"]
    assert store.feedback("a1") is None
    assert store.feedback("a2") is not None
    assert store.turns("d") == ()
    store.remember(record("a5", "q5"), conversation_id="c")
    assert store.earlier_questions("c", limit=9) == ("a2", "q5")
    store.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT id FROM conversations").fetchall() == [("c",)]
    connection.close()


def test_without_a_limit_nothing_grows_old(tmp_path: Path) -> None:
    """0 days keep an answer until somebody deletes it."""
    path = tmp_path / "answers.sqlite"
    store = AnswerStore(path)
    store.remember(record("a1"))
    aged(path, "a1", days=9999)
    assert store.erase_old() == 0
    store.close()
    store = AnswerStore(path, kept_days=0)
    assert store.answer("a1")
    store.close()


def test_what_is_erased_is_in_no_file(tmp_path: Path) -> None:
    """Neither the store nor the journal beside it holds the words any more."""
    store = AnswerStore(tmp_path / "answers.sqlite")
    for number in range(50):
        question = f"zanzibar {number} " * 50
        store.remember(record(f"a{number}", question), conversation_id="c")
        store.rate(f"a{number}", "down", "pemba island " * 20)
    store.remember(record("kept", "madagascar"), conversation_id="d")
    assert store.erase("c") == 50
    written_down = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"zanzibar" not in written_down
    assert b"pemba" not in written_down
    assert b"madagascar" in written_down
    store.close()


def test_erasing_leaves_the_others(store: AnswerStore) -> None:
    """A conversation is erased with its answers and feedback, and no other; it can begin again."""
    for name, conversation in (("a1", "c"), ("b1", "d"), ("a2", "c")):
        store.remember(record(name, name), conversation_id=conversation)
        store.rate(name, "up")
    assert store.erase("c") == 2
    assert store.erase("c") == store.erase("unknown") == 0
    assert store.turns("c") == ()
    assert store.feedback("a1") is None
    for name in ("a1", "a2"):
        with pytest.raises(NotFoundError):
            store.answer(name)
    assert [turn["answer_id"] for turn in store.turns("d")] == ["b1"]
    assert store.feedback("b1") is not None
    store.remember(record("a3", "q3"), conversation_id="c")
    assert store.earlier_questions("c", limit=9) == ("q3",)


@pytest.mark.parametrize("rating", ["up", "down"])
def test_the_last_feedback_counts(store: AnswerStore, rating: Rating) -> None:
    """One per answer, with its comment and its time."""
    store.remember(record("a1"))
    assert store.feedback("a1") is None
    store.rate("a1", "up", "first")
    store.rate("a1", rating, "second")
    said = store.feedback("a1")
    assert said is not None
    assert (said.answer_id, said.rating, said.comment) == ("a1", rating, "second")
    assert dt.datetime.fromisoformat(said.given).tzinfo == dt.UTC


def test_feedback_needs_an_answer(store: AnswerStore) -> None:
    """NotFoundError for an unknown id, without a word of the comment."""
    with pytest.raises(NotFoundError, match="nope") as refused:
        store.rate("nope", "up", "zanzibar")
    assert "zanzibar" not in str(refused.value)


def test_a_closed_store_says_nothing_of_what_it_was_given(tmp_path: Path) -> None:
    """An error of the database names the file and no text."""
    store = AnswerStore(tmp_path / "answers.sqlite")
    store.close()
    for call in (
        lambda: store.rate("a", "up", "zanzibar"),
        lambda: store.remember(record("a", "zanzibar"), conversation_id="zanzibar"),
        lambda: store.erase("zanzibar"),
    ):
        with pytest.raises(LibraryError) as refused:
            call()
        assert "zanzibar" not in str(refused.value)
