"""A claim may rank things only as its evidence does."""

import pytest

from service.fact_ranks import rank_differences
from service.facts import differences, facts_of


@pytest.mark.parametrize(
    ("claim", "evidence", "told"),
    [
        ("The most common cause is infection.", "Causes are infection and drugs.", "most common"),
        (
            "The primary trigger is infection.",
            "Triggers are infection and drugs.",
            "primary trigger",
        ),
        ("Drugs are a leading cause.", "Drugs are a cause.", "leading"),
        ("Ferritin is the best test.", "Ferritin is one of the tests.", "best"),
        ("Steroids are first-line.", "Steroids are given.", "first-line"),
        ("Steroids are the only treatment.", "Steroids are a treatment.", "the only"),
    ],
)
def test_a_rank_that_the_evidence_does_not_give_is_named(
    claim: str, evidence: str, told: str
) -> None:
    """Strengthening one thing over the others is a difference like any other."""
    assert [d.claimed for d in rank_differences(claim, evidence)] == [told]
    assert told in [d.claimed for d in differences(facts_of(claim), facts_of(evidence))]


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The main cause is infection.", "Infection is the commonest cause."),
        ("It occurs mainly within a year.", "It occurs mostly within a year."),
        ("Ferritin is the most reliable test.", "Ferritin is the best test."),
        ("Primary care can start iron.", "Iron can be started by family doctors."),
        ("It spread, leading to fever.", "It spread and caused fever."),
        ("Causes are many.", "The main cause is infection."),
    ],
)
def test_the_same_rank_in_other_words_is_none(claim: str, evidence: str) -> None:
    """Ranks may be worded otherwise or left out, and names that look like one are none."""
    assert list(rank_differences(claim, evidence)) == []
