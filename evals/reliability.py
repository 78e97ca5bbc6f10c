"""How far the confidence can be taken at its word: reliability bins, ECE and the Brier score."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np

from evals.measures import Judged, Metrics, outcomes_known

MOST_BINS = 10
QUESTIONS_PER_BIN = 10
Z_95 = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Questions of like confidence: `n` of them, their mean confidence, and the share of right.

    Right is a question that the evidence answers which is shown, or would be shown if nothing
    were refused. `low` and `high` bound that share with 95 % confidence.
    """

    n: int
    confidence: float
    right: float
    low: float
    high: float

    def record(self) -> dict[str, Any]:
        """Return the bin as JSON."""
        return asdict(self)


def calibration(judged: Sequence[Judged]) -> Metrics | None:
    """Return ece and brier over the questions whose outcome is known; None without any.

    Brier (1950), "Verification of forecasts expressed in terms of probability". The expected
    calibration error is that of Naeini et al. (2015), "Obtaining well calibrated probabilities
    using Bayesian binning", over bins of equal size.
    """
    counted = outcomes_known(judged)
    if not counted:
        return None
    bins = reliability(judged)
    ece = sum(b.n * abs(b.confidence - b.right) for b in bins) / len(counted)
    brier = sum((j.confidence - j.is_right) ** 2 for j in counted) / len(counted)
    return {"ece": ece, "brier": brier}


def reliability(judged: Sequence[Judged]) -> tuple[Bin, ...]:
    """Return bins of about equal size, of rising confidence; empty where no outcome is known.

    There is a bin for every ten questions, at least one and at most ten. Equal confidences are
    never parted, so that the bins do not hang on the order of the questions.

    >>> half = [Judged(question_id="q", answerable=True, answered=True, confidence=0.5,
    ...                has_gold=True, best_hits=hits) for hits in (True, False)]
    >>> [(b.n, b.confidence, b.right) for b in reliability(half)]
    [(2, 0.5, 0.5)]
    """
    counted = outcomes_known(judged)
    if not counted:
        return ()
    confidence = np.asarray([j.confidence for j in counted])
    right = np.asarray([j.is_right for j in counted], dtype=float)
    place = _places(confidence)
    members = [place == number for number in np.unique(place)]
    return tuple(_bin(confidence[inside], right[inside]) for inside in members)


def _places(confidence: np.ndarray) -> np.ndarray:
    """Return each question's bin: where the middle of its group of equals stands in the order."""
    bins = min(MOST_BINS, max(1, len(confidence) // QUESTIONS_PER_BIN))
    _, group, sizes = np.unique(confidence, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - sizes / 2
    return np.asarray((middle * bins // len(confidence)).astype(int)[group])


def _bin(confidence: np.ndarray, right: np.ndarray) -> Bin:
    share = float(right.mean())
    low, high = wilson(share, len(right))
    return Bin(n=len(right), confidence=float(confidence.mean()), right=share, low=low, high=high)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share of n (Wilson, 1927).

    subtle: it holds the share, which rounding would put outside where all or none are right.

    >>> [round(bound, 3) for bound in wilson(0.5, 10)]
    [0.237, 0.763]
    """
    spread = Z_95**2 / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z_95 / (1 + spread) * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
