"""The question box without JavaScript, hostile texts, and the pages of what went wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urldefrag, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpus.answers import Answer, Refusal
from corpus.errors import IndexingError
from service.api import create_app
from service.assistant import Assistant, Question
from service.http_articles import page_path
from service.refusal import refuse
from service.settings import Settings
from tests.service.browsing import BROWSER, Element, ask, get, read
from tests.service.conftest import HOSTILE, HOSTILE_SLUG, started

Refused = Callable[[Refusal], None]


@pytest.fixture
def refused_with(monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Let every question be refused in this way."""
    ask_as_ever = Assistant.ask_with_findings

    def refused(refusal: Refusal) -> None:
        def asked(assistant: Assistant, *args: Any, **more: Any) -> tuple[Answer, Any]:
            answer, findings = ask_as_ever(assistant, *args, **more)
            return replace(answer, statements=(), sources=(), refusal=refusal), findings

        monkeypatch.setattr(Assistant, "ask_with_findings", asked)

    return refused


class TestAsking:
    """The question box without JavaScript."""

    def test_the_box_is_a_labelled_form(self, client: TestClient) -> None:
        """The form posts to its own page, and its field has a label and the limit."""
        page = get(client, "/articles/doi:10.1%2Fx")
        form = page.one("form", id="question-form")
        assert form.attributes["method"] == "post"
        assert form.attributes["action"] == "/articles/doi:10.1%2Fx#answer"
        field_ = form.one("textarea")
        assert page.one("label", **{"for": "question"}).text
        assert field_.attributes["name"] == field_.attributes["id"] == "question"
        assert field_.attributes["maxlength"] == str(Settings().max_question_chars)

    def test_the_answer_stands_in_the_box(self, client: TestClient) -> None:
        """Statements, numbered citations, quotes and sources come after the form."""
        page = ask(client, "/articles/lungs", "Which medicines trigger organizing pneumonia?")
        answer = page.one("article", class_="answer")
        assert page.one("sequitur-chat").one("article", class_="answer") is answer
        (statement,) = answer.one("ol", class_="statements").all("li")[:1]
        assert [line.text for line in statement.all("p", class_="line")][:2] == [
            "Medicines that trigger organizing pneumonia include:",
            "amiodarone",
        ]
        assert statement.one("a", class_="marker").text == "[1]"
        assert "amiodarone" in statement.one("blockquote").text
        assert "How do lungs repair" in answer.one("ol", class_="sources").text
        assert page.one("textarea").text == ""

    @pytest.mark.parametrize(
        ("question", "path"),
        [
            ("Which medicines trigger organizing pneumonia?", ""),
            ("What are Masson bodies?", "/articles/doi:10.1000%2Fmasson"),
        ],
    )
    def test_citations_lead_to_their_block(
        self, client: TestClient, question: str, path: str
    ) -> None:
        """Every link of a statement ends at an anchor that is there, here or on its own page."""
        page = ask(client, "/articles/lungs", question)
        links = page.one("ol", class_="statements").all("a")
        addresses = [urldefrag(str(link.attributes["href"])) for link in links]
        assert {address.url for address in addresses} == {path}
        target = get(client, path) if path else page
        assert all(target.one(id=address.fragment) for address in addresses)

    def test_a_refusal_says_why_and_what_is_near(self, client: TestClient) -> None:
        """Reason, nearest passages with links, and no statements."""
        page = ask(client, "/articles/lungs", "What is the capital of France?")
        answer = page.one("article", class_="refused")
        assert answer.one("h4", class_="refused").text.startswith("○○○ The sources ")
        assert "These sources d" in answer.one("p", class_="refusal").text
        nearest = answer.one("ul", class_="quotes").all("li")
        assert nearest
        assert all(str(near.one("a").attributes["href"]) for near in nearest)
        assert not answer.all("ol", class_="statements")

    def test_an_emergency_is_an_alert(self, client: TestClient, refused_with: Refused) -> None:
        """Help is named where a screen reader speaks at once, and nothing else is shown."""
        refused_with(refuse("emergency", question="I can't breathe"))
        answer = ask(client, "/articles/lungs", "I can't breathe").one("article", class_="refused")
        alert = answer.one("p", role="alert")
        assert alert.attributes["class"] == "emergency"
        assert "emergency number now" in alert.text
        assert not answer.all("blockquote")

    def test_words_without_support_are_marked(
        self, client: TestClient, refused_with: Refused
    ) -> None:
        """What nothing was found on stands out, once, in the sentence that says so."""
        refused_with(refuse("not_in_these_sources", unsupported=("inhaled <b>zinc", "gold")))
        page = ask(client, "/articles/lungs", "Does inhaled zinc help?")
        said = page.one("article", class_="refused").one("p", class_="refusal")
        assert said.one("mark").text == "inhaled <b>zinc, gold"
        assert " ".join(said.text.split()).endswith("found on: inhaled <b>zinc, gold.")

    @pytest.mark.parametrize("asked", ["What is the capital of France?", "What fills alveoli?"])
    def test_what_is_suggested_can_be_asked(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch, asked: str
    ) -> None:
        """Under an answer or a refusal, each is a button that posts it in the conversation."""
        ask_really = Assistant.ask_with_findings

        def suggesting(assistant: Assistant, question: Question, *_: Any) -> tuple[Answer, Any]:
            answer, found = ask_really(assistant, question)
            offered = ("What are Masson bodies?",)
            refusal = answer.refusal and replace(answer.refusal, try_asking=offered)
            under = () if refusal else offered
            return replace(answer, refusal=refusal, suggestions=under), found

        monkeypatch.setattr(Assistant, "ask_with_findings", suggesting)
        page = ask(client, "/articles/lungs", asked)
        form = page.one("section", class_="suggestions").one("form", class_="suggestion")
        fields = {str(e.attributes["name"]): str(e.attributes["value"]) for e in form.all("input")}
        button = form.one("button")
        fields[str(button.attributes["name"])] = str(button.attributes["value"])
        answer = read(client.post(str(form.attributes["action"]), data=fields).text)
        assert answer.one("article", class_="answered").one("h3").text == "What are Masson bodies?"

    def test_a_follow_up_goes_on_with_the_conversation(self, client: TestClient) -> None:
        """The hidden field carries the conversation from one answer to the next question."""
        first = ask(client, "/articles/lungs", "What are Masson bodies?")
        token = first.one("input", name="conversation_id").attributes["value"]
        assert token
        second = ask(client, "/articles/lungs", "And where are they?", conversation_id=token)
        assert "Masson" in second.one("article", class_="answer").text
        assert second.one("input", name="conversation_id").attributes["value"] == token

    def test_a_conversation_goes_on_between_page_and_endpoint(self, client: TestClient) -> None:
        """Both ways of asking share the store."""
        page = ask(client, "/articles/lungs", "What are Masson bodies?")
        token = page.one("input", name="conversation_id").attributes["value"]
        body = {"question": "And where are they?", "conversation_id": token}
        record = client.post("/v1/articles/lungs/questions", json=body).json()
        assert "Masson" in record["standalone_question"]

    def test_two_readers_get_two_conversations(self, client: TestClient) -> None:
        """A first question without an id begins a conversation that nobody else has."""
        pages = [ask(client, "/articles/lungs", "What are Masson bodies?") for _ in range(2)]
        tokens = {p.one("input", name="conversation_id").attributes["value"] for p in pages}
        assert len(tokens) == 2

    @pytest.mark.parametrize("question", ["", "   ", "x" * 1001])
    def test_a_mistake_is_said_beside_the_box(self, client: TestClient, question: str) -> None:
        """An empty or over-long question keeps the page, with an alert, and what was written."""
        response = client.post("/articles/lungs", data={"question": question})
        assert response.status_code == 422
        page = read(response.text)
        assert page.one("sequitur-chat").one(role="alert").text
        assert page.one("textarea").text == question.strip()
        assert page.one("textarea").attributes["aria-invalid"] == "true"
        assert page.one("h1").text == "How do lungs repair themselves?"

    @pytest.mark.parametrize(
        ("content", "media_type", "status"),
        [
            (b"question=%ff%fe", "application/x-www-form-urlencoded", 400),
            (b"\xff", "application/x-www-form-urlencoded", 400),
            (b"&".join([b"a=1"] * 99), "application/x-www-form-urlencoded", 400),
            (b"question=Why", "text/plain", 415),
            (b"", "application/x-www-form-urlencoded", 422),
            (b"question=Why&conversation_id=a+b", "application/x-www-form-urlencoded", 422),
        ],
    )
    def test_a_form_that_cannot_be_read_is_refused(
        self, client: TestClient, content: bytes, media_type: str, status: int
    ) -> None:
        """Wrong encodings, too many fields and other media types are problems."""
        response = client.post(
            "/articles/lungs", content=content, headers={"content-type": media_type}
        )
        assert response.status_code == status

    def test_letters_of_all_kinds_are_read(self, client: TestClient) -> None:
        """The form's text is UTF-8, plus signs and percent signs included."""
        question = "Größe +5 %? – naïve ☃"
        page = ask(client, "/articles/lungs", question)
        assert page.one("article", class_="answer").one("h3").text == question


class TestHostileText:
    """Text of the corpus and of readers is never HTML."""

    PATH = page_path(HOSTILE_SLUG)

    @pytest.fixture
    def page(self, client: TestClient) -> Element:
        """Return the page of the hostile article after a hostile question."""
        return ask(client, self.PATH, f"What does the venom of vipers stop? {HOSTILE}")

    def test_nothing_of_it_becomes_an_element(self, page: Element) -> None:
        """There are two scripts, our own, no image, and no handler on any element."""
        sources = [script.get("src") for script in page.all("script")]
        assert sources == ["/widget.js", "/static/page.js"]
        assert not page.all("img")
        assert not page.all("i")
        assert not any(name.startswith("on") for e in page.all() for name in e.attributes)

    def test_it_is_shown_as_it_is(self, page: Element) -> None:
        """The markup is readable as text, in the title, the text, the answer and the list."""
        folded = " ".join(HOSTILE.split())
        assert folded in page.one("title").text
        assert folded in page.one("article", class_="text").text
        assert folded in page.one("article", class_="answer").text
        assert folded in page.one("ol", class_="references").text
        assert page.one("sequitur-chat").get("article") == HOSTILE_SLUG

    def test_no_address_but_the_webs_becomes_a_link(self, page: Element) -> None:
        """javascript: and data: addresses of references stay out, odd identifiers are escaped."""
        targets = [urlsplit(str(a.attributes["href"])) for a in page.all("a")]
        assert {target.scheme for target in targets} <= {"", "https"}
        assert {t.netloc for t in targets if t.netloc} == {"doi.org"}
        assert not any(set("\"'<> ") & set(t.geturl()) for t in targets)

    def test_the_form_goes_to_its_own_page(self, page: Element, client: TestClient) -> None:
        """A slug with quotes and brackets cannot leave its attribute."""
        form = page.one("form", id="question-form")
        assert form.attributes["action"] == f"{self.PATH}#answer"
        again = ask(client, form.get("action"), "What does the venom of vipers stop?")
        assert again.one("sequitur-chat").get("article") == HOSTILE_SLUG

    def test_the_endpoint_keeps_bad_addresses_to_itself(self, client: TestClient) -> None:
        """The public shape of the article gives only web addresses."""
        found = client.get(f"/v1/articles/{quote(HOSTILE_SLUG, safe='')}").json()
        assert found["policy_url"] is None
        urls = [reference["url"] for reference in found["reference_list"]]
        assert urls[:3] == [None, None, None]
        assert urls[3].startswith("https://doi.org/10.1/")


class TestProblemPages:
    """What a browser sees when something is wrong."""

    def test_an_unknown_article_is_a_page(self, client: TestClient) -> None:
        """A browser gets HTML with status 404, a program gets problem details."""
        response = client.get("/articles/%3Cb%3Enope", headers=BROWSER)
        assert response.status_code == 404
        page = read(response.text)
        assert "<b>nope" in page.text
        assert page.one("main").one("a").attributes["href"] == "/"
        plain = client.get("/articles/nope")
        assert plain.headers["content-type"] == "application/problem+json"

    def test_a_server_that_is_not_ready_is_a_page(self) -> None:
        """The reason is shown as a page, too."""

        def never() -> Assistant:
            raise IndexingError("no index here")

        for client in started(create_app(never, Settings())):
            response = client.get("/", headers=BROWSER)
            assert response.status_code == 503
            assert "no index here" in read(response.text).text

    def test_an_unforeseen_error_is_a_page(
        self, app: FastAPI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It says nothing of the inside."""

        def fails(*_: Any) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr(Assistant, "ask_with_findings", fails)
        for client in started(app):
            response = client.post("/articles/lungs", data={"question": "Why?"}, headers=BROWSER)
            assert response.status_code == 500
            assert "Something went wrong" in read(response.text).text
            assert "secret" not in response.text
