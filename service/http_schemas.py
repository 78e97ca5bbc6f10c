"""What the descriptions of the endpoints share: problems, text, headers of private answers."""

from typing import Annotated, Any

from pydantic import AfterValidator

from service.problems import MEDIA_TYPE

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_STATUSES = {
    400: "The body is not JSON.",
    403: "The page that sends this belongs to a site that may not.",
    404: "There is no such article, document, answer or conversation.",
    409: "The question was stopped.",
    413: "The body is too large.",
    415: "The body is not JSON by its media type.",
    422: "A value cannot be used.",
    503: "The library is still being loaded, could not be, or too many questions are waiting.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
    for status, text in _STATUSES.items()
}
# What somebody asked is theirs: no cache on the way keeps it.
NO_STORE = {"Cache-Control": "no-store"}


def _whole(text: str) -> str:
    """Refuse half a character (a lone surrogate), which JSON can spell and UTF-8 cannot."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("holds half of a character (a lone surrogate)")
    return text


Text = Annotated[str, AfterValidator(_whole)]
