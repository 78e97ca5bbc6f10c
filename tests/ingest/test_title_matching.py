import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import Reference
from ingest import title_matching
from ingest.title_matching import LISTED_FROM, score, title_key, title_similarity


def test_the_worked_examples_hold() -> None:
    """What the docstrings show is so."""
    assert doctest.testmod(title_matching).failed == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TNF-α in anaemia", "TNF-alpha in anemia"),
        ("Paediatric oedema: a randomised trial", "Pediatric edema – a randomized trial."),
        ("Café au lait", "Cafe\u0301 AU LAIT?"),
        ("Haemorrhage & tumour", "“Hemorrhage and tumor”"),
        ("Labelled fibres", "Labeled fibers"),
        ("β₂-agonists", "beta 2 agonists"),
    ],
)
def test_titles_that_only_look_different_have_one_key(one: str, other: str) -> None:
    """Case, accents, punctuation, Greek letters and British spellings do not count."""
    assert title_key(one) == title_key(other)


@settings(deadline=None)
@given(one=st.text(max_size=60), other=st.text(max_size=60))
def test_a_score_is_between_nothing_and_one_and_knows_no_order(one: str, other: str) -> None:
    """Any two texts: 0 to 1, the same both ways."""
    assert 0 <= title_similarity(one, other) <= 1
    assert title_similarity(one, other) == title_similarity(other, one)


def test_the_parts_add_up_as_stated() -> None:
    """A score worked out by hand: equal titles, years one apart, authors unknown."""
    one, other = Reference(title="On lungs", year=2001), Reference(title="On lungs", year=2002)
    assert score(one, other) == pytest.approx(0.70 + 0.15 * 0.5 + 0.15 * 0.5)


@pytest.mark.parametrize(
    ("one", "other", "worth"),
    [
        ("Steroids in organizing pneumonia", "Steroids in organising pneumonia: a trial", True),
        (
            "Relapse of cryptogenic organizing pneumonia",
            "Relaps of cryptogenic organizing pneumonia",
            True,
        ),
        ("Relapse of cryptogenic organizing pneumonia", "Treatment of acute gout in adults", False),
    ],
)
def test_only_titles_that_come_near_are_listed(one: str, other: str, worth: bool) -> None:  # noqa: FBT001
    """A dropped subtitle or a slip of the pen is listed, another subject is not."""
    pair = Reference(title=one, year=2020), Reference(title=other, year=2020)
    assert (score(*pair) >= LISTED_FROM) is worth
