"""What can be done with an answer: rate it, copy it, take it along, send its address."""

import re

import pytest
from playwright.sync_api import Locator, expect

from service.store import AnswerStore
from tests.e2e.browser import Watch
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import IN_ABSTRACT, IN_TEXT, SIGNS
from tests.e2e.servers import TinyServer, wait_until

FORMATS = {
    "Markdown": ("markdown", ".md"),
    "BibTeX": ("bibtex", ".bib"),
    "RIS": ("ris", ".ris"),
    "CSL-JSON": ("csl-json", ".json"),
    "Vancouver": ("vancouver", ".txt"),
}


@pytest.fixture
def chat(tiny: TinyServer, open_page: OpenPage) -> Chat:
    """Open the page of the article on signs; the clipboard may be used there."""
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{tiny.url}/articles/{SIGNS}")
    return Chat(page)


@pytest.fixture
def kept(tiny: TinyServer) -> AnswerStore:
    """Open what the server keeps, from outside."""
    return AnswerStore(tiny.file)


def button(turn: Locator, name: str) -> Locator:
    return turn.get_by_role("button", name=name, exact=True)


def test_a_rating_and_its_comment_are_kept(chat: Chat, kept: AnswerStore) -> None:
    """A click rates, a comment may follow, and what was written is stored with the answer."""
    turn = chat.ask(IN_TEXT[0])
    answer_id = chat.record_of(turn)["answer_id"]
    button(turn, "Not helpful").click()
    expect(button(turn, "Not helpful")).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: kept.feedback(answer_id) is not None, "the rating")
    turn.get_by_role("textbox", name="Your comment (optional)").fill("Too short 🫁 <b>")
    button(turn, "Send comment").click()
    expect(turn.get_by_text("Thank you")).to_be_visible()
    feedback = kept.feedback(answer_id)
    assert feedback is not None
    assert (feedback.rating, feedback.comment) == ("down", "Too short 🫁 <b>")
    kept.close()


def test_the_last_rating_counts(chat: Chat, kept: AnswerStore) -> None:
    """Who changes their mind presses the other button; a comment is not asked for."""
    turn = chat.ask(IN_TEXT[0])
    answer_id = chat.record_of(turn)["answer_id"]
    button(turn, "Not helpful").click()
    expect(button(turn, "Not helpful")).to_have_attribute("aria-pressed", "true")
    button(turn, "Helpful").click()
    expect(button(turn, "Helpful")).to_have_attribute("aria-pressed", "true")
    expect(button(turn, "Not helpful")).to_have_attribute("aria-pressed", "false")

    def is_up() -> bool:
        feedback = kept.feedback(answer_id)
        return feedback is not None and feedback.rating == "up"

    wait_until(is_up, "the second rating")
    kept.close()


def test_an_answer_is_copied_as_text(chat: Chat) -> None:
    """The clipboard holds the sentences, their numbers and the references in Vancouver style."""
    turn = chat.ask(IN_ABSTRACT[0])
    record = chat.record_of(turn)
    button(turn, "Copy as text").click()
    expect(turn.get_by_text("Copied.")).to_be_visible()
    text = chat.page.evaluate("navigator.clipboard.readText()")
    assert record["statements"][0]["text"] in text
    assert record["references"][0]["formatted"] in text
    assert "1" in text


def test_where_the_clipboard_is_closed_the_text_is_shown(
    tiny: TinyServer, open_page: OpenPage
) -> None:
    """It can then be copied by hand."""
    page = open_page()
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })"
    )
    page.goto(f"{tiny.url}/articles/{SIGNS}")
    chat = Chat(page)
    turn = chat.ask(IN_ABSTRACT[0])
    button(turn, "Copy as text").click()
    by_hand = turn.get_by_role("textbox", name="The answer as text")
    expect(by_hand).to_have_value(re.compile("Percussion dullness reveals"))


@pytest.mark.parametrize("label", FORMATS)
def test_an_answer_is_exported(chat: Chat, label: str) -> None:
    """The link downloads a file of that format, with a name that says what it is."""
    turn = chat.ask(IN_ABSTRACT[0])
    record = chat.record_of(turn)
    turn.get_by_text("Export", exact=True).click()
    format_name, ending = FORMATS[label]
    with chat.page.expect_download() as downloading:
        turn.get_by_role("link", name=label, exact=True).click()
    download = downloading.value
    assert download.suggested_filename.endswith(ending)
    path = f"/v1/answers/{record['answer_id']}/export?format={format_name}"
    served = chat.page.request.get(chat.page.url.partition("/articles/")[0] + path)
    assert download.path().read_bytes() == served.body()
    title = record["references"][0]["title"]
    assert title in (served.json()[0]["title"] if format_name == "csl-json" else served.text())


def test_an_answer_has_an_address(chat: Chat) -> None:
    """Its own page shows the question, the sentences, the quotes, the sources and its id."""
    turn = chat.ask(IN_TEXT[0])
    record = chat.record_of(turn)
    turn.get_by_role("link", name="Link to this answer").click()
    chat.page.wait_for_url(f"**/answers/{record['answer_id']}")
    main = chat.page.get_by_role("main")
    expect(main).to_contain_text(record["question"])
    expect(main).to_contain_text(record["answer_id"])
    for statement in record["statements"]:
        expect(main).to_contain_text(statement["text"])
        for citation in statement["citations"]:
            quote = main.locator("blockquote").filter(has_text=citation["quote"])
            expect(quote.first).to_be_visible()
    for reference in record["references"]:
        expect(main).to_contain_text(reference["title"])


def test_a_rating_that_is_not_taken_is_told(chat: Chat, watch: Watch) -> None:
    """When the server does not take it, the button goes back and says so."""
    watch.allow("Failed to load resource")
    turn = chat.ask(IN_TEXT[0])
    chat.page.route("**/feedback", lambda route: route.abort())
    button(turn, "Helpful").click()
    expect(turn.get_by_text("The server cannot be reached")).to_be_visible()
    expect(button(turn, "Helpful")).to_have_attribute("aria-pressed", "false")
