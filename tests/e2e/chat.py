"""The question box as somebody uses it: by the roles and names of its parts."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect

Record = dict[str, Any]
_QUESTIONS = re.compile(r"/v1/articles/.+/questions$")
REFUSED = re.compile("^The sources (come near|do not)")
DONE = "Copy as text"  # the button that a finished answer has


class Chat:
    """One `<sequitur-chat>` on a page. Locators reach into its shadow DOM by themselves."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator("sequitur-chat")
        self.panel = self.root.locator(".panel")  # in the shadow; the plain form is outside of it
        self.box = self.panel.get_by_role("textbox", name="Your question")
        self.ask_button = self.panel.get_by_role("button", name="Ask", exact=True)
        self.stop_button = self.panel.get_by_role("button", name="Stop", exact=True)
        self.log = self.panel.get_by_role("group", name="Questions and answers")
        self.turns = self.panel.get_by_role("article")
        self.announced = self.panel.locator("[role=status][aria-live]")

    def send(self, question: str) -> Locator:
        """Write a question and press the button; return its turn, answered or not."""
        self.box.fill(question)
        self.ask_button.click()
        return self.turns.last

    def ask(self, question: str) -> Locator:
        """Ask, wait until all is there, and return the turn."""
        self.send(question)
        return self.finished(question)

    def finished(self, question: str) -> Locator:
        """Wait until the last turn, which asks this, is over; return it."""
        turn = self.turns.last
        expect(turn.get_by_role("heading", level=3)).to_have_text(question)
        expect(turn).to_have_attribute("aria-busy", "false")
        expect(self.ask_button).to_be_visible()
        return turn

    def record_of(self, turn: Locator) -> Record:
        """Return the record of a finished answer, from the server."""
        href = turn.get_by_role("link", name="Link to this answer").get_attribute("href")
        assert href is not None
        path = f"/v1/answers/{href.rpartition('/')[2]}"
        response = self.page.request.get(href.partition("/answers/")[0] + path)
        assert response.ok
        record: Record = response.json()
        return record

    def aside(self, question: str) -> Record:
        """Ask on the side, in the same article and outside the conversation; return the record."""
        base, _, slug = self.page.url.partition("#")[0].partition("/articles/")
        response = self.page.request.post(
            f"{base}/v1/articles/{slug}/questions", data={"question": question}
        )
        assert response.ok
        record: Record = response.json()
        return record

    def statements(self, turn: Locator) -> Locator:
        """Return the statements of a turn."""
        return turn.locator("ol.statements > li")

    def markers(self, turn: Locator) -> Locator:
        """Return the citation numbers of a turn: buttons."""
        return turn.get_by_role("button", name=re.compile(r"^Source \d+"))

    def card(self, turn: Locator, marker: int = 1) -> Locator:
        """Return the card of a citation number: where it is open, the first one."""
        return turn.get_by_role("group", name=f"Source {marker}", exact=True).first

    def open_card(self, turn: Locator, marker: int = 1) -> Locator:
        """Open the first card of a citation number with the mouse; return it."""
        turn.get_by_role("button", name=re.compile(rf"^Source {marker}\b")).first.click()
        card = self.card(turn, marker)
        expect(card).to_be_visible()
        return card


def is_question(response: Response) -> bool:
    """Tell whether a response answers a question."""
    return bool(_QUESTIONS.search(response.url)) and response.request.method == "POST"
