"""Measures under weights against the same measures of the questions written out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import measures
from evals.bootstrap import MEASURES, RESAMPLES, Columns, Floats, draws, intervals
from evals.measures import Judged

NAN = float("nan")


@st.composite
def runs(draw: st.DrawFn) -> list[tuple[Judged, int]]:
    """Draw questions with a few levels of confidence, and how often each is counted."""

    def one() -> Judged:
        answerable, answered, hits = (draw(st.booleans()) for _ in range(3))
        return Judged(
            question_id="q",
            answerable=answerable,
            answered=answered,
            confidence=draw(st.integers(0, 3)) / 3,
            kind="near_miss" if not answerable and draw(st.booleans()) else None,
            has_gold=answerable and draw(st.booleans()),
            first_hit=draw(st.sampled_from([None, 1, 2, 3, 4])),
            statement_hits=(hits,) if answered else (),
            best_hits=hits,
        )

    return [(one(), draw(st.integers(0, 3))) for _ in range(draw(st.integers(1, 8)))]


def columns(run: list[Judged]) -> Columns:
    def floats(values: list[Any], missing: float = NAN) -> Floats:
        return np.asarray([missing if v is None else v for v in values], dtype=np.float64)

    return Columns(
        answerable=np.asarray([j.answerable for j in run]),
        near_miss=np.asarray([j.kind == "near_miss" for j in run]),
        answered=np.asarray([j.answered for j in run]),
        confidence=floats([j.confidence for j in run]),
        evidence_hit=floats([j.evidence_hit for j in run]),
        best_hit=floats([j.best_hits if j.has_gold else None for j in run]),
        rank=floats([j.first_hit for j in run], np.inf),
        gain=floats([None for j in run]),
    )


def by_definition(run: list[Judged]) -> dict[str, float | None]:
    return {
        "nDCG@10": None,
        **(measures.evidence(run) or {"hit@1": None, "hit@3": None}),
        **measures.answers(run),
        **measures.refusal(run),
    }


@settings(deadline=None)
@given(runs())
def test_weights_are_questions_written_out(cases: list[tuple[Judged, int]]) -> None:
    """A question with weight 3 counts as three questions, for every measure, at any tie."""
    run = columns([judged for judged, _ in cases])
    weights = np.asarray([[count for _, count in cases]], dtype=np.float64)
    expected = by_definition([judged for judged, count in cases for _ in range(count)])
    judgeable = any(j.has_gold for j, _ in cases)
    for name, measure in MEASURES.items():
        (found,) = measure(run, weights)
        if name == "aurc" and expected[name] is None and judgeable:
            continue  # a resample without a judged answerable question still has a risk: all wrong
        if expected[name] is None:
            assert np.isnan(found), name
        else:
            assert found == pytest.approx(expected[name]), name


def test_resamples_draw_all_questions_alike() -> None:
    """There are 2000, each of n draws, the same in every run, and no question is favoured."""
    drawn, again = (np.concatenate(list(draws(7))) for _ in range(2))
    assert drawn.shape == (RESAMPLES, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert drawn.mean(axis=0) == pytest.approx(np.ones(7), abs=0.1)
    assert (drawn == again).all()


def test_many_questions_are_drawn_in_parts() -> None:
    """No part is larger than memory allows, and together they are all the resamples."""
    parts = [len(part) for part in draws(3000)]
    assert len(parts) > 1
    assert sum(parts) == RESAMPLES


def made(answered: list[bool]) -> Columns:
    return columns(
        [Judged(question_id="q", answerable=True, answered=a, confidence=0.5) for a in answered]
    )


def test_the_interval_is_that_of_a_paired_difference() -> None:
    """A quarter of 100 newly answered: about ±1.96 √(0.25 · 0.75 / 100) around 0.25."""
    old, new = made([False] * 100), made([i < 25 for i in range(100)])
    found = intervals(old, new)["answered_when_answerable"]
    assert found is not None
    assert found[0] == pytest.approx(0.165, abs=0.015)
    assert found[1] == pytest.approx(0.335, abs=0.015)


def test_runs_that_agree_differ_by_nothing() -> None:
    """Pairing takes the chance of the questions out, and what is undefined has no interval."""
    run = made([i % 3 == 0 for i in range(30)])
    found = intervals(run, run)
    assert found["answered_when_answerable"] == (0.0, 0.0)
    assert found["auroc"] is None
