"""One request over HTTP, bounded in time and size; foreign errors end here.

A timeout of the HTTP client counts from one byte to the next, so a server that sends a byte now
and then is never too slow for it. Here a watch shuts the socket when the whole time is over.
"""

import email.utils
import math
import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from corpus.errors import FetchError, FetchFailure

USER_AGENT = "sequitur"
CONNECT_S = 10.0
# What is read of a reply that tells of an error.
MAX_ERROR_BYTES = 65_536
_ABRUPTLY = struct.pack("ii", 1, 0)
_FOREIGN = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError)
_OK, _FIRST_MOVED, _FIRST_REFUSED, _FIRST_FAILED = 200, 300, 400, 500
_BUSY = (408, 425, 429)
_BAD_KEY = (b"api key invalid", b"invalid api key", b"api_key_invalid")
# What a reply may call itself: XML, JSON, or the plain text that NCBI sometimes calls either.
_KNOWN_TYPES = ("", "text/plain", "application/json", "text/json", "text/xml", "application/xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked: a POST of `fields` as a form, or a GET with them in the address."""

    url: str
    fields: Mapping[str, str]
    is_post: bool = True

    @property
    def host(self) -> str:
        """The host alone."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_here(self) -> bool:
        """True for a server on this machine; then no proxy may stand between."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


class LineError(FetchError):
    """A request failed; `retry_after_s` is how long the server asked to wait."""

    def __init__(
        self, kind: FetchFailure, reason: str, *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(kind, reason)
        self.retry_after_s = retry_after_s


def answered(request: Request, *, timeout_s: float, max_bytes: int) -> bytes:
    """Send a request and return the body of its reply; raises LineError."""
    try:
        with _Watch(timeout_s) as watch:
            return _body(request, watch, timeout_s, max_bytes)
    except LineError:
        raise
    except _FOREIGN as error:
        failure = _failure_of(error, request, timeout_s, is_over=watch.is_over)
    # outside of the handler: the foreign error may hold the form with the key
    raise failure


class _Watch:
    """Shuts the connections of one request when its whole time is over."""

    def __init__(self, timeout_s: float) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(timeout_s, self._cut)
        self._timer.daemon = True
        self.is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def trace(self, event: str, found: Mapping[str, Any]) -> None:
        """Take note of each socket as it is opened; TLS puts another in the place of the first."""
        if not event.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        with self._lock:
            self._sockets.append(found["return_value"].get_extra_info("socket"))
            late = self.is_over
        if late:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            sockets = tuple(self._sockets)
        for opened in sockets:
            with suppress(OSError):
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABRUPTLY)
                # not the method of a TLS socket, which would take the layer from under its reader
                socket.socket.shutdown(opened, socket.SHUT_RDWR)


def _body(request: Request, watch: _Watch, timeout_s: float, max_bytes: int) -> bytes:
    given = {"data": dict(request.fields)} if request.is_post else {"params": dict(request.fields)}
    with (
        httpx2.Client(
            verify=_tls(),
            timeout=httpx2.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
            follow_redirects=False,  # a key goes to no host that nobody named
            trust_env=not request.is_here,
            headers={"user-agent": USER_AGENT, "accept-encoding": "gzip"},
        ) as client,
        client.stream(
            "POST" if request.is_post else "GET",
            request.url,
            extensions={"trace": watch.trace},
            **given,  # type: ignore[arg-type]
        ) as response,
    ):
        if response.status_code != _OK:
            raise _failed_status(request, response)
        _check_type(request, response)
        data = _read(response, max_bytes)
    if watch.is_over:  # a socket that the watch shut can look like the end of the reply
        raise LineError("slow", _too_slow(request, timeout_s))
    if data is None:
        reason = f"{request.host}: the reply is larger than {max_bytes:,} bytes"
        raise LineError("too_large", reason)
    return data


def _read(response: httpx2.Response, max_bytes: int) -> bytes | None:
    """Return the whole body, None when it is larger than `max_bytes`."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > max_bytes:
            return None
        parts.append(part)
    return b"".join(parts)


def _failed_status(request: Request, response: httpx2.Response) -> LineError:
    status, host = response.status_code, request.host
    retry_after_s = _retry_after_s(response.headers.get("retry-after", ""))
    if status in _BUSY:
        reason = f"{host} is asked too much (status {status})"
        return LineError("busy", reason, retry_after_s=retry_after_s)
    if status >= _FIRST_FAILED:
        reason = f"{host} failed (status {status})"
        return LineError("server_error", reason, retry_after_s=retry_after_s)
    if _FIRST_MOVED <= status < _FIRST_REFUSED:
        return LineError("refused", f"{host} sends elsewhere (status {status}): check the address")
    if status >= _FIRST_REFUSED and _names_the_key(response):
        return LineError("refused", f"{host} does not know the key in SEQUITUR_NCBI_API_KEY")
    return LineError("refused", f"{host} refused the request (status {status})")


def _names_the_key(response: httpx2.Response) -> bool:
    said = (_read(response, MAX_ERROR_BYTES) or b"").lower()
    return any(words in said for words in _BAD_KEY)


def _check_type(request: Request, response: httpx2.Response) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        reason = f"{request.host} sent a web page in place of records: perhaps it is being mended"
        raise LineError("server_error", reason)
    if kind not in _KNOWN_TYPES and not kind.endswith("+xml"):
        shown = ascii(kind[:40]).strip("'")
        raise LineError("nonsense", f"{request.host} sent {shown} in place of records")


def _failure_of(
    error: Exception, request: Request, timeout_s: float, *, is_over: bool
) -> LineError:
    """Return the failure that a foreign error stands for, without a word of its text."""
    host = request.host
    if isinstance(error, httpx2.ConnectTimeout) and not is_over:
        return LineError("unreachable", f"cannot reach {host}: no answer")
    if is_over or isinstance(error, httpx2.TimeoutException | TimeoutError):
        return LineError("slow", _too_slow(request, timeout_s))
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError | socket.gaierror):
        return LineError("unreachable", f"cannot reach {host}: the network is not there")
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return LineError("refused", f"{host}: the address cannot be used")
    if isinstance(error, httpx2.TransportError | OSError):
        return LineError("server_error", f"{host} broke the connection off")
    return LineError("nonsense", f"the reply of {host} cannot be read")


def _too_slow(request: Request, timeout_s: float) -> str:
    return f"{request.host} did not answer within {timeout_s:g} seconds"


def _retry_after_s(value: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or a date; not below 0."""
    try:
        wait_s = float(value)
    except ValueError:
        date = email.utils.parsedate_tz(value)
        if date is None:
            return None
        wait_s = email.utils.mktime_tz(date) - time.time()
    return max(0.0, wait_s) if math.isfinite(wait_s) else None


@cache
def _tls() -> SSLContext:
    return httpx2.create_ssl_context()
