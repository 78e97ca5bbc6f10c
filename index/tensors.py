"""Files of weights: checked by digest, read as they are stored or as float32.

A matrix `w` may be stored as `w` int8 (rows, columns) with `w.scale` float32 (rows,):
w = int8 * scale. Other tensors are stored as they are, in float32 or bfloat16.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize

from corpus.errors import ModelError

Floats = NDArray[np.float32]
Stored = dict[str, NDArray[np.generic]]
SCALE = ".scale"
MOST = 127


def read_tensors(path: Path, sha256: str | None = None) -> dict[str, Floats]:
    """Return a safetensors file's tensors, float32; `sha256` is the digest that it must have.

    Raises ModelError naming the file where it is missing, damaged or not the expected one.
    """
    return unpacked(read_stored(path, sha256))


def read_stored(path: Path, sha256: str | None = None) -> Stored:
    """Return a safetensors file's tensors as they are stored, else as `read_tensors`."""
    return stored_of(checked_bytes(path, sha256), path.name)


def checked_bytes(path: Path, sha256: str | None) -> bytes:
    """Return a file's bytes; raises ModelError where it is missing or has another digest."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path.name} is missing or cannot be read") from error
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256:
        raise ModelError(f"{path.name} has SHA-256 {found}, expected {sha256}")
    return data


def tensors_of(data: bytes, name: str) -> dict[str, Floats]:
    """Return the tensors in a safetensors file's bytes, float32; `name` is for its errors."""
    return unpacked(stored_of(data, name))


def stored_of(data: bytes, name: str) -> Stored:
    """Return the tensors in a safetensors file's bytes as they are stored."""
    try:
        return {key: _array(told) for key, told in deserialize(data)}  # type: ignore[no-untyped-call]
    except (SafetensorError, ValueError) as error:
        raise ModelError(f"{name}: {str(error).partition(chr(10))[0]}") from error


def _array(stored: Mapping[str, object]) -> NDArray[np.generic]:
    """Return one tensor: bfloat16, which numpy does not know, is the upper half of float32."""
    kind, shape = stored["dtype"], stored["shape"]
    raw = memoryview(stored["data"])  # type: ignore[arg-type]
    if kind == "BF16":
        wide = np.frombuffer(raw, dtype="<u2").astype(np.uint32) << 16
        return wide.view(np.float32).reshape(shape)  # type: ignore[call-overload,no-any-return]
    kinds = {"F32": np.float32, "I8": np.int8, "I64": np.int64}
    if kind not in kinds:
        raise ValueError(f"holds tensors of kind {kind}")
    return np.frombuffer(raw, dtype=kinds[str(kind)]).reshape(shape)  # type: ignore[call-overload,no-any-return]


def packed(tensors: Mapping[str, Floats]) -> Stored:
    """Return tensors as they are stored; matrices lose what eight bits a value do not hold."""
    stored: Stored = {}
    for name, value in sorted(tensors.items()):
        if value.ndim < 2:  # noqa: PLR2004
            stored[name] = np.ascontiguousarray(value, dtype=np.float32)
            continue
        scale = np.abs(value).max(axis=1).clip(min=np.finfo(np.float32).tiny) / MOST
        stored[name] = np.rint(value / scale[:, None]).astype(np.int8)
        stored[name + SCALE] = scale.astype(np.float32)
    return stored


def unpacked(stored: Stored) -> dict[str, Floats]:
    """Return what `packed` was given, float32, as near as it was kept."""
    return {
        name: value.astype(np.float32) * stored[name + SCALE].astype(np.float32)[:, None]
        if name + SCALE in stored
        else value.astype(np.float32, copy=False)
        for name, value in stored.items()
        if not name.endswith(SCALE)
    }


class Rows:
    """A stored matrix of which a few rows are needed at a time."""

    def __init__(self, stored: Stored, name: str) -> None:
        self._values = stored[name]
        self._scale = stored[name + SCALE].astype(np.float32)[:, None]

    def __getitem__(self, rows: list[int]) -> Floats:
        """Return these rows, float32 (rows, columns)."""
        found: Floats = self._values[rows].astype(np.float32) * self._scale[rows]
        return found
