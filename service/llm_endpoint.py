"""Where a language model is served, how long it may take, and what comes from there."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from corpus.errors import GenerationError, GenerationFailure
from service.llm_spending import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a model is served; the key never shows."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """The host alone, without user, port or path."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_here(self) -> bool:
        """True when the endpoint runs on this machine; then no proxy may stand between."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long an endpoint may take, in seconds.

    `whole_s` holds all retries and waits; `stall_s` is the longest silence, also before the first
    piece; `connect_s` the longest wait for a connection.
    """

    whole_s: float = 60.0
    stall_s: float = 30.0
    connect_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a streamed answer; `finish` is why it ended, on the last one that has text."""

    text: str = ""
    finish: str = ""
    usage: Usage | None = None


class EndpointError(GenerationError):
    """A request failed; what it may still be good for.

    `retry_after_s` is how long the endpoint asked to wait; `declined` the optional part of the
    request that it does not take.
    """

    def __init__(
        self,
        kind: GenerationFailure,
        reason: str,
        *,
        retry_after_s: float | None = None,
        declined: str | None = None,
    ) -> None:
        super().__init__(kind, reason)
        self.retry_after_s = retry_after_s
        self.declined = declined
