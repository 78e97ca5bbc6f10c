import contextlib
import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import IndexingError
from corpus.library import Library
from index.saved import build_index
from tests.fakes import RecordingEmbedder
from tests.index.killed_build import AFTER_THE_SWITCH, POINTS
from tests.index.looking import answers, generation, refused

ROOT = Path(__file__).resolve().parents[2]

# --- killed builds ------------------------------------------------------------------------------


def killed(library: Library, model: str, point: str) -> None:
    """Build in another process, and check that it was killed at this point."""
    module = "tests.index.killed_build"
    command = [sys.executable, "-m", module, str(library.folder), model, point]
    process = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert process.returncode == -signal.SIGKILL, process.stderr


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_build_leaves_the_index_that_was_in_use(library: Library, point: str) -> None:
    """Killed at any moment before the switch, the old index answers as before.

    The next build succeeds and leaves nothing of the killed one.
    """
    build_index(library, RecordingEmbedder())
    before = answers(library)
    killed(library, "other", point)
    assert answers(library) == before
    build_index(library, RecordingEmbedder("other"))
    assert answers(library, "other") == before
    folders = [path for path in (library.folder / "index").iterdir() if path.is_dir()]
    assert len(folders) <= 2
    assert not any(path.name.startswith(".") for path in folders)


def test_a_build_killed_after_the_switch_leaves_the_new_index(library: Library) -> None:
    """Once the pointer names it, the new index is whole."""
    build_index(library, RecordingEmbedder())
    before = answers(library)
    killed(library, "other", AFTER_THE_SWITCH)
    assert answers(library, "other") == before


def test_a_killed_first_build_leaves_no_index(library: Library) -> None:
    """Half a first index is none; the next build makes it."""
    killed(library, "words", "the pointer is renamed")
    assert "no index" in refused(library)
    build_index(library, RecordingEmbedder())
    assert answers(library)


# --- builds at the same time --------------------------------------------------------------------


@pytest.mark.parametrize("models", [("words", "words"), ("words", "other")])
@pytest.mark.parametrize(
    "point",
    ["vectors are saved", "words are saved", "the new folder is renamed", "the pointer is written"],
)
def test_a_build_overtaken_by_another_does_no_harm(
    library: Library, monkeypatch: pytest.MonkeyPatch, point: str, models: tuple[str, str]
) -> None:
    """A second build runs while the first is at this point, from start to end if it is let.

    Each of them ends, or says as an error of ours that it could not; one at least ends. What is
    left is the whole index of one that ended.
    """
    owner, name = POINTS[point]
    step = getattr(owner, name)
    ended: list[str] = []

    def build(model: str) -> None:
        with contextlib.suppress(IndexingError):
            build_index(Library(library.folder), RecordingEmbedder(model))
            ended.append(model)

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(owner, name, step)
        second.append(pool.submit(build, models[1]))
        wait(second, timeout=1)  # it may have to wait for the first one to end
        return step(*args)

    monkeypatch.setattr(owner, name, overtaken)
    second: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:
        build(models[0])
    second[0].result()
    assert ended
    assert left_by(library) in ended


def left_by(library: Library) -> str:
    """Return the model of the index in use, which has to answer."""
    manifest = json.loads((generation(library) / "manifest.json").read_text())
    model = str(manifest["model"])
    assert len(answers(library, model)[0]) == len(library.passages())
    return model


def test_builds_at_the_same_time_do_no_harm(library: Library) -> None:
    """Several that start at once leave one whole index, which answers."""
    together = threading.Barrier(3)

    def build() -> None:
        together.wait()
        build_index(Library(library.folder), RecordingEmbedder())

    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(build) for _ in range(3)]
    errors = [future.exception() for future in futures]
    assert all(error is None or isinstance(error, IndexingError) for error in errors)
    build_index(library, RecordingEmbedder())
    assert len(answers(library)[0]) == len(library.passages())
