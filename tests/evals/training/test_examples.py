"""Tests of how data become reading exercises."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.training.cloze import Cloze, Text, exchanged, exercise, question_from
from evals.training.examples import (
    Example,
    cut,
    restates,
    sentences_of,
    window_around,
    windows,
)
from index.lexical import stems

SENTENCES = (
    "Prednisone was started at 40 mg daily in all patients of the first group.",
    "Relapses were seen in 13 of the 48 patients within the first year.",
    "Most of them answered to a second course of the same drug at a lower dose.",
    "Bronchoscopy was done in every patient before any treatment was given.",
)
LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=20)


def example(**changes: object) -> Example:
    """Return an exercise whose second sentence answers."""
    fields: dict[str, object] = {
        "question": "How many relapsed?",
        "heading": "Relapse",
        "sentences": SENTENCES,
        "relevant": (False, True, False, False),
        "spans": ((1, 18, 20),),
        "answers": True,
    }
    return Example(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_near_miss_is_the_passage_without_what_answers() -> None:
    """The sentence that answers is gone, the others stay, and nothing answers any more."""
    missed = cut(example())
    assert missed is not None
    assert missed.sentences == (SENTENCES[0], *SENTENCES[2:])
    assert (missed.answers, missed.relevant, missed.spans) == (False, (False,) * 3, ())


def test_what_says_the_answer_again_is_cut_with_it() -> None:
    """A restatement left behind would make the verdict a lie."""
    again = "Within the first year relapses were seen in 13 of 48 patients."
    missed = cut(
        example(sentences=(*SENTENCES, again), relevant=(False, True, False, False, False))
    )
    assert missed is not None
    assert again not in missed.sentences


def test_nothing_is_left_of_a_passage_that_answers_all_over() -> None:
    """There is no near miss then."""
    assert cut(example(relevant=(True,) * 4)) is None
    assert cut(example(relevant=None)) is None


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


@given(st.randoms(use_true_random=False))
def test_a_made_up_question_asks_for_a_piece_of_its_sentence(rng: random.Random) -> None:
    """The answer stands in the sentence, and the words of the question come from there."""
    made = question_from(SENTENCES[1], rng)
    if made is not None:
        question, answer = made
        assert answer in SENTENCES[1]
        asked = question.rstrip("?").split()[2:]
        assert all(word in SENTENCES[1] for word in asked)


def test_the_exact_answer_is_marked_where_it_stands() -> None:
    """The span of an exercise is the piece that was taken out of the question."""
    text = Text(heading="Relapse", sentences=SENTENCES)
    made = [exercise(text, 1, random.Random(seed)) for seed in range(20)]
    assert any(made)
    for one in filter(None, made):
        ((sentence, start, end),) = one.spans or ()
        assert one.relevant is not None
        assert one.relevant[sentence]
        assert one.sentences[sentence] == SENTENCES[1]
        assert one.sentences[sentence][start:end] not in one.question.split()


def test_an_exchanged_word_makes_a_question_that_nothing_answers() -> None:
    """The new word is not in the passage at all."""
    text = Text(heading="Relapse", sentences=(*SENTENCES, "Amiodarone injured several livers."))
    swapped = [exchanged(example(), text, random.Random(seed)) for seed in range(20)]
    held = {t for s in SENTENCES for t in stems(s)}
    assert any(swapped)
    for one in filter(None, swapped):
        assert not one.answers
        assert not any(one.relevant or ())
        assert set(stems(one.question)) - held


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_random_state_gives_the_same_epoch(seed: int) -> None:
    """Training can be repeated."""
    source = Cloze([Text(heading="Relapse", sentences=SENTENCES)], 40)
    first = list(source.epoch(random.Random(seed)))
    assert first == list(source.epoch(random.Random(seed)))
    assert {one.answers for one in first} == {True, False}


def test_sentences_are_put_on_one_line() -> None:
    """Line ends inside a sentence are layout."""
    assert sentences_of("One\nline. Another\n\n  one.") == ["One line.", "Another one."]
