"""Whether evidence supports a claim: the contract of the model that reads both, and the built-in.

The built-in one is trained by `python -m training.support`; its card stands in
support/README.md.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.pairs import EncodedPair, PairEncoder
from index.trained import TrainedWeights, in_batches, padded

if TYPE_CHECKING:
    from index.network import SupportNetwork

BUILT_IN = Path(__file__).with_name("support") / "support.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPair:
    """A claim of one sentence, and the sentences that are to support it, in text order.

    Each of `evidence` is a sentence behind its lead-ins, on one line; there is at least one.
    """

    claim: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportScores:
    """Probabilities, 0 to 1, that sum to 1: what the evidence says of the claim."""

    supported: float
    contradicted: float
    not_found: float


class SupportModel(Protocol):
    """Reads claims together with evidence."""

    @property
    def name(self) -> str:
        """The model's name as shown to people."""
        ...

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 that changes whenever the scores may."""
        ...

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return the scores of each pair, in the order given."""
        ...


class MiniLMSupport:
    """The built-in support model; weights are read at the first use.

    On processors with matrix units for bfloat16 it computes in that, elsewhere in float32. Raises
    ModelError, at use, when the files are missing or damaged.
    """

    name = "sequitur-support"

    def __init__(self, weights: Path = BUILT_IN) -> None:
        self._weights = TrainedWeights(weights)
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
    def _network(self) -> "SupportNetwork":
        return self._weights.network()

    @cached_property
    def _encoder(self) -> PairEncoder:
        return self._weights.encoder()

    def warm_up(self) -> None:
        """Read the weights now, so that the first claim does not wait for them."""
        self.judge_batch([SupportPair(claim="Ready.", evidence=("Ready.",))])

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return the scores of each pair, in the order given."""
        encoded = [self._encoder.encode(pair.claim, pair.evidence) for pair in pairs]
        return in_batches(encoded, self._scores)

    def _scores(self, encoded: Sequence[EncodedPair]) -> Iterator[SupportScores]:
        import torch

        with self._lock, torch.inference_mode():
            logits = self._network(*(torch.from_numpy(part) for part in padded(encoded)))
        # in float64, so that the three sum to 1 up to its rounding
        for row in logits.double().softmax(-1).tolist():
            supported, contradicted, not_found = row
            yield SupportScores(supported=supported, contradicted=contradicted, not_found=not_found)
