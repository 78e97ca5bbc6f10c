"""How evidence becomes a probability."""

import math
from dataclasses import asdict, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import LexicalIndex
from index.reader import SentenceReader
from index.retriever import Query, Retrieval
from service.assistant import Assistant, Stopwatch
from service.confidence import Features, LogisticModel, features, shipped_model
from tests.evals.fakes import WordEmbedder

NAMES = [f.name for f in fields(Features)]
ZERO = Features(**dict.fromkeys(NAMES, 0.0))


def test_the_shipped_model_knows_its_features() -> None:
    """Every coefficient belongs to a feature, and all of them are numbers."""
    model = shipped_model()
    assert set(model.weights) <= set(NAMES)
    assert all(math.isfinite(weight) for weight in (*model.weights.values(), model.intercept))
    assert len(model.digest) == 64


def test_a_probability_worked_out_by_hand() -> None:
    """0.5 + 2 · 0.75 - 1 · 1 = 1, and 1 / (1 + e⁻¹) = 0.7311 to four places."""
    model = LogisticModel(weights={"coverage": 2.0, "known": -1.0}, intercept=0.5)
    assert model.probability(replace(ZERO, coverage=0.75, known=1.0)) == 0.7311
    assert LogisticModel(weights={}, intercept=0.0).probability(ZERO) == 0.5


shares = st.floats(0, 1)
measured = st.builds(Features, **dict.fromkeys(NAMES, shares))


@given(measured, st.sampled_from(NAMES), shares, st.floats(-5, 5), st.floats(0, 20))
def test_more_evidence_never_lowers_the_probability(
    low: Features, name: str, higher: float, intercept: float, weight: float
) -> None:
    """Where a coefficient is not negative, a larger feature gives at least the same confidence."""
    model = LogisticModel(weights={name: weight}, intercept=intercept)
    high = replace(low, **{name: max(higher, asdict(low)[name])})
    assert 0 <= model.probability(low) <= model.probability(high) <= 1


@given(measured, st.sampled_from(NAMES), shares)
def test_the_shipped_model_follows_the_sign_of_each_coefficient(
    low: Features, name: str, higher: float
) -> None:
    """Probabilities lie between 0 and 1 and move the way that the coefficient points."""
    model = shipped_model()
    high = replace(low, **{name: max(higher, asdict(low)[name])})
    first, second = model.probability(low), model.probability(high)
    if model.weights.get(name, 0.0) < 0:
        first, second = second, first
    assert 0 <= first <= second <= 1


def test_good_evidence_is_trusted_more_than_none() -> None:
    """With the shipped coefficients full evidence is answered, and none at all is not."""
    full = Features(**dict.fromkeys(NAMES, 1.0))
    assert shipped_model().probability(ZERO) < 0.5 < shipped_model().probability(full)


def test_the_digest_changes_with_a_coefficient() -> None:
    """An answer's provenance tells one model from another."""
    model = shipped_model()
    other = LogisticModel(weights=model.weights, intercept=model.intercept + 0.1)
    assert other.digest != model.digest


@pytest.mark.parametrize(
    ("text", "known", "coverage"),
    [("Masson bodies", 1.0, 1.0), ("zorblax quuxify", 0.0, 0.0)],
)
def test_features_are_shares(
    assistant: Assistant, text: str, known: float, coverage: float
) -> None:
    """Words that all occur in one sentence cover the question; unknown words cover nothing."""
    scope = assistant.library.scope("lungs")
    found = assistant.find(Query(own=text), scope, Stopwatch()).features
    assert found is not None
    assert (found.known, found.coverage, found.read_coverage) == (known, coverage, coverage)
    assert found.coverage <= found.context_coverage
    assert all(-1.001 <= value <= 1.001 for value in asdict(found).values())


def test_features_worked_out_by_hand(assistant: Assistant) -> None:
    """One of two equally unknown words gives a half; cosines are the best of hits and readings."""
    scope = assistant.library.scope("lungs")
    query = Query(own="Masson")
    hits = assistant.index.retriever.retrieve(query, documents=scope.document_ids, limit=20)
    documents = {d.document_id: d for d in assistant.library.documents()}
    lexical = LexicalIndex.build(["masson", "masson bud"])
    reader = SentenceReader(lexical, WordEmbedder())
    zero = Retrieval(hits=hits.hits, query_vector=np.zeros(64, dtype=np.float32))
    readings = reader.read(query, zero, documents)
    both = features(Query(own="zorblax quuxify masson"), hits, readings, reader, lexical)
    rarity = {word: lexical.rarity(word) for word in ("masson", "zorblax", "quuxifi")}
    assert both.known == pytest.approx(rarity["masson"] / sum(rarity.values()))
    assert both.passage_cosine == max(hit.cosine for hit in hits.hits)
    assert both.best_cosine == max(reading.cosine for reading in readings)
