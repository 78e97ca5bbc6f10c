"""A claim that repeats its evidence but for a word: the word is found."""

import pytest

from service.fact_alignment import aligned_differences, exchanged_figures

STORED = "After surgery, zinc does not lower the fever of most men within two days."


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("After surgery, zinc does lower the fever of most men within two days.",
         "the cited sentence says “not”"),
        ("After surgery, zinc does not lower the fever of most men not within two days.",
         "“not” is not in the cited sentence"),
        ("After surgery, zinc does not lower the fever of most women within two days.",
         "“women” is “men” in the cited sentence"),
        ("After surgery, zinc does not raise the fever of most men within two days.",
         "“raise” is “lower” in the cited sentence"),
        ("Before surgery, zinc does not lower the fever of most men within two days.",
         "“before” is “after” in the cited sentence"),
    ],
)  # fmt: skip
def test_one_word_put_in_left_out_or_exchanged_is_found(claim: str, reason: str) -> None:
    """A denial or an opposite in an otherwise repeated sentence is named."""
    assert [d.reason for d in aligned_differences(claim, STORED)] == [reason]


@pytest.mark.parametrize(
    "claim",
    [
        STORED,
        "Zinc does not lower the fever of most men.",
        "After surgery, zinc doesn't lower the fever of most men within two days.",
        "Men recover after surgery.",
        "",
    ],
)
def test_shortened_or_free_wording_is_left_to_other_rules(claim: str) -> None:
    """Nothing is said of what is missing at the ends, nor of another wording."""
    assert list(aligned_differences(claim, STORED)) == []


def test_a_hostile_text_is_bounded() -> None:
    """Two long texts of the same word are compared in no time."""
    assert list(aligned_differences("zinc " * 50_000, "zinc " * 50_000)) == []


@pytest.mark.parametrize(
    ("claim", "reasons"),
    [
        ("Relapse was seen in 7.5% vs 4% of them (p=0.03).",
         ["“4” and “7.5” are the other way round in the cited sentence"]),
        ("Relapse was seen in 4% vs 7.5% of them (p=0.03).", []),
        ("Relapse was seen in 4% vs 9% of them (p=0.03).", []),
        ("Of them, 7.5% had a relapse, others 4%.", []),
    ],
)  # fmt: skip
def test_numbers_that_changed_places_are_found(claim: str, reasons: list[str]) -> None:
    """Two numbers exchanged in a repeated sentence are named, a number that is new is not."""
    evidence = "Relapse was seen in 4% vs 7.5% of them (p=0.03)."
    assert [d.reason for d in exchanged_figures(claim, evidence)] == reasons


def test_numbers_that_moved_with_their_groups_are_no_difference() -> None:
    """What belongs together may be told in another order."""
    evidence = "Relapse was seen in 4% with zinc and 7% with iron after one year of treatment."
    claim = "Relapse was seen in 7% with iron and 4% with zinc after one year of treatment."
    assert list(exchanged_figures(claim, evidence)) == []
