"""How likely it is that the best evidence answers the question.

A logistic model over a few features of the evidence. Its coefficients are fitted on the
development sets by `python -m evals.fit_confidence` and stand in confidence.json with what they
were fitted on.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import resources

from corpus.library import fingerprint
from index.reader import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the evidence looks like.

    `best_cosine` (-1 to 1) is the nearest meaning among the readings; `coverage` and
    `context_coverage` (0 to 1) are those of the best reading. Others were tried (the cosine of the
    passage, coverage of all that was read, words known to the library): fitted together with
    these they got weights near zero or negative.
    """

    best_cosine: float
    coverage: float
    context_coverage: float


def features(readings: Sequence[Reading]) -> Features:
    """Measure the evidence; `readings` are best first and not empty."""
    return Features(
        best_cosine=max(reading.cosine for reading in readings),
        coverage=readings[0].coverage,
        context_coverage=readings[0].context_coverage,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticModel:
    """`weights` by feature name, and the intercept."""

    weights: dict[str, float]
    intercept: float

    @property
    def digest(self) -> str:
        """SHA-256 of the coefficients."""
        return fingerprint({"weights": self.weights, "intercept": self.intercept})

    def probability(self, measured: Features) -> float:
        """Return the estimated probability (0 to 1) that the evidence answers, to 4 places."""
        values = asdict(measured)
        total = self.intercept + sum(w * values[name] for name, w in self.weights.items())
        return round(0.5 * (1 + math.tanh(total / 2)), 4)


@lru_cache(maxsize=1)
def shipped_model() -> LogisticModel:
    """Return the model in confidence.json."""
    stored = json.loads(resources.files("service").joinpath("confidence.json").read_text())
    return LogisticModel(weights=stored["weights"], intercept=stored["intercept"])
