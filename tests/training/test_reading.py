"""What is read while training is what is read in use."""

import pytest
import torch

from index.reading.model import Asked, NetworkReader
from index.reading.network import ShippedNetwork
from index.reading.tokens import Line
from index.reading.weights import read_weights
from training.network import Encoder, Judge
from training.reading import TorchNetwork

ASKED = Asked(question="How is gout treated?", earlier=("what is gout?",), title="Gout in adults")
WINDOWS = [
    [
        Line(text="Gout in adults. Treatment", judged=False),
        Line(text="Most attacks settle within two weeks even without treatment."),
        Line(text="Colchicine 0.5 mg twice daily, naproxen or prednisolone are used."),
    ],
    [Line(text="Beer, liver and thiazides raise urate.")],
    [Line(text="Nothing is judged here", judged=False)],
]


def test_the_trained_network_and_the_shipped_one_agree() -> None:
    """To 0.002 in log odds: heads, positions and bias are the same in torch and ONNX Runtime."""
    encoder, judge = Encoder(), Judge()
    for network, name in ((encoder, "encoder"), (judge, "judge")):
        stored = read_weights(f"{name}.safetensors")
        network.load_state_dict({n: torch.from_numpy(t.copy()) for n, t in stored.items()})
    trained = NetworkReader(lambda: TorchNetwork(encoder.eval(), judge.eval()))
    shipped = NetworkReader(ShippedNetwork)
    for one, other in zip(
        trained.read_windows(ASKED, WINDOWS), shipped.read_windows(ASKED, WINDOWS), strict=True
    ):
        assert one.answers == pytest.approx(other.answers, abs=0.002)
        assert one.units == pytest.approx(other.units, abs=0.002)
