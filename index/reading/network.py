"""The reader's network: a text is encoded once, a question is read with it.

The lower layers see the question and the window apart from each other, so that what they make of a
window can be kept for all questions; the upper layers see both together (MacAvaney et al. 2020,
"Efficient Document Re-Ranking for Transformers by Precomputing Term Representations"). Layers are
MPNet's (Song et al. 2020): self-attention with a bias by the distance of two tokens.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.reading.late import Doubles, LateInteraction, nearness
from index.reading.tokens import MOST_CLAIM, MOST_WINDOW, EncodedWindow, WindowScores
from index.reading.weights import FOLDER, stored_weights
from index.tensors import Floats, Rows, Stored, unpacked
from index.transformer import Embeddings, Layers, multiplied, side_by_side

GRAPHS = ("mpnet-lower.onnx", "mpnet-upper.onnx")
FIRST_POSITION = 2  # MPNet counts positions from behind its padding token
EPSILON = 1e-5
BUCKETS = 32
FARTHEST = 128
# Encoded windows are kept up to so many tokens, half as many again in kilobytes; what late
# interaction makes of them takes a sixth of that.
KEPT_TOKENS = 64_000
# A question is needed three times: to choose windows, for them, and for the best units.
QUESTIONS_KEPT = 16


class ReaderNetwork(Protocol):
    """What a reader computes with."""

    def read(
        self, question: tuple[int, ...], windows: Sequence[EncodedWindow]
    ) -> Sequence[WindowScores]:
        """Return the scores of each window, in the order given."""
        ...

    def nearness(
        self, question: tuple[int, ...], windows: Sequence[EncodedWindow]
    ) -> Sequence[float]:
        """Return how near each window comes to the question, in the order given."""
        ...


class TextEncoder:
    """Embeddings and the lower layers, of the tensors as they are stored in eight bits."""

    def __init__(self, stored: Stored) -> None:
        small = unpacked(_outside_layers(stored))
        self._embeddings = Embeddings(
            words=Rows(stored, "words.weight"),
            positions=small["positions.weight"][FIRST_POSITION:],
            weight=small["embedded.weight"],
            bias=small["embedded.bias"],
            epsilon=EPSILON,
        )
        self._bias = Bias(small["distances.weight"])
        self._layers = Layers(GRAPHS[0], multiplied(stored))

    def __call__(self, ids: Sequence[int]) -> Floats:
        """Return the states of one text's tokens, float32 (tokens, width)."""
        return self._layers(self._embeddings(ids), self._bias(len(ids)))


class JudgeNetwork:
    """Upper layers and heads, of the tensors as stored: what a window says to a question.

    To a claim, where they were trained on claims.
    """

    def __init__(self, stored: Stored) -> None:
        heads = unpacked(_outside_layers(stored))
        # in float64, so that the three places that are kept of a score are everywhere the same
        self._heads = {name: tensor.astype(np.float64) for name, tensor in heads.items()}
        self._asked = heads["asked"]
        self._bias = Bias(heads["distances.weight"])
        self._layers = Layers(GRAPHS[1], multiplied(stored))

    def __call__(self, question: Floats, states: Floats, window: EncodedWindow) -> WindowScores:
        """Return the scores of a window with these `states`, both (tokens, width)."""
        both = np.concatenate([question + self._asked, states])
        read = self._layers(both, self._bias(len(both)))
        heads = self._heads
        first = np.tanh(heads["whole.0.weight"] @ read[0] + heads["whole.0.bias"])
        ends = read @ heads["unit_end.weight"][0] + heads["unit_end.bias"]
        parts = read @ heads["unit_part.weight"][0] + heads["unit_part.bias"]
        units: list[float | None] = []
        for slot in window.units:
            if slot is None:
                units.append(None)
            else:
                start, end = (len(question) + at for at in slot)
                units.append(float(ends[end - 1] + parts[start:end].mean()))
        answers, *more = (heads["whole.2.weight"] @ first + heads["whole.2.bias"]).tolist()
        return WindowScores(answers=answers, units=tuple(units), denies=next(iter(more), None))


class EightBitNetwork:
    """The network of the tensors of an encoder, of late interaction and of a judge, as stored."""

    def __init__(self, *, encoder: TextEncoder, late: Stored, judge: Stored) -> None:
        self._encoded = encoder
        self._late = LateInteraction(unpacked(late))
        self._judge = JudgeNetwork(judge)
        self._question = lru_cache(maxsize=QUESTIONS_KEPT)(self._encoded)
        self._states = Kept(self._encoded)
        self._vectors = Kept(lambda ids: self._late.of_window(self._states(ids)))

    @classmethod
    def shipped(cls, folder: Path = FOLDER) -> "EightBitNetwork":
        """Return the network of the weights in a folder; raises ModelError."""
        return cls(
            encoder=shipped_encoder(folder),
            late=stored_weights("late.safetensors", folder),
            judge=stored_weights("judge.safetensors", folder),
        )

    def nearness(self, question: tuple[int, ...], windows: Sequence[EncodedWindow]) -> list[float]:
        """Return how near each window comes to the question, in the order given."""
        asked = self._late.of_question(self._question(question))
        vectors = side_by_side(lambda window: self._vectors(window.ids), windows)
        return [nearness(asked, window.astype(np.float64)) for window in vectors]

    def read(
        self, question: tuple[int, ...], windows: Sequence[EncodedWindow]
    ) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        asked = self._question(question)
        return side_by_side(lambda w: self._judge(asked, self._states(w.ids), w), windows)


@lru_cache(maxsize=1)
def shipped_encoder(folder: Path = FOLDER) -> TextEncoder:
    """Return the encoder of the weights in a folder, one for all that read with it.

    Raises ModelError.
    """
    return TextEncoder(stored_weights("encoder.safetensors", folder))


def _outside_layers(stored: Stored) -> Stored:
    """Return what is small: neither layers nor words."""
    return {n: t for n, t in stored.items() if not n.startswith(("layers.", "words."))}


class Kept:
    """What a function makes of texts, rounded to float16; the last ones used are not made anew."""

    def __init__(self, function: Callable[[tuple[int, ...]], Floats | Doubles]) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[int, ...], NDArray[np.float16]] = OrderedDict()
        self._tokens = 0

    def __call__(self, ids: tuple[int, ...]) -> Floats:
        """Return it for a text's tokens, float32 (tokens, columns), whatever the function gives."""
        with self._lock:
            made = self._made.get(ids)
            if made is not None:
                self._made.move_to_end(ids)
        if made is None:
            made = self._function(ids).astype(np.float16)
            self._keep(ids, made)
        return made.astype(np.float32)

    def _keep(self, ids: tuple[int, ...], made: NDArray[np.float16]) -> None:
        with self._lock:
            if ids not in self._made:
                self._made[ids] = made
                self._tokens += len(ids)
            while self._tokens > KEPT_TOKENS:
                self._tokens -= len(self._made.popitem(last=False)[0])


class Bias:
    """What is added to attention's logits, by `distances` (BUCKETS, heads), the learnt ones."""

    def __init__(self, distances: Floats) -> None:
        farthest = MOST_CLAIM + MOST_WINDOW
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
