"""The whole flow without a mouse: what is needed can be reached, seen and used by keys alone."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.chat import DONE, Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import IN_TEXT, SIGNS
from tests.e2e.servers import SampleServer, TinyServer
from tests.service.cases import COP

MAX_STOPS = 200
_HAS_FOCUS = """(element) => element.getRootNode().activeElement === element"""
_SCROLLED = (
    "() => document.querySelector('sequitur-chat').shadowRoot.querySelector('#log').scrollTop {}"
)
_RING = """(element) => {
  const style = getComputedStyle(element);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
    || style.boxShadow !== "none";
}"""


def tab_to(page: Page, target: Locator, *, key: str = "Tab") -> None:
    """Press Tab until an element has the focus, and check that one can see it there."""
    expect(target).to_be_visible()
    for _ in range(MAX_STOPS):
        if target.evaluate(_HAS_FOCUS):
            break
        page.keyboard.press(key)
    assert target.evaluate(_HAS_FOCUS), "the focus never came there"
    expect(target).to_be_in_viewport()
    assert target.evaluate(_RING), "the focus cannot be seen"


def test_ask_read_check_and_return(tiny: TinyServer, open_page: OpenPage) -> None:
    """Ask, open the citation, go to its words in the article, and come back to it."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}")
    chat = Chat(page)
    tab_to(page, chat.box)
    page.keyboard.type(IN_TEXT[0])
    page.keyboard.press("Enter")
    turn = chat.finished(IN_TEXT[0])
    expect(chat.box).to_be_focused()
    marker = chat.markers(turn).first
    tab_to(page, marker, key="Shift+Tab")
    page.keyboard.press("Enter")
    link = chat.card(turn).get_by_role("link", name="Show in article")
    tab_to(page, link)
    page.keyboard.press("Enter")
    back = page.locator("main").get_by_text(re.compile("^Back"))
    tab_to(page, back)
    page.keyboard.press("Enter")
    expect(link).to_be_focused()
    page.keyboard.press("Escape")
    expect(marker).to_be_focused()


def test_every_tool_is_reached(tiny: TinyServer, open_page: OpenPage) -> None:
    """Rating, comment, copy, export, address, times and clearing work by keys."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}")
    chat = Chat(page)
    turn = chat.ask(IN_TEXT[0])
    chat.markers(turn).first.focus()
    helpful = turn.get_by_role("button", name="Helpful", exact=True)
    tab_to(page, helpful)
    page.keyboard.press("Space")
    expect(helpful).to_have_attribute("aria-pressed", "true")
    expect(helpful).to_be_focused()
    tab_to(page, turn.get_by_role("button", name=DONE))
    tab_to(page, turn.get_by_role("link", name="Link to this answer"))
    tab_to(page, turn.locator("summary").filter(has_text="Export"))
    page.keyboard.press("Enter")
    tab_to(page, turn.get_by_role("link", name="Vancouver", exact=True))
    tab_to(page, turn.locator("summary").filter(has_text="Time per stage"))
    page.keyboard.press("Enter")
    expect(turn.get_by_role("table")).to_be_visible()
    comment = turn.get_by_role("textbox", name="Your comment (optional)")
    tab_to(page, comment)
    page.keyboard.type("Clear.")
    tab_to(page, turn.get_by_role("button", name="Send comment"))
    page.keyboard.press("Enter")
    expect(turn.get_by_text("Thank you")).to_be_visible()
    clear = chat.root.get_by_role("button", name="Clear conversation")
    tab_to(page, clear, key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(chat.root.get_by_role("button", name="Clear it?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat.turns).to_have_count(0)
    expect(chat.box).to_be_focused()


def test_stop_is_where_ask_was(tiny: TinyServer, open_page: OpenPage) -> None:
    """Who pressed Ask by keyboard can press Stop without looking for it."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}")
    chat = Chat(page)
    tiny.gate.hold("retrieval")
    chat.box.fill(IN_TEXT[0])
    tab_to(page, chat.ask_button)
    page.keyboard.press("Space")
    expect(chat.stop_button).to_be_focused()
    page.keyboard.press("Space")
    expect(chat.turns.last).to_contain_text("Stopped")
    expect(chat.ask_button).to_be_focused()


def test_the_first_stop_leads_past_the_header(sample: SampleServer, open_page: OpenPage) -> None:
    """One key press offers to skip to the text, on every page."""
    page = open_page()
    for address in (sample.url, f"{sample.url}/articles/{COP}"):
        page.goto(address)
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name=re.compile("^Skip"))
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()


def test_the_log_can_be_scrolled(tiny: TinyServer, open_page: OpenPage) -> None:
    """Long conversations are read by arrow keys."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}")
    chat = Chat(page)
    for _ in range(3):
        chat.ask(IN_TEXT[0])
    chat.log.focus()
    page.keyboard.press("Home")
    page.wait_for_function(_SCROLLED.format("=== 0"))
    page.keyboard.press("End")
    page.wait_for_function(_SCROLLED.format("> 0"))


def test_nothing_is_a_trap(tiny: TinyServer, open_page: OpenPage) -> None:
    """Tab leads through the page and out of it again."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}")
    Chat(page).ask(IN_TEXT[0])
    page.get_by_role("link", name=re.compile("^Skip")).focus()
    stops = 0
    while page.evaluate("document.activeElement !== document.body") and stops < MAX_STOPS:
        page.keyboard.press("Tab")
        stops += 1
    assert 10 < stops < MAX_STOPS
