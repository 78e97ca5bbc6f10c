"""The question endpoint and its neighbours, at the edge."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpus.answers import Answer
from corpus.errors import IndexingError, LibraryError
from service import api
from service.api import create_app
from service.assistant import Assistant, Findings, Question
from service.settings import Settings
from service.store import AnswerStore
from service.wire import answer_record, article_record
from tests.service.conftest import HOSTILE_SLUG, started
from tests.service.live import until

Check = Callable[[Any], None]
QUESTIONS = "/v1/articles/lungs/questions"
MASSON = "What are Masson bodies?"


def without_chance(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without what differs between two runs of the same question."""
    return {k: v for k, v in record.items() if k not in ("answer_id", "timings_ms")}


def assert_problem(response: Any, status: int, name: str, instance: str) -> dict[str, Any]:
    """Check that a response is a problem of this kind; return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["type"] == f"urn:sequitur:problem:{name}"
    assert problem["status"] == status
    assert problem["instance"] == instance
    assert problem["title"]
    assert "\n" not in problem["detail"]
    return problem


class TestLoading:
    """Before, while and after the assistant is opened."""

    def test_health_is_at_once_and_readiness_when_loaded(self, assistant: Assistant) -> None:
        """While the model loads, the server is healthy, not ready, and says when to come back."""
        go = threading.Event()

        def slowly() -> Assistant:
            assert go.wait(10)
            return assistant

        app = create_app(slowly, Settings())
        with TestClient(app) as client:
            assert client.get("/healthz").status_code == 200
            for path in ("/readyz", "/v1/articles", "/v1/articles/lungs"):
                response = client.get(path)
                assert_problem(response, 503, "not-ready", path)
                assert int(response.headers["retry-after"]) > 0
            response = client.post(QUESTIONS, json={"question": MASSON})
            assert_problem(response, 503, "not-ready", QUESTIONS)
            assert int(response.headers["retry-after"]) > 0
            go.set()
            assert app.state.reception.wait(10)
            assert client.get("/readyz").status_code == 200
            assert client.post(QUESTIONS, json={"question": MASSON}).status_code == 200

    def test_a_failure_to_load_is_said_in_one_line(self) -> None:
        """An operator's error is the reason that readiness gives; the server stays healthy."""

        def never() -> Assistant:
            raise IndexingError("no index here;\nrun `sequitur index`")

        app = create_app(never, Settings())
        for client in started(app):
            problem = assert_problem(client.get("/readyz"), 503, "not-ready", "/readyz")
            assert problem["detail"] == "no index here; run `sequitur index`"
            assert client.get("/healthz").status_code == 200

    def test_an_unforeseen_failure_to_load_tells_nothing_of_the_inside(self) -> None:
        """A foreign exception is named by its class alone."""

        def never() -> Assistant:
            raise RuntimeError("secret path")

        for client in started(create_app(never, Settings())):
            assert "secret" not in client.get("/readyz").text
            assert "RuntimeError" in client.get("/readyz").json()["detail"]


class TestArticles:
    """What the library holds."""

    def test_the_list_holds_the_article_records(
        self, client: TestClient, assistant: Assistant
    ) -> None:
        """The list is the same as `sequitur articles --json`."""
        library = assistant.library
        expected = [article_record(article, library) for article in library.articles()]
        assert client.get("/v1/articles").json() == expected

    def test_an_article_begins_with_its_line_of_the_list(self, client: TestClient) -> None:
        """The keys of the list keep their meaning in the detail."""
        line = next(a for a in client.get("/v1/articles").json() if a["slug"] == "lungs")
        assert client.get("/v1/articles/lungs").json().items() >= line.items()

    @pytest.mark.parametrize("key", ["doi:10.1/x", "lungs#ref-2", HOSTILE_SLUG])
    def test_any_id_can_stand_in_the_path(self, client: TestClient, key: str) -> None:
        """Ids with colons, slashes, hashes and quotes are addressed percent-encoded."""
        found = client.get(f"/v1/articles/{quote(key, safe='')}")
        assert found.json()["slug"] == key

    def test_an_unencoded_slash_is_understood(self, client: TestClient) -> None:
        """Proxies decode %2F; the id is still found."""
        assert client.get("/v1/articles/doi:10.1/x").json()["slug"] == "doi:10.1/x"

    def test_an_unknown_article_is_a_problem(self, client: TestClient) -> None:
        """404 with the id in `detail` and the path in `instance`."""
        response = client.get("/v1/articles/no%20such%2Fone")
        problem = assert_problem(response, 404, "not-found", "/v1/articles/no%20such/one")
        assert "no such/one" in problem["detail"]


class TestQuestions:
    """Questions and their records."""

    def test_an_answer_is_the_contract_record(
        self, client: TestClient, assistant: Assistant, check_record: Check
    ) -> None:
        """The endpoint gives exactly what the assistant answers."""
        record = client.post(QUESTIONS, json={"question": MASSON}).json()
        check_record(record)
        direct = answer_record(assistant.ask(Question(text=MASSON, article="lungs")))
        assert without_chance(record) == without_chance(direct)
        assert record["status"] == "answered"
        assert record["references"][0]["kind"] == "research"

    def test_a_refusal_is_a_record_too(self, client: TestClient, check_record: Check) -> None:
        """What the sources do not answer is refused with status 200 and the nearest passages."""
        response = client.post(QUESTIONS, json={"question": "What is the capital of France?"})
        assert response.status_code == 200
        check_record(response.json())
        assert response.json()["status"] == "refused"
        assert response.json()["refusal"]["nearest"]

    def test_a_document_can_be_asked(self, client: TestClient, check_record: Check) -> None:
        """A stand-alone document is asked within by its id."""
        path = "/v1/articles/doi:10.1%2Fx/questions"
        record = client.post(path, json={"question": "Where is vitamin D made?"}).json()
        check_record(record)
        assert record["article"] == "doi:10.1/x"
        assert [s["citations"][0]["document_id"] for s in record["statements"]] == ["doi:10.1/x"]

    def test_the_same_question_gives_the_same_record(self, client: TestClient) -> None:
        """Only the id and the timings differ."""
        first, second = (client.post(QUESTIONS, json={"question": MASSON}) for _ in range(2))
        assert without_chance(first.json()) == without_chance(second.json())
        assert first.json()["answer_id"] != second.json()["answer_id"]

    def test_the_audience_is_taken(self, client: TestClient) -> None:
        """The audience of the body is that of the record; without one it is the clinician."""
        body = {"question": MASSON, "audience": "patient"}
        assert client.post(QUESTIONS, json=body).json()["audience"] == "patient"
        body = {"question": MASSON, "audience": None}  # type: ignore[dict-item]
        assert client.post(QUESTIONS, json=body).json()["audience"] == "clinician"

    def test_an_answer_is_found_again_by_its_id(self, client: TestClient) -> None:
        """`GET /v1/answers/{id}` gives the record as it was sent."""
        record = client.post(QUESTIONS, json={"question": MASSON}).json()
        assert client.get(f"/v1/answers/{record['answer_id']}").json() == record

    def test_an_unknown_answer_is_a_problem(self, client: TestClient) -> None:
        """404 for an id that was never given."""
        assert_problem(client.get("/v1/answers/nope"), 404, "not-found", "/v1/answers/nope")

    def test_threads_get_their_own_answers(self, client: TestClient) -> None:
        """Questions asked at once are answered each with its own sources."""
        asked = [
            ("lungs", MASSON, "doi:10.1000/masson"),
            ("bones", "When does a fracture of the femur heal?", "bones"),
            ("doi:10.1%2Fx", "Where is vitamin D made?", "doi:10.1/x"),
        ] * 6

        def ask(one: tuple[str, str, str]) -> tuple[str, str, str]:
            slug, text, _ = one
            record = client.post(
                f"/v1/articles/{slug}/questions",
                json={"question": text, "conversation_id": slug.replace("%", "").split(":")[0]},
            ).json()
            return slug, record["question"], record["references"][0]["document_id"]

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(ask, asked)) == asked

    def test_the_event_loop_stays_free(
        self, assistant: Assistant, app: FastAPI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The assistant works in a thread without an event loop."""
        looped: list[bool] = []
        ask = Assistant.ask_with_findings

        def watched(self: Assistant, question: Question, *more: Any) -> tuple[Answer, Findings]:
            try:
                asyncio.get_running_loop()
                looped.append(True)
            except RuntimeError:
                looped.append(False)
            return ask(self, question, *more)

        monkeypatch.setattr(Assistant, "ask_with_findings", watched)
        for client in started(app):
            client.post(QUESTIONS, json={"question": MASSON})
            client.post(QUESTIONS, json={"question": MASSON, "stream": True})
            client.post("/articles/lungs", data={"question": MASSON})
        assert looped == [False, False, False]
        assert assistant is app.state.reception.assistant


class TestConversations:
    """Follow-ups."""

    def test_a_follow_up_leans_on_the_questions_before(self, client: TestClient) -> None:
        """The second question of a conversation carries the words of the first."""
        first = client.post(QUESTIONS, json={"question": MASSON, "conversation_id": "c-1"}).json()
        second = client.post(
            QUESTIONS, json={"question": "And where are they?", "conversation_id": "c-1"}
        ).json()
        assert first["conversation_id"] == second["conversation_id"] == "c-1"
        title = "How do lungs repair themselves?"
        assert first["standalone_question"] == MASSON
        assert second["standalone_question"] == f"And where are they? ({MASSON} {title})"

    def test_conversations_do_not_mix(self, client: TestClient) -> None:
        """Another id begins afresh, and no id has no history."""
        client.post(QUESTIONS, json={"question": MASSON, "conversation_id": "c-1"})
        follow_up = {"question": "And where are they?"}
        for body in (follow_up, follow_up | {"conversation_id": "c-2"}):
            record = client.post(QUESTIONS, json=body).json()
            assert record["standalone_question"].startswith("And where are they?")
            assert "Masson" not in record["standalone_question"]

    def test_a_question_without_a_conversation_has_no_such_key(self, client: TestClient) -> None:
        """The record is the contract's, nothing added, when no conversation is kept."""
        record = client.post(QUESTIONS, json={"question": MASSON}).json()
        assert "conversation_id" not in record

    def test_history_in_the_body_wins(self, client: TestClient) -> None:
        """Explicit history replaces the stored one, an empty list included."""
        client.post(QUESTIONS, json={"question": MASSON, "conversation_id": "c"})
        body = {"question": "And where are they?", "conversation_id": "c"}
        told = client.post(QUESTIONS, json=body | {"history": ["Is prednisone tapered?"]}).json()
        assert "prednisone" in told["standalone_question"]
        assert "Masson" not in told["standalone_question"]
        none = client.post(QUESTIONS, json=body | {"history": []}).json()
        assert "prednisone" not in none["standalone_question"]
        assert "Masson" not in none["standalone_question"]

    def test_a_question_about_nothing_begins_no_conversation(
        self, assistant: Assistant, store: AnswerStore
    ) -> None:
        """A failed request leaves no turn behind."""
        app = create_app(lambda: assistant, Settings(), store=store)
        for client in started(app):
            body = {"question": MASSON, "conversation_id": "c"}
            assert client.post("/v1/articles/nope/questions", json=body).status_code == 404
            assert client.post(QUESTIONS, json=body | {"question": " "}).status_code == 422
        assert store.earlier_questions("c", limit=9) == ()

    def test_a_given_store_outlives_the_application(
        self, assistant: Assistant, store: AnswerStore
    ) -> None:
        """The next application goes on with the conversations of the last."""
        for number in range(2):
            app = create_app(lambda: assistant, Settings(), store=store)
            for client in started(app):
                body = {"question": f"{MASSON} {number}", "conversation_id": "c"}
                assert client.post(QUESTIONS, json=body).status_code == 200
        assert store.earlier_questions("c", limit=9) == (f"{MASSON} 0", f"{MASSON} 1")


class TestBadRequests:
    """Bodies that cannot be used."""

    @pytest.mark.parametrize("text", ["", " \n\t"])
    def test_an_empty_question(self, client: TestClient, text: str) -> None:
        """422 for nothing but white space."""
        response = client.post(QUESTIONS, json={"question": text})
        assert_problem(response, 422, "empty-question", QUESTIONS)

    def test_an_overlong_question(self, assistant: Assistant) -> None:
        """422 with the limit of the settings; a question of just that length is taken."""
        app = create_app(lambda: assistant, Settings(max_question_chars=30))
        for client in started(app):
            response = client.post(QUESTIONS, json={"question": "x" * 31})
            problem = assert_problem(response, 422, "question-too-long", QUESTIONS)
            assert "30" in problem["detail"]
            assert client.post(QUESTIONS, json={"question": "x" * 30}).status_code == 200

    def test_a_long_cry_for_help_is_heard(self, assistant: Assistant, check_record: Check) -> None:
        """Help is named whatever the length; a text of that length without need is refused."""
        story = "Two years ago my wife died and the ward was kind to us. " * 40
        for client in started(create_app(lambda: assistant, Settings())):
            response = client.post(QUESTIONS, json={"question": story + "I want to die."})
            check_record(response.json())
            assert response.json()["refusal"]["reason"] == "emergency"
            assert "988" in response.json()["refusal"]["message"]
            response = client.post(QUESTIONS, json={"question": story})
            assert_problem(response, 422, "question-too-long", QUESTIONS)

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "#/question"),
            ({"question": None}, "#/question"),
            ({"question": 7}, "#/question"),
            ({"question": MASSON, "audience": "pirate"}, "#/audience"),
            ({"question": MASSON, "history": "earlier"}, "#/history"),
            ({"question": MASSON, "history": ["a", 3]}, "#/history/1"),
            ({"question": MASSON, "stream": "yes"}, "#/stream"),
            ({"question": MASSON, "conversation_id": 5}, "#/conversation_id"),
            ([MASSON], "#"),
        ],
    )
    def test_a_wrong_type_is_pointed_at(self, client: TestClient, body: Any, pointer: str) -> None:
        """422 with a JSON Pointer to the value."""
        response = client.post(QUESTIONS, json=body)
        problem = assert_problem(response, 422, "invalid-value", QUESTIONS)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]

    def test_half_a_character_is_refused(self, client: TestClient) -> None:
        """A lone surrogate, which JSON can spell, is no text."""
        response = client.post(
            QUESTIONS,
            content=b'{"question": "why \\ud800?"}',
            headers={"content-type": "application/json"},
        )
        problem = assert_problem(response, 422, "invalid-value", QUESTIONS)
        assert [error["pointer"] for error in problem["errors"]] == ["#/question"]

    @pytest.mark.parametrize("token", ["", "a b", "x" * 65, "é", "a/b", "a\n"])
    def test_a_conversation_id_is_a_plain_token(self, client: TestClient, token: str) -> None:
        """422 for an id that could not stand in an address."""
        response = client.post(QUESTIONS, json={"question": MASSON, "conversation_id": token})
        assert_problem(response, 422, "invalid-value", QUESTIONS)

    @pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 9000, b"1" * 9000])
    def test_malformed_json(self, client: TestClient, body: bytes) -> None:
        """400 (or 422 for a lonely number) for what is not an object in JSON."""
        response = client.post(
            QUESTIONS, content=body, headers={"content-type": "application/json"}
        )
        assert response.status_code in (400, 422)
        assert response.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
    def test_another_media_type(self, client: TestClient, media_type: str) -> None:
        """415 for a body that does not call itself JSON."""
        response = client.post(
            QUESTIONS, content=b'{"question": "Why?"}', headers={"content-type": media_type}
        )
        assert_problem(response, 415, "media-type", QUESTIONS)

    def test_an_unknown_article(self, client: TestClient) -> None:
        """404, streaming or not."""
        path = "/v1/articles/nope/questions"
        for body in ({"question": MASSON}, {"question": MASSON, "stream": True}):
            assert_problem(client.post(path, json=body), 404, "not-found", path)

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", QUESTIONS), ("DELETE", "/v1/articles/lungs"), ("POST", "/v1/articles")],
    )
    def test_another_method(self, client: TestClient, method: str, path: str) -> None:
        """405 that names the methods there are."""
        response = client.request(method, path)
        assert_problem(response, 405, "method-not-allowed", path)
        assert response.headers["allow"] in ("POST", "GET")

    def test_an_unknown_address(self, client: TestClient) -> None:
        """404 for a path that is nothing."""
        assert_problem(client.get("/v2/x"), 404, "not-found", "/v2/x")


class TestInsideErrors:
    """What goes wrong inside stays inside."""

    @pytest.fixture
    def broken(self, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
        """Return a client of an application whose assistant fails with the question in hand."""

        def fails(_self: Assistant, question: Question, *_: Any) -> tuple[Answer, Findings]:
            raise KeyError(question.text)

        monkeypatch.setattr(Assistant, "ask_with_findings", fails)
        yield from started(app)

    def test_an_unforeseen_error_says_nothing(self, broken: TestClient) -> None:
        """500 without a word of the exception, with all security headers."""
        response = broken.post(QUESTIONS, json={"question": "zanzibar?"})
        assert_problem(response, 500, "internal", QUESTIONS)
        assert "zanzibar" not in response.text
        assert "KeyError" not in response.text
        assert "default-src 'none'" in response.headers["content-security-policy"]

    def test_an_operators_error_says_nothing(
        self, app: FastAPI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Folders and models are the operator's business."""

        def fails(_self: Assistant, _question: Question, *_: Any) -> tuple[Answer, Findings]:
            raise IndexingError("/srv/library/index: damaged")

        monkeypatch.setattr(Assistant, "ask_with_findings", fails)
        for client in started(app):
            response = client.post(QUESTIONS, json={"question": MASSON})
            assert_problem(response, 500, "internal", QUESTIONS)
            assert "/srv" not in response.text

    def test_no_question_is_logged(
        self, broken: TestClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Not even an exception that repeats the question brings it into a log."""
        with caplog.at_level(logging.DEBUG):
            broken.post(QUESTIONS, json={"question": "zanzibar?"})
            broken.post(QUESTIONS, json={"question": "zanzibar", "audience": "zanzibar"})
            broken.post("/articles/lungs", data={"question": "zanzibar?"})
        assert "KeyError" in caplog.text
        assert "zanzibar" not in caplog.text


def test_old_answers_are_erased_while_serving(
    assistant: Assistant, store: AnswerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every day, and on the day after one that failed."""
    calls: list[int] = []

    def erase_old() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise LibraryError("the disk is full")
        return 0

    monkeypatch.setattr(api, "DAY_S", 0.01)
    monkeypatch.setattr(store, "erase_old", erase_old)
    for client in started(create_app(lambda: assistant, Settings(), store=store)):
        until(lambda: len(calls) > 2)
        assert client.get("/healthz").status_code == 200


CHAT = ("/v1/chat/completions", "/v1/models", "/v1/models/{model}")


def test_the_description_of_the_endpoint_is_served(client: TestClient) -> None:
    """OpenAPI names the public paths and no page."""
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/v1/articles",
        "/v1/articles/{slug}",
        "/v1/articles/{slug}/questions",
        "/v1/articles/{slug}/suggestions",
        "/v1/answers/{answer_id}",
        "/v1/answers/{answer_id}/export",
        "/v1/answers/{answer_id}/feedback",
        "/v1/conversations/{conversation_id}",
        "/v1/conversations/{conversation_id}/running",
        *CHAT,
    }
    asked = paths["/v1/articles/{slug}/questions"]["post"]["responses"]
    assert set(asked["200"]["content"]) == {"application/json", "text/event-stream"}
    assert {"400", "403", "404", "409", "413", "415", "422", "503"} <= set(asked)
    for path, methods in paths.items():
        for method, described in methods.items():
            done = "204" if path.endswith("feedback") or method == "delete" else "200"
            done = "200" if path.endswith("running") else done
            assert done in described["responses"], (method, path)
            # chat clients know one status for what they sent wrong
            ours = "422" if path not in CHAT else "default"
            assert ours in described["responses"], (method, path)
