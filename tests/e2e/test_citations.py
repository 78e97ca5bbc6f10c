"""A citation from its number to the very words: the card, and the span in its text."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import View
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.highlight import IS_CITED, IS_IN_VIEW, cited_text, without_highlights
from tests.e2e.library import IN_ABSTRACT, IN_LIST, IN_TABLE, IN_TEXT, SIGNS
from tests.e2e.servers import SampleServer, TinyServer
from tests.service.cases import COP

PLACES = pytest.mark.parametrize(
    ("question", "words"), [IN_TEXT, IN_LIST, IN_TABLE], ids=["text", "list", "table"]
)
BADGES = {"article": "Article", "guideline": "Guideline", "research": "Research"}


@pytest.fixture
def chat(tiny: TinyServer, open_page: OpenPage) -> Chat:
    """Open the page of the article on signs."""
    return Chat(open_page(f"{tiny.url}/articles/{SIGNS}"))


def citation_with(record: dict[str, Any], words: str) -> dict[str, Any]:
    """Return the citation of a record whose quote holds these words."""
    every = [c for s in record["statements"] for c in s["citations"]]
    return next(c for c in every if words in c["quote"])


def follow(card: Locator, citation: dict[str, Any]) -> None:
    """Click the link of a card that leads to a citation's span."""
    card.locator(f"a[href$='#at-{citation['start']}-{citation['end']}']").first.click()


def assert_card_is(card: Locator, citation: dict[str, Any], reference: dict[str, Any]) -> None:
    """Check a card against the record: quote, source, section, addresses."""
    quote = card.locator("blockquote").first
    assert quote.evaluate("(one) => one.textContent") == citation["quote"]
    expect(card.get_by_text(BADGES[reference["kind"]], exact=True)).to_be_visible()
    for fact in (reference["title"], reference["journal"], reference["year"], citation["section"]):
        if fact:
            expect(card).to_contain_text(str(fact))
    addresses = card.get_by_role("link").evaluate_all("(all) => all.map((one) => one.href)")
    if reference["doi"]:
        assert f"https://doi.org/{reference['doi']}" in addresses
    if reference["pmid"]:
        assert f"https://pubmed.ncbi.nlm.nih.gov/{reference['pmid']}/" in addresses
    span = f"#at-{citation['start']}-{citation['end']}"
    assert any(address.endswith(span) for address in addresses)


def test_every_card_holds_what_the_record_says(sample: SampleServer, open_page: OpenPage) -> None:
    """In a real answer, each number opens a card with the quote and the source of its citation."""
    chat = Chat(open_page(f"{sample.url}/articles/{COP}"))
    turn = chat.ask("How long is prednisone tapered?")
    record = chat.record_of(turn)
    references = {r["marker"]: r for r in record["references"]}
    items = chat.statements(turn).all()
    for item, statement in zip(items, record["statements"], strict=True):
        by_marker = {c["marker"]: c for c in reversed(statement["citations"])}
        for marker, citation in by_marker.items():
            item.get_by_role("button", name=re.compile(rf"^Source {marker}\b")).click()
            assert_card_is(chat.card(item, marker), citation, references[marker])


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_card_opens_and_closes_by_keyboard(chat: Chat, key: str) -> None:
    """The number says whether its card is open; Escape closes it and gives the focus back."""
    turn = chat.ask(IN_TEXT[0])
    marker = chat.markers(turn).first
    card = chat.card(turn)
    expect(marker).to_have_attribute("aria-expanded", "false")
    expect(card).to_have_count(0)
    marker.focus()
    marker.press(key)
    expect(card).to_be_visible()
    expect(marker).to_have_attribute("aria-expanded", "true")
    card.get_by_role("link").first.focus()
    chat.page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(marker).to_be_focused()
    expect(marker).to_have_attribute("aria-expanded", "false")


def test_escape_closes_the_card_of_the_number_in_focus(chat: Chat) -> None:
    """Nobody has to go into the card to close it."""
    turn = chat.ask(IN_TEXT[0])
    marker = chat.markers(turn).first
    marker.press("Enter")
    expect(chat.card(turn)).to_be_visible()
    marker.press("Escape")
    expect(chat.card(turn)).to_have_count(0)
    expect(marker).to_be_focused()


def test_a_card_opens_and_closes_by_mouse(chat: Chat) -> None:
    """Its button and a second click on the number close it; the focus stays on the number."""
    turn = chat.ask(IN_TEXT[0])
    marker = chat.markers(turn).first
    card = chat.open_card(turn)
    record = chat.record_of(turn)
    assert_card_is(card, citation_with(record, IN_TEXT[1]), record["references"][0])
    card.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
    expect(marker).to_be_focused()
    marker.click()
    expect(card).to_be_visible()
    marker.click()
    expect(card).to_have_count(0)


@pytest.mark.parametrize("view", ["phone", "narrow"])
def test_a_card_opens_by_touch(tiny: TinyServer, open_page: OpenPage, view: View) -> None:
    """A tap is enough, and the card fits the screen."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}", view=view)
    chat = Chat(page)
    chat.box.fill(IN_TEXT[0])
    chat.ask_button.tap()
    turn = chat.finished(IN_TEXT[0])
    chat.markers(turn).first.tap()
    card = chat.card(turn)
    expect(card).to_be_visible()
    place = card.bounding_box()
    assert place is not None
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= page.evaluate("innerWidth")
    card.get_by_role("button", name="Close").tap()
    expect(card).to_have_count(0)


def test_a_retracted_source_is_named_so(chat: Chat) -> None:
    """The number, the card and the list of sources all say it."""
    turn = chat.ask("Which magnets straighten clubbed nails?")
    record = chat.record_of(turn)
    (retracted,) = [r for r in record["references"] if r["retracted"]]
    number = turn.get_by_role("button", name=f"Source {retracted['marker']}, retracted").first
    number.click()
    expect(chat.card(turn, retracted["marker"]).get_by_text("Retracted")).to_be_visible()
    source = turn.locator("ol.sources > li").filter(has_text=retracted["title"])
    expect(source.get_by_text("Retracted")).to_be_visible()
    expect(chat.card(turn, retracted["marker"]).get_by_text("Abstract only")).to_be_visible()


@PLACES
def test_the_article_shows_the_exact_span(chat: Chat, question: str, words: str) -> None:
    """What is highlighted is the quote, whatever characters stand before it, and it is in view."""
    turn = chat.ask(question)
    citation = citation_with(chat.record_of(turn), words)
    follow(chat.open_card(turn), citation)
    assert_span_is_shown(chat.page, citation)


@PLACES
def test_an_old_browser_shows_the_sentence(
    tiny: TinyServer, open_page: OpenPage, question: str, words: str
) -> None:
    """Without custom highlights the sentences of the span are marked as a whole."""
    page = open_page()
    without_highlights(page)
    page.goto(f"{tiny.url}/articles/{SIGNS}")
    chat = Chat(page)
    turn = chat.ask(question)
    citation = citation_with(chat.record_of(turn), words)
    follow(chat.open_card(turn), citation)
    assert_span_is_shown(chat.page, citation)


@PLACES
def test_an_address_leads_to_the_span(
    tiny: TinyServer, open_page: OpenPage, question: str, words: str
) -> None:
    """The address of a citation can be sent to somebody: it opens with the span highlighted."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}")
    citation = citation_with(Chat(page).aside(question), words)
    page = open_page(
        f"{tiny.url}/articles/{SIGNS}#at-{citation['start']}-{citation['end']}", view="phone"
    )
    assert_span_is_shown(page, citation)


def test_an_abstract_shows_the_exact_span(chat: Chat) -> None:
    """A citation of an abstract leads to the page of that abstract, and to the words there."""
    turn = chat.ask(IN_ABSTRACT[0])
    citation = citation_with(chat.record_of(turn), IN_ABSTRACT[1])
    assert citation["document_id"] == "pmid:1761"
    card = chat.open_card(turn, citation["marker"])
    expect(card.get_by_role("link", name="Show in its text")).to_be_visible()
    follow(card, citation)
    chat.page.wait_for_url(re.compile(r"/articles/pmid(:|%3A)1761#at-"))
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("Percussion 🥁 and its echoes")
    assert_span_is_shown(chat.page, citation)


def test_there_is_a_way_back_from_the_span(chat: Chat) -> None:
    """After a look at the article, the reader returns to the citation that led there."""
    turn = chat.ask(IN_TEXT[0])
    link = chat.open_card(turn).get_by_role("link", name="Show in article").first
    link.click()
    back = chat.page.get_by_role("button", name=re.compile("Back")).or_(
        chat.page.get_by_role("link", name=re.compile("Back"))
    )
    expect(back).to_be_visible()
    back.press("Enter")
    expect(link).to_be_focused()
    expect(back).to_have_count(0)


def test_a_span_in_the_sample_is_exact(sample: SampleServer, open_page: OpenPage) -> None:
    """In a real article, a cited list item is highlighted with nothing before or behind it."""
    chat = Chat(open_page(f"{sample.url}/articles/{COP}"))
    turn = chat.ask("What are the criteria for a firm diagnosis?")
    statements = chat.record_of(turn)["statements"]
    citation = next(c for s in statements for c in s["citations"] if c["document_id"] == COP)
    item = chat.statements(turn).first
    item.get_by_role("button", name=re.compile(rf"^Source {citation['marker']}\b")).click()
    follow(chat.card(item, citation["marker"]), citation)
    assert_span_is_shown(chat.page, citation)


def assert_span_is_shown(page: Page, citation: dict[str, Any]) -> None:
    """Check that the page highlights the citation's quote, in view, with the focus there."""
    expect(page.locator("body")).to_be_visible()
    page.wait_for_function(IS_CITED)
    # a table's column names stand in its head, not in the cells that are highlighted
    quote = re.sub(r"; (Cause|Time): ", " ", citation["quote"])
    assert cited_text(page) == re.sub(r"\s+", "", quote)
    page.wait_for_function(IS_IN_VIEW)
