"""The library that a set is asked of: its own, built once and kept, or one that is given."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import LibraryError
from corpus.library import Library
from evals.sets import QuestionSet
from ingest.code import code_digest
from ingest.reading import ingest
from ingest.sample import sample_library
from service.settings import Settings

if TYPE_CHECKING:
    from index.embedder import Embedder
    from service.assistant import Assistant

KEY_CHARS = 16


def open_assistant(
    question_set: QuestionSet, library: Path | None, settings: Settings
) -> "Assistant":
    """Return an assistant over the library that the set is to be asked of.

    That is `library` where one is named; else the set's own corpus; else the library of the
    settings; else the built-in sample. Talks to stderr while it builds. Raises SequiturError.
    """
    from index.embedder import embedder_of
    from index.saved import load_index
    from service.assistant import Assistant

    embedder = embedder_of(settings.embedding_model)
    folder = library or _unnamed(question_set, embedder, settings)
    opened = Library(folder)
    return Assistant(opened, load_index(opened, embedder), embedder, settings)


def own_library(question_set: QuestionSet, embedder: "Embedder", cache: Path) -> Path:
    """Return the folder of the library made of the set's corpus, building it when it is not there.

    The folder's name tells the corpus, the model and the code that reads, so that a change of
    any gets a new library; of an older one by other code the vectors are taken over, and it is
    removed. Built under a temporary name and renamed. Raises FileInputError, or LibraryError
    when `cache` cannot be written.
    """
    from service.building import build_with_progress

    same_texts = f"{_corpus_digest(question_set)}-{embedder.digest[:KEY_CHARS]}-"
    code = code_digest("corpus", "index", "ingest")[:KEY_CHARS]
    folder = cache / f"{same_texts}{code}"
    if (folder / "library.json").exists():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        older = sorted(cache.glob(f"{same_texts}*"))
        building = Path(tempfile.mkdtemp(dir=cache, prefix=".building-"))
    except OSError as error:
        raise LibraryError(
            f"{cache}: the set's library cannot be built here ({error.strerror}); "
            "set SEQUITUR_DATA_DIR to a folder that can be written"
        ) from error
    try:
        _fill(building, question_set)
        for old in older[:1]:
            shutil.copytree(old / "index", building / "index")
        build_with_progress(Library(building), embedder)
        if not folder.exists():  # another process may have been quicker
            building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    for old in older:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _unnamed(question_set: QuestionSet, embedder: "Embedder", settings: Settings) -> Path:
    from service.building import build_with_progress

    data_dir = Path(settings.data_dir)
    if question_set.corpus:
        return own_library(question_set, embedder, data_dir / "evaluation")
    if settings.library:
        return Path(settings.library)
    folder = sample_library(data_dir)
    build_with_progress(Library(folder), embedder)
    return folder


def _fill(folder: Path, question_set: QuestionSet) -> None:
    click.echo(f"building the library of {question_set.name} (once)", err=True)
    library = Library.create(folder)
    for part in question_set.corpus:
        for report in ingest(part.files, library, slug=part.slug):
            for rejection in report.rejections:
                click.echo(f"{report.name}, {rejection.place}: {rejection.reason}", err=True)


def _corpus_digest(question_set: QuestionSet) -> str:
    digest = hashlib.sha256()
    for part in question_set.corpus:
        for path in part.files:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{part.slug}\t{path.name}\t{content}\n".encode())
    return digest.hexdigest()[:KEY_CHARS]
