"""The support model's file of weights over MiniLM, and padded batches."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index.embedder import SentenceTransformerEmbedder
from index.pairs import EncodedPair, PairEncoder

if TYPE_CHECKING:
    from index.network import SupportNetwork

# Pairs read at once; they are sorted by length, so that little of a batch is padding.
BATCH_PAIRS = 8
S = TypeVar("S")


class TrainedWeights:
    """A file of trained tensors. Nothing is read before its use.

    On processors with matrix units for bfloat16 its network computes in that, elsewhere in
    float32. Raises ModelError when this file or the base model's are missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file."""
        self._check_present()
        try:
            return hashlib.sha256(self._path.read_bytes()).hexdigest()
        except OSError as error:
            raise self._error("cannot be read") from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file and of the precision that it is used in."""
        precision = "bfloat16" if has_matrix_units() else "float32"
        return hashlib.sha256(f"{self.sha256} {precision}".encode()).hexdigest()

    def network(self) -> "SupportNetwork":
        """Return the network with these weights, ready to read."""
        import torch
        from safetensors import SafetensorError

        from index.network import SupportNetwork

        self._check_present()
        network = SupportNetwork.from_base(self._base)
        try:
            network.read_trained(self._path)
        except (OSError, SafetensorError, ValueError, RuntimeError) as error:
            raise self._error(str(error).partition("\n")[0]) from error
        return network.to(torch.bfloat16 if has_matrix_units() else torch.float32).eval()

    def encoder(self) -> PairEncoder:
        """Return the encoder of the base model's vocabulary."""
        return PairEncoder.load(self._base / "tokenizer.json")

    @cached_property
    def _base(self) -> Path:
        base = SentenceTransformerEmbedder()
        _ = base.digest  # the file holds only what training changed: the rest must be the same
        return base.folder

    def _check_present(self) -> None:
        if not self._path.is_file():
            raise self._error("is missing")

    def _error(self, reason: str) -> ModelError:
        return ModelError(f"support model: {self._path.name}: {reason}")


def in_batches(
    encoded: Sequence[EncodedPair], read: Callable[[Sequence[EncodedPair]], Iterable[S]]
) -> list[S]:
    """Return what `read` says of each pair, in the order given.

    It is given pairs of about one length, BATCH_PAIRS at most at once.
    """
    order = sorted(range(len(encoded)), key=lambda i: (len(encoded[i].ids), i))
    scores: dict[int, S] = {}
    for start in range(0, len(order), BATCH_PAIRS):
        chosen = order[start : start + BATCH_PAIRS]
        scores.update(zip(chosen, read([encoded[i] for i in chosen]), strict=True))
    return [scores[i] for i in range(len(encoded))]


def padded(encoded: Sequence[EncodedPair]) -> tuple[NDArray[np.int64], ...]:
    """Return ids, mask (1 for a token, 0 for padding) and segments, int64 (n, longest)."""
    shape = (len(encoded), max(len(pair.ids) for pair in encoded))
    ids, mask, segments = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for row, pair in enumerate(encoded):
        size = len(pair.ids)
        ids[row, :size], mask[row, :size], segments[row, :size] = pair.ids, 1, pair.segments
    return ids, mask, segments


def has_matrix_units() -> bool:
    """Tell whether the processor multiplies matrices of bfloat16 by itself."""
    import torch

    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))
