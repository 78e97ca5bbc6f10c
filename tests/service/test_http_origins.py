"""Whose pages may ask, and what they may read."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.api import create_app
from service.assistant import Assistant
from service.settings import Settings
from tests.service.conftest import started
from tests.service.live import serving

ALLOWED, FOREIGN, OWN = "https://journal.example", "https://evil.example", "http://testserver"
QUESTIONS = "/v1/articles/lungs/questions"
ASKED = {"question": "What are Masson bodies?"}
READABLE = "access-control-allow-origin"


@pytest.fixture
def friendly(assistant: Assistant) -> Iterator[TestClient]:
    """Return a client of an application that one other site may use."""
    yield from started(
        create_app(lambda: assistant, Settings(allowed_origins=(ALLOWED,), max_body_bytes=1000))
    )


def asked_from(client: TestClient, origin: str, path: str = QUESTIONS, **more: str) -> Any:
    """Ask a question as a page of that site would."""
    return client.post(path, json=ASKED, headers={"origin": origin} | more)


def preflight(client: TestClient, origin: str, method: str, header: str = "content-type") -> Any:
    """Ask as a browser does before it sends what a form could not."""
    return client.options(
        QUESTIONS,
        headers={
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": header,
        },
    )


def test_an_allowed_site_may_ask_and_read(friendly: TestClient) -> None:
    """Preflight, question and answer work from its pages, without credentials."""
    for method in ("GET", "POST", "DELETE"):
        allowed = preflight(friendly, ALLOWED, method)
        assert allowed.status_code == 200
        assert allowed.headers[READABLE] == ALLOWED
        assert int(allowed.headers["access-control-max-age"]) > 0
    response = asked_from(friendly, ALLOWED)
    assert response.status_code == 200
    assert response.headers[READABLE] == ALLOWED
    assert "access-control-allow-credentials" not in response.headers
    assert "origin" in response.headers["vary"].lower()
    exposed = response.headers["access-control-expose-headers"].lower()
    assert {"retry-after", "content-disposition"} <= set(exposed.split(", "))


def test_an_allowed_site_may_stream(friendly: TestClient) -> None:
    """Events can be read from its pages too."""
    response = friendly.post(QUESTIONS, json=ASKED | {"stream": True}, headers={"origin": ALLOWED})
    assert response.headers[READABLE] == ALLOWED
    assert "event: done" in response.text


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_allowed_site_gets_no_other_method(friendly: TestClient, method: str) -> None:
    """The preflight fails for what the endpoints do not have."""
    assert preflight(friendly, ALLOWED, method).status_code == 400
    assert preflight(friendly, ALLOWED, "POST", "x-secret").status_code == 400


def test_a_chat_client_of_an_allowed_site_may_send_its_headers(friendly: TestClient) -> None:
    """The usual client's preflight passes with its key and with what it tells of itself."""
    sent = "authorization,content-type,x-stainless-lang,x-stainless-retry-count"
    assert preflight(friendly, ALLOWED, "POST", sent).status_code == 200


def test_problems_can_be_read_by_an_allowed_site(
    friendly: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """404, 413, 415, 422 and 500 say to its pages what is wrong."""
    headers = {"origin": ALLOWED}
    responses = [
        friendly.post("/v1/articles/nope/questions", json=ASKED, headers=headers),
        friendly.get("/v1/answers/nope", headers=headers),
        friendly.get("/v1/nothing", headers=headers),
        friendly.post(QUESTIONS, content=b"x" * 2000, headers=headers),
        friendly.post(QUESTIONS, content=b"x", headers=headers),
        friendly.post(QUESTIONS, json={"question": ""}, headers=headers),
    ]

    def fails(*_: Any) -> None:
        raise KeyError

    monkeypatch.setattr(Assistant, "ask_with_findings", fails)
    responses.append(friendly.post(QUESTIONS, json=ASKED, headers=headers))
    assert [r.status_code for r in responses] == [404, 404, 404, 413, 415, 422, 500]
    for response in responses:
        assert response.headers[READABLE] == ALLOWED
        assert response.headers["content-type"] == "application/problem+json"


def test_a_server_that_is_not_ready_says_so_to_an_allowed_site() -> None:
    """503 can be read, with the time after which to come back."""

    def never() -> Assistant:
        raise KeyError

    for client in started(create_app(never, Settings(allowed_origins=(ALLOWED,)))):
        response = asked_from(client, ALLOWED)
        assert response.status_code == 503
        assert response.headers[READABLE] == ALLOWED


def test_a_foreign_site_may_neither_ask_nor_read(friendly: TestClient) -> None:
    """Its preflight fails, its questions are refused and nothing is marked as readable."""
    assert preflight(friendly, FOREIGN, "POST").status_code == 400
    assert READABLE not in preflight(friendly, FOREIGN, "POST").headers
    response = asked_from(friendly, FOREIGN)
    assert response.status_code == 403
    assert response.json()["type"] == "urn:sequitur:problem:foreign-origin"
    assert READABLE not in response.headers
    read = friendly.get("/v1/articles", headers={"origin": FOREIGN})
    assert read.status_code == 200
    assert READABLE not in read.headers


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://journal.example.evil.example",
        "https://sub.journal.example",
        "http://journal.example",
        "https://journal.example:8443",
        "https://JOURNAL.example",
        "http://testserver.evil.example",
        "https://testserver",
        "http://testserver:8000",
        "",
        "*",
    ],
)
def test_an_origin_is_allowed_to_the_letter(friendly: TestClient, origin: str) -> None:
    """A name that only resembles an allowed one, or ours, is foreign."""
    assert asked_from(friendly, origin).status_code == 403


def test_every_change_is_guarded(friendly: TestClient) -> None:
    """Deleting, stopping, feedback and the forms of our pages are refused to a foreign site."""
    headers = {"origin": FOREIGN}
    answered = friendly.post(QUESTIONS, json=ASKED | {"conversation_id": "c"}).json()
    refused = [
        friendly.delete("/v1/conversations/c", headers=headers),
        friendly.delete("/v1/conversations/c/running", headers=headers),
        friendly.post(
            f"/v1/answers/{answered['answer_id']}/feedback", json={"rating": "up"}, headers=headers
        ),
        friendly.post("/articles/lungs", data=ASKED, headers=headers),
        friendly.post("/articles/lungs", data=ASKED, headers={"origin": ALLOWED}),
    ]
    assert [response.status_code for response in refused] == [403] * 5
    assert len(friendly.get("/v1/conversations/c").json()["turns"]) == 1


def test_our_own_pages_and_programs_pass(friendly: TestClient) -> None:
    """The same origin, and a request that names none, are served as ever."""
    assert asked_from(friendly, OWN).status_code == 200
    assert asked_from(friendly, OWN + ":80", host="testserver:80").status_code == 403
    assert asked_from(friendly, OWN, host="testserver:80").status_code == 200
    assert friendly.post("/articles/lungs", data=ASKED, headers={"origin": OWN}).status_code == 200
    assert friendly.post("/articles/lungs", data=ASKED).status_code == 200


@pytest.mark.parametrize(
    ("site", "origin", "status"),
    [
        ("same-origin", "https://shown.example", 200),
        ("same-origin", "null", 200),
        ("same-site", OWN, 403),
        ("cross-site", OWN, 403),
        ("cross-site", ALLOWED, 200),
        ("cross-site", FOREIGN, 403),
    ],
)
def test_the_browsers_own_word_counts_first(
    friendly: TestClient, site: str, origin: str, status: int
) -> None:
    """`Sec-Fetch-Site` decides where it is sent: a proxy may have changed scheme and host."""
    assert asked_from(friendly, origin, **{"sec-fetch-site": site}).status_code == status


def test_any_site_can_be_allowed(assistant: Assistant) -> None:
    """`*` opens the endpoints to every page, and the forms of our own pages to none."""
    app = create_app(lambda: assistant, Settings(allowed_origins=("*",)))
    for client in started(app):
        assert preflight(client, FOREIGN, "POST").headers[READABLE] == "*"
        response = asked_from(client, FOREIGN)
        assert response.status_code == 200
        assert response.headers[READABLE] == "*"
        form = client.post("/articles/lungs", data=ASKED, headers={"origin": FOREIGN})
        assert form.status_code == 403


def test_nobody_else_is_allowed_by_default(client: TestClient) -> None:
    """Without the setting, no other site may use the endpoints."""
    assert asked_from(client, ALLOWED).status_code == 403
    assert preflight(client, ALLOWED, "POST").status_code == 400


def test_pages_are_not_shared(friendly: TestClient) -> None:
    """An allowed site reads the endpoints, not the pages."""
    assert READABLE not in friendly.get("/articles/lungs", headers={"origin": ALLOWED}).headers


def test_behind_a_proxy_the_forwarded_scheme_is_ours(app: FastAPI) -> None:
    """A proxy on the same machine that ends TLS tells the scheme; a page of ours may ask."""
    headers = {"host": "shown.example", "origin": "https://shown.example"}
    with serving(app) as address, httpx2.Client(base_url=address, trust_env=False) as client:
        assert client.post(QUESTIONS, json=ASKED, headers=headers).status_code == 403
        headers["x-forwarded-proto"] = "https"
        assert client.post(QUESTIONS, json=ASKED, headers=headers).status_code == 200
        headers["origin"] = FOREIGN
        assert client.post(QUESTIONS, json=ASKED, headers=headers).status_code == 403
