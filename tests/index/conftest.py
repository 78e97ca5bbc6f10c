"""A small library without an index, and one index that tests share."""

from pathlib import Path

import pytest

from corpus.library import Library
from index.saved import build_index
from tests.fakes import RecordingEmbedder, clinic


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return a small library without an index."""
    return clinic(tmp_path / "library")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return a library with an index, which a test leaves as it found it."""
    shared = clinic(tmp_path_factory.mktemp("built") / "library")
    build_index(shared, RecordingEmbedder())
    return shared
