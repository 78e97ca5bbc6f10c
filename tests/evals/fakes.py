"""An embedder that can be worked out by hand: words in common make texts near."""

import hashlib
import re
import zlib
from collections.abc import Sequence

import numpy as np

from index.embedder import Vectors
from index.reading.model import Asked
from index.reading.tokens import Line, WindowScores
from service.assistant import Assistant
from service.confidence import LogisticModel

DIMENSION = 64


class WordEmbedder:
    """Counts words in 63 buckets; the last place keeps a text without words at length 1."""

    name = "words"
    digest = hashlib.sha256(b"words").hexdigest()

    def __init__(self, model: str = name) -> None:
        self.model = model
        self.embedded = 0

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), 64), each row of length 1."""
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[-1] = 0.1
            for word in re.findall(r"\w+", text.lower()):
                row[zlib.crc32(word.encode()) % (DIMENSION - 1)] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / lengths, dtype=np.float32)


# So that no test hangs on the coefficients that are shipped.
STEADY = LogisticModel(
    weights={"verdict": 0.5, "window": 0.1, "alone": 0.1, "together": 0.3}, intercept=-0.3
)


def steady(assistant: Assistant) -> Assistant:
    """Return an assistant whose confidence comes from fixed coefficients."""
    assistant._confidence = STEADY
    return assistant


class WordReader:
    """Finds an answer where a unit holds the question's longer words.

    A unit's log odds are 6 · (share of these words that it holds) - 3.2, and half the share of the
    earlier questions' longer words above that; a window's are those of its best unit. A question
    without longer words is read by those of the earlier ones.
    """

    name = "words"
    digest = hashlib.sha256(b"word reader").hexdigest()

    def read_windows(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        earlier = _longer(" ".join(asked.earlier))
        words = _longer(asked.question) or earlier
        return [self._read(words, earlier, window) for window in windows]

    def nearness(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[float]:
        """Return how near each window comes: by what it would be read as."""
        return [scores.answers for scores in WordReader.read_windows(self, asked, windows)]

    def _read(self, words: set[str], earlier: set[str], window: Sequence[Line]) -> WindowScores:
        held = [set(re.findall(r"\w+", line.text.lower())) for line in window if line.judged]
        units = tuple(6 * _share(words, h) - 3.2 + 0.5 * _share(earlier, h) for h in held)
        return WindowScores(answers=max(units, default=-3.2), units=units)


def _share(words: set[str], held: set[str]) -> float:
    return len(words & held) / max(1, len(words))


def _longer(question: str) -> set[str]:
    return {word for word in re.findall(r"\w+", question.lower()) if len(word) > 3}
