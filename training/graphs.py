"""The graphs that ONNX Runtime runs: `python -m training.graphs [--output DIR]`.

A graph holds layers without weights: they are given by name when it is opened. It reads one text.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.onnx_ml_pb2 import ModelProto, NodeProto

from index.transformer import GRAPHS
from training.network import MINILM, MPNET, Shape

OPSET, IR = 20, 10
KIND = TensorProto.FLOAT


def graph_of(shape: Shape, layers: int, *, biased: bool) -> ModelProto:
    """Return the graph of so many layers, from `states` (tokens, width), and `bias`, to states."""
    nodes: list[NodeProto] = []
    weights: dict[str, tuple[int, ...]] = {}
    states = "states"
    for number in range(layers):
        name = f"layers.{number}"
        nodes += _layer(name, states, shape, biased=biased)
        weights |= {f"{name}.{part}": size for part, size in _sizes(shape).items()}
        states = f"{name}.states"
    text = ("tokens", shape.width)
    given = [helper.make_tensor_value_info("states", KIND, text)]
    if biased:
        size = (shape.heads, "tokens", "tokens")
        given.append(helper.make_tensor_value_info("bias", KIND, size))
    graph = helper.make_graph(
        nodes,
        "layers",
        given,
        [helper.make_tensor_value_info(states, KIND, text)],
        [*_constants(shape), *(_external(n, size) for n, size in weights.items())],
    )
    made: ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR
    )
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


def _constants(shape: Shape) -> Iterator[TensorProto]:
    head = shape.width // shape.heads
    for name, value in (
        ("split", np.array([0, shape.heads, head], dtype=np.int64)),
        ("merged", np.array([0, shape.width], dtype=np.int64)),
        ("scale", np.array(1 / math.sqrt(head), dtype=np.float32)),
    ):
        yield numpy_helper.from_array(value, name)


def _external(name: str, size: tuple[int, ...]) -> TensorProto:
    """Return a tensor that is given when the graph is opened."""
    tensor = TensorProto(name=name, data_type=KIND, dims=size)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="given")
    return tensor


def _layer(name: str, states: str, shape: Shape, *, biased: bool) -> Iterator[NodeProto]:
    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> NodeProto:
        return helper.make_node(kind, inputs, [f"{name}.{output}"], **attributes)

    def linear(part: str, given: str) -> NodeProto:
        inputs = [given, f"{name}.{part}.weight", f"{name}.{part}.bias"]
        return node("Gemm", inputs, part, transB=1)

    def normed(part: str, given: str, output: str) -> NodeProto:
        inputs = [given, f"{name}.{part}.weight", f"{name}.{part}.bias"]
        return node("LayerNormalization", inputs, output, epsilon=shape.epsilon)

    for part, order in (("query", [1, 0, 2]), ("key", [1, 2, 0]), ("value", [1, 0, 2])):
        yield linear(part, states)
        yield node("Reshape", [f"{name}.{part}", "split"], f"{part}.split")
        yield node("Transpose", [f"{name}.{part}.split"], f"{part}.heads", perm=order)
    yield node("MatMul", [f"{name}.query.heads", f"{name}.key.heads"], "products")
    yield node("Mul", [f"{name}.products", "scale"], "logits")
    if biased:
        yield node("Add", [f"{name}.logits", "bias"], "biased")
    yield node("Softmax", [f"{name}.biased" if biased else f"{name}.logits"], "shares", axis=-1)
    yield node("MatMul", [f"{name}.shares", f"{name}.value.heads"], "seen")
    yield node("Transpose", [f"{name}.seen"], "seen.tokens", perm=[1, 0, 2])
    yield node("Reshape", [f"{name}.seen.tokens", "merged"], "seen.merged")
    yield linear("out", f"{name}.seen.merged")
    yield node("Add", [states, f"{name}.out"], "after")
    yield normed("attended", f"{name}.after", "attended")
    yield linear("inner", f"{name}.attended")
    yield node("Gelu", [f"{name}.inner"], "active")
    yield linear("outer", f"{name}.active")
    yield node("Add", [f"{name}.attended", f"{name}.outer"], "again")
    yield normed("ended", f"{name}.again", "states")


# file name: shape, layers, whether attention has a bias
SHIPPED: Mapping[str, tuple[Shape, int, bool]] = {
    "minilm.onnx": (MINILM, MINILM.upper, False),
    "mpnet-lower.onnx": (MPNET, MPNET.lower, True),
    "mpnet-upper.onnx": (MPNET, MPNET.upper, True),
}


@click.command()
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=GRAPHS)
def main(output: Path) -> None:
    """Write the graphs and print their digests."""
    output.mkdir(parents=True, exist_ok=True)
    for name, (shape, layers, biased) in SHIPPED.items():
        model = graph_of(shape, layers, biased=biased)
        data = model.SerializeToString(deterministic=True)
        (output / name).write_bytes(data)
        click.echo(f'    "{name}": "{hashlib.sha256(data).hexdigest()}",')


if __name__ == "__main__":
    main()
