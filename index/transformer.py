"""Transformers run by ONNX Runtime: layers of a shipped graph with the weights that are given.

One text is read at a time, so that no neighbour changes a digit; threads change none either, and
several texts are read side by side. The graphs are made by `python -m training.graphs`.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.tensors import SCALE, Floats, Rows, Stored, checked_bytes

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

GRAPHS = Path(__file__).with_name("graphs")
# What is shipped; `python -m training.graphs` prints the digests of what it wrote.
DIGESTS: Mapping[str, str] = {
    "minilm.onnx": "508a97f41ebc056179959098c96a1c9e374bc942abc9389cf4f7a04291b2816b",
    "mpnet-lower.onnx": "d333134cfdb035afae17c156a4a6d030e95ba205d1b029a2691b791b850b0e17",
    "mpnet-upper.onnx": "c207af001f9c461fe5c724c9493e3300b0a32d9d8522c0918459750a80e7aece",
}
LAYERS = "layers."
# A part of a layer, as it is called in the graphs.
PARTS = ("query", "key", "value", "out", "attended", "inner", "outer", "ended")
# Columns of the states before the inner matrix that are multiplied in float32.
APART = 4
S = TypeVar("S")
T = TypeVar("T")


class Layers:
    """A stack of transformer layers.

    `graph` names a file of GRAPHS, `tensors` holds `layers.<number>.<part>.weight` and `.bias`
    with PARTS as parts; others are left alone. Of a graph that multiplies whole numbers they are
    what `multiplied` makes. Raises ModelError where the graph is not the shipped one.
    """

    def __init__(self, graph: str, tensors: Mapping[str, NDArray[np.generic]]) -> None:
        self._session = _session(graph, tensors)

    def __call__(self, states: Floats, bias: Floats | None = None) -> Floats:
        """Return new states of one text, float32 (tokens, width), of those before.

        `bias`, float32 (heads, tokens, tokens), is added to the logits of attention; a graph
        either takes one or does not.
        """
        given = {"states": states} if bias is None else {"states": states, "bias": bias}
        (found,) = self._session.run(None, given)
        return found  # type: ignore[no-any-return]


def multiplied(stored: Stored) -> Stored:
    """Return stored layers as a graph of whole numbers multiplies with them.

    A matrix `w` stored in eight bits becomes `w` int8 (columns, rows), its `scale` (rows,), and
    `rest` float32 (1, rows), the sums of its rows times their scale. The inner matrix meets the
    states with their few far larger columns, which would leave the others no steps: APART of them,
    those that the normalisation before makes largest, are multiplied in float32, by more rows of
    `rest`.
    """
    made = {name: tensor for name, tensor in stored.items() if name.startswith(LAYERS)}
    for name in [name for name in made if name.endswith(SCALE)]:
        weight, scale = name.removesuffix(SCALE), made.pop(name).astype(np.float32)
        part = weight.removesuffix(".weight")
        made[f"{part}.scale"] = scale
        rest = [made[weight].sum(axis=1, dtype=np.float32) * scale]
        if part.endswith(".inner"):
            apart = _largest(made, part.replace("inner", "attended"))
            rest += [made[weight][:, column].astype(np.float32) * scale for column in apart]
            made[f"{part}.apart"] = np.array(apart, dtype=np.int64)
            made[f"{part}.others"] = np.ones(made[weight].shape[1], dtype=np.float32)
            made[f"{part}.others"][apart] = 0
        made[f"{part}.rest"] = np.stack(rest)
        made[weight] = made[weight].T
    return made


def _largest(stored: Stored, normalisation: str) -> list[int]:
    """Return the columns that are largest behind a normalisation, three deviations out."""
    reach = 3 * np.abs(stored[f"{normalisation}.weight"]) + np.abs(stored[f"{normalisation}.bias"])
    return sorted(np.argsort(-reach, kind="stable")[:APART].tolist())


def _session(graph: str, tensors: Mapping[str, NDArray[np.generic]]) -> "InferenceSession":
    import onnxruntime

    data = checked_bytes(GRAPHS / graph, DIGESTS[graph])
    options = onnxruntime.SessionOptions()
    # All processors work at a text that is read alone; at several, whoever is free.
    options.intra_op_num_threads = processors()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    used = {n: np.ascontiguousarray(t) for n, t in tensors.items() if n.startswith(LAYERS)}
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in used.values()]
    options.add_external_initializers(list(used), values)
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """What a text's tokens are before the first layer: float32 (ids, width), (positions, width).

    `weight` and `bias` (width,) are those of the normalisation.
    """

    words: Floats | Rows
    positions: Floats
    weight: Floats
    bias: Floats
    epsilon: float

    def __call__(self, ids: Sequence[int]) -> Floats:
        """Return the states of a text's tokens, float32 (tokens, width)."""
        states = self.words[list(ids)] + self.positions[: len(ids)]
        return normalised(states, self.weight, self.bias, self.epsilon)


def normalised(states: Floats, weight: Floats, bias: Floats, epsilon: float) -> Floats:
    """Return each row with mean 0 and variance 1, times `weight`, plus `bias` (width,)."""
    centred = states - states.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    found: Floats = centred / spread * weight + bias
    return found


def side_by_side(function: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """Return what the function makes of each, in order; the processors work side by side."""
    given = list(items)
    if len(given) < 2:  # noqa: PLR2004
        return [function(item) for item in given]
    return list(_pool().map(function, given))


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(processors(), thread_name_prefix="reading")
