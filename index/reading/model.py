"""The trained reader: what each unit of a window, and the window, say to a question.

It is trained by `python -m training`; its card stands in README.md beside this file.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

from corpus.errors import ModelError
from corpus.library import fingerprint
from index.reading.network import GRAPHS, EightBitNetwork, ReaderNetwork
from index.reading.tokens import EncodedWindow, Line, ReaderTokens, WindowScores
from index.reading.weights import FOLDER, READER, digest_of
from index.transformer import DIGESTS as GRAPH_DIGESTS

# subtle: scores are rounded here, once, so that what is decided never hangs on a last digit.
PLACES = 3
WINDOWS_KEPT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as the reader sees it: in an article of this title, after earlier questions.

    `title` is empty where the whole library is asked.
    """

    question: str
    earlier: tuple[str, ...] = ()
    title: str = ""


class WindowReader(Protocol):
    """Reads a question with windows of lines."""

    def read_windows(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        ...


class ReaderModel(WindowReader, Protocol):
    """A reader that can be told from others, and that tells what is worth reading."""

    def nearness(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[float]:
        """Return how near each window comes to a question, in the order given, at little cost.

        It orders the windows of one question; between questions it says nothing.
        """
        ...

    @property
    def name(self) -> str:
        """The model's name as shown to people."""
        ...

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 that changes whenever the scores may."""
        ...


class NetworkReader:
    """Reads with a network, which is made when it is first needed."""

    def __init__(self, made: Callable[[], ReaderNetwork]) -> None:
        self._made = lru_cache(maxsize=1)(made)
        self._tokens = ReaderTokens()
        # read twice for one question, and again for the next one
        self._window = lru_cache(maxsize=WINDOWS_KEPT)(self._tokens.window)
        self._lock = threading.Lock()

    @property
    def _network(self) -> ReaderNetwork:
        with self._lock:  # of two first questions one reads the weights
            return self._made()

    def read_windows(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        return [
            WindowScores(
                answers=round(said.answers, PLACES),
                units=tuple(None if u is None else round(u, PLACES) for u in said.units),
            )
            for said in self._network.read(*self._encoded(asked, windows))
        ]

    def nearness(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[float]:
        """Return how near each window comes to a question, in the order given."""
        near = self._network.nearness(*self._encoded(asked, windows))
        return [round(one, PLACES) for one in near]

    def _encoded(
        self, asked: Asked, windows: Sequence[Sequence[Line]]
    ) -> tuple[tuple[int, ...], list[EncodedWindow]]:
        question = self._tokens.question(asked.title, asked.earlier, asked.question)
        return question, [self._window(tuple(lines)) for lines in windows]


class BuiltInReader(NetworkReader):
    """The shipped reader; weights are read at the first use.

    Raises ModelError when its files are missing or not the shipped ones.
    """

    name = "sequitur-reader"

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__(lambda: EightBitNetwork.shipped(folder))
        self._folder = folder
        for name in READER:
            if not (folder / name).is_file():
                raise ModelError(f"reader: {name} is missing")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the digests of weights and graphs: for the shipped ones the pinned."""
        weights = {name: digest_of(name, self._folder) for name in READER}
        return fingerprint({**weights, **{name: GRAPH_DIGESTS[name] for name in GRAPHS}})

    def warm_up(self) -> None:
        """Read the weights now, so that the first question does not wait for them."""
        self.read_windows(Asked(question="ready?"), [[Line(text="Ready.")]])
