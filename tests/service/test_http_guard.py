"""What stands around every request."""

import asyncio
import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from service.api import create_app
from service.assistant import Assistant
from service.http_guard import BodyLimit
from service.pages import problem_page
from service.problems import Responder
from service.settings import Settings
from tests.service.conftest import started

QUESTIONS = "/v1/articles/lungs/questions"
PATHS = ["/", "/articles/lungs", "/articles/nope", "/v1/articles", "/healthz", "/static/page.js"]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_security_headers(client: TestClient, path: str) -> None:
    """Pages, data, static files and errors: none goes without."""
    headers = client.get(path).headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/articles/lungs"])
def test_no_page_needs_what_the_policy_forbids(client: TestClient, path: str) -> None:
    """There is no inline script, style or handler, and nothing is fetched from elsewhere."""
    page = client.post(path, data={"question": "What are Masson bodies?"}).text
    page += client.get(path).text
    assert not re.search(r"<style|<[^>]*\s(?:style|on\w+)=", page)
    ours = ('src="/static/', 'src="/widget.js"')
    assert all(any(o in tag for o in ours) for tag in re.findall(r"<script[^>]*>", page))
    fetched = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"([^\"]*)", page)
    assert all(address.startswith(("/static/", "/widget.js", "data:")) for address in fetched)


@pytest.mark.parametrize("path", [QUESTIONS, "/articles/lungs"])
def test_a_declared_body_over_the_limit_is_refused(assistant: Assistant, path: str) -> None:
    """413 for one byte too many; a body of just the limit is read."""
    app = create_app(lambda: assistant, Settings(max_body_bytes=1000))
    for client in started(app):
        for size, status in ((1001, 413), (1000, 415)):
            response = client.post(path, content=b"x" * size)
            assert response.status_code == status
        assert client.post(path, content=b"x" * 1001).json()["title"] == "The body is too large"


async def _echo(_scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def exchange(
    pieces: list[bytes], headers: list[tuple[bytes, bytes]], *, leaves: bool = False
) -> tuple[list[Message], int]:
    """Send a body in pieces through the limit; return what is sent back and the pieces left."""
    left = list(pieces)
    sent: list[Message] = []

    async def receive() -> Message:
        if not left and leaves:
            return {"type": "http.disconnect"}
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left) or leaves}

    async def send(message: Message) -> None:
        sent.append(message)

    guarded = BodyLimit(_echo, max_bytes=10, respond=Responder(page=problem_page).respond)
    scope: Scope = {"type": "http", "path": "/v1", "headers": headers, "method": "POST"}
    asyncio.run(guarded(scope, receive, send))
    return sent, len(left)


def test_a_body_in_pieces_is_joined() -> None:
    """Up to the limit, the application sees the whole body at once."""
    sent, _ = exchange([b"01234", b"", b"56789"], [])
    assert sent[-1]["body"] == b"0123456789"


def test_an_undeclared_body_over_the_limit_is_refused() -> None:
    """The bytes that arrive are counted, whatever the header says."""
    for headers in ([], [(b"content-length", b"3")], [(b"content-length", b"lots")]):
        sent, left = exchange([b"01234", b"567890", b"more"], headers)
        assert sent[0]["status"] == 413
        assert left == 0


def test_a_client_that_leaves_gets_no_answer() -> None:
    """A disconnect in the middle of a body ends the request."""
    assert exchange([b"01234"], [], leaves=True)[0] == []


def test_other_protocols_pass(app: FastAPI) -> None:
    """The guards leave the lifespan of the application alone."""
    for client in started(app):
        assert client.get("/readyz").status_code == 200
