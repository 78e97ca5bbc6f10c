"""`sequitur evaluate`: a set in, measures out."""

import os
import sys
from pathlib import Path

import click
from tqdm import tqdm

from corpus.errors import InputError
from corpus.library import write_bytes, write_json


@click.command()
@click.argument("question_set", metavar="SET", type=click.Path(path_type=Path))
@click.option(
    "--library",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the library to ask. Default: the corpus that SET brings, else "
    "$SEQUITUR_LIBRARY, else the built-in sample.",
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
    "--whole-library", is_flag=True, help="Ask every question of all texts, not of its article."
)
def evaluate(
    question_set: Path,
    *,
    library: Path | None,
    json_file: Path | None,
    report: Path | None,
    whole_library: bool,
) -> None:
    """Ask every question of SET (a folder, or a file of questions) and measure the answers."""
    from evals.libraries import open_assistant
    from evals.report import report_page
    from evals.result import result_record, table
    from evals.running import run
    from evals.sets import read_set
    from service.settings import load_settings

    _refuse_unwritable(json_file, report)
    read = read_set(question_set)
    assistant = open_assistant(read, library, load_settings())
    with tqdm(
        total=len(read.cases), unit=" questions", delay=2, mininterval=1, file=sys.stderr
    ) as bar:
        outcomes = run(read, assistant, whole_library=whole_library, progress=bar.update)
    result = result_record(read, outcomes, assistant.provenance, whole_library=whole_library)
    if json_file is not None:
        write_json(json_file, result)
    if report is not None:
        write_bytes(report, report_page(result, outcomes).encode())
    for line in table(result):
        click.echo(line)


def _refuse_unwritable(*files: Path | None) -> None:
    """Complain now, not after all questions have been asked."""
    for file in files:
        if file is None:
            continue
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{file}: cannot be written ({error.strerror})") from error
        if not os.access(file.parent, os.W_OK):
            raise InputError(f"{file}: cannot be written (no permission for the folder)")
