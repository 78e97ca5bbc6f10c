"""What tests look at in a saved index: its folder, its answers, its refusal."""

from pathlib import Path

import pytest

from corpus.errors import IndexingError
from corpus.library import Library
from index.retriever import Hit, Query
from index.saved import load_index
from tests.fakes import RecordingEmbedder

QUESTIONS = ("What raises urate?", "Which drug lowers a fever?", "zinc", "")


def answers(library: Library, model: str = "words") -> list[tuple[Hit, ...]]:
    """Open the library and its index anew, and return the hits of some questions."""
    retriever = load_index(Library(library.folder), RecordingEmbedder(model)).retriever
    return [retriever.retrieve(Query(own=question)).hits for question in QUESTIONS]


def generation(library: Library) -> Path:
    """Return the folder of the index in use."""
    root = library.folder / "index"
    return root / (root / "current").read_text().strip()


def refused(library: Library, model: str = "words") -> str:
    """Check that the index is refused with one line that says what to do, and return it."""
    with pytest.raises(IndexingError) as caught:
        load_index(Library(library.folder), RecordingEmbedder(model))
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert str(library.folder) in message
    assert "sequitur index" in message
    return message
