"""A language model behind an OpenAI-compatible endpoint: messages in, pieces of text out.

Whatever the endpoint does, a call ends within `Pace.whole_s`: with text, or with a
GenerationError that names the kind of failure and holds nothing that was asked or written. Only
what failed before its first piece of text is tried again.
"""

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol

from corpus.errors import GenerationError
from prompts.messages import Message
from service.llm_endpoint import Endpoint, EndpointError, Pace, Piece
from service.llm_spending import Receipt, Spending, Usage, estimated_tokens

if TYPE_CHECKING:
    from service.llm_line import Line

# The same seed for every question: an endpoint that honours it writes the same text again.
SEED = 1
# A token is rarely longer; an endpoint that sends more than the limit allows will not stop.
MAX_TOKEN_CHARS = 12
# What a token may take on the wire in its frame of JSON, and what may come beside the tokens.
MAX_TOKEN_BYTES, MAX_OTHER_BYTES = 4_000, 1_000_000
# The wait before the first retry when the endpoint names none; it doubles each time.
FIRST_WAIT_S = 0.5
# What may be better in a moment; "cut" is only tried again when no text had come.
PASSING = ("unreachable", "busy", "server_error", "cut")
# Some hosted models take the limit by this name alone.
RENAMED = {"max_tokens": "max_completion_tokens"}

_log = logging.getLogger(__name__)


class LanguageModel(Protocol):
    """Writes text."""

    @property
    def name(self) -> str:
        """The model's name and its endpoint's host, as shown to people."""
        ...

    def stream(
        self, messages: Sequence[Message], *, form: Mapping[str, Any] | None = None
    ) -> Generator[str, None, None]:
        """Give the text piece by piece; closing the iterator ends the work at once.

        `form` is the JSON Schema of the text, for an endpoint that can be held to one. Raises
        GenerationError, also after some pieces: then the text broke off there.
        """
        ...


class OpenAIModel:
    """A model served over the OpenAI protocol for chats; may be used by several threads."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        pace: Pace | None = None,
        retries: int = 1,
        max_output_tokens: int = 600,
        spending: Spending | None = None,
    ) -> None:
        # heavy to import, and not to be waited for within the time of the first question
        from service import llm_client

        self._told = llm_client.told
        self._endpoint = endpoint
        self._pace = pace or Pace()
        self._retries = retries
        self._max_output_tokens = max_output_tokens
        self._spending = spending or Spending()
        # what an endpoint may decline; replaced as a whole, never changed: threads share it
        self._optional: Mapping[str, Any] = {
            "temperature": 0,
            "seed": SEED,
            "max_tokens": max_output_tokens,
            "stream_options": {"include_usage": True},
            "response_format": None,  # a call's own form, where it has one
        }

    def __repr__(self) -> str:
        return f"OpenAIModel({self.name})"

    @property
    def name(self) -> str:
        """The model's name and its endpoint's host, as shown to people."""
        return f"{self._endpoint.model}@{self._endpoint.host}"

    def stream(
        self, messages: Sequence[Message], *, form: Mapping[str, Any] | None = None
    ) -> Generator[str, None, None]:
        """Give the text piece by piece; closing the iterator ends the work at once.

        `form` is the JSON Schema of the text, for an endpoint that can be held to one. Raises
        GenerationError, also after some pieces: then the text broke off there.
        """
        from service.llm_line import Line

        prompt_tokens = sum(estimated_tokens(m.content) for m in messages)
        foreseen = Usage(input_tokens=prompt_tokens, output_tokens=self._max_output_tokens)
        max_bytes = MAX_OTHER_BYTES + MAX_TOKEN_BYTES * self._max_output_tokens
        with (
            self._spending.reserved(foreseen) as receipt,
            Line(self._pace, max_bytes=max_bytes) as line,
            closing(self._tried(line, messages, form, receipt)) as text,
        ):
            yield from text

    def _tried(
        self,
        line: "Line",
        messages: Sequence[Message],
        form: Mapping[str, Any] | None,
        receipt: Receipt,
    ) -> Generator[str, None, None]:
        """Give the text of the first request that brings any, of as many as are allowed."""
        optional, retries = self._optional, 0
        while True:
            pieces = self._told(line, self._endpoint, messages, _held_to(optional, form))
            began = False
            try:
                with closing(pieces), closing(self._text(pieces, receipt)) as texts:
                    for text in texts:
                        if not began:
                            began, self._optional = True, optional
                        yield text
            except EndpointError as error:
                if not began and error.declined in optional:
                    optional = _without(optional, error.declined)
                    continue
                wait_s = self._wait_s(error, retries)
                if began or wait_s is None or not line.waits(wait_s):
                    raise
                retries += 1
                _log.info("%s; trying again", error)
            else:
                return

    def _wait_s(self, error: EndpointError, retries: int) -> float | None:
        """Return how long to wait before trying again, None when that is of no use."""
        if error.kind not in PASSING or retries >= self._retries:
            return None
        doubled: float = FIRST_WAIT_S * 2**retries
        return doubled if error.retry_after_s is None else error.retry_after_s

    def _text(self, pieces: Iterator[Piece], receipt: Receipt) -> Generator[str, None, None]:
        """Give the text; raises GenerationError where the endpoint cut it or sent none."""
        finish, chars, is_blank = "", 0, True
        for piece in pieces:
            chars += len(piece.text)
            receipt.note(chars=len(piece.text), usage=piece.usage)
            if chars > MAX_TOKEN_CHARS * self._max_output_tokens:
                raise GenerationError("endless", "more text came than the limit of tokens allows")
            finish = piece.finish or finish
            is_blank = is_blank and not piece.text.strip()
            if piece.text:
                yield piece.text
        if finish == "content_filter":
            raise GenerationError("filtered", "the endpoint's own filter ended the text")
        if is_blank:
            raise GenerationError("empty", "the endpoint sent no text")
        if finish == "length":  # whatever else is said of the end, it was the model's own
            raise GenerationError("cut", "the limit of tokens was reached")


def _held_to(optional: Mapping[str, Any], form: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the optional parts of a request with the form of its reply, if it may have one."""
    if "response_format" not in optional:
        return optional
    kept = {name: value for name, value in optional.items() if name != "response_format"}
    if form is not None:
        schema = {"name": "reply", "strict": True, "schema": form}
        kept["response_format"] = {"type": "json_schema", "json_schema": schema}
    return kept


def _without(optional: Mapping[str, Any], part: str | None) -> Mapping[str, Any]:
    """Return the optional parts of a request without one, or with its other name."""
    kept = {name: value for name, value in optional.items() if name != part}
    if part in RENAMED:
        kept[RENAMED[part]] = optional[part]
    return kept
