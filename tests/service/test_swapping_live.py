"""A real server that is asked without pause while its library changes under it."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from corpus.library import Library
from corpus.records import Article, Reference
from index.saved import build_index
from service import swapping
from service.api import create_app
from service.settings import Settings
from service.store import AnswerStore
from tests.evals.fakes import WordEmbedder
from tests.fakes import article_of, clinic, document_of, heading
from tests.service.cases import citations_in, over
from tests.service.live import events_of, serving, until

EDITIONS = 6
ASKED = {"question": "What calms gout?"}
QUESTIONS = "/v1/articles/gout/questions"
Texts = dict[str, str]
Visit = Callable[[httpx2.Client], None]


def edition(number: int) -> Article:
    """Return the article on gout; each edition says its own number everywhere."""
    return article_of(
        "gout",
        heading(f"Treatment (edition {number})"),
        f"Colchicine calms gout in edition {number}.",
        f"A second sentence of edition {number} says the same.",
        references=(Reference(number=1, title=f"Edition {number}", document_id="pmid:1"),),
    )


class Shelf:
    """Every state of the library that was ever indexed, by its fingerprint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.states: dict[str, Texts] = {}
        self.latest = ""

    def publish(self, number: int) -> None:
        """Write an edition in two steps, and index it."""
        library = Library(self.folder)
        library.put(articles=[edition(number)])
        said = f"The abstract of edition {number} says that colchicine calms gout."
        library.put(documents=[document_of("pmid:1", said)])
        # before it is indexed: an answer may come from it a moment after
        self.states[library.fingerprint] = {d.document_id: d.text for d in library.documents()}
        build_index(library, WordEmbedder())
        self.latest = library.fingerprint

    def check(self, record: dict[str, Any]) -> None:
        """Check that an answer is wholly of one state, and quotes it."""
        texts = self.states[record["provenance"]["corpus_fingerprint"]]
        citations = citations_in(record)
        assert citations
        for citation in citations:
            stored = texts[citation["document_id"]]
            assert stored[citation["start"] : citation["end"]] == citation["quote"]
        assert len(editions(json.dumps(record["statements"]))) == 1


def editions(text: str) -> set[str]:
    """Return the numbers of all editions that a text names."""
    return set(re.findall(r"edition (\d+)", text))


def visits(shelf: Shelf) -> Iterator[Visit]:
    """Give what visitors do, over and over: each looks at one request's consistency."""

    def ask(client: httpx2.Client) -> None:
        shelf.check(asked(client, ASKED))

    def go_on(client: httpx2.Client) -> None:
        record = asked(client, ASKED | {"conversation_id": "c"})
        shelf.check(record)
        kept = client.get(f"/v1/answers/{record['answer_id']}")
        assert kept.status_code == 200
        assert client.get(f"/answers/{record['answer_id']}").status_code == 200

    def stream(client: httpx2.Client) -> None:
        response = client.post(QUESTIONS, json=ASKED | {"stream": True})
        assert response.status_code == 200
        events = events_of(response.text)
        assert events[-1][0] == "done"
        shelf.check(events[-1][1])

    def page(client: httpx2.Client) -> None:
        response = client.post("/articles/gout", data=ASKED)
        assert response.status_code == 200
        assert len(editions(response.text)) == 1

    def look(client: httpx2.Client) -> None:
        for path in ("/v1/articles/gout", "/articles/gout"):
            response = client.get(path)
            assert response.status_code == 200
            assert len(editions(response.text)) == 1
        for path in ("/", "/v1/articles", "/v1/articles/gout/suggestions", "/readyz", "/metrics"):
            assert client.get(path).status_code == 200

    yield from (ask, go_on, stream, page, look)


def asked(client: httpx2.Client, body: dict[str, str]) -> dict[str, Any]:
    """Ask, and return the record."""
    response = client.post(QUESTIONS, json=body)
    assert response.status_code == 200, response.text
    record: dict[str, Any] = response.json()
    return record


def test_no_question_notices_an_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is wholly old or wholly new, none fails, and what is deleted is not quoted."""
    monkeypatch.setattr(swapping, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(swapping, "REST_S", 0.05)
    folder = tmp_path / "library"
    clinic(folder)
    shelf = Shelf(folder)
    shelf.publish(0)
    assistant = over(Library(folder))
    ended, failures, done = threading.Event(), list[Exception](), list[float]()

    def visit(visit: Visit, address: str) -> None:
        with httpx2.Client(base_url=address, trust_env=False, timeout=10) as client:
            while not ended.is_set():
                begun = time.monotonic()
                try:
                    visit(client)
                except Exception as failure:  # noqa: BLE001 - told by the test's own thread
                    failures.append(failure)
                    return
                done.append(time.monotonic() - begun)

    store = AnswerStore(tmp_path / "answers.sqlite")
    app = create_app(lambda: assistant, Settings(confidence_threshold=0.0), store=store)
    with serving(app) as address:
        threads = [threading.Thread(target=visit, args=(v, address)) for v in visits(shelf)]
        for thread in threads:
            thread.start()
        for number in range(1, EDITIONS):
            shelf.publish(number)
            until(lambda: served(address)["corpus_fingerprint"] == shelf.latest)
            seen = len(done)
            until(lambda seen=seen: failures or len(done) > seen + len(threads))
            if failures:
                break
        ended.set()
        for thread in threads:
            thread.join(10)
        assert failures == []
        with httpx2.Client(base_url=address, trust_env=False) as client:
            for _ in range(3):
                record = asked(client, ASKED)
                assert editions(json.dumps(record["statements"])) == {str(EDITIONS - 1)}
        assert served(address)["swaps"] == EDITIONS - 1
    store.close()


def served(address: str) -> dict[str, Any]:
    """Return what the server says that it serves."""
    found: dict[str, Any] = httpx2.get(f"{address}/readyz", trust_env=False).json()
    return found
