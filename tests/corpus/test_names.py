"""Authors' names: people are parted, groups stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.names import PersonName, person_name


@pytest.mark.parametrize(
    ("printed", "family", "given_", "suffix"),
    [
        ("Raghu G", "Raghu", "G.", None),
        ("Lynch JP 3rd", "Lynch", "J. P.", "3rd"),
        ("van der Berg AB Jr", "van der Berg", "A. B.", "Jr"),
        ("O’Neil-Ström J-P", "O’Neil-Ström", "J.-P.", None),
        ("Doe J.H.", "Doe", "J. H.", None),
        ("St. John Q", "St. John", "Q.", None),
        ("Ødegård Å", "Ødegård", "Å.", None),
        ("Raghu, Ganesh", "Raghu", "Ganesh", None),
        ("Raghu, G.", "Raghu", "G.", None),
    ],
)
def test_a_person_is_parted(printed: str, family: str, given_: str, suffix: str | None) -> None:
    """Surname, initials with stops, and what follows a name."""
    assert person_name(printed) == PersonName(family=family, given=given_, suffix=suffix)


@pytest.mark.parametrize(
    "printed",
    [
        "World Health Organization (WHO)",
        "Fleischner Society",
        "European Respiratory Society ERS",
        "Australian Institute of Health & Welfare, National Heart Foundation of Australia",
        "COPD Gene",
        "Writing Committee A",
        "Roe A, Doe B",
        "RECOVERY Collaborative Group",
        "Ganesh Raghu",
        "A1 B",
        "Plato",
        "G",
        ", ",
        "",
    ],
)
def test_what_may_be_a_group_stays_whole(printed: str) -> None:
    """In doubt nothing is parted: a society must not get a first name."""
    assert person_name(printed) is None


@given(st.text(max_size=40))
def test_any_text_is_taken_and_no_letter_is_lost(printed: str) -> None:
    """Parting a name keeps all of its letters in order, first name and surname as printed."""
    name = person_name(printed)
    if name is not None:
        parts = f"{name.family}{name.given if ',' in printed else ''}"
        assert "".join(parts.split()) in "".join(printed.replace(",", "").split())
