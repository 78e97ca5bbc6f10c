"""The least confidence to answer with, so that the risk is bounded with a stated confidence.

A question is *wrong* when it is answered although the sources do not answer it, or with evidence
that hits no right text. The risk at a threshold is the share of wrong ones among the questions
that it answers. `risk_threshold` finds the least threshold whose risk is shown to be at most
alpha, with confidence 1 - delta: learn-then-test (Angelopoulos et al. 2021, "Learn then test:
calibrating predictive algorithms to achieve risk control") applied to selective classification
(Geifman & El-Yaniv 2017, "Selective classification for deep neural networks").

**The test.** At one threshold, `answered` of the calibration questions are answered and `wrong` of
them are wrong. "The risk is more than alpha" is rejected when so few wrong ones have at most the
probability delta under it: P(Bin(answered, alpha) <= wrong) <= delta. That is the same as an upper
Clopper-Pearson bound (1934) of at most alpha.

**The sequence.** Thresholds are tried from the most cautious down, at counts of answered questions
that follow from the number of questions alone; the first that is not rejected ends the search, and
the last that was is taken. So nothing is paid for trying many: to end at a threshold of too much
risk, the search must reject the first such threshold that it meets, which is one test at level
delta (fixed-sequence testing).

**Why the test holds at a threshold that the data placed.** Which thresholds are met is decided
by the confidences, never by who was wrong. Given all the confidences, each question is wrong
independently with its own chance, and a sum of such draws stays below a critical value that is at
least one under its mean, as here, no more often than a binomial with that mean does (Hoeffding
1956, "On the distribution of the number of successes in independent trials"). So the bound holds,
whatever the confidence is worth, for the mean risk of questions *with these confidences*. For
fresh questions of fresh confidences it holds when more confidence never means more risk (ties
aside): whatever the first threshold of too much risk answers beyond the last good one is then
wrong with a chance above alpha, and the wrong ones among its answers are at least binomial.

**What is assumed.** Future questions are draws from where the calibration questions came from
(exchangeable with them, and independent of each other). A model that puts the questions in a poor
order costs coverage, not the promise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom, nbinom

from evals.measures import NEAR_MISS, Judged, outcomes_known
from service.calibration import NearMisses, Row

ALPHAS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
DELTAS = (0.05, 0.1)
# The first threshold answers at least this share of all questions, and so many that the promise
# survives this many wrong answers: a small start is lost to a few mislabelled questions, a later
# one tells less of the most certain.
SHARE_AT_START = 0.1
WRONG_AT_START = 2
STEPS = 50
PLACES = 6
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A question that was not screened out, of the set `set_name`, and how it went.

    `near_miss` says that its sources deal with the subject and do not answer it.
    """

    set_name: str
    judged: Judged
    near_miss: bool


def counted_of(
    set_name: str, judged: Iterable[Judged], *, near_misses: bool = False
) -> list[Counted]:
    """Return what counts of a set that was asked with the threshold 0.

    With that threshold only what is screened out is refused. `near_misses` says that all
    unanswerable questions of the set are near misses, not only those of the kind "near_miss",
    follow-ups among them.
    """
    asked = [j for j in judged if j.answered and (j.has_gold or not j.answerable)]
    return [
        Counted(
            set_name=set_name,
            judged=j,
            near_miss=not j.answerable and (near_misses or j.version == NEAR_MISS),
        )
        for j in asked
    ]


def clopper_pearson(wrong: int, answered: int, delta: float) -> float:
    """Return the upper bound of a probability of which `wrong` of `answered` draws are seen.

    The bound is below the true probability with a chance of at most `delta`. 1 without a draw.
    Clopper & Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of
    the binomial"; one-sided.

    >>> round(clopper_pearson(0, 11, 0.1), 4)  # (1 - 0.1 ** (1 / 11))
    0.1889
    """
    if wrong >= answered:
        return 1.0
    return float(beta.ppf(1 - delta, wrong + 1, answered - wrong))


def is_certified(wrong: Ints, answered: Ints, alpha: float, delta: float) -> Bools:
    """Tell where a risk of more than `alpha` is rejected: bool (n,) for int64 (n,) and (n,)."""
    return np.asarray(binom.cdf(wrong, answered, alpha) <= delta, dtype=np.bool_)


def least_answered(alpha: float, delta: float, wrong: int = 0) -> int:
    """Return the least number of answers of which `wrong` can be wrong and the promise be made.

    The last of them is the one by which, if the risk were alpha, `wrong` + 1 wrong ones would
    have come with a chance of 1 - delta: a quantile of the negative binomial distribution.

    >>> least_answered(0.2, 0.1)  # 0.8 ** 10 > 0.1 >= 0.8 ** 11
    11
    """
    return int(nbinom.ppf(1 - delta, wrong + 1, alpha)) + wrong + 1


def thresholds_to_try(confidence: Floats, alpha: float, delta: float) -> Floats:
    """Return the thresholds to try, float64 (n,), the most cautious first.

    `confidence` is float64 (questions,). The first threshold answers just enough, each further one
    another fiftieth of the questions, the last one all of them. Equal confidences are answered
    together; a confidence of 0 is never answered. Empty when there are too few questions.
    """
    total = len(confidence)
    enough = max(least_answered(alpha, delta, WRONG_AT_START), int(SHARE_AT_START * total))
    start = min(total, enough)
    if start < least_answered(alpha, delta):
        return np.empty(0)
    counts = [*range(start, total, -(-total // STEPS)), total]
    falling = np.sort(confidence)[::-1]
    chosen = np.unique(falling[np.asarray(counts) - 1])[::-1]
    return np.asarray(chosen[chosen > 0], dtype=np.float64)


def risk_threshold(confidence: Floats, wrong: Bools, alpha: float, delta: float) -> float | None:
    """Return the least confidence to answer with, or None when the promise cannot be made.

    `confidence` is float64 (n,), `wrong` bool (n,): what each question is when it is answered.
    Answering from the returned confidence up, at most `alpha` of the answers are wrong, with
    confidence 1 - `delta`; the module says why, and under which assumptions. `delta` is below 0.5.

    >>> confidence = np.arange(100, 0, -1) / 100
    >>> risk_threshold(confidence, confidence < 0.5, alpha=0.2, delta=0.1)
    0.44
    """
    thresholds = thresholds_to_try(confidence, alpha, delta)
    falling = np.argsort(-confidence)
    answered = np.searchsorted(-confidence[falling], -thresholds, side="right")
    wrong_among = np.cumsum(wrong[falling], dtype=np.int64)[answered - 1]
    certified = is_certified(wrong_among, answered, alpha, delta)
    passed = len(certified) if certified.all() else int(certified.argmin())
    return float(thresholds[passed - 1]) if passed else None


def row_of(counted: Sequence[Counted], alpha: float, delta: float) -> Row:
    """Return what one pair of alpha and delta comes to on these questions."""
    confidence, wrong = _arrays(counted)
    threshold = risk_threshold(confidence, wrong, alpha, delta)
    if threshold is None:
        return Row(
            alpha=alpha, delta=delta, threshold=None, near_misses=near_misses_at(counted, None)
        )
    answered = confidence >= threshold
    can_be = np.asarray([c.judged.answerable for c in counted])
    n, k = int(answered.sum()), int(wrong[answered].sum())
    return Row(
        alpha=alpha,
        delta=delta,
        threshold=threshold,
        answered=n,
        wrong=k,
        coverage=round(n / len(counted), PLACES),
        answered_when_answerable=round(float(answered[can_be].mean()), PLACES),
        upper_bound=round(clopper_pearson(k, n, delta), PLACES),
        near_misses=near_misses_at(counted, threshold),
    )


def near_misses_at(counted: Sequence[Counted], threshold: float | None) -> NearMisses | None:
    """Return what happens to the near misses at a threshold; None when there are none.

    A threshold of None answers nothing.
    """
    near = [c for c in counted if c.near_miss]
    if not near:
        return None
    holding = {c.set_name for c in near}
    pool = [c for c in counted if c.set_name in holding and (c.near_miss or c.judged.answerable)]
    shown = [c for c in pool if threshold is not None and c.judged.confidence >= threshold]
    wrong = sum(not c.judged.is_right for c in shown)
    return NearMisses(
        questions=len(near),
        answered=sum(c.near_miss for c in shown),
        risk=round(wrong / len(shown), PLACES) if shown else None,
    )


def rows(counted: Sequence[Counted], alpha: float, delta: float) -> tuple[Row, ...]:
    """Return the rows of the usual pairs and of the one asked for, by (delta, alpha).

    Each row's promise holds for itself: choose the pair before reading the table.
    """
    pairs = {(d, a) for d in DELTAS for a in ALPHAS} | {(delta, alpha)}
    return tuple(row_of(counted, a, d) for d, a in sorted(pairs))


def tells_right_from_wrong(counted: Sequence[Counted]) -> bool:
    """Tell whether any answerable question has gold texts: else every answer counts as wrong."""
    return bool(outcomes_known([c.judged for c in counted]))


def _arrays(counted: Sequence[Counted]) -> tuple[Floats, Bools]:
    confidence = np.asarray([c.judged.confidence for c in counted], dtype=np.float64)
    return confidence, np.asarray([not c.judged.is_right for c in counted], dtype=np.bool_)
