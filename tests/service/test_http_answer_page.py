"""The page of one answer, and what every page shows of a record."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpus.answers import Answer, Nearest, Refusal
from service.assistant import Assistant
from service.http_answer_page import (
    day_of,
    meanings,
    message_parts,
    statement_lines,
    whole,
)
from service.refusal import refuse
from service.wire import answer_record
from tests.service.browsing import BROWSER, Element, ask, get, read
from tests.service.conftest import HOSTILE
from tests.service.made_answers import made_answer

QUESTION = "Which medicines trigger organizing pneumonia?"
NEW_KEYS = {
    "record": (
        *("review_status", "corpus_date", "conversation_id", "provenance", "notices"),
        *("certainty", "cited"),
    ),
    "statements": ("terms",),
    "references": (
        *("retracted", "stored", "review_status", "updated", "note", "doi", "pmid", "url"),
        *("evidence_label", "concern", "corrected", "notice_of"),
    ),
    "citations": ("article_references", "section", "reference"),
}


def answer_id_of(client: TestClient, question: str = QUESTION, slug: str = "lungs") -> str:
    """Ask, and return the answer's id."""
    record = client.post(f"/v1/articles/{slug}/questions", json={"question": question}).json()
    return str(record["answer_id"])


def kept(app: FastAPI, record: dict[str, Any]) -> str:
    """Keep a record as if it had been given, and return its path."""
    app.state.reception.store.remember(record)
    return f"/answers/{record['answer_id']}"


def as_of_old(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as an earlier version would have written it."""
    old = copy.deepcopy(record) | {"answer_id": "old"}
    for key in NEW_KEYS["record"]:
        old.pop(key, None)
    for kind in ("statements", "references"):
        for one in old[kind]:
            for key in NEW_KEYS[kind]:
                one.pop(key, None)
            for citation in one.get("citations", ()):
                for key in NEW_KEYS["citations"]:
                    citation.pop(key, None)
    return old


class TestPermalink:
    """`GET /answers/{id}`."""

    def test_it_shows_the_answer_with_its_quotes_open(self, client: TestClient) -> None:
        """Question, statements, quotes, sources; nothing folded."""
        page = get(client, f"/answers/{answer_id_of(client)}")
        assert page.one("h1").text == QUESTION
        statement = page.one("ol", class_="statements").all("li")[0]
        assert statement.all("p", class_="line")[1].text == "amiodarone"
        assert "amiodarone" in statement.one("blockquote").text
        assert not page.all("details")
        assert "How do lungs repair" in page.one("ol", class_="sources").text

    def test_it_can_be_found_and_checked_again(
        self, client: TestClient, assistant: Assistant
    ) -> None:
        """Id, date and status of the article, fingerprint and engine stand under the answer."""
        answer_id = answer_id_of(client)
        said = get(client, f"/answers/{answer_id}").one("p", class_="imprint").text
        corpus = assistant.provenance.corpus_fingerprint[:12]
        assert said == (
            f"Answer {answer_id}. Article of 17 May 2024. Review status: Approved. "
            f"Corpus {corpus}. Engine: extractive."
        )

    def test_links_lead_to_article_spans_and_exports(self, client: TestClient) -> None:
        """Back to the article, to the block of each quote, and to every export format."""
        answer_id = answer_id_of(client)
        page = get(client, f"/answers/{answer_id}")
        assert len(page.all("a", href="/articles/lungs")) >= 2
        (shown, *_) = page.all("a", class_="marker")
        path, _, anchor = shown.get("href").partition("#")
        assert get(client, path).one(id=anchor)
        assert shown.get("data-span").replace("-", "").isdigit()
        offered = [link.get("href") for link in page.one("nav", class_="exports").all("a")]
        formats = [address.partition("format=")[2] for address in offered]
        assert formats == ["markdown", "bibtex", "ris", "csl-json", "vancouver"]
        assert all(address.startswith(f"/v1/answers/{answer_id}/export?") for address in offered)

    def test_no_search_engine_keeps_it(self, client: TestClient) -> None:
        """What somebody asked is for those who have the link."""
        response = client.get(f"/answers/{answer_id_of(client)}")
        assert response.headers["x-robots-tag"] == "noindex"
        assert read(response.text).one("meta", name="robots").get("content") == "noindex"
        assert response.headers["cache-control"] == "private, no-cache"

    def test_a_refusal_has_a_page_too(self, client: TestClient) -> None:
        """Its heading, reason and nearest passages are shown, and no question can be asked."""
        answer_id = answer_id_of(client, "What is the capital of France?")
        page = get(client, f"/answers/{answer_id}")
        assert page.one("h2", class_="refused").text.startswith("○○○ The sources ")
        assert page.all("blockquote")
        assert not page.all("form")

    def test_a_pending_article_is_named_so(self, client: TestClient) -> None:
        """The caution stands above the answer."""
        answer_id = answer_id_of(client, "How long does a femur take to heal?", "bones")
        page = get(client, f"/answers/{answer_id}")
        assert "Review pending." in page.one("header", class_="head").text

    def test_it_says_how_the_question_was_understood(self, client: TestClient) -> None:
        """A follow-up stands with its stand-alone form."""
        path = "/articles/lungs"
        first = ask(client, path, "What are Masson bodies?")
        token = first.one("input", name="conversation_id").get("value")
        second = ask(client, path, "And where are they?", conversation_id=token)
        page = get(client, second.one("p", class_="imprint").one("a").get("href"))
        assert page.one("h1").text == "And where are they?"
        assert "Understood as:" in page.text

    def test_an_unknown_or_erased_answer_is_not_found(self, client: TestClient) -> None:
        """Also one that was there before its conversation was erased."""
        page = ask(client, "/articles/lungs", QUESTION)
        token = page.one("input", name="conversation_id").get("value")
        path = page.one("p", class_="imprint").one("a").get("href")
        assert client.get(path).status_code == 200
        client.app.state.reception.store.erase(token)  # type: ignore[attr-defined]
        for gone in (path, "/answers/nothing"):
            response = client.get(gone, headers=BROWSER)
            assert response.status_code == 404
            assert response.headers["content-type"].startswith("text/html")

    def test_an_old_record_is_shown_as_far_as_it_goes(
        self, client: TestClient, app: FastAPI
    ) -> None:
        """Keys that came later may all be missing."""
        record = app.state.reception.store.answer(answer_id_of(client))
        page = get(client, kept(app, as_of_old(record)))
        assert page.one("h1").text == QUESTION
        assert "amiodarone" in page.one("blockquote").text
        assert page.one("p", class_="imprint").text == "Answer old."

    def test_an_answer_outlives_its_article(self, client: TestClient, app: FastAPI) -> None:
        """When the texts are here no more the quotes stand, and nothing leads astray."""
        record = app.state.reception.store.answer(answer_id_of(client))
        gone = copy.deepcopy(record) | {"answer_id": "gone", "article": "gone"}
        gone["provenance"]["corpus_fingerprint"] = "f" * 64
        for citation in gone["statements"][0]["citations"]:
            citation["document_id"] = "gone"
        gone["references"][0]["document_id"] = "gone"
        page = get(client, kept(app, gone))
        assert "The library has changed since." in page.text
        assert page.one("ol", class_="statements").all("blockquote")
        assert not page.one("ol", class_="statements").one("ul", class_="quotes").all("a")
        assert not any("/articles/" in link.get("href") for link in page.all("a"))

    def test_hostile_records_stay_text(self, client: TestClient, app: FastAPI) -> None:
        """Every text of a record is shown as it is."""
        record = as_of_old(app.state.reception.store.answer(answer_id_of(client)))
        record["question"] = record["standalone_question"] = HOSTILE
        record["notices"] = [HOSTILE]
        (statement, *_) = record["statements"]
        statement["text"] = HOSTILE
        statement["citations"][0] |= {"quote": HOSTILE, "section": HOSTILE}
        record["references"][0] |= {"kind": "research", "formatted": HOSTILE}
        record["references"][0] |= {"url": "javascript:alert(1)", "doi": None, "pmid": None}
        page = get(client, kept(app, record))
        assert [s.get("src") for s in page.all("script")] == ["/static/page.js"]
        assert not page.all("img")
        assert page.text.count(HOSTILE) >= 6
        assert not any("javascript" in (a.get("href")) for a in page.all("a"))


def test_a_retracted_source_is_marked(client: TestClient, app: FastAPI) -> None:
    """In the list of an answer's sources, in words."""
    record = app.state.reception.store.answer(answer_id_of(client))
    record = copy.deepcopy(record) | {"answer_id": "withdrawn"}
    record["references"][0]["retracted"] = True
    sources = get(client, kept(app, record)).one("ol", class_="sources")
    assert sources.one("strong").text == "Retracted"


def test_evidence_and_notices_stand_in_the_list_of_sources(
    client: TestClient, app: FastAPI
) -> None:
    """As on the article's page, in words."""
    record = app.state.reception.store.answer(answer_id_of(client))
    record = copy.deepcopy(record) | {"answer_id": "marked"}
    marks = {"evidence_label": "case report", "concern": True, "corrected": True}
    record["references"] = [record["references"][0] | marks | {"notice_of": "correction notice"}]
    sources = get(client, kept(app, record)).one("ol", class_="sources")
    shown = [badge.text for badge in sources.all(class_="badge")]
    assert shown[-4:] == ["Case report", "Expression of concern", "Corrected", "Correction notice"]


def shown_of(client: TestClient, app: FastAPI, answer: Answer) -> Element:
    """Return the page of an answer that was made by hand."""
    return get(client, kept(app, answer_record(answer)))


class TestWhatIsSeenAtOnce:
    """How sure an answer is, what is missing, and what the article cites there."""

    @pytest.mark.parametrize(
        ("confidence", "said"),
        [
            (0.93, "●●● Very likely the answer: about 93"),
            (0.8, "●●○ Likely the answer: about 80"),
            (0.5, "●○○ Less certain: about 50"),
        ],
    )
    def test_the_certainty_stands_below_the_statements(
        self,
        client: TestClient,
        app: FastAPI,
        assistant: Assistant,
        confidence: float,
        said: str,
    ) -> None:
        """In words and a mark of dots, which is not read aloud."""
        answer = made_answer(assistant.library, ("lungs", "amiodarone"), confidence=confidence)
        page = shown_of(client, app, answer)
        line = page.one("p", class_="certainty")
        assert line.text == f"{said} in 100 such answers rest on the right text."
        assert line.one("span").get("aria-hidden") == "true"
        assert not page.all("p", class_="partly")

    def test_an_old_record_says_it_too(self, client: TestClient, app: FastAPI) -> None:
        """The words are made of the confidence that every version kept."""
        record = app.state.reception.store.answer(answer_id_of(client))
        old = as_of_old(record) | {"confidence": 0.76}
        line = get(client, kept(app, old)).one("p", class_="certainty")
        assert line.text.startswith("●●○ Likely the answer: about 76 in 100")

    def test_an_answer_to_a_part_says_so(
        self, client: TestClient, app: FastAPI, assistant: Assistant
    ) -> None:
        """It names the words on which nothing is quoted, as text."""
        answer = made_answer(
            assistant.library, ("lungs", "amiodarone"), missing=("children", "<b>dose")
        )
        said = shown_of(client, app, answer).one("p", class_="partly").text
        assert said == "Partly answered: nothing here on children, <b>dose."

    def test_the_cited_papers_are_listed(
        self, client: TestClient, app: FastAPI, assistant: Assistant
    ) -> None:
        """By the article's own numbers, with kind, year and links; 9 is in no list."""
        quoted = (("lungs", "Table 1. Steroid doses"), ("lungs", "amiodarone"))
        page = shown_of(client, app, made_answer(assistant.library, *quoted))
        assert "Papers that [1] cites there, by its numbers" in [
            heading.text for heading in page.all("h2")
        ]
        first, second = page.one("ol", class_="papers").all("li")
        assert first.one("span", class_="bullet").text == "1"
        assert "Buds in the alveoli. J Air. 2020." in first.text
        assert first.one("span", class_="badge").text == "Research"
        assert [link.get("href") for link in first.all("a")] == [
            "https://doi.org/10.1000/masson",
            "https://pubmed.ncbi.nlm.nih.gov/123/",
        ]
        assert second.one("span", class_="badge").text == "Guideline"
        assert "Guideline on steroids. 2021." in second.text

    def test_a_retracted_paper_is_marked_in_the_list(
        self, client: TestClient, app: FastAPI, assistant: Assistant
    ) -> None:
        """With its kind of evidence, as in the list of sources."""
        record = answer_record(made_answer(assistant.library, ("lungs", "amiodarone")))
        record["cited"][0] |= {"retracted": True, "evidence_label": "randomised trial"}
        papers = get(client, kept(app, record)).one("ol", class_="papers")
        assert papers.one("strong").text == "Retracted"
        badges = [badge.text for badge in papers.all(class_="badge")]
        assert badges == ["Research", "Retracted", "Randomised trial"]

    def test_a_nearest_part_stands_with_section_and_lead_in(
        self, client: TestClient, app: FastAPI, assistant: Assistant
    ) -> None:
        """The section above, the introducing words before it, and a link to its very place."""
        text = assistant.library.document("lungs").text
        start = text.index("amiodarone")
        near = Nearest(
            document_id="lungs",
            passage_id="lungs@0-400",
            quote="amiodarone",
            score=0.5,
            title="How do lungs repair themselves?",
            section="Triggers > Medicines",
            start=start,
            end=start + 10,
            lead_ins=("Medicines that trigger organizing pneumonia include:",),
        )
        refusal = Refusal(reason="not_in_these_sources", message="No.", nearest=(near, near))
        made = made_answer(assistant.library, ("lungs", "amiodarone"), refusal=refusal)
        page = shown_of(client, app, replace(made, statements=(), sources=()))
        first, second = page.one("ul", class_="quotes").all("li")
        assert first.one("p", class_="where").text == "Triggers > Medicines"
        assert not second.all("p", class_="where")
        said = "Medicines that trigger organizing pneumonia include: amiodarone"
        assert first.one("blockquote").text == said
        assert first.one("a").get("data-span") == f"{start}-{start + 10}"


@pytest.mark.parametrize("reason", ["emergency", "not_a_question"])
def test_a_refusal_names_its_kind(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    reason: Any,
) -> None:
    """Emergency help is an alert; other reasons have a heading of their own."""
    give: Callable[[Refusal], None] = _refusing(monkeypatch)
    give(refuse(reason, question="I can't breathe"))
    page: Element = get(client, f"/answers/{answer_id_of(client)}")
    if reason == "emergency":
        assert page.one("p", role="alert").text.startswith("Get help now.")
    else:
        said = "○○○ Not understood as a question about the sources"
        assert page.one("h2", class_="refused").text == said


def _refusing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Refusal], None]:
    ask_as_ever = Assistant.ask_with_findings

    def give(refusal: Refusal) -> None:
        def asked(assistant: Assistant, *args: Any, **more: Any) -> tuple[Answer, Any]:
            answer, findings = ask_as_ever(assistant, *args, **more)
            return replace(answer, statements=(), sources=(), refusal=refusal), findings

        monkeypatch.setattr(Assistant, "ask_with_findings", asked)

    return give


def statement_of(text: str, *terms: tuple[str, str, str | None]) -> dict[str, Any]:
    """Return a statement with terms: where each stands first, its meaning, what it stands for."""
    return {
        "text": text,
        "terms": [
            {
                "start": text.index(term),
                "end": text.index(term) + len(term),
                "text": term,
                "kind": "abbreviation" if long else "term",
                "meaning": meaning or None,
                "written_out": long,
            }
            for term, meaning, long in terms
        ],
    }


COP = ("COP", "Scars.", "cryptogenic organizing pneumonia")


def shown(record: dict[str, Any], audience: Any) -> list[list[tuple[int, str]]]:
    """Return depth and text of the lines of each statement."""
    return [
        [(line.depth, "".join(piece.text for piece in line.pieces)) for line in lines]
        for lines in statement_lines(whole(record), audience)
    ]


def test_a_list_is_told_from_running_text() -> None:
    """Items begin with a hyphen, their depth with the spaces before it."""
    record = {"statements": [statement_of("Drugs - all:\n- one\n  - two - three\nend")]}
    assert shown(record, "patient") == [
        [(0, "Drugs - all:"), (1, "one"), (2, "two - three"), (0, "end")]
    ]


def test_an_abbreviation_is_written_out_once_in_an_answer() -> None:
    """For students and patients, after its first mention; never for clinicians."""
    record = {"statements": [statement_of("All:\n- COP", COP), statement_of("COP fades.", COP)]}
    written = [[(0, "All:"), (1, "COP (cryptogenic organizing pneumonia)")], [(0, "COP fades.")]]
    assert shown(record, "student") == shown(record, "patient") == written
    assert shown(record, "clinician") == [[(0, "All:"), (1, "COP")], [(0, "COP fades.")]]
    assert [use.text for use in meanings(whole(record), "student")] == ["COP"]
    assert meanings(whole(record), "clinician") == ()


def test_a_message_is_parted_where_it_names_words() -> None:
    """The words stand at its end; a record without them, or of another wording, is whole."""
    said = {"message": "Nothing here was found on: a, b.", "unsupported": ["a", "b"]}
    assert message_parts(said) == ("Nothing here was found on:", "a, b")
    assert message_parts(said | {"unsupported": []}) == (said["message"], "")
    assert message_parts({"message": "Nothing."}) == ("Nothing.", "")
    assert message_parts({"message": "No.", "unsupported": ["a"]}) == ("No.", "")


def test_a_date_is_written_out() -> None:
    """Without regard to the machine's language; what is no date stays as it is."""
    assert day_of("2026-03-09") == "9 March 2026"
    assert day_of("2026") == "2026"
