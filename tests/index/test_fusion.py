from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import fuse
from index.lexical import Scores

# eighths are exact in float32, so that equal stays equal
words = st.integers(0, 800).map(lambda n: n / 8)
cosines = st.integers(-8, 8).map(lambda n: n / 8)
pairs = st.lists(st.tuples(words, cosines), min_size=1, max_size=12)


def floats(values: Sequence[float]) -> Scores:
    """Return values as float32 (n,)."""
    return np.array(values, dtype=np.float32)


def parts(found: list[tuple[float, float]]) -> tuple[Scores, Scores]:
    """Return BM25 scores and cosines as float32 (n,)."""
    bm25, cosine = zip(*found, strict=True)
    return floats(bm25), floats(cosine)


def test_the_worked_example() -> None:
    """The best by words gets 1 for them, the others their share; a cosine counts twice."""
    fused = fuse(floats([8, 4, 0]), floats([0.25, 0.75, -0.5]))
    assert fused.dtype == np.float32
    assert fused.tolist() == [1.5, 2.0, -1.0]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_one_score_a_text(count: int) -> None:
    """Also for no text at all."""
    zeros = np.zeros(count, dtype=np.float32)
    assert fuse(zeros, zeros).tolist() == [0.0] * count


@given(st.lists(cosines, min_size=1, max_size=12))
def test_where_no_word_matches_the_meaning_decides(found: list[float]) -> None:
    """Without any lexical match the order is that of the cosines."""
    cosine = floats(found)
    fused = fuse(np.zeros(len(found), dtype=np.float32), cosine)
    np.testing.assert_array_equal(
        np.argsort(fused, kind="stable"), np.argsort(cosine, kind="stable")
    )


@given(pairs, st.sampled_from((0.125, 0.5, 3.0, 100.0)))
def test_the_scale_of_bm25_means_nothing(found: list[tuple[float, float]], scale: float) -> None:
    """BM25 has no fixed scale: multiplying all its scores changes no fused one."""
    bm25, cosine = parts(found)
    np.testing.assert_allclose(
        fuse(bm25 * np.float32(scale), cosine), fuse(bm25, cosine), atol=1e-4
    )


@given(pairs, st.integers(1, 80), st.data())
def test_a_better_match_never_loses_a_place(
    found: list[tuple[float, float]], more: int, data: st.DataObject
) -> None:
    """Raise one text's BM25 or cosine: its score does not fall, and whom it beat it still beats."""
    bm25, cosine = parts(found)
    place = data.draw(st.integers(0, len(found) - 1))
    before = fuse(bm25, cosine)
    if data.draw(st.booleans()):
        bm25[place] += more / 8
    else:
        cosine[place] += more / 8
    after = fuse(bm25, cosine)
    assert after[place] >= before[place] - 1e-5
    beaten = before < before[place] - 1e-5
    assert (after[beaten] < after[place]).all()


@given(pairs)
def test_scores_lie_within_their_bounds(found: list[tuple[float, float]]) -> None:
    """A share of 0 to 1 and twice a cosine: -2 to 3."""
    fused = fuse(*parts(found))
    assert (fused >= -2).all()
    assert (fused <= 3).all()
