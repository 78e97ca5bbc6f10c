"""Suggestions are made beside a running server, while nobody asks."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from corpus.library import Library
from service.api import create_app
from service.assistant import Assistant
from service.preparing import Preparing
from service.settings import Settings
from service.suggesting import file_of, read
from tests.e2e.servers import wait_until
from tests.fakes import article_of, heading
from tests.service.cases import over


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    """Return an assistant over one article that says how something is treated."""
    library = Library.create(tmp_path / "library")
    text = "Pain is treated with colchicine at first."
    library.put(articles=[article_of("gout", heading("Treatment"), text)])
    return over(library)


def made(assistant: Assistant) -> list[str]:
    """Return what is suggested in the file by now."""
    saved = read(file_of(assistant.library))
    articles = saved.articles if saved is not None else {}
    return [one.text for of in articles.values() for one in of.suggestions]


@pytest.fixture
def ended() -> Iterator[list[Preparing]]:
    """Stop what a test started."""
    started: list[Preparing] = []
    yield started
    for one in started:
        one.stop(10)


def test_a_server_makes_them_by_itself(assistant: Assistant) -> None:
    """They are offered as soon as they are found; without `prepare` none are made."""
    settings = Settings(confidence_threshold=0.0)
    with TestClient(create_app(lambda: assistant, settings)) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200, "the server")
        assert client.get("/v1/articles/gout/suggestions").json() == {"suggestions": []}
    with TestClient(create_app(lambda: assistant, settings, prepare=True)) as client:
        wait_until(lambda: "How is it treated?" in made(assistant), "the suggestions")
        offered = client.get("/v1/articles/gout/suggestions").json()["suggestions"]
    assert "How is it treated?" in offered


def test_it_waits_while_somebody_asks(assistant: Assistant, ended: list[Preparing]) -> None:
    """Nothing is asked as long as the server is busy, all of it afterwards."""
    free, looked = threading.Event(), threading.Event()

    def busy() -> bool:
        looked.set()
        return not free.is_set()

    preparing = Preparing(lambda: assistant, busy)
    ended.append(preparing)
    preparing.start()
    assert looked.wait(10)
    assert made(assistant) == []
    free.set()
    wait_until(lambda: "How is it treated?" in made(assistant), "the suggestions")


def test_an_end_is_not_waited_for(assistant: Assistant) -> None:
    """A server that ends while somebody asks ends this, too."""
    preparing = Preparing(lambda: assistant, lambda: True)
    preparing.start()
    preparing.stop(10)
    assert not preparing._thread.is_alive()
    assert made(assistant) == []


def test_a_newer_library_gets_its_own(
    assistant: Assistant, ended: list[Preparing], tmp_path: Path
) -> None:
    """What takes the assistant's place is asked in its turn."""
    library = Library.create(tmp_path / "newer")
    library.put(articles=[article_of("bones", heading("Causes"), "Falls are what causes it most.")])
    newer, present = over(library), [assistant]
    preparing = Preparing(lambda: present[0], lambda: False)
    ended.append(preparing)
    preparing.start()
    wait_until(lambda: made(assistant) != [], "the first suggestions")
    present[0] = newer
    wait_until(lambda: "What causes it?" in made(newer), "the newer ones")


def test_a_library_that_cannot_be_written_is_told_once(
    assistant: Assistant, ended: list[Preparing], caplog: pytest.LogCaptureFixture
) -> None:
    """The server goes on; the log says why nothing is suggested."""
    file_of(assistant.library).mkdir()
    preparing = Preparing(lambda: assistant, lambda: False)
    ended.append(preparing)
    preparing.start()
    wait_until(lambda: "no suggestions" in caplog.text, "the log")
    assert preparing._thread.is_alive()


def test_what_was_exchanged_is_asked_no_more(
    assistant: Assistant, ended: list[Preparing], tmp_path: Path
) -> None:
    """In the middle of its questions it makes way for the newer library."""
    library = Library.create(tmp_path / "newer")
    library.put(articles=[article_of("bones", heading("Causes"), "Falls are what causes it most.")])
    newer, present, asked = over(library), [assistant], threading.Event()

    def busy() -> bool:
        asked.set()
        return present[0] is assistant

    preparing = Preparing(lambda: present[0], busy)
    ended.append(preparing)
    preparing.start()
    assert asked.wait(10)
    present[0] = newer
    wait_until(lambda: "What causes it?" in made(newer), "the newer ones")
    assert made(assistant) == []
