"""The article's page, as a browser without JavaScript gets it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpus.answers import AUDIENCES
from corpus.records import GlossaryEntry, ReviewStatus
from service.assistant import Assistant
from service.http_articles import page_path
from service.pages import AUDIENCE_COOKIE, STATIC_FOLDER
from tests.service.browsing import Element, app_over, ask, get
from tests.service.conftest import bones, lungs, started

PATIENT = {AUDIENCE_COOKIE: "patient"}


def explained_app(folder: Path) -> FastAPI:
    """Return the application over the article, with a glossary."""
    article, abstracts = lungs()
    glossary = (
        GlossaryEntry(term="granulation tissue", meaning="New tissue that fills a wound."),
        GlossaryEntry(term="alveoli", meaning="The air sacs of the lung."),
        GlossaryEntry(term="mg", written_out="milligrams"),
    )
    return app_over(folder, (replace(article, glossary=glossary),), abstracts)


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of the application over the article with a glossary."""
    yield from started(explained_app(tmp_path_factory.mktemp("explained") / "library"))


class TestArticlePage:
    """An article."""

    @pytest.fixture
    def page(self, client: TestClient) -> Element:
        """Return the page of the article with everything."""
        return get(client, "/articles/lungs")

    def test_what_stands_around_the_text(self, page: Element) -> None:
        """Title, date, advisory board, audience note and disclaimer are shown."""
        assert page.one("h1").text == "How do lungs repair themselves?"
        assert page.one("time").text == "17 May 2024"
        assert page.one("time").get("datetime") == "2024-05-17"
        for text in (
            "Advisory board: The chest editors",
            "For clinicians on the ward.",
            "No substitute for",
        ):
            assert text in page.text

    def test_the_policy_is_linked(self, tmp_path: Path) -> None:
        """An address of the web becomes a link; the line is absent without one."""
        article = replace(bones(), policy_url="https://example.org/policy")
        for client in started(app_over(tmp_path / "library", (article,))):
            (link,) = get(client, "/articles/bones").all("a", href="https://example.org/policy")
            assert link.text == "Editorial policy"

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            (
                ReviewStatus.SUBMITTED,
                ["1 Submitted", "2 Under Review: to come", "3 Approved: to come"],
            ),
            (
                ReviewStatus.UNDER_REVIEW,
                ["✓ Submitted: done", "2 Under Review", "3 Approved: to come"],
            ),
            (ReviewStatus.APPROVED, ["✓ Submitted: done", "✓ Under Review: done", "✓ Approved"]),
        ],
    )
    def test_the_review_shows_its_three_steps(
        self, tmp_path: Path, status: ReviewStatus, said: list[str]
    ) -> None:
        """Done, current and to come are told in words; before approval there is a caution."""
        article = replace(bones(), review_status=status, updated=dt.date(2026, 1, 2))
        for client in started(app_over(tmp_path / "library", (article,))):
            page = get(client, "/articles/bones")
            steps = page.one("ol", class_="steps").all("li")
            assert [step.text for step in steps] == said
            (current,) = page.all("li", **{"aria-current": "step"})
            assert current is steps[tuple(ReviewStatus).index(status)]
            assert ("Review pending." in page.text) is (status is not ReviewStatus.APPROVED)

    def test_every_block_has_its_anchor(self, page: Element, assistant: Assistant) -> None:
        """`b-<start>` stands once for each block of the stored text."""
        blocks = assistant.library.document("lungs").blocks
        anchors = {e.attributes["id"] for e in page.all() if "id" in e.attributes}
        assert {f"b-{block.start}" for block in blocks} <= anchors

    @pytest.mark.parametrize("audience", AUDIENCES)
    def test_the_text_is_the_stored_text(self, explained: TestClient, audience: str) -> None:
        """Sentences carry the offsets of just the text that they show, for every audience."""
        text = lungs()[0].document.text
        explained.cookies.set(AUDIENCE_COOKIE, audience)
        sentences = get(explained, "/articles/lungs").all("span", class_="sentence")
        assert sentences
        for sentence in sentences:
            start, end = (int(sentence.get(f"data-{name}")) for name in ("start", "end"))
            assert sentence.without("numbers", "added").raw == text[start:end]

    def test_citation_numbers_lead_to_the_list(self, page: Element) -> None:
        """A number that the list has is a link to its entry; another leads to the explanation."""
        numbers = page.one("article", class_="text").all("sup")
        links = [link for number in numbers for link in number.all("a")]
        assert {link.text[0]: link.get("href") for link in links} == {
            "1": "#ref-1",
            "2": "#ref-2",
            "9": "#unlisted",
        }
        assert page.one("li", id="ref-1")
        assert page.one("h3", id="unlisted")

    def test_the_sections_are_listed(self, page: Element) -> None:
        """Each entry of the table of contents leads to its heading."""
        links = page.one("nav", class_="toc").all("a")
        assert [link.text for link in links] == ["Repair", "Triggers", "Doses", "References"]
        targets = [page.one(id=link.get("href").removeprefix("#")) for link in links]
        assert [target.text for target in targets] == [link.text for link in links]

    def test_lists_and_tables_keep_their_shape(self, page: Element) -> None:
        """Nested items and table cells are elements, not lines of text."""
        text = page.one("article", class_="text")
        outer = text.all("ul", class_="items")[0]
        assert outer.all("ul")[0].text.endswith("interferon beta")
        table = text.one("table")
        assert [cell.text for cell in table.all("th")] == ["Dose", "Duration", "Start", "Taper"]
        assert "Table 1. Steroid doses" in table.one("caption").text
        assert text.one(role="region").get("aria-label") == "Table 1. Steroid doses."

    def test_references_say_what_they_are(self, page: Element) -> None:
        """Kind, journal, year, identifiers as links, and how much of it is stored."""
        first, second, third = (page.one("li", id=f"ref-{number}") for number in (1, 2, 3))
        assert [badge.text for badge in first.all(class_="badge")] == ["Research", "Abstract only"]
        assert "J Air. 2020" in first.text
        assert [link.get("href") for link in first.all("a")][:3] == [
            "https://doi.org/10.1000/masson",
            "https://pubmed.ncbi.nlm.nih.gov/123/",
            "/articles/doi:10.1000%2Fmasson",
        ]
        assert second.one(class_="badge").text == "Guideline"
        assert "A summary, not the abstract." in second.text
        assert "No text of it is stored here" in third.text
        assert third.one("a").get("href") == "https://example.org/paper"

    def test_a_stored_abstract_has_a_page(self, client: TestClient) -> None:
        """An id with a slash and one with a hash lead to the text, its note and a question box."""
        page = get(client, page_path("lungs#ref-2"))
        assert "A summary, not the abstract." in page.text
        assert page.one("p", id="b-0").text == "Prednisone is tapered over twelve months."
        assert not page.all("ol", class_="steps")
        answer = ask(client, page_path("lungs#ref-2"), "How long is prednisone tapered?")
        assert answer.all("ol", class_="statements")

    def test_nothing_waits_for_a_script(self, page: Element) -> None:
        """Scripts are modules and asynchronous; what the element loads is fetched ahead."""
        scripts = page.all("script")
        assert [script.get("src") for script in scripts] == ["/widget.js", "/static/page.js"]
        assert all(s.get("type") == "module" and "async" in s.attributes for s in scripts)
        ahead = {link.get("href") for link in page.all("link", rel="modulepreload")}
        modules = {f"/static/{path.relative_to(STATIC_FOLDER)}" for path in _modules()}
        assert ahead == modules - {"/static/widget/widget.js"}

    def test_nothing_is_styled_or_scripted_in_line(self, page: Element) -> None:
        """The policy forbids it, and so nothing on the page needs it."""
        assert not page.all("style")
        assert all(script.text == "" for script in page.all("script"))
        assert not any("style" in element.attributes for element in page.all())

    def test_the_element_stands_around_the_form(self, page: Element) -> None:
        """Without a script the form is what there is; the link in the head leads to it."""
        chat = page.one("sequitur-chat")
        assert (chat.get("article"), chat.get("audience")) == ("lungs", "clinician")
        assert chat.one("form", id="question-form")
        assert chat.one("h2").text == "Have a follow-up question?"
        assert page.one(class_="jump").one("a").get("href") == f"#{chat.get('id')}"

    def test_questions_to_begin_with_can_be_asked(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each is a form of its own."""
        offered = ("What are Masson bodies?",)
        monkeypatch.setattr(Assistant, "opening_questions", lambda *_: offered)
        page = get(client, "/articles/lungs")
        form = page.one("sequitur-chat").one("form", class_="suggestion")
        sent = form.one("button").get("value")
        assert "Masson" in ask(client, form.get("action"), sent).one(class_="answer").text

    def test_pages_are_kept_by_no_cache_between(self, client: TestClient) -> None:
        """They depend on the reader's cookie."""
        for path in ("/", "/articles/lungs"):
            headers = client.get(path).headers
            assert headers["cache-control"] == "private, no-cache"
            assert headers["vary"] == "Cookie"

    def test_head_is_answered(self, client: TestClient) -> None:
        """A link checker may ask for the headers alone."""
        assert client.head("/articles/lungs").status_code == 200


def _modules() -> list[Path]:
    return list((STATIC_FOLDER / "widget").rglob("*.js"))


class TestAudience:
    """Whom the reader says to be."""

    def test_a_choice_is_remembered(self, client: TestClient) -> None:
        """The form works without a script: a cookie, the way back, and the page for them."""
        form = get(client, "/articles/lungs").one("form", class_="audience")
        assert [b.get("value") for b in form.all("button")] == list(AUDIENCES)
        fields = {form.one("input").get("name"): form.one("input").get("value")}
        response = client.post(
            form.get("action"), data=fields | {"audience": "student"}, follow_redirects=False
        )
        assert (response.status_code, response.headers["location"]) == (303, "/articles/lungs")
        page = get(client, "/articles/lungs")
        assert page.one("html").get("data-audience") == "student"
        assert page.one("sequitur-chat").get("audience") == "student"
        pressed = [b.get("value") for b in page.all("button", **{"aria-pressed": "true"})]
        assert pressed == ["student"]

    def test_the_cookie_is_held_for_a_year_and_goes_nowhere_else(self, client: TestClient) -> None:
        """SameSite=Lax, the whole site, out of reach of scripts; no secret in it."""
        data = {"audience": "patient", "back": "/"}
        cookie = client.post("/audience", data=data, follow_redirects=False).headers["set-cookie"]
        name, *attributes = (part.strip().lower() for part in cookie.split(";"))
        assert name == "sequitur_audience=patient"
        assert set(attributes) == {"httponly", "max-age=31536000", "path=/", "samesite=lax"}

    @pytest.mark.parametrize(
        "back",
        [
            *("//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example"),
            *("/\t/evil.example", "/a\r\nSet-Cookie: a=b", "javascript:alert(1)", "evil", ""),
        ],
    )
    def test_nobody_is_sent_elsewhere(self, client: TestClient, back: str) -> None:
        """A way back that is no path of this site leads to the library."""
        data = {"audience": "patient", "back": back}
        response = client.post("/audience", data=data, follow_redirects=False)
        assert response.status_code == 303
        assert response.headers["location"] == "/"

    @pytest.mark.parametrize("audience", ["", "doctor", "clinician\n"])
    def test_an_unknown_audience_is_refused(self, client: TestClient, audience: str) -> None:
        """Nothing is remembered."""
        response = client.post("/audience", data={"audience": audience, "back": "/"})
        assert response.status_code == 422
        assert "set-cookie" not in response.headers

    def test_a_foreign_cookie_counts_for_nothing(self, client: TestClient) -> None:
        """Whoever is not known to be anything reads as a clinician."""
        client.cookies.set(AUDIENCE_COOKIE, '"><script>')
        assert get(client, "/articles/lungs").one("html").get("data-audience") == "clinician"

    def test_questions_are_asked_for_the_audience(self, client: TestClient) -> None:
        """The record of a question from the page names it."""
        client.cookies.update(PATIENT)
        page = ask(client, "/articles/lungs", "What are Masson bodies?")
        path = page.one("p", class_="imprint").one("a").get("href")
        assert client.get(f"/v1{path}").json()["audience"] == "patient"

    def test_patients_are_told_what_this_is(self, client: TestClient) -> None:
        """The line is there for the style to show; the choice of words changes no text."""
        (line,) = get(client, "/articles/lungs").all("p", class_="caution")
        assert "for-patient" in line.get("class")
        assert "Talk to the person who treats you" in line.text

    def test_words_are_explained(self, explained: TestClient) -> None:
        """Terms lead to the list, what an abbreviation stands for is added, and marked so."""
        explained.cookies.update(PATIENT)
        page = get(explained, "/articles/lungs")
        text = page.one("article", class_="text")
        assert [term.text for term in text.all("a", class_="term")] == [
            *("Granulation tissue", "alveoli", "mg"),
        ]
        for term in text.all("a", class_="term"):
            entry = page.one(id=term.get("href").removeprefix("#"))
            assert entry.one("dt").text.startswith(term.text)
        assert text.one("span", class_="added").text == "(milligrams)"
        listed = page.one("details", class_="words")
        assert [dd.text for dd in listed.all("dd")] == [
            *("The air sacs of the lung.", "New tissue that fills a wound."),
            "Stands for: milligrams.",
        ]

    def test_a_clinicians_terms_are_no_links(self, explained: TestClient) -> None:
        """They are there for the script to switch, and lead nowhere until then."""
        explained.cookies.set(AUDIENCE_COOKIE, "clinician")
        terms = get(explained, "/articles/lungs").all("a", class_="term")
        assert [term.get("data-word") for term in terms] == ["#word-2", "#word-1", "#word-3"]
        assert not any("href" in term.attributes for term in terms)

    def test_the_facts_are_the_same_for_everyone(self, explained: TestClient) -> None:
        """Without what is added, answer and article read the same for all three."""
        read_as = []
        for audience in AUDIENCES:
            explained.cookies.set(AUDIENCE_COOKIE, audience)
            page = ask(explained, "/articles/lungs", "What fills the alveoli?")
            answer = page.one("ol", class_="statements").without("added")
            read_as.append((answer.text, page.one("article", class_="text").without("added").text))
        assert len(set(read_as)) == 1
