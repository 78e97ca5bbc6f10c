"""An answer as server-sent events: `retrieval`, then `statement`s or a `refusal`, then `done`.

`done` carries the whole record, the same that is sent without streaming. An error comes before
the first event, as an ordinary problem response: the question is answered before the stream
begins.
"""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi.responses import StreamingResponse

from index.retriever import Retrieval
from service.http_reception import Exchange
from service.wire import refusal_record, statement_record

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def events(exchange: Exchange) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the data of each event, in order."""
    answer = exchange.answer
    yield "retrieval", retrieval_record(exchange.findings.hits)
    for statement in answer.statements:
        yield "statement", statement_record(statement)
    if answer.refusal is not None:
        yield "refusal", refusal_record(answer.refusal)
    yield "done", exchange.record


def retrieval_record(retrieval: Retrieval) -> dict[str, Any]:
    """Return what is being read: documents in order of their best passage, and the passages."""
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


def stream(exchange: Exchange) -> StreamingResponse:
    """Return the response that sends the events one by one."""

    async def chunks() -> AsyncIterator[bytes]:
        for name, data in events(exchange):
            yield encoded(name, data)

    return StreamingResponse(chunks(), media_type="text/event-stream", headers=_HEADERS)
