from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import IndexingError
from corpus.library import Library
from index.dense import DenseIndex
from index.saved import build_index
from tests.fakes import RecordingEmbedder
from tests.index.looking import answers, generation, refused

DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "half": lambda data: data[: len(data) // 2],
    "garbage": lambda _: b"\x00\xff garbage",
    "null": lambda _: b"null",
    "list": lambda _: b"[]",
    "object": lambda _: b"{}",
}
FILES = ("current", "manifest.json", "passages.jsonl", "vectors.faiss", "terms.json", "bm25")


def files_called(library: Library, name: str) -> list[Path]:
    """Return the pointer, a file of the index in use, or all files of a folder in it."""
    if name == "current":
        return [library.folder / "index" / name]
    path = generation(library) / name
    return sorted(path.iterdir()) if path.is_dir() else [path]


def put(path: Path, data: bytes | None) -> None:
    """Give a file other bytes, or remove it."""
    if data is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(data)


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused(library: Library, name: str, damage: str) -> None:
    """Whichever file is damaged, and however, the error is ours and says what to do."""
    build_index(library, RecordingEmbedder())
    for path in files_called(library, name):
        whole = path.read_bytes()
        put(path, DAMAGE[damage](whole))
        refused(library)
        put(path, whole)
    assert answers(library)


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_index_is_mended_by_a_build(library: Library, name: str, damage: str) -> None:
    """What the error tells the operator to run does help, whatever the damage was."""
    build_index(library, RecordingEmbedder())
    reference = answers(library)
    path = files_called(library, name)[-1]
    put(path, DAMAGE[damage](path.read_bytes()))
    build_index(library, RecordingEmbedder())
    assert answers(library) == reference


def test_vectors_of_another_length_are_refused(library: Library) -> None:
    """As many vectors as passages, but of another dimension: told at once, not by a question."""
    build_index(library, RecordingEmbedder())
    short = np.eye(len(library.passages()), dtype=np.float32)
    DenseIndex.build(short).save(generation(library))
    refused(library)


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damage_anywhere_raises_nothing_foreign(built: Library, data: st.DataObject) -> None:
    """Bytes cut or overwritten anywhere: the index is refused, or it answers; no other error."""
    paths = sorted(p for p in (built.folder / "index").rglob("*") if p.is_file())
    path = data.draw(st.sampled_from(paths))
    whole = path.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 40, len(whole))))
    try:
        path.write_bytes(whole[:start] + data.draw(st.binary(max_size=4)) + whole[end:])
        answers(built)
    except IndexingError:
        pass
    finally:
        path.write_bytes(whole)
