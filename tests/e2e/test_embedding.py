"""The box in somebody else's page, on another port and so of another origin."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.browser import Watch
from tests.e2e.chat import DONE, Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.embedding import HOSTILE_STYLE, embedding_page
from tests.e2e.library import IN_TEXT, SIGNS
from tests.e2e.servers import ForeignServer, TinyServer

NOT_LISTED = "This site is not on the list of sites that may use this assistant."
_STYLES = """(element) => {
  const names = ["color", "backgroundColor", "fontSize", "display", "visibility", "fontFamily"];
  return [...element.shadowRoot.querySelectorAll("h2, h3, p, button, textarea")].map((one) => {
    const style = getComputedStyle(one);
    return names.map((name) => style[name]).join(" ");
  });
}"""


def embedded(page: Page, tiny: TinyServer, foreign: ForeignServer, **kind: str) -> Chat:
    """Open a foreign page with the box for the article on signs."""
    name = "-".join(sorted(kind)) or "plain"
    page.goto(foreign.put(f"/{name}", embedding_page(tiny.url, SIGNS, **kind)))
    return Chat(page)


@pytest.mark.parametrize("script_type", ["module", ""], ids=["module", "classic"])
def test_a_listed_site_can_ask(
    tiny: TinyServer, foreign: ForeignServer, open_page: OpenPage, script_type: str
) -> None:
    """With either script tag the box asks the server it came from, and answers are shown."""
    chat = embedded(open_page(), tiny, foreign, script_type=script_type)
    turn = chat.ask(IN_TEXT[0])
    card = chat.open_card(turn)
    expect(card.locator("blockquote").first).to_contain_text(IN_TEXT[1])
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()
    chat.page.reload()
    expect(chat.turns).to_have_count(1)


def test_links_of_an_embedded_box_lead_to_its_server(
    tiny: TinyServer, foreign: ForeignServer, open_page: OpenPage
) -> None:
    """The host's page is not left: the span and the answer open in a page of their own."""
    chat = embedded(open_page(), tiny, foreign)
    turn = chat.ask(IN_TEXT[0])
    record = chat.record_of(turn)
    show = chat.open_card(turn).get_by_role("link", name="Show in article").first
    citation = record["statements"][0]["citations"][0]
    span = f"#at-{citation['start']}-{citation['end']}"
    expect(show).to_have_attribute("href", f"{tiny.url}/articles/{SIGNS}{span}")
    with chat.page.expect_popup() as opened:
        show.click()
    opened.value.wait_for_url(f"{tiny.url}/articles/{SIGNS}{span}")
    address = turn.get_by_role("link", name="Link to this answer")
    expect(address).to_have_attribute("href", f"{tiny.url}/answers/{record['answer_id']}")


def test_a_host_can_show_a_span_itself(
    tiny: TinyServer, foreign: ForeignServer, open_page: OpenPage
) -> None:
    """A page that takes the event `sequitur-show` gets the span, and no other page opens."""
    chat = embedded(open_page(), tiny, foreign)
    chat.page.evaluate(
        """() => document.addEventListener("sequitur-show", (event) => {
          event.preventDefault();
          globalThis.shown = event.detail;
        })"""
    )
    turn = chat.ask(IN_TEXT[0])
    citation = chat.record_of(turn)["statements"][0]["citations"][0]
    chat.open_card(turn).get_by_role("link", name="Show in article").first.click()
    keys = ("document_id", "start", "end")
    assert chat.page.evaluate("globalThis.shown") == {key: citation[key] for key in keys}
    assert len(chat.page.context.pages) == 1


def test_a_site_that_is_not_listed_is_told(
    tiny: TinyServer, foreign: ForeignServer, open_page: OpenPage, watch: Watch
) -> None:
    """The box says why it cannot be used there, in words, and asks nothing."""
    watch.allow(r"CORS policy|Failed to load resource")
    path = "/not-listed"
    foreign.put(path, embedding_page(tiny.url, SIGNS))
    chat = Chat(open_page(foreign.other_origin + path))
    expect(chat.root.get_by_text(NOT_LISTED)).to_be_visible()
    expect(chat.ask_button).to_be_disabled()
    expect(chat.box).to_be_disabled()


def test_neither_sides_style_reaches_the_other(
    tiny: TinyServer, foreign: ForeignServer, open_page: OpenPage
) -> None:
    """The box looks the same on a page whose style attacks every element, and works there."""
    styles = []
    for style in ("", HOSTILE_STYLE):
        page = open_page()
        chat = embedded(page, tiny, foreign, style=style)
        turn = chat.ask(IN_TEXT[0])
        chat.open_card(turn)
        styles.append(chat.root.evaluate(_STYLES))
    assert styles[0] == styles[1]
    plain = embedding_page(tiny.url, SIGNS).replace("<sequitur-chat", "<div")
    hosts = [
        open_page(foreign.put("/without", plain)),
        open_page(foreign.put("/with", embedding_page(tiny.url, SIGNS))),
    ]
    host_button = (
        "(button) => JSON.stringify([...getComputedStyle(button)].map((n) => "
        "getComputedStyle(button)[n]))"
    )
    expect(Chat(hosts[1]).ask_button).to_be_visible()
    looks = [
        page.get_by_role("button", name="button of the host").evaluate(host_button)
        for page in hosts
    ]
    assert looks[0] == looks[1]


def test_an_unknown_article_is_told(
    tiny: TinyServer, foreign: ForeignServer, open_page: OpenPage, watch: Watch
) -> None:
    """A slug that the library does not have is a message, not an empty box."""
    watch.allow("404")
    page = open_page(foreign.put("/unknown", embedding_page(tiny.url, "nowhere")))
    expect(Chat(page).root.get_by_text("This article is not in the library.")).to_be_visible()


def test_an_embedded_box_is_accessible(
    tiny: TinyServer, foreign: ForeignServer, open_page: OpenPage
) -> None:
    """With its own choice of wording and an answer, axe-core objects to nothing."""
    chat = embedded(open_page(), tiny, foreign)
    chat.open_card(chat.ask(IN_TEXT[0]))
    assert_accessible(chat.page)
