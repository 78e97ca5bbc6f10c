"""Examples to batches of tensors with their targets."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Self, TypeVar

import torch
from torch import Tensor

from evals.training.examples import Example
from index.pairs import EncodedPair, Pair, PairEncoder

TOKENS_A_BATCH = 8192
# Examples are sorted by length within stretches of this many, so that a batch has little padding
# and an epoch still is in random order.
STRETCH = 2048
HIDDEN_WORDS = 0.08
E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensors:
    """A batch of which every field is a tensor."""

    def to(self, device: torch.device) -> Self:
        """Return the batch on a device."""
        return type(self)(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Tensors):
    """n pairs of at most `length` tokens, with at most `s` sentences each.

    `ids`, `mask`, `segments`: int64 (n, length). `ends`: int64 (n, s), each sentence's separator;
    `parts`: float32 (n, s, length), weights that average over each sentence's tokens. Targets and
    their weights are float32: `answers` (n,), `relevant` and `judged` (n, s), `exact` and
    `marked` (n, length).
    """

    ids: Tensor
    mask: Tensor
    segments: Tensor
    ends: Tensor
    parts: Tensor
    answers: Tensor
    relevant: Tensor
    judged: Tensor
    exact: Tensor
    marked: Tensor


def batches(
    examples: Sequence[Example], encoder: PairEncoder, rng: random.Random
) -> Iterator[Batch]:
    """Yield batches of about TOKENS_A_BATCH tokens; some words of each question are hidden."""
    encoded = [(example, _encode(example, encoder)) for example in examples]
    for group in of_one_length(encoded, rng):
        yield _batch(group, rng, encoder.mask_id)


def _encode(example: Example, encoder: PairEncoder) -> EncodedPair:
    return encoder.encode(
        Pair(question=example.question, heading=example.heading, sentences=example.sentences)
    )


def of_one_length(
    encoded: Sequence[tuple[E, EncodedPair]], rng: random.Random
) -> Iterator[list[tuple[E, EncodedPair]]]:
    """Yield groups of about TOKENS_A_BATCH tokens; only neighbours in `encoded` come together."""
    for start in range(0, len(encoded), STRETCH):
        stretch = sorted(encoded[start : start + STRETCH], key=lambda pair: len(pair[1].ids))
        groups = list(_groups(stretch))
        rng.shuffle(groups)
        yield from groups


def _groups(
    encoded: Sequence[tuple[E, EncodedPair]],
) -> Iterator[list[tuple[E, EncodedPair]]]:
    group: list[tuple[E, EncodedPair]] = []
    for example, pair in encoded:
        if group and (len(group) + 1) * len(pair.ids) > TOKENS_A_BATCH:
            yield group
            group = []
        group.append((example, pair))
    if group:
        yield group


def _batch(group: Sequence[tuple[Example, EncodedPair]], rng: random.Random, mask_id: int) -> Batch:
    n = len(group)
    length = max(len(pair.ids) for _, pair in group)
    most = max(len(pair.slots) for _, pair in group)
    batch = Batch(
        ids=torch.zeros(n, length, dtype=torch.int64),
        mask=torch.zeros(n, length, dtype=torch.int64),
        segments=torch.zeros(n, length, dtype=torch.int64),
        ends=torch.zeros(n, most, dtype=torch.int64),
        parts=torch.zeros(n, most, length),
        answers=torch.tensor([float(example.answers) for example, _ in group]),
        relevant=torch.zeros(n, most),
        judged=torch.zeros(n, most),
        exact=torch.zeros(n, length),
        marked=torch.zeros(n, length),
    )
    for row, (example, pair) in enumerate(group):
        _fill(batch, row, example, pair)
        asked = pair.segments.count(0)
        for position in range(1, asked - 1):
            if rng.random() < HIDDEN_WORDS:
                batch.ids[row, position] = mask_id
    return batch


def _fill(batch: Batch, row: int, example: Example, pair: EncodedPair) -> None:
    size = len(pair.ids)
    batch.ids[row, :size] = torch.tensor(pair.ids)
    batch.mask[row, :size] = 1
    batch.segments[row, :size] = torch.tensor(pair.segments)
    lost = False
    for position, slot in enumerate(pair.slots):
        relevant = example.relevant is not None and example.relevant[position]
        if slot is None:
            lost = lost or relevant
            continue
        first, last = slot
        batch.ends[row, position] = last
        batch.parts[row, position, first : last + 1] = 1 / (last + 1 - first)
        if example.relevant is not None:
            batch.judged[row, position] = 1
            batch.relevant[row, position] = float(relevant)
    if lost and not batch.relevant[row].any():
        batch.answers[row] = 0.0  # what answers was cut off
    if example.spans is not None:
        asked = pair.segments.count(0)
        batch.marked[row, asked:size] = 1
        for sentence, start, end in example.spans:
            slot = pair.slots[sentence]
            if slot is None:
                continue
            for offset, (left, right) in enumerate(pair.characters[sentence]):
                if left < end and start < right:
                    batch.exact[row, slot[0] + offset] = 1
