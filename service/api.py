"""The HTTP door: the application, the question endpoint, articles, answers, health.

The model and the index are loaded in the background while the server already answers `/healthz`.
Questions are answered in the thread pool, never on the event loop.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import AfterValidator, BaseModel, Field, StrictBool

from corpus.answers import Audience
from service.assistant import Assistant
from service.http_articles import detailed_record
from service.http_guard import BodyLimit, LastCatch, SecurityHeaders
from service.http_reception import Asked, Reception
from service.pages import STATIC_FOLDER, AtReception, problem_page
from service.pages import router as pages
from service.problems import MEDIA_TYPE, ProblemError, ProblemKind, Responder
from service.settings import Settings
from service.store import IN_MEMORY, AnswerStore
from service.streaming import stream
from service.wire import article_record

_PROBLEM_STATUSES = {
    400: "The body is not JSON.",
    404: "There is no such article, document or answer.",
    413: "The body is too large.",
    415: "The body is not JSON by its media type.",
    422: "A value cannot be used.",
    503: "The library is still being loaded, or could not be.",
}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
    for status, text in _PROBLEM_STATUSES.items()
}
_METHOD = ProblemKind(status=405, name="method-not-allowed", title="Method Not Allowed")
# Traces and logs of the framework could carry what people ask; none are sent from here.
_NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}


def _whole(text: str) -> str:
    """Refuse half a character (a lone surrogate), which JSON can spell and UTF-8 cannot."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("holds half of a character (a lone surrogate)")
    return text


Text = Annotated[str, AfterValidator(_whole)]
Slug = Annotated[str, Path(description="An article's slug or a document's id, percent-encoded.")]

router = APIRouter(responses=_PROBLEMS)


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
) -> FastAPI:
    """Return the application; `open_assistant` is called in the background when it starts.

    Without a `store`, conversations and answers live in memory and end with the process. A store
    that is given stays open when the application ends.
    """
    kept = store or AnswerStore(IN_MEMORY)
    reception = Reception(settings, kept)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        reception.load(open_assistant)
        yield
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
    # the last one added is the outermost
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, respond=responder.respond)
    app.add_middleware(LastCatch, respond=responder.respond)
    app.add_middleware(SecurityHeaders)
    app.include_router(router)
    app.include_router(pages)
    app.mount("/static", StaticFiles(directory=STATIC_FOLDER))
    return app


@router.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
async def healthz() -> JSONResponse:
    """Say that the process answers, loaded or not."""
    return JSONResponse({"status": "ok"})


@router.api_route("/readyz", methods=["GET", "HEAD"], include_in_schema=False)
async def readyz(reception: AtReception) -> JSONResponse:
    """Say whether questions can be asked; 503 until then, or with the reason why never."""
    _ = reception.assistant
    return JSONResponse({"status": "ready"})


@router.get("/v1/articles")
def list_articles(reception: AtReception) -> JSONResponse:
    """List the articles: slug, title, review status, date, number of references and passages."""
    library = reception.assistant.library
    return JSONResponse([article_record(article, library) for article in library.articles()])


@router.post("/v1/articles/{slug:path}/questions")
def ask_question(slug: Slug, body: QuestionBody, reception: AtReception) -> Response:
    """Answer or refuse a question within one article, as a record or as a stream of events."""
    exchange = reception.ask(body.asked_within(slug))
    return stream(exchange) if body.stream else JSONResponse(exchange.record)


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
    return JSONResponse(detailed_record(slug, reception.assistant.library))


@router.get("/v1/answers/{answer_id}")
def show_answer(answer_id: str, reception: AtReception) -> JSONResponse:
    """Show an answer again, as it was given."""
    return JSONResponse(reception.store.answer(answer_id))
