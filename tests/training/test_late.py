"""Late interaction: what it learns from, what it learns, and that it is used as it was learnt."""

import pytest
import torch
from torch import Tensor

from index.reading.late import LateInteraction, nearness
from index.reading.tokens import ReaderTokens
from index.tensors import packed, unpacked
from tests.training.texts import asked, gout
from training import late
from training.asked import Asked
from training.late import Late, Trainer, choices_of, loss_of, ranks


def states(tokens: int, seed: int) -> Tensor:
    """Return what might be a text's states."""
    return torch.randn(tokens, 768, generator=torch.Generator().manual_seed(seed))


def test_a_choice_is_among_all_windows_of_the_version_that_answers() -> None:
    """A sentence that was added makes its window answer; where all answer, nothing is chosen."""
    added = Asked(
        question="is rest needed?", earlier=(), units=(), added=(2, ("Rest is not needed.",))
    )
    text = gout(asked("what lowers urate?", 6), added, asked("what is gout?", *range(8)))
    tokens = ReaderTokens()
    lowers, rest = choices_of(text, tokens)
    assert lowers.answers == (False, False, True)
    assert lowers.question == tokens.question("Gout", (), "what lowers urate?")
    assert rest.answers == (True, False, False)
    assert len(rest.windows[0]) > len(lowers.windows[0])
    assert rest.windows[1:] == lowers.windows[1:]


def test_every_window_that_answers_is_to_stand_out_from_those_that_do_not() -> None:
    """Log of one plus what the others weigh beside it, the mean over those that answer."""
    near, answers = torch.tensor([2.0, 0.0, 0.0, 5.0]), torch.tensor([True, False, False, True])
    alone = [torch.tensor(2 / torch.e**of).log1p() for of in (2, 5)]
    assert loss_of(near, answers) == pytest.approx(float(sum(alone) / 2), abs=1e-6)


def test_it_is_used_as_it_was_learnt() -> None:
    """Torch over windows side by side and the shipped way come to the same, but for the scale."""
    learnt = Late(torch.cat([states(900, 1), states(900, 2)]))
    for apart in (learnt.read.weight, learnt.read.bias, learnt.counts.weight):
        torch.nn.init.normal_(apart, std=0.05)
    questions, windows = [states(5, 3), states(9, 4)], [states(30, 5), states(7, 6), states(31, 7)]
    with torch.no_grad():
        near = learnt(questions, windows) / learnt.scale
    tensors = {n: t.numpy() for n, t in learnt.state_dict().items() if n != "scale"}
    used = LateInteraction(unpacked(packed(tensors)))
    for question, row in zip(questions, near, strict=True):
        asked = used.of_question(question.numpy())
        for window, expected in zip(windows, row, strict=True):
            found = nearness(asked, used.of_window(window.numpy()))
            assert found == pytest.approx(float(expected), abs=0.02)


def test_it_learns_which_window_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of a text is found there after it has been learnt from; seeded."""
    monkeypatch.setattr(late, "VECTOR", 16)
    questions = [asked(f"{word}?", i) for i, word in enumerate("abcdefgh")]
    text = gout(*questions)
    first, again = (Trainer([text], seed=3).trained(30) for _ in range(2))
    assert all(
        torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True)
    )
    assert list(ranks(first, [text])) == [0] * 8
    assert sum(ranks(Trainer([text], seed=3).trained(0), [text])) > 0
