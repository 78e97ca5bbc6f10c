"""The trained checker: whether units say what a sentence says, and which of them bear on it.

It reads a claim where the reader reads a question, with the reader's encoder and layers of its own.
It is trained by `python -m training.checker`; its card stands in README.md beside this file.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

from corpus.errors import ModelError
from corpus.library import fingerprint
from index.reading.model import PLACES
from index.reading.network import GRAPHS, JudgeNetwork, Kept, shipped_encoder
from index.reading.tokens import (
    MOST_CLAIM,
    EncodedWindow,
    Line,
    ReaderTokens,
    WindowScores,
)
from index.reading.weights import CHECKER, FOLDER, digest_of, stored_weights
from index.transformer import DIGESTS as GRAPH_DIGESTS
from index.transformer import side_by_side


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What evidence says of a claim: that it `supports` all of it, or `denies` it; each 0 to 1.

    `bears` has one for each judged line, that it bears on the claim; None for a line that found no
    room.
    """

    supports: float
    denies: float
    bears: tuple[float | None, ...]

    @classmethod
    def nothing(cls) -> "Checked":
        """Return what no evidence says."""
        return cls(supports=0.0, denies=0.0, bears=())


class CheckerModel(Protocol):
    """Holds claims against evidence."""

    @property
    def name(self) -> str:
        """The model's name as shown to people."""
        ...

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 that changes whenever the probabilities may."""
        ...

    def check(self, pairs: Sequence[tuple[str, Sequence[Line]]]) -> list[Checked]:
        """Return what each claim's evidence says of it, in the order given."""
        ...


class BuiltInChecker:
    """The shipped checker; weights are read at the first use.

    Raises ModelError when its files are missing or not the shipped ones.
    """

    name = "sequitur-checker"

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._tokens = ReaderTokens()
        self._lock = threading.Lock()
        self._made = lru_cache(maxsize=1)(lambda: _Network(folder))
        for name in CHECKER:
            if not (folder / name).is_file():
                raise ModelError(f"checker: {name} is missing")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the digests of weights and graphs: for the shipped ones the pinned."""
        weights = {name: digest_of(name, self._folder) for name in CHECKER}
        return fingerprint({**weights, **{name: GRAPH_DIGESTS[name] for name in GRAPHS}})

    def warm_up(self) -> None:
        """Read the weights now, so that the first claim does not wait for them."""
        self.check([("Ready.", [Line(text="Ready.")])])

    def check(self, pairs: Sequence[tuple[str, Sequence[Line]]]) -> list[Checked]:
        """Return what each claim's evidence says of it, in the order given.

        A claim that is longer than what is read of it is not supported, whatever it begins with.
        """
        with self._lock:  # of two first claims one reads the weights
            network = self._made()
        encoded = [(self._tokens.claim(text), self._tokens.window(lines)) for text, lines in pairs]
        said = side_by_side(lambda pair: network.read(*pair), encoded)
        return [
            _checked(scores, cut=len(claim) >= MOST_CLAIM)
            for (claim, _), scores in zip(encoded, said, strict=True)
        ]


class _Network:
    """The reader's encoder, and the judge of claims."""

    def __init__(self, folder: Path) -> None:
        self._states = Kept(shipped_encoder(folder))
        self._judge = JudgeNetwork(stored_weights("checker.safetensors", folder))

    def read(self, claim: tuple[int, ...], evidence: EncodedWindow) -> WindowScores:
        """Return the scores of one claim's evidence."""
        return self._judge(self._states(claim), self._states(evidence.ids), evidence)


def _checked(scores: WindowScores, *, cut: bool) -> Checked:
    return Checked(
        supports=0.0 if cut else _probability(scores.answers),
        denies=0.0 if scores.denies is None else _probability(scores.denies),
        bears=tuple(None if unit is None else _probability(unit) for unit in scores.units),
    )


def _probability(log_odds: float) -> float:
    return round(1 / (1 + math.exp(-log_odds)), PLACES)
