"""One request to an OpenAI-compatible endpoint; foreign errors end here."""

import email.utils
import json
import math
import time
from collections.abc import Generator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import httpx2
import openai

from corpus.errors import GenerationFailure
from prompts.messages import Message
from service.llm_endpoint import Endpoint, EndpointError, Piece
from service.llm_line import Line, TooMuchError
from service.llm_spending import Usage

OVER = "the whole time was over"
# The client wants a key even where the endpoint asks for none.
NO_KEY = "none"
# What the client, its HTTP library or a reply of unexpected shape may raise while it is read.
FOREIGN = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    TooMuchError,
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RuntimeError,
)
# What stands for which failure; the first that fits counts. A timeout is a connection error, too.
FAILURES: tuple[tuple[tuple[type[Exception], ...], GenerationFailure, str], ...] = (
    ((TooMuchError,), "endless", "more came than an answer can hold"),
    ((openai.APITimeoutError, httpx2.TimeoutException), "slow", "nothing came for too long"),
    (
        (openai.APIConnectionError, httpx2.HTTPError, OSError),
        "unreachable",
        "there was no connection, or it was lost",
    ),
    ((openai.APIError,), "server_error", "an error came in the place of text"),
)
# What a reply says of itself when it is not a stream of events.
OTHER_TYPES = ("text/html", "text/plain")
KINDS: dict[int, GenerationFailure] = {
    401: "rejected",
    403: "rejected",
    404: "unknown_model",
    408: "busy",
    409: "busy",
    425: "busy",
    429: "busy",
}
# These two say that the request itself is at fault, perhaps one of its optional parts.
FAULTY = (400, 422)
FIRST_SERVER_ERROR = 500
OPTIONAL_PARTS = ("max_tokens", "temperature", "seed", "stream_options", "response_format")


def told(
    line: Line, endpoint: Endpoint, messages: Sequence[Message], optional: Mapping[str, Any]
) -> Generator[Piece, None, None]:
    """Send the request and give its pieces; closing the iterator closes the connection.

    `optional` are parts that an endpoint may decline. Raises EndpointError.
    """
    began = False
    try:
        with (
            line.client(endpoint) as http,
            _opened(http, endpoint, messages, optional) as stream,
        ):
            kind = _type_of(stream.response)
            if kind == "application/json":  # all at once: the endpoint does not stream
                yield _whole(json.loads(stream.response.read()))
            else:
                for chunk in stream:
                    began = True
                    yield _piece(chunk)
        _check_time(line)  # a socket that the watch shut looks like the end of the text
    except EndpointError:
        raise
    except FOREIGN as error:
        failure = _failure_of(error, line, began=began)
    else:
        return
    # outside of the handler: the foreign error may hold what was asked or the key
    raise failure


def _opened(
    http: httpx2.Client,
    endpoint: Endpoint,
    messages: Sequence[Message],
    optional: Mapping[str, Any],
) -> openai.Stream[Any]:
    client = openai.OpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or NO_KEY,
        http_client=http,
        max_retries=0,  # the line's time would not hold theirs
    )
    said: Any = [{"role": message.role, "content": message.content} for message in messages]
    return client.chat.completions.create(
        model=endpoint.model, messages=said, stream=True, extra_body=dict(optional)
    )


def _check_time(line: Line) -> None:
    if line.is_over:
        raise EndpointError("slow", OVER)


def _type_of(response: httpx2.Response) -> str:
    kind = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
    if kind in OTHER_TYPES:
        raise EndpointError("nonsense", f"the reply is {kind}, not a stream of events")
    return kind


def _piece(chunk: Any) -> Piece:
    """Return what an event holds; raises TypeError when it is of no known shape.

    The client checks no shapes: any field may be missing or of any type.
    """
    choices = getattr(chunk, "choices", None)
    usage = _usage(getattr(chunk, "usage", None))
    if not choices:
        return Piece(usage=usage)
    if not isinstance(choices, list):
        raise TypeError("choices")
    text = _text_of(getattr(getattr(choices[0], "delta", None), "content", None))
    finish = getattr(choices[0], "finish_reason", None) or ""
    if not isinstance(finish, str):
        raise TypeError("finish_reason")
    return Piece(text=text, finish=finish, usage=usage)


def _whole(body: Any) -> Piece:
    """Return a reply that came whole; raises KeyError or TypeError when it is of no known shape."""
    choice = body["choices"][0]
    usage = body.get("usage") or {}
    return Piece(
        text=_text_of(choice["message"]["content"]),
        finish=str(choice.get("finish_reason") or ""),
        usage=_usage(SimpleNamespace(**usage)),
    )


def _text_of(content: Any) -> str:
    """Return a text that is given as such or in parts, as `[{"type": "text", "text": …}]`."""
    if isinstance(content, list):
        return "".join(str(part["text"]) for part in content if part.get("type") == "text")
    if content is not None and not isinstance(content, str):
        raise TypeError("content")
    return content or ""


def _usage(usage: Any) -> Usage | None:
    counts = [getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens")]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        return None
    return Usage(input_tokens=int(counts[0] or 0), output_tokens=int(counts[1] or 0))


def _failure_of(error: Exception, line: Line, *, began: bool) -> EndpointError:
    """Return the failure that a foreign error stands for, without a word of its text."""
    if line.is_over:
        return EndpointError("slow", OVER)
    if isinstance(error, openai.APIStatusError):
        return _failed_status(error)
    for types, kind, reason in FAILURES:
        if isinstance(error, types):
            lost = began and kind == "unreachable"
            return EndpointError("cut" if lost else kind, reason)
    return EndpointError("nonsense", "the reply could not be read")


def _failed_status(error: openai.APIStatusError) -> EndpointError:
    status = error.status_code
    kind = KINDS.get(status, "server_error" if status >= FIRST_SERVER_ERROR else "bad_request")
    return EndpointError(
        kind,
        f"the endpoint answered with status {status}",
        retry_after_s=_retry_after_s(error.response.headers.get("retry-after", "")),
        declined=_declined(error) if status in FAULTY else None,
    )


def _retry_after_s(value: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or a date; not below 0."""
    try:
        seconds = float(value)
    except ValueError:
        date = email.utils.parsedate_tz(value)
        if date is None:
            return None
        seconds = email.utils.mktime_tz(date) - time.time()
    return max(0.0, seconds) if not math.isnan(seconds) else None


def _declined(error: openai.APIStatusError) -> str | None:
    """Return the optional part of the request that the endpoint names as its fault."""
    if error.param:
        part = error.param.partition(".")[0]  # "response_format.type"
        return part if part in OPTIONAL_PARTS else None
    said = str(error.body)
    return next((part for part in OPTIONAL_PARTS if part in said), None)
