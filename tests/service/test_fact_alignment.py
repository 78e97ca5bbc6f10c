"""A claim that repeats its evidence but for a word: the word is found."""

import pytest

from service.fact_alignment import aligned_differences

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
