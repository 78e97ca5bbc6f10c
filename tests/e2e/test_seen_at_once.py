"""What a reader sees at once: how sure an answer is, what is missing, what the article cites."""

import pytest
from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import SIGNS
from tests.e2e.made import CITING, ITEM, LEAD_IN, give, near_miss, partial_answer
from tests.e2e.servers import TinyServer
from tests.service.test_section_paths import PATHS

_NEWS = """async (paths) => {
  const { newsOf } = await import("/static/widget/text.js");
  return paths.map(([section, title, before]) => newsOf(section, title, before));
}"""


@pytest.fixture
def chat(tiny: TinyServer, open_page: OpenPage) -> Chat:
    """Open the page of the article on signs."""
    return Chat(open_page(f"{tiny.url}/articles/{SIGNS}"))


def test_how_sure_and_how_whole_an_answer_is(chat: Chat, tiny: TinyServer) -> None:
    """Both are told below the statements, in words, and read aloud at the end."""
    give(chat.page, partial_answer(tiny.assistant.library))
    turn = chat.ask("What speaks for bronchiectasis in children, and at which dose?")
    words = "Likely the answer: about 80 in 100 such answers rest on the right text."
    missing = "Partly answered: nothing here on children, the dose."
    line = turn.locator(".certainty")
    expect(line).to_have_text(f"●●○ {words}")
    expect(line.locator("span")).to_have_attribute("aria-hidden", "true")
    expect(turn.locator(".notice").first).to_have_text(missing)
    said = f"Answer complete, from one source. {missing} {words}"
    expect(chat.announced.locator("p").last).to_have_text(said)


def test_what_the_article_cites_there_is_listed(chat: Chat, tiny: TinyServer) -> None:
    """Each paper with the article's number, year, kind and marks, without opening a card."""
    record = partial_answer(tiny.assistant.library)
    record["cited"][0]["evidence_label"] = "randomised trial"
    give(chat.page, record)
    turn = chat.ask("What speaks for bronchiectasis?")
    expect(
        turn.get_by_role("heading", name="Papers that [1] cites there, by its numbers")
    ).to_be_visible()
    first, second = turn.locator("ol.papers > li").all()
    expect(first.locator(".number")).to_have_text("1")
    expect(first).to_contain_text("Auenbrugger L. Percussion 🥁 and its echoes. J Knocking. 2019.")
    expect(first.locator(".badge")).to_have_text(["Research", "Randomised trial"])
    expect(first.get_by_role("link", name="DOI")).to_be_visible()
    expect(second.locator(".badge")).to_have_text(["Research", "Retracted"])
    expect(turn.locator("ol.sources > li")).to_have_count(1)


def test_a_record_of_an_earlier_version_is_shown(chat: Chat, tiny: TinyServer) -> None:
    """Without the keys that came later there is the answer and nothing beside it."""
    record = partial_answer(tiny.assistant.library)
    for key in ("certainty", "missing", "cited"):
        del record[key]
    give(chat.page, record | {"conflicts": [{"text": "They differ."}]})
    turn = chat.ask("What speaks for bronchiectasis?")
    expect(chat.statements(turn)).to_contain_text("Clubbing of the fingers")
    expect(turn.locator(".certainty, .notice, .papers")).to_have_count(0)
    expect(turn).not_to_contain_text("They differ.")


def test_short_nearest_passages_stand_with_section_and_lead_in(
    chat: Chat, tiny: TinyServer
) -> None:
    """The section once, the introducing words before an item, the title of another text."""
    give(chat.page, near_miss(tiny.assistant.library))
    turn = chat.ask("What speaks for pneumonia?")
    said = "The sources come near, but do not say this"
    expect(turn.get_by_role("heading", name=said, exact=True)).to_be_visible()
    item, sentence, abstract = turn.locator("ul.nearest > li").all()
    expect(item.locator(".where")).to_have_text("Hands and ears")
    expect(item.locator("blockquote")).to_have_text(f"{LEAD_IN} {ITEM}")
    expect(sentence.locator(".where")).to_have_count(0)
    expect(sentence.locator("blockquote")).to_have_text(CITING)
    expect(abstract.locator(".where")).to_have_text("Percussion 🥁 and its echoes")
    text = tiny.assistant.library.document(SIGNS).text
    at = text.index(ITEM)
    link = item.get_by_role("link", name="Show in article")
    expect(link).to_have_attribute("href", f"{tiny.url}/articles/{SIGNS}#at-{at}-{at + len(ITEM)}")


def test_box_and_page_name_a_section_alike(chat: Chat) -> None:
    """The script shows the same part of a path as the server does."""
    asked = [[section, title, before] for section, title, before, _ in PATHS]
    assert chat.page.evaluate(_NEWS, asked) == [news for *_, news in PATHS]
