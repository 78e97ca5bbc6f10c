"""How a refusal is worded, and what it shows."""

from typing import get_args

import numpy as np
import pytest

from corpus.answers import RefusalReason
from corpus.records import passages_of
from index.retriever import Hit, Retrieval
from service.refusal import refuse
from tests.fakes import document_of

REASONS: tuple[RefusalReason, ...] = get_args(RefusalReason)


def retrieval(hits: int) -> Retrieval:
    """Return this many hits, the best first."""
    documents = [document_of(f"text-{n}", f"Fact number {n}.") for n in range(hits)]
    found = tuple(
        Hit(passage=passages_of(d)[0], rank=n + 1, score=1 / (n + 3), bm25=0.0, cosine=0.0)
        for n, d in enumerate(documents)
    )
    return Retrieval(hits=found, query_vector=np.zeros(1, dtype=np.float32))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_worded(reason: RefusalReason) -> None:
    """Each reason has one line of its own."""
    refusal = refuse(reason)
    assert refusal.reason == reason
    assert refusal.message.endswith(".")
    assert "\n" not in refusal.message
    assert [refuse(other).message for other in REASONS].count(refusal.message) == 1


def test_at_most_three_passages_are_shown_best_first() -> None:
    """The nearest are the first hits, each with its own text and score."""
    refusal = refuse("beyond_corpus", retrieval(5))
    assert [near.quote for near in refusal.nearest] == [f"Fact number {n}." for n in range(3)]
    assert [near.passage_id for near in refusal.nearest] == [f"text-{n}@0-14" for n in range(3)]
    assert [near.score for near in refusal.nearest] == [0.3333, 0.25, 0.2]


def test_nothing_near_is_nothing_shown() -> None:
    """Without hits, or without a search, there are no passages."""
    assert refuse("beyond_corpus", retrieval(0)).nearest == ()
    assert refuse("empty").nearest == ()


def test_what_to_ask_instead_is_passed_on() -> None:
    """The questions that would be answered come with the refusal."""
    assert refuse("beyond_corpus", retrieval(1), ("What is zinc?",)).try_asking == (
        "What is zinc?",
    )
