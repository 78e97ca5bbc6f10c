"""The web pages: the library, an article with its question box, and what went wrong.

The question box is a plain form that works without JavaScript; `static/ask.js` sends the same
question to the endpoint instead and shows the same answer without a reload. Every text that is
shown is escaped by the templates; addresses become links only when they are http or https.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from corpus.library import Library
from corpus.records import ReviewStatus
from service.http_articles import article_of, page_path
from service.http_page_views import (
    article_facts,
    lines_of,
    message_parts,
    new_conversation_id,
    passage_start,
    reference_views,
    source_links,
    span_finder,
    where_of,
)
from service.http_parts import parts_of
from service.http_reception import Asked, Reception
from service.problems import EMPTY, MALFORMED, TOO_LONG, WRONG_MEDIA, ProblemError
from service.wire import Record

STATIC_FOLDER = Path(__file__).parent / "static"
_FORM_TYPE = "application/x-www-form-urlencoded"
_MAX_FORM_FIELDS = 20

router = APIRouter(include_in_schema=False)
_templates = Environment(
    loader=PackageLoader("service"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "lines": lines_of,
    "message_parts": message_parts,
    "page_path": page_path,
    "passage_start": passage_start,
    "source_links": source_links,
    "where": where_of,
}
_templates.globals["review_steps"] = tuple(ReviewStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The question box as it was sent; `mistake` says why nothing was answered."""

    question: str = ""
    conversation_id: str = ""
    mistake: str = ""


def reception_of(request: Request) -> Reception:
    """Return what the doors of this application share."""
    reception: Reception = request.app.state.reception
    return reception


async def form_of(request: Request) -> Form:
    """Read the question box from a form body; raises ProblemError (400, 415)."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM_TYPE:
        raise ProblemError(WRONG_MEDIA, f"A page's form is sent as {_FORM_TYPE}.")
    try:
        text = (await request.body()).decode("ascii")
        fields = parse_qs(text, errors="strict", max_num_fields=_MAX_FORM_FIELDS)
    except ValueError as error:
        raise ProblemError(MALFORMED, "The form cannot be read.") from error
    return Form(
        question=fields.get("question", [""])[0],
        conversation_id=fields.get("conversation_id", [""])[0],
    )


AtReception = Annotated[Reception, Depends(reception_of)]


@router.api_route("/", methods=["GET", "HEAD"])
def library_page(reception: AtReception) -> HTMLResponse:
    """List the articles."""
    library = reception.assistant.library
    others = len(library.documents()) - len(library.articles())
    return _page("library.html", {"articles": library.articles(), "others": others})


@router.api_route("/articles/{slug:path}", methods=["GET", "HEAD"])
def article_page(slug: str, reception: AtReception) -> HTMLResponse:
    """Show an article, or a document by its id, with its question box."""
    return _article_page(slug, reception, Form())


@router.post("/articles/{slug:path}")
def asked_on_page(
    slug: str, form: Annotated[Form, Depends(form_of)], reception: AtReception
) -> HTMLResponse:
    """Show the article again with the answer above it."""
    conversation = form.conversation_id or new_conversation_id()
    asked = Asked(within=slug, text=form.question, conversation_id=conversation)
    try:
        record = reception.ask(asked).record
    except ProblemError as problem:
        if problem.kind not in (EMPTY, TOO_LONG):
            raise
        again = Form(
            question=form.question, conversation_id=form.conversation_id, mistake=problem.detail
        )
        return _article_page(slug, reception, again, status=problem.kind.status)
    return _article_page(slug, reception, Form(conversation_id=conversation), record)


def problem_page(problem: ProblemError) -> HTMLResponse:
    """Return the page for a problem."""
    return _page("problem.html", {"problem": problem}, status=problem.kind.status)


def _article_page(
    slug: str,
    reception: Reception,
    form: Form,
    record: Record | None = None,
    *,
    status: int = 200,
) -> HTMLResponse:
    library = reception.assistant.library
    return _page(
        "article.html",
        _article_context(slug, library)
        | {"form": form, "record": record, "max_chars": reception.settings.max_question_chars},
        status=status,
    )


def _article_context(slug: str, library: Library) -> dict[str, Any]:
    article = article_of(slug, library)
    document = library.document(slug)
    return {
        "document": document,
        "facts": article_facts(article, document),
        "parts": parts_of(document, article),
        "references": reference_views(article, library),
        "span": span_finder(library, here=slug),
    }


def _page(template: str, context: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(context), status_code=status)
