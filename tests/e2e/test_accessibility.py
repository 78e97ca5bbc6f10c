"""axe-core finds nothing to object to, in any state of any page."""

import hashlib

import pytest

from tests.e2e.axe import DIGEST, FILE, OF_COLOUR, VERSION, assert_accessible, violations
from tests.e2e.browser import View, Watch
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import HeldReader
from tests.e2e.servers import ForeignServer, SampleServer, TinyServer
from tests.e2e.states import STATES, Places

# These states are there because something went wrong, which the browser's console repeats.
TROUBLED = ("not-found", "not-allowed")


@pytest.fixture
def places(
    sample: SampleServer, tiny: TinyServer, foreign: ForeignServer, reader: HeldReader
) -> Places:
    """Give the servers of all states."""
    return Places(sample=sample, tiny=tiny, foreign=foreign, reader=reader)


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_accessible(
    places: Places, open_page: OpenPage, watch: Watch, state: str
) -> None:
    """At WCAG 2.2 level AA and by good practice, in light and in dark."""
    if state in TROUBLED:
        watch.allow(r"Failed to load resource|CORS policy")
    # still at once: a colour on its way from light to dark is neither
    page = open_page(color_scheme="light", reduced_motion="reduce")
    STATES[state](page, places)
    assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page, OF_COLOUR)


@pytest.mark.parametrize("state", ["article", "citation-card", "refusal", "rated-and-unfolded"])
@pytest.mark.parametrize("view", ["phone", "narrow"])
def test_a_small_screen_is_accessible(
    places: Places, open_page: OpenPage, state: str, view: View
) -> None:
    """What is tapped is large enough, and nothing is cut off."""
    page = open_page(view=view, reduced_motion="reduce")
    STATES[state](page, places)
    assert_accessible(page)


def test_the_checker_is_the_one_that_is_named() -> None:
    """The vendored file is axe-core of this version, unchanged."""
    content = FILE.read_bytes()
    assert f"axe v{VERSION}".encode() in content[:40]
    assert hashlib.sha256(content).hexdigest() == DIGEST


def test_the_checker_finds_what_is_wrong(tiny: TinyServer, open_page: OpenPage) -> None:
    """Inside the box as well: a field without a label is found in its shadow DOM."""
    page = open_page(f"{tiny.url}/articles/lungs")
    Chat(page).box.wait_for()
    page.evaluate(
        "document.querySelector('sequitur-chat').shadowRoot.append(document.createElement('input'))"
    )
    assert any(line.startswith("label (critical)") for line in violations(page))
