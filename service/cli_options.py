"""What commands share: naming a library, opening one, the next command, and printing JSON."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import IndexingError
from corpus.library import Library
from ingest.sample import sample_library
from service.settings import Settings

if TYPE_CHECKING:
    from service.assistant import Assistant

library_option = click.option(
    "--library",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the library. Default: $SEQUITUR_LIBRARY, else the built-in sample.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def json_text(value: Any) -> str:
    """Return a value as the JSON that commands print."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def named_library(library: Path | None, settings: Settings) -> Path | None:
    """Return the library that was named, by option or setting; None for the built-in sample."""
    return library or (Path(settings.library) if settings.library else None)


def library_folder(library: Path | None, settings: Settings) -> Path:
    """Return the folder of the library that was named, else of the built-in sample."""
    return named_library(library, settings) or sample_library(Path(settings.data_dir))


def next_command(name: str, library: Path | None) -> str:
    """Return a command as it is typed in a shell, for the library that the option named.

    >>> next_command("index", Path("my library")), next_command("index", None)
    ("sequitur index --library 'my library'", 'sequitur index')
    """
    return shlex.join(["sequitur", name, *(("--library", str(library)) if library else ())])


@contextmanager
def naming(library: Path | None) -> Iterator[None]:
    """Let an error that tells to build the index name the library that the option named."""
    try:
        yield
    except IndexingError as error:
        told = str(error).replace("`sequitur index`", f"`{next_command('index', library)}`")
        raise IndexingError(told) from error


def open_assistant(library: Path | None, settings: Settings) -> "Assistant":
    """Open the library to ask; the built-in sample is kept up to date by itself.

    The model's weights are not read yet.
    """
    from index.embedder import embedder_of
    from index.saved import load_index
    from service.assistant import Assistant
    from service.building import build_with_progress

    opened = Library(library_folder(library, settings))
    embedder = embedder_of(settings.embedding_model)
    if named_library(library, settings) is None:
        build_with_progress(opened, embedder)
    with naming(library):
        index = load_index(opened, embedder)
    return Assistant(opened, index, embedder, settings)


def warmed_assistant(library: Path | None, settings: Settings) -> "Assistant":
    """Open the library to ask, and let the weights be read by asking."""
    from service.assistant import Question

    assistant = open_assistant(library, settings)
    assistant.ask(Question(text="Is everything ready?"))
    return assistant


def writable_library(library: Path | None, settings: Settings) -> Library:
    """Open the library to write to, making the one that was named where there is none."""
    named = named_library(library, settings)
    if named is not None:
        return Library.create(named)
    folder = sample_library(Path(settings.data_dir))
    click.echo(f"No --library given: reading into the built-in sample at {folder}", err=True)
    return Library(folder)
