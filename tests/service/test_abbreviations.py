"""Abbreviations that a text defines itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.abbreviations import Definition, agreed, definitions, folded, is_short_form, singular

LETTERS = st.text("aAbBcC ()-/.;s1İßſ", max_size=60)


def pairs(text: str) -> list[tuple[str, str]]:
    """Return the short and long forms that a text defines."""
    return [(d.short, d.long) for d in definitions(text)]


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("An interstitial lung disease (ILD) scars.", "ILD", "interstitial lung disease"),
        ("magnetic resonance imaging (MRI)", "MRI", "magnetic resonance imaging"),
        ("High-resolution CT (HRCT) may show", "HRCT", "High-resolution CT"),
        ("haemoglobin (Hb) below the limit", "Hb", "haemoglobin"),
        ("direct oral anticoagulants (DOACs) are", "DOAC", "direct oral anticoagulant"),
        ("analyses of variance (AVs)", "AV", "analyses of variance"),
        ("in acute fibrinous and organizing pneumonia (AFOP)", "AFOP", None),
        ("in the filtration rate (eGFR; estimated)", None, None),
        ("estimated glomerular filtration rate (eGFR; see below)", "eGFR", None),
        ("programmed death ligand 1 (PD-L1)", "PD-L1", "programmed death ligand 1"),
        ("PE (pulmonary embolism) is", "PE", "pulmonary embolism"),
        ("the PEs (pulmonary emboli) are", "PE", "pulmonary emboli"),
        ("bronchoalveolar\u00a0lavage (BAL)", "BAL", "bronchoalveolar lavage"),
    ],
)
def test_a_definition_is_found(text: str, short: str | None, long: str | None) -> None:
    """Long form before the parenthesis or in it, plural or not; None: what can be read off."""
    found = pairs(text)
    if short is None:
        assert found == []
        return
    assert found == [(short, long or text.partition(" (")[0].removeprefix("in "))]


@pytest.mark.parametrize(
    "text",
    [
        "adults with lung disease (ALD)",  # "with" gives no letter
        "a respiratory distress of syndrome (ARDS) type",  # nor do letters follow the words
        "performed in all centres (CT)",  # one word hardly spells two capitals
        "a central trial (CNTR)",  # as many letters from inside as there are words
        "the reversed halo (atoll) sign",
        "as was shown before (Figure)",
        "a trial in Paris (France)",
        "patients (N) were",
        "lung disease. In tests (LDIT)",  # not over the end of a sentence
        "interstitial, lung disease (ILD)",
        "interstitial lung disease pattern (ILD)",
        "CT of tissue (CT)",
        "PE (as shown by pulmonary embolism) is",
        "( ) (A) () (((", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_definition_defines_nothing(text: str) -> None:
    """A wrong expansion is a wrong fact."""
    assert pairs(text) == []


def test_a_definition_knows_its_place() -> None:
    """The offsets are those of the short form, in both orders."""
    for text in (
        "A computed tomography (CT, HRCT) scan",
        "A CTs (computed tomography) scan",
        "A (CT  (computed tomography)) scan",
    ):
        (found,) = definitions(text)
        assert text[found.start : found.end].removesuffix("s") == found.short == "CT"


@given(LETTERS)
def test_whatever_is_found_stands_there(text: str) -> None:
    """Short forms stand at their offsets, long forms in the text, and neither is empty."""
    for found in definitions(text):
        assert singular(text[found.start : found.end]) == found.short
        assert found.long in " ".join(text.split())
        assert is_short_form(found.short)
        assert folded(found.long)


def test_texts_that_disagree_define_nothing() -> None:
    """Spellings of one meaning agree; two meanings do not, and then none is taken."""

    def defined(short: str, *longs: str) -> dict[str, str]:
        return agreed(Definition(short=short, long=long, start=0, end=1) for long in longs)

    assert defined("PE", "pulmonary embolism", "physical examination") == {}
    assert defined("OP", "Organizing pneumonia", "organising pneumonia") == {
        "OP": "organising pneumonia"
    }
    assert defined("LD", "lung diseases", "Lung disease") == {"LD": "Lung disease"}
    assert defined("Hb", "Haemoglobin", "Hemoglobin") == {"Hb": "Haemoglobin"}
    assert defined("TNF", "tumour-necrosis factor", "tumor necrosis factor") == {
        "TNF": "tumour-necrosis factor"
    }
