"""Every state of the pages, each reached as a reader reaches it: for axe-core and for pictures.

A state is a function that takes a fresh page and leaves it as it is to be looked at. `{sample}`
and `{tiny}` servers are given by `Places`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.embedding import embedding_page
from tests.e2e.highlight import IS_CITED
from tests.e2e.library import EMERGENCY, IN_TEXT, SIGNS, HeldReader
from tests.e2e.made import give, near_miss, partial_answer
from tests.e2e.servers import ForeignServer, SampleServer, TinyServer
from tests.service.cases import COP

DOSE = "How long is prednisone tapered?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the states are found."""

    sample: SampleServer
    tiny: TinyServer
    foreign: ForeignServer
    reader: HeldReader

    @property
    def cop(self) -> str:
        """The address of the sample's first article."""
        return f"{self.sample.url}/articles/{COP}"

    @property
    def signs(self) -> str:
        """The address of the small library's article on signs."""
        return f"{self.tiny.url}/articles/{SIGNS}"

    def at_rest(self) -> None:
        """Undo what a state did to the servers."""
        self.tiny.gate.open()
        self.reader.let_go()


State = Callable[[Page, Places], None]
STATES: dict[str, State] = {}


def _state(function: State) -> State:
    STATES[function.__name__.replace("_", "-")] = function
    return function


def _opened(page: Page, address: str) -> Chat:
    page.goto(address)
    chat = Chat(page)
    expect(chat.ask_button).to_be_visible()
    return chat


def _audience(page: Page, audience: str) -> None:
    group = page.get_by_role("group", name="Which best describes you?")
    group.get_by_role("button", name=audience).click()
    expect(page.locator("html")).to_have_attribute("data-audience", audience)


@_state
def library(page: Page, at: Places) -> None:
    """Show the list of articles."""
    page.goto(at.sample.url)


@_state
def library_without_a_hit(page: Page, at: Places) -> None:
    """Search for what there is not."""
    page.goto(at.sample.url)
    page.get_by_role("searchbox").fill("zebra")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=zebra*")


@_state
def article(page: Page, at: Places) -> None:
    """Open an article, the box beside it."""
    chat = _opened(page, at.cop)
    expect(chat.root.locator("button.suggestion").first).to_be_visible()


@_state
def article_for_patients(page: Page, at: Places) -> None:
    """Open an article with its words explained."""
    _opened(page, at.cop)
    _audience(page, "patient")


@_state
def article_under_review(page: Page, at: Places) -> None:
    """Open an article that waits, with a retracted, a missing and an unresolved reference."""
    _opened(page, at.signs)


@_state
def abstract(page: Page, at: Places) -> None:
    """Open the page of an abstract."""
    _opened(page, f"{at.sample.url}/articles/pmid:37153105")


@_state
def not_found(page: Page, at: Places) -> None:
    """Ask for a page that there is not."""
    page.goto(f"{at.sample.url}/articles/nowhere")


@_state
def reading(page: Page, at: Places) -> None:
    """Wait while passages are being read."""
    chat = _opened(page, at.signs)
    at.tiny.gate.hold("statement")
    turn = chat.send(IN_TEXT[0])
    expect(turn).to_contain_text("Looking through")


@_state
def streaming(page: Page, at: Places) -> None:
    """Read the first sentence while the rest is coming."""
    chat = _opened(page, f"{at.tiny.url}/articles/lungs")
    at.tiny.gate.hold("statement")
    turn = chat.send("What is organizing pneumonia?")
    at.tiny.gate.let_one("statement")
    expect(chat.statements(turn)).to_have_count(1)


@_state
def answer(page: Page, at: Places) -> None:
    """Read a whole answer."""
    _opened(page, at.cop).ask(DOSE)


@_state
def citation_card(page: Page, at: Places) -> None:
    """Look at what a sentence rests on."""
    chat = _opened(page, at.cop)
    chat.open_card(chat.ask(DOSE))


@_state
def every_card_open(page: Page, at: Places) -> None:
    """Look at everything that an answer rests on."""
    chat = _opened(page, at.cop)
    turn = chat.ask("Which medicines can trigger organizing pneumonia?")
    for marker in chat.markers(turn).all():
        marker.click()


@_state
def span_in_the_article(page: Page, at: Places) -> None:
    """See the cited words in the article."""
    chat = _opened(page, at.cop)
    card = chat.open_card(chat.ask("Which medicines can trigger organizing pneumonia?"))
    card.get_by_role("link", name="Show in article").last.click()
    page.wait_for_function(IS_CITED)


@_state
def retracted_source(page: Page, at: Places) -> None:
    """Read an answer that rests on a retracted paper."""
    chat = _opened(page, at.signs)
    chat.open_card(chat.ask("Which magnets straighten clubbed nails?"))


@_state
def answer_for_patients(page: Page, at: Places) -> None:
    """Read an answer with its words explained."""
    chat = _opened(page, at.cop)
    _audience(page, "patient")
    chat.ask("What does high-resolution CT show?")


@_state
def follow_up(page: Page, at: Places) -> None:
    """Ask on, with a question that leans on the one before."""
    chat = _opened(page, at.cop)
    chat.ask(DOSE)
    chat.ask("And what is the starting dose?")


@_state
def refusal(page: Page, at: Places) -> None:
    """Ask what the sources do not say."""
    _opened(page, at.cop).ask("What is the five-year survival of lung cancer?")


@_state
def answer_to_a_part(page: Page, at: Places) -> None:
    """Read an answer that leaves something out, and what the article cites there."""
    give(page, partial_answer(at.tiny.assistant.library))
    _opened(page, at.signs).ask("What speaks for bronchiectasis in children?")


@_state
def near_miss_in_parts(page: Page, at: Places) -> None:
    """Be refused, with sentences and an item nearby."""
    give(page, near_miss(at.tiny.assistant.library))
    _opened(page, at.signs).ask("What speaks for pneumonia?")


@_state
def emergency(page: Page, at: Places) -> None:
    """Write of an emergency."""
    _opened(page, at.cop).ask(EMERGENCY)


@_state
def stopped(page: Page, at: Places) -> None:
    """Stop a question."""
    chat = _opened(page, at.signs)
    at.tiny.gate.hold("retrieval")
    chat.send(IN_TEXT[0])
    chat.stop_button.click()
    expect(chat.turns.last).to_contain_text("Stopped")


@_state
def failure(page: Page, at: Places) -> None:
    """Meet an error of the server."""
    chat = _opened(page, at.signs)
    at.reader.break_down()
    turn = chat.send(IN_TEXT[0])
    expect(turn.get_by_role("button", name="Ask again")).to_be_visible()


@_state
def mistake(page: Page, at: Places) -> None:
    """Ask nothing."""
    chat = _opened(page, at.signs)
    chat.ask_button.click()
    expect(chat.root.get_by_role("alert")).to_be_visible()


@_state
def rated_and_unfolded(page: Page, at: Places) -> None:
    """Rate an answer, and unfold its export and its times."""
    chat = _opened(page, at.signs)
    turn = chat.ask(IN_TEXT[0])
    turn.get_by_role("button", name="Not helpful").click()
    expect(turn.get_by_role("textbox")).to_be_visible()
    turn.get_by_text("Export", exact=True).click()
    turn.get_by_text("Time per stage").click()


@_state
def clearing(page: Page, at: Places) -> None:
    """Be asked whether the conversation is to go."""
    chat = _opened(page, at.signs)
    chat.ask(IN_TEXT[0])
    chat.root.get_by_role("button", name="Clear conversation").click()
    expect(chat.root.get_by_role("button", name="Clear it?")).to_be_visible()


@_state
def answer_page(page: Page, at: Places) -> None:
    """Open an answer at its own address."""
    chat = _opened(page, at.cop)
    chat.ask(DOSE).get_by_role("link", name="Link to this answer").click()
    page.wait_for_url("**/answers/*")


@_state
def embedded(page: Page, at: Places) -> None:
    """Ask in somebody else's page."""
    chat = _opened(page, at.foreign.put("/state", embedding_page(at.tiny.url, SIGNS)))
    chat.open_card(chat.ask(IN_TEXT[0]))


@_state
def not_allowed(page: Page, at: Places) -> None:
    """Meet the box on a site that may not use it."""
    at.foreign.put("/state", embedding_page(at.tiny.url, SIGNS))
    page.goto(f"{at.foreign.other_origin}/state")
    expect(page.get_by_text("This site is not on the list")).to_be_visible()
