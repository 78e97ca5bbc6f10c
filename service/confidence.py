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
from index.reader import Reading, probability
from index.retriever import Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the evidence looks like.

    Of the best reading: `relevance` and `passage_relevance` (0 to 1) are the trained reader's
    verdicts on the sentence and its passage, `context_coverage` (0 to 1) the share of the question
    found in it with title and section, `cosine` (-1 to 1) its nearness in meaning;
    `passage_cosine` is the nearest passage's. Others were tried (the sentence's own coverage,
    margins, the likeliest exact answer, words known to the library, trees instead of a line): on
    sets that they were not fitted on they did no better, or got a weight of the wrong sign.
    """

    relevance: float
    passage_relevance: float
    context_coverage: float
    cosine: float
    passage_cosine: float


def features(readings: Sequence[Reading], hits: Sequence[Hit]) -> Features:
    """Measure the evidence; `readings` are best first, and neither is empty."""
    best = readings[0]
    return Features(
        relevance=probability(best.relevance),
        passage_relevance=probability(best.passage_relevance),
        context_coverage=best.context_coverage,
        cosine=best.cosine,
        passage_cosine=max(hit.cosine for hit in hits),
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
