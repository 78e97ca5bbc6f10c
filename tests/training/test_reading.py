"""What is read while training is what is read in use."""

import pytest
import torch

from index.reading.model import Asked, NetworkReader
from index.reading.network import ShippedNetwork
from index.reading.tokens import Line, ReaderTokens
from index.reading.weights import read_weights
from index.support_model import MiniLMSupport, SupportPair
from training.base import networks
from training.network import MINILM, Encoder, Judge, biased, joined
from training.reading import TorchNetwork, padded

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


@torch.inference_mode()
def test_minilm_starts_as_what_the_support_model_has_learnt() -> None:
    """Read as question and window, a pair gets the verdict that the support model gives it.

    Within 0.02: the window stands behind the longest question, not right behind this one.
    """
    claim = "Relapses were seen in 13 of 48 patients."
    evidence = "Relapses were seen in 13 of the 48 patients within the first year."
    encoder, judge = networks(MINILM)
    tokens = ReaderTokens()
    question = padded([tokens.question("", (), claim)])
    window = padded([tokens.window([Line(text=evidence)]).ids])
    asked, seen = torch.ones_like(question, dtype=torch.bool), torch.ones_like(window).bool()
    states, mask, _ = joined(
        encoder(question, asked), asked, encoder(window, seen, window=True), seen
    )
    for layer in judge.layers:
        states = layer(states, mask, biased(judge.distances, mask))
    model = MiniLMSupport()
    weight, bias, last, offset = map(torch.from_numpy, model._network._head)
    logits = last @ torch.tanh(weight @ states[0] + bias) + offset
    (said,) = model.judge_batch([SupportPair(claim=claim, evidence=(evidence,))])
    assert logits.softmax(-1)[0].item() == pytest.approx(said.supported, abs=0.02)
    assert said.supported > 0.9
