"""Vectors to nearest neighbours: the only module that imports faiss, and only when it is used."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors

if TYPE_CHECKING:
    import faiss

Positions = NDArray[np.int64]


class DenseIndex:
    """Exact inner-product search over n unit vectors, addressed by position."""

    def __init__(self, index: "faiss.Index") -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> "DenseIndex":
        """Index float32 (n, dimension) rows of length 1."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @property
    def size(self) -> int:
        """The number of vectors."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def search(self, query: Vectors, count: int, allowed: Positions | None = None) -> Positions:
        """Return the positions of the nearest `count` vectors, best first.

        `query` is float32 (dimension,); `allowed` limits the search to those positions.
        """
        count = min(count, self.size if allowed is None else len(allowed))
        if count == 0:
            return np.zeros(0, dtype=np.int64)
        parameters = None
        if allowed is not None:
            import faiss

            # faiss accepts the selector as a keyword; its type stubs do not know it
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))  # type: ignore[call-arg]
        _, found = self._index.search(query[np.newaxis, :], count, params=parameters)
        return np.asarray(found[0], dtype=np.int64)

    def vectors(self, positions: Positions) -> Vectors:
        """Return float32 (len(positions), dimension)."""
        if len(positions) == 0:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(positions), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write into `folder`, which must exist."""
        import faiss

        faiss.write_index(self._index, str(folder / "vectors.faiss"))

    @classmethod
    def load(cls, folder: Path) -> "DenseIndex":
        """Read what `save` wrote."""
        import faiss

        return cls(faiss.read_index(str(folder / "vectors.faiss")))
