"""How sure an answer is, in words."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.answers import RefusalReason
from service.certainty import MARKS, Certainty, certainty_told, partly, told_in

REASONS = get_args(RefusalReason)


@pytest.mark.parametrize(
    ("confidence", "level", "words"),
    [
        (1.0, "high", "Very likely the answer: about 99 in 100"),
        (0.937, "high", "Very likely the answer: about 93 in 100"),
        (0.9, "high", "Very likely the answer: about 90 in 100"),
        (0.8999, "good", "Likely the answer: about 89 in 100"),
        (0.75, "good", "Likely the answer: about 75 in 100"),
        (0.7499, "fair", "Less certain: about 74 in 100"),
        (0.29, "fair", "Less certain: about 29 in 100"),
        (0.004, "fair", "Less certain: fewer than 1 in 100"),
        (0.0, "fair", "Less certain: fewer than 1 in 100"),
    ],
)
def test_an_answer_is_as_sure_as_its_confidence(confidence: float, level: Any, words: str) -> None:
    """The level has its borders at 0.9 and 0.75; the words say the number itself."""
    said = f"{words} such answers rest on the right text"
    assert certainty_told(confidence, None) == Certainty(level=level, words=said)


@given(st.floats(0.01, 1))
def test_the_words_never_say_more_than_the_number(confidence: float) -> None:
    """The share is rounded down, and never by more than one in a hundred."""
    said = certainty_told(confidence, None).words.partition("about ")[2].partition(" ")[0]
    assert 0 <= confidence * 100 - int(said) < 1 + 1e-9


def test_each_reason_to_refuse_has_its_words() -> None:
    """Whatever the confidence, a refusal is no answer; no two reasons are worded alike."""
    told = [certainty_told(0.99, reason) for reason in REASONS]
    assert {one.level for one in told} == {"none"}
    assert len({one.words for one in told}) == len(REASONS) == 8
    near = certainty_told(0.5, "not_in_these_sources")
    assert near.words == "The sources come near, but do not say this"
    assert certainty_told(0.5, "of another version").words == "The sources do not answer this"


def test_the_marks_are_told_apart_without_a_colour() -> None:
    """As many of three dots are full as the level is high."""
    full = {level: mark.count("●") for level, mark in MARKS.items()}
    assert full == {"high": 3, "good": 2, "fair": 1, "none": 0}
    assert {len(mark) for mark in MARKS.values()} == {3}
    assert certainty_told(0.8, None).mark == "●●○"


def test_what_is_missing_is_named() -> None:
    """Each word once more, as it was asked."""
    assert partly(["children"]) == "Partly answered: nothing here on children"
    assert partly(("children", "the dose")) == "Partly answered: nothing here on children, the dose"


SURE = "●●○ Likely the answer: about 80 in 100 such answers rest on the right text."


def test_a_saved_answer_tells_it_in_two_lines() -> None:
    """The record's own words; those of its confidence where it is older; nothing without both."""
    record = {"refusal": None, "confidence": 0.8}
    assert told_in(record) == (SURE,)
    assert told_in({}) == ()
    words = {"certainty": {"level": "good", "words": "Rather sure"}, "missing": ["dose"]}
    lines = ("●●○ Rather sure.", "Partly answered: nothing here on dose.")
    assert told_in(record | words) == lines
    later = {"certainty": {"level": "of another version", "words": "Sure"}}
    assert told_in(record | later) == ("Sure.",)


def test_a_saved_refusal_tells_it_in_one_line() -> None:
    """What the sources have to do with the question; beside an emergency's words, nothing."""
    near = {"refusal": {"reason": "not_in_these_sources"}, "confidence": 0.4, "missing": ["dose"]}
    assert told_in(near) == ("○○○ The sources come near, but do not say this.",)
    assert told_in({"refusal": {"reason": "another"}}) == ("○○○ The sources do not answer this.",)
    assert told_in({"refusal": {"reason": "emergency"}, "confidence": 0.1}) == ()
