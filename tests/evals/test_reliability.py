"""Bins, the expected calibration error and the Brier score, by hand and by definition."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.measures import Judged
from evals.reliability import calibration, reliability, wilson

approx: Any = pytest.approx
CASES = st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=80)


def judged(confidence: float, *, right: bool) -> Judged:
    return Judged(
        question_id="q",
        answerable=True,
        answered=True,
        confidence=confidence,
        has_gold=True,
        best_hits=right,
    )


def test_calibration_by_hand() -> None:
    """Ten at 0.2 with one right and ten at 0.9 with eight right: two bins, each 0.1 off."""
    low = [judged(0.2, right=i == 0) for i in range(10)]
    high = [judged(0.9, right=i < 8) for i in range(10)]
    bins = reliability(low + high)
    assert [(b.n, b.confidence, b.right) for b in bins] == [
        (10, approx(0.2), approx(0.1)),
        (10, approx(0.9), approx(0.8)),
    ]
    assert calibration(low + high) == {
        "ece": approx(0.1),
        "brier": approx((0.64 + 9 * 0.04 + 8 * 0.01 + 2 * 0.81) / 20),
    }


def test_a_question_that_nothing_judges_is_left_out() -> None:
    """Without gold texts there is no right; an unanswerable question is never right."""
    bare = Judged(question_id="q", answerable=True, answered=True, confidence=0.9)
    never = Judged(question_id="q", answerable=False, answered=True, confidence=0.9, best_hits=True)
    sure = judged(0.9, right=True)
    assert [b.n for b in reliability([bare, never, sure])] == [2]
    assert calibration([bare, never, sure]) == {
        "ece": approx(0.4),
        "brier": approx((0.81 + 0.01) / 2),
    }
    assert reliability([bare, never]) == ()
    assert calibration([bare, never]) is None


@settings(deadline=None)
@given(CASES)
def test_bins_hold_every_question_once_whatever_the_order(cases: list[tuple[int, bool]]) -> None:
    """Bins rise in confidence, none parts equals, and the reverse order gives the same bins."""
    run = [judged(confidence / 10, right=right) for confidence, right in cases]
    bins = reliability(run)
    assert sum(b.n for b in bins) == len(run)
    assert sum(b.n * b.right for b in bins) == approx(sum(right for _, right in cases))
    assert len(bins) <= max(1, min(10, len(run) // 10))
    means = [b.confidence for b in bins]
    assert means == sorted(means)
    assert len(bins) <= len({confidence for confidence, _ in cases})
    again = reliability(run[::-1])
    assert [(b.n, b.right) for b in again] == [(b.n, approx(b.right)) for b in bins]


@settings(deadline=None)
@given(CASES)
def test_the_scores_lie_between_0_and_1(cases: list[tuple[int, bool]]) -> None:
    """No set of confidences, right or wrong, leaves the scale."""
    found = calibration([judged(confidence / 10, right=right) for confidence, right in cases])
    assert found is not None
    assert all(value is not None and 0 <= value <= 1 for value in found.values())


@settings(deadline=None)
@given(st.integers(1, 200), st.data())
def test_the_interval_holds_the_share(n: int, data: st.DataObject) -> None:
    """The bounds are on either side of the share, within 0 and 1."""
    share = data.draw(st.integers(0, n)) / n
    low, high = wilson(share, n)
    assert 0 <= low <= share <= high <= 1
