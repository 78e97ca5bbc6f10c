"""`sequitur diff`: the same questions on two states of a library."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from corpus.errors import InputError
from corpus.library import Library, write_bytes, write_json
from evals.files import refuse_unwritable

if TYPE_CHECKING:
    from evals.sets import QuestionSet
    from service.assistant import Assistant

UNEXPLAINED_EXIT = 1
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("old", metavar="OLD_INDEX", type=FOLDER)
@click.argument("new", metavar="NEW_INDEX", type=FOLDER)
@click.option(
    "--questions",
    "question_set",
    required=True,
    metavar="SET",
    type=click.Path(path_type=Path),
    help="What to ask: a folder, or a file of questions.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the whole result there.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Write a page to read there.",
)
@click.option(
    "--confidence",
    "least_move",
    default=0.1,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True),
    help="A confidence that moved less is no change.",
)
def diff(
    old: Path,
    new: Path,
    *,
    question_set: Path,
    json_file: Path | None,
    report: Path | None,
    least_move: float,
) -> None:
    """Ask every question of SET of two libraries, and tell which answers changed and why.

    OLD_INDEX and NEW_INDEX are folders of libraries with their index: a copy that was made before
    the change, and the library itself. Exits with 1 where an answer changed although nothing that
    it rests on did.
    """
    from evals.diff_page import diff_page
    from evals.diff_result import table
    from evals.sets import read_set

    refuse_unwritable(json_file, report)
    folders = (library_of(old), library_of(new))
    record = _replayed(read_set(question_set), folders, least_move)
    if json_file is not None:
        write_json(json_file, record)
    if report is not None:
        write_bytes(report, diff_page(record).encode())
    for line in table(record, old, new):
        click.echo(line)
    if record["unexplained"]:
        sys.exit(UNEXPLAINED_EXIT)


def library_of(folder: Path) -> Path:
    """Return the library that a folder names: itself, its `index`, or the generation in use there.

    Raises InputError for an older generation, whose texts nobody has any more.
    """
    if (folder / "library.json").exists():
        return folder
    if folder.name == "index" and (folder.parent / "library.json").exists():
        return folder.parent
    above = folder.resolve().parent
    if above.name != "index" or not (above.parent / "library.json").exists():
        return folder  # which says itself that it is no library
    try:
        in_use = (above / "current").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        in_use = ""
    if in_use == folder.resolve().name:
        return above.parent
    raise InputError(
        f"{folder}: an older generation of an index; its texts are not kept with it. "
        "Give a copy of the library that was made before the change"
    )


def _replayed(
    question_set: "QuestionSet", folders: tuple[Path, Path], least_move: float
) -> dict[str, Any]:
    """Ask all questions of both, with a bar on stderr, and return the result."""
    from evals.diff_replaying import replay
    from evals.diff_result import diff_record

    old, new = _opened(folders)
    total = len(question_set.cases)
    with tqdm(total=total, unit=" questions", delay=2, mininterval=1, file=sys.stderr) as bar:
        found = replay(question_set, old, new, least_move=least_move, progress=bar.update)
    return diff_record(question_set, found, old, new, least_move=least_move)


def _opened(folders: tuple[Path, Path]) -> "tuple[Assistant, Assistant]":
    """Open both with the same models and settings; they quote, whatever engine is set.

    What a language model writes differs from one time to the next with nothing changed.
    """
    from index.embedder import embedder_of
    from index.reading.model import BuiltInReader
    from index.saved import load_index
    from service.assistant import Assistant
    from service.settings import load_settings

    settings = replace(load_settings(), engine="extractive")
    embedder, model = embedder_of(settings.embedding_model), BuiltInReader()
    libraries = [Library(folder) for folder in folders]
    old, new = (
        Assistant(library, load_index(library, embedder), embedder, settings, model)
        for library in libraries
    )
    return old, new
