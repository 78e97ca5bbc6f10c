"""Conversations, read again and erased."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.api import create_app
from service.assistant import Assistant
from service.http_reception import Asked
from service.settings import Settings
from tests.service.conftest import started
from tests.service.live import held_by_reader, until
from tests.service.test_api import assert_problem

QUESTIONS = "/v1/articles/lungs/questions"
CONVERSATION = "/v1/conversations/c-1"
Asking = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(client: TestClient) -> Asking:
    """Return a way to ask in the conversation."""

    def asking(question: str, **more: Any) -> dict[str, Any]:
        body = {"question": question, "conversation_id": "c-1"} | more
        record: dict[str, Any] = client.post(QUESTIONS, json=body).json()
        return record

    return asking


def test_a_conversation_is_read_as_it_was_given(client: TestClient, ask: Asking) -> None:
    """Answers and refusals, oldest first, exactly as they were sent; no cache keeps them."""
    asked = ("What are Masson bodies?", "What is the capital of France?", "And where are they?")
    given = [ask(question) for question in asked]
    ask("What is organizing pneumonia?", conversation_id="another")
    response = client.get(CONVERSATION)
    assert response.json() == {"conversation_id": "c-1", "turns": given, "running": 0}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("conversation", ["c-1", "no%20such", "x" * 200])
def test_an_unknown_conversation_is_a_problem(client: TestClient, conversation: str) -> None:
    """404 for an id under which nothing was asked, whatever it looks like."""
    response = client.get(f"/v1/conversations/{conversation}")
    assert_problem(response, 404, "not-found", f"/v1/conversations/{conversation}")


def test_what_is_erased_is_gone(client: TestClient, ask: Asking) -> None:
    """The conversation, its answers and their feedback; others stay, and the id begins afresh."""
    erased = ask("What are Masson bodies?")
    kept = ask("What are Masson bodies?", conversation_id="another")
    client.post(f"/v1/answers/{erased['answer_id']}/feedback", json={"rating": "up"})
    response = client.delete(CONVERSATION)
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(CONVERSATION).status_code == 404
    assert client.get(f"/v1/answers/{erased['answer_id']}").status_code == 404
    assert client.get(f"/v1/answers/{kept['answer_id']}").json() == kept
    assert client.get("/v1/conversations/another").json()["turns"] == [kept]
    assert "Masson" not in ask("And where are they?")["standalone_question"]


def test_erasing_twice_is_no_mistake(client: TestClient) -> None:
    """204 for what is not there: afterwards it is as it was asked for."""
    for _ in range(2):
        assert client.delete(CONVERSATION).status_code == 204
    assert client.delete(f"{CONVERSATION}/running").json() == {"stopped": 0}


def test_erasing_gives_up_what_is_still_answered(assistant: Assistant) -> None:
    """An answer that would come later does not bring an erased conversation back."""
    slow, reader = held_by_reader(assistant)
    app: FastAPI = create_app(lambda: slow, Settings())
    for client in started(app):
        reception = app.state.reception
        running = reception.begin(
            Asked(within="lungs", text="What are Masson bodies?", conversation_id="c-1")
        )
        reader.wait()
        assert client.get(CONVERSATION).json()["running"] == 1
        assert client.delete(CONVERSATION).status_code == 204
        reader.go.set()
        until(lambda: not app.state.reception.running._threads)
        assert running.future.exception() is not None
        assert client.get(CONVERSATION).status_code == 404
