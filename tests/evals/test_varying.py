"""True sentences said a little differently."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.perturbation_words import EXACT
from evals.varying import Variation, varied


def variants(sentence: str, kind: Variation) -> set[str]:
    """Return every variant of a kind that some seed makes."""
    found = set()
    for seed in range(12):
        found |= {v.text for v in varied(sentence, seed=seed) if v.kind is kind}
    return found


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        (
            Variation.BRACKETS,
            "Fever (above 38 °C) was seen in most of the adults (n = 12).",
            {"Fever was seen in most of the adults."},
        ),
        (
            Variation.CLAUSE,
            "Fever was seen in most of them; cough was rare.",
            {"Fever was seen in most of them."},
        ),
        (
            Variation.CLAUSE,
            "Fever was seen in most adults, whereas children had none.",
            {"Fever was seen in most adults."},
        ),
        (
            Variation.OPENING,
            "The fever was high.",
            {f"{o}, the fever was high." for o in ("Overall", "In summary", "In conclusion")},
        ),
        (Variation.SPELLING, "The tumour was randomised.", {"The tumor was randomized."}),
        (Variation.SPELLING, "The tumor was randomized.", {"The tumour was randomised."}),
        (Variation.DIGITS, "It took two weeks.", {"It took 2 weeks."}),
        (Variation.CONVERSION, "It took 2 weeks.", {"It took 14 days."}),
        (Variation.CONVERSION, "Give 2 g at once.", {"Give 2000 mg at once."}),
        (Variation.SYNONYM, "It was due to fever.", {"It was because of fever."}),
    ],
)
def test_a_kind_says_the_same(kind: Variation, sentence: str, expected: set[str]) -> None:
    """Each way as it is meant, and nothing else of the sentence is touched."""
    assert variants(sentence, kind) == expected


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Variation.CLAUSE, "If fever was seen in most of them: rest; cough was rare."),
        (Variation.CLAUSE, "Too short; this one too."),
        (Variation.OPENING, "IL-6 was high."),
        (Variation.DIGITS, "Two of them and one or two thirds."),
        (Variation.CONVERSION, "It took 2-3 weeks, or >4 weeks, or 5 mg/kg, or 6 to 8 weeks."),
        (Variation.BRACKETS, "The PaO(2) of all adults (without fever) fell at night."),
        (Variation.BRACKETS, "Nested (brackets (like these)) stay as they are in a sentence."),
    ],
)
def test_what_could_change_the_meaning_is_left_out(kind: Variation, sentence: str) -> None:
    """No clause that a colon or shortness leaves hanging, no unit of a range or a ratio."""
    assert variants(sentence, kind) == set()


@given(st.text(alphabet="abc two 2 weeks (;,). ", max_size=60), st.integers(0, 20))
def test_the_same_seed_gives_the_same(sentence: str, seed: int) -> None:
    """Any text; each kind once, in order, and never the text itself."""
    found = varied(sentence, seed=seed)
    assert found == varied(sentence, seed=seed)
    assert [v.kind for v in found] == [k for k in Variation if k in {v.kind for v in found}]
    assert sentence not in {v.text for v in found}


@pytest.mark.parametrize(("large", "factor", "small"), EXACT)
def test_conversions_are_exact(large: str, factor: int, small: str) -> None:
    """The converted number is the number times its factor."""
    (text,) = variants(f"It had 3 {large} of it.", Variation.CONVERSION)
    assert re.search(rf"\b{3 * factor} {re.escape(small)} of", text)
