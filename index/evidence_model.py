"""The trained reader: which sentences of a passage answer a question, and whether any does.

It is trained by `python -m evals.training`; its card stands in reader/README.md.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index.embedder import SentenceTransformerEmbedder
from index.pairs import EncodedPair, Pair, PairEncoder

if TYPE_CHECKING:
    from index.network import ReaderNetwork

BUILT_IN = Path(__file__).with_name("reader") / "reader.safetensors"
# Pairs read at once; they are sorted by length, so that little of a batch is padding.
BATCH_PAIRS = 8
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairScores:
    """What the reader says of one pair, all as log odds.

    `passage`: that the passage answers. `sentences[i]`: that sentence i does; `exact[i]`: that the
    likeliest of its words is a part of the exact answer. None for a sentence that found no room.
    """

    passage: float
    sentences: tuple[float | None, ...]
    exact: tuple[float | None, ...]


class EvidenceModel(Protocol):
    """Reads a question together with passages."""

    @property
    def name(self) -> str:
        """The model's name as shown to people."""
        ...

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 that changes whenever the scores may."""
        ...

    def read_batch(self, pairs: Sequence[Pair]) -> list[PairScores]:
        """Return the scores of each pair, in the order given."""
        ...


class MiniLMReader:
    """The built-in reader; weights are read at the first use.

    On processors with matrix units for bfloat16 it computes in that, elsewhere in float32; the
    scores differ by about one in a hundred. Raises ModelError when the files are missing or
    damaged.
    """

    name = "sequitur-reader"

    def __init__(self, weights: Path = BUILT_IN) -> None:
        if not weights.is_file():
            raise ModelError(f"evidence reader: {weights.name} is missing")
        self._weights = weights
        self._lock = threading.Lock()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the weights' file and of the precision that they are used in."""
        precision = "bfloat16" if _has_matrix_units() else "float32"
        return hashlib.sha256(f"{self.weights_sha256} {precision}".encode()).hexdigest()

    @cached_property
    def weights_sha256(self) -> str:
        """SHA-256 of the weights' file."""
        return hashlib.sha256(self._weights.read_bytes()).hexdigest()

    @cached_property
    def _network(self) -> "ReaderNetwork":
        import torch
        from safetensors import SafetensorError

        from index.network import ReaderNetwork

        network = ReaderNetwork.from_base(self._base)
        try:
            network.read_trained(self._weights)
        except (OSError, SafetensorError, ValueError, RuntimeError) as error:
            first_line = str(error).partition("\n")[0]
            raise ModelError(f"evidence reader: {self._weights.name}: {first_line}") from error
        return network.to(torch.bfloat16 if _has_matrix_units() else torch.float32).eval()

    @cached_property
    def _encoder(self) -> PairEncoder:
        return PairEncoder.load(self._base / "tokenizer.json")

    @cached_property
    def _base(self) -> Path:
        base = SentenceTransformerEmbedder()
        _ = base.digest  # the reader holds only what training changed: the rest must be the same
        return base.folder

    def warm_up(self) -> None:
        """Read the weights now, so that the first question does not wait for them."""
        self.read_batch([Pair(question="ready?", heading="", sentences=("Ready.",))])

    def read_batch(self, pairs: Sequence[Pair]) -> list[PairScores]:
        """Return the scores of each pair, in the order given."""
        encoded = self._encoder.encode_batch(pairs)
        order = sorted(range(len(pairs)), key=lambda i: (len(encoded[i].ids), i))
        scores: dict[int, PairScores] = {}
        for start in range(0, len(order), BATCH_PAIRS):
            chosen = order[start : start + BATCH_PAIRS]
            found = self._scores([encoded[i] for i in chosen])
            scores.update(zip(chosen, found, strict=True))
        return [scores[i] for i in range(len(pairs))]

    def _scores(self, encoded: Sequence[EncodedPair]) -> Iterator[PairScores]:
        import torch

        ids, mask, segments = _padded(encoded)
        with self._lock, torch.inference_mode():
            tokens, passage = self._network(
                torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(segments)
            )
        said = tokens.float().numpy()
        verdicts = passage.float().numpy()
        for row, pair in enumerate(encoded):
            scores = [_said(said[row], slot) for slot in pair.slots]
            yield PairScores(
                passage=float(verdicts[row]),
                sentences=tuple(sentence for sentence, _ in scores),
                exact=tuple(exact for _, exact in scores),
            )


def _said(tokens: Floats, slot: tuple[int, int] | None) -> tuple[float | None, float | None]:
    """Return a sentence's score and that of its likeliest word; `tokens` is (length, 3)."""
    if slot is None:
        return None, None
    first, last = slot
    inside = tokens[first : last + 1]
    sentence = float(tokens[last, 0] + inside[:, 1].mean())
    return sentence, float(tokens[first : max(last, first + 1), 2].max())


def _padded(encoded: Sequence[EncodedPair]) -> tuple[NDArray[np.int64], ...]:
    """Return ids, mask and segments, int64 (n, longest)."""
    shape = (len(encoded), max(len(pair.ids) for pair in encoded))
    ids, mask, segments = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for row, pair in enumerate(encoded):
        size = len(pair.ids)
        ids[row, :size], mask[row, :size], segments[row, :size] = pair.ids, 1, pair.segments
    return ids, mask, segments


def _has_matrix_units() -> bool:
    import torch

    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))
