"""An OpenAI-compatible endpoint around the tiny model: `python -m tests.llm.tiny_server --port N`.

`POST /v1/chat/completions`, streamed or not, and `GET /v1/models`. It listens on the loopback
only, says its address on one line once the model is loaded, and writes one answer at a time; when
the client leaves, the writing ends with the next token. Sampling parameters are taken and change
nothing: it is always greedy.
"""

import argparse
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.llm.tiny_model import NAME, TinyModel, TooLongError, Written, model_file

MAX_BODY_BYTES = 1_000_000
DEFAULT_TOKENS = 256
ROLES = ("system", "user", "assistant")
CREATED = 0  # a real time would be all that differs between two answers
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request for a completion; `limit` is in tokens."""

    messages: list[dict[str, str]]
    limit: int
    stream: bool
    include_usage: bool


class FaultyRequestError(ValueError):
    """The request cannot be answered; `param` is the part of it that is at fault."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.param = param
        self.code = code


def asked_by(body: bytes) -> Asked:
    """Read a request; raises FaultyRequestError."""
    try:
        request = json.loads(body)
    except ValueError as error:
        raise FaultyRequestError("the body is not JSON") from error
    if not isinstance(request, dict):
        raise FaultyRequestError("the body is not an object")
    if request.get("model") != NAME:
        raise FaultyRequestError("no such model", param="model", code="model_not_found")
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages or not all(map(_is_message, messages)):
        raise FaultyRequestError("messages of a role and a text are needed", param="messages")
    limit = request.get("max_completion_tokens") or request.get("max_tokens") or DEFAULT_TOKENS
    if not isinstance(limit, int) or limit < 1:
        raise FaultyRequestError("a whole number of tokens is needed", param="max_tokens")
    return Asked(
        messages=[{"role": m["role"], "content": m["content"]} for m in messages],
        limit=limit,
        stream=request.get("stream") is True,
        include_usage=bool((request.get("stream_options") or {}).get("include_usage")),
    )


def _is_message(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and message.get("role") in ROLES
        and isinstance(message.get("content"), str)
    )


class TinyServer(ThreadingHTTPServer):
    """Serves one model; several may ask, one after the other is answered."""

    daemon_threads = True

    def __init__(self, port: int, model: TinyModel) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.model = model
        self.turn = threading.Lock()

    @property
    def url(self) -> str:
        """The address that clients of the protocol are given."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """One request; the connection is closed after it."""

    server: TinyServer

    def do_GET(self) -> None:
        """List the one model."""
        if self.path != "/v1/models":
            self._fail(HTTPStatus.NOT_FOUND, "no such address")
            return
        entry = {"id": NAME, "object": "model", "created": CREATED, "owned_by": "tests"}
        self._send(HTTPStatus.OK, {"object": "list", "data": [entry]})

    def do_POST(self) -> None:
        """Write a completion."""
        if self.path != "/v1/chat/completions":
            self._fail(HTTPStatus.NOT_FOUND, "no such address")
            return
        try:
            asked = asked_by(self._body())
            prompt = self.server.model.prompt(asked.messages)
            written = self.server.model.start(prompt, asked.limit)
        except FaultyRequestError as error:
            found = error.code == "model_not_found"
            status = HTTPStatus.NOT_FOUND if found else HTTPStatus.BAD_REQUEST
            self._fail(status, str(error), param=error.param, code=error.code)
            return
        except TooLongError as error:
            status = HTTPStatus.BAD_REQUEST
            self._fail(status, str(error), param="messages", code="context_length_exceeded")
            return
        with self.server.turn, suppress(ConnectionError):  # a client that left wants no more
            pieces = self.server.model.write(prompt, asked.limit, written)
            if asked.stream:
                self._stream(pieces, asked, written)
            else:
                message = {"role": "assistant", "content": "".join(pieces)}
                self._send(HTTPStatus.OK, _completion(message, written))

    def log_message(self, *_: Any) -> None:
        """Say nothing: a request holds what somebody asked."""

    def _body(self) -> bytes:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY_BYTES:
            raise FaultyRequestError("a body of a known and bearable length is needed")
        return self.rfile.read(length)

    def _stream(self, pieces: Iterator[str], asked: Asked, written: Written) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self._event(_chunk({"role": "assistant", "content": ""}))
        for piece in pieces:
            self._event(_chunk({"content": piece}))
        self._event(_chunk({}, finish=written.finish))
        if asked.include_usage:
            self._event({**_chunk({}), "choices": [], "usage": _usage(written)})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, chunk: Json) -> None:
        self.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())

    def _send(self, status: HTTPStatus, body: Json) -> None:
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _fail(
        self, status: HTTPStatus, message: str, *, param: str | None = None, code: str | None = None
    ) -> None:
        kind = "invalid_request_error"
        self._send(
            status, {"error": {"message": message, "type": kind, "param": param, "code": code}}
        )


def _usage(written: Written) -> Json:
    made = len(written.tokens)
    return {
        "prompt_tokens": written.prompt_tokens,
        "completion_tokens": made,
        "total_tokens": written.prompt_tokens + made,
    }


def _completion(message: Json, written: Written) -> Json:
    choice = {"index": 0, "message": message, "finish_reason": written.finish, "logprobs": None}
    return {
        "id": "chatcmpl-tiny",
        "object": "chat.completion",
        "created": CREATED,
        "model": NAME,
        "choices": [choice],
        "usage": _usage(written),
    }


def _chunk(delta: Json, *, finish: str | None = None) -> Json:
    return {
        "id": "chatcmpl-tiny",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": NAME,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}],
    }


def main() -> None:
    """Load the model, say the address, and serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    port: int = parser.parse_args().port
    started = time.perf_counter()
    server = TinyServer(port, TinyModel(model_file()))
    loaded_s = time.perf_counter() - started
    print(f"{NAME} at {server.url} (loaded in {loaded_s:.1f} s)", flush=True)  # noqa: T201
    with suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
