from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.library import Library
from index import saved
from index.embedder import Vectors
from index.journal import NAME, VectorJournal
from index.saved import build_index
from tests.fakes import RecordingEmbedder, contents, document_of
from tests.index.looking import answers

KEYS = [bytes([n]) * 32 for n in range(5)]
VECTORS = np.arange(15, dtype=np.float32).reshape(5, 3)


def kept(root: Path, model: str = "m") -> dict[bytes, list[float]]:
    """Return what a journal holds."""
    with VectorJournal(root, model) as journal:
        return {key: vector.tolist() for key, vector in journal.read().items()}


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    """In two batches and by two processes: vectors come back by their keys, bit for bit."""
    for part in (slice(0, 2), slice(2, 5)):
        with VectorJournal(tmp_path, "m") as journal:
            journal.append(KEYS[part], VECTORS[part])
    assert kept(tmp_path) == dict(zip(KEYS, VECTORS.tolist(), strict=True))


def test_another_models_journal_is_not_read(tmp_path: Path) -> None:
    """Vectors of two models never meet; the next batch begins a new journal."""
    with VectorJournal(tmp_path, "m") as journal:
        journal.append(KEYS, VECTORS)
    assert kept(tmp_path, "other") == {}
    with VectorJournal(tmp_path, "other") as journal:
        journal.append(KEYS[:1], VECTORS[:1, :2])
    assert kept(tmp_path, "other") == {KEYS[0]: [0.0, 1.0]}
    assert kept(tmp_path) == {}


@given(data=st.data())
@settings(deadline=None)
def test_damage_costs_the_records_behind_it_alone(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Cut off or overwritten anywhere, what is read is a beginning of what was written.

    And what is appended behind the damage is read again.
    """
    root = tmp_path_factory.mktemp("journal")
    with VectorJournal(root, "m") as journal:
        journal.append(KEYS, VECTORS)
    path = root / NAME
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:at] + data.draw(st.binary(max_size=3)))
    found = kept(root)
    assert list(found.items()) == list(zip(KEYS, VECTORS.tolist(), strict=True))[: len(found)]
    with VectorJournal(root, "m") as journal:
        journal.append([b"n" * 32], VECTORS[:1])
    assert kept(root) == found | {b"n" * 32: [0.0, 1.0, 2.0]}


class Stopping(RecordingEmbedder):
    """Is interrupted at its batch number `at`, from 1."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def embed_batch(self, texts: list[str]) -> Vectors:  # type: ignore[override]
        """Embed, or stop."""
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return super().embed_batch(texts)


def test_a_stopped_build_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was embedded before Ctrl-C is not embedded again, and the index is the same.

    Afterwards nothing of it is left.
    """
    monkeypatch.setattr(saved, "EMBED_AT_ONCE", 2)
    library = Library.create(tmp_path / "library")
    library.put(documents=[document_of(f"d{n}", f"Zinc number {n} helps.") for n in range(7)])
    with pytest.raises(KeyboardInterrupt):
        build_index(library, Stopping(3))
    planned: list[int] = []
    embedder = RecordingEmbedder()
    report = build_index(Library(library.folder), embedder, planned=planned.append)
    assert (len(embedder.texts), report.embedded, planned) == (3, 3, [3])
    fresh = Library.create(tmp_path / "fresh")
    fresh.put(documents=library.documents())
    build_index(fresh, RecordingEmbedder())
    assert answers(library) == answers(fresh)
    assert f"index/{NAME}" not in contents(library.folder)


def test_a_stopped_build_keeps_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal holds digests and numbers: text that is deleted next is not in it."""
    monkeypatch.setattr(saved, "EMBED_AT_ONCE", 2)
    library = Library.create(tmp_path / "library")
    library.put(documents=[document_of(f"d{n}", f"Zinc number {n} helps.") for n in range(7)])
    with pytest.raises(KeyboardInterrupt):
        build_index(library, Stopping(3))
    assert b"Zinc" not in (library.folder / "index" / NAME).read_bytes()
