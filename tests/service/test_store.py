"""Conversations and answers are kept, found again, and never mixed up."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import LibraryError, NotFoundError
from service.store import VERSION, AnswerStore


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
