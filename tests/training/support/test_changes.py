"""Tests of the changed sentences that the support model learns from."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.perturbing_names import Names
from training.support.changes import KINDS, changed, changes, names_in, shortened
from training.support.examples import Says

SENTENCE = (
    "In conclusion, women on warfarin did not have higher pain (p = 0.03) for 12 weeks, "
    "which was 5 mg versus 7 mg."
)
NAMES = Names.of(["Heparin prevents thrombosis; CRP is measured in hepatitis."])
RNG = random.Random(4)


@pytest.mark.parametrize(
    ("kind", "sentence", "wanted", "says"),
    [
        ("unit", "They took 5 mg.", "They took 5 g.", Says.CONTRADICTED),
        ("comparison", "It fell from 9 to 7.", "It fell from 7 to 9.", Says.CONTRADICTED),
        ("direction", "Higher doses act.", "Lower doses act.", Says.CONTRADICTED),
        ("negation", "It was not seen.", "It was seen.", Says.CONTRADICTED),
        ("negation", "It cannot heal.", "It can heal.", Says.CONTRADICTED),
        ("negation", "It has been seen.", "It has not been seen.", Says.CONTRADICTED),
        ("negation", "There was no harm.", "There was harm.", Says.CONTRADICTED),
        ("population", "Men were ill.", "Women were ill.", Says.NOT_FOUND),
        ("entity", "Ibuprofen was given.", "Heparin was given.", Says.NOT_FOUND),
    ],
)
def test_one_fact_is_changed(kind: str, sentence: str, wanted: str, says: Says) -> None:
    """The rest of the sentence stays, and the label says what the true one makes of it."""
    assert changed(sentence, kind, RNG, NAMES) == (wanted, says)


def test_a_changed_number_is_another_number() -> None:
    """It is written alike and no number of the sentence; a name's number stays."""
    for seed in range(20):
        found = changed("IL-6 fell in 13 of 48.", "number", random.Random(seed))
        assert found is not None
        text, says = found
        assert says is Says.CONTRADICTED
        assert text.startswith("IL-6 fell in ")
        assert len(set(text.split()) ^ set("IL-6 fell in 13 of 48.".split())) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_without_the_fact_is_left_alone(kind: str) -> None:
    """There is no change then, rather than a made-up one."""
    assert changed("Hands touch.", kind, RNG, NAMES) is None


@given(st.integers(0, 10_000))
def test_changes_are_few_false_and_repeatable(seed: int) -> None:
    """At most two, none of them the sentence itself, and the same ones again."""
    found = list(changes(SENTENCE, random.Random(seed), NAMES))
    assert 0 < len(found) <= 2
    assert SENTENCE not in [text for text, _ in found]
    assert Says.SUPPORTED not in [says for _, says in found]
    assert found == list(changes(SENTENCE, random.Random(seed), NAMES))


def test_a_text_with_few_names_borrows_others() -> None:
    """A single name would leave nothing to exchange."""
    assert names_in(["Ibuprofen helps."], NAMES) is NAMES
    rich = ["Enoxaparin, heparin, amoxicillin and ibuprofen were given."]
    assert names_in(rich, NAMES) == Names.of(rich)


def test_a_shortened_sentence_still_follows() -> None:
    """Brackets, opening words and later clauses go; what is left is words of the sentence."""
    found = {shortened(SENTENCE, random.Random(seed)) for seed in range(20)}
    assert found == {
        "Women on warfarin did not have higher pain for 12 weeks.",
        "Women on warfarin did not have higher pain for 12 weeks, which was 5 mg versus 7 mg.",
    }
    assert shortened("RESULTS: Pain fell [3].", RNG) == "Pain fell."


def test_a_text_within_a_condition_is_not_cut_to_nothing() -> None:
    """A first clause of a few words says too little to be a claim."""
    assert (
        shortened("In all, which was much, they fell.", RNG) == "In all, which was much, they fell."
    )
