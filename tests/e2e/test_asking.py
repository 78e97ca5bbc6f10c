"""Asking on the page of an article: answers, follow-ups, the conversation."""

import math
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Watch
from tests.e2e.chat import DONE, Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import IN_TEXT, SIGNS
from tests.e2e.servers import TinyServer

DOSE = "What is the starting dose of prednisone?"


def shown(text: str) -> str:
    """Return a statement as the page shows it: without list marks, white space folded."""
    return " ".join(re.sub(r"^ *- ", "", text, flags=re.MULTILINE).split())


def folded(text: str) -> str:
    return " ".join(text.split())


def lines_of(chat: Chat, turn_number: int = 0) -> list[str]:
    """Return the statements of a turn as they are shown, without their citation numbers."""
    found: list[str] = chat.statements(chat.turns.nth(turn_number)).evaluate_all(
        """(items) => items.map((item) => [...item.querySelectorAll(".line")].map((line) => {
          const copy = line.cloneNode(true);
          copy.querySelectorAll("button, .added").forEach((one) => one.remove());
          return copy.textContent;
        }).join(" "))"""
    )
    return [folded(text) for text in found]


def test_an_answer_shows_its_record(chat: Chat) -> None:
    """Every sentence stands there word for word, each with the numbers of its citations."""
    turn = chat.ask(DOSE)
    record = chat.record_of(turn)
    assert record["question"] == DOSE
    assert record["statements"]
    assert lines_of(chat) == [shown(s["text"]) for s in record["statements"]]
    numbers = [
        str(marker)
        for statement in record["statements"]
        for marker in dict.fromkeys(c["marker"] for c in statement["citations"])
    ]
    assert [folded(text) for text in chat.markers(turn).all_inner_texts()] == numbers
    sources = turn.locator("ol.sources > li")
    expect(sources).to_have_count(len(record["references"]))
    for source, reference in zip(sources.all(), record["references"], strict=True):
        expect(source).to_contain_text(reference["title"])


def test_the_box_says_what_it_is(chat: Chat) -> None:
    """Its heading and the line about what it is no substitute for are always there."""
    expect(chat.root.get_by_role("heading", level=2)).to_have_text("Have a follow-up question?")
    line = "Answers come from these sources only. They are no substitute for clinical judgement."
    expect(chat.root.get_by_text(line)).to_be_visible()
    chat.ask(DOSE)
    expect(chat.root.get_by_text(line)).to_be_visible()


def test_the_plain_form_makes_way(chat: Chat) -> None:
    """The form for browsers without scripts is hidden where the box works: one field is left."""
    expect(chat.page.get_by_role("textbox", name="Your question")).to_have_count(1)


def test_a_question_to_begin_with_is_asked_by_a_click(chat: Chat) -> None:
    """The suggestions of the article are questions that it answers."""
    suggested = chat.root.locator("button.suggestion").first
    question = suggested.inner_text()
    suggested.click()
    turn = chat.finished(question)
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()


def test_enter_asks_and_shift_enter_begins_a_line(tiny: TinyServer, open_page: OpenPage) -> None:
    """As everywhere where one writes to somebody."""
    chat = Chat(open_page(f"{tiny.url}/articles/{SIGNS}"))
    chat.box.fill("Where does clubbing")
    chat.box.press("Shift+Enter")
    chat.box.press_sequentially("of the fingers appear?")
    expect(chat.turns).to_have_count(0)
    chat.box.press("Enter")
    expect(chat.turns).to_have_count(1)
    expect(chat.turns.last.get_by_role("button", name=DONE)).to_be_visible()
    expect(chat.box).to_have_value("")


@pytest.mark.parametrize("text", ["", "   \n "])
def test_nothing_is_not_asked(tiny: TinyServer, open_page: OpenPage, text: str) -> None:
    """An empty question is told where it was written, and nothing is sent."""
    chat = Chat(open_page(f"{tiny.url}/articles/{SIGNS}"))
    chat.box.fill(text)
    chat.ask_button.click()
    expect(chat.root.get_by_role("alert")).to_have_text("Write a question.")
    expect(chat.box).to_have_attribute("aria-invalid", "true")
    expect(chat.box).to_be_focused()
    expect(chat.turns).to_have_count(0)


def test_a_question_that_is_too_long_is_told(
    tiny: TinyServer, open_page: OpenPage, watch: Watch
) -> None:
    """The limit is named, and the box goes on working."""
    chat = Chat(open_page(f"{tiny.url}/articles/{SIGNS}"))
    watch.allow("422")
    turn = chat.send("why " * 300)
    expect(turn.get_by_text(re.compile("the limit is 1000"))).to_be_visible()
    chat.ask(IN_TEXT[0])


def test_a_follow_up_keeps_its_subject(chat: Chat) -> None:
    """What "it" and a bare "and" mean is taken from the question before, and shown."""
    chat.ask(DOSE)
    turn = chat.ask("And how long is it tapered?")
    understood = turn.get_by_text("Understood as:")
    expect(understood).to_contain_text("prednisone")
    record = chat.record_of(turn)
    assert "prednisone" in record["standalone_question"]
    assert "6 to 12 months" in " ".join(s["text"] for s in record["statements"])


def test_what_is_suggested_next_can_be_asked(chat: Chat) -> None:
    """A click on a question under an answer asks it in the same conversation."""
    turn = chat.ask(DOSE)
    expect(turn.get_by_role("heading", name="Ask next")).to_be_visible()
    following = turn.locator("button.suggestion").first
    question = following.inner_text()
    following.click()
    chat.finished(question)
    expect(chat.turns).to_have_count(2)


def test_a_reload_shows_the_same_conversation(chat: Chat) -> None:
    """Questions, sentences, numbers and sources are what they were before."""
    chat.ask(DOSE)
    chat.ask("Do relapses worsen survival?")
    chat.ask("What is the capital of France?")
    before = [folded(text) for text in chat.turns.all_inner_texts()]
    links = chat.root.get_by_role("link", name="Link to this answer")
    addresses = links.evaluate_all("(all) => all.map((one) => one.href)")
    chat.page.reload()
    expect(chat.turns).to_have_count(3)
    assert [folded(text) for text in chat.turns.all_inner_texts()] == before
    assert links.evaluate_all("(all) => all.map((one) => one.href)") == addresses
    turn = chat.ask("And in elderly patients?")
    assert chat.record_of(turn)["question"] == "And in elderly patients?"


def test_another_article_has_a_conversation_of_its_own(
    tiny: TinyServer, open_page: OpenPage
) -> None:
    """What was asked about one article is not shown at another, and is there on the way back."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}")
    chat = Chat(page)
    chat.ask(IN_TEXT[0])
    page.goto(f"{tiny.url}/articles/lungs")
    expect(chat.ask_button).to_be_visible()
    expect(chat.turns).to_have_count(0)
    page.goto(f"{tiny.url}/articles/{SIGNS}")
    expect(chat.turns).to_have_count(1)


def test_a_conversation_is_cleared_on_request(tiny: TinyServer, open_page: OpenPage) -> None:
    """It is asked once; then the turns, the answers and their addresses are gone."""
    page = open_page(f"{tiny.url}/articles/{SIGNS}")
    chat = Chat(page)
    record = chat.record_of(chat.ask(IN_TEXT[0]))
    clear = chat.root.get_by_role("button", name="Clear conversation")
    clear.click()
    chat.root.get_by_role("button", name="Keep it").click()
    expect(clear).to_be_focused()
    expect(chat.turns).to_have_count(1)
    clear.click()
    chat.root.get_by_role("button", name="Clear it?").click()
    expect(chat.turns).to_have_count(0)
    expect(chat.box).to_be_focused()
    assert page.request.get(f"{tiny.url}/v1/answers/{record['answer_id']}").status == 404
    page.reload()
    expect(chat.ask_button).to_be_visible()
    expect(chat.turns).to_have_count(0)


def test_the_time_of_each_stage_is_shown_on_demand(tiny: TinyServer, open_page: OpenPage) -> None:
    """Every stage of the record is named with its milliseconds, once somebody wants to know."""
    chat = Chat(open_page(f"{tiny.url}/articles/{SIGNS}"))
    turn = chat.ask(IN_TEXT[0])
    table = turn.get_by_role("table")
    expect(table).to_have_count(0)
    turn.get_by_text("Time per stage").click()
    expect(table).to_be_visible()
    timings = chat.record_of(turn)["timings_ms"]
    assert timings
    for stage, ms in timings.items():
        row = table.get_by_role("row").filter(has=chat.page.get_by_role("rowheader", name=stage))
        expect(row.first).to_contain_text(f"{math.floor(ms + 0.5)} ms")  # as browsers round
