"""Measures of a run under many resamples of its questions at once.

A resample is a row of weights: how often each question was drawn. With all weights 1 a measure is
what `evals.measures` gives, so that the one function serves for the value and for its interval.
A value that is undefined is NaN. Paired bootstrap: Efron & Tibshirani (1993), "An introduction to
the bootstrap", chapter 13; one draw of questions serves both runs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RESAMPLES = 2000
SEED = 20
DRAWN_AT_ONCE = 1_000_000
NEAR_MISSES_ANSWERED = "near_misses_answered"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """A run of n questions, one array (n,) for each field.

    `evidence_hit`, `best_hit` and `gain` are NaN where a question does not count for them;
    `rank` is that of the first hit, infinite without one.
    """

    answerable: Flags
    near_miss: Flags
    answered: Flags
    confidence: Floats
    evidence_hit: Floats
    best_hit: Floats
    rank: Floats
    gain: Floats


Measure = Callable[[Columns, Floats], Floats]


def draws(n: int) -> Iterator[Floats]:
    """Yield the weights of all resamples of n questions as arrays (some, n), seeded."""
    generator = np.random.default_rng(SEED)
    at_once = max(1, DRAWN_AT_ONCE // n)
    for start in range(0, RESAMPLES, at_once):
        rows = min(at_once, RESAMPLES - start)
        drawn = generator.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * n)
        yield counts.reshape(rows, n).astype(np.float64)


def ratio(holds: Floats | Flags, counts: Flags, weights: Floats) -> Floats:
    """Return (B,): the weighted mean of `holds` (n,) over the questions that count."""
    value = np.where(counts, holds, 0.0)
    return _divided(weights @ value, weights @ counts.astype(np.float64))


def _divided(above: Floats, below: Floats) -> Floats:
    empty = np.full(above.shape, np.nan)
    return np.asarray(np.divide(above, below, out=empty, where=below > 0))


def auroc(run: Columns, weights: Floats) -> Floats:
    """Return (B,): the weighted share of pairs in the right order, a tie counting one half."""
    order, starts = _groups(run.confidence)
    right = _summed(weights * run.answerable, order, starts)
    wrong = _summed(weights * ~run.answerable, order, starts)
    below = np.cumsum(wrong, axis=1) - wrong / 2
    pairs = right.sum(axis=1) * wrong.sum(axis=1)
    return _divided((right * below).sum(axis=1), pairs)


def aurc(run: Columns, weights: Floats) -> Floats:
    """Return (B,): the mean risk over all coverages, equal confidences in every order.

    In a group of c equal confidences with e wrong ones, after K questions of which E were wrong,
    the risk after k more is (E + k e/c) / (K + k). Its sum over k = 1 … c has the closed form
    e + (E - K e/c) (H(K + c) - H(K)) with the harmonic numbers H.
    """
    known = ~np.isnan(run.best_hit) | ~run.answerable
    if not (known & run.answerable).any():
        return np.full(len(weights), np.nan)
    order, starts = _groups(-run.confidence)
    size = _summed(weights * known, order, starts)
    wrong = _summed(weights * (known & (run.best_hit != 1)), order, starts)
    reached, failed = np.cumsum(size, axis=1), np.cumsum(wrong, axis=1)
    before = reached - size
    mean = np.divide(wrong, size, out=np.zeros_like(wrong), where=size > 0)
    harmonic = np.concatenate(([0.0], np.cumsum(1 / np.arange(1, reached.max() + 1))))
    rise = harmonic[reached.astype(int)] - harmonic[before.astype(int)]
    risks = wrong + (failed - wrong - before * mean) * rise
    return _divided(risks.sum(axis=1), reached[:, -1])


def _groups(values: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the order of rising values, and where in it each group of equals starts."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    return order, np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))


def _summed(weights: Floats, order: NDArray[np.intp], starts: NDArray[np.intp]) -> Floats:
    return np.asarray(np.add.reduceat(weights[:, order], starts, axis=1))


def _hit_within(limit: int) -> Measure:
    def hits(run: Columns, weights: Floats) -> Floats:
        return ratio(run.rank <= limit, ~np.isnan(run.evidence_hit), weights)

    return hits


MEASURES: Mapping[str, Measure] = {
    "nDCG@10": lambda run, weights: ratio(run.gain, ~np.isnan(run.gain), weights),
    "hit@1": _hit_within(1),
    "hit@3": _hit_within(3),
    "answered_when_answerable": lambda run, weights: ratio(run.answered, run.answerable, weights),
    "right_when_answerable": lambda run, weights: ratio(
        run.evidence_hit, ~np.isnan(run.evidence_hit), weights
    ),
    "correct_evidence_when_answered": lambda run, weights: ratio(
        run.evidence_hit, run.answered & ~np.isnan(run.evidence_hit), weights
    ),
    "auroc": auroc,
    "aurc": aurc,
    "refused_when_unanswerable": lambda run, weights: ratio(
        ~run.answered, ~run.answerable, weights
    ),
    "wrongly_answered": lambda run, weights: ratio(~run.answerable, run.answered, weights),
    NEAR_MISSES_ANSWERED: lambda run, weights: ratio(run.answered, run.near_miss, weights),
}


def intervals(old: Columns, new: Columns) -> dict[str, tuple[float, float] | None]:
    """Return for each measure the 95 % interval of new - old; None where no resample has one.

    Both runs hold the same questions in the same order.
    """
    drawn = [
        {name: measure(new, w) - measure(old, w) for name, measure in MEASURES.items()}
        for w in draws(len(new.answerable))
    ]
    return {name: _interval(np.concatenate([part[name] for part in drawn])) for name in MEASURES}


def _interval(differences: Floats) -> tuple[float, float] | None:
    defined = differences[~np.isnan(differences)]
    if not defined.size:
        return None
    low, high = np.percentile(defined, (2.5, 97.5))
    return float(low), float(high)
