"""The HTTP door: the application, the question endpoint, articles.

The model and the index are loaded in the background while the server already answers `/healthz`.
Questions are answered in threads of their own, never on the event loop.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, StrictBool
from starlette.concurrency import run_in_threadpool

from corpus.answers import Audience
from corpus.errors import LibraryError
from service.assistant import Assistant
from service.http_answers import router as answers
from service.http_articles import article_of, detailed_record
from service.http_conversations import router as conversations
from service.http_files import SharedFiles, widget_router
from service.http_guard import BodyLimit, LastCatch, SecurityHeaders
from service.http_health import router as health
from service.http_openai import install as open_chat_door
from service.http_origins import OriginGuard, SharedAnswers
from service.http_reception import Asked, Reception
from service.http_schemas import PROBLEMS, Text
from service.pages import STATIC_FOLDER, AtReception, problem_page
from service.pages import router as pages
from service.problems import ProblemError, ProblemKind, Responder, instance_of
from service.settings import Settings
from service.store import IN_MEMORY, AnswerStore
from service.streaming import MEDIA_TYPE, stream
from service.wire import article_record

DAY_S = 24 * 60 * 60.0
# as long as the questions that are left get to notice that the server ends
ENDING_S = 5.0
_METHOD = ProblemKind(status=405, name="method-not-allowed", title="Method Not Allowed")
# Traces and logs of the framework could carry what people ask; none are sent from here.
_NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}


_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer record; with `stream`, events of which the last is the record.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            MEDIA_TYPE: {"schema": {"type": "string"}},
        },
    }
}
_log = logging.getLogger(__name__)

Slug = Annotated[str, Path(description="An article's slug or a document's id, percent-encoded.")]

router = APIRouter(responses=PROBLEMS)


class QuestionBody(BaseModel):
    """The body of a question; unknown keys are ignored."""

    question: Text = Field(description="What is asked; not empty.")
    conversation_id: str | None = Field(
        default=None,
        description="1 to 64 letters, digits, hyphens or underscores. The earlier questions of "
        "this conversation are taken into account; an unknown id begins one. Choose an id that "
        "nobody can guess.",
    )
    history: list[Text] | None = Field(
        default=None, description="Earlier questions, oldest first, instead of the conversation's."
    )
    audience: Audience | None = None
    stream: StrictBool | None = Field(default=None, description="Answer as server-sent events.")

    def asked_within(self, slug: str) -> Asked:
        """Return the question as the reception takes it."""
        return Asked(
            within=slug,
            text=self.question,
            conversation_id=self.conversation_id,
            history=None if self.history is None else tuple(self.history),
            audience=self.audience or "clinician",
        )


def create_app(
    open_assistant: Callable[[], Assistant],
    settings: Settings,
    *,
    store: AnswerStore | None = None,
    prepare: bool = False,
) -> FastAPI:
    """Return the application; `open_assistant` is called in the background when it starts.

    `prepare`: then suggestions are made while nobody asks.

    Without a `store`, conversations and answers live in memory and end with the process. A store
    that is given stays open when the application ends.
    """
    kept = store or AnswerStore(IN_MEMORY, kept_days=settings.answers_kept_days)
    reception = Reception(settings, kept)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        reception.load(open_assistant, prepare=prepare)
        erasing = asyncio.create_task(_erase_daily(kept))
        yield
        erasing.cancel()
        await run_in_threadpool(reception.close, ENDING_S)
        if store is None:
            kept.close()

    app = FastAPI(
        title="Sequitur",
        lifespan=lifespan,
        docs_url=None,  # the framework's pages of documentation fetch scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    app.state.reception = reception
    responder = Responder(page=problem_page)
    responder.install(app)
    _guard(app, settings, responder)
    files = SharedFiles(directory=STATIC_FOLDER)
    for routes in (router, health, answers, conversations, pages, widget_router(files)):
        app.include_router(routes)
    app.mount("/static", files)
    open_chat_door(app)
    return app


def _guard(app: FastAPI, settings: Settings, responder: Responder) -> None:
    """Put what stands around every request; the last one added is the outermost."""
    allowed, respond = settings.allowed_origins, responder.respond
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, respond=respond)
    app.add_middleware(OriginGuard, allowed=allowed, respond=respond)
    app.add_middleware(LastCatch, respond=respond)
    app.add_middleware(SharedAnswers, allowed=allowed)
    app.add_middleware(SecurityHeaders)


async def _erase_daily(store: AnswerStore) -> None:
    """Erase old answers once a day, for as long as the server runs."""
    while True:
        await asyncio.sleep(DAY_S)
        try:
            await run_in_threadpool(store.erase_old)
        except LibraryError as error:
            _log.error("old answers could not be erased: %s", error)


@router.get("/v1/articles")
def list_articles(reception: AtReception) -> JSONResponse:
    """List the articles: slug, title, review status, date, number of references and passages."""
    library = reception.assistant.library
    return JSONResponse([article_record(article, library) for article in library.articles()])


@router.get("/v1/articles/{slug:path}/suggestions")
def show_suggestions(slug: Slug, reception: AtReception) -> JSONResponse:
    """Show questions to begin with; each was asked beforehand and is answered by the article."""
    return JSONResponse({"suggestions": list(reception.assistant.opening_questions(slug))})


@router.post("/v1/articles/{slug:path}/questions", responses=_ANSWERED)
async def ask_question(
    slug: Slug, body: QuestionBody, request: Request, reception: AtReception
) -> Response:
    """Answer or refuse a question within one article, as a record or as a stream of events."""
    begin = partial(reception.begin, body.asked_within(slug))
    if body.stream:
        return await stream(begin, instance=instance_of(request.scope))
    running = await run_in_threadpool(begin)
    exchange = await asyncio.wrap_future(running.future)
    return JSONResponse(exchange.record)


@router.api_route(
    "/v1/articles/{slug:path}/questions",
    methods=["GET", "HEAD", "PUT", "PATCH", "DELETE"],
    include_in_schema=False,
)
async def only_post(slug: str) -> Response:
    """Say that a question is posted; without this, the path would be taken for an article's."""
    raise ProblemError(_METHOD, f"POST a question about {slug!r} here.", headers={"Allow": "POST"})


@router.get("/v1/articles/{slug:path}")
def show_article(slug: Slug, reception: AtReception) -> JSONResponse:
    """Show an article or a document: its line of the list, its text in blocks, its references."""
    assistant = reception.assistant
    record = detailed_record(
        slug,
        assistant.library,
        review=assistant.review_of(article_of(slug, assistant.library)),
        askable=assistant.may_be_asked(slug),
    )
    return JSONResponse(record)
