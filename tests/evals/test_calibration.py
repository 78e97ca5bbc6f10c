"""The threshold and its promise."""

from collections.abc import Callable
from dataclasses import asdict
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from evals.calibration import (
    ALPHAS,
    DELTAS,
    Counted,
    Floats,
    clopper_pearson,
    counted_of,
    is_certified,
    least_answered,
    near_misses_at,
    risk_threshold,
    row_of,
    rows,
    tells_right_from_wrong,
    thresholds_to_try,
)
from evals.measures import Judged

risks = st.floats(0.01, 0.6)
unhurried = settings(deadline=None, max_examples=50)
deltas = st.sampled_from([0.01, 0.05, 0.1, 0.3])


def judged(
    confidence: float,
    *,
    right: bool = True,
    answerable: bool = True,
    answered: bool = True,
    kind: str | None = None,
) -> Judged:
    """Return how a question went that names its right text, if it can be answered."""
    return Judged(
        question_id=f"{confidence}",
        answerable=answerable,
        answered=answered,
        confidence=confidence,
        kind=kind,
        has_gold=answerable,
        best_hits=right and answerable,
    )


def counted(*questions: Judged, near_misses: bool = False) -> list[Counted]:
    return counted_of("tiny", questions, near_misses=near_misses)


@unhurried
@given(st.integers(1, 300), st.data(), deltas)
def test_the_bound_is_the_exact_one(answered: int, data: st.DataObject, delta: float) -> None:
    """It equals scipy's one-sided exact interval, which is computed in another way."""
    wrong = data.draw(st.integers(0, answered))
    interval = binomtest(wrong, answered, alternative="less").proportion_ci(1 - delta, "exact")
    assert clopper_pearson(wrong, answered, delta) == pytest.approx(interval.high, abs=1e-6)


def test_bounds_worked_out_by_hand() -> None:
    """None wrong of n: the bound is 1 - delta ** (1 / n); all wrong, or no draw: 1."""
    assert clopper_pearson(0, 11, 0.1) == pytest.approx(1 - 0.1 ** (1 / 11))
    assert clopper_pearson(3, 3, 0.1) == 1
    assert clopper_pearson(0, 0, 0.1) == 1


@unhurried
@given(st.integers(1, 300), st.data(), risks, deltas)
def test_what_is_certified_has_a_bound_of_at_most_alpha(
    answered: int, data: st.DataObject, alpha: float, delta: float
) -> None:
    """The test and the bound are two sides of one thing."""
    wrong = data.draw(st.integers(0, answered))
    (certified,) = is_certified(np.asarray([wrong]), np.asarray([answered]), alpha, delta)
    bound = clopper_pearson(wrong, answered, delta)
    assert certified == (bound <= alpha) or bound == pytest.approx(alpha, abs=1e-9)


@unhurried
@given(risks, deltas, st.integers(0, 5))
def test_the_least_number_of_answers_is_the_least(alpha: float, delta: float, wrong: int) -> None:
    """One answer less, with as many wrong, cannot be certified."""
    least = least_answered(alpha, delta, wrong)
    assert binom.cdf(wrong, least, alpha) <= delta * (1 + 1e-9)
    assert binom.cdf(wrong, least - 1, alpha) > delta * (1 - 1e-9)


def test_ten_right_answers_do_not_prove_a_risk_of_one_in_five() -> None:
    """With delta 0.1, eleven right answers do: 0.8 ** 10 is more than 0.1, 0.8 ** 11 is less."""
    confidence = np.arange(1, 12) / 20
    right = np.zeros(11, dtype=bool)
    assert risk_threshold(confidence[:10], right[:10], 0.2, 0.1) is None
    assert risk_threshold(confidence, right, 0.2, 0.1) == confidence.min()


def test_nothing_is_promised_without_questions() -> None:
    """No question, no threshold."""
    assert risk_threshold(np.empty(0), np.empty(0, dtype=bool), 0.2, 0.1) is None


def test_the_search_stops_at_the_first_failure() -> None:
    """Wrong answers at the top are not made good by right ones below them."""
    confidence = np.arange(400, 0, -1) / 400
    wrong = np.zeros(400, dtype=bool)
    wrong[:10] = True  # 10 of 400 are few, 10 of the first 25 are not
    assert binom.cdf(10, 400, 0.2) < 0.1
    assert risk_threshold(confidence, wrong, 0.2, 0.1) is None
    assert risk_threshold(confidence[::-1], wrong, 0.2, 0.1) is not None


@unhurried
@given(st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.51, 0.9, 1.0]), max_size=200), risks)
def test_thresholds_fall_and_answer_enough(values: list[float], alpha: float) -> None:
    """Each is a confidence above 0 that occurs, and at each the promise is possible."""
    confidence = np.asarray(values)
    tried = thresholds_to_try(confidence, alpha, 0.1)
    assert (np.diff(tried) < 0).all()
    assert set(tried.tolist()) <= set(values) - {0.0}
    assert all((confidence >= t).sum() >= least_answered(alpha, 0.1) for t in tried)


def test_all_questions_are_tried_in_the_end() -> None:
    """When nothing is wrong, everything is answered, in some fifty steps."""
    confidence = np.random.default_rng(0).random(1234)
    tried = thresholds_to_try(confidence, 0.1, 0.1)
    assert tried[-1] == confidence.min()
    assert 45 <= len(tried) <= 51
    assert risk_threshold(confidence, np.zeros(1234, dtype=bool), 0.1, 0.1) == confidence.min()


@unhurried
@given(
    st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=1, max_size=150),
    st.randoms(),
    risks,
    deltas,
)
def test_what_comes_out_is_certified_whatever_the_order(
    pairs: list[tuple[int, bool]], chance: Random, alpha: float, delta: float
) -> None:
    """Ties are answered together, and the order of the questions does not count."""
    found = [_found(pairs, alpha, delta)]
    chance.shuffle(pairs)
    found.append(_found(pairs, alpha, delta))
    assert found[0] == found[1]
    if found[0] is not None:
        given_answers = [wrong for number, wrong in pairs if number / 20 >= found[0]]
        bound = clopper_pearson(sum(given_answers), len(given_answers), delta)
        assert bound <= alpha + 1e-9


def _found(pairs: list[tuple[int, bool]], alpha: float, delta: float) -> float | None:
    confidence = np.asarray([number / 20 for number, _ in pairs])
    return risk_threshold(confidence, np.asarray([wrong for _, wrong in pairs]), alpha, delta)


def step(confidence: Floats) -> Floats:
    """Return a chance of being wrong that is low above 0.6; the risk is 0.2 at 0.4."""
    return np.where(confidence > 0.6, 0.05, 0.5)


def honest(confidence: Floats) -> Floats:
    """Return the chance that the confidence itself tells; the risk is 0.2 at 0.6."""
    return 1 - confidence


def hopeless(confidence: Floats) -> Floats:
    """Return a chance that is above 0.2 everywhere: every threshold breaks the promise."""
    return np.full_like(confidence, 0.21)


@pytest.mark.parametrize(("chance", "least_good"), [(step, 0.4), (honest, 0.6), (hopeless, 1.0)])
@pytest.mark.parametrize("delta", [0.05, 0.2])
def test_the_promise_is_kept(
    chance: Callable[[Floats], Floats], least_good: float, delta: float
) -> None:
    """Over many draws of known risk, too low a threshold comes out no more often than delta.

    Confidences are uniform, so that the risk of every threshold is known: it is more than alpha
    just below `least_good`. Taking the threshold whose observed risk is 0.2 fails in half of the
    draws, and trying all of them without stopping in many times delta of the hopeless ones.
    """
    draws, questions, alpha = 800, 300, 0.2
    random = np.random.default_rng(7)
    broken = found = 0
    for _ in range(draws):
        confidence = random.random(questions)
        wrong = random.random(questions) < chance(confidence)
        threshold = risk_threshold(confidence, wrong, alpha, delta)
        broken += threshold is not None and threshold < least_good
        found += threshold is not None
    assert broken / draws <= delta + 3 * (delta * (1 - delta) / draws) ** 0.5
    if chance is not hopeless:
        assert found / draws > 0.7


def test_screened_and_unmarked_questions_do_not_count() -> None:
    """What is refused at threshold 0, and what names no right text, says nothing about evidence."""
    unmarked = Judged(question_id="u", answerable=True, answered=True, confidence=0.9)
    kept = counted(
        judged(0.9), judged(0.1, answered=False), unmarked, judged(0.3, answerable=False)
    )
    assert [c.judged.confidence for c in kept] == [0.9, 0.3]
    assert tells_right_from_wrong(kept)
    assert not tells_right_from_wrong(counted(unmarked, judged(0.3, answerable=False)))


def test_near_misses_are_told_by_their_kind_or_their_set() -> None:
    """Unanswerable questions of the kind are, and all unanswerable ones of a set so named."""
    questions = (
        judged(0.9, kind="near_miss"),
        judged(0.8, answerable=False, kind="near_miss"),
        judged(0.7, answerable=False, kind="follow_up_near_miss"),
        judged(0.6, answerable=False, kind="other_medicine"),
    )
    told = [c.near_miss for c in counted(*questions)]
    assert told == [False, True, True, False]
    told = [c.near_miss for c in counted(*questions, near_misses=True)]
    assert told == [False, True, True, True]


def test_a_row_worked_out_by_hand() -> None:
    """Thirty answered of forty, one of them wrong: its shares, its bound and its near misses."""
    sure = [judged(0.9) for _ in range(28)]
    unsure = [judged(0.8, answerable=False, kind="near_miss"), judged(0.8)]
    lost = [judged(0.1, right=False) for _ in range(10)]
    row = row_of(counted(*lost, *unsure, *sure), alpha=0.2, delta=0.1)
    assert row.threshold == 0.8
    assert (row.answered, row.wrong, row.coverage) == (30, 1, 0.75)
    assert row.answered_when_answerable == pytest.approx(29 / 39, abs=1e-6)
    assert row.upper_bound == pytest.approx(clopper_pearson(1, 30, 0.1), abs=1e-6)
    assert row.near_misses is not None
    assert asdict(row.near_misses) == {"questions": 1, "answered": 1, "risk": 0.033333}


def test_a_promise_that_cannot_be_made_has_no_threshold() -> None:
    """The row is there and answers nothing."""
    questions = counted(judged(0.9), judged(0.8, answerable=False, kind="near_miss"))
    row = row_of(questions, alpha=0.01, delta=0.05)
    assert (row.threshold, row.answered, row.coverage, row.upper_bound) == (None, 0, 0.0, None)
    assert row.near_misses is not None
    assert (row.near_misses.answered, row.near_misses.risk) == (0, None)


def test_the_risk_on_near_misses_leaves_easier_questions_out() -> None:
    """Answerable ones of the sets that hold near misses count with them, other sets do not."""
    near = counted(
        judged(0.9),
        judged(0.9, answerable=False, kind="near_miss"),
        judged(0.9, answerable=False, kind="other_medicine"),
    )
    elsewhere = counted_of("easy", [judged(0.9), judged(0.9, answerable=False)])
    found = near_misses_at([*near, *elsewhere], 0.5)
    assert found is not None
    assert asdict(found) == {"questions": 1, "answered": 1, "risk": 0.5}
    assert near_misses_at(elsewhere, 0.5) is None


def test_the_usual_pairs_and_the_one_asked_for_are_issued() -> None:
    """One row a pair, by delta and alpha; a usual pair that is asked for comes once."""
    questions = counted(*(judged(0.9) for _ in range(60)))
    issued = [(row.delta, row.alpha) for row in rows(questions, 0.12, 0.02)]
    assert issued == sorted({(0.02, 0.12), *((d, a) for d in DELTAS for a in ALPHAS)})
    assert len(rows(questions, ALPHAS[0], DELTAS[0])) == len(ALPHAS) * len(DELTAS)
