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
from index.reading.reading import UNREAD, Evidence
from index.retriever import Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the evidence looks like.

    The reader's log odds: `verdict` of the best units read together, `window` of the best window,
    `alone` and `together` of the best unit by itself and beside the others. `cosine` (-1 to 1) is
    the nearest passage's.
    """

    verdict: float
    window: float
    alone: float
    together: float
    cosine: float


def features(evidence: Evidence, hits: Sequence[Hit]) -> Features:
    """Measure the evidence; neither readings nor hits are empty."""
    readings = evidence.readings
    beside = [reading.together for reading in readings if reading.together is not None]
    return Features(
        verdict=evidence.verdict,
        window=max(reading.window for reading in readings),
        alone=max(reading.alone for reading in readings),
        together=max(beside, default=UNREAD),
        cosine=max(hit.cosine for hit in hits),
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
