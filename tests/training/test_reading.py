"""What is trained, in torch and float32, and what is used, in eight bits, say the same."""

import random

import pytest
import torch

from index.reading.network import EightBitNetwork
from index.reading.tokens import Line, ReaderTokens
from index.reading.weights import stored_weights
from index.tensors import unpacked
from training.asked import Exercise
from training.batches import asked, batches
from training.fitting import read
from training.network import Encoder, Judge

LINES = [
    [
        Line(text="Gout in adults. Treatment", judged=False),
        Line(text="Most attacks settle within two weeks even without treatment."),
        Line(text="Colchicine 0.5 mg twice daily, naproxen or prednisolone are used."),
    ],
    [Line(text="Beer, liver and thiazides raise urate."), Line(text="Gout hurts.")],
]
# What eight bits may change in a score, in log odds; scores of these windows lie 1.5 apart.
NEAR = 0.3


def exercise(lines: list[Line]) -> Exercise:
    """Return a question with a window; what answers does not matter here."""
    judged = sum(line.judged for line in lines)
    return Exercise(
        title="Gout in adults",
        earlier=("what is gout?",),
        question="How is it treated?",
        lines=tuple(lines),
        answers=True,
        relevant=(False,) * judged,
    )


def test_the_trained_network_and_the_shipped_one_agree() -> None:
    """Heads, positions, bias and padding are the same in torch and ONNX Runtime."""
    networks = Encoder(), Judge()
    for network, name in zip(networks, ("encoder.safetensors", "judge.safetensors"), strict=True):
        network.load_state_dict(
            {n: torch.from_numpy(t) for n, t in unpacked(stored_weights(name)).items()}
        )
    tokens = ReaderTokens()
    exercises = tuple(map(exercise, LINES))
    (batch,) = batches([exercises], asked(tokens), random.Random(0), hidden=0.0)
    with torch.inference_mode():
        trained = read(*networks, batch)
    one = exercises[0]
    used = EightBitNetwork.shipped().read(
        tokens.question(one.title, one.earlier, one.question), list(map(tokens.window, LINES))
    )
    for row, scores in enumerate(used):
        assert scores.answers == pytest.approx(float(trained.answers[row]), abs=NEAR)
        assert scores.units == pytest.approx(trained.units[row].tolist(), abs=NEAR)
    assert used[0].answers > used[1].answers + 1.5
