"""Batches and the loss, worked out by hand."""

import random

import pytest
import torch

from index.reading.tokens import MASK, PADDING, Line, ReaderTokens
from training.asked import Exercise
from training.batches import TOKENS_A_BATCH, Batch, asked, batches
from training.fitting import _shape, loss_of
from training.network import Scores

TOKENS = ReaderTokens()


def exercise(*units: str, answers: bool, question: str = "gout?") -> Exercise:
    """Return an exercise whose first unit answers where any does."""
    relevant = tuple(answers and position == 0 for position in range(len(units)))
    lines = (Line(text="Gout", judged=False), *(Line(text=unit) for unit in units))
    return Exercise(
        title="", earlier=(), question=question, lines=lines, answers=answers, relevant=relevant
    )


def batch_of(*contrasts: tuple[Exercise, ...]) -> list[Batch]:
    return list(batches(contrasts, asked(TOKENS), random.Random(0)))


def test_a_contrast_stays_together_and_fills_the_tensors() -> None:
    """Two pairs of one question in one batch; each unit's weights sum to 1 over its tokens."""
    (batch,) = batch_of(
        (exercise("Colchicine helps.", "Beer.", answers=True), exercise("Beer.", answers=False))
    )
    assert batch.contrast.tolist() == [0, 0]
    assert batch.answers.tolist() == [1.0, 0.0]
    assert batch.relevant.tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert batch.judged.tolist() == [[1.0, 1.0], [1.0, 0.0]]
    assert torch.allclose(batch.parts.sum(dim=-1), batch.judged)
    length = int((batch.questions[0] != PADDING).sum() + (batch.windows[0] != PADDING).sum())
    assert batch.parts.shape[-1] == length
    assert batch.parts[0, 1, -1] > 0, "the last unit ends the longer pair"


def test_batches_hold_about_so_many_tokens() -> None:
    """No batch of several contrasts is larger than it may be, and none is lost."""
    many = [(exercise("word " * n, answers=True),) for n in range(10, 110)]
    made = batch_of(*many)
    assert sum(len(batch.answers) for batch in made) == 100
    assert all(batch.windows.numel() <= TOKENS_A_BATCH for batch in made)


def test_the_same_words_are_hidden_before_both_windows() -> None:
    """What is hidden must not tell one window of a contrast from the other."""
    question = "which of the many drugs for gout is the best one to begin with today? " * 2
    pair = (
        exercise("Colchicine.", answers=True, question=question),
        exercise("Beer.", answers=False, question=question),
    )
    rows = [batch.questions for _ in range(20) for batch in batch_of(pair)]
    assert any((row == MASK).any() for row in rows)
    assert all(torch.equal(row[0], row[1]) for row in rows)


def test_the_loss_worked_out_by_hand() -> None:
    """Odds of 0 everywhere: ln 2 for windows, (2 + 1 + 1) / 3 · ln 2 for units, ½ · ln 2 apart."""
    (batch,) = batch_of(
        (exercise("Colchicine helps.", "Beer.", answers=True), exercise("Beer.", answers=False))
    )
    loss = loss_of(Scores(answers=torch.zeros(2), units=torch.zeros(2, 2)), batch)
    assert float(loss) == pytest.approx((1 + 4 / 3 + 0.5) * 0.693147, abs=1e-5)
    apart = loss_of(Scores(answers=torch.tensor([9.0, -9.0]), units=torch.zeros(2, 2)), batch)
    assert float(apart) == pytest.approx(4 / 3 * 0.693147, abs=1e-3)


def test_the_rate_rises_and_falls_to_zero() -> None:
    """A twentieth of the way up, then in a straight line to the end."""
    assert [_shape(share) for share in (0.0, 0.025, 0.05, 1.0)] == [0.0, 0.5, 1.0, 0.0]
    assert _shape(0.525) == pytest.approx(0.5)
