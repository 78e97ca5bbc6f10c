"""An answer on its way: in pieces, stopped, lost, and from a server that comes and goes."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browser import Watch, assert_still
from tests.e2e.chat import DONE, Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import HeldReader
from tests.e2e.servers import TinyServer, wait_until
from tests.e2e.test_asking import folded, lines_of, shown

# two statements, the second of them a list
QUESTION = "What is organizing pneumonia?"
MASSON, TAPER = "What are Masson bodies?", "How is prednisone tapered?"
TITLE = "How do lungs repair themselves?"
# what the browser itself writes into its console when a connection breaks
BROKEN = r"Failed to load resource: net::ERR_(INCOMPLETE_CHUNKED|CONNECTION|EMPTY|NETWORK)"
_COLLECT = """(region) => {
  globalThis.__said = [];
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") globalThis.__said.push(change.target.data);
      for (const node of change.addedNodes) {
        if (node.nodeType !== 8 && node.textContent) globalThis.__said.push(node.textContent);
      }
    }
  }).observe(region, { childList: true, subtree: true, characterData: true });
}"""


@pytest.fixture
def chat(tiny: TinyServer, open_page: OpenPage) -> Chat:
    """Open the page of the article on lungs."""
    return Chat(open_page(f"{tiny.url}/articles/lungs"))


def failed(turn: Locator) -> Locator:
    """Return the message of a turn that did not end well; waits until there is one."""
    expect(turn.get_by_role("button", name="Ask again")).to_be_visible()
    return turn


def test_the_pieces_arrive_one_by_one(chat: Chat, tiny: TinyServer) -> None:
    """First what is being read, then each sentence with its numbers, at last the whole record."""
    record = chat.aside(QUESTION)
    texts = [shown(s["text"]) for s in record["statements"]]
    assert len(texts) > 1
    tiny.gate.hold("retrieval", "statement", "done")
    turn = chat.send(QUESTION)
    expect(chat.stop_button).to_be_visible()
    expect(turn).to_have_attribute("aria-busy", "true")
    tiny.gate.let_one("retrieval")
    expect(turn).to_contain_text(TITLE)
    expect(chat.statements(turn)).to_have_count(0)
    for number in range(1, len(texts) + 1):
        tiny.gate.let_one("statement")
        expect(chat.statements(turn)).to_have_count(number)
        assert lines_of(chat) == texts[:number]
        expect(chat.markers(chat.statements(turn).nth(number - 1)).first).to_be_visible()
        expect(turn.get_by_role("button", name=DONE)).to_have_count(0)
    expect(chat.stop_button).to_be_visible()
    tiny.gate.open()
    chat.finished(QUESTION)
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()
    assert lines_of(chat) == texts


def test_a_card_can_be_read_while_the_rest_is_coming(chat: Chat, tiny: TinyServer) -> None:
    """It holds all that is known of its source, and stays open when the answer is complete."""
    citation = chat.aside(QUESTION)["statements"][0]["citations"][0]
    tiny.gate.hold("statement", "done")
    turn = chat.send(QUESTION)
    tiny.gate.let_one("statement")
    card = chat.open_card(turn)
    expect(card.locator("blockquote").first).to_have_text(citation["quote"])
    expect(card).to_contain_text(TITLE)
    tiny.gate.open()
    chat.finished(QUESTION)
    expect(card).to_be_visible()


def test_whole_sentences_are_announced(chat: Chat, tiny: TinyServer) -> None:
    """What a screen reader is given are complete sentences, each once, and then the end."""
    record = chat.aside(QUESTION)
    chat.announced.evaluate(_COLLECT)
    tiny.gate.hold("statement")
    chat.send(QUESTION)
    for number in range(1, len(record["statements"]) + 1):
        tiny.gate.let_one("statement")
        expect(chat.statements(chat.turns.last)).to_have_count(number)
    chat.finished(QUESTION)
    said = [folded(text) for text in chat.page.evaluate("globalThis.__said") if text.strip()]
    sentences = [shown(s["text"]) for s in record["statements"]]
    assert len(said) == len(sentences) + 1
    for heard, sentence in zip(said, sentences, strict=False):
        assert heard.startswith(sentence)
        assert re.fullmatch(r" Source \d+(, \d+)*\.", heard.removeprefix(sentence))
    assert said[-1].startswith("Answer complete")


def test_nothing_moves_while_an_answer_streams(chat: Chat, tiny: TinyServer) -> None:
    """Neither the page nor the box around the answer shifts, and the page does not scroll."""
    page = chat.page
    count = len(chat.aside(QUESTION)["statements"])
    box = chat.root.bounding_box()
    before = page.evaluate("[scrollX, scrollY, document.documentElement.scrollHeight]")
    tiny.gate.hold("statement", "done")
    chat.box.fill(QUESTION)
    # sent without a click or a key: what moves soon after one of those would not be counted
    chat.root.evaluate("(chat) => chat.shadowRoot.querySelector('form').requestSubmit()")
    for number in range(1, count + 1):
        tiny.gate.let_one("statement")
        expect(chat.statements(chat.turns.last)).to_have_count(number)
    tiny.gate.open()
    chat.finished(QUESTION)
    assert_still(page, up_to=0.001)
    assert chat.root.bounding_box() == box
    assert page.evaluate("[scrollX, scrollY, document.documentElement.scrollHeight]") == before


def test_a_question_can_be_stopped_and_asked_again(
    chat: Chat, tiny: TinyServer, reader: HeldReader
) -> None:
    """Nothing of a stopped question is kept; asking it again answers it."""
    reader.hold()
    turn = chat.send(MASSON)
    wait_until(reader.waiting.is_set, "the reading begins")
    with chat.page.expect_response(re.compile("/running$")) as told:
        chat.stop_button.click()
    expect(failed(turn)).to_contain_text("Stopped")
    expect(chat.ask_button).to_be_visible()
    conversation = re.search(r"/v1/conversations/([^/]+)/running", told.value.url)
    assert conversation is not None
    assert told.value.json() == {"stopped": 1}
    reader.let_go()
    kept = chat.page.request.get(f"{tiny.url}/v1/conversations/{conversation[1]}")
    assert kept.status == 404 or kept.json()["turns"] == []
    turn.get_by_role("button", name="Ask again").click()
    chat.finished(MASSON)
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()
    expect(chat.turns).to_have_count(1)


def test_a_reader_in_the_line_sees_how_many_are_before(
    chat: Chat, tiny: TinyServer, reader: HeldReader
) -> None:
    """While others are answered; and is answered after them."""
    reader.hold()
    places, running = tiny.settings.questions_at_once, tiny.app.state.reception.running
    with ThreadPoolExecutor(places + 1) as pool:
        url, body = f"{tiny.url}/v1/articles/lungs/questions", {"question": MASSON}
        others = [pool.submit(httpx2.post, url, json=body, timeout=30) for _ in range(places + 1)]
        wait_until(lambda: len(running._line._waiting) == 1, "all others have come")
        turn = chat.send(MASSON)
        expect(turn.locator(".progress")).to_have_text("1 before you …")
        reader.let_go()
        assert {other.result(30).status_code for other in others} == {200}
    chat.finished(MASSON)


def test_a_lost_connection_is_taken_up_again(chat: Chat, tiny: TinyServer, watch: Watch) -> None:
    """The answer was finished all the same: it is fetched, and shown once."""
    watch.allow(BROKEN)
    tiny.gate.cut("statement")
    turn = chat.ask(MASSON)
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()
    record = chat.record_of(turn)
    assert lines_of(chat) == [shown(s["text"]) for s in record["statements"]]
    expect(chat.turns).to_have_count(1)
    tiny.gate.open()
    chat.ask(TAPER)
    chat.page.reload()
    expect(chat.turns).to_have_count(2)


def test_a_failure_on_the_way_is_told(chat: Chat, reader: HeldReader) -> None:
    """An error after the stream has begun names no inside, and the question can be asked again."""
    reader.break_down()
    turn = chat.send(MASSON)
    expect(failed(turn)).to_contain_text("could not be served")
    expect(turn).not_to_contain_text("RuntimeError")
    reader.let_go()
    turn.get_by_role("button", name="Ask again").click()
    chat.finished(MASSON)
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()


def test_a_server_that_is_gone_is_told_and_used_again_when_it_is_back(
    mortal: TinyServer, open_page: OpenPage, watch: Watch
) -> None:
    """What is on the page stays; the question is kept, and answered on request."""
    watch.allow(BROKEN)
    chat = Chat(open_page(f"{mortal.url}/articles/lungs"))
    chat.ask(MASSON)
    mortal.stop()
    try:
        turn = chat.send(TAPER)
        expect(turn).to_contain_text("The server cannot be reached", timeout=30_000)
        expect(chat.turns).to_have_count(2)
        expect(chat.turns.first.get_by_role("button", name=DONE)).to_be_visible()
    finally:
        mortal.start()
    turn.get_by_role("button", name="Ask again").click()
    chat.finished(TAPER)
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()
    chat.page.reload()
    expect(chat.turns).to_have_count(2)


def test_a_server_that_is_starting_is_waited_for(
    mortal: TinyServer, open_page: OpenPage, watch: Watch
) -> None:
    """A question asked while the library is being loaded is answered when it is there."""
    watch.allow("503")
    chat = Chat(open_page(f"{mortal.url}/articles/lungs"))
    # a connection that is made while the server stops would hang, which no ended process does
    chat.page.wait_for_load_state("networkidle")
    mortal.stop()
    loaded = threading.Event()
    mortal.start(loaded)
    turn = chat.send(MASSON)
    expect(turn).to_contain_text("The server is starting")
    loaded.set()
    chat.finished(MASSON)
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()


def test_without_a_network_the_box_says_so(chat: Chat, watch: Watch) -> None:
    """A browser that is offline knows it; nothing else is blamed."""
    watch.allow("ERR_INTERNET_DISCONNECTED")
    chat.page.context.set_offline(offline=True)
    turn = chat.send(MASSON)
    expect(turn).to_contain_text("You are offline", timeout=30_000)
    chat.page.context.set_offline(offline=False)
    turn.get_by_role("button", name="Ask again").click()
    chat.finished(MASSON)
    expect(turn.get_by_role("button", name=DONE)).to_be_visible()
