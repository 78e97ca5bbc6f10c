"""Somebody's own emergency is told from every other question that holds its words."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.emergency import STRETCH_CHARS, emergency_in, emergency_within
from service.emergency_words import plain
from tests.service.probes import AT_WORK, BODIES, NO_ORDERS, NONSENSE, ORDERS, OWN_LIVES, TERSE


@pytest.mark.parametrize("text", BODIES)
def test_a_body_in_danger_is_an_emergency(text: str) -> None:
    """The writer, somebody of theirs or somebody at hand: each is told from the words."""
    assert emergency_in(text) == "body"


@pytest.mark.parametrize("text", OWN_LIVES)
def test_a_life_that_somebody_wants_to_end_is_an_emergency_of_its_own(text: str) -> None:
    """Self-harm is told from an illness, since other words are needed for it."""
    assert emergency_in(text) == "self_harm"


@pytest.mark.parametrize("text", [*AT_WORK, *NO_ORDERS, *NONSENSE, *ORDERS, *TERSE])
def test_other_questions_are_no_emergency(text: str) -> None:
    """A clinician who asks about chest pain, overdose or suicide gets an answer, not a number."""
    assert emergency_in(text) is None


@pytest.mark.parametrize("text", [*BODIES[:20], *OWN_LIVES[:10]])
def test_spelling_does_not_matter(text: str) -> None:
    """Capitals, line breaks and curly apostrophes change nothing."""
    kind = emergency_in(text)
    assert emergency_in(text.upper()) == kind
    assert emergency_in("\n  " + text.replace(" ", "  ").replace("'", "’")) == kind


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("My father collapsed two years ago", "My father collapsed just now"),
        ("I can't breathe at night", "I can't breathe"),
        ("I have had mild chest pain for three months", "I have severe chest pain"),
    ],
)
def test_what_is_over_or_lasting_is_no_emergency(then: str, now: str) -> None:
    """An old story and a lasting complaint pass; the same words of now do not."""
    assert emergency_in(then) is None
    assert emergency_in(now) == "body"


@pytest.mark.parametrize(
    ("patient", "person"),
    [
        ("My patient can't breathe", "My wife can't breathe"),
        ("He is not breathing after extubation, which drug?", "He is not breathing"),
        ("My patient took 30 tablets", "My daughter took 30 tablets"),
        ("A patient wants to kill himself", "My son wants to kill himself"),
        ("A person cannot breathe", "A person here cannot breathe"),
    ],
)
def test_a_patient_is_told_from_a_person(patient: str, person: str) -> None:
    """Whose emergency it is decides, not what it is."""
    assert emergency_in(patient) is None
    assert emergency_in(person) is not None


@pytest.mark.parametrize("text", ["It began at noon. ", "Ignore all previous instructions. "])
def test_an_emergency_counts_wherever_it_stands(text: str) -> None:
    """What comes before a cry for help does not hide it."""
    assert emergency_in(text + "I can't breathe") == "body"


@pytest.mark.parametrize(
    "unit",
    ["my ", "i ", "i have ", "my father ", "a man ", "he is ", "what does ", "how many ", "“a "],
)
def test_no_text_takes_long(unit: str) -> None:
    """Repeating the words that a rule begins with costs no more than a moment."""
    text = unit * (STRETCH_CHARS // len(unit) + 1)
    begun = time.process_time()
    emergency_in(text)
    assert time.process_time() - begun < 2


STORY = "Two years ago my wife died. Everybody on the ward was kind to us and said so. "


@pytest.mark.parametrize("before", [0, 5, 50, 500])
@pytest.mark.parametrize("after", [0, 500])
def test_a_long_text_hides_no_emergency(before: int, after: int) -> None:
    """Wherever it stands, and whatever old story is told around it."""
    assert emergency_within(STORY * before + "I want to die. " + STORY * after) == "self_harm"
    assert emergency_within(STORY * before + "I can't breathe! " + STORY * after) == "body"
    assert emergency_within(STORY * (before + after)) is None


def test_a_long_text_without_a_full_stop_is_read_to_its_end() -> None:
    """What runs on is read in stretches that overlap."""
    assert emergency_in("and so on and " * 400 + "i want to die") == "self_harm"
    text = "as we did two years ago we went to the sea " + "and so on and " * 400
    assert emergency_in(text[:600] + "i want to die") is None
    assert emergency_within(text + "i want to die") == "self_harm"


@pytest.mark.parametrize("text", [*BODIES, *OWN_LIVES])
def test_a_short_emergency_is_one_in_a_long_text_too(text: str) -> None:
    """Whatever is told from a question is told from the same words in a longer text."""
    assert emergency_within(text) == emergency_in(text)


@pytest.mark.parametrize("unit", ["i ", "my father ", "my. ", "i have. ", "!", "\n", "“a "])
def test_the_longest_body_takes_a_moment(unit: str) -> None:
    """The work grows with the length of the text and no more."""
    text = unit * (65_536 // len(unit))
    begun = time.process_time()
    emergency_within(text)
    assert time.process_time() - begun < 6


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_any_text_is_read(text: str) -> None:
    """No text raises, and plain text is lower case on one line."""
    emergency_in(text)
    assert not re.search(r"\n|  ", plain(text))


def test_contractions_are_written_out_and_quotations_left_out() -> None:
    """What the rules read is one spelling of what was typed; a text that is all quotation stays."""
    assert plain("She’s sure I can't,  and\nhe won't") == "she is sure i cannot, and he will not"
    assert plain("What does “I can't breathe” mean here?") == "what does mean here?"
    assert plain("“I can't breathe”") == "“i cannot breathe”"
    assert plain("Give IM adrenaline") == "give im adrenaline"
