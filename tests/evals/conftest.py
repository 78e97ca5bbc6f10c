"""Factories for small sets, libraries and assistants."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evals.libraries import own_library
from evals.sets import QuestionSet, read_set
from service.assistant import Assistant
from service.confidence import LogisticModel
from service.settings import Settings
from tests.evals.fakes import WordEmbedder, WordReader

MakeSet = Callable[..., Path]
OpenSet = Callable[..., tuple[QuestionSet, Assistant]]

ASPIRIN = (
    "Aspirin lowers fever in adults. It thins the blood for several days. "
    "Bleeding of the stomach is its main harm."
)
CORPUS: tuple[Mapping[str, str], ...] = (
    {"_id": "aspirin", "title": "Aspirin", "text": ASPIRIN},
    {"_id": "zinc", "title": "Zinc", "text": "Zinc shortens colds by one day. Zinc tastes bad."},
    {"_id": "gout", "title": "Gout", "text": "Colchicine calms an acute attack of gout."},
)


def question(question_id: str = "q1", *, answerable: bool = True, **values: Any) -> dict[str, Any]:
    """Return one line of questions.jsonl as a mapping."""
    asked = {"id": question_id, "question": "Does aspirin lower fever?", "answerable": answerable}
    return asked | values


@pytest.fixture
def make_set(tmp_path: Path) -> MakeSet:
    """Return a function that writes a set's folder."""

    def make(
        questions: Sequence[Mapping[str, Any]],
        *,
        corpus: Sequence[Mapping[str, str]] = CORPUS,
        qrels: str = "",
        name: str = "tiny",
    ) -> Path:
        folder = tmp_path / name
        (folder / "qrels").mkdir(parents=True, exist_ok=True)
        for file, lines in (("questions.jsonl", questions), ("corpus.jsonl", corpus)):
            (folder / file).write_text("".join(json.dumps(line) + "\n" for line in lines))
        if qrels:
            (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{qrels}")
        return folder

    return make


@pytest.fixture
def open_set(make_set: MakeSet, tmp_path: Path) -> OpenSet:
    """Return a function that writes a set, reads it and opens its library."""

    def opened(*args: Any, threshold: float = 0.5, **kwargs: Any) -> tuple[QuestionSet, Assistant]:
        from corpus.library import Library
        from index.saved import load_index

        question_set = read_set(make_set(*args, **kwargs))
        embedder = WordEmbedder()
        library = Library(own_library(question_set, embedder, tmp_path / "cache"))
        settings = Settings(confidence_threshold=threshold)
        index = load_index(library, embedder)
        assistant = Assistant(library, index, embedder, settings, WordReader())
        # what is measured here must not hang on the coefficients that are shipped
        assistant._confidence = LogisticModel(weights={"verdict": 1.0}, intercept=0.5)
        return question_set, assistant

    return opened
