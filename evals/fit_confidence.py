"""Fitting the confidence model: `python -m evals.fit_confidence SET… [--most NAME=N]…`.

A logistic regression with the usual quadratic penalty over `service.confidence.Features`,
labelled 1 when the evidence that is shown, or would be, hits a right text. Every set has the same
weight in all, whatever its size. Features are standardised for the fit, and the coefficients are
written for the features as they are. Only one part of each set is fitted on; the other part
certifies the threshold, as `sequitur calibrate` does. Both come from one asking of all questions.
Sets named with `--certify` are not fitted on: where whole texts are foreign to a question, the
nearest passage's cosine tells, which tells nothing within a page.
"""

import hashlib
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
from evals.calibration import counted_of, rows
from evals.measures import auroc
from evals.running import Outcome, run
from evals.sets import Case, QuestionSet, read_set
from evals.splits import CERTIFYING, FITTING, PARTS, part_of
from service.calibration import Calibration, MadeFrom
from service.confidence import LogisticModel
from service.settings import Settings

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A set with what became of its questions, and the models that read them."""

    question_set: QuestionSet
    outcomes: tuple[Outcome, ...]
    models: dict[str, str]

    def part(self, number: int) -> list[Outcome]:
        """Return the outcomes of one part's questions."""
        return [o for o in self.outcomes if part_of(o.case) == number]


@click.command()
@click.argument("sets", metavar="SET...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--most",
    "bounds",
    multiple=True,
    metavar="NAME=N",
    help="Ask about N questions of the set NAME, pairs whole. May be repeated.",
)
@click.option(
    "--certify",
    "certifying",
    multiple=True,
    metavar="NAME",
    help="Do not fit on the set NAME, only certify on it. May be repeated.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder for confidence.json and calibration.json. Default: service/.",
)
@click.option(
    "--questions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was measured of each question there.",
)
def main(
    sets: tuple[Path, ...],
    *,
    bounds: tuple[str, ...],
    certifying: tuple[str, ...],
    output: Path | None,
    questions: Path | None,
) -> None:
    """Fit the confidence model on one part of all SETs and certify it on the other."""
    from evals.libraries import open_assistant
    from service import confidence
    from service.settings import load_settings

    folder = output or Path(confidence.__file__).parent
    try:
        # nothing is refused for its evidence: the model that would do so is being made
        settings = replace(load_settings(), confidence_threshold=0.0)
        most = _most(bounds)
        read = [sampled(one, most.get(one.name)) for one in map(read_set, sets)]
        asked = [ask(one, open_assistant(one, None, settings)) for one in read]
        if questions is not None:
            write_json(questions, [record_of(one, o) for one in asked for o in one.outcomes])
        fitted_on = [one for one in asked if one.question_set.name not in certifying]
        record = fitted_record([sample_of(one) for one in fitted_on])
        write_json(folder / "confidence.json", record)
        model = LogisticModel(weights=record["weights"], intercept=record["intercept"])
        write_json(folder / "calibration.json", certified(asked, model, settings).record())
    except SequiturError as error:
        click.echo(f"fit_confidence: {error}", err=True)
        sys.exit(2)
    for name, area in record["cross_validated_auroc"].items():
        click.echo(f"{name:<24}{'-' if area is None else format(area, '.3f'):>8}")


def _most(bounds: Sequence[str]) -> dict[str, int]:
    parted = [bound.partition("=") for bound in bounds]
    if not all(number.isdigit() for _, _, number in parted):
        raise InputError("--most wants NAME=N, the name of a set and a whole number")
    return {name: int(number) for name, _, number in parted}


def sampled(question_set: QuestionSet, most: int | None) -> QuestionSet:
    """Return about `most` of a set's questions, all versions of a question together.

    Which ones, the digest of the pair's name decides. Articles that nothing is asked of any more
    are left out of the corpus.
    """
    if most is None or len(question_set.cases) <= most:
        return question_set
    groups: dict[str, list[Case]] = {}
    for case in question_set.cases:
        groups.setdefault(case.pair or case.question_id, []).append(case)
    kept: set[str] = set()
    for name in sorted(groups, key=lambda n: hashlib.sha256(f"sample {n}".encode()).digest()):
        if len(kept) < most:
            kept |= {case.question_id for case in groups[name]}
    cases = tuple(case for case in question_set.cases if case.question_id in kept)
    within = {case.article for case in cases}
    corpus = tuple(p for p in question_set.corpus if p.slug is None or p.slug in within)
    return replace(question_set, cases=cases, corpus=corpus)


def ask(question_set: QuestionSet, assistant: "Assistant") -> Asked:
    """Ask all questions of a set."""
    total, name = len(question_set.cases), question_set.name
    with tqdm(total=total, desc=name, delay=2, mininterval=1, file=sys.stderr) as bar:
        outcomes = run(question_set, assistant, progress=bar.update)
    models = dict(assistant.provenance.models)
    return Asked(question_set=question_set, outcomes=outcomes, models=models)


def record_of(asked: Asked, outcome: Outcome) -> dict[str, Any]:
    """Return what was measured of a question, as plain values."""
    case, judged = outcome.case, outcome.judged
    return {
        "set": asked.question_set.name,
        "id": case.question_id,
        "pair": case.pair,
        "kind": case.kind,
        "part": part_of(case),
        "answerable": case.answerable,
        "right": judged.is_right,
        "features": asdict(outcome.features) if outcome.features else None,
    }


def sample_of(asked: Asked, part: int = FITTING) -> Sample:
    """Return the features of one part's questions that tell a right answer from a wrong one.

    Raises InputError when there is none.
    """
    told = [
        (asdict(outcome.features), outcome.judged)
        for outcome in asked.part(part)
        if outcome.features is not None
        and (outcome.judged.has_gold or not outcome.judged.answerable)
    ]
    if not told:
        raise InputError(f"{asked.question_set.name}: nothing was found for any of its questions")
    return Sample(
        name=asked.question_set.name,
        names=tuple(told[0][0]),
        values=np.asarray([list(row.values()) for row, _ in told]),
        labels=np.asarray([judged.is_right for _, judged in told]),
    )


def certified(asked: Sequence[Asked], model: LogisticModel, settings: Settings) -> Calibration:
    """Return the calibration that the part comes to which the model was not fitted on."""
    counted, made_from = [], []
    for one in asked:
        judged = [
            replace(o.judged, confidence=model.probability(o.features))
            for o in one.part(CERTIFYING)
            if o.features is not None
        ]
        mine = counted_of(one.question_set.name, judged)
        counted += mine
        made_from.append(
            MadeFrom(
                set=one.question_set.name,
                sha256=one.question_set.sha256,
                questions=len(judged),
                counted=len(mine),
                answerable=sum(c.judged.answerable for c in mine),
                near_misses=sum(c.near_miss for c in mine),
            )
        )
    return Calibration(
        models={**asked[0].models, "confidence": f"logistic@{model.digest[:16]}"},
        engine=settings.engine,
        max_statements=settings.max_statements,
        read_tokens=settings.read_tokens,
        part=f"part {CERTIFYING} of {PARTS} by pair, article or question",
        made_from=tuple(made_from),
        rows=rows(counted, settings.risk, settings.risk_delta),
    )


def fit(samples: Sequence[Sample]) -> Fit:
    """Fit one model on several sets, each with the same total weight.

    Raises InputError when all questions have the same label.
    """
    from sklearn.linear_model import (
        LogisticRegression,
    )

    if len({label for s in samples for label in s.labels.tolist()}) < 2:  # noqa: PLR2004  both
        raise InputError("a fit needs both answerable and unanswerable questions")
    values = np.concatenate([s.values for s in samples])
    labels = np.concatenate([s.labels for s in samples])
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
