"""A saved answer that knows what became of its sources, over HTTP and on its page."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from corpus.library import Library
from corpus.records import Notice, Reference
from index.saved import build_index
from service.api import create_app
from service.assistant import Assistant
from service.settings import Settings
from service.sources_since import Since, since_saved
from service.store import AnswerStore
from service.wire import answer_record
from tests.evals.fakes import WordEmbedder
from tests.fakes import article_of, clinic, document_of
from tests.service.cases import citations_in, over
from tests.service.conftest import started
from tests.service.made_answers import OF_CLINIC, made_answer

Check = Callable[[Any], None]


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    """Return an assistant over the small library of gout and fever."""
    return over(clinic(tmp_path / "library"))


def kept(assistant: Assistant, store: AnswerStore) -> dict[str, Any]:
    """Keep an answer that quotes an article and an abstract, and return its record."""
    record: dict[str, Any] = answer_record(made_answer(assistant.library, *OF_CLINIC))
    store.remember(record)
    return record


def read_again(
    assistant: Assistant, store: AnswerStore, record: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    """Return the saved record and its page, from a server over the library as it is now."""
    build_index(Library(assistant.library.folder), WordEmbedder())
    for client in started(create_app(assistant.reopened, Settings(), store=store)):
        found: dict[str, Any] = client.get(f"/v1/answers/{record['answer_id']}").json()
        page = client.get(f"/answers/{record['answer_id']}").text
    return found, page


def test_without_news_a_record_is_as_it_was_given(assistant: Assistant, store: AnswerStore) -> None:
    """Nothing is added, also when other texts of the library have changed."""
    record = kept(assistant, store)
    assistant.library.put(documents=[document_of("alone", "Zinc does nothing.")])
    found, page = read_again(assistant, store, record)
    assert found == record
    assert "The library has changed since." in page
    assert "Of their sources" not in page


def test_news_are_added_and_shown(
    assistant: Assistant, store: AnswerStore, check_record: Check
) -> None:
    """The record names what changed by kind, its page says it, and what is stored stays."""
    record = kept(assistant, store)
    library = assistant.library
    retracted = Reference(title="A", notices=(Notice(kind="retraction", source="PubMed"),))
    library.put(
        articles=[article_of("gout", "Nothing is left of it.")],
        documents=[replace(library.document("gout#ref-2"), reference=retracted)],
    )
    found, page = read_again(assistant, store, record)
    check_record(found)
    assert found.pop("since") == {
        "changed": ["gout"],
        "gone": ["gout"],
        "removed": [],
        "retracted": ["gout#ref-2"],
        "concern": [],
        "review": [],
    }
    assert found == record == store.answer(record["answer_id"])
    markers = {c["document_id"]: c["marker"] for c in citations_in(record)}
    assert f"[{markers['gout#ref-2']}] was retracted since" in page
    assert f"[{markers['gout']}] reads otherwise now" in page
    assert page.index("was retracted since") < page.index("reads otherwise now")


def test_a_removed_source_is_told(assistant: Assistant, store: AnswerStore) -> None:
    """An article that was deleted is named, with the abstract that went with it."""
    record = kept(assistant, store)
    assistant.library.delete_article("gout")
    found, page = read_again(assistant, store, record)
    assert set(found["since"]["removed"]) == {"gout", "gout#ref-2"}
    assert page.count("is not in the library any more") == 2


def test_before_anything_is_loaded_a_record_can_be_read(
    assistant: Assistant, store: AnswerStore
) -> None:
    """What is stored needs no library."""
    record = kept(assistant, store)
    go = threading.Event()

    def slowly() -> Assistant:
        assert go.wait(10)
        return assistant

    app = create_app(slowly, Settings(), store=store)
    with TestClient(app) as client:
        assert client.get(f"/v1/answers/{record['answer_id']}").json() == record
        go.set()
        assert app.state.reception.wait(10)


@pytest.mark.parametrize("record", [{"statements": [{}]}, {"statements": [], "references": 1}])
def test_a_record_that_cannot_be_read_tells_nothing(
    assistant: Assistant, record: dict[str, Any]
) -> None:
    """A broken record of our own store is shown as it is, without a failure."""
    assert since_saved(record, assistant.library) == Since()
