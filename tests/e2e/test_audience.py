"""Three audiences, one text: the wording around the facts changes, the facts never."""

import pytest
from playwright.sync_api import Locator, Page, expect

from corpus.answers import AUDIENCES, Audience
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.embedding import embedding_page
from tests.e2e.servers import ForeignServer, SampleServer

QUESTION = "How long is prednisone tapered, and does smoking matter?"
_WITHOUT_ADDED = """(element) => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll(".added, .unseen").forEach((one) => one.remove());
  return copy.textContent.replace(/\\s+/g, " ").trim();
}"""
_VISIBLE_ADDITIONS = """(element) => [...element.querySelectorAll(".added")]
  .filter((one) => one.checkVisibility() && one.textContent.trim()).length"""


def choose(page: Page, audience: Audience) -> None:
    """Say who reads, at "Which best describes you?"."""
    group = page.get_by_role("group", name="Which best describes you?")
    chosen = group.get_by_role("button", name=audience).or_(
        group.get_by_role("radio", name=audience)
    )
    chosen.click()
    expect(page.locator("html")).to_have_attribute("data-audience", audience)


def without_added(element: Locator) -> str:
    """Return an element's text without what was added for an audience."""
    text: str = element.evaluate(_WITHOUT_ADDED)
    return text


def additions(element: Locator) -> int:
    """Return how many additions are visible in an element."""
    count: int = element.evaluate(_VISIBLE_ADDITIONS)
    return count


def test_the_facts_of_an_article_are_the_same_for_all(chat: Chat) -> None:
    """Without the added words, the article reads the same, numbers and citations included."""
    text = chat.page.locator("article.text")
    seen = {}
    for audience in AUDIENCES:
        choose(chat.page, audience)
        seen[audience] = (without_added(text), additions(text))
    assert len({facts for facts, _ in seen.values()}) == 1
    assert seen["clinician"][1] == 0
    assert seen["student"][1] > 0
    assert seen["patient"][1] > 0


def test_the_facts_of_an_answer_are_the_same_for_all(chat: Chat) -> None:
    """The sentences of an answer that is there change their additions and nothing else."""
    turn = chat.ask(QUESTION)
    record = chat.record_of(turn)
    lines = chat.statements(turn).locator(".line")
    cards = chat.root.locator("blockquote")
    seen = {}
    for audience in AUDIENCES:
        choose(chat.page, audience)
        expect(chat.root).to_have_attribute("audience", audience)
        facts = [without_added(line) for line in lines.all()]
        quotes = cards.evaluate_all("(all) => all.map((one) => one.textContent)")
        seen[audience] = (facts, quotes)
    assert seen["clinician"] == seen["student"] == seen["patient"]
    assert seen["patient"][1] == [c["quote"] for s in record["statements"] for c in s["citations"]]


def test_patients_get_words_explained(chat: Chat) -> None:
    """Abbreviations are written out and terms explained, for those who asked for it."""
    turn = chat.ask("What does high-resolution CT show?")
    explained = turn.get_by_text("Words explained")
    expect(explained).to_have_count(0)
    choose(chat.page, "patient")
    expect(explained).to_be_visible()
    expect(turn.locator("dl dt").first).to_be_visible()
    choose(chat.page, "clinician")
    expect(explained).to_have_count(0)


def test_the_choice_is_remembered(chat: Chat) -> None:
    """After a reload, and in another article, nobody is asked again; the server knows it too."""
    with chat.page.expect_response("**/audience"):
        choose(chat.page, "student")
    chat.page.reload()
    expect(chat.page.locator("html")).to_have_attribute("data-audience", "student")
    expect(chat.root).to_have_attribute("audience", "student")
    base = chat.page.url.partition("/articles/")[0]
    chat.page.goto(f"{base}/articles/iron-deficiency-anaemia-workup")
    expect(chat.page.locator("html")).to_have_attribute("data-audience", "student")


def test_a_change_needs_no_reload(chat: Chat) -> None:
    """What was asked and what was being written stay where they are."""
    chat.ask(QUESTION)
    chat.box.fill("half a question")
    choose(chat.page, "patient")
    expect(chat.turns).to_have_count(1)
    expect(chat.box).to_have_value("half a question")


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_page_comes_for_its_audience(
    sample: SampleServer, cop: str, open_page: OpenPage, audience: Audience
) -> None:
    """The server sends the page as the cookie says, before any script has run."""
    page = open_page(java_script_enabled=False)
    cookie = {"name": "sequitur_audience", "value": audience, "url": sample.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(cop)
    expect(page.locator("html")).to_have_attribute("data-audience", audience)


def test_an_embedded_box_asks_for_its_audience(
    sample: SampleServer, foreign: ForeignServer, open_page: OpenPage
) -> None:
    """Where the page does not say who reads, the box has a choice of its own, and remembers it."""
    url = foreign.put("/audience", embedding_page(sample.url, "cryptogenic-organizing-pneumonia"))
    page = open_page(url)
    chat = Chat(page)
    chat.ask("What does high-resolution CT show?")
    choice = chat.root.get_by_role("combobox", name="Wording for")
    choice.select_option("patient")
    expect(chat.turns.last.get_by_text("Words explained")).to_be_visible()
    page.reload()
    expect(choice).to_have_value("patient")
