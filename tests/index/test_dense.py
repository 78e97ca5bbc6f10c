from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dense import DenseIndex
from index.embedder import Vectors


def unit_vectors(seed: int, count: int, dimension: int = 8) -> Vectors:
    """Return random float32 (count, dimension) rows of length 1."""
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


@given(seed=st.integers(0, 10_000), size=st.integers(1, 40), count=st.integers(0, 50))
@settings(deadline=None)
def test_the_nearest_are_those_that_sorting_gives(seed: int, size: int, count: int) -> None:
    """Inner products sorted with numpy are the oracle, best first."""
    vectors, query = unit_vectors(seed, size), unit_vectors(seed + 1, 1)[0]
    expected = np.argsort(-(vectors @ query), kind="stable")[:count]
    found = DenseIndex.build(vectors).search(query, count)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, expected)


@given(seed=st.integers(0, 10_000), size=st.integers(1, 40), data=st.data())
@settings(deadline=None)
def test_only_allowed_positions_are_found(seed: int, size: int, data: st.DataObject) -> None:
    """Limited to some positions, the best of those come, in the same order."""
    chosen = data.draw(st.sets(st.integers(0, size - 1)))
    allowed = np.asarray(sorted(chosen), dtype=np.int64)
    vectors, query = unit_vectors(seed, size), unit_vectors(seed + 1, 1)[0]
    expected = [p for p in np.argsort(-(vectors @ query), kind="stable") if p in chosen][:5]
    assert DenseIndex.build(vectors).search(query, 5, allowed).tolist() == expected


def test_a_vector_is_nearest_to_itself() -> None:
    """The worked example: three axes, and a query near the second."""
    index = DenseIndex.build(np.eye(3, dtype=np.float32))
    query = np.array([0.6, 0.8, 0.0], dtype=np.float32)
    assert index.search(query, 3).tolist() == [1, 0, 2]
    assert index.search(query, 1, np.array([0, 2])).tolist() == [0]


def test_vectors_come_back_as_they_went_in() -> None:
    """By position, in any order, repeated or none at all."""
    vectors = unit_vectors(1, 5)
    index = DenseIndex.build(vectors)
    assert (index.size, index.dimension) == (5, 8)
    np.testing.assert_array_equal(index.vectors(np.array([4, 0, 4])), vectors[[4, 0, 4]])
    none = index.vectors(np.zeros(0, dtype=np.int64))
    assert none.shape == (0, 8)
    assert none.dtype == np.float32


def test_what_was_saved_finds_alike(tmp_path: Path) -> None:
    """After a round trip size, vectors and answers are the same."""
    vectors, query = unit_vectors(1, 20), unit_vectors(2, 1)[0]
    DenseIndex.build(vectors).save(tmp_path)
    loaded = DenseIndex.load(tmp_path)
    everything = np.arange(20, dtype=np.int64)
    np.testing.assert_array_equal(loaded.vectors(everything), vectors)
    assert loaded.search(query, 20).tolist() == np.argsort(-(vectors @ query)).tolist()


@pytest.mark.parametrize("count", [0, 1, 3, 100])
def test_no_more_than_there_are(count: int) -> None:
    """Asked for more than it holds, it gives all, and never a position that is none."""
    found = DenseIndex.build(np.eye(3, dtype=np.float32)).search(
        np.array([1, 0, 0], dtype=np.float32), count
    )
    assert len(found) == min(count, 3)
    assert set(found.tolist()) <= {0, 1, 2}
