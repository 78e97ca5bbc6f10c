"""The trained reader: which sentences of a passage answer a question, and whether any does.

It is trained by `python -m evals.training`; its card stands in reader/README.md.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.pairs import EncodedPair, Pair, PairEncoder
from index.trained import TrainedWeights, in_batches, padded

if TYPE_CHECKING:
    from index.network import ReaderNetwork

BUILT_IN = Path(__file__).with_name("reader") / "reader.safetensors"
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
        self._weights = TrainedWeights(weights, what="evidence reader")
        self._weights.check_present()
        self._lock = threading.Lock()

    @property
    def digest(self) -> str:
        """SHA-256 of the weights' file and of the precision that they are used in."""
        return self._weights.digest

    @property
    def weights_sha256(self) -> str:
        """SHA-256 of the weights' file."""
        return self._weights.sha256

    @cached_property
    def _network(self) -> "ReaderNetwork":
        from index.network import ReaderNetwork

        return self._weights.network(ReaderNetwork)

    @cached_property
    def _encoder(self) -> PairEncoder:
        return self._weights.encoder()

    def warm_up(self) -> None:
        """Read the weights now, so that the first question does not wait for them."""
        self.read_batch([Pair(question="ready?", heading="", sentences=("Ready.",))])

    def read_batch(self, pairs: Sequence[Pair]) -> list[PairScores]:
        """Return the scores of each pair, in the order given."""
        encoded = self._encoder.encode_batch(pairs)
        return in_batches(encoded, self._scores)

    def _scores(self, encoded: Sequence[EncodedPair]) -> Iterator[PairScores]:
        import torch

        ids, mask, segments = padded(encoded)
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
