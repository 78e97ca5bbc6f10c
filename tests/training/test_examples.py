"""Tests of how data become reading exercises."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError
from index.lexical import stems
from training.examples import (
    Example,
    cut,
    read_rows,
    restates,
    sentences_of,
    window_around,
    windows,
)

SENTENCES = (
    "Prednisone was started at 40 mg daily in all patients of the first group.",
    "Relapses were seen in 13 of the 48 patients within the first year.",
    "Most of them answered to a second course of the same drug at a lower dose.",
    "Bronchoscopy was done in every patient before any treatment was given.",
)
LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=20)


# An exercise whose second sentence answers.
EXAMPLE = Example(
    question="How many relapsed?",
    heading="Relapse",
    sentences=SENTENCES,
    relevant=(False, True, False, False),
)


def test_a_near_miss_is_the_passage_without_what_answers() -> None:
    """The sentence that answers is gone, the others stay, and nothing answers any more."""
    missed = cut(EXAMPLE)
    assert missed is not None
    assert missed.sentences == (SENTENCES[0], *SENTENCES[2:])
    assert EXAMPLE.answers
    assert (missed.answers, missed.relevant) == (False, (False,) * 3)


def test_what_says_the_answer_again_is_cut_with_it() -> None:
    """A restatement left behind would make the verdict a lie."""
    again = "Within the first year relapses were seen in 13 of 48 patients."
    told_twice = replace(
        EXAMPLE, sentences=(*SENTENCES, again), relevant=(False, True, False, False, False)
    )
    missed = cut(told_twice)
    assert missed is not None
    assert again not in missed.sentences


def test_nothing_is_left_of_a_passage_that_answers_all_over() -> None:
    """There is no near miss then."""
    assert cut(replace(EXAMPLE, relevant=(True,) * 4)) is None


@given(LENGTHS, st.integers(5, 120))
def test_windows_cover_every_sentence_once_and_in_order(lengths: list[int], words: int) -> None:
    """No sentence is lost between two windows, none is in both."""
    sentences = ["w " * length for length in lengths]
    found = windows(sentences, words)
    assert [i for first, last in found for i in range(first, last)] == list(range(len(lengths)))
    for first, last in found:
        size = sum(lengths[first:last])
        assert size <= words or last - first == 1


@given(LENGTHS, st.randoms(use_true_random=False), st.data())
def test_a_window_around_a_sentence_holds_it(
    lengths: list[int], rng: random.Random, data: st.DataObject
) -> None:
    """Wherever the window is drawn, its sentence is inside and it is not too long."""
    sentences = ["w " * length for length in lengths]
    position = data.draw(st.integers(0, len(lengths) - 1))
    first, last = window_around(sentences, position, rng, 110)
    assert 0 <= first <= position < last <= len(sentences)
    assert sum(lengths[first:last]) <= 110


def test_restating_is_sharing_half_of_the_words() -> None:
    """Word order does not matter, other words do."""
    gold = [set(stems("Relapses were common in the first year."))]
    assert restates("In the first year, relapses were common.", gold)
    assert not restates("Relapses were treated with prednisone as outpatients.", gold)


def test_sentences_are_put_on_one_line() -> None:
    """Line ends inside a sentence are layout."""
    assert sentences_of("One\nline. Another\n\n  one.") == ["One line.", "Another one."]


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    """File and line are told."""
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1}\n{"id": \n', encoding="utf-8")
    with pytest.raises(InputError, match=r"rows\.jsonl, line 2"):
        read_rows(path)


def test_a_line_ends_at_a_line_feed_alone(tmp_path: Path) -> None:
    """Other characters that end lines stand within texts."""
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a\u2028b"}\n\n{"text": "c"}\n', encoding="utf-8")
    assert [row["text"] for row in read_rows(path)] == ["a\u2028b", "c"]
