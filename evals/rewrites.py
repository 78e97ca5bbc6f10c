"""How near stand-alone questions come to hand-written ones: `python -m evals.rewrites FILE`.

    {"id": "31_2", "history": ["What is throat cancer?"],
     "question": "Is it treatable?", "standalone": "Is throat cancer treatable?"}

One question a line, with the questions before it and with what a person made of it. Nothing is
retrieved: the content words (`index.lexical.terms`) of each way of rewriting are compared with
those of the hand-written question. Questions that a person changed are context-dependent; those
left as they are should be left alone. CAsT 2019 (Dalton et al., 2020) has questions of this kind.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

import click

from corpus.errors import FileInputError, SequiturError
from corpus.library import write_json

Method = Callable[["Rewrite"], str]
PLACES = 4
_POSSESSIVE = re.compile(r"['’]s\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A question within a conversation, and its hand-written stand-alone form.

    `history` holds the earlier questions, oldest first.
    """

    question_id: str
    history: tuple[str, ...]
    question: str
    standalone: str

    @property
    def in_context(self) -> bool:
        """Whether a person had to change the question."""
        return " ".join(self.question.split()) != " ".join(self.standalone.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Shares (0 to 1) of content words, each the mean over `n` questions; None over none.

    `precision` is of the rewritten question's words, `recall` of the hand-written one's, `f1`
    the harmonic mean per question. `supplied` is, over questions that lack words of the
    hand-written form, the share of those words that was brought in; `unchanged` the share of
    questions to which nothing was added.
    """

    n: int
    precision: float | None
    recall: float | None
    f1: float | None
    supplied: float | None
    unchanged: float | None


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write figures."
)
def main(file: Path, *, json_file: Path | None) -> None:
    """Compare ways of making FILE's questions stand alone with the hand-written forms."""
    try:
        cases = read_rewrites(file)
        record = {
            group: {name: measure(chosen, method) for name, method in METHODS.items()}
            for group, chosen in groups(cases).items()
        }
        if json_file is not None:
            figures = {
                group: {name: asdict(overlap) for name, overlap in rows.items()}
                for group, rows in record.items()
            }
            write_json(json_file, {"file": file.name, "n": len(cases), **figures})
    except SequiturError as error:
        click.echo(f"rewrites: {error}", err=True)
        sys.exit(2)
    for group, rows in record.items():
        click.echo("\n".join(table(group, rows)))


def read_rewrites(path: Path) -> tuple[Rewrite, ...]:
    """Read a file of rewrites; raises FileInputError naming the file and the line."""
    from ingest.reading import read_file

    source = read_file(path)
    cases = [
        _rewrite(source.name, number, line)
        for number, line in enumerate(source.text().split("\n"), start=1)
        if line.strip()
    ]
    if not cases:
        raise FileInputError(source.name, "holds no questions")
    return tuple(cases)


def _rewrite(name: str, number: int, line: str) -> Rewrite:
    place = f"line {number}"
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FileInputError(name, "not usable JSON", place=place) from error
    if not isinstance(values, dict):
        raise FileInputError(name, "not a JSON object", place=place)
    for key in ("id", "question", "standalone"):
        if not isinstance(values.get(key), str):
            raise FileInputError(name, f"{key!r} is missing or not a text", place=place)
    history = values.get("history", [])
    if not isinstance(history, list) or not all(isinstance(turn, str) for turn in history):
        raise FileInputError(name, "'history' is not a list of texts", place=place)
    return Rewrite(
        question_id=values["id"],
        history=tuple(history),
        question=values["question"],
        standalone=values["standalone"],
    )


def groups(cases: Sequence[Rewrite]) -> dict[str, tuple[Rewrite, ...]]:
    """Return the context-dependent questions, and the others that have a history."""
    return {
        "context_dependent": tuple(c for c in cases if c.in_context),
        "standing_alone": tuple(c for c in cases if c.history and not c.in_context),
    }


def measure(cases: Sequence[Rewrite], method: Method) -> Overlap:
    """Return how near `method` comes to the hand-written forms."""
    compared = [_compared(case, method(case)) for case in cases]
    supplied = [share for *_, share, _ in compared if share is not None]
    return Overlap(
        n=len(cases),
        precision=_mean([row[0] for row in compared]),
        recall=_mean([row[1] for row in compared]),
        f1=_mean([row[2] for row in compared]),
        supplied=_mean(supplied),
        unchanged=_mean([float(row[4]) for row in compared]),
    )


def _compared(case: Rewrite, text: str) -> tuple[float, float, float, float | None, bool]:
    """Return precision, recall, F1, supplied (None: nothing to supply) and unchanged."""
    got, right, asked = words(text), words(case.standalone), words(case.question)
    both = len(got & right)
    precision = both / len(got) if got else float(not right)
    recall = both / len(right) if right else 1.0
    total = precision + recall
    f1 = 2 * precision * recall / total if total else 0.0
    missing = right - asked
    supplied = len(got & missing) / len(missing) if missing else None
    return precision, recall, f1, supplied, got <= asked


def words(text: str) -> frozenset[str]:
    """Return the content words of a text, stemmed; a possessive "'s" is none."""
    from index.lexical import terms

    return frozenset(terms(_POSSESSIVE.sub("", text)))


def table(group: str, rows: dict[str, Overlap]) -> Iterator[str]:
    """Give the lines of one group's table, for people."""
    n = next(iter(rows.values())).n
    heads = ("precision", "recall", "F1", "supplied", "unchanged")
    yield f"{f'{group} ({n})':<30}" + "".join(f"{head:>11}" for head in heads)
    for name, row in rows.items():
        figures = (row.precision, row.recall, row.f1, row.supplied, row.unchanged)
        cells = ("-" if figure is None else format(figure, ".3f") for figure in figures)
        yield f"  {name:<28}" + "".join(f"{cell:>11}" for cell in cells)


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), PLACES) if values else None


def _alone(case: Rewrite) -> str:
    return case.question


def _whole_history(case: Rewrite) -> str:
    return " ".join([*case.history, case.question])


def _stand_alone(case: Rewrite) -> str:
    from service.conversation import stand_alone

    return stand_alone(case.question, case.history).text


METHODS: dict[str, Method] = {
    "question alone": _alone,
    "whole history appended": _whole_history,
    "stand-alone question": _stand_alone,
}


if __name__ == "__main__":
    main()
