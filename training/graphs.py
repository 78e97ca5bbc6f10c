"""The graphs that ONNX Runtime runs: `python -m training.graphs [--output DIR]`.

A graph holds layers without weights: they are given by name when it is opened. It reads one text.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.onnx_ml_pb2 import ModelProto, NodeProto

from index.transformer import APART, GRAPHS
from training.network import MINILM, MPNET, Shape

OPSET, IR = 20, 10
MICROSOFT = "com.microsoft"
FLOAT = TensorProto.FLOAT
# With 128 steps, not 256, no sum of two products leaves sixteen bits, which is how processors
# without instructions of their own for it add them up: sums are exact on all.
STEPS = 127
LEAST_STEP = 1e-12


def graph_of(shipped: "Shipped") -> ModelProto:
    """Return the graph of layers from `states` (tokens, width), and `bias`, to states."""
    shape, biased, whole_numbers = shipped.shape, shipped.biased, shipped.whole_numbers
    nodes: list[NodeProto] = []
    weights: list[TensorProto] = []
    states = "states"
    for number in range(shipped.layers):
        name = f"layers.{number}"
        layer = _Layer(name, shipped)
        nodes += layer.nodes(states)
        weights += layer.weights()
        states = f"{name}.states"
    text = ("tokens", shape.width)
    given = [helper.make_tensor_value_info("states", FLOAT, text)]
    if biased:
        size = (shape.heads, "tokens", "tokens")
        given.append(helper.make_tensor_value_info("bias", FLOAT, size))
    graph = helper.make_graph(
        nodes,
        "layers",
        given,
        [helper.make_tensor_value_info(states, FLOAT, text)],
        [*_constants(shape, whole_numbers=whole_numbers), *weights],
    )
    sets = [helper.make_opsetid("", OPSET)]
    if whole_numbers:
        sets.append(helper.make_opsetid(MICROSOFT, 1))
    made: ModelProto = helper.make_model(graph, opset_imports=sets, ir_version=IR)
    return made


def _sizes(shape: Shape) -> Mapping[str, tuple[int, ...]]:
    width, inner = shape.width, shape.inner
    square = {f"{part}.weight": (width, width) for part in ("query", "key", "value", "out")}
    vectors = {
        f"{part}.bias": (width,)
        for part in ("query", "key", "value", "out", "outer", "attended", "ended")
    }
    return {
        **square,
        **vectors,
        "inner.weight": (inner, width),
        "inner.bias": (inner,),
        "outer.weight": (width, inner),
        "attended.weight": (width,),
        "ended.weight": (width,),
    }


def _constants(shape: Shape, *, whole_numbers: bool) -> Iterator[TensorProto]:
    head = shape.width // shape.heads
    constants: dict[str, NDArray[Any]] = {
        "split": np.array([0, shape.heads, head], dtype=np.int64),
        "merged": np.array([0, shape.width], dtype=np.int64),
        "scale": np.array(1 / math.sqrt(head), dtype=np.float32),
        "last": np.array([-1], dtype=np.int64),
    }
    if whole_numbers:
        constants |= {
            "one_step": np.array(1 / STEPS, dtype=np.float32),
            "least": np.array(LEAST_STEP, dtype=np.float32),
            "one": np.array(1, dtype=np.float32),
            "half": np.array(0.5, dtype=np.float32),
            "all_steps": np.array(STEPS, dtype=np.float32),
        }
    for name, value in constants.items():
        yield numpy_helper.from_array(value, name)


class _Layer:
    """One layer's nodes; what they make is called after it."""

    def __init__(self, name: str, shipped: "Shipped") -> None:
        self._name, self._of = name, shipped
        self._rounded: set[str] = set()

    def weights(self) -> Iterator[TensorProto]:
        """Yield the tensors that are given when the graph is opened."""
        for name, size in _sizes(self._of.shape).items():
            part = name.removesuffix(".weight")
            if self._of.whole_numbers and len(size) > 1:
                yield self._given(name, size[::-1], TensorProto.INT8)
                yield self._given(f"{part}.scale", size[:1])
                rest = 1 + APART if part == "inner" else 1
                yield self._given(f"{part}.rest", (rest, size[0]))
            else:
                yield self._given(name, size)
        if self._of.whole_numbers:
            yield self._given("inner.others", (self._of.shape.width,))
            yield self._given("inner.apart", (APART,), TensorProto.INT64)

    def nodes(self, states: str) -> Iterator[NodeProto]:
        """Yield what makes new states of those before."""
        name = self._name
        for part, order in (("query", [1, 0, 2]), ("key", [1, 2, 0]), ("value", [1, 0, 2])):
            yield from self._linear(part, states)
            yield self._node("Reshape", [f"{name}.{part}", "split"], f"{part}.split")
            yield self._node("Transpose", [f"{name}.{part}.split"], f"{part}.heads", perm=order)
        yield self._node("MatMul", [f"{name}.query.heads", f"{name}.key.heads"], "products")
        yield self._node("Mul", [f"{name}.products", "scale"], "logits")
        if self._of.biased:
            yield self._node("Add", [f"{name}.logits", "bias"], "biased")
        yield from self._shares(f"{name}.biased" if self._of.biased else f"{name}.logits")
        yield self._node("MatMul", [f"{name}.shares", f"{name}.value.heads"], "seen")
        yield self._node("Transpose", [f"{name}.seen"], "seen.tokens", perm=[1, 0, 2])
        yield self._node("Reshape", [f"{name}.seen.tokens", "merged"], "seen.merged")
        yield from self._linear("out", f"{name}.seen.merged")
        yield self._node("Add", [states, f"{name}.out"], "after")
        yield self._normed("attended", f"{name}.after", "attended")
        yield from self._linear("inner", f"{name}.attended")
        yield self._node("Gelu", [f"{name}.inner"], "active")
        yield from self._linear("outer", f"{name}.active")
        yield self._node("Add", [f"{name}.attended", f"{name}.outer"], "again")
        yield self._normed("ended", f"{name}.again", "states")

    def _shares(self, logits: str) -> Iterator[NodeProto]:
        """Yield a softmax in steps: as one node it differs between AVX2 and AVX-512."""
        yield self._node("ReduceMax", [logits, "last"], "highest")
        yield self._node("Sub", [logits, f"{self._name}.highest"], "below")
        yield self._node("Exp", [f"{self._name}.below"], "raised")
        yield self._node("ReduceSum", [f"{self._name}.raised", "last"], "sum")
        yield self._node("Div", [f"{self._name}.raised", f"{self._name}.sum"], "shares")

    def _linear(self, part: str, given: str) -> Iterator[NodeProto]:
        weight, bias = f"{self._name}.{part}.weight", f"{self._name}.{part}.bias"
        if not self._of.whole_numbers:
            yield self._node("Gemm", [given, weight, bias], part, transB=1)
            return
        if given not in self._rounded:  # query, key and value share theirs
            self._rounded.add(given)
            yield from self._steps(given, apart=part == "inner", fine=self._is_fine(part))
        scale, rest = f"{self._name}.{part}.scale", f"{self._name}.{part}.rest"
        products = f"{self._name}.{part}.products"
        inputs = [f"{given}.steps", weight, "one", scale]
        yield self._node("MatMulIntegerToFloat", inputs, f"{part}.products", domain=MICROSOFT)
        if self._is_fine(part):
            inputs = [f"{given}.fine", weight, "one_step", scale]
            yield self._node("MatMulIntegerToFloat", inputs, f"{part}.finer", domain=MICROSOFT)
            yield self._node("Add", [products, f"{self._name}.{part}.finer"], f"{part}.both")
            products = f"{self._name}.{part}.both"
        yield self._node("Mul", [products, f"{given}.step"], f"{part}.scaled")
        yield self._node("Gemm", [f"{given}.beside", rest, bias], f"{part}.from")
        yield self._node("Add", [f"{self._name}.{part}.scaled", f"{self._name}.{part}.from"], part)

    def _is_fine(self, part: str) -> bool:
        return self._of.fine and part in {"query", "key", "value"}

    def _steps(self, given: str, *, apart: bool, fine: bool) -> Iterator[NodeProto]:
        """Yield what rounds each row: given = low + step * steps, 0 to STEPS.

        `fine`: low + step * (steps + (fine - STEPS / 2) / STEPS), with what rounding left. `beside`
        holds low and, where a few columns are kept `apart`, these as they are.
        """

        def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> NodeProto:
            return helper.make_node(kind, inputs, [f"{given}.{output}"], **attributes)

        rounded = given
        if apart:
            rounded = f"{given}.others"
            yield node("Mul", [given, f"{self._name}.inner.others"], "others")
            yield node("Gather", [given, f"{self._name}.inner.apart"], "apart", axis=1)
        yield node("ReduceMin", [rounded, "last"], "low")
        yield node("ReduceMax", [rounded, "last"], "high")
        yield node("Sub", [f"{given}.high", f"{given}.low"], "range")
        yield node("Mul", [f"{given}.range", "one_step"], "wide")
        yield node("Max", [f"{given}.wide", "least"], "step")
        yield node("Sub", [rounded, f"{given}.low"], "above")
        yield node("Div", [f"{given}.above", f"{given}.step"], "exact")
        yield node("Round", [f"{given}.exact"], "rounded")
        yield node("Cast", [f"{given}.rounded"], "steps", to=TensorProto.UINT8)
        low = f"{given}.low"
        if fine:
            yield node("Sub", [f"{given}.exact", f"{given}.rounded"], "left")
            yield node("Add", [f"{given}.left", "half"], "share")
            yield node("Mul", [f"{given}.share", "all_steps"], "share.exact")
            yield node("Round", [f"{given}.share.exact"], "share.rounded")
            yield node("Cast", [f"{given}.share.rounded"], "fine", to=TensorProto.UINT8)
            yield node("Mul", [f"{given}.step", "half"], "half_step")
            yield node("Sub", [low, f"{given}.half_step"], "lower")
            low = f"{given}.lower"
        yield node("Concat", [low, *([f"{given}.apart"] if apart else [])], "beside", axis=1)

    def _normed(self, part: str, given: str, output: str) -> NodeProto:
        inputs = [given, f"{self._name}.{part}.weight", f"{self._name}.{part}.bias"]
        return self._node("LayerNormalization", inputs, output, epsilon=self._of.shape.epsilon)

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> NodeProto:
        return helper.make_node(kind, inputs, [f"{self._name}.{output}"], **attributes)

    def _given(self, name: str, size: tuple[int, ...], kind: int = FLOAT) -> TensorProto:
        tensor = TensorProto(name=f"{self._name}.{name}", data_type=kind, dims=size)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="given")
        return tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A graph that is shipped, of so many layers.

    `biased`: attention has a bias by distance. `whole_numbers`: matrices are int8, and what is
    multiplied with them is rounded to 128 steps; `fine`: to 128 times 127 before attention.
    """

    shape: Shape
    layers: int
    biased: bool = False
    whole_numbers: bool = False
    fine: bool = False

    def made(self) -> bytes:
        """Return the file's bytes."""
        data: bytes = graph_of(self).SerializeToString(deterministic=True)
        return data


SHIPPED: Mapping[str, Shipped] = {
    "minilm.onnx": Shipped(shape=MINILM, layers=MINILM.upper),
    # what the lower layers attend to hangs on small differences
    "mpnet-lower.onnx": Shipped(
        shape=MPNET, layers=MPNET.lower, biased=True, whole_numbers=True, fine=True
    ),
    "mpnet-upper.onnx": Shipped(shape=MPNET, layers=MPNET.upper, biased=True, whole_numbers=True),
}


@click.command()
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=GRAPHS)
def main(output: Path) -> None:
    """Write the graphs and print their digests."""
    output.mkdir(parents=True, exist_ok=True)
    for name, shipped in SHIPPED.items():
        data = shipped.made()
        (output / name).write_bytes(data)
        click.echo(f'    "{name}": "{hashlib.sha256(data).hexdigest()}",')


if __name__ == "__main__":
    main()
