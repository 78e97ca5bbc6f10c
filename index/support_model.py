"""Whether evidence supports a claim: the contract of the model that reads both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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
