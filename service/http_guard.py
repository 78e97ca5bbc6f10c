"""What stands around every request: security headers, a last catch, a limit on the body.

Plain ASGI, so that it holds for streams and for static files as well. From the outside in:
`SecurityHeaders`, `SharedAnswers` (http_origins), `LastCatch`, `OriginGuard` (http_origins),
`BodyLimit`.
"""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import TOO_LARGE, ProblemError, problem_of_error

Respond = Callable[[Scope, ProblemError], Response]

# No inline script or style is ever sent, so that none that slipped into a text could run.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would make browsers call the origin of our own forms `null`
    "Referrer-Policy": "same-origin",
}
# After a refusal this much more is read and dropped, so that a client still sending hears it.
_DRAINED_BYTES = 1_000_000


class SecurityHeaders:
    """Adds `SECURITY_HEADERS` to every response that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


class LastCatch:
    """Answers an unforeseen exception with a problem that says nothing of the inside.

    The server never sees the exception: its log would show the message, and a message may repeat
    what somebody asked.
    """

    def __init__(self, app: ASGIApp, respond: Respond) -> None:
        self.app = app
        self.respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the last catch is for what nobody foresaw
            problem = problem_of_error(error)
            if not started:
                await self.respond(scope, problem)(scope, receive, send)


class BodyLimit:
    """Refuses a body of more than `max_bytes` with 413, declared or not.

    A body is read whole before the application sees it; the limit keeps that small.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, respond: Respond) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()
        read = _declared_bytes(scope)
        complete = False
        while not complete and read <= self.max_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            read = max(read, len(body))
            complete = not message.get("more_body", False)
        if read > self.max_bytes:
            if not complete:
                await _drain(receive)
            problem = ProblemError(TOO_LARGE, f"The limit is {self.max_bytes} bytes.")
            await self.respond(scope, problem)(scope, receive, send)
        else:
            await self.app(scope, _replay(bytes(body), receive), send)


def _declared_bytes(scope: Scope) -> int:
    values = [v for k, v in scope["headers"] if k == b"content-length"]
    return max((int(v) for v in values if v.isdigit()), default=0)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives the body at once and then goes on with `receive`."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


async def _drain(receive: Receive) -> None:
    dropped = 0
    while dropped < _DRAINED_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
