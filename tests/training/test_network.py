"""The network computes what MPNet computes, and a window does not feel its neighbours."""

import numpy as np
import pytest
import torch
from transformers import MPNetConfig, MPNetModel

from index.reading.network import bucket
from training.base import encoder_state, judge_state
from training.network import MPNET, Encoder, Judge, _ends, joined


@pytest.fixture(scope="module")
def mpnet() -> MPNetModel:
    """Return MPNet with random weights and as many layers as both networks have together."""
    torch.manual_seed(0)
    config = MPNetConfig(
        num_hidden_layers=MPNET.lower + MPNET.upper,
        vocab_size=30527,
        max_position_embeddings=514,
        layer_norm_eps=1e-5,
    )
    return MPNetModel(config, add_pooling_layer=False).eval()


@pytest.fixture(scope="module")
def encoder(mpnet: MPNetModel) -> Encoder:
    """Return the lower layers of it."""
    network = Encoder()
    network.load_state_dict(encoder_state(mpnet.state_dict()))
    return network.eval()


@pytest.fixture(scope="module")
def judge(mpnet: MPNetModel) -> Judge:
    """Return the upper layers of it, with random heads."""
    network = Judge()
    network.load_state_dict(judge_state(mpnet.state_dict()), strict=False)
    return network.eval()


IDS = torch.tensor([[0, 2054, 5320, 2009, 2], [0, 7592, 2, 1, 1]])
MASK = IDS != 1


@torch.inference_mode()
def test_the_encoder_gives_the_states_of_mpnets_lower_layers(
    mpnet: MPNetModel, encoder: Encoder
) -> None:
    """Against the public implementation, to five places, for rows of two lengths."""
    states = mpnet(IDS, attention_mask=MASK.long(), output_hidden_states=True).hidden_states
    assert torch.allclose(encoder(IDS, MASK), states[MPNET.lower][MASK], atol=1e-5)


@torch.inference_mode()
def test_the_judges_layers_are_the_next_ones(
    mpnet: MPNetModel, encoder: Encoder, judge: Judge
) -> None:
    """A question without a window goes through the upper layers as through MPNet's."""
    wanted = mpnet(IDS[:1]).last_hidden_state[0, 0]
    parts = torch.zeros(1, 1, 5)
    scores = judge(encoder(IDS[:1], MASK[:1]), MASK[:1], torch.zeros(1, 5), parts)
    assert torch.allclose(scores.answers, judge.whole(wanted)[0], atol=1e-5)


@torch.inference_mode()
def test_a_pair_is_judged_alike_alone_and_beside_a_longer_one(
    encoder: Encoder, judge: Judge
) -> None:
    """Padding and neighbours change no score by more than 0.00001."""

    def judged(windows: torch.Tensor) -> torch.Tensor:
        seen = windows != 1
        asked = torch.ones(len(windows), 5, dtype=torch.bool)
        questions = encoder(IDS[:1], MASK[:1]).repeat(len(windows), 1)
        read = joined(questions, asked, encoder(windows, seen), seen)
        parts = torch.zeros(len(windows), 1, read[1].shape[1])
        parts[:, 0, 5:7] = 0.5
        return judge(*read, parts).units

    both = torch.tensor([[0, 7592, 2, 1, 1, 1], [0, 2017, 2088, 2024, 7, 2]])
    assert torch.allclose(judged(both)[:1], judged(both[:1, :3]), atol=1e-5)


def test_the_last_token_of_a_unit_is_found() -> None:
    """It is the last one that counts for the unit: its separator."""
    parts = torch.tensor([[[0.0, 0.5, 0.5, 0.0], [0.0, 0.0, 0.0, 1.0]]])
    assert _ends(parts).tolist() == [[[0, 0, 1, 0], [0, 0, 0, 1]]]


def test_near_distances_have_a_bucket_each_and_far_ones_share() -> None:
    """0 to 7 by themselves, then logarithmic to 128; behind by 16 more."""
    before = bucket(-np.arange(0, 9)).tolist()
    assert before == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert bucket(np.array([-11, -12, -127, -128, -500])).tolist() == [8, 9, 15, 15, 15]
    assert bucket(np.array([1, 8, 500])).tolist() == [17, 24, 31]
