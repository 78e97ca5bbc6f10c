"""The reader's network: a text is encoded once, a question is read with it.

The lower layers see the question and the window apart from each other, so that what they make of a
window can be kept for all questions; the upper layers see both together (MacAvaney et al. 2020,
"Efficient Document Re-Ranking for Transformers by Precomputing Term Representations"). Layers are
MPNet's (Song et al. 2020): self-attention with a bias by the distance of two tokens.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.reading.tokens import MOST_QUESTION, MOST_WINDOW, EncodedWindow, WindowScores
from index.reading.weights import FOLDER, stored_weights
from index.tensors import Floats, Rows, Stored, unpacked
from index.transformer import Embeddings, Layers, multiplied, side_by_side

GRAPHS = ("mpnet-lower.onnx", "mpnet-upper.onnx")
FIRST_POSITION = 2  # MPNet counts positions from behind its padding token
EPSILON = 1e-5
BUCKETS = 32
FARTHEST = 128
# Encoded windows are kept up to so many tokens: half as many again in kilobytes.
KEPT_TOKENS = 64_000


class ReaderNetwork(Protocol):
    """What a reader computes with."""

    def read(
        self, question: tuple[int, ...], windows: Sequence[EncodedWindow]
    ) -> Sequence[WindowScores]:
        """Return the scores of each window, in the order given."""
        ...


class EightBitNetwork:
    """The network of an encoder's and a judge's tensors, as they are stored in eight bits."""

    def __init__(self, encoder: Stored, judge: Stored) -> None:
        small = unpacked(_outside_layers(encoder))
        self._embeddings = Embeddings(
            words=Rows(encoder, "words.weight"),
            positions=small["positions.weight"][FIRST_POSITION:],
            weight=small["embedded.weight"],
            bias=small["embedded.bias"],
            epsilon=EPSILON,
        )
        heads = unpacked(_outside_layers(judge))
        # in float64, so that the three places that are kept of a score are everywhere the same
        self._heads = {name: tensor.astype(np.float64) for name, tensor in heads.items()}
        self._asked = heads["asked"]
        self._lower_bias = Bias(small["distances.weight"])
        self._upper_bias = Bias(heads["distances.weight"])
        self._lower, self._upper = (
            Layers(graph, multiplied(stored))
            for graph, stored in zip(GRAPHS, (encoder, judge), strict=True)
        )
        self._kept = _Kept()

    @classmethod
    def shipped(cls, folder: Path = FOLDER) -> "EightBitNetwork":
        """Return the network of the weights in a folder; raises ModelError."""
        encoder = stored_weights("encoder.safetensors", folder)
        return cls(encoder, stored_weights("judge.safetensors", folder))

    def read(
        self, question: tuple[int, ...], windows: Sequence[EncodedWindow]
    ) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        asked = self._encoded(question) + self._asked

        def judged(window: EncodedWindow) -> WindowScores:
            states = self._kept.get(window.ids)
            if states is None:
                states = self._kept.put(window.ids, self._encoded(window.ids))
            return self._judged(asked, states.astype(np.float32), window)

        return side_by_side(judged, windows)

    def _encoded(self, ids: Sequence[int]) -> Floats:
        return self._lower(self._embeddings(ids), self._lower_bias(len(ids)))

    def _judged(self, asked: Floats, states: Floats, window: EncodedWindow) -> WindowScores:
        both = np.concatenate([asked, states])
        read = self._upper(both, self._upper_bias(len(both)))
        heads = self._heads
        first = np.tanh(heads["whole.0.weight"] @ read[0] + heads["whole.0.bias"])
        ends = read @ heads["unit_end.weight"][0] + heads["unit_end.bias"]
        parts = read @ heads["unit_part.weight"][0] + heads["unit_part.bias"]
        units: list[float | None] = []
        for slot in window.units:
            if slot is None:
                units.append(None)
            else:
                start, end = (len(asked) + at for at in slot)
                units.append(float(ends[end - 1] + parts[start:end].mean()))
        answers = heads["whole.2.weight"][0] @ first + heads["whole.2.bias"][0]
        return WindowScores(answers=float(answers), units=tuple(units))


def _outside_layers(stored: Stored) -> Stored:
    """Return what is small: neither layers nor words."""
    return {n: t for n, t in stored.items() if not n.startswith(("layers.", "words."))}


class _Kept:
    """What the lower layers made of windows, float16, the last ones used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: OrderedDict[tuple[int, ...], NDArray[np.float16]] = OrderedDict()
        self._tokens = 0

    def get(self, ids: tuple[int, ...]) -> NDArray[np.float16] | None:
        with self._lock:
            if ids in self._states:
                self._states.move_to_end(ids)
            return self._states.get(ids)

    def put(self, ids: tuple[int, ...], states: Floats) -> NDArray[np.float16]:
        """Keep and return a window's states, rounded, so that read anew it is read alike."""
        rounded = states.astype(np.float16)
        with self._lock:
            if ids not in self._states:
                self._states[ids] = rounded
                self._tokens += len(ids)
            while self._tokens > KEPT_TOKENS:
                self._tokens -= len(self._states.popitem(last=False)[0])
        return rounded


class Bias:
    """What is added to attention's logits, by `distances` (BUCKETS, heads), the learnt ones."""

    def __init__(self, distances: Floats) -> None:
        farthest = MOST_QUESTION + MOST_WINDOW
        self._by_distance = distances[bucket(np.arange(-farthest, farthest + 1))].T

    def __call__(self, length: int) -> Floats:
        """Return it for a text, float32 (heads, length, length)."""
        at = np.arange(length)
        middle = self._by_distance.shape[1] // 2
        found: Floats = self._by_distance[:, middle + at[None, :] - at[:, None]]
        return np.ascontiguousarray(found)


def bucket(distance: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bucket (0 to 31) of the distance from a token to the one attended to.

    Half of the buckets are for what stands before, half for what stands behind; near distances
    have one each, far ones share logarithmically (Raffel et al. 2020).

    >>> bucket(np.array([0, -1, 1, -200])).tolist()
    [0, 1, 17, 15]
    """
    half, exact = BUCKETS // 2, BUCKETS // 4
    far = np.abs(distance)
    scaled = np.log(np.maximum(far, 1) / exact) / np.log(FARTHEST / exact)
    shared = np.minimum(exact + (scaled * (half - exact)).astype(np.int64), half - 1)
    return (distance > 0) * half + np.where(far < exact, far, shared)
