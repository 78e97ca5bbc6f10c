"""What the tests of the service's core share: readings made by hand, small assistants, commands.

The embedder of the small assistants is `tests.evals.fakes.WordEmbedder`; `real_sample` is the one
place that loads the real model, once per run.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import pytest

from corpus.library import Library
from corpus.records import Article, Document, Unit, passages_of, units_of
from index.embedder import Embedder, embedder_of
from index.reading.reading import Reading
from index.retriever import Hit
from index.saved import build_index, load_index
from ingest.sample import sample_library
from service.assistant import Assistant
from service.cli import cli
from service.extractive import Selection
from service.settings import Settings
from tests.evals.fakes import WordEmbedder, WordReader, steady

ROOT = Path(__file__).resolve().parents[2]
SEQUITUR = Path(sys.executable).with_name("sequitur")
# A confidence lies between 0 and 1: these answer, and refuse, whatever the coefficients are.
ALWAYS, NEVER = 0.0, 2.0
# The command line with the embedder that counts words, for a process of its own.
FAKED_CLI = (
    "import os; os.environ.setdefault('SEQUITUR_CONFIDENCE_THRESHOLD', '0.1'); "
    "import index.embedder, index.reading.model; "
    "from tests.evals.fakes import WordEmbedder, WordReader; "
    "index.embedder.embedder_of = WordEmbedder; "
    "index.reading.model.BuiltInReader = WordReader; "
    "from service.cli import main; main()"
)
COP = "cryptogenic-organizing-pneumonia"


def reading_of(document: Document, words: str, **figures: float) -> Reading:
    """Return the first sentence of `document` that holds `words`, read with these figures."""
    unit = next(u for u in units_of(document) if words in document.text[u.start : u.end])
    return reading_at(document, unit, **figures)


def reading_at(document: Document, unit: Unit, *, score: float = 1.0) -> Reading:
    """Return a unit as if read with this score, alone and together."""
    passage = next(p for p in passages_of(document) if p.start <= unit.start < p.end)
    return Reading(
        unit=unit,
        document=document,
        hit=Hit(passage=passage, rank=1, score=1.0, bm25=1.0, cosine=1.0),
        alone=score,
        window=score,
        together=score,
    )


def quotes(selection: Selection) -> list[str]:
    """Return the texts of a selection's spans."""
    return [span.of(selection.document.text) for span in selection.spans]


def opened(
    folder: Path,
    *,
    articles: Iterable[Article] = (),
    documents: Iterable[Document] = (),
    threshold: float = ALWAYS,
    **settings: Any,
) -> Assistant:
    """Return an assistant over a new library in `folder`."""
    library = Library.create(folder)
    library.put(articles=articles, documents=documents)
    return over(library, threshold=threshold, **settings)


def over(library: Library, *, threshold: float = ALWAYS, **settings: Any) -> Assistant:
    """Return an assistant over a library, which is indexed first."""
    embedder = WordEmbedder()
    build_index(library, embedder)
    chosen = Settings(confidence_threshold=threshold, **settings)
    index = load_index(library, embedder)
    return steady(Assistant(library, index, embedder, chosen, WordReader()))


@lru_cache(maxsize=1)
def real_model() -> Embedder:
    """Return the built-in model, read once per run."""
    return embedder_of()


@lru_cache(maxsize=1)
def real_sample(data_dir: Path) -> Assistant:
    """Return an assistant over the built-in sample under `data_dir`, with the real model."""
    library = Library(sample_library(data_dir))
    build_index(library, real_model())
    return Assistant(library, load_index(library, real_model()), real_model(), Settings())


def give_embedder(monkeypatch: pytest.MonkeyPatch, embedder: Embedder) -> None:
    """Let the commands of this process use `embedder` for the built-in model."""

    def given(_model: str = "") -> Embedder:
        return embedder

    for module in ("index.embedder", "service.assistant"):
        monkeypatch.setattr(f"{module}.embedder_of", given)


def commands() -> dict[str, click.Command]:
    """Return all commands of `sequitur` by name, those of other packages included."""
    context = click.Context(cli)
    found = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def without_chance(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without what may differ between two runs of the same question."""
    return {k: v for k, v in record.items() if k not in ("answer_id", "timings_ms")}


def as_bytes(record: Mapping[str, Any]) -> bytes:
    """Return a record's JSON, without what may differ between two runs."""
    return json.dumps(without_chance(record), ensure_ascii=False).encode()


def citations_in(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all citations of a record, in order."""
    return [c for statement in record["statements"] for c in statement["citations"]]


def assert_quotes_hold(record: Mapping[str, Any], library: Library) -> None:
    """Check every quote and digest of a record against the library's texts."""
    for citation in citations_in(record):
        document = library.document(citation["document_id"])
        assert document.text[citation["start"] : citation["end"]] == citation["quote"]
        assert document.sha256 == citation["sha256"]


def clean_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment with these `SEQUITUR_*` variables and no others."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SEQUITUR_")}
    return kept | {"HF_HUB_OFFLINE": "1"} | variables


def run_command(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program from the checkout's root to its end, with these environment variables."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=clean_environment(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
