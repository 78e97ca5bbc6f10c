"""Answers that were given: to read again, to take away in a file, and to say how good they were."""

import re
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from service.exporting import export
from service.http_schemas import NO_STORE, PROBLEMS, Text
from service.pages import AtReception
from service.sources_since import Since, since_saved

MAX_COMMENT_CHARS = 2000

router = APIRouter(prefix="/v1/answers", responses=PROBLEMS)


class FeedbackBody(BaseModel):
    """What a reader says about an answer; unknown keys are ignored."""

    rating: Literal["up", "down"]
    comment: Text | None = Field(
        default=None, max_length=MAX_COMMENT_CHARS, description="In the reader's own words."
    )


@router.get("/{answer_id}")
def show_answer(answer_id: str, reception: AtReception) -> JSONResponse:
    """Show an answer again, as it was given.

    `since` is added where its sources have changed or were retracted since.
    """
    record = reception.store.answer(answer_id)
    if reception.swaps is not None:  # before anything is loaded, nothing can be compared
        news = since_saved(record, reception.assistant.library)
        record |= {} if news == Since() else {"since": news.record()}
    return JSONResponse(record, headers=NO_STORE)


@router.get(
    "/{answer_id}/export",
    response_class=Response,
    responses={200: {"description": "The file, as an attachment.", "content": {"*/*": {}}}},
)
def export_answer(
    answer_id: str,
    request: Request,
    reception: AtReception,
    form: Annotated[
        str,
        Query(alias="format", description="vancouver, bibtex, ris, csl-json or markdown."),
    ],
) -> Response:
    """Give an answer's references, or the whole answer as Markdown, as a file."""
    site = str(request.base_url).rstrip("/")
    file = export(reception.store.answer(answer_id), form, site=site)
    headers = {"Content-Disposition": attachment(file.file_name)} | NO_STORE
    return Response(file.body, media_type=file.media_type, headers=headers)


@router.post("/{answer_id}/feedback", status_code=204, response_class=Response)
def rate_answer(answer_id: str, body: FeedbackBody, reception: AtReception) -> Response:
    """Keep a reader's verdict on an answer; the last one counts."""
    comment = (body.comment or "").strip() or None
    reception.store.rate(answer_id, body.rating, comment)
    return Response(status_code=204)


def attachment(file_name: str) -> str:
    """Return the Content-Disposition of a file to be saved, whatever its name holds."""
    name = re.sub(r"[\x00-\x1f\x7f/\\]+", "_", file_name).strip(". ") or "answer"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    if plain == name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
