"""An embedder that can be worked out by hand: words in common make texts near."""

import hashlib
import re
import zlib
from collections.abc import Sequence

import numpy as np

from index.embedder import Vectors
from index.evidence_model import PairScores
from index.pairs import Pair

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


class WordReader:
    """Finds an answer where a sentence holds the question's longer words.

    A sentence's log odds are 6 · (share of these words that it holds) - 3; a passage's are those
    of its best sentence.
    """

    name = "words"
    digest = hashlib.sha256(b"word reader").hexdigest()

    def read_batch(self, pairs: Sequence[Pair]) -> list[PairScores]:
        """Return the scores of each pair, in the order given."""
        return [self._read(pair) for pair in pairs]

    def _read(self, pair: Pair) -> PairScores:
        asked = {word for word in re.findall(r"\w+", pair.question.lower()) if len(word) > 3}
        sentences = tuple(
            6 * len(asked & set(re.findall(r"\w+", sentence.lower()))) / max(1, len(asked)) - 3
            for sentence in pair.sentences
        )
        best = max(sentences, default=-3.0)
        return PairScores(passage=best, sentences=sentences, exact=sentences)
