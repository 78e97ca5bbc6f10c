"""Whether evidence supports a claim: the contract of the model that reads both, and the built-in.

The built-in one is trained by `python -m training.support`; its card stands in
support/README.md.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from corpus.errors import ModelError
from index import minilm
from index.pairs import EncodedPair, PairEncoder
from index.tensors import Floats, checked_bytes, tensors_of
from index.transformer import DIGESTS, Embeddings, Layers, side_by_side

BUILT_IN = Path(__file__).with_name("support") / "support.safetensors"
# What evidence says of a claim, in the order of the scores.
VERDICTS = ("supported", "contradicted", "not_found")
BACKBONE = "backbone."


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
    """The built-in support model: MiniLM with a head over the last state of the first token.

    The weights are read at the first use; the base's word embeddings are not among them. Raises
    ModelError, at use, when the files are missing or damaged.
    """

    name = "sequitur-support"

    def __init__(self, weights: Path = BUILT_IN) -> None:
        self._path = weights

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the digests of the weights and of the graph that reads them."""
        told = f"{self.weights_sha256} {minilm.SHA256} {DIGESTS[minilm.GRAPH]}"
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def weights_sha256(self) -> str:
        """SHA-256 of the weights' file."""
        return hashlib.sha256(self._read()).hexdigest()

    def warm_up(self) -> None:
        """Read the weights now, so that the first claim does not wait for them."""
        self.judge_batch([SupportPair(claim="Ready.", evidence=("Ready.",))])

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return the scores of each pair, in the order given."""
        network = self._network
        encoded = [network.encoder.encode(pair.claim, pair.evidence) for pair in pairs]
        return side_by_side(network.scores, encoded)

    @cached_property
    def _network(self) -> "_Network":
        try:
            return _Network(tensors_of(self._read(), self._path.name))
        except KeyError as error:
            raise ModelError(f"support model: {self._path.name}: lacks {error}") from error
        except ModelError as error:
            raise ModelError(f"support model: {error}") from error

    def _read(self) -> bytes:
        try:
            return checked_bytes(self._path, None)
        except ModelError as error:
            raise ModelError(f"support model: {error}") from error


class _Network:
    """The model's network with its weights, and the vocabulary that it reads with."""

    def __init__(self, stored: dict[str, Floats]) -> None:
        folder = minilm.folder()
        words = minilm.encoder(folder)[0].words
        self.encoder = PairEncoder(minilm.tokenizer(folder))
        self._layers = Layers(minilm.GRAPH, minilm.layers_of(stored, BACKBONE))
        self._embeddings: tuple[Embeddings, ...] = tuple(
            minilm.embeddings_of(stored, words=words, segment=segment, prefix=BACKBONE)
            for segment in (0, 1)
        )
        self._head = [stored[f"verdict.{n}.{kind}"] for n in (0, 2) for kind in ("weight", "bias")]

    def scores(self, pair: EncodedPair) -> SupportScores:
        """Return the scores of one pair."""
        both = [embeddings(pair.ids) for embeddings in self._embeddings]
        states = np.where(np.array(pair.segments)[:, None] == 0, *both)
        first = self._layers(states)[0]
        weight, bias, last, offset = self._head
        logits = (last @ np.tanh(weight @ first + bias) + offset).astype(np.float64)
        raised = np.exp(logits - logits.max())
        # in float64, so that the three sum to 1 up to its rounding
        return SupportScores(**dict(zip(VERDICTS, (raised / raised.sum()).tolist(), strict=True)))
