"""`sequitur evaluate`: a set in, measures out."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from corpus.library import write_bytes, write_json
from evals.files import refuse_unwritable

if TYPE_CHECKING:
    from evals.result import Record
    from evals.running import Outcome
    from evals.sets import QuestionSet

FAILED_EXIT = 1


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
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="REPORT.json",
    help="Compare, question by question, with what --json wrote earlier.",
)
@click.option(
    "--gate",
    "written_gates",
    multiple=True,
    metavar="EXPR",
    help='Exit with 1 where this does not hold, as "refusal.auroc>=0.9". May be repeated.',
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
    baseline: Path | None,
    written_gates: tuple[str, ...],
    whole_library: bool,
) -> None:
    """Ask every question of SET (a folder, or a file of questions) and measure the answers."""
    from evals import comparison, gates
    from evals.sets import read_set

    refuse_unwritable(json_file, report)
    wanted = [gates.read_gate(written) for written in written_gates]
    earlier = None if baseline is None else comparison.read_baseline(baseline)
    read = read_set(question_set)
    kinds = sorted({case.kind for case in read.cases if case.kind is not None})
    gates.refuse_unknown(wanted, kinds, compared=earlier is not None)
    if earlier is not None:
        comparison.refuse_unrelated(earlier, [case.question_id for case in read.cases])
    result, outcomes = _measured(read, library, whole_library=whole_library)
    if earlier is not None:
        result["comparison"] = comparison.compare(result, earlier)
    known, unknown = gates.check(wanted, result)
    if wanted:
        result["gates"] = [one.record() for one in known]
    _write(result, outcomes, json_file, report)
    _show(result, gates.table(known))
    if unknown is not None:
        raise unknown
    if not all(one.passed for one in known):
        sys.exit(FAILED_EXIT)


def _measured(
    question_set: "QuestionSet", library: Path | None, *, whole_library: bool
) -> "tuple[Record, Sequence[Outcome]]":
    """Ask all questions, with a bar on stderr, and return the result and what it was made of."""
    from evals.libraries import open_assistant
    from evals.result import result_record
    from evals.running import run
    from service.settings import load_settings

    assistant = open_assistant(question_set, library, load_settings())
    total = len(question_set.cases)
    with tqdm(total=total, unit=" questions", delay=2, mininterval=1, file=sys.stderr) as bar:
        outcomes = run(question_set, assistant, whole_library=whole_library, progress=bar.update)
    result = result_record(
        question_set, outcomes, assistant.provenance, whole_library=whole_library
    )
    return result, outcomes


def _write(
    result: "Record", outcomes: "Sequence[Outcome]", json_file: Path | None, report: Path | None
) -> None:
    from evals.report import report_page

    if json_file is not None:
        write_json(json_file, result)
    if report is not None:
        write_bytes(report, report_page(result, outcomes).encode())


def _show(result: "Record", gates: Iterable[str]) -> None:
    """Print the tables on stdout: the measures, the comparison where there is one, the gates."""
    from evals import comparison
    from evals.result import table

    compared = comparison.table(result["comparison"], result) if "comparison" in result else ()
    for line in (*table(result), *compared, *gates):
        click.echo(line)
