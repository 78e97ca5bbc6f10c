"""Which sites' pages may use the assistant: requests of a foreign site, and what it may read.

A browser names the site of a page in `Origin`. A program names none, and passes.
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from service.http_guard import Respond
from service.origins import ANY, origin_of
from service.problems import FOREIGN, ProblemError

API = "/v1/"
_READING = {"GET", "HEAD", "OPTIONS"}
_PREFLIGHT_KEPT_S = 600
# What the usual chat client sends beside the question; no credentials of ours are shared.
_CHAT_CLIENT_HEADERS = (
    "authorization",
    *(
        f"x-stainless-{name}"
        for name in (
            *("arch", "helper-method", "lang", "os", "package-version"),
            *("retry-count", "runtime", "runtime-version", "timeout"),
        )
    ),
)
REFUSAL = "This site is not on the list of sites that may use this assistant."


class SharedAnswers:
    """Lets pages of the allowed origins read what stands below `/v1/`, problems included.

    Outside everything that answers with a problem. No credentials are shared.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self.app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=tuple(allowed),
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("content-type", *_CHAT_CLIENT_HEADERS),
            expose_headers=("Retry-After", "Content-Disposition"),
            max_age=_PREFLIGHT_KEPT_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        shared = scope["type"] == "http" and scope["path"].startswith(API)
        await (self._shared if shared else self.app)(scope, receive, send)


class OriginGuard:
    """Refuses (403) what would change something and comes from the page of a foreign site.

    An allowed origin may use what stands below `/v1/`, and not the forms of our own pages.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str], respond: Respond) -> None:
        self.app = app
        self.allowed = frozenset(allowed)
        self.respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] in _READING or self._may(scope):
            await self.app(scope, receive, send)
        else:
            await self.respond(scope, ProblemError(FOREIGN, REFUSAL))(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None or _is_own(origin, headers, scope["scheme"]):
            return True
        return scope["path"].startswith(API) and bool(self.allowed & {ANY, origin})


def _is_own(origin: str, headers: Headers, scheme: str) -> bool:
    """Tell whether a page of ours sends this.

    The browser's own word counts first: no page can forge `Sec-Fetch-Site`, and a proxy that
    ends TLS or renames the host does not touch it. Browsers leave it out over plain HTTP; then
    scheme and host must be ours. The server takes the scheme from `X-Forwarded-Proto` where it
    trusts the proxy.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    own = origin_of(f"{scheme}://{headers.get('host', '')}")
    return own is not None and own == origin
