"""Contrasts to batches of tensors with their targets."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from index.reading.tokens import END, MASK, PADDING, START, EncodedWindow, ReaderTokens
from training.asked import Contrast, Exercise

TOKENS_A_BATCH = 4096
# Contrasts are sorted by length within stretches of this many, so that a batch has little padding
# and an epoch still is in random order.
STRETCH = 512
HIDDEN_WORDS = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """n pairs: questions (n, asked) and windows (n, length) as ids, with what is to be learnt.

    `parts` float32 (n, units, length of a pair) averages over each unit's tokens. Targets and their
    weights are float32: `answers` and `denies` (n,), `relevant` and `judged` (n, units).
    `contrast` int64 (n,): pairs of one number are of one question.
    """

    questions: Tensor
    windows: Tensor
    parts: Tensor
    answers: Tensor
    denies: Tensor
    relevant: Tensor
    judged: Tensor
    contrast: Tensor

    @property
    def tokens(self) -> int:
        """Return how many tokens are read, padding not counted."""
        return int((self.questions != PADDING).sum() + (self.windows != PADDING).sum())


Pair = tuple[Exercise, tuple[int, ...], EncodedWindow]


def batches(
    contrasts: Sequence[Contrast],
    encode: Callable[[Exercise], Pair],
    rng: random.Random,
    *,
    hidden: float = HIDDEN_WORDS,
) -> Iterator[Batch]:
    """Yield batches of about TOKENS_A_BATCH tokens; `hidden` of each question's words are hidden.

    `encode` makes tokens of an exercise.
    """
    for start in range(0, len(contrasts), STRETCH):
        encoded = [
            [encode(one) for one in contrast] for contrast in contrasts[start : start + STRETCH]
        ]
        encoded.sort(key=_length)
        groups = list(_groups(encoded))
        rng.shuffle(groups)
        for group in groups:
            yield _batch(group, rng, hidden)


def asked(tokens: ReaderTokens) -> Callable[[Exercise], Pair]:
    """Return what encodes an exercise's question and window."""
    return lambda one: (
        one,
        tokens.question(one.title, one.earlier, one.question),
        tokens.window(one.lines),
    )


def claimed(tokens: ReaderTokens) -> Callable[[Exercise], Pair]:
    """Return what encodes an exercise's claim and the evidence for it."""
    return lambda one: (one, tokens.claim(one.question), tokens.window(one.lines))


def _length(contrast: Sequence[Pair]) -> int:
    return max(len(asked) + len(window.ids) for _, asked, window in contrast)


def _groups(encoded: Sequence[Sequence[Pair]]) -> Iterator[list[Sequence[Pair]]]:
    group: list[Sequence[Pair]] = []
    for contrast in encoded:
        count = sum(map(len, group)) + len(contrast)
        if group and count * _length(contrast) > TOKENS_A_BATCH:
            yield group
            group = []
        group.append(contrast)
    if group:
        yield group


def _batch(group: Sequence[Sequence[Pair]], rng: random.Random, hidden: float) -> Batch:
    pairs = [pair for contrast in group for pair in contrast]
    longest = max(len(question) for _, question, _ in pairs)
    length = max(len(window.ids) for _, _, window in pairs)
    units = max(len(window.units) for _, _, window in pairs)
    batch = Batch(
        questions=torch.full((len(pairs), longest), PADDING),
        windows=torch.full((len(pairs), length), PADDING),
        parts=torch.zeros(len(pairs), units, max(len(q) + len(w.ids) for _, q, w in pairs)),
        answers=torch.tensor([float(one.answers) for one, _, _ in pairs]),
        denies=torch.tensor([float(one.denies) for one, _, _ in pairs]),
        relevant=torch.zeros(len(pairs), units),
        judged=torch.zeros(len(pairs), units),
        contrast=torch.tensor([i for i, contrast in enumerate(group) for _ in contrast]),
    )
    row = 0
    for contrast in group:
        seed = rng.random()
        for one, question, window in contrast:
            # the same words are hidden before each window of a contrast
            shown = _hidden(question, random.Random(seed), hidden)  # noqa: S311
            batch.questions[row, : len(question)] = torch.tensor(shown)
            batch.windows[row, : len(window.ids)] = torch.tensor(window.ids)
            _fill(batch, row, one, window, len(question))
            row += 1
    return batch


def _hidden(question: Sequence[int], rng: random.Random, share: float) -> list[int]:
    kept = (START, END)
    return [MASK if t not in kept and rng.random() < share else t for t in question]


def _fill(batch: Batch, row: int, one: Exercise, window: EncodedWindow, asked: int) -> None:
    seen = False
    for position, slot in enumerate(window.units):
        if slot is None:
            continue
        first, end = slot
        batch.parts[row, position, asked + first : asked + end] = 1 / (end - first)
        if one.relevant is not None:
            batch.judged[row, position] = 1.0
            batch.relevant[row, position] = float(one.relevant[position])
            seen = seen or one.relevant[position]
    if one.relevant is not None and any(one.relevant) and not seen:
        batch.answers[row] = 0.0  # what answers was cut off
