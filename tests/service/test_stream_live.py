"""A stream over a real socket, while the answer is being worked out."""

import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from corpus.errors import IndexingError
from service import api, streaming
from service.api import create_app
from service.assistant import Assistant
from service.settings import Settings
from tests.service.live import (
    HeldReader,
    blocks_of,
    event_of,
    events_of,
    held_by_reader,
    serving,
    until,
)

QUESTIONS = "/v1/articles/lungs/questions"
CONVERSATION = "/v1/conversations/c"
ASKED = {"question": "What are Masson bodies?", "conversation_id": "c", "stream": True}


@pytest.fixture
def held(assistant: Assistant) -> Iterator[tuple[FastAPI, HeldReader]]:
    """Return an application that reads when it is told to, and what tells it."""
    slow, reader = held_by_reader(assistant)
    yield create_app(lambda: slow, Settings(questions_at_once=2)), reader
    reader.go.set()


@contextmanager
def visiting(app: FastAPI, *, grace_s: int | None = None) -> Iterator[httpx2.Client]:
    """Run a real server and give a client of it."""
    with (
        serving(app, grace_s=grace_s) as address,
        httpx2.Client(base_url=address, trust_env=False, timeout=10) as client,
    ):
        yield client


def test_what_is_read_comes_before_it_is_read(held: tuple[FastAPI, HeldReader]) -> None:
    """The passages are on the page while the reader has not begun; the rest follows."""
    app, reader = held
    with visiting(app) as client, client.stream("POST", QUESTIONS, json=ASKED) as response:
        blocks = blocks_of(response.iter_text())
        name, retrieval = event_of(next(blocks))
        assert name == "retrieval"
        assert retrieval["passages"]
        reader.wait()
        reader.go.set()
        rest = [event_of(block) for block in blocks]
    assert [name for name, _ in rest] == ["statement"] * (len(rest) - 1) + ["done"]
    assert rest[-1][1]["status"] == "answered"


def test_a_quiet_stream_is_kept_open(
    held: tuple[FastAPI, HeldReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing happens, comments are sent; a reader of events passes over them."""
    monkeypatch.setattr(streaming, "KEEP_ALIVE_S", 0.02)
    app, reader = held
    with visiting(app) as client, client.stream("POST", QUESTIONS, json=ASKED) as response:
        blocks = blocks_of(response.iter_text())
        begin = [next(blocks) for _ in range(3)]
        reader.go.set()
        text = "\n\n".join([*begin, *blocks, ""])
    assert begin[1:] == [": still reading"] * 2
    assert [name for name, _ in events_of(text)][-1] == "done"


def test_a_lost_connection_does_not_lose_the_answer(held: tuple[FastAPI, HeldReader]) -> None:
    """Who comes back finds that it is still worked on, and then the answer itself."""
    app, reader = held
    with visiting(app) as client:
        with client.stream("POST", QUESTIONS, json=ASKED) as response:
            next(blocks_of(response.iter_text()))
        reader.wait()
        found = client.get(CONVERSATION).json()
        assert found == {"conversation_id": "c", "turns": [], "running": 1}
        reader.go.set()
        until(lambda: client.get(CONVERSATION).json()["turns"])
        (turn,) = client.get(CONVERSATION).json()["turns"]
        assert turn["question"] == ASKED["question"]
        assert client.get(f"/v1/answers/{turn['answer_id']}").json() == turn


def test_what_is_stopped_ends_at_once_and_is_not_kept(held: tuple[FastAPI, HeldReader]) -> None:
    """A stop is told to whoever waits, while the reader is still busy; the next question works."""
    app, reader = held
    with visiting(app) as client, ThreadPoolExecutor() as pool:
        plain = pool.submit(client.post, QUESTIONS, json=ASKED | {"stream": False})
        streamed = pool.submit(client.post, QUESTIONS, json=ASKED)
        reader.wait()
        reader.wait()
        assert client.delete("/v1/conversations/other/running").json() == {"stopped": 0}
        assert client.delete(f"{CONVERSATION}/running").json() == {"stopped": 2}
        assert client.delete(f"{CONVERSATION}/running").json() == {"stopped": 0}
        assert plain.result().status_code == 409
        (name, _), (last, problem) = events_of(streamed.result().text)
        assert (name, last) == ("retrieval", "error")
        assert problem == plain.result().json()
        assert problem["type"] == "urn:sequitur:problem:stopped"
        reader.go.set()
        until(lambda: not app.state.reception.running._threads)
        assert client.get(CONVERSATION).status_code == 404
        assert client.post(QUESTIONS, json=ASKED | {"stream": False}).status_code == 200
        assert len(client.get(CONVERSATION).json()["turns"]) == 1


def test_a_failure_on_the_way_is_an_event(
    held: tuple[FastAPI, HeldReader],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What breaks after the first event says nothing of the inside, nor does the log."""
    app, reader = held

    def fails(*_: Any) -> None:
        raise IndexingError(f"/srv/index: {ASKED['question']}")

    monkeypatch.setattr(reader, "read", fails)
    with caplog.at_level(logging.DEBUG), visiting(app) as client:
        events = events_of(client.post(QUESTIONS, json=ASKED).text)
    assert [name for name, _ in events] == ["retrieval", "error"]
    assert events[1][1]["type"] == "urn:sequitur:problem:internal"
    assert "/srv" not in str(events[1][1])
    assert "IndexingError" in caplog.text
    assert "Masson" not in caplog.text


def test_problems_before_the_work_are_responses(held: tuple[FastAPI, HeldReader]) -> None:
    """An unknown article, an empty and an overlong question never become a stream."""
    app, _ = held
    with visiting(app) as client:
        unknown = client.post("/v1/articles/nope/questions", json=ASKED)
        empty = client.post(QUESTIONS, json=ASKED | {"question": " "})
        long = client.post(QUESTIONS, json=ASKED | {"question": "why " * 999})
    for response, status in ((unknown, 404), (empty, 422), (long, 422)):
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"


def test_the_server_ends_while_a_question_is_read(
    held: tuple[FastAPI, HeldReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that hangs, under a stream or a plain request, does not hold up the end."""
    monkeypatch.setattr(api, "ENDING_S", 0.1)
    app, reader = held
    with serving(app, grace_s=1) as address:
        host, port = address.removeprefix("http://").split(":")
        left = [socket.create_connection((host, int(port))) for _ in range(2)]
        for connection, streamed in zip(left, (b"true", b"false"), strict=True):
            body = b'{"question": "What are Masson bodies?", "stream": ' + streamed + b"}"
            connection.sendall(
                f"POST {QUESTIONS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            reader.wait()
        ending = time.monotonic()
    assert time.monotonic() - ending < 5
    for connection in left:
        connection.close()


def test_a_slow_reader_of_the_stream_holds_nobody_up(held: tuple[FastAPI, HeldReader]) -> None:
    """Connections that take nothing keep no place: others are answered, and all is kept."""
    app, reader = held
    reader.go.set()
    with visiting(app) as client:
        slow = [socket.socket() for _ in range(4)]
        for connection in slow:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.connect((client.base_url.host, client.base_url.port))
            body = (
                b'{"question": "What are Masson bodies?", "conversation_id": "s", "stream": true}'
            )
            connection.sendall(
                f"POST {QUESTIONS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
        assert client.post(QUESTIONS, json=ASKED).status_code == 200
        until(lambda: len(client.get("/v1/conversations/s").json().get("turns", ())) == len(slow))
        for connection in slow:
            connection.close()
