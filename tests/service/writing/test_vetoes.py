"""Figures, names and quotes that a sentence may not bring of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.writing.vetoes import NAME_PIECES, figures_lacking, names_lacking, quotes_lacking

WORDS = ("two", "five", "twelve", "twenty")
FIGURES = (2, 5, 12, 20)


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ("5 mg", "5 milligrams"),
        ("5 mg", "5mg"),
        ("5%", "5 percent"),
        ("5.5 %", "5.50%"),
        ("10 µg", "10 mcg"),
        ("10 µg", "10 μg"),
        ("10 mmHg", "10 mm Hg"),
        ("a 30-day course", "for 30 days"),
        ("5 h", "5 hours"),
        ("3 times more", "a 3-fold rise"),
        ("1,200 patients", "1200 patients"),
        ("1200000", "1,200,000"),
        ("P = 0.05", "P = .05"),
        ("P < .05", "P < 0.050"),
        ("5 of them", "five of them"),
        ("Twelve months", "12 months"),
        ("6 to 12 months", "6-12 months"),
        ("6–12 months", "6 to 12 months"),
        ("6 months or 12 months", "6 to 12 months"),
        ("5 mg", "a dose of 5 is given"),
        ("5 of them", "5 mg"),
        ("one of them", "it"),
        ("IL-6 and B12 and COVID-19", "it"),
    ],
)
def test_the_same_figure_is_found_however_it_is_written(said: str, held: str) -> None:
    """Units by their names, numbers by their words, ranges and thousands in either form."""
    assert figures_lacking(f"It is {said}.", f"So it is {held}, they say.") == []


@pytest.mark.parametrize(
    ("said", "held", "lacking"),
    [
        ("5 mg", "2 mg", ["5 mg"]),
        ("5 mg", "5 g", ["5 mg"]),
        ("5 mg", "50 mg", ["5 mg"]),
        ("5 mg", "1.5 mg", ["5 mg"]),
        ("5 mg", "5 g or 15 mg", ["5 mg"]),
        ("5%", "5 mg", ["5 %"]),
        ("10 mm Hg", "10 mm", ["10 mmhg"]),
        ("6 to 15 months", "6 to 12 months", ["15 month"]),
        ("6-15 months", "6-12 months", ["15 month"]),
        ("6–15 months", "6–12 months", ["15 month"]),
        ("6 to 12 weeks", "6 to 12 months", ["6 week", "12 week"]),
        ("P = .05", "P = .5", ["0.05"]),
        ("1,200 patients", "1,2 or 200 patients", ["1200"]),
        ("five of them", "six of them", ["5"]),
        ("two years", "two months", ["2 year"]),
        ("7, 8 and 7 again", "8", ["7"]),
    ],
)
def test_another_figure_or_unit_is_told(said: str, held: str, lacking: list[str]) -> None:
    """Each once, in order, as a figure with its unit."""
    assert figures_lacking(f"It is {said}.", f"So it is {held}, they say.") == lacking


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from(["mg", "%", "weeks", ""]))
def test_separators_and_zeros_change_no_figure(number: int, hundredths: int, unit: str) -> None:
    """And the next number is another one."""
    printed = f"{number:,}.{hundredths:02} {unit}"
    plain = f"{number + hundredths / 100:.2f}".rstrip("0").rstrip(".")
    assert figures_lacking(printed, f"{plain} {unit}") == []
    assert figures_lacking(f"{plain} {unit}", printed) == []
    assert len(figures_lacking(printed, f"{number + 1:,}.{hundredths:02} {unit}")) == 1


@given(st.sampled_from(range(4)), st.sampled_from(range(4)))
def test_a_number_is_its_word(one: int, other: int) -> None:
    """And no other number's."""
    for said, held in ((WORDS[one], FIGURES[other]), (FIGURES[one], WORDS[other])):
        lacking = figures_lacking(f"{said} patients", f"{held} patients")
        assert lacking == ([] if one == other else [str(FIGURES[one])])


@pytest.mark.parametrize(
    ("said", "held", "lacking"),
    [
        ("Nitrofurantoin causes fibrosis.", "Methotrexate causes fibrosis.", ["Nitrofurantoin"]),
        ("Methotrexate helps.", "METHOTREXATE is given.", []),
        ("Bronchoscopies are done.", "Bronchoscopy is done.", []),
        ("Methotrexate, then methotrexate-free weeks.", "Methotrexate.", []),
        ("Allopurinol and methotrexate help.", "Rest helps.", ["Allopurinol", "methotrexate"]),
        ("Gout hurts the patient badly at night.", "Rest helps.", []),
    ],
)
def test_a_name_of_its_own_is_told(said: str, held: str, lacking: list[str]) -> None:
    """Names are words that are cut in many pieces; plain words are left to the checker."""
    assert NAME_PIECES == 4
    assert names_lacking(said, held) == lacking


def test_quotes_stand_letter_for_letter() -> None:
    """White space aside; each that does not is told."""
    held = "Colchicine calmed gout\nwithin two days."
    assert quotes_lacking(["calmed  gout within", "Colchicine"], held) == []
    assert quotes_lacking(["calms gout", "two days", "colchicine"], held) == [
        "calms gout",
        "colchicine",
    ]
    assert quotes_lacking([], held) == []


@given(st.text(st.sampled_from("0123456789.,-–% mgdayabIL()±toµ²½\n"), max_size=60))
def test_what_the_evidence_says_is_never_vetoed(text: str) -> None:
    """A sentence lacks nothing beside itself, nor beside more than itself."""
    for evidence in (text, f"{text}\nMore.", f"More.\n{text}"):
        assert figures_lacking(text, evidence) == []
        assert names_lacking(text, evidence) == []
        assert quotes_lacking([text], evidence) == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_texts_can_be_compared(said: str, held: str) -> None:
    """What is told as lacking is told once."""
    for lacking in (figures_lacking(said, held), names_lacking(said, held)):
        assert len(lacking) == len(set(lacking))
