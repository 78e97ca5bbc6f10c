"""The reader's weights on disk: whole numbers of eight bits, with a scale for each row.

A matrix `w` is stored as `w` int8 (rows, columns) and `w.scale` float32 (rows,): w = int8 * scale.
Vectors are stored as they are, float32. Both files are checked by digest before they are used.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

FOLDER = Path(__file__).parent
SCALE = ".scale"
MOST = 127
# What is shipped; `python -m training.export` prints the digests of what it wrote.
DIGESTS: Mapping[str, str] = {
    "encoder.safetensors": "dbfd5f5479ffc6e9613e95b08440439c84803bc59d6792819fea48b93f391ed2",
    "judge.safetensors": "5fee16bf1a723be9a19d66ba71f070c27ee6abeb6f562495ec8fbba76e734ba2",
}


def packed(tensors: Mapping[str, "Tensor"]) -> dict[str, "Tensor"]:
    """Return tensors as they are stored; matrices lose what eight bits a value do not hold."""
    import torch

    stored: dict[str, Tensor] = {}
    for name, tensor in sorted(tensors.items()):
        value = tensor.detach().float()
        if value.ndim < 2:  # noqa: PLR2004
            stored[name] = value.contiguous()
            continue
        scale = value.abs().amax(dim=1).clamp(min=torch.finfo(torch.float32).tiny) / MOST
        stored[name] = (value / scale[:, None]).round().to(torch.int8).contiguous()
        stored[name + SCALE] = scale.contiguous()
    return stored


def unpacked(stored: Mapping[str, "Tensor"]) -> dict[str, "Tensor"]:
    """Return what `packed` was given, float32, as near as it was kept."""
    return {
        name: value.float() * stored[name + SCALE][:, None] if name + SCALE in stored else value
        for name, value in stored.items()
        if not name.endswith(SCALE)
    }


def digest_of(name: str, folder: Path = FOLDER) -> str:
    """Return a file's SHA-256: of a shipped one the digest without which it is not read."""
    if folder == FOLDER:
        return DIGESTS[name]
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


def read_weights(name: str, folder: Path = FOLDER) -> dict[str, "Tensor"]:
    """Return a file's tensors; raises ModelError where it is missing or not the shipped one."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(f"reader: {name} is missing or cannot be read") from error
    found = hashlib.sha256(data).hexdigest()
    if folder == FOLDER and found != DIGESTS[name]:
        raise ModelError(f"reader: {name} has SHA-256 {found}, expected {DIGESTS[name]}")
    try:
        return unpacked(load(data))
    except SafetensorError as error:
        raise ModelError(f"reader: {name}: {error}") from error
