"""On paper: an answer with all that is needed to check it, and none of what cannot be pressed."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import IN_ABSTRACT, IN_TEXT, SIGNS, UNANSWERED
from tests.e2e.servers import TinyServer


@pytest.fixture
def chat(tiny: TinyServer, open_page: OpenPage) -> Chat:
    """Open the page of the article on signs."""
    return Chat(open_page(f"{tiny.url}/articles/{SIGNS}"))


def assert_all_is_printed(page: Page, within: Locator, record: dict[str, object]) -> None:
    """Check that sentences, quotes, references, date, review status and answer id are visible."""
    for text in (record["question"], record["answer_id"]):
        expect(within.get_by_text(str(text)).first).to_be_visible()
    citations = [c for s in record["statements"] for c in s["citations"]]  # type: ignore[attr-defined]
    for citation in citations:
        quote = within.locator("blockquote:visible").filter(has_text=citation["quote"])
        expect(quote.first).to_be_visible()
    for reference in record["references"]:  # type: ignore[attr-defined]
        expect(within.get_by_text(reference["title"]).first).to_be_visible()
    printed = page.locator("body").inner_text()
    assert "2025-02-03" in printed or "3 February 2025" in printed
    assert "under review" in printed.lower()


def test_an_answer_in_the_box_is_printed_whole(chat: Chat) -> None:
    """Closed cards are printed with their quotes; buttons and fields are not."""
    page = chat.page
    turn = chat.ask(IN_ABSTRACT[0])
    record = chat.record_of(turn)
    page.emulate_media(media="print")
    assert_all_is_printed(page, turn, record)
    for control in ("Copy as text", "Helpful", "Clear conversation", "Ask", "Close"):
        for button in chat.root.get_by_role("button", name=control, exact=True).all():
            expect(button).not_to_be_visible()
    expect(chat.box).not_to_be_visible()
    assert chat.log.evaluate("(log) => log.scrollHeight <= log.clientHeight + 1")


def test_all_turns_are_printed(chat: Chat) -> None:
    """What lies outside the box's window on the screen stands on the paper too."""
    for question in (IN_TEXT[0], UNANSWERED, IN_ABSTRACT[0]):
        chat.ask(question)
    chat.page.emulate_media(media="print")
    for turn in chat.turns.all():
        expect(turn.get_by_role("heading", level=3)).to_be_visible()
    assert chat.log.evaluate("(log) => log.scrollHeight <= log.clientHeight + 1")


def test_an_answers_own_page_is_printed_whole(chat: Chat) -> None:
    """So is the page at its address, and it becomes a PDF."""
    page = chat.page
    record = chat.record_of(chat.ask(IN_ABSTRACT[0]))
    page.goto(page.url.partition("/articles/")[0] + f"/answers/{record['answer_id']}")
    page.emulate_media(media="print")
    assert_all_is_printed(page, page.get_by_role("main"), record)
    for button in page.get_by_role("button").all():
        expect(button).not_to_be_visible()
    assert page.pdf().startswith(b"%PDF")
