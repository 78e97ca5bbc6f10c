"""The connection to a language model, which is cut when its time is up.

A timeout of the HTTP client counts from one byte to the next, so an endpoint that sends a byte
now and then is never too slow for it. Here a watch shuts the socket when the whole time is over,
whatever is being waited for: a connection, headers, or a body without end.
"""

import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self

import httpx2

from service.llm_endpoint import Endpoint, Pace

# All that an endpoint learns from the headers; the client would add the machine's and its own.
HEADERS_SENT = (
    "host",
    "accept",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "user-agent",
)
ABRUPTLY = struct.pack("ii", 1, 0)
USER_AGENT = "sequitur"


class TooMuchError(Exception):
    """More came than the line was to carry."""


class Line:
    """What one call may use of time and bytes; as a block, its connections end with it."""

    def __init__(self, pace: Pace, *, max_bytes: int) -> None:
        self._pace = pace
        self._left = max_bytes
        self._ends = time.monotonic() + pace.whole_s
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._watch = threading.Timer(pace.whole_s, self._cut)
        self._watch.daemon = True
        self.is_over = False

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watch.cancel()

    def waits(self, wait_s: float) -> bool:
        """Wait so long, or return False at once when the time does not allow it."""
        if wait_s < 0 or time.monotonic() + wait_s >= self._ends:
            return False
        time.sleep(wait_s)
        return True

    def client(self, endpoint: Endpoint) -> httpx2.Client:
        """Return an HTTP client for one request, watched by this line; close it after use."""
        left_s = max(0.001, self._ends - time.monotonic())
        return httpx2.Client(
            verify=_tls(),
            timeout=httpx2.Timeout(
                min(self._pace.stall_s, left_s), connect=min(self._pace.connect_s, left_s)
            ),
            follow_redirects=False,  # nothing goes to a host that nobody configured
            trust_env=not endpoint.is_here,
            event_hooks={"request": [self._watched], "response": [self._measured]},
        )

    def _watched(self, request: httpx2.Request) -> None:
        for name in set(request.headers) - set(HEADERS_SENT):
            del request.headers[name]
        request.headers["user-agent"] = USER_AGENT
        request.headers["accept-encoding"] = "identity"
        request.extensions = {**request.extensions, "trace": self._trace}

    def _trace(self, event: str, found: Mapping[str, Any]) -> None:
        """Take note of each socket as it is opened; TLS puts another in the place of the first."""
        if not event.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        opened = found["return_value"].get_extra_info("socket")
        with self._lock:
            self._sockets.append(opened)
            late = self.is_over
        if late:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            sockets = tuple(self._sockets)
        for opened in sockets:
            with suppress(OSError):
                # closed without lingering, so that the endpoint learns at once and stops writing
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPTLY)
                # not the method of a TLS socket, which would take the layer from under its reader
                socket.socket.shutdown(opened, socket.SHUT_RDWR)

    def _measured(self, response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise TooMuchError  # nothing compressed was asked for, and it could hold any amount
        response.stream = _Measured(response.stream, self)

    def take(self, size: int) -> None:
        """Count bytes that came; raises TooMuchError when they are too many."""
        self._left -= size
        if self._left < 0:
            raise TooMuchError


class _Measured(httpx2.SyncByteStream):
    """A body whose bytes are counted as they come."""

    def __init__(self, body: Any, line: Line) -> None:
        self._body = body
        self._line = line

    def __iter__(self) -> Iterator[bytes]:
        for part in self._body:
            self._line.take(len(part))
            yield part

    def close(self) -> None:
        """Close the connection."""
        self._body.close()


@cache
def _tls() -> SSLContext:
    return httpx2.create_ssl_context()
