import pytest

from ingest.html_superscripts import highest_cited, raised_numbers


@pytest.mark.parametrize(
    ("before", "inner", "after", "numbers"),
    [
        ("in adults", "1", ".", (1,)),
        ("in adults.", "1,2", " Most", (1, 2)),
        ("in adults", "[3–5]", " and", (3, 4, 5)),
        ("in adults,", "2; 4", " who", (2, 4)),
        ("of 5%", "7", " ", (7,)),
        ("(as in COPD)", "12", ".", (12,)),
        ("hepatitis B", "5", " ", (5,)),
        ("the VEGF", "6", " ", (6,)),
    ],
)
def test_numbers_behind_a_word_cite(
    before: str, inner: str, after: str, numbers: tuple[int, ...]
) -> None:
    """A raised number after a word or a mark of punctuation is a citation."""
    assert raised_numbers(inner, before=before, after=after) == numbers


@pytest.mark.parametrize(
    ("before", "inner", "after"),
    [
        ("30 kg/m", "2", " "),
        ("5 cm", "3", "."),
        ("10", "9", "/l"),
        ("(10)", "6", " "),
        ("1", "st", " "),
        ("Ca", "2+", " "),
        ("10", "-3", ""),
        ("r", "2", " = 0.4"),
        ("I", "2", " of 80%"),
        ("the χ", "2", " test"),
        ("given ", "18", "F-FDG"),
        ("[", "99", "mTc"),
        ("5 mg/m", "2", "/day"),
        ("beats min", "1", ""),
        ("adults", "0", ""),
        ("adults", "1000", ""),
        ("adults", "3–1", ""),
        ("adults", "a", ""),
        ("", "1", ""),
    ],
)
def test_exponents_isotopes_and_marks_do_not(before: str, inner: str, after: str) -> None:
    """A number that belongs to a unit, a figure, a symbol or an element cites nothing."""
    assert raised_numbers(inner, before=before, after=after) == ()


@pytest.mark.parametrize(
    ("found", "listed", "highest"),
    [(set(), 0, 0), ({1, 2, 3}, 0, 3), ({2, 3}, 0, 0), ({6, 7, 9}, 5, 7), ({1}, 40, 40)],
)
def test_the_list_bounds_what_is_cited(found: set[int], listed: int, highest: int) -> None:
    """The list's length, lengthened by the next numbers found, is the most that can be cited."""
    assert highest_cited(found, listed=listed) == highest
