"""The pages, as a browser without JavaScript gets them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urldefrag, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpus.answers import Answer, Refusal
from corpus.errors import IndexingError
from service.api import create_app
from service.assistant import Assistant, Findings, Question
from service.http_articles import doi_address, page_path, pubmed_address, web_address
from service.http_page_views import lines_of, message_parts
from service.refusal import refuse
from service.settings import Settings
from tests.service.conftest import HOSTILE, HOSTILE_SLUG, started

VOID = {"meta", "link", "input", "br", "img"}
BROWSER = {"accept": "text/html,application/xhtml+xml"}
Refused = Callable[[Refusal], None]


@dataclass
class Element:
    """An element of a page with its attributes, its children and its text."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        """Return the elements below with this tag and these attributes (`class_`: contains)."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if (not tag or child.tag == tag) and child.has(attributes):
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str) -> "Element":
        """Return the only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    def has(self, attributes: dict[str, str]) -> bool:
        """Tell whether the element has all these attributes."""
        classes = (self.attributes.get("class") or "").split()
        return all(
            value in classes if name == "class_" else self.attributes.get(name) == value
            for name, value in attributes.items()
        )

    @property
    def text(self) -> str:
        """The text below, white space folded."""
        pieces = (c if isinstance(c, str) else f" {c.text} " for c in self.children)
        return " ".join("".join(pieces).split())


class Reader(HTMLParser):
    """Builds the tree, and fails on a tag that is not closed by its own end."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be of this tag."""
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        """Add text."""
        self.open[-1].children.append(data)


def read(page: str) -> Element:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1
    return reader.open[0]


def get(client: TestClient, path: str) -> Element:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return read(response.text)


def ask(client: TestClient, path: str, question: str, **more: str) -> Element:
    response = client.post(path, data={"question": question} | more)
    assert response.status_code == 200
    return read(response.text)


@pytest.fixture
def refused_with(monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Let every question be refused in this way."""
    ask_as_ever = Assistant.ask_with_findings

    def refused(refusal: Refusal) -> None:
        def asked(assistant: Assistant, question: Question) -> tuple[Answer, Findings]:
            answer, findings = ask_as_ever(assistant, question)
            return replace(answer, statements=(), sources=(), refusal=refusal), findings

        monkeypatch.setattr(Assistant, "ask_with_findings", asked)

    return refused


class TestLibraryPage:
    """The list of articles."""

    def test_every_article_is_linked_with_its_status_and_date(self, client: TestClient) -> None:
        """Title, review status and date stand in the list; the link leads to the article."""
        entries = get(client, "/").one("ul", class_="library").all("li")
        texts = {entry.one("a").text: entry for entry in entries}
        entry = texts["How do lungs repair themselves?"]
        assert entry.one("a").attributes["href"] == "/articles/lungs"
        assert entry.one(class_="status").text == "approved"
        assert entry.one("time").text == "2024-05-17"
        assert texts["How do bones heal?"].one(class_="status").text == "under review"

    def test_every_link_of_the_list_leads_somewhere(self, client: TestClient) -> None:
        """Also the article with quotes and brackets in its slug."""
        for link in get(client, "/").one("ul", class_="library").all("a"):
            assert client.get(str(link.attributes["href"])).status_code == 200


class TestArticlePage:
    """An article."""

    @pytest.fixture
    def page(self, client: TestClient) -> Element:
        """Return the page of the article with everything."""
        return get(client, "/articles/lungs")

    def test_what_stands_around_the_text(self, page: Element) -> None:
        """Title, date, editors, audience and disclaimer are shown."""
        assert page.one("h1").text == "How do lungs repair themselves?"
        assert page.one("time").text == "2024-05-17"
        for text in ("The chest editors", "For clinicians on the ward.", "No substitute for"):
            assert text in page.text

    def test_the_review_shows_its_three_steps(self, client: TestClient, page: Element) -> None:
        """The current step is marked; before approval there is a caution."""
        steps = page.one("ol", class_="steps").all("li")
        assert [step.text for step in steps] == ["submitted", "under review", "approved"]
        assert page.one("li", **{"aria-current": "step"}).text == "approved"
        assert "Review pending" not in page.text
        pending = get(client, "/articles/bones")
        assert pending.one("li", **{"aria-current": "step"}).text == "under review"
        assert "Review pending" in pending.text

    def test_every_block_has_its_anchor(self, page: Element, assistant: Assistant) -> None:
        """`b-<start>` stands once for each block of the stored text."""
        blocks = assistant.library.document("lungs").blocks
        anchors = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
        assert len(anchors) == len(set(anchors))
        assert {f"b-{block.start}" for block in blocks} <= set(anchors)

    def test_the_text_is_the_stored_text(self, page: Element, assistant: Assistant) -> None:
        """Sentences carry the offsets of just the text that they show."""
        text = assistant.library.document("lungs").text
        for sentence in page.all("span", class_="sentence"):
            for number in sentence.all("sup"):
                sentence.children.remove(number)
            start, end = (int(sentence.attributes[f"data-{n}"] or "") for n in ("start", "end"))
            assert sentence.text == " ".join(text[start:end].split())

    def test_citation_numbers_lead_to_the_list(self, page: Element) -> None:
        """A number that the list has is a link to its entry; another is marked and no link."""
        numbers = page.one("article", class_="text").all("sup")
        links = [link for number in numbers for link in number.all("a")]
        assert {link.text: link.attributes["href"] for link in links} == {
            "1": "#ref-1",
            "2": "#ref-2",
        }
        assert page.one("li", id="ref-1")
        assert "9" in page.one("span", class_="unresolved").text

    def test_lists_and_tables_keep_their_shape(self, page: Element) -> None:
        """Nested items and table cells are elements, not lines of text."""
        text = page.one("article", class_="text")
        outer = text.all("ul", class_="items")[0]
        assert outer.all("ul")[0].text.endswith("interferon beta")
        table = text.one("table")
        assert [cell.text for cell in table.all("th")] == ["Dose", "Duration", "Start", "Taper"]
        assert "Table 1. Steroid doses" in table.one("caption").text

    def test_references_say_what_they_are(self, page: Element) -> None:
        """Kind, journal, year, identifiers as links, and how much of it is stored."""
        first, second, third = page.one("ol", class_="references").all("li")
        assert first.one(class_="badge").text == "research"
        assert "J Air. 2020" in first.text
        assert [link.attributes["href"] for link in first.all("a")] == [
            "https://doi.org/10.1000/masson",
            "https://pubmed.ncbi.nlm.nih.gov/123/",
            "/articles/doi:10.1000%2Fmasson",
        ]
        assert "Abstract only" in first.text
        assert second.one(class_="badge").text == "guideline"
        assert "A summary, not the abstract." in second.text
        assert "Not stored" in third.text
        assert third.one("a").attributes["href"] == "https://example.org/paper"

    def test_a_stored_abstract_has_a_page(self, client: TestClient) -> None:
        """An id with a slash and one with a hash lead to the text, its note and a question box."""
        page = get(client, page_path("lungs#ref-2"))
        assert "A summary, not the abstract." in page.text
        assert page.one("p", id="b-0").text == "Prednisone is tapered over twelve months."
        assert not page.all("ol", class_="steps")
        answer = ask(client, page_path("lungs#ref-2"), "How long is prednisone tapered?")
        assert answer.all("ol", class_="statements")

    def test_head_is_answered(self, client: TestClient) -> None:
        """A link checker may ask for the headers alone."""
        assert client.head("/articles/lungs").status_code == 200


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

    def test_the_answer_stands_above_the_article(self, client: TestClient) -> None:
        """Statements, numbered citations, quotes and sources come before the text."""
        page = ask(client, "/articles/lungs", "Which medicines trigger organizing pneumonia?")
        answer = page.one("article", class_="answer")
        assert page.all("article").index(answer) == 0
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
        assert "These sources do not deal with this." in answer.text
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
        assert " ".join(said.text.split()).endswith("found on: inhaled <b>zinc, gold .")

    @pytest.mark.parametrize("asked", ["What is the capital of France?", "What fills alveoli?"])
    def test_what_is_suggested_can_be_asked(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch, asked: str
    ) -> None:
        """Under an answer or a refusal, each is a button that posts it in the conversation."""
        ask_really = Assistant.ask_with_findings

        def suggesting(assistant: Assistant, question: Question) -> tuple[Answer, Findings]:
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
        assert page.one(role="alert").text
        assert "hidden" not in page.one(role="alert").attributes
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
        """There is one script, our own, no image, and no handler on any element."""
        assert [s.attributes.get("src") for s in page.all("script")] == ["/static/ask.js"]
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
        endpoint = page.one("section", id="ask").attributes["data-endpoint"]
        body = {"question": "What does the venom of vipers stop?"}
        record = client.post(str(endpoint), json=body).json()
        assert record["article"] == HOSTILE_SLUG

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


class TestSmallParts:
    """Addresses and lines."""

    @pytest.mark.parametrize(
        "url",
        [
            *("javascript:alert(1)", " JaVaScript:x", "data:text/html,x", "java\tscript:x"),
            *("//host", "http:", "https:x", "http://[", "file:///etc/passwd", "mailto:a@b.c"),
            *("", None),
        ],
    )
    def test_only_the_web_is_linked(self, url: str | None) -> None:
        """Anything but http and https with a host is no link."""
        assert web_address(url) is None

    def test_identifiers_become_addresses(self) -> None:
        """A DOI may hold any character; a PubMed id is a number."""
        sici = "10.1002/(SICI)1097(19980815)17:15<1661::AID>3.0.CO;2-2#x"
        address = doi_address(sici)
        assert address is not None
        assert urlsplit(address).fragment == ""
        assert "<" not in address
        assert pubmed_address("123") == "https://pubmed.ncbi.nlm.nih.gov/123/"
        assert pubmed_address("12a") is pubmed_address("١٢") is pubmed_address(None) is None

    def test_a_message_is_parted_where_it_names_words(self) -> None:
        """The words stand at its end; a record without them, or of another wording, is whole."""
        said = {"message": "Nothing here was found on: a, b.", "unsupported": ["a", "b"]}
        assert message_parts(said) == ("Nothing here was found on:", "a, b")
        assert message_parts(said | {"unsupported": []}) == (said["message"], "")
        assert message_parts({"message": "Nothing."}) == ("Nothing.", "")
        assert message_parts({"message": "No.", "unsupported": ["a"]}) == ("No.", "")

    def test_a_list_is_told_from_running_text(self) -> None:
        """Items begin with a hyphen, their depth with the spaces before it."""
        lines: Iterator[Any] = lines_of("Drugs - all:\n- one\n  - two - three\nend")
        assert [(line.depth, line.text) for line in lines] == [
            (0, "Drugs - all:"),
            (1, "one"),
            (2, "two - three"),
            (0, "end"),
        ]
