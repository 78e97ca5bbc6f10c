"""The web pages: the library, an article with its question box, an answer, and what went wrong.

Every page works without JavaScript. On an article's page the element `<sequitur-chat>`
(static/widget) takes the place of the plain form once it is there, and static/page.js shows spans
and switches the audience without a reload. Every text is escaped by the templates; addresses
become links only when they are http or https.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from corpus.answers import AUDIENCES, Audience
from corpus.records import ReviewStatus
from service.certainty import mark_of, partly
from service.cited_papers import cited_there
from service.http_answer_page import (
    asked_within,
    day_of,
    exports,
    imprint,
    meanings,
    message_parts,
    since_views,
    statement_lines,
    whole,
)
from service.http_answer_places import near_lines, quote_places
from service.http_articles import article_of, page_path
from service.http_library_page import find, search_of
from service.http_page_views import (
    article_facts,
    letter_of,
    local_path,
    new_conversation_id,
    outline,
    span_finder,
    status_label,
)
from service.http_parts import parts_of
from service.http_reception import Asked, Reception
from service.http_reference_views import reference_groups, source_links, unlisted_numbers
from service.http_words import words_of_text
from service.problems import EMPTY, INVALID, MALFORMED, TOO_LONG, WRONG_MEDIA, ProblemError
from service.wire import Record

STATIC_FOLDER = Path(__file__).parent / "static"
AUDIENCE_COOKIE = "sequitur_audience"
_A_YEAR_S = 365 * 24 * 60 * 60
_FORM_TYPE = "application/x-www-form-urlencoded"
_MAX_FORM_FIELDS = 20
# a page depends on the reader's cookie and on what they asked; no cache between may keep it
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}

router = APIRouter(include_in_schema=False)
_templates = Environment(
    loader=PackageLoader("service"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "cited_there": cited_there,
    "day": day_of,
    "imprint": imprint,
    "letter": letter_of,
    "lines": statement_lines,
    "mark": mark_of,
    "meanings_for": meanings,
    "message_parts": message_parts,
    "near_lines": near_lines,
    "page_path": page_path,
    "partly": partly,
    "quote_places": quote_places,
    "source_links": source_links,
    "status_label": status_label,
}
_templates.globals |= {"audiences": AUDIENCES, "statuses": tuple(ReviewStatus)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The question box as it was sent; `mistake` says why nothing was answered."""

    question: str = ""
    conversation_id: str = ""
    mistake: str = ""


Fields = Mapping[str, list[str]]


def reception_of(request: Request) -> Reception:
    """Return what the doors of this application share, as it is at this moment."""
    reception: Reception = request.app.state.reception
    return reception.at_hand()


def audience_of(request: Request) -> Audience:
    """Return whom the reader said to be; a clinician until they say otherwise."""
    said = request.cookies.get(AUDIENCE_COOKIE)
    return next((one for one in AUDIENCES if one == said), AUDIENCES[0])


async def fields_of(request: Request) -> Fields:
    """Read the fields of a page's form; raises ProblemError (400, 415)."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM_TYPE:
        raise ProblemError(WRONG_MEDIA, f"A page's form is sent as {_FORM_TYPE}.")
    try:
        text = (await request.body()).decode("ascii")
        return parse_qs(text, errors="strict", max_num_fields=_MAX_FORM_FIELDS)
    except ValueError as error:
        raise ProblemError(MALFORMED, "The form cannot be read.") from error


AtReception = Annotated[Reception, Depends(reception_of)]
OfAudience = Annotated[Audience, Depends(audience_of)]
FormFields = Annotated[Fields, Depends(fields_of)]


@router.api_route("/", methods=["GET", "HEAD"])
def library_page(
    reception: AtReception, audience: OfAudience, q: str = "", status: str = ""
) -> HTMLResponse:
    """List the articles, or those that a search and a review status leave."""
    search = search_of(q, status)
    found = find(search, reception.assistant.library)
    return _page("library.html", {"search": search, "found": found}, audience)


@router.post("/audience")
def audience_chosen(request: Request, fields: FormFields) -> RedirectResponse:
    """Remember whom the reader said to be, and go back to where they were on this site."""
    said = _first(fields, "audience")
    if said not in AUDIENCES:
        raise ProblemError(INVALID, f"audience: one of {', '.join(AUDIENCES)}.")
    response = RedirectResponse(local_path(_first(fields, "back")), status_code=303)
    response.set_cookie(
        AUDIENCE_COOKIE,
        said,
        max_age=_A_YEAR_S,
        path="/",
        samesite="lax",
        httponly=True,  # the page itself says whom it is for; no script needs the cookie
        secure=request.url.scheme == "https",
    )
    return response


@router.api_route("/answers/{answer_id}", methods=["GET", "HEAD"])
def answer_page(answer_id: str, reception: AtReception, audience: OfAudience) -> HTMLResponse:
    """Show an answer again, as it was given, for as long as its conversation is kept."""
    assistant = reception.assistant
    record = whole(reception.store.answer(answer_id))
    made_from = record["provenance"].get("corpus_fingerprint")
    context = {
        "record": record,
        "within": asked_within(record, assistant.library),
        "since": since_views(record, assistant.library),
        "changed": made_from not in (None, assistant.provenance.corpus_fingerprint),
        "exports": exports(record["answer_id"]),
        "span": span_finder(assistant.library, here=None),
    }
    page = _page("permalink.html", context, audience)
    page.headers["X-Robots-Tag"] = "noindex"
    return page


@router.api_route("/articles/{slug:path}", methods=["GET", "HEAD"])
def article_page(slug: str, reception: AtReception, audience: OfAudience) -> HTMLResponse:
    """Show an article, or a document by its id, with its question box."""
    return _article_page(slug, reception, audience, Form())


@router.post("/articles/{slug:path}")
def asked_on_page(
    slug: str, fields: FormFields, reception: AtReception, audience: OfAudience
) -> HTMLResponse:
    """Show the article again with the answer in its question box."""
    question, conversation = _first(fields, "question"), _first(fields, "conversation_id")
    going_on = conversation or new_conversation_id()
    asked = Asked(within=slug, text=question, conversation_id=going_on, audience=audience)
    try:
        record = reception.ask(asked).record
    except ProblemError as problem:
        if problem.kind not in (EMPTY, TOO_LONG):
            raise
        again = Form(question=question, conversation_id=conversation, mistake=problem.detail)
        return _article_page(slug, reception, audience, again, status=problem.kind.status)
    return _article_page(slug, reception, audience, Form(conversation_id=going_on), record)


def problem_page(problem: ProblemError) -> HTMLResponse:
    """Return the page for a problem."""
    return _page("problem.html", {"problem": problem}, AUDIENCES[0], status=problem.kind.status)


def _article_page(
    slug: str,
    reception: Reception,
    audience: Audience,
    form: Form,
    record: Record | None = None,
    *,
    status: int = 200,
) -> HTMLResponse:
    context = _article_context(slug, reception) | {
        "form": form,
        "record": None if record is None else whole(record),
        "max_chars": reception.settings.max_question_chars,
        "modules": widget_modules(),
    }
    return _page("article.html", context, audience, status=status)


def _article_context(slug: str, reception: Reception) -> dict[str, Any]:
    assistant = reception.assistant
    library = assistant.library
    article = article_of(slug, library)
    document = library.document(slug)
    words = words_of_text(document, assistant.wordings.of(article))
    parts = parts_of(document, article, words.marks)
    return {
        "document": document,
        "facts": article_facts(article, document, assistant.review_of(article)),
        "askable": assistant.may_be_asked(slug),
        "parts": parts,
        "outline": outline(parts),
        "words": words.listed,
        "references": reference_groups(article, library),
        "unlisted": unlisted_numbers(article, document),
        "suggestions": assistant.opening_questions(slug),
        "span": span_finder(library, here=slug),
    }


def widget_modules() -> list[str]:
    """Return the addresses of the modules that the element loads, to be fetched ahead."""
    folder = STATIC_FOLDER / "widget"
    paths = (path.relative_to(STATIC_FOLDER).as_posix() for path in folder.rglob("*.js"))
    return [f"/static/{path}" for path in sorted(paths) if path != "widget/widget.js"]


def _first(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0]


def _page(
    template: str, context: Mapping[str, Any], audience: Audience, *, status: int = 200
) -> HTMLResponse:
    html = _templates.get_template(template).render({**context, "audience": audience})
    return HTMLResponse(html, status_code=status, headers=_HEADERS)
