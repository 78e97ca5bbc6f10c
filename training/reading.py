"""Reading with a network that is being trained: what it has come to, in batches."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from index.reading.tokens import PADDING, EncodedWindow, WindowScores
from training.network import Encoder, Judge, joined

# Tokens that are judged at once.
BATCH_TOKENS = 2048


class TorchNetwork:
    """Reads as the shipped network does; `bf16`: in bfloat16, which is nearly the same."""

    def __init__(self, encoder: Encoder, judge: Judge, *, bf16: bool = False) -> None:
        self._encoder, self._judge, self._bf16 = encoder, judge, bf16

    def read(
        self, question: tuple[int, ...], windows: Sequence[EncodedWindow]
    ) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        found: dict[int, WindowScores] = {}
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            for group in _groups(windows, len(question)):
                scores = self._judged(question, [windows[i] for i in group])
                found.update(zip(group, scores, strict=True))
        return [found[i] for i in range(len(windows))]

    def _judged(
        self, question: tuple[int, ...], windows: Sequence[EncodedWindow]
    ) -> Iterator[WindowScores]:
        questions, texts = padded([question] * len(windows)), padded([w.ids for w in windows])
        asked, seen = questions != PADDING, texts != PADDING
        states = self._encoder(texts, seen)
        read = joined(self._encoder(questions, asked), asked, states, seen)
        most = max(len(window.units) for window in windows)
        parts = torch.zeros(len(windows), most, read[1].shape[1])
        for row, window in enumerate(windows):
            for position, slot in enumerate(window.units):
                if slot is not None:
                    first, end = (len(question) + at for at in slot)
                    parts[row, position, first:end] = 1 / (end - first)
        scores = self._judge(*read, parts)
        for row, window in enumerate(windows):
            units = scores.units[row].tolist()
            yield WindowScores(
                answers=float(scores.answers[row]),
                units=tuple(
                    None if slot is None else units[position]
                    for position, slot in enumerate(window.units)
                ),
            )


def padded(texts: Sequence[tuple[int, ...]]) -> Tensor:
    """Return token ids as rows, int64 (texts, longest)."""
    rows = torch.full((len(texts), max(map(len, texts))), PADDING)
    for row, ids in enumerate(texts):
        rows[row, : len(ids)] = torch.tensor(ids)
    return rows


def _groups(windows: Sequence[EncodedWindow], asked: int) -> Iterator[list[int]]:
    """Yield positions of windows of about one length, BATCH_TOKENS at most with the question."""
    order = sorted(range(len(windows)), key=lambda i: (len(windows[i].ids), i))
    group: list[int] = []
    for i in order:
        if group and (len(group) + 1) * (asked + len(windows[i].ids)) > BATCH_TOKENS:
            yield group
            group = []
        group.append(i)
    if group:
        yield group
