"""Fitting the confidence model: `python -m evals.fit_confidence SET… [--output FILE]`.

A logistic regression with the usual quadratic penalty over `service.confidence.Features`,
labelled 1 when the evidence that is shown, or would be, hits a right text. Every set has the same
weight in all, whatever its size. Features are standardised for the fit, and the coefficients are
written for the features as they are. Only one part of each set is fitted on, and no paper that the
reader was trained on: the other part certifies the threshold (`sequitur calibrate`).
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from corpus.errors import InputError, SequiturError
from corpus.library import write_json
from evals.measures import auroc
from evals.running import run
from evals.sets import QuestionSet, read_set
from evals.splits import FITTING, part_of

if TYPE_CHECKING:
    from service.assistant import Assistant

PLACES = 6
# Every set counts as so many questions against the penalty.
SET_WEIGHT = 200.0
NO_SPREAD = 1e-9
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The measured questions of one set: float64 (n, features) and bool (n,)."""

    name: str
    names: tuple[str, ...]
    values: Floats
    labels: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Coefficients for features as they are, float64 (features,), and the intercept."""

    weights: Floats
    intercept: float

    def logits(self, values: Floats) -> Floats:
        """Return float64 (n,), the log odds of each row."""
        return values @ self.weights + self.intercept


@click.command()
@click.argument("sets", metavar="SET...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Default: service/confidence.json.",
)
def main(sets: tuple[Path, ...], *, output: Path | None) -> None:
    """Fit the confidence model on all SETs and write its coefficients."""
    from evals.libraries import open_assistant
    from service import confidence
    from service.settings import load_settings

    try:
        # nothing is refused for its evidence: the model that would do so is being made
        settings = replace(load_settings(), confidence_threshold=0.0)
        read = [fitting_part(read_set(path)) for path in sets]
        samples = [measure(one, open_assistant(one, None, settings)) for one in read]
        record = fitted_record(samples)
        write_json(output or Path(confidence.__file__).with_name("confidence.json"), record)
    except SequiturError as error:
        click.echo(f"fit_confidence: {error}", err=True)
        sys.exit(2)
    for name, area in record["cross_validated_auroc"].items():
        click.echo(f"{name:<24}{'-' if area is None else format(area, '.3f'):>8}")


def measure(question_set: QuestionSet, assistant: "Assistant") -> Sample:
    """Return the features of every question of a set that tells a right answer from a wrong one.

    Raises InputError when there is none.
    """
    with tqdm(
        total=len(question_set.cases),
        desc=question_set.name,
        delay=2,
        mininterval=1,
        file=sys.stderr,
    ) as bar:
        outcomes = run(question_set, assistant, progress=bar.update)
    told = [
        (asdict(outcome.features), outcome.judged)
        for outcome in outcomes
        if outcome.features is not None
        and (outcome.judged.has_gold or not outcome.judged.answerable)
    ]
    rows = [row for row, _ in told]
    labels = [judged.is_right for _, judged in told]
    if not rows:
        raise InputError(f"{question_set.name}: nothing was found for any of its questions")
    return Sample(
        name=question_set.name,
        names=tuple(rows[0]),
        values=np.asarray([list(row.values()) for row in rows]),
        labels=np.asarray(labels),
    )


def fitting_part(question_set: QuestionSet) -> QuestionSet:
    """Return the questions of a set that may be fitted on."""
    kept = tuple(c for c in question_set.cases if part_of(c) == FITTING)
    return replace(question_set, cases=kept)


def fit(samples: Sequence[Sample]) -> Fit:
    """Fit one model on several sets, each with the same total weight.

    Raises InputError when all questions have the same label.
    """
    from sklearn.linear_model import (
        LogisticRegression,
    )

    values = np.concatenate([s.values for s in samples])
    labels = np.concatenate([s.labels for s in samples])
    if len(set(labels.tolist())) < 2:  # noqa: PLR2004  both labels
        raise InputError("a fit needs both answerable and unanswerable questions")
    weight = np.concatenate([np.full(len(s.labels), SET_WEIGHT / len(s.labels)) for s in samples])
    mean = np.average(values, axis=0, weights=weight)
    spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weight))
    # subtle: the mean of equal values is off by a rounding error, so a spread is never just 0;
    # a feature that does not change gets the coefficient 0
    spread[spread < NO_SPREAD] = 1.0
    model = LogisticRegression().fit((values - mean) / spread, labels, sample_weight=weight)
    weights = model.coef_[0] / spread
    return Fit(weights=weights, intercept=float(model.intercept_[0] - weights @ mean))


def held_out_auroc(samples: Sequence[Sample]) -> dict[str, float | None]:
    """Return, for each set, the AUROC on it of a model fitted on all the others.

    None where a set has only one kind of question; empty for a single set.
    """
    areas: dict[str, float | None] = {}
    for held in samples if len(samples) > 1 else ():
        model = fit([s for s in samples if s is not held])
        area = auroc(held.labels.tolist(), model.logits(held.values).tolist())
        areas[held.name] = None if area is None else round(area, PLACES)
    return areas


def fitted_record(samples: Sequence[Sample]) -> dict[str, Any]:
    """Return the model as `service/confidence.json` holds it: the same samples, the same bytes.

    Raises InputError when two sets have one name.
    """
    if len({s.name for s in samples}) < len(samples):
        raise InputError("two sets have the same name")
    model = fit(samples)
    return {
        "weights": {
            name: round(float(weight), PLACES)
            for name, weight in zip(samples[0].names, model.weights, strict=True)
        },
        "intercept": round(model.intercept, PLACES),
        "fitted_on": [
            {"set": s.name, "questions": len(s.labels), "right": int(s.labels.sum())}
            for s in samples
        ],
        "cross_validated_auroc": held_out_auroc(samples),
    }


if __name__ == "__main__":
    main()
