"""Words of a PDF: characters, hyphens, and what raised characters mean."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pdf_text import (
    END_RAISED,
    RAISED,
    UNREADABLE,
    join_lines,
    normalised,
    raised,
    resolve_raised,
    words_of,
)


def up(text: str) -> str:
    """Mark raised text as the reader of lines does: `word^1,2^`."""
    parts = text.split("^")
    return "".join(f"{RAISED}{p}{END_RAISED}" if at % 2 else p for at, p in enumerate(parts))


@pytest.mark.parametrize(
    ("printed", "resolved"),
    [
        ("It relapses.^1^ Rarely", "It relapses.[1] Rarely"),
        ("in adults^2,5–7^ and", "in adults[2,5–7] and"),
        ("27 kg/m^2^ and 4 cm^3^", "27 kg/m² and 4 cm³"),
        ("11 × 10^9^/L", "11 × 10⁹/L"),
        ("2 h^−1^", "2 h⁻¹"),
        ("with EPs 7630^14,15^.", "with EPs 7630[14,15]."),
        ("vitamin D^3^ is", "vitamin D[3] is"),
        ("an I^2^ of 40%", "an I² of 40%"),
        ("a ^99m^Tc scan", "a ⁹⁹ᵐTc scan"),
        ("the 20^th^ day", "the 20th day"),
        ("met within 5 days^3^ of", "met within 5 days[3] of"),
        ("given orally^*^ or", "given orally* or"),
        ("backwards^3–1^", "backwards³⁻¹"),
    ],
)
def test_raised_runs_are_told_apart(printed: str, resolved: str) -> None:
    """A citation is put in brackets for whoever takes it out; all else stays readable."""
    assert resolve_raised(up(printed), citing=True) == resolved


def test_a_block_that_cites_nothing_keeps_its_marks() -> None:
    """Names with the numbers of their addresses cite nothing, nor does a footnote's mark."""
    assert resolve_raised(up("Roe^1^"), citing=False) == "Roe¹"
    assert resolve_raised(up("said so^1^"), citing=True, notes={"1"}) == "said so¹"


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["anti-", "inflammatory drugs"], "anti-inflammatory drugs"),
        (["inter-", "feron"], "interferon"),
        (["low-", "ered"], "lowered"),
        (["low-", "dose"], "low-dose"),
        (["computer-", "generated"], "computer-generated"),
        (["Treat-", "ment"], "Treatment"),
        (["T-", "cell"], "T-cell"),
        (["COVID-", "19"], "COVID-19"),
        (["and/", "or"], "and/or"),
        (["dose–", "response"], "dose–response"),
        (["range -", "five"], "range - five"),
        (["follow-up-", "visit"], "follow-up-visit"),
    ],
)
def test_hyphens_at_line_ends(lines: list[str], joined: str) -> None:
    """The hyphen of a syllable goes, that of a compound stays; nothing else is glued."""
    assert join_lines(lines, words_of(["a list was generated"])) == joined


def test_the_document_itself_knows_its_words_best() -> None:
    """A word that stands whole elsewhere decides about its hyphen."""
    assert join_lines(["non-", "sense"], {"nonsense"}) == "nonsense"
    assert join_lines(["inter-", "ferons"], {"inter-ferons"}) == "inter-ferons"


@given(words=st.lists(st.text("abcXYZ0129,.()", min_size=1, max_size=8), min_size=1, max_size=30))
def test_lines_without_hyphens_lose_nothing(words: list[str]) -> None:
    """Joined by any line breaks, the words are those that were printed."""
    for width in (1, 2, 5):
        lines = [" ".join(words[at : at + width]) for at in range(0, len(words), width)]
        assert join_lines(lines, ()).split() == words


@given(text=st.text(max_size=40))
def test_normalised_text_can_be_stored(text: str) -> None:
    """No control, no lone surrogate and none of the marks of raised text is left."""
    plain = normalised(text)
    plain.encode()
    assert not {RAISED, END_RAISED} & set(plain)
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs") for char in plain)


def test_unknown_signs_of_private_fonts_are_shown_as_such() -> None:
    """A sign that only its font knows is not dropped silently."""
    assert normalised("\uf0b7 and \ue123") == f"• and {UNREADABLE}"
    assert normalised("treat\u00adment soft\u00ad") == "treatment soft-"


def test_raised_marks_enclose_no_spaces() -> None:
    """The spaces around a raised run stay outside."""
    assert raised(" 1 ") == f" {RAISED}1{END_RAISED} "
    assert raised("  ") == "  "
