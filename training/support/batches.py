"""Claims with their evidence to batches of tensors with their labels."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from index.pairs import EncodedPair, PairEncoder
from training.support.examples import ClaimExample, Says

TOKENS_A_BATCH = 8192
# Examples are sorted by length within stretches of this many, so that a batch has little padding
# and an epoch still is in random order.
STRETCH = 2048
Labelled = tuple[EncodedPair, Says]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """n pairs: `ids`, `mask`, `segments` int64 (n, length), `says` int64 (n,)."""

    ids: Tensor
    mask: Tensor
    segments: Tensor
    says: Tensor

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        return Batch(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})


def batches(
    examples: Sequence[ClaimExample], encoder: PairEncoder, rng: random.Random
) -> Iterator[Batch]:
    """Yield batches of about TOKENS_A_BATCH tokens."""
    encoded = [(encoder.encode(e.claim, e.evidence), e.says) for e in examples]
    for start in range(0, len(encoded), STRETCH):
        stretch = sorted(encoded[start : start + STRETCH], key=lambda one: len(one[0].ids))
        groups = list(_groups(stretch))
        rng.shuffle(groups)
        for group in groups:
            ids, mask, segments = map(torch.from_numpy, padded([pair for pair, _ in group]))
            says = torch.tensor([int(says) for _, says in group])
            yield Batch(ids=ids, mask=mask, segments=segments, says=says)


def _groups(encoded: Sequence[Labelled]) -> Iterator[list[Labelled]]:
    group: list[Labelled] = []
    for pair, says in encoded:
        if group and (len(group) + 1) * len(pair.ids) > TOKENS_A_BATCH:
            yield group
            group = []
        group.append((pair, says))
    if group:
        yield group


def padded(encoded: Sequence[EncodedPair]) -> tuple[NDArray[np.int64], ...]:
    """Return ids, mask (1 for a token, 0 for padding) and segments, int64 (n, longest)."""
    shape = (len(encoded), max(len(pair.ids) for pair in encoded))
    ids, mask, segments = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for row, pair in enumerate(encoded):
        size = len(pair.ids)
        ids[row, :size], mask[row, :size], segments[row, :size] = pair.ids, 1, pair.segments
    return ids, mask, segments
