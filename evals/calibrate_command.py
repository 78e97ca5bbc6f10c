"""`sequitur calibrate`: question sets in, a threshold with its promise out."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from corpus.errors import InputError
from corpus.library import write_bytes, write_json
from evals.files import refuse_unwritable

if TYPE_CHECKING:
    from evals.calibration import Counted
    from evals.sets import QuestionSet
    from service.calibration import Calibration, MadeFrom, Row
    from service.settings import Settings

PROBLEM_EXIT = 1
ALL = "all questions"
_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("sets", metavar="SET...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Highest share of wrong answers. Default: $SEQUITUR_RISK.",
)
@click.option(
    "--delta",
    type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
    help="Highest chance that the promise fails. Default: $SEQUITUR_RISK_DELTA.",
)
@click.option(
    "--near-miss",
    "near_miss_sets",
    metavar="SET",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Another SET, or one of SET..., whose unanswerable questions are all near misses; "
    "repeatable. Questions of the kind near_miss are near misses in every set.",
)
@click.option(
    "--held-out-part/--all-questions",
    default=False,
    show_default=True,
    help="Use only the half of the questions on which no confidence model is fitted.",
)
@click.option(
    "--library",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the library to ask. Default: the corpus that each SET brings, else "
    "$SEQUITUR_LIBRARY, else the built-in sample.",
)
@click.option("--output", type=_file, metavar="FILE", help="Write what SEQUITUR_CALIBRATION reads.")
@click.option("--report", type=_file, metavar="FILE.html", help="Write a page to read there.")
@click.option("--json", "json_file", type=_file, metavar="FILE", help="Write everything there.")
def calibrate(
    sets: tuple[Path, ...],
    *,
    alpha: float | None,
    delta: float | None,
    near_miss_sets: tuple[Path, ...],
    held_out_part: bool,
    library: Path | None,
    output: Path | None,
    report: Path | None,
    json_file: Path | None,
) -> None:
    """Find the confidence from which on at most ALPHA of the answers are wrong.

    Asks every question of all SETs (folders, or files of questions), and prints what each usual
    risk costs and the threshold for the one asked for. Exits with 1 when that cannot be promised.
    """
    from evals.calibration_report import lines, report_page
    from service.settings import load_settings

    refuse_unwritable(output, report, json_file)
    settings = load_settings()
    read = _read(sets, near_miss_sets, held_out_part=held_out_part)
    calibration, counted, asked = issue(
        read,
        settings,
        alpha=settings.risk if alpha is None else alpha,
        delta=settings.risk_delta if delta is None else delta,
        library=library,
        part=_part_name(held_out_part=held_out_part),
    )
    if output is not None:
        write_json(output, calibration.record())
    if json_file is not None:
        write_json(json_file, _everything(calibration, asked, counted))
    if report is not None:
        produced = dict(_produced(calibration))
        write_bytes(report, report_page(calibration, asked, counted, produced).encode())
    for line in lines(calibration, asked, len(counted)):
        click.echo(line)
    if asked.threshold is None:
        click.get_current_context().exit(PROBLEM_EXIT)


def issue(
    sets: Sequence[tuple["QuestionSet", bool]],
    settings: "Settings",
    *,
    alpha: float,
    delta: float,
    library: Path | None = None,
    part: str = ALL,
) -> tuple["Calibration", list["Counted"], "Row"]:
    """Ask all questions; return the calibration, the questions that count, and the row asked for.

    Each set comes with whether all its unanswerable questions are near misses. Raises InputError
    when no question tells a right answer from a wrong one.
    """
    from evals.calibration import row_of, rows, tells_right_from_wrong
    from service.calibration import Calibration

    asked = [_ask(one, settings, library, near_misses=near) for one, near in sets]
    counted = [question for _, questions, _ in asked for question in questions]
    if not tells_right_from_wrong(counted):
        raise InputError("no question that was asked can be answered and says by which text")
    calibration = Calibration(
        models=asked[0][2],
        engine=settings.engine,
        max_statements=settings.max_statements,
        read_tokens=settings.read_tokens,
        part=part,
        made_from=tuple(made_from for made_from, _, _ in asked),
        rows=rows(counted, alpha, delta),
    )
    return calibration, counted, row_of(counted, alpha, delta)


def _ask(
    question_set: "QuestionSet", settings: "Settings", library: Path | None, *, near_misses: bool
) -> tuple["MadeFrom", list["Counted"], dict[str, str]]:
    """Return what a set contributes, its questions that count, and the models' names."""
    from evals.calibration import counted_of
    from evals.libraries import open_assistant
    from evals.running import run
    from service.calibration import MadeFrom

    # whatever is not screened out is answered, so that the refusals say what was
    assistant = open_assistant(question_set, library, replace(settings, confidence_threshold=0.0))
    with tqdm(
        total=len(question_set.cases),
        desc=question_set.name,
        unit=" questions",
        delay=2,
        mininterval=1,
        file=sys.stderr,
    ) as bar:
        outcomes = run(question_set, assistant, progress=bar.update)
    counted = counted_of(
        question_set.name, [outcome.judged for outcome in outcomes], near_misses=near_misses
    )
    made_from = MadeFrom(
        set=question_set.name,
        sha256=question_set.sha256,
        questions=len(outcomes),
        counted=len(counted),
        answerable=sum(c.judged.answerable for c in counted),
        near_misses=sum(c.near_miss for c in counted),
    )
    return made_from, counted, dict(assistant.provenance.models)


def _read(
    sets: tuple[Path, ...], near_miss_sets: tuple[Path, ...], *, held_out_part: bool
) -> list[tuple["QuestionSet", bool]]:
    """Read each set once; raises InputError without any, or when two have one name."""
    from evals.sets import read_set
    from evals.splits import CERTIFYING, part_of

    near = {path.resolve() for path in near_miss_sets}
    paths = {path.resolve(): path for path in (*sets, *near_miss_sets)}
    read = [(read_set(path), place in near) for place, path in paths.items()]
    if not read:
        raise InputError("name at least one SET")
    if len({one.name for one, _ in read}) < len(read):
        raise InputError("two sets have the same name")
    if not held_out_part:
        return read
    halves = [
        (replace(one, cases=tuple(c for c in one.cases if part_of(c) == CERTIFYING)), is_near)
        for one, is_near in read
    ]
    return [(one, is_near) for one, is_near in halves if one.cases]


def _part_name(*, held_out_part: bool) -> str:
    from evals.splits import CERTIFYING, PARTS

    return f"part {CERTIFYING} of {PARTS} by pair, article or id" if held_out_part else ALL


def _everything(
    calibration: "Calibration", asked: "Row", counted: Sequence["Counted"]
) -> dict[str, Any]:
    """Return the calibration, the promise asked for, each set under it, and every question."""
    from evals.calibration_report import by_set, statement

    return {
        "calibration": calibration.record(),
        "asked_for": {"alpha": asked.alpha, "delta": asked.delta, "threshold": asked.threshold},
        "statement": statement(asked, len(counted)),
        "by_set": by_set(counted, asked.threshold),
        "questions": [
            {
                "set": c.set_name,
                "id": c.judged.question_id,
                "answerable": c.judged.answerable,
                "confidence": c.judged.confidence,
                "wrong": not c.judged.is_right,
                "near_miss": c.near_miss,
            }
            for c in counted
        ],
    }


def _produced(calibration: "Calibration") -> Iterator[tuple[str, str]]:
    from service.calibration import HOLDS_FOR

    yield "sequitur", version("sequitur")
    for role, name in calibration.models.items():
        yield f"{role} model", name
    for setting in (*HOLDS_FOR, "part"):
        yield setting, str(getattr(calibration, setting))
    for source in calibration.made_from:
        told = f"{source.counted} of {source.questions} questions counted, {source.answerable} "
        told += f"answerable, {source.near_misses} near misses; SHA-256 {source.sha256}"
        yield f"set {source.set}", told
