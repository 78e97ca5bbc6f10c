"""A claim is put in the words of its evidence only where both are known to be the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.facts import facts_of
from service.same_words import in_words_of

EVIDENCE = "Pyrexia lasted two weeks in 30% of children given 0.5 g of tumour vaccine."


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("It lasted 14 days.", "It lasted two weeks."),
        ("They were given 500 mg of it.", "They were given 0.5 g of it."),
        ("It lasted 15 days.", "It lasted 15 days."),
        ("It lasted at least 14 days.", "It lasted at least 14 days."),
        ("Fever lasted.", "Pyrexia lasted."),
        ("A tumor vaccine was given.", "A tumour vaccine was given."),
        ("In 30% of children pyrexia lasted.", "In 30% of children pyrexia lasted."),
        ("Cough — and nothing else — lasted.", "Cough — and nothing else — lasted."),
    ],
)
def test_what_is_the_same_is_written_the_same(claim: str, expected: str) -> None:
    """Units are converted exactly, synonyms and spellings exchanged, all else is left alone."""
    assert in_words_of(EVIDENCE, claim) == expected


@given(
    st.lists(
        st.sampled_from(
            "fever Pyrexia 14 days 2 weeks 500 mg 0.5 g tumor kidney renal “a” — 30 %".split()
        ),
        max_size=12,
    )
)
def test_the_amounts_of_a_claim_stay(words: list[str]) -> None:
    """Whatever is exchanged, the claim states the same values as before."""
    claim = " ".join(words)
    put = in_words_of(EVIDENCE, claim)
    amounts = [
        sorted((q.low, q.high, q.unit) for q in facts_of(text).numbers.quantities)
        for text in (claim, put)
    ]
    assert amounts[0] == amounts[1]
    assert in_words_of("Nothing of the kind.", claim) == claim
