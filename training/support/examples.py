"""What the support model learns from: a claim, sentences, and what these say of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Protocol

from index.lexical import stems

# Several times as many texts as one epoch compares.
REMEMBERED = 200_000


class Says(IntEnum):
    """What evidence says of a claim; the numbers are places in `support_model.VERDICTS`."""

    SUPPORTED = 0
    CONTRADICTED = 1
    NOT_FOUND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimExample:
    """One exercise: `evidence` are sentences, each on one line, in text order."""

    claim: str
    evidence: tuple[str, ...]
    says: Says


class ClaimSource(Protocol):
    """One data set as exercises; the same random state gives the same ones."""

    def epoch(self, rng: random.Random) -> Iterator[ClaimExample]:
        """Yield one round of examples."""
        ...


def covered(claim: str, text: str) -> float:
    """Return the share of the claim's stems that a text has, 0 to 1.

    >>> covered("Aspirin lowers fever.", "Fever was lowered by ibuprofen.")
    0.6666666666666666
    """
    wanted = _stems(claim)
    return len(wanted & _stems(text)) / max(1, len(wanted))


@lru_cache(maxsize=REMEMBERED)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stems(text))


def capital(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]
