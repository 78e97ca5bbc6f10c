"""A library that changes while it is being asked: watched, opened beside, exchanged."""

import asyncio
import gc
import logging
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from mcp import Client

from corpus.library import Library, write_json
from corpus.records import Article, ReviewStatus
from index.saved import build_index
from service import swapping
from service.api import create_app
from service.assistant import Assistant, Question
from service.mcp_server import Door
from service.settings import Settings
from service.suggesting import (
    OfArticle,
    Saved,
    Suggestion,
    as_json,
    file_of,
    maker_digest,
    scope_of,
)
from service.swapping import Watched
from tests.evals.fakes import WordEmbedder
from tests.fakes import article_of, clinic, document_of, heading
from tests.service.cases import over
from tests.service.conftest import started
from tests.service.live import until

SAID = "said by somebody"


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and let texts rest for a moment only."""
    monkeypatch.setattr(swapping, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(swapping, "REST_S", 0.0)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """Return the small library of gout and fever, looked at once."""
    found = Watched(over(clinic(tmp_path / "library")))
    found.look()
    return found


def edition(number: int) -> Article:
    """Return the article on gout as one of many editions has it."""
    return article_of("gout", heading("Treatment"), f"Colchicine calms gout in edition {number}.")


def ingested(watched: Watched, number: int) -> Library:
    """Write another edition beside the one in use, without an index."""
    library = Library(watched.assistant.library.folder)
    library.put(articles=[edition(number)], documents=[document_of("pmid:1", f"Draft {number}.")])
    return library


def indexed(watched: Watched, number: int) -> Library:
    """Write another edition and its index."""
    library = ingested(watched, number)
    build_index(library, WordEmbedder())
    return library


def said(assistant: Assistant) -> str:
    """Return what is answered about gout."""
    answer = assistant.ask(Question(text="What calms gout?", article="gout"))
    return " ".join(statement.text for statement in answer.statements)


def look_twice(watched: Watched) -> None:
    """Look until texts that moved have been at rest."""
    watched.look()
    watched.look()


def test_nothing_is_opened_while_nothing_moves(watched: Watched) -> None:
    """A look at an unchanged library leaves the assistant as it is, also after a vain index."""
    before = watched.assistant
    build_index(Library(before.library.folder), WordEmbedder())
    look_twice(watched)
    assert watched.assistant is before
    assert (watched.swaps.done, watched.swaps.refused, watched.swaps.behind) == (0, 0, None)


def test_a_new_index_is_taken_into_use(watched: Watched) -> None:
    """Text, fingerprints and scope are the new ones; the models are the same objects."""
    before = watched.assistant
    library = indexed(watched, 2)
    assert "edition 2" not in said(watched.assistant)
    watched.look()
    after = watched.assistant
    assert "edition 2" in said(after)
    assert after.provenance.corpus_fingerprint == library.fingerprint
    assert after._embedder is before._embedder
    assert after._model is before._model
    assert watched.swaps.done == 1
    assert "edition 2" not in said(before)


def test_the_memory_of_the_old_one_is_released(watched: Watched) -> None:
    """Nothing that is kept leads to the old library or its index once nobody works with it."""
    old = watched.assistant
    said(old)
    old.opening_questions("gout")
    left: list[weakref.ref[Any]] = [
        weakref.ref(one) for one in (old, old.library, old.index.retriever)
    ]
    del old
    indexed(watched, 2)
    watched.look()
    gc.collect()
    assert [reference() for reference in left] == [None] * 3


def test_a_change_before_the_first_look_is_seen(tmp_path: Path) -> None:
    """An index that was switched while the first one was being read is taken into use."""
    late = Watched(over(clinic(tmp_path / "library")))
    indexed(late, 2)
    late.look()
    assert "edition 2" in said(late.assistant)


def test_texts_before_the_first_look_are_told(tmp_path: Path) -> None:
    """Texts that were ingested while the server was opening are noticed like later ones."""
    assistant = over(clinic(tmp_path / "library"))
    Library(assistant.library.folder).put(articles=[edition(2)])
    late = Watched(assistant)
    look_twice(late)
    assert "sequitur index" in (late.swaps.behind or "")


def test_texts_without_an_index_are_told_and_not_served(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """The old one goes on from memory, and one line says why, once; an index mends it."""
    before = said(watched.assistant)
    library = ingested(watched, 2)
    with caplog.at_level(logging.INFO):
        for _ in range(4):
            watched.look()
    assert said(watched.assistant) == before
    assert watched.swaps.refused == 1
    assert "sequitur index" in (watched.swaps.behind or "")
    assert len(caplog.records) == 1
    build_index(library, WordEmbedder())
    watched.look()
    assert "edition 2" in said(watched.assistant)
    assert watched.swaps.behind is None


def test_texts_that_come_back_are_no_cause(watched: Watched) -> None:
    """Where the texts are again those of the index, nothing is behind and nothing exchanged."""
    before = watched.assistant
    article, abstract = before.library.article("gout"), before.library.document("pmid:1")
    library = ingested(watched, 2)
    look_twice(watched)
    assert watched.swaps.behind
    library.put(articles=[article], documents=[abstract])
    look_twice(watched)
    assert watched.swaps.behind is None
    assert watched.assistant is before


def test_texts_are_read_only_when_they_rest(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one file after another is written, the library is not read again and again."""
    monkeypatch.setattr(swapping, "REST_S", 3600.0)
    for number in range(3):
        ingested(watched, number)
        look_twice(watched)
    assert watched.swaps.refused == 0
    monkeypatch.setattr(swapping, "REST_S", 0.0)
    watched.look()
    assert watched.swaps.refused == 1


def _damage(library: Library) -> None:
    name = (library.folder / "index" / "current").read_text().strip()
    (library.folder / "index" / name / "passages.jsonl").write_text("{}")


def _lose_pointer(library: Library) -> None:
    (library.folder / "index" / "current").unlink()


def _lose_library(library: Library) -> None:
    library.folder.rename(library.folder.with_name("elsewhere"))


@pytest.mark.parametrize("harm", [_damage, _lose_pointer, _lose_library])
def test_what_cannot_be_opened_leaves_the_old_one(
    watched: Watched, harm: Callable[[Library], None]
) -> None:
    """Damage, no pointer, no folder: the answer stays, one line says what is wrong."""
    before = said(watched.assistant)
    harm(indexed(watched, 2))
    look_twice(watched)
    assert said(watched.assistant) == before
    assert watched.swaps.done == 0
    assert len((watched.swaps.behind or "").splitlines()) == 1


def test_the_next_build_mends_damage(watched: Watched) -> None:
    """A damaged generation is replaced by the next build, which is then served."""
    library = indexed(watched, 2)
    _damage(library)
    watched.look()
    build_index(library, WordEmbedder())
    watched.look()
    assert "edition 2" in said(watched.assistant)
    assert watched.swaps.behind is None


def test_an_unforeseen_failure_is_named_by_its_kind_and_tried_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither log nor reason repeats what the failure says, and it may go well a while later."""

    def fail(_: Assistant) -> None:
        raise RuntimeError(SAID)

    indexed(watched, 2)
    with monkeypatch.context() as patched:
        patched.setattr(Assistant, "warm", fail)
        watched.look()
    assert "RuntimeError" in (watched.swaps.behind or "")
    assert SAID not in (watched.swaps.behind or "") + caplog.text
    monkeypatch.setattr(watched, "_again_at", 0.0)
    watched.look()
    assert "edition 2" in said(watched.assistant)


def test_a_review_is_seen_without_an_exchange(watched: Watched) -> None:
    """A move of the editors shows in the next answer, from the same snapshot."""
    before = watched.assistant
    library = Library(before.library.folder)
    for status in (ReviewStatus.UNDER_REVIEW, ReviewStatus.APPROVED):
        library.reviews.move(library.article("gout"), status, by="An editor")
    look_twice(watched)
    assert watched.assistant is before
    answer = before.ask(Question(text="What calms gout?", article="gout"))
    assert answer.review_status is ReviewStatus.APPROVED


def test_an_engine_goes_over_with_what_it_counts(tmp_path: Path) -> None:
    """The language model, which counts what a day costs, is the same after an exchange."""
    assistant = over(
        clinic(tmp_path / "library"),
        engine="generative",
        llm_base_url="http://127.0.0.1:9/v1",
        llm_model="m",
        data_dir=str(tmp_path),
    )
    engine: Any = assistant.engine
    fresh: Any = assistant.reopened().engine
    assert fresh is not engine
    assert fresh._model is engine._model
    assert fresh._checks is engine._checks
    assert fresh._library is not engine._library
    assert fresh._quoting._library is fresh._library


def suggest(assistant: Assistant) -> None:
    """Write one suggestion for each article, as `sequitur serve` does."""
    library, made = assistant.library, assistant._by_quoting
    articles = {
        article.slug: OfArticle(
            scope=scope_of(library, article),
            asked=1,
            suggestions=(
                Suggestion(
                    text=f"What helps in {article.slug}?",
                    confidence=1.0,
                    at=0,
                    section="",
                    shown=(),
                    in_library=True,
                ),
            ),
        )
        for article in library.articles()
    }
    saved = Saved(
        made_by=maker_digest(made),
        corpus_fingerprint=made.corpus_fingerprint,
        index_fingerprint=made.index_fingerprint,
        articles=articles,
    )
    write_json(file_of(library), as_json(saved))


def test_suggestions_of_unchanged_articles_have_no_gap(watched: Watched) -> None:
    """Until the new index has its own, what is unchanged keeps its questions; the rest has none."""
    old = watched.assistant
    suggest(old)
    offered = old.opening_questions("fever")
    assert offered == ("What helps in fever?",)
    library = Library(old.library.folder)
    library.put(articles=[edition(2)])
    build_index(library, WordEmbedder())
    watched.look()
    fresh = watched.assistant
    assert fresh is not old
    assert fresh.opening_questions("fever") == offered
    assert fresh.opening_questions("gout") == ()
    suggest(fresh)
    assert fresh.opening_questions("gout") == ("What helps in gout?",)
    # the old one keeps its own, though the file is the new one's by now
    assert old.opening_questions("fever") == offered


def test_a_running_server_notices_and_says_so(watched: Watched) -> None:
    """`readyz` and the metrics name what is served and count; no restart, no 5xx."""
    app = create_app(lambda: watched.assistant, Settings())
    for client in started(app):
        first = client.get("/readyz").json()
        assert (first["swaps"], first["behind"]) == (0, None)
        library = indexed(watched, 2)
        until(lambda client=client: served(client)["swaps"] == 1)
        now = served(client)
        assert now["corpus_fingerprint"] == library.fingerprint != first["corpus_fingerprint"]
        assert now["index_fingerprint"] != first["index_fingerprint"]
        metrics = client.get("/metrics")
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "sequitur_index_swaps_total 1\n" in metrics.text
        assert f'index_fingerprint="{now["index_fingerprint"]}"}} 1\n' in metrics.text
        library.put(articles=[edition(3)])
        until(lambda client=client: served(client)["behind"])
        assert "sequitur_index_behind 1\n" in client.get("/metrics").text
        assert client.get("/readyz").status_code == 200


def served(client: TestClient) -> dict[str, Any]:
    """Return what the server says that it serves."""
    found: dict[str, Any] = client.get("/readyz").json()
    return found


def test_metrics_before_anything_is_loaded() -> None:
    """A monitor gets a page, not a failure, while there is nothing to ask."""

    def never() -> Assistant:
        raise RuntimeError

    for client in started(create_app(never, Settings())):
        page = client.get("/metrics")
        assert page.status_code == 200
        assert "sequitur_ready 0\n" in page.text
        assert "swaps" not in page.text


def test_a_server_that_ends_looks_no_more(watched: Watched) -> None:
    """The thread that watches ends with the application."""
    app = create_app(lambda: watched.assistant, Settings())
    for _ in started(app):
        thread = app.state.reception._watched._thread
        assert thread.is_alive()
    assert not thread.is_alive()


def test_one_request_has_one_snapshot(watched: Watched) -> None:
    """What a request has in hand is not exchanged under it; the next request gets the new one."""
    app = create_app(lambda: watched.assistant, Settings())
    for _ in started(app):
        reception = app.state.reception
        at_hand = reception.at_hand()
        before = at_hand.assistant
        indexed(watched, 2)
        until(lambda reception=reception: reception.swaps.done)
        assert at_hand.assistant is before
        assert reception.at_hand().assistant is not before


def test_agents_get_the_new_index_as_well(watched: Watched) -> None:
    """The same door, in the same conversation, answers from the new texts."""
    opening: Future[Assistant] = Future()
    opening.set_result(watched.assistant)
    door = Door(opening, at_once=1)
    door.watch()

    async def talk() -> tuple[str, str]:
        async with Client(door.server()) as client:
            ask = {"question": "What calms gout?", "article": "gout"}
            before = str((await client.call_tool("ask", ask)).structured_content)
            indexed(watched, 2)
            for _ in range(500):
                after = str((await client.call_tool("ask", ask)).structured_content)
                if "edition 2" in after:
                    break
                await asyncio.sleep(0.01)
            return before, after

    try:
        before, after = asyncio.run(talk())
    finally:
        door.close()
    assert "edition 2" not in before
    assert "edition 2" in after
