"""Questions being answered: how many at once, and what a stop does at each moment."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api import create_app
from service.assistant import NOTHING, Assistant
from service.http_running import WAITING_PER_PLACE, Exchange, Running, RunningQuestions
from service.observing import Unobserved
from service.problems import ProblemError
from service.settings import Settings
from tests.service.conftest import started
from tests.service.live import events_of, held_by_reader, until

EXCHANGE: Any = object()
QUESTIONS = "/v1/articles/lungs/questions"


class Gate:
    """An answer that waits for its gate to open, and counts who is inside."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.inside = 0
        self.most = 0
        self._lock = threading.Lock()

    def answer(self, running: Running) -> Exchange:
        """Wait, then answer."""
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.open.wait(10)
        with self._lock:
            self.inside -= 1
        running.keep(lambda: None)
        return EXCHANGE  # type: ignore[no-any-return]


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Return a gate, which opens at the end of the test."""
    found = Gate()
    yield found
    found.open.set()


def problem_of(running: Running) -> str:
    """Return the kind of problem that a question ended with."""
    error = running.future.exception(10)
    assert isinstance(error, ProblemError)
    return error.kind.name


def test_only_so_many_are_answered_at_once(gate: Gate) -> None:
    """The others wait for a place, some more are refused, and all that wait are answered."""
    questions = RunningQuestions(2)
    begun = [questions.begin(None, gate.answer) for _ in range(2 * (1 + WAITING_PER_PLACE))]
    until(lambda: gate.inside == 2)
    with pytest.raises(ProblemError) as refused:
        questions.begin(None, gate.answer)
    assert refused.value.kind.status == 503
    assert int(refused.value.headers["Retry-After"]) > 0
    gate.open.set()
    assert [running.future.result(10) for running in begun] == [EXCHANGE] * len(begun)
    assert gate.most == 2
    until(lambda: not questions._threads)
    assert questions.begin(None, gate.answer).future.result(10) is EXCHANGE


class Places(Unobserved):
    """Keeps which places a question was told."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def waiting(self, place: int) -> None:
        """Keep it."""
        self.told.append(place)


def test_what_waits_is_told_its_place_and_served_in_turn(gate: Gate) -> None:
    """A conversation's second question waits behind every other's first, and all move up."""
    questions, order, places = RunningQuestions(1), list[str](), dict[str, Places]()
    questions.begin("held", gate.answer)
    until(lambda: gate.inside == 1)
    for name, conversation in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("n1", None)):
        places[name] = Places()

        def answer(_: Running, name: str = name) -> Exchange:
            order.append(name)
            return EXCHANGE  # type: ignore[no-any-return]

        questions.begin(conversation, answer, places[name])
        until(lambda name=name: bool(places[name].told))
    until(lambda: [at.told[-1] for at in places.values()] == [1, 4, 5, 2, 3])
    gate.open.set()
    until(lambda: not questions.busy)
    assert order == ["a1", "b1", "n1", "a2", "a3"]


def test_where_a_place_is_free_no_place_is_told(gate: Gate) -> None:
    """Nobody who need not wait hears of a line."""
    questions, places = RunningQuestions(2), Places()
    gate.open.set()
    for _ in range(3):
        questions.begin("a", gate.answer, places).future.result(10)
        until(lambda: not questions.busy)
    assert places.told == []


def test_what_waits_can_be_stopped(gate: Gate) -> None:
    """A question that had no place yet is given up without ever being worked on."""
    questions = RunningQuestions(1)
    first = questions.begin("a", gate.answer)
    until(lambda: gate.inside == 1)
    second = questions.begin("b", gate.answer)
    until(lambda: len(questions._line._waiting) == 1)
    assert questions.stop("b") == 1
    assert problem_of(second) == "stopped"
    assert (questions.count("a"), questions.count("b")) == (1, 0)
    until(lambda: len(questions._threads) == 1)  # it left the line at once
    gate.open.set()
    assert first.future.result(10) is EXCHANGE
    until(lambda: not questions._threads)
    assert gate.most == 1


def test_a_stop_that_comes_too_late_changes_nothing() -> None:
    """What is remembered is not counted as stopped, and its asker gets it."""
    questions = RunningQuestions(1)
    kept, go = threading.Event(), threading.Event()

    def answer(running: Running) -> Exchange:
        running.keep(kept.set)
        assert go.wait(10)
        return EXCHANGE  # type: ignore[no-any-return]

    running = questions.begin("c", answer)
    assert kept.wait(10)
    assert questions.stop("c") == 0
    go.set()
    assert running.future.result(10) is EXCHANGE


@pytest.mark.parametrize(
    "step",
    [
        lambda running: running.found(NOTHING),
        lambda running: running.stated(None, ()),
        lambda running: running.keep(lambda: pytest.fail("kept")),
    ],
)
def test_every_step_notices_a_stop(step: Callable[[Running], None]) -> None:
    """Work that was stopped ends at its next step and keeps nothing."""
    questions = RunningQuestions(1)
    go, ends = threading.Event(), list[str]()

    def answer(running: Running) -> Exchange:
        assert go.wait(10)
        try:
            step(running)
        except ProblemError as problem:
            ends.append(problem.kind.name)
            raise
        return EXCHANGE  # type: ignore[no-any-return]

    running = questions.begin("c", answer)
    assert questions.stop("c") == 1
    go.set()
    until(lambda: not questions._threads)
    assert problem_of(running) == "stopped"
    assert ends in (["stopped"], [])  # empty where it was stopped before it had begun


def test_the_end_gives_everything_up(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for a server that ends, and nothing more is taken."""
    questions = RunningQuestions(1)
    begun = [questions.begin("c", gate.answer) for _ in range(3)]
    until(lambda: gate.inside == 1 and len(questions._line._waiting) == 2)
    with caplog.at_level(logging.WARNING):
        questions.close(0.5)
    assert [problem_of(running) for running in begun] == ["not-ready"] * 3
    assert "1 question(s)" in caplog.text  # that which is worked on
    with pytest.raises(ProblemError):
        questions.begin("c", gate.answer)


def test_a_failure_is_handed_on() -> None:
    """Whoever waits gets what was raised, and the place is free again."""
    questions = RunningQuestions(1)

    def fails(_: Running) -> Exchange:
        raise KeyError

    for _ in range(3):
        assert isinstance(questions.begin("c", fails).future.exception(10), KeyError)
    assert questions.count("c") == 0


def test_a_full_server_says_when_to_come_back(assistant: Assistant) -> None:
    """503 with Retry-After, streaming or not, while all places and chairs are taken."""
    slow, reader = held_by_reader(assistant)
    app = create_app(lambda: slow, Settings(questions_at_once=1))
    for client in started(app):
        questions = app.state.reception.running
        gate = Gate()
        for _ in range(1 + WAITING_PER_PLACE):
            questions.begin("c", gate.answer)
        for body in ({"question": "Why?"}, {"question": "Why?", "stream": True}):
            response = client.post(QUESTIONS, json=body)
            assert response.status_code == 503
            assert response.json()["type"] == "urn:sequitur:problem:busy"
            assert int(response.headers["retry-after"]) > 0
        gate.open.set()
        reader.go.set()
        assert questions_end(client)


def test_a_stream_begins_with_its_place_where_others_are_before_it(assistant: Assistant) -> None:
    """Two wait: the second is told that it is second, then that it is next, and is answered."""
    app = create_app(lambda: assistant, Settings(questions_at_once=1))
    for client in started(app):
        questions, gate = app.state.reception.running, Gate()
        next_gate = Gate()
        questions.begin("c", gate.answer)
        until(lambda gate=gate: gate.inside == 1)
        questions.begin("d", next_gate.answer)
        with ThreadPoolExecutor(1) as pool:
            body = {"question": "What causes it?", "stream": True}
            sent = pool.submit(client.post, QUESTIONS, json=body)
            until(lambda line=questions._line: len(line._waiting) == 2)
            gate.open.set()
            until(lambda gate=next_gate: gate.inside == 1)
            until(lambda line=questions._line: len(line._waiting) == 1)
            next_gate.open.set()
            events = events_of(sent.result(10).text)
        assert events[:2] == [("waiting", {"place": 2}), ("waiting", {"place": 1})]
        assert [name for name, _ in events[2:]] == ["retrieval", "refusal", "done"]


EMERGENCY = "I cannot breathe and my lips are blue"


def test_an_emergency_waits_for_nobody(assistant: Assistant) -> None:
    """Whom to call is told at once, while all places and chairs are taken."""
    app = create_app(lambda: assistant, Settings(questions_at_once=1))
    for client in started(app):
        questions, gate = app.state.reception.running, Gate()
        for _ in range(1 + WAITING_PER_PLACE):
            questions.begin("c", gate.answer)
        until(lambda gate=gate: gate.inside == 1)
        response = client.post(QUESTIONS, json={"question": EMERGENCY})
        assert response.status_code == 200
        assert response.json()["refusal"]["reason"] == "emergency"
        assert client.post(QUESTIONS, json={"question": "Why?"}).status_code == 503
        gate.open.set()
        assert questions_end(client)


def test_an_emergency_needs_no_disk(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Help is named though nothing can be kept, and the log names the kind of failure alone."""
    app = create_app(lambda: assistant, Settings())
    for client in started(app):

        def fails(*_: Any, **__: Any) -> None:
            raise OSError("disk full at /secret")

        for name in ("remember", "earlier_questions"):
            monkeypatch.setattr(app.state.reception.store, name, fails)
        body = {"question": EMERGENCY, "conversation_id": "c1"}
        response = client.post(QUESTIONS, json=body)
        assert response.status_code == 200
        assert "emergency number" in response.json()["refusal"]["message"]
        assert client.post(QUESTIONS, json=body | {"question": "Why?"}).status_code == 500
    assert "an answer was not kept (OSError)" in caplog.text


def test_an_emergency_needs_no_library(assistant: Assistant) -> None:
    """While it is being loaded the problem itself says whom to call; other questions wait."""
    loaded = threading.Event()

    def slowly() -> Assistant:
        assert loaded.wait(30)
        return assistant

    with TestClient(create_app(slowly, Settings())) as client:
        problem = client.post(QUESTIONS, json={"question": EMERGENCY}).json()
        assert problem["type"] == "urn:sequitur:problem:not-ready"
        assert "emergency number" in problem["detail"]
        problem = client.post(QUESTIONS, json={"question": "Why?"}).json()
        assert "emergency" not in problem["detail"]
        loaded.set()


def test_what_cannot_be_told_urgent_waits_and_fails_by_itself(gate: Gate) -> None:
    """A reader of messages that breaks down leaves no question without an end."""

    def broken() -> bool:
        raise RuntimeError("no weights")

    gate.open.set()
    questions = RunningQuestions(1)
    assert questions.begin(None, gate.answer, urgent=broken).future.result(10) is EXCHANGE


def questions_end(client: TestClient) -> bool:
    """Ask until there is a place again."""
    until(lambda: client.post(QUESTIONS, json={"question": "Why?"}).status_code == 200)
    return True
