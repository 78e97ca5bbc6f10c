"""Small screens, slow networks, other colours: the page stays readable and still."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser import assert_still, slow_down
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import IN_TABLE, IN_TEXT, SIGNS, UNANSWERED
from tests.e2e.servers import SampleServer, TinyServer
from tests.service.cases import COP

_TOO_WIDE = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= innerWidth) return [];
  return [...document.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => `${one.tagName}.${one.className}`).slice(0, 5).concat(page.scrollWidth);
}"""
_BACKGROUND = "(one) => getComputedStyle(one).backgroundColor"
_MOVING = """() => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  const long = (times) => times.split(",").some((time) => parseFloat(time) > 0.01);
  return all(document).filter((one) => {
    const style = getComputedStyle(one);
    const moves = style.animationName !== "none" && long(style.animationDuration);
    return moves || long(style.transitionDuration) || style.scrollBehavior === "smooth";
  }).map((one) => `${one.tagName}.${one.className}`);
}"""


def assert_fits(page: Page) -> None:
    """Check that nothing makes the page scroll sideways."""
    assert page.evaluate(_TOO_WIDE) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1119, 1120, 1280, 1920])
def test_no_width_scrolls_sideways(
    sample: SampleServer, cop: str, open_page: OpenPage, width: int
) -> None:
    """The list and the article fit from 320 px on."""
    page = open_page(viewport={"width": width, "height": 700})
    for address in (sample.url, cop, f"{sample.url}/articles/pmid:37153105"):
        page.goto(address)
        assert_fits(page)


def test_320_px_are_enough_for_everything(tiny: TinyServer, open_page: OpenPage) -> None:
    """Answers with open cards, tables, refusals, the export and an answer's own page fit."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}", view="narrow")
    chat = Chat(page)
    for question in (IN_TEXT[0], IN_TABLE[0], UNANSWERED):
        turn = chat.ask(question)
        if question != UNANSWERED:
            chat.open_card(turn)
            turn.get_by_text("Export", exact=True).click()
            turn.get_by_text("Time per stage").click()
        assert_fits(page)
        assert chat.log.evaluate("(log) => log.scrollWidth <= log.clientWidth")
    address = chat.turns.first.get_by_role("link", name="Link to this answer")
    page.goto(address.get_attribute("href") or "")
    assert_fits(page)


def test_a_page_that_is_zoomed_in_fits(cop: str, open_page: OpenPage) -> None:
    """A reader who needs large letters can read and ask."""
    # a desktop window at a zoom of 400 %: a quarter of 1280 x 800 is left (WCAG 1.4.10)
    page = open_page(cop, viewport={"width": 320, "height": 200}, device_scale_factor=4)
    assert_fits(page)
    chat = Chat(page)
    turn = chat.ask("Does smoking matter?")
    expect(chat.markers(turn).first).to_be_visible()


def test_a_phone_is_led_from_the_top_to_the_box(cop: str, open_page: OpenPage) -> None:
    """The box stands below the text there; a link leads to it."""
    page = open_page(cop, view="phone")
    page.get_by_role("link", name="Ask a follow-up question").first.tap()
    expect(Chat(page).box).to_be_in_viewport()


def test_a_desktop_shows_text_and_box_side_by_side(chat: Chat) -> None:
    """Article and question box are both in view, and the box stays while one reads on."""
    expect(chat.page.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(chat.box).to_be_in_viewport()
    chat.page.get_by_role("heading", name="References").first.scroll_into_view_if_needed()
    expect(chat.box).to_be_in_viewport()


def test_the_first_paint_waits_for_no_script(sample: SampleServer, open_page: OpenPage) -> None:
    """With every script held back, the article is painted and can be read."""
    page = open_page()
    held: list[Route] = []
    page.route(re.compile(r"\.js(\?|$)"), lambda route: held.append(route))  # noqa: PLW0108
    page.goto(f"{sample.url}/articles/{COP}", wait_until="commit")
    page.wait_for_function(
        "() => performance.getEntriesByName('first-contentful-paint').length > 0"
    )
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    assert held
    for route in held:
        route.continue_()
    page.unroute_all(behavior="ignoreErrors")


def test_a_slow_network_shows_the_text_first(cop: str, open_page: OpenPage) -> None:
    """On a bad phone connection the article paints before the box's scripts have come."""
    page = open_page(view="phone")
    slow_down(page, latency_ms=300, bytes_per_s=60_000)
    page.goto(cop)
    Chat(page).ask_button.wait_for()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    last_script = page.evaluate(
        "Math.max(...performance.getEntriesByType('resource')"
        ".filter((one) => one.name.endsWith('.js')).map((one) => one.responseEnd))"
    )
    assert painted < last_script
    assert_still(page, up_to=0.1)


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_the_page_does_not_move_when_the_box_appears(
    cop: str, open_page: OpenPage, view: str
) -> None:
    """The element takes the place that was kept for it."""
    page = open_page(cop, view=view)
    expect(Chat(page).ask_button).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert_still(page, up_to=0.02)


@pytest.mark.parametrize("page_name", ["article", "library"])
def test_dark_is_dark(sample: SampleServer, cop: str, open_page: OpenPage, page_name: str) -> None:
    """Who prefers dark gets light letters on a dark ground, in the box too."""
    for scheme, is_dark in (("light", False), ("dark", True)):
        page = open_page(cop if page_name == "article" else sample.url, color_scheme=scheme)
        grounds = [page.locator("body").evaluate(_BACKGROUND)]
        if page_name == "article":
            expect(Chat(page).ask_button).to_be_visible()
            grounds.append(page.locator("sequitur-chat .panel").evaluate(_BACKGROUND))
        for ground in grounds:
            red, green, blue, *alpha = (float(n) for n in re.findall(r"[\d.]+", ground))
            if alpha and alpha[0] == 0:
                continue  # shows the ground below it
            assert ((red + green + blue) / 3 < 100) == is_dark, ground


def test_nothing_moves_for_those_who_asked_for_stillness(
    tiny: TinyServer, open_page: OpenPage
) -> None:
    """With reduced motion there is no animation, no transition and no smooth scrolling."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}", reduced_motion="reduce")
    chat = Chat(page)
    chat.open_card(chat.ask(IN_TEXT[0]))
    assert page.evaluate(_MOVING) == []
    tiny.gate.hold("retrieval")
    chat.send(IN_TABLE[0])
    expect(chat.stop_button).to_be_visible()
    assert page.evaluate(_MOVING) == []


def test_forced_colours_keep_what_is_said_by_colour(tiny: TinyServer, open_page: OpenPage) -> None:
    """With the system's own colours, buttons keep an edge and the open card stays readable."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}", forced_colors="active")
    chat = Chat(page)
    turn = chat.ask(IN_TEXT[0])
    chat.open_card(turn)
    for button in (chat.ask_button, chat.markers(turn).first):
        edge = button.evaluate(
            "(one) => { const s = getComputedStyle(one); return [s.borderStyle, s.outlineStyle,"
            " s.backgroundColor !== getComputedStyle(one.parentElement).backgroundColor]; }"
        )
        assert edge[0] != "none" or edge[1] != "none" or edge[2]


def test_what_was_written_early_is_not_lost(tiny: TinyServer, open_page: OpenPage) -> None:
    """Who began to write before the scripts had come goes on in the box, not from nothing."""
    page = open_page()
    held: list[Route] = []
    page.route(re.compile(r"\.js(\?|$)"), lambda route: held.append(route))  # noqa: PLW0108
    page.goto(f"{tiny.url}/articles/{SIGNS}", wait_until="commit")
    plain = page.locator("sequitur-chat > form textarea, sequitur-chat form[method] textarea").first
    plain.fill("Where does clubbing")
    for route in held:
        route.continue_()
    page.unroute_all(behavior="ignoreErrors")
    expect(Chat(page).box).to_have_value("Where does clubbing")
