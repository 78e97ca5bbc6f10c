"""An answer as server-sent events, sent while it is being worked out.

    waiting     its place in the line, whenever that changes; only where others are before it
    retrieval   what was found and is now being read
    statement   a statement with its citations, and `references`: the sources that they name
    refusal     why there is no answer, where there is none
    done        the whole record, the same that is sent without streaming
    error       instead of the rest: the problem record of what went wrong, or of a stop

What can be said before the work begins (422, 404, 503) is an ordinary problem response. Comment
lines keep the connection open while nothing happens. The work does not depend on the connection:
when it is lost, the answer is remembered in its conversation all the same.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from corpus.answers import Source, Statement
from index.retriever import Retrieval
from service.assistant import NOTHING
from service.citing import source_record
from service.http_running import Exchange, Running
from service.observing import Observer
from service.problems import ProblemError, problem_of_error, problem_record
from service.wire import refusal_record, statement_record

KEEP_ALIVE_S = 15.0
KEEP_ALIVE = b": still reading\n\n"
MEDIA_TYPE = "text/event-stream"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Events:
    """Turns what an Observer is told into events on the wire, for one response.

    It is told in the thread that answers and read on the event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, instance: str) -> None:
        self._loop = loop
        self._instance = instance
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._has_found = False

    def waiting(self, place: int) -> None:
        """Send its place in the line."""
        self._send("waiting", {"place": place})

    def found(self, hits: Retrieval) -> None:
        """Send what was found."""
        self._has_found = True
        self._send("retrieval", retrieval_record(hits))

    def stated(self, statement: Statement, sources: Sequence[Source]) -> None:
        """Send a statement."""
        references = [source_record(source) for source in sources]
        self._send("statement", statement_record(statement) | {"references": references})

    def ended(self, future: Future[Exchange]) -> None:
        """Send how it ended."""
        error = future.exception()
        if error is None:
            self._close_with(future.result())
        else:
            problem = error if isinstance(error, ProblemError) else _internal(error)
            self._send("error", problem_record(problem, instance=self._instance))
        self._put(None)

    async def on_the_wire(self) -> AsyncIterator[bytes]:
        """Give the events as they come, and a comment whenever none has come for a while."""
        while True:
            try:
                event = await asyncio.wait_for(self._queue.get(), KEEP_ALIVE_S)
            except TimeoutError:
                event = KEEP_ALIVE
            if event is None:
                return
            yield event

    def _close_with(self, exchange: Exchange) -> None:
        if not self._has_found:  # nothing was looked up: an emergency
            self._send("retrieval", retrieval_record(NOTHING))
        if exchange.answer.refusal is not None:
            self._send("refusal", refusal_record(exchange.answer.refusal))
        self._send("done", exchange.record)

    def _send(self, name: str, data: dict[str, Any]) -> None:
        self._put(encoded(name, data))

    def _put(self, event: bytes | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, event)
        except RuntimeError:  # the loop is closed: the server has ended, and nobody listens
            return


def retrieval_record(retrieval: Retrieval) -> dict[str, Any]:
    """Return what is looked through: documents in order of their best passage, and passages."""
    passages = [hit.passage for hit in retrieval.hits]
    titles = {p.document_id: p.title for p in passages}
    return {
        "documents": [{"document_id": key, "title": title} for key, title in titles.items()],
        "passages": [
            {
                "passage_id": p.passage_id,
                "document_id": p.document_id,
                "section": " > ".join(p.section_path) or None,
            }
            for p in passages
        ],
    }


def encoded(name: str, data: dict[str, Any]) -> bytes:
    """Return one event in the wire format (UTF-8; JSON keeps the data on a single line)."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def stream(begin: Callable[[Observer], Running], *, instance: str) -> StreamingResponse:
    """Begin to answer and return the response that sends the events as they come.

    Raises what `begin` raises. `instance` is the path that a problem names.
    """
    events = Events(asyncio.get_running_loop(), instance=instance)
    running = await run_in_threadpool(begin, events)
    running.future.add_done_callback(events.ended)
    return StreamingResponse(events.on_the_wire(), media_type=MEDIA_TYPE, headers=_HEADERS)


def _internal(error: BaseException) -> ProblemError:
    return problem_of_error(error if isinstance(error, Exception) else RuntimeError())
