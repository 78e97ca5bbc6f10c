"""One score from two: how well the words match and how near the meaning is."""

import numpy as np

from index.lexical import Scores

COSINE_WEIGHT = 2.0


def fuse(bm25: Scores, cosine: Scores) -> Scores:
    """Return float32 (n,): `bm25 / max(bm25) + 2 · cosine`.

    BM25 has no fixed scale, so it is taken relative to the best match of this query; a cosine
    has one and is left alone. Where no word matches, the meaning decides by itself. The weight
    was chosen on the development sets (docs/evaluation.md), where this beats each part, a sum of
    z-scores and reciprocal rank fusion.

    >>> fuse(np.float32([4, 1, 0]), np.float32([0.5, 0.75, 0.25])).tolist()
    [2.0, 1.75, 0.5]
    """
    best = bm25.max(initial=0.0)
    lexical = bm25 / best if best > 0 else np.zeros_like(bm25)
    return np.asarray(lexical + COSINE_WEIGHT * cosine, dtype=np.float32)
