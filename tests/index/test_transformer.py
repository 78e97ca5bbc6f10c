"""The shipped graphs compute what the networks that are trained compute."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from corpus.errors import ModelError
from index import transformer
from index.transformer import DIGESTS, GRAPHS, Embeddings, Layers, side_by_side
from training.graphs import SHIPPED, graph_of
from training.network import Encoder, Judge, Shape, biased

Floats = NDArray[np.float32]


def stack(shape: Shape, *, upper: bool) -> torch.nn.Module:
    """Return a network's lower or upper half with random weights."""
    torch.manual_seed(0)
    return (Judge(shape) if upper else Encoder(shape)).eval()


def states_of(shape: Shape, tokens: int) -> Floats:
    """Return some states."""
    drawn = np.random.default_rng(0).normal(size=(tokens, shape.width))
    return drawn.astype(np.float32)


@pytest.mark.parametrize("name", SHIPPED)
@torch.inference_mode()
def test_a_graph_computes_what_the_trained_layers_compute(name: str) -> None:
    """To five places, for texts of one token and of many."""
    shape, _, has_bias = SHIPPED[name]
    network = stack(shape, upper="lower" not in name)
    layers = Layers(name, {n: t.numpy() for n, t in network.state_dict().items()})
    for tokens in (1, 37):
        states = states_of(shape, tokens)
        mask = torch.ones(1, tokens, dtype=torch.bool)
        bias = biased(network.distances, mask) if has_bias else torch.zeros(1, 1, tokens, tokens)
        wanted = torch.from_numpy(states)
        for layer in network.layers:
            wanted = layer(wanted, mask, bias)
        found = layers(states, bias[0].numpy()) if has_bias else layers(states)
        assert found.shape == (tokens, shape.width)
        np.testing.assert_allclose(found, wanted.numpy(), atol=2e-5)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_graph_is_the_one_that_is_made(name: str) -> None:
    """Byte for byte: what a reviewer reads in `training.graphs` is what runs."""
    shape, layers, has_bias = SHIPPED[name]
    made = graph_of(shape, layers, biased=has_bias).SerializeToString(deterministic=True)
    assert made == (GRAPHS / name).read_bytes()


def test_nothing_else_is_shipped_beside_the_graphs() -> None:
    """Each file has its digest, each digest its file."""
    assert {path.name for path in GRAPHS.iterdir()} == set(DIGESTS) == set(SHIPPED)


def test_another_graph_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One changed byte is enough."""
    data = bytearray((GRAPHS / "minilm.onnx").read_bytes())
    data[-1] ^= 1
    (tmp_path / "minilm.onnx").write_bytes(bytes(data))
    monkeypatch.setattr(transformer, "GRAPHS", tmp_path)
    with pytest.raises(ModelError, match=r"minilm\.onnx has SHA-256"):
        Layers("minilm.onnx", {})


def test_threads_change_no_digit() -> None:
    """One, two and sixteen threads at once come to the same bytes."""
    shape, _, _ = SHIPPED["minilm.onnx"]
    network = stack(shape, upper=True)
    layers = Layers("minilm.onnx", {n: t.numpy() for n, t in network.state_dict().items()})
    texts = [states_of(shape, tokens) for tokens in (5, 60, 31, 130, 7, 90, 33, 12)]
    alone = [layers(text).tobytes() for text in texts]
    for threads in (1, 2, 16):
        with ThreadPoolExecutor(threads) as pool:
            assert [f.tobytes() for f in pool.map(layers, texts)] == alone
    assert [f.tobytes() for f in side_by_side(layers, texts)] == alone


def test_what_is_done_side_by_side_keeps_its_order_and_its_errors() -> None:
    """More items than threads, one, none; and an error is the caller's."""
    assert side_by_side(str, range(100)) == [str(n) for n in range(100)]
    assert side_by_side(str, [7]) == ["7"]
    assert side_by_side(str, []) == []
    with pytest.raises(ZeroDivisionError, match=re.escape("division by zero")):
        side_by_side(lambda n: 1 / n, [1, 0, 1])


def test_embeddings_are_normalised_sums_of_words_and_places() -> None:
    """Worked out by hand: mean 0, variance 1, then weight and bias."""
    embeddings = Embeddings(
        words=np.array([[0, 0], [1, 3]], dtype=np.float32),
        positions=np.array([[2, 0], [0, 2]], dtype=np.float32),
        weight=np.array([1, 2], dtype=np.float32),
        bias=np.array([0, 10], dtype=np.float32),
        epsilon=0.0,
    )
    # word 1 at place 0: (3, 3), without variance; at place 1 word 1: (1, 5)
    assert embeddings([0, 1]).tolist() == [[1.0, 8.0], [-1.0, 12.0]]
