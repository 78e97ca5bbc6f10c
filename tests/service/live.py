"""A real server on the loopback, an assistant that reads when told to, and a stream's text."""

import copy
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from index.reading.reading import Evidence
from service.assistant import Assistant

PATIENCE_S = 10
Event = tuple[str, dict[str, Any]]


class HeldReader:
    """Reads like the reader that it stands for, once `go` is set; `reached` tells that it waits."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader
        self.reached = threading.Semaphore(0)
        self.go = threading.Event()

    def read(self, *asked: Any) -> Evidence:
        """Wait, then read."""
        self.reached.release()
        assert self.go.wait(PATIENCE_S)
        read: Evidence = self.reader.read(*asked)
        return read

    def wait(self) -> None:
        """Return when a question is being read."""
        assert self.reached.acquire(timeout=PATIENCE_S)


def held_by_reader(assistant: Assistant) -> tuple[Assistant, HeldReader]:
    """Return an assistant that stops before it reads, and what lets it go on."""
    held = copy.copy(assistant)
    reader = HeldReader(assistant._reader)
    held._reader = reader  # type: ignore[assignment]
    return held, reader


@contextmanager
def serving(app: FastAPI, *, grace_s: int | None = None) -> Iterator[str]:
    """Run a real server on the loopback until the block ends; give its address."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=grace_s
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    assert app.state.reception.wait(PATIENCE_S)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def until(holds: Any) -> None:
    """Wait until something holds; fail when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def events_of(text: str) -> list[Event]:
    """Read a stream: blocks of an `event:` and a `data:` line, each ended by an empty line."""
    assert text.endswith("\n\n")
    blocks = (block for block in text.removesuffix("\n\n").split("\n\n"))
    return [event_of(block) for block in blocks if not block.startswith(":")]


def event_of(block: str) -> Event:
    """Read one event."""
    name, data = block.split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def blocks_of(chunks: Iterator[str]) -> Iterator[str]:
    """Give the blocks of a stream, comments included, each as soon as it is there."""
    text = ""
    for chunk in chunks:
        text += chunk
        while "\n\n" in text:
            block, _, text = text.partition("\n\n")
            yield block
