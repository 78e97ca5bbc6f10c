"""The door for existing chat clients: `POST /v1/chat/completions` and `GET /v1/models`.

A model is an article (by its slug), a document (by its id) or the whole library. Questions are
asked of the same reception, run and are kept as those of every other door, and are streamed by
the same events, written as chunks. Parameters that steer a language model have no effect.
Problems, those of the middleware included, are rewritten into OpenAI's error shape on the way out.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field, StrictBool, StrictInt
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.answers import Audience
from corpus.errors import NotFoundError
from corpus.library import Library
from service.http_articles import article_of
from service.http_reception import Asked, Reception
from service.http_running import Running
from service.http_schemas import NO_STORE, Text
from service.observing import Observer
from service.openai_shapes import (
    WHOLE_LIBRARY,
    Chunks,
    Head,
    asked_in,
    check_wishes,
    completion,
    document_model,
    error_of,
    is_final,
    library_model,
    model_of,
)
from service.pages import AtReception
from service.problems import MEDIA_TYPE as PROBLEM_TYPE
from service.problems import instance_of
from service.streaming import MEDIA_TYPE, Events

COMPLETIONS, MODELS = "/v1/chat/completions", "/v1/models"
_DONE = b"data: [DONE]\n\n"
_STREAM_HEADERS = NO_STORE | {"X-Accel-Buffering": "no"}
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_STATUSES: dict[int | str, str] = {
    400: "The body is not JSON, or a value in it cannot be used.",
    404: "There is no such model.",
    413: "The body is too large.",
    503: "The library is still being loaded, could not be, or too many questions are waiting.",
    "default": "What else can go wrong, in the same shape.",
}
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/json": {"schema": _ERROR}}}
    for status, text in _STATUSES.items()
}
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A `chat.completion` with the answer record as `sequitur`; with `stream`, "
        "`chat.completion.chunk`s, of which the one with `finish_reason` has it.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            MEDIA_TYPE: {"schema": {"type": "string"}},
        },
    }
}

router = APIRouter(responses=_ERRORS)


class ChatMessage(BaseModel):
    """A message of the conversation; only what users say is read."""

    role: Text
    content: Any = Field(
        default=None, description="A user's: a string, or parts `{type: text, text: …}`."
    )


class StreamOptions(BaseModel):
    """How to stream."""

    include_usage: StrictBool | None = None


class Metadata(BaseModel):
    """What of the metadata has an effect; all else is ignored."""

    conversation_id: str | None = Field(
        default=None, description="Keeps the answer in this conversation; see /v1/conversations."
    )
    audience: Audience | None = None


class CompletionBody(BaseModel):
    """The body of a chat completion; parameters that are not named here have no effect."""

    model: Text = Field(description="An article's slug, a document's id, or `sequitur` for all.")
    messages: list[ChatMessage] = Field(
        description="The last message of a user is the question, earlier ones are its history."
    )
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    metadata: Metadata | None = None
    n: StrictInt | None = Field(default=None, description="1.")
    tool_choice: Any = Field(default=None, description="`auto` or `none`.")
    response_format: Any = Field(default=None, description="`text`.")

    def asked_at(self, reception: Reception) -> Asked:
        """Return the question as the reception takes it.

        Raises ProblemError and NotFoundError.
        """
        check_wishes(self.model_dump(include={"n", "tool_choice", "response_format"}))
        question, history = asked_in([(m.role, m.content) for m in self.messages])
        chosen = self.metadata or Metadata()
        return Asked(
            within=_within(self.model, reception.ready_for(question).library),
            text=question,
            conversation_id=chosen.conversation_id,
            history=history,
            audience=chosen.audience or "clinician",
        )


class ChunkEvents(Events):
    """The events of a streamed answer, written as chunks of a chat completion."""

    def __init__(self, chunks: Chunks, *, instance: str) -> None:
        super().__init__(asyncio.get_running_loop(), instance=instance)
        self._chunks = chunks

    def _send(self, name: str, data: dict[str, Any]) -> None:
        for chunk in self._chunks.of(name, data):
            self._put(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
        if name == "done":
            self._put(_DONE)


class ErrorShapes:
    """Rewrites the problems of this door's paths into OpenAI's error shape, whoever made them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        ours = scope["type"] == "http" and _is_ours(scope["path"])
        await self.app(scope, receive, _rewriting(send) if ours else send)


def install(app: FastAPI) -> None:
    """Open this door; after all other middleware, so that their problems are rewritten too."""
    app.include_router(router)
    app.add_middleware(ErrorShapes)


@router.post(COMPLETIONS, responses=_ANSWERED)
async def complete_chat(body: CompletionBody, request: Request, reception: AtReception) -> Response:
    """Answer the last message of a user, as a chat completion or as a stream of its chunks."""
    asked = body.asked_at(reception)
    head = Head(
        completion_id=f"chatcmpl-{uuid.uuid4().hex}",
        created=int(time.time()),
        model=body.model,
        site=str(request.base_url).rstrip("/"),
    )
    begin = partial(reception.begin, asked)
    if body.stream:
        wanted = body.stream_options is not None and body.stream_options.include_usage is True
        chunks = Chunks(head, asked.audience, with_usage=wanted)
        return await _streamed(begin, ChunkEvents(chunks, instance=instance_of(request.scope)))
    running = await run_in_threadpool(begin)
    exchange = await asyncio.wrap_future(running.future)
    return JSONResponse(completion(head, exchange.record), headers=NO_STORE)


@router.get(MODELS)
def list_models(reception: AtReception) -> JSONResponse:
    """List what can be asked: every article by its slug, and the whole library."""
    assistant = reception.assistant
    articles = assistant.library.articles()
    data = [model_of(article) for article in articles if assistant.may_be_asked(article.slug)]
    if all(model["id"] != WHOLE_LIBRARY[0] for model in data):
        data.append(library_model())
    return JSONResponse({"object": "list", "data": data})


@router.get(f"{MODELS}/{{model:path}}")
def show_model(
    model: Annotated[str, Path(description="A model's id, percent-encoded.")],
    reception: AtReception,
) -> JSONResponse:
    """Show an article, a document by its id, or the whole library, as a model."""
    library = reception.assistant.library
    within = _within(model, library)
    if within is None:
        return JSONResponse(library_model())
    article = article_of(within, library)
    shown = model_of(article) if article else document_model(library.document(within))
    return JSONResponse(shown)


async def _streamed(begin: Callable[[Observer], Running], events: ChunkEvents) -> StreamingResponse:
    """Begin to answer and return the response that sends the chunks; raises what `begin` does."""
    running = await run_in_threadpool(begin, events)
    running.future.add_done_callback(events.ended)
    return StreamingResponse(events.on_the_wire(), media_type=MEDIA_TYPE, headers=_STREAM_HEADERS)


def _within(model: str, library: Library) -> str | None:
    """Return where to ask, None for the whole library; raises NotFoundError.

    An article that bears one of the library's names comes before it.
    """
    try:
        library.scope(model)
    except NotFoundError:
        if model in WHOLE_LIBRARY:
            return None
        raise
    return model


def _is_ours(path: str) -> bool:
    return path in (COMPLETIONS, MODELS) or path.startswith(f"{MODELS}/")


def _rewriting(send: Send) -> Send:
    """Return a channel that holds a problem back until it is whole, and sends it as an error."""
    start: Message | None = None
    body = bytearray()

    async def sending(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and _is_problem(message):
            start = message
            return
        if start is None:
            await send(message)
            return
        body.extend(message.get("body", b""))
        if not message.get("more_body", False):
            response = _error_response(bytes(body), start)
            await send(start)
            await send({"type": "http.response.body", "body": response})

    return sending


def _is_problem(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith(PROBLEM_TYPE)


def _error_response(problem: bytes, start: Message) -> bytes:
    """Return the body of the error, and change the start of the response to fit it."""
    start["status"], error = error_of(json.loads(problem))
    body = json.dumps(error, ensure_ascii=False).encode()
    headers = MutableHeaders(scope=start)
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(body))
    if is_final(error["error"]["code"]):
        headers["X-Should-Retry"] = "false"
    return body
