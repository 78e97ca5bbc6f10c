"""Question to hits: the passages of a scope that come nearest, best first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from corpus.records import Passage
from index.dense import DenseIndex, Positions
from index.embedder import Embedder, Vectors
from index.fusion import fuse
from index.lexical import LexicalIndex

CANDIDATES = 200
CARRIED_WEIGHT = 0.4
EARLIER_FED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A retrieved passage: its rank (from 1), its fused score and the two parts of that score.

    `bm25` is not negative and has no upper bound; `cosine` lies in -1 to 1.
    """

    passage: Passage
    rank: int
    score: float
    bm25: float
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was asked now, after which `earlier` questions (oldest first), in what article.

    `title` is that article's, empty for the whole library. The words of the latest EARLIER_FED
    questions count for CARRIED_WEIGHT of the question's own in retrieval.
    """

    own: str
    earlier: tuple[str, ...] = ()
    title: str = ""

    @property
    def carried(self) -> str:
        """The latest earlier questions, as retrieval takes them along."""
        return " ".join(self.earlier[-EARLIER_FED:])

    @property
    def text(self) -> str:
        """The question with what it is about in brackets: earlier questions, then the article.

        A first question is shown as it stands.

        >>> Query(own="At what dose?", earlier=("How is it treated?",), title="Gout").text
        'At what dose? (How is it treated? Gout)'
        >>> Query(own="What causes it?", title="Gout in adults").text
        'What causes it?'
        """
        return self.searched if self.earlier else self.own

    @property
    def searched(self) -> str:
        """What is searched for by meaning: the question with all that it is about."""
        said = [*self.earlier[-EARLIER_FED:], self.title]
        about = [part for part in said if part and part.casefold() not in self.own.casefold()]
        return f"{self.own} ({' '.join(about)})" if about else self.own


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """Hits for one question, best first, and the question's vector (float32, dimension)."""

    hits: tuple[Hit, ...]
    query_vector: Vectors


class Retriever(Protocol):
    """Finds passages."""

    def retrieve(
        self, query: Query, *, documents: Collection[str] | None = None, limit: int = 20
    ) -> Retrieval:
        """Return at most `limit` hits, from these documents only (None: all), best first."""
        ...


class HybridRetriever:
    """BM25 and vectors side by side over the same passages, fused.

    `passages`, `lexical` and `dense` agree by position; positions never leave this class.
    Ties are broken by passage id.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        lexical: LexicalIndex,
        dense: DenseIndex,
        embedder: Embedder,
    ) -> None:
        self.passages = passages
        self.lexical = lexical
        self._dense = dense
        self._embedder = embedder
        self._positions: dict[str, list[int]] = {}
        for position, passage in enumerate(passages):
            self._positions.setdefault(passage.document_id, []).append(position)

    def retrieve(
        self, query: Query, *, documents: Collection[str] | None = None, limit: int = 20
    ) -> Retrieval:
        """Return at most `limit` hits, from these documents only (None: all), best first."""
        vector = self._embedder.embed_batch([query.searched])[0]
        bm25 = self.lexical.scores(query.own)
        bm25 = bm25 + CARRIED_WEIGHT * self.lexical.scores(query.carried)
        found = self._candidates(vector, bm25, self._allowed(documents))
        cosine = np.asarray(self._dense.vectors(found) @ vector, dtype=np.float32)
        scores = fuse(bm25[found], cosine)
        ids = [self.passages[position].passage_id for position in found]
        # subtle: scores are rounded before they are compared, so that an order does not hang on
        # the last bit of a float, which may differ between processors
        order = sorted(range(len(found)), key=lambda i: (-round(float(scores[i]), 5), ids[i]))
        hits = tuple(
            Hit(
                passage=self.passages[found[i]],
                rank=rank,
                score=float(scores[i]),
                bm25=float(bm25[found[i]]),
                cosine=float(cosine[i]),
            )
            for rank, i in enumerate(order[:limit], start=1)
        )
        return Retrieval(hits=hits, query_vector=vector)

    def _allowed(self, documents: Collection[str] | None) -> Positions | None:
        if documents is None or self._positions.keys() <= set(documents):
            return None
        chosen = [p for d in sorted(set(documents)) for p in self._positions.get(d, [])]
        return np.asarray(sorted(chosen), dtype=np.int64)

    def _candidates(self, vector: Vectors, bm25: Vectors, allowed: Positions | None) -> Positions:
        """Return the positions of the best by meaning and the best by words, in order."""
        near = self._dense.search(vector, CANDIDATES, allowed)
        pool = np.arange(len(bm25), dtype=np.int64) if allowed is None else allowed
        pool = pool[bm25[pool] > 0]
        best = pool[np.argsort(-bm25[pool], kind="stable")[:CANDIDATES]]
        return np.union1d(near, best)
