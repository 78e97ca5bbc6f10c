"""The trained reader: what each unit of a window, and the window, say to a question.

It is trained by `python -m training`; its card stands in README.md beside this file.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from corpus.errors import ModelError
from corpus.library import fingerprint
from index.reading.tokens import PADDING, EncodedWindow, Line, ReaderTokens
from index.reading.weights import DIGESTS, FOLDER, digest_of, read_weights

if TYPE_CHECKING:
    from torch import Tensor

    from index.reading.network import Encoder, Judge

# Tokens that are judged at once.
BATCH_TOKENS = 2048
# Encoded windows are kept up to so many tokens: half as many again in kilobytes.
KEPT_TOKENS = 64_000
# subtle: scores are rounded here, once, so that what is decided never hangs on a last digit.
PLACES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as the reader sees it: in an article of this title, after earlier questions.

    `title` is empty where the whole library is asked.
    """

    question: str
    earlier: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowScores:
    """Log odds: that the window `answers`, and that each of its judged lines does.

    None for a line that found no room.
    """

    answers: float
    units: tuple[float | None, ...]


class WindowReader(Protocol):
    """Reads a question with windows of lines."""

    def read_windows(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        ...


class ReaderModel(WindowReader, Protocol):
    """A reader that can be told from others."""

    @property
    def name(self) -> str:
        """The model's name as shown to people."""
        ...

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 that changes whenever the scores may."""
        ...


class NetworkReader:
    """Reads with an encoder and a judge, which `networks` gives when they are first needed."""

    def __init__(self, networks: "Callable[[], tuple[Encoder, Judge]]") -> None:
        self._made = networks
        self._tokens = ReaderTokens()
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, ...], Tensor] = OrderedDict()
        self._kept_tokens = 0

    @cached_property
    def _networks(self) -> "tuple[Encoder, Judge]":
        return self._made()

    def read_windows(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        import torch

        question = self._tokens.question(asked.title, asked.earlier, asked.question)
        encoded = [self._tokens.window(lines) for lines in windows]
        with self._lock, torch.inference_mode():
            of_question = self._encoded([question])[0]
            found: dict[int, WindowScores] = {}
            for group in _groups(encoded, len(question)):
                states = self._states([encoded[i].ids for i in group])
                scores = self._judged(of_question, states, [encoded[i] for i in group])
                found.update(zip(group, scores, strict=True))
        return [found[i] for i in range(len(windows))]

    def _states(self, windows: Sequence[tuple[int, ...]]) -> "list[Tensor]":
        """Return the encoder's states of windows, each float16 (tokens, 768), kept for later."""
        missing = [ids for ids in dict.fromkeys(windows) if ids not in self._kept]
        fresh = dict(zip(missing, self._encoded(missing), strict=True)) if missing else {}
        found = [self._kept[ids] if ids in self._kept else fresh[ids] for ids in windows]
        for ids in windows:
            if ids in self._kept:
                self._kept.move_to_end(ids)
            else:
                self._kept[ids] = fresh[ids]
                self._kept_tokens += len(ids)
        while self._kept_tokens > KEPT_TOKENS:
            ids, _ = self._kept.popitem(last=False)
            self._kept_tokens -= len(ids)
        return found

    def _encoded(self, texts: Sequence[tuple[int, ...]]) -> "list[Tensor]":
        import torch

        rows = _padded(texts)
        mask = rows != PADDING
        states = self._networks[0](rows, mask).to(torch.float16)
        return list(states.split(mask.sum(dim=1).tolist()))

    def _judged(
        self, question: "Tensor", states: "Sequence[Tensor]", windows: Sequence[EncodedWindow]
    ) -> Iterator[WindowScores]:
        import torch

        from index.reading.network import joined

        asked = torch.ones(len(states), len(question), dtype=torch.bool)
        lengths = torch.tensor([len(window.ids) for window in windows])
        seen = torch.arange(int(lengths.max()))[None, :] < lengths[:, None]
        questions = question.repeat(len(states), 1).float()
        read = joined(questions, asked, torch.cat([s.float() for s in states]), seen)
        most = max(len(window.units) for window in windows)
        parts = torch.zeros(len(windows), most, read[1].shape[1])
        for row, window in enumerate(windows):
            for position, slot in enumerate(window.units):
                if slot is not None:
                    first, end = (len(question) + at for at in slot)
                    parts[row, position, first:end] = 1 / (end - first)
        scores = self._networks[1](*read, parts)
        for row, window in enumerate(windows):
            units = scores.units[row].tolist()
            yield WindowScores(
                answers=round(float(scores.answers[row]), PLACES),
                units=tuple(
                    None if slot is None else round(units[position], PLACES)
                    for position, slot in enumerate(window.units)
                ),
            )


class BuiltInReader(NetworkReader):
    """The shipped reader, in float32; weights are read at the first use.

    Raises ModelError when its files are missing or not the shipped ones.
    """

    name = "sequitur-reader"

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__(self._read_networks)
        self._folder = folder
        for name in DIGESTS:
            if not (folder / name).is_file():
                raise ModelError(f"reader: {name} is missing")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the digests of both files: for the shipped ones those that are pinned."""
        return fingerprint({name: digest_of(name, self._folder) for name in DIGESTS})

    def _read_networks(self) -> "tuple[Encoder, Judge]":
        from index.reading.network import Encoder, Judge

        encoder, judge = Encoder(), Judge()
        encoder.load_state_dict(read_weights("encoder.safetensors", self._folder))
        judge.load_state_dict(read_weights("judge.safetensors", self._folder))
        return encoder.eval(), judge.eval()

    def warm_up(self) -> None:
        """Read the weights now, so that the first question does not wait for them."""
        self.read_windows(Asked(question="ready?"), [[Line(text="Ready.")]])


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


def _padded(texts: Sequence[tuple[int, ...]]) -> "Tensor":
    import torch

    rows = torch.full((len(texts), max(map(len, texts))), PADDING)
    for row, ids in enumerate(texts):
        rows[row, : len(ids)] = torch.tensor(ids)
    return rows
