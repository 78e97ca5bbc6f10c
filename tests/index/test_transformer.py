"""The shipped graphs compute what the networks that are trained compute."""

import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from corpus.errors import ModelError
from index import transformer
from index.tensors import Stored, packed
from index.transformer import (
    DIGESTS,
    GRAPHS,
    Embeddings,
    Layers,
    multiplied,
    normalised,
    side_by_side,
)
from training.graphs import SHIPPED
from training.network import MINILM, MPNET, Encoder, Judge, Shape, biased

Floats = NDArray[np.float32]


def stack(shape: Shape, *, upper: bool) -> Encoder | Judge:
    """Return a network's lower or upper half with random weights."""
    torch.manual_seed(0)
    return (Judge(shape) if upper else Encoder(shape)).eval()


def states_of(shape: Shape, tokens: int) -> Floats:
    """Return some states."""
    drawn = np.random.default_rng(0).normal(size=(tokens, shape.width))
    return drawn.astype(np.float32)


def read_by(network: Encoder | Judge, states: Floats, bias: torch.Tensor) -> Floats:
    """Return what a network's layers in torch make of one text."""
    mask = torch.ones(1, len(states), dtype=torch.bool)
    found = torch.from_numpy(states)
    for layer in network.layers:
        found = layer(found, mask, bias)
    return found.numpy()


def bias_of(network: Encoder | Judge, tokens: int) -> torch.Tensor:
    """Return a network's bias by distance."""
    return biased(network.distances, torch.ones(1, tokens, dtype=torch.bool))


@torch.inference_mode()
def test_a_graph_computes_what_the_trained_layers_compute() -> None:
    """To five places, for texts of one token and of many."""
    network = stack(MINILM, upper=True)
    layers = Layers("minilm.onnx", {n: t.numpy() for n, t in network.state_dict().items()})
    for tokens in (1, 37):
        states = states_of(MINILM, tokens)
        wanted = read_by(network, states, torch.zeros(1, 1, tokens, tokens))
        np.testing.assert_allclose(layers(states), wanted, atol=2e-5)


@pytest.mark.parametrize("name", ["mpnet-lower.onnx", "mpnet-upper.onnx"])
@torch.inference_mode()
def test_a_graph_of_whole_numbers_comes_near_what_the_trained_layers_compute(name: str) -> None:
    """Correlated by 0.9998 at least, for texts of one token and of many, and with a bias."""
    network = stack(MPNET, upper="upper" in name)
    floats = {n: t.numpy() for n, t in network.state_dict().items()}
    layers = Layers(name, multiplied(packed(floats)))
    for tokens in (1, 37):
        states = states_of(MPNET, tokens)
        bias = bias_of(network, tokens)
        found, wanted = layers(states, bias[0].numpy()), read_by(network, states, bias)
        assert found.shape == (tokens, MPNET.width)
        assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.9998


@pytest.mark.parametrize("name", ["mpnet-lower.onnx", "mpnet-upper.onnx"])
def test_whole_numbers_are_summed_exactly(name: str) -> None:
    """Layers worked out in integers, with the largest weights there are.

    A processor that lets a sum of two products overflow, or clips it, comes to something else. That
    a last digit moves a value to the next step now and then changes no state by 0.05.
    """
    random = np.random.default_rng(0)
    network = stack(MPNET, upper="upper" in name)
    stored = packed({n: t.numpy() for n, t in network.state_dict().items()})
    for part in ("query", "key", "value", "out", "inner", "outer"):
        for number in range(SHIPPED[name].layers):
            weight = f"layers.{number}.{part}.weight"
            signs = random.choice([-127, 127], size=stored[weight].shape)
            stored[weight] = np.sort(signs, axis=1).astype(np.int8)  # equal signs side by side
    for number in range(SHIPPED[name].layers):
        # a few columns far larger than the others, as trained ones are
        stored[f"layers.{number}.attended.weight"][[3, 99, 500, 700]] = (4, 3, -6, 5)
    states = states_of(MPNET, 9)
    bias = np.zeros((MPNET.heads, 9, 9), dtype=np.float32)
    wanted: Floats = states
    for number in range(SHIPPED[name].layers):
        wanted = layer_in_integers(stored, f"layers.{number}", wanted, fine="lower" in name)
    found = Layers(name, multiplied(stored))(states, bias)
    np.testing.assert_allclose(found, wanted, atol=0.05)


def columns_apart(stored: Stored, name: str) -> list[int]:
    """Return the four columns that reach farthest behind the normalisation after attention."""
    weight, bias = (stored[f"{name}.attended.{kind}"].astype(float) for kind in ("weight", "bias"))
    reach = {column: 3 * abs(w) + abs(b) for column, (w, b) in enumerate(zip(weight, bias))}  # noqa: B905
    return sorted(sorted(reach, key=lambda column: -reach[column])[:4])


def layer_in_integers(stored: Stored, name: str, states: Floats, *, fine: bool) -> Floats:
    """Return what one layer without bias makes of states, with sums of integers.

    `fine`: before attention what rounding left is rounded to 127 steps more.
    """

    def linear(part: str, given: Floats) -> Floats:
        weight, scale = stored[f"{name}.{part}.weight"], stored[f"{name}.{part}.weight.scale"]
        apart = columns_apart(stored, name) if part == "inner" else []
        others = given.copy()
        others[:, apart] = 0
        low = others.min(axis=1, keepdims=True)
        step = np.maximum((others.max(axis=1, keepdims=True) - low) / np.float32(127), 1e-12)
        exact = (others - low) / step
        steps = np.rint(exact)
        products = steps.astype(np.int64) @ weight.astype(np.int64).T
        if fine and part in {"query", "key", "value"}:
            left = np.rint((exact - steps + np.float32(0.5)) * 127).astype(np.int64)
            products = products + (left @ weight.astype(np.int64).T) / 127
            low = low - step / 2
        sums = weight.astype(np.int64).sum(axis=1)
        exactly = given[:, apart] @ weight[:, apart].astype(np.float32).T
        both = (products * step + low * sums + exactly) * scale
        found: Floats = (both + stored[f"{name}.{part}.bias"]).astype(np.float32)
        return found

    def normed(part: str, given: Floats) -> Floats:
        weight, bias = stored[f"{name}.{part}.weight"], stored[f"{name}.{part}.bias"]
        return normalised(given, weight, bias, MPNET.epsilon)  # type: ignore[arg-type]

    tokens, head = len(states), MPNET.width // MPNET.heads
    query, key, value = (
        linear(part, states).reshape(tokens, MPNET.heads, head).transpose(1, 0, 2)
        for part in ("query", "key", "value")
    )
    logits = torch.from_numpy(query @ key.transpose(0, 2, 1) / np.float32(head**0.5))
    seen = (logits.softmax(-1).numpy() @ value).transpose(1, 0, 2).reshape(tokens, MPNET.width)
    attended = normed("attended", states + linear("out", seen))
    active = torch.nn.functional.gelu(torch.from_numpy(linear("inner", attended))).numpy()
    return normed("ended", attended + linear("outer", active))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_graph_is_the_one_that_is_made(name: str) -> None:
    """Byte for byte: what a reviewer reads in `training.graphs` is what runs."""
    assert SHIPPED[name].made() == (GRAPHS / name).read_bytes()


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


@pytest.mark.parametrize("name", SHIPPED)
def test_threads_change_no_digit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One, two and sixteen texts at once, each read by one, two or three threads: the same."""
    shape, has_bias = SHIPPED[name].shape, SHIPPED[name].biased
    network = stack(shape, upper="lower" not in name)
    floats = {n: t.numpy() for n, t in network.state_dict().items()}
    tensors = multiplied(packed(floats)) if SHIPPED[name].whole_numbers else floats
    texts = [states_of(shape, tokens) for tokens in (5, 60, 31, 130, 7, 90, 33, 12)]
    found: set[tuple[bytes, ...]] = set()
    for processors in (1, 2, 3):
        monkeypatch.setattr(transformer, "processors", lambda n=processors: n)
        layers = Layers(name, tensors)

        def read(states: Floats, layers: Layers = layers) -> bytes:
            size = (shape.heads, len(states), len(states))
            bias = np.linspace(0, 1, math.prod(size), dtype=np.float32).reshape(size)
            return (layers(states, bias) if has_bias else layers(states)).tobytes()

        for threads in (1, 2, 16):
            with ThreadPoolExecutor(threads) as pool:
                found.add(tuple(pool.map(read, texts)))
        found.add(tuple(side_by_side(read, texts)))
    assert len(found) == 1


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
