"""Errors on the wire: RFC 9457 problem details, and one table from our errors to them.

What goes wrong outside (a bad value, an unknown id) is said; what goes wrong inside is logged by
its kind and shown as nothing but a status. A browser that asks for a page gets a page instead.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from corpus.errors import InputError, NotFoundError, SequiturError

MEDIA_TYPE = "application/problem+json"
_TYPE_PREFIX = "urn:sequitur:problem:"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """One sort of problem: its HTTP status, its name in the `type` URI, and its title."""

    status: int
    name: str
    title: str


MALFORMED = ProblemKind(status=400, name="malformed-body", title="The body cannot be read")
FOREIGN = ProblemKind(status=403, name="foreign-origin", title="Not from this site")
NOT_FOUND = ProblemKind(status=404, name="not-found", title="Nothing here has this id")
STOPPED = ProblemKind(status=409, name="stopped", title="The question was stopped")
TOO_LARGE = ProblemKind(status=413, name="body-too-large", title="The body is too large")
WRONG_MEDIA = ProblemKind(status=415, name="media-type", title="The body has another media type")
INVALID = ProblemKind(status=422, name="invalid-value", title="A value cannot be used")
EMPTY = ProblemKind(status=422, name="empty-question", title="The question is empty")
TOO_LONG = ProblemKind(status=422, name="question-too-long", title="The question is too long")
INTERNAL = ProblemKind(status=500, name="internal", title="Something went wrong here")
BUSY = ProblemKind(status=503, name="busy", title="Too many questions at once")
NOT_READY = ProblemKind(status=503, name="not-ready", title="Not ready for questions")

# The first class that fits decides. Errors below InputError and NotFoundError concern the
# operator: their text names folders and models, which are nobody else's business.
_OF_ERRORS: tuple[tuple[type[SequiturError], ProblemKind], ...] = (
    (NotFoundError, NOT_FOUND),
    (InputError, INVALID),
    (SequiturError, INTERNAL),
)


class ProblemError(Exception):
    """A problem to be answered with; `errors` name single values by JSON Pointer."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = list(errors)
        super().__init__(detail)


Page = Callable[[ProblemError], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Turns a problem into a response: a page for a browser on a page's path, else JSON."""

    page: Page

    def respond(self, scope: Scope, problem: ProblemError) -> Response:
        """Return the response to the request in `scope` (ASGI)."""
        if _wants_page(scope):
            response = self.page(problem)
            response.headers.update(problem.headers)
            return response
        return JSONResponse(
            problem_record(problem, instance=instance_of(scope)),
            status_code=problem.kind.status,
            media_type=MEDIA_TYPE,
            headers=problem.headers,
        )

    def install(self, app: FastAPI) -> None:
        """Answer every expected exception of `app` with a problem."""

        async def respond(request: Request, error: Exception) -> Response:
            return self.respond(request.scope, problem_of(error, request))

        for kind in (ProblemError, SequiturError, RequestValidationError, HTTPException):
            app.add_exception_handler(kind, respond)


def instance_of(scope: Scope) -> str:
    """Return the path that a problem names as the place where it occurred."""
    return quote(scope["path"], safe="/:@")


def problem_record(problem: ProblemError, *, instance: str) -> dict[str, Any]:
    """Return the problem details; `errors` is added where single values are to blame."""
    record: dict[str, Any] = {
        "type": _TYPE_PREFIX + problem.kind.name,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": instance,
    }
    return record | ({"errors": problem.errors} if problem.errors else {})


def problem_of(error: Exception, request: Request) -> ProblemError:
    """Return the problem that an exception stands for; of the unexpected, nothing is told."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return _of_validation(error, request)
    if isinstance(error, HTTPException):
        return _of_http(error)
    return problem_of_error(error)


def problem_of_error(error: Exception) -> ProblemError:
    """Map one of our errors; anything that the caller cannot mend is an internal problem."""
    kind = next((kind for cls, kind in _OF_ERRORS if isinstance(error, cls)), INTERNAL)
    if kind is not INTERNAL:
        return ProblemError(kind, str(error))
    # only the kind of error is logged: a message might repeat what somebody asked
    _log.error("request failed: %s%s", type(error).__name__, _place(error))
    return ProblemError(INTERNAL, "The request could not be served; the operator can see why.")


def _wants_page(scope: Scope) -> bool:
    path = scope["path"]
    if path not in ("/", "/audience") and not path.startswith(("/articles/", "/answers/")):
        return False
    accept = (v for k, v in scope["headers"] if k == b"accept")
    return any(b"text/html" in value for value in accept)


def _of_http(error: HTTPException) -> ProblemError:
    """Map the framework's own errors (unknown path, wrong method, unreadable body)."""
    if error.status_code == MALFORMED.status:
        return ProblemError(MALFORMED, "The body is not valid JSON.")
    if error.status_code == NOT_FOUND.status:
        return ProblemError(NOT_FOUND, "There is nothing at this address.")
    status = HTTPStatus(error.status_code)
    name = status.phrase.lower().replace(" ", "-")
    kind = ProblemKind(status=status.value, name=name, title=status.phrase)
    return ProblemError(kind, f"{status.description}.", headers=error.headers)


def _of_validation(error: RequestValidationError, request: Request) -> ProblemError:
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return ProblemError(MALFORMED, "The body is not valid JSON.")
    if any(item["loc"][0] == "body" for item in found) and not _is_json(request):
        return ProblemError(WRONG_MEDIA, "Send the body as application/json.")
    errors = [{"pointer": _pointer(item["loc"]), "detail": str(item["msg"])} for item in found]
    detail = "; ".join(f"{e['pointer']}: {e['detail']}" for e in errors)
    return ProblemError(INVALID, detail, errors=errors)


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == "application/json"


def _pointer(location: Sequence[str | int]) -> str:
    """Return where a value stands, as a JSON Pointer fragment into the body (`#/history/0`)."""
    return "#" + "".join(f"/{part}" for part in location[1:])


def _place(error: Exception) -> str:
    """Return where an exception was raised: ` at module:line`, or nothing."""
    trace = error.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f" at {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
