"""How evidence becomes a probability."""

import math
from dataclasses import asdict, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.reading import Evidence
from index.retriever import Query
from service.assistant import Assistant, Stopwatch
from service.calibration import operating_point, read_calibration
from service.confidence import Features, LogisticModel, features, shipped_model
from service.settings import Settings
from tests.evals.fakes import STEADY
from tests.fakes import document_of
from tests.service.cases import reading_of

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
    model = LogisticModel(weights={"verdict": 2.0, "cosine": -1.0}, intercept=0.5)
    assert model.probability(replace(ZERO, verdict=0.75, cosine=1.0)) == 0.7311
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
    """As shipped, evidence that the reader is sure of is answered, its contrary is not."""
    sure, not_sure = (Features(**dict.fromkeys(NAMES, odds)) for odds in (4.0, -4.0))
    threshold = operating_point(Settings(), read_calibration().models).threshold
    model = shipped_model()
    assert model.probability(not_sure) < threshold < model.probability(sure)


def test_the_digest_changes_with_a_coefficient() -> None:
    """An answer's provenance tells one model from another."""
    model = shipped_model()
    other = LogisticModel(weights=model.weights, intercept=model.intercept + 0.1)
    assert other.digest != model.digest


def test_features_worked_out_by_hand() -> None:
    """Each is the highest of its kind, whichever unit or passage has it."""
    document = document_of("x", "Zinc shortens colds. Iron reddens blood.")
    best = reading_of(document, "Zinc")
    readings = (
        replace(best, alone=1.5, window=-1.0, together=0.5),
        replace(reading_of(document, "Iron"), alone=2.0, window=0.25, together=None),
    )
    hits = [replace(best.hit, cosine=0.125), replace(best.hit, cosine=0.5)]
    measured = features(Evidence(readings=readings, verdict=3.0), hits)
    assert measured == Features(verdict=3.0, window=0.25, alone=2.0, together=0.5, cosine=0.5)


@pytest.mark.parametrize(("text", "odds"), [("Masson bodies", 2.8), ("zorblax quuxify", -3.2)])
def test_confidence_comes_from_what_was_read(assistant: Assistant, text: str, odds: float) -> None:
    """The reader of the tests gives 2.8 where a unit holds all words, -3.2 where none holds any."""
    found = assistant.find(Query(own=text), assistant.library.scope("lungs"), Stopwatch())
    assert found.features is not None
    assert (found.features.alone, found.features.together) == pytest.approx((odds, odds))
    assert found.confidence == STEADY.probability(found.features)
