"""The browser: Debian's Chromium driven by Playwright, and a watch over everything it complains of.

Nothing is downloaded: Playwright's own browsers are not used. The newest Playwright speaks to an
older or newer Chromium of the distribution through the same protocol.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

TIMEOUT_MS = 15_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")
View = Literal["desktop", "phone", "narrow"]
VIEWS: dict[View, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
    "narrow": {"viewport": {"width": 320, "height": 640}, "has_touch": True},
}
_MISSING = (
    "the browser tests need Chromium: `apt-get install chromium` (Debian), "
    "or name the program in the environment variable CHROMIUM"
)
# What a page reports when something was kept from running, and how much of it moved by itself.
_REPORTER = """
    globalThis.__shifts = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI}`);
    });
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) {
        const moved = sources.map(({ node, previousRect, currentRect }) => [
          (node?.parentElement ?? node)?.outerHTML?.slice(0, 80),
          previousRect.y, currentRect.y, currentRect.height]);
        globalThis.__shifts.push({ value, moved });
      }
    }).observe({ type: "layout-shift", buffered: true });
"""


class Watch:
    """Collects what a page must not do; `check` fails on the first complaint nobody allowed.

    Complaints are console errors, uncaught errors, violations of the content security policy,
    dialogs, and requests to anything but the loopback.
    """

    def __init__(self) -> None:
        self._complaints: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def over(self, page: Page) -> None:
        """Begin to watch a page."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._complaints.append(f"page error: {error}"))
        page.on("request", self._asked)
        page.on("dialog", self._interrupted)

    def allow(self, pattern: str) -> None:
        """Let complaints pass in which this regular expression is found."""
        self._allowed.append(re.compile(pattern))

    def complaints(self) -> list[str]:
        """Return what was complained of and not allowed, in order."""
        return [c for c in self._complaints if not any(a.search(c) for a in self._allowed)]

    def check(self) -> None:
        """Fail when there was a complaint."""
        if self.complaints():
            raise AssertionError("the browser complained:\n" + "\n".join(self.complaints()))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            where = message.location.get("url", "")
            self._complaints.append(f"console {message.type}: {message.text} ({where})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOOPBACK:
            self._complaints.append(f"request beyond the loopback: {request.url}")

    def _interrupted(self, dialog: Any) -> None:
        self._complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def chromium_path() -> str:
    """Return the program to drive; fails, never skips, when there is none."""
    named = os.environ.get("CHROMIUM", "")
    found = shutil.which(named) if named else shutil.which("chromium")
    if found is None:
        raise FileNotFoundError(f"CHROMIUM={named}: no such program" if named else _MISSING)
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """Run one browser, and end it with the block."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                # whatever a page asks for, no other machine is looked up
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        )
        yield browser
        browser.close()


def new_context(browser: Browser, view: View = "desktop", **options: Any) -> BrowserContext:
    """Return a fresh profile: no cookie, nothing stored; `options` are Playwright's."""
    context = browser.new_context(**{**VIEWS[view], "locale": "en-GB", **options})
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(_REPORTER)
    return context


def assert_still(page: Page, *, up_to: float) -> None:
    """Check that hardly anything has moved by itself so far (the sum of all layout shifts)."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    shifts = page.evaluate("globalThis.__shifts")
    if sum(one["value"] for one in shifts) > up_to:
        lines = [f"{one['value']:.4f}: {one['moved']}" for one in shifts]
        raise AssertionError("the page moved by itself:\n" + "\n".join(lines))


def slow_down(page: Page, *, latency_ms: int, bytes_per_s: int) -> None:
    """Let the page's network be slow from now on."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": latency_ms,
            "downloadThroughput": bytes_per_s,
            "uploadThroughput": bytes_per_s,
        },
    )
