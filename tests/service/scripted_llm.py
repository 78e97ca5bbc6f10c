"""OpenAI-compatible endpoints on the loopback that answer by a script, and end with the test.

A `Reply` is what goes over the wire, in parts: bytes, and waits in seconds in which the endpoint
notices when it is hung up on. `speaking` makes the reply of a well-behaved endpoint.
"""

import json
import select
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from service.llm_endpoint import Endpoint

KEY = "sk-scripted-0123456789"
MODEL = "scripted"
FOREVER_S = 30.0
EVENTS = "text/event-stream"
Part = bytes | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply; `wait_s` stands before its headers, which are left out for `raw` parts."""

    parts: Iterable[Part] = ()
    status: int = 200
    content_type: str = EVENTS
    headers: tuple[tuple[str, str], ...] = ()
    wait_s: float = 0.0
    raw: bool = False


def event(data: Any) -> bytes:
    """Return one event of a stream."""
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


def chunk(text: str | None = None, finish: str | None = None) -> bytes:
    """Return the event of one piece of text, or of the end."""
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    return event({**head, "choices": [choice]})


def used(input_tokens: int, output_tokens: int) -> bytes:
    """Return the event that counts tokens."""
    usage = {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
    }
    return event({"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": usage})


def pieces_of(text: str, size: int = 7) -> list[bytes]:
    """Return a text in events of a few characters."""
    return [chunk(text[at : at + size]) for at in range(0, len(text), size)]


def speaking(text: str, *, finish: str = "stop", size: int = 7) -> Reply:
    """Return the reply of an endpoint that says `text` and behaves well."""
    end = [chunk(finish=finish), used(100, 20), event("[DONE]")]
    return Reply(parts=[*pieces_of(text, size), *end])


def failing(status: int, body: Any = None, **headers: str) -> Reply:
    """Return a reply with an error; underscores in a header's name stand for hyphens."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    said = json.dumps(body if body is not None else {"error": {"message": "no"}}).encode()
    return Reply(status=status, content_type="application/json", headers=named, parts=[said])


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the endpoint was sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(slots=True)
class ScriptedEndpoint:
    """A running endpoint: gives the replies in their order, the last one again and again."""

    replies: Sequence[Reply]
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> Endpoint:
        """Where it is reached, with a key."""
        base_url = f"http://127.0.0.1:{self.port}/v1"
        return Endpoint(base_url=base_url, model=MODEL, api_key=KEY)

    def prompts(self) -> list[str]:
        """Return what was sent to be read, one text per request."""
        return ["\n".join(m["content"] for m in r.body["messages"]) for r in self.requests]


@contextmanager
def scripted(*replies: Reply) -> Iterator[ScriptedEndpoint]:
    """Run an endpoint for the block."""
    endpoint = ScriptedEndpoint(replies)

    class Handler(_Handler):
        script = endpoint

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    endpoint.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


def unused_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Handler(BaseHTTPRequestHandler):
    script: ScriptedEndpoint

    def do_POST(self) -> None:
        """Take the request and play the next reply."""
        size = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(size))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(path=self.path, headers=headers, body=body)
        at = len(self.script.requests)
        self.script.requests.append(request)
        self.close_connection = True
        try:
            self._play(self.script.replies[min(at, len(self.script.replies) - 1)])
        except OSError:
            self.script.hung_up.set()

    def _play(self, reply: Reply) -> None:
        self._wait(reply.wait_s)
        if not reply.raw:
            self.send_response(reply.status)
            if reply.content_type:
                self.send_header("Content-Type", reply.content_type)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
        for part in reply.parts:
            if isinstance(part, bytes):
                self.wfile.write(part)
                self.wfile.flush()
            else:
                self._wait(part)

    def _wait(self, wait_s: float) -> None:
        """Wait, and raise OSError as soon as the other side has hung up or the test ends."""
        ends = time.monotonic() + wait_s
        while (left_s := ends - time.monotonic()) > 0:
            readable, _, _ = select.select([self.connection], [], [], min(left_s, 0.02))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionResetError
            if self.script.ending.is_set():
                raise ConnectionAbortedError

    def log_message(self, *_: Any) -> None:
        """Write nothing."""
