"""Fitting the support model: its batches and its loss, in the loop that all networks share."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from evals.training.batches import Tensors, of_one_length
from evals.training.fitting import Plan, train
from evals.training.support.data import Recipe, epoch
from evals.training.support.examples import ClaimExample
from index.network import SupportNetwork
from index.pairs import PairEncoder
from index.support_model import as_pair
from index.trained import padded

LABEL_SMOOTHING = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportBatch(Tensors):
    """n pairs: `ids`, `mask`, `segments` int64 (n, length), `says` int64 (n,)."""

    ids: Tensor
    mask: Tensor
    segments: Tensor
    says: Tensor


def batches(
    examples: Sequence[ClaimExample], encoder: PairEncoder, rng: random.Random
) -> Iterator[SupportBatch]:
    """Yield batches of about `evals.training.batches.TOKENS_A_BATCH` tokens."""
    encoded = [(e, encoder.encode(as_pair(e.claim, e.evidence))) for e in examples]
    for group in of_one_length(encoded, rng):
        ids, mask, segments = map(torch.from_numpy, padded([pair for _, pair in group]))
        says = torch.tensor([int(example.says) for example, _ in group])
        yield SupportBatch(ids=ids, mask=mask, segments=segments, says=says)


def loss_of(network: SupportNetwork, batch: SupportBatch) -> Tensor:
    """Return the smoothed cross entropy of one batch, a scalar."""
    logits = network(batch.ids, batch.mask, batch.segments).float()
    return cross_entropy(logits, batch.says, label_smoothing=LABEL_SMOOTHING)


def fit_support(
    network: SupportNetwork,
    mixtures: tuple[Recipe, Recipe],
    encoder: PairEncoder,
    plan: Plan,
    folder: Path,
    *,
    limit: int | None = None,
) -> None:
    """Train the support model in place, as `evals.training.fitting.train` does.

    `limit`: learn from so many examples of each epoch only, to try the command.
    """

    def batches_of(number: int) -> list[SupportBatch]:
        rng = random.Random(f"{plan.seed}-{number}-batches")  # noqa: S311
        examples = epoch(mixtures, plan.seed, number)[:limit]
        return list(batches(examples, encoder, rng))

    train(network, batches_of, partial(loss_of, network), plan, folder)
