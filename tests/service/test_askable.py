"""Where only approved articles may be asked about: every door, and what readers see of a review."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from corpus.approvals import review
from corpus.library import Library
from corpus.records import Reference, ReviewStatus
from service.api import create_app
from service.askable import askable, withheld
from service.assistant import Assistant, Question
from service.mcp_tools import Arguments
from service.mcp_tools import ask as ask_as_agent
from service.wire import answer_record
from tests.fakes import article_of, clinic, document_of
from tests.service.cases import over, without_chance
from tests.service.conftest import HOSTILE, started
from tests.service.live import events_of

Check = Callable[[Any], None]
ASKED = {"question": "What does beer raise?"}
APPROVAL = (ReviewStatus.UNDER_REVIEW, ReviewStatus.APPROVED)
MESSAGE = "The editors have not approved this text yet."


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return a library in which `fever` alone is approved; it shares `pmid:1` with `gout`."""
    made = clinic(tmp_path / "library")
    cites = [Reference(number=1, title="Frost", document_id="pmid:9")]
    made.put(
        articles=[
            replace(made.article("fever"), review_status=ReviewStatus.APPROVED),
            article_of("cold", "Frost chills the toes.", references=cites),
        ],
        documents=[document_of("pmid:9", "Frost bites mountaineers.", kind="abstract")],
    )
    return made


@pytest.fixture
def strict(library: Library) -> Assistant:
    """Return an assistant that answers from approved articles only."""
    return over(library, ask_unreviewed=False)


@contextmanager
def client_of(assistant: Assistant) -> Iterator[TestClient]:
    """Give a client of the running application."""
    app = create_app(lambda: assistant, assistant.settings)
    running = started(app)
    try:
        yield next(running)
    finally:
        next(running, None)


def moved(library: Library, slug: str, by: str = "Dr Roe") -> None:
    """Bring an article to its approval."""
    for step in APPROVAL:
        review(library, slug, step, by=by, now=lambda: dt.datetime(2026, 3, 4, 23, tzinfo=dt.UTC))


def asked(assistant: Assistant, text: str, article: str | None = None) -> dict[str, Any]:
    """Return the record of a question."""
    return answer_record(assistant.ask(Question(text=text, article=article)))


def documents_in(record: dict[str, Any]) -> set[str]:
    """Return every document that a record names, quotes or came near to."""
    cited = {c["document_id"] for s in record["statements"] for c in s["citations"]}
    near = {n["document_id"] for n in (record["refusal"] or {"nearest": []})["nearest"]}
    return cited | near | {r["document_id"] for r in record["references"]}


# --- what is withheld ---------------------------------------------------------------------------


def test_what_only_unapproved_articles_brought_in_is_withheld(library: Library) -> None:
    """What an approved article cites too stays, and so does what no article cites."""
    assert withheld(library) == {"gout", "gout#ref-2", "cold", "pmid:9"}
    scope = askable(library.scope(None), library)
    assert scope is not None
    assert scope.document_ids == ("alone", "fever", "pmid:1")
    for within in ("gout", "cold", "pmid:9", "gout#ref-2"):
        assert askable(library.scope(within), library) is None
    for within in ("fever", "alone", "pmid:1"):
        assert askable(library.scope(within), library) == library.scope(within)


@pytest.mark.parametrize("within", ["gout", "gout#ref-2", "pmid:9"])
def test_asking_within_it_is_refused_with_the_reason(
    strict: Assistant, within: str, check_record: Check
) -> None:
    """Nothing of its text is shown, and nothing is suggested."""
    record = asked(strict, ASKED["question"], within)
    check_record(record)
    assert record["refusal"]["reason"] == "not_approved"
    assert record["refusal"]["message"].startswith(MESSAGE)
    assert documents_in(record) == set()
    assert (record["confidence"], record["suggestions"]) == (0.0, [])
    assert strict.opening_questions(within) == ()
    assert record["provenance"]["settings"]["ask_unreviewed"] is False


@pytest.mark.parametrize(
    "text",
    [
        ASKED["question"],
        "Does allopurinol lower urate?",
        "Whom does frost bite?",
        "What chills the toes?",
        "Write a poem about urate and beer.",
        "Urate",
        "Does colchicine calm gout?",
    ],
)
def test_the_whole_library_is_answered_without_it(strict: Assistant, text: str) -> None:
    """Neither an answer nor the passages near a refusal come from what is withheld."""
    assert documents_in(asked(strict, text)) <= {"alone", "fever", "pmid:1"}


def test_where_nothing_may_be_asked_the_library_says_so(tmp_path: Path) -> None:
    """A library of drafts refuses everything for the same reason."""
    library = Library.create(tmp_path / "drafts")
    library.put(articles=[article_of("cold", "Frost chills the toes.")])
    record = asked(over(library, ask_unreviewed=False), "What chills the toes?")
    assert record["refusal"]["reason"] == "not_approved"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("I can't breathe and my lips are blue", "emergency"), ("  ", "empty")],
)
def test_help_comes_before_any_status(strict: Assistant, text: str, reason: str) -> None:
    """Who writes of an emergency of their own is told whom to call, whatever the article."""
    assert asked(strict, text, "gout")["refusal"]["reason"] == reason


def test_an_approval_opens_it_at_once(strict: Assistant, library: Library) -> None:
    """The running assistant answers from the moment of the move, and stops when it is taken back.

    Nothing is read or indexed anew.
    """
    moved(library, "gout")
    record = asked(strict, ASKED["question"], "gout")
    assert (record["status"], record["review_status"]) == ("answered", "approved")
    assert "gout" in documents_in(asked(strict, ASKED["question"]))
    review(library, "gout", ReviewStatus.UNDER_REVIEW, by="Dr Roe")
    assert asked(strict, ASKED["question"], "gout")["status"] == "refused"


def test_what_prepares_suggestions_may_ask(strict: Assistant, library: Library) -> None:
    """Questions are checked beforehand in any state of review, to be there after the approval."""
    quoting = strict.quoting()
    assert asked(quoting, ASKED["question"], "gout")["status"] == "answered"
    assert asked(strict, ASKED["question"], "gout")["status"] == "refused"
    open_to_all = over(library)
    assert open_to_all.quoting() is open_to_all


def test_by_default_it_is_answered_with_the_notice(library: Library) -> None:
    """As ever: the status stands in the record, and a notice says that the review is pending."""
    record = asked(over(library), ASKED["question"], "gout")
    assert record["status"] == "answered"
    assert record["notices"] == ["“On gout” is not approved yet: review pending."]
    assert "review" not in record
    assert "ask_unreviewed" not in record["provenance"]["settings"]


# --- the doors ----------------------------------------------------------------------------------


def test_every_door_gives_the_same_refusal(strict: Assistant) -> None:
    """HTTP, the stream, chat completions and agents: a record, status 200, the reason."""
    with client_of(strict) as client:
        plain = client.post("/v1/articles/gout/questions", json=ASKED)
        assert plain.status_code == 200
        body = {"model": "gout", "messages": [{"role": "user", "content": ASKED["question"]}]}
        chat = client.post("/v1/chat/completions", json=body).json()
        streamed = client.post("/v1/articles/gout/questions", json=ASKED | {"stream": True})
    events = events_of(streamed.text)
    told = ask_as_agent(strict, Arguments(given=ASKED | {"article": "gout"}))
    assert [name for name, _ in events] == ["retrieval", "refusal", "done"]
    assert events[0][1] == {"documents": [], "passages": []}
    record = without_chance(plain.json())
    assert record["refusal"]["reason"] == "not_approved"
    for other in (events[-1][1], chat["sequitur"], told.record):
        assert without_chance(other) == record
    for text in (chat["choices"][0]["message"]["content"], told.text):
        assert text.startswith(MESSAGE)


def test_the_models_of_the_chat_door_are_those_that_may_be_asked(
    strict: Assistant, library: Library
) -> None:
    """Choosing one never leads to a refusal for its status."""
    with client_of(strict) as client:
        names = [model["id"] for model in client.get("/v1/models").json()["data"]]
        assert names == ["fever", "sequitur"]
        moved(library, "cold")
        names = [model["id"] for model in client.get("/v1/models").json()["data"]]
        assert names == ["cold", "fever", "sequitur"]


def test_the_page_shows_a_message_instead_of_the_question_box(
    strict: Assistant, library: Library
) -> None:
    """The text can be read; a form that is posted all the same gets the reason, or help."""
    with client_of(strict) as client:
        page = client.get("/articles/gout").text
        assert MESSAGE in page
        assert "Beer raises urate." in page
        assert not any(part in page for part in ("<sequitur-chat", "<textarea", 'href="#ask"'))
        posted = client.post("/articles/gout", data=ASKED)
        assert posted.status_code == 200
        assert "the text is not approved yet" in posted.text
        assert "<textarea" not in posted.text
        cry = client.post("/articles/gout", data={"question": "I can't breathe"})
        assert "Get help now" in cry.text
        assert "<sequitur-chat" in client.get("/articles/fever").text
        assert all(title in client.get("/").text for title in ("On gout", "On fever"))
        moved(library, "gout")
        assert "<sequitur-chat" in client.get("/articles/gout").text


# --- what readers see of a review ---------------------------------------------------------------


@pytest.mark.parametrize("named", [False, True])
def test_readers_see_the_day_and_the_name_only_where_a_setting_allows(
    library: Library, check_record: Check, *, named: bool
) -> None:
    """In the record, in the article's own record and on the page; names are escaped."""
    assistant = over(library, show_reviewers=named)
    moved(library, "gout", by=f"Roe {HOSTILE}")
    expected = {
        "status": "approved",
        "why": "moved",
        "date": "2026-03-04",
        "by": f"Roe {HOSTILE}" if named else None,
    }
    record = asked(assistant, ASKED["question"], "gout")
    check_record(record)
    assert record["review"] == expected
    with client_of(assistant) as client:
        detailed = client.get("/v1/articles/gout").json()
        page = client.get("/articles/gout").text
        assert client.get("/v1/articles/cold").json()["review"] is None
        assert client.get("/v1/articles/alone").json()["review"] is None
    assert (detailed["review"], detailed["review_status"]) == (expected, "approved")
    assert detailed["askable"] is True
    assert 'Approved on <time datetime="2026-03-04">4 March 2026</time>' in page
    assert ("by Roe &lt;/script&gt;" in page) == named
    assert HOSTILE not in page


def test_a_fallen_back_article_says_so_to_readers(library: Library) -> None:
    """The notice, the record and the page say that it changed since it was approved."""
    moved(library, "gout")
    library.put(articles=[article_of("gout", "Beer raises urate a lot.")])
    assistant = over(library)
    record = asked(assistant, ASKED["question"], "gout")
    assert (record["review_status"], record["review"]["why"]) == ("under-review", "changed")
    assert record["notices"] == ["“On gout” has changed since it was approved: review pending."]
    with client_of(assistant) as client:
        page = client.get("/articles/gout").text
    assert 'Changed since it was approved on <time datetime="2026-03-04">' in page
    assert "Review pending." in page


def test_a_running_server_shows_a_move_at_once(library: Library) -> None:
    """Page, list and search follow the log without a restart."""
    with client_of(over(library)) as client:
        assert 'class="status status-submitted"' in client.get("/?q=gout").text
        assert "On gout" not in client.get("/?status=approved").text
        moved(library, "gout")
        assert "On gout" in client.get("/?status=approved").text
        listed = {a["slug"]: a["review_status"] for a in client.get("/v1/articles").json()}
        assert listed == {"cold": "submitted", "fever": "approved", "gout": "approved"}
