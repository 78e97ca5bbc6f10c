"""A gate in front of the application: lets a test decide when, and whether, each event goes out."""

import asyncio
import threading

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOK_EVERY_S = 0.01


class Gate:
    """Holds back the server-sent events that a test names, and cuts streams where it says.

    `hold("statement")` stops every stream before its next statement; `let_one("statement")` lets
    one more through; `open()` ends all holding. `cut("statement")` breaks off every stream before
    its first statement, while the application goes on as if it had been sent.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, int] = {}
        self._cut: str | None = None

    def hold(self, *names: str) -> None:
        """Stop streams before events of these names."""
        with self._lock:
            self._held |= dict.fromkeys(names, 0)

    def let_one(self, name: str) -> None:
        """Let one more event of this name through."""
        with self._lock:
            self._held[name] += 1

    def cut(self, name: str | None) -> None:
        """Break streams off before the first event of this name; None: no more."""
        with self._lock:
            self._cut = name

    def open(self) -> None:
        """Hold and cut nothing any more."""
        with self._lock:
            self._held = {}
            self._cut = None

    def cuts(self, name: str) -> bool:
        """Tell whether a stream ends before an event of this name."""
        with self._lock:
            return self._cut == name

    async def passed(self, name: str) -> None:
        """Wait until an event of this name may go out."""
        # opened from the thread of a test, where no asyncio.Event can be set
        while not self._may_pass(name):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY_S)

    def _may_pass(self, name: str) -> bool:
        with self._lock:
            left = self._held.get(name)
            if left:
                self._held[name] = left - 1
            return left is None or left > 0


class Gated:
    """The application behind a gate."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; only bodies that are events meet the gate."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_cut = False

        async def sending(message: Message) -> None:
            nonlocal is_cut
            body: bytes = message.get("body", b"")
            if body.startswith(b"event: "):
                name = body.partition(b"\n")[0].removeprefix(b"event: ").decode()
                is_cut = is_cut or self.gate.cuts(name)
                if not is_cut:
                    await self.gate.passed(name)
            if not is_cut:  # a response that never ends is one that the server breaks off
                await send(message)

        await self.app(scope, receive, sending)
