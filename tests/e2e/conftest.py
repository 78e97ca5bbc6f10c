"""Fixtures of the browser tests: one browser, the servers, and pages that are watched.

Playwright keeps an event loop running in the thread that uses it, which the tests of other
packages could not bear: everything here ends with this package.
"""

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from service.settings import load_settings
from tests.e2e.browser import TIMEOUT_MS, View, Watch, launched, new_context
from tests.e2e.chat import Chat
from tests.e2e.library import HeldReader, tiny_assistant
from tests.e2e.servers import ForeignServer, SampleServer, TinyServer, sample_copy
from tests.service.cases import COP, ROOT

FAILED = ROOT / "build" / "e2e"  # what the pages of failed tests looked like
OpenPage = Callable[..., Page]
_report = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the outcome where the fixtures find it."""
    report = yield
    if call.when == "call":
        item.stash[_report] = report
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Run the one browser of all tests."""
    expect.set_options(timeout=TIMEOUT_MS)
    with launched() as running:
        yield running


@pytest.fixture(scope="package")
def sample(
    tmp_path_factory: pytest.TempPathFactory, foreign: ForeignServer
) -> Iterator[SampleServer]:
    """Run `sequitur serve` over a copy of the built-in sample; the foreign site may ask it."""
    folder = tmp_path_factory.mktemp("sample")
    library = sample_copy(folder / "library", load_settings().data_dir)
    server = SampleServer(library, folder / "serve.log", allowed_origin=foreign.origin)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="package")
def foreign() -> Iterator[ForeignServer]:
    """Run somebody else's site."""
    server = ForeignServer()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def _tiny(
    tmp_path_factory: pytest.TempPathFactory, foreign: ForeignServer
) -> Iterator[tuple[TinyServer, HeldReader]]:
    folder = tmp_path_factory.mktemp("tiny")
    assistant, reader = tiny_assistant(folder / "library")
    server = TinyServer(assistant, folder, allowed_origins=(foreign.origin,))
    server.start()
    yield server, reader
    server.stop()


@pytest.fixture
def tiny(_tiny: tuple[TinyServer, HeldReader]) -> Iterator[TinyServer]:
    """Give the application over the small library, with its gate open; the foreign site may ask."""
    yield _tiny[0]
    _tiny[0].gate.open()


@pytest.fixture
def reader(_tiny: tuple[TinyServer, HeldReader]) -> Iterator[HeldReader]:
    """Give the reader of `tiny`, which a test may hold."""
    yield _tiny[1]
    _tiny[1].let_go()


@pytest.fixture
def mortal(_tiny: tuple[TinyServer, HeldReader], tmp_path: Path) -> Iterator[TinyServer]:
    """Give a server over the same assistant that a test may stop and start again."""
    server = TinyServer(_tiny[0].assistant, tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Watch the pages of a test, and fail it for what they complain of."""
    watching = Watch()
    yield watching
    watching.check()


@pytest.fixture
def open_page(browser: Browser, watch: Watch, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Open pages in fresh profiles: `open_page(url, view="phone", color_scheme="dark")`."""
    contexts: list[BrowserContext] = []

    def opening(url: str | None = None, view: View = "desktop", **options: Any) -> Page:
        context = new_context(browser, view, **options)
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        if url is not None:
            page.goto(url)
        return page

    yield opening
    report = request.node.stash.get(_report, None)
    for number, context in enumerate(contexts):
        if report is not None and report.failed:
            _keep_picture(context, f"{request.node.name}-{number}")
        context.close()


@pytest.fixture
def cop(sample: SampleServer) -> str:
    """Give the address of the sample's first article."""
    return f"{sample.url}/articles/{COP}"


@pytest.fixture
def chat(open_page: OpenPage, cop: str) -> Chat:
    """Open the sample's first article on a desktop and give its question box."""
    return Chat(open_page(cop))


def _keep_picture(context: BrowserContext, name: str) -> None:
    FAILED.mkdir(parents=True, exist_ok=True)
    for page in context.pages:
        page.screenshot(path=FAILED / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)}.png")
