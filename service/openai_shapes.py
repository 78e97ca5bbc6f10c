"""Between our records and the shapes of an OpenAI-compatible chat endpoint; nothing is sent here.

    messages ──asked_in──> the question and the earlier ones
    record ──completion──> a `chat.completion`
    events of service/streaming.py ──Chunks──> `chat.completion.chunk`s
    problem record ──error_of──> status and `{"error": …}`

The whole answer record stands under `sequitur`, in a completion and in the last chunk that has a
choice. Token counts are 0: no tokens are counted here.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.answers import Audience
from corpus.records import Article, Document
from service.chat_texts import BETWEEN, answer_text, closing, statement_text
from service.problems import EMPTY, INVALID, NOT_FOUND, STOPPED, ProblemError
from service.wire import Record

OWNER = "sequitur"
WHOLE_LIBRARY = ("sequitur", "library")
_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_INVALID_STATUS, _SERVER_STATUS = 400, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a completion and each of its chunks begin with; `created` is Unix time in seconds.

    `site` completes the addresses of our own articles in the text.
    """

    completion_id: str
    created: int
    model: str
    site: str = ""

    def record(self, kind: str) -> Record:
        """Return the beginning of an object of this kind."""
        return {
            "id": self.completion_id,
            "object": kind,
            "created": self.created,
            "model": self.model,
        }


def asked_in(messages: Sequence[tuple[str, Any]]) -> tuple[str, tuple[str, ...]]:
    """Return the question and the earlier ones, oldest first, of (role, content) pairs.

    The last message of a user is the question. What other roles say is not read. Raises
    ProblemError when there is no question, or when a user's content is no text.
    """
    texts = [
        _text_of(content, f"#/messages/{at}/content")
        for at, (role, content) in enumerate(messages)
        if role == "user"
    ]
    if not texts:
        raise _unusable("#/messages", "has no message of the role `user`", kind=EMPTY)
    return texts[-1], tuple(texts[:-1])


def completion(head: Head, record: Record) -> Record:
    """Return an answer record as a `chat.completion`."""
    message = {
        "role": "assistant",
        "content": answer_text(record, head.site),
        "refusal": None,
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return head.record("chat.completion") | {
        "choices": [choice],
        "usage": _USAGE,
        "sequitur": record,
    }


class Chunks:
    """Turns the events of one streamed answer into chunks; told of them in their order.

    Put together, the contents of the chunks are the content of `completion`.
    """

    def __init__(self, head: Head, audience: Audience, *, with_usage: bool = False) -> None:
        self._head = head
        self._audience = audience
        self._with_usage = with_usage
        self._stated = 0

    def of(self, name: str, data: Record) -> Iterator[Record]:
        """Give the chunks of an event; an error is given in its own shape."""
        if name == "retrieval":
            yield self._chunk({"role": "assistant", "content": ""})
        elif name == "statement":
            text = statement_text(data, self._audience)
            yield self._chunk({"content": BETWEEN + text if self._stated else text})
            self._stated += 1
        elif name == "done":
            yield from self._last(data)
        elif name == "error":
            yield error_of(data)[1]

    def _last(self, record: Record) -> Iterator[Record]:
        text = closing(record, self._head.site)
        if text:
            yield self._chunk({"content": BETWEEN + text if self._stated else text})
        yield self._chunk({}, "stop") | {"sequitur": record}
        if self._with_usage:
            yield self._chunk_of([]) | {"usage": _USAGE}

    def _chunk(self, delta: Record, finish_reason: str | None = None) -> Record:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._chunk_of([choice])

    def _chunk_of(self, choices: list[Record]) -> Record:
        usage = {"usage": None} if self._with_usage else {}
        return self._head.record("chat.completion.chunk") | {"choices": choices} | usage


def model_of(article: Article) -> Record:
    """Return an article as a model; `created` is the day of its last update (UTC), else 0."""
    updated = article.updated
    midnight = dt.datetime.combine(updated, dt.time(), dt.UTC) if updated else None
    return _model(article.slug, article.title, int(midnight.timestamp()) if midnight else 0)


def document_model(document: Document) -> Record:
    """Return a document that is asked by its id as a model."""
    return _model(document.document_id, document.title, 0)


def library_model() -> Record:
    """Return the whole library as a model."""
    return _model(WHOLE_LIBRARY[0], "The whole library", 0)


def error_of(problem: Mapping[str, Any]) -> tuple[int, Record]:
    """Return the status and the error object of a problem record.

    >>> error_of({"type": "urn:x:empty-question", "status": 422, "detail": "Write a question."})
    ... # doctest: +NORMALIZE_WHITESPACE
    (400, {'error': {'message': 'Write a question.', 'type': 'invalid_request_error',
    'param': None, 'code': 'empty-question'}})
    """
    status = _INVALID_STATUS if problem["status"] == INVALID.status else problem["status"]
    is_ours = status >= _SERVER_STATUS
    code = problem["type"].rpartition(":")[2]
    unknown = code == NOT_FOUND.name
    pointers = [error["pointer"] for error in problem.get("errors") or ()]
    error = {
        "message": problem["detail"],
        "type": "server_error" if is_ours else "invalid_request_error",
        "param": "model" if unknown else _parameter(pointers[0]) if pointers else None,
        "code": "model_not_found" if unknown else code,
    }
    return status, {"error": error}


def is_final(code: str) -> bool:
    """Tell whether a client must not try again by itself: what was stopped stays stopped."""
    return code == STOPPED.name


def check_wishes(wishes: Mapping[str, Any]) -> None:
    """Refuse the parameters that ask for what no answer can be; raises ProblemError.

    >>> check_wishes({"n": 1, "tool_choice": "auto", "response_format": {"type": "text"}})
    """
    if (wishes.get("n") or 1) > 1:
        raise _unusable("#/n", "there is one answer to a question; leave `n` at 1")
    if wishes.get("tool_choice") not in (None, "none", "auto"):
        raise _unusable("#/tool_choice", "no tool is ever called; leave it at `auto` or `none`")
    form = wishes.get("response_format")
    if isinstance(form, dict) and form.get("type") not in (None, "text"):
        raise _unusable("#/response_format", "answers are text; the record is in `sequitur`")


def _model(model_id: str, name: str, created: int) -> Record:
    return {
        "id": model_id,
        "object": "model",
        "created": created,
        "owned_by": OWNER,
        "name": name,
    }


def _text_of(content: Any, pointer: str) -> str:
    """Return a user's text; of several parts, one line after the other."""
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    lines = []
    for at, part in enumerate(parts):
        place = f"{pointer}/{at}" if isinstance(content, list) else pointer
        kind = part.get("type") if isinstance(part, dict) else None
        text = part.get("text") if isinstance(part, dict) else None
        if kind != "text" or not isinstance(text, str):
            raise _unusable(place, "only text can be asked: a string, or parts of type `text`")
        if not _is_whole(text):
            raise _unusable(place, "holds half of a character (a lone surrogate)")
        lines.append(text)
    return "\n".join(lines)


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _unusable(pointer: str, detail: str, *, kind: Any = INVALID) -> ProblemError:
    named = _parameter(pointer)
    return ProblemError(
        kind, f"{named}: {detail}.", errors=[{"pointer": pointer, "detail": detail}]
    )


def _parameter(pointer: str) -> str:
    """Return a JSON Pointer in the notation of these errors: `messages[0].content`."""
    dotted = pointer.removeprefix("#/").replace("/", ".")
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", dotted)
