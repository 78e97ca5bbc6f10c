"""Pictures of every state: `python -m tests.e2e.screenshots [PATTERN …]` (`make screenshots`).

They are written to build/screenshots/ as `<state>-<view>-<light|dark>.png`. With patterns
(`answer*`), only the states whose names match are taken.
"""

import fnmatch
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from service.settings import load_settings
from tests.e2e.browser import TIMEOUT_MS, View, launched, new_context
from tests.e2e.library import tiny_assistant
from tests.e2e.servers import ForeignServer, SampleServer, TinyServer, sample_copy
from tests.e2e.states import STATES, Places
from tests.service.cases import ROOT

FOLDER = ROOT / "build" / "screenshots"
# Every state in these, and those that look different in the dark there as well.
LOOKS: tuple[tuple[View, str], ...] = (("desktop", "light"), ("phone", "light"))
IN_THE_DARK = (
    *("library", "article", "article-for-patients", "article-under-review", "citation-card"),
    *("span-in-the-article", "refusal", "emergency", "retracted-source", "answer-page"),
    *("answer-to-a-part", "near-miss-in-parts"),
)
PRINTED = ("answer", "refusal", "answer-page")
# On a phone the box stands below the text: pictures of these states begin at the box.
ABOVE_THE_BOX = (
    *("library", "library-without-a-hit", "article", "article-for-patients", "abstract"),
    *("article-under-review", "not-found", "answer-page", "span-in-the-article", "embedded"),
    "not-allowed",
)


@contextmanager
def opened() -> Iterator[Places]:
    """Run all servers, and end them with the block."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory()))
        foreign = ForeignServer()
        ending.callback(foreign.stop)
        library = sample_copy(folder / "sample", load_settings().data_dir)
        sample = SampleServer(library, folder / "serve.log", allowed_origin=foreign.origin)
        ending.callback(sample.stop)
        assistant, reader = tiny_assistant(folder / "library")
        tiny = TinyServer(assistant, folder, allowed_origins=(foreign.origin,))
        tiny.start()
        ending.callback(tiny.stop)
        sample.wait()
        yield Places(sample=sample, tiny=tiny, foreign=foreign, reader=reader)


def pictures(names: Sequence[str]) -> Iterator[tuple[str, View, str]]:
    """Yield the state, view and look of every picture of these states, in order."""
    for name in names:
        for view, look in LOOKS:
            yield name, view, look
        if name in IN_THE_DARK:
            yield name, "desktop", "dark"
            yield name, "phone", "dark"
        if name in PRINTED:
            yield name, "desktop", "print"


def take(browser: Browser, places: Places, name: str, view: View, look: str) -> Path:
    """Reach a state and take its picture; return the file."""
    dark = "dark" if look == "dark" else "light"
    context = new_context(
        browser, view, color_scheme=dark, reduced_motion="reduce", device_scale_factor=1
    )
    page = context.new_page()
    try:
        STATES[name](page, places)
        if look == "print":
            page.emulate_media(media="print")
        elif view == "phone" and name not in ABOVE_THE_BOX:
            page.locator("sequitur-chat").evaluate("(chat) => chat.scrollIntoView()")
        _settle(page)
        path = FOLDER / f"{name}-{view}-{look}.png"
        page.screenshot(path=path, full_page=look == "print", animations="disabled", caret="hide")
        return path
    finally:
        places.at_rest()
        context.close()


def _settle(page: Page) -> None:
    """Wait until everything that was asked for has been drawn."""
    page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")


def main(patterns: Sequence[str]) -> int:
    """Take the pictures; return 0, or 2 when no state is named so."""
    names = [n for n in STATES if not patterns or any(fnmatch.fnmatch(n, p) for p in patterns)]
    if not names:
        sys.stderr.write(f"no such state; there are: {', '.join(STATES)}\n")
        return 2
    if not patterns:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=TIMEOUT_MS)
    with opened() as places, launched() as browser:
        for name, view, look in pictures(names):
            path = take(browser, places, name, view, look)
            kilobytes = path.stat().st_size // 1000
            sys.stdout.write(f"{path.relative_to(ROOT)} {kilobytes} kB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
