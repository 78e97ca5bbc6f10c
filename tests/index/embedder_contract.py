"""What every embedder must do: inherit `EmbedderContract` in its test module.

class TestMine(EmbedderContract):
    embedder = MyEmbedder()
"""

import re

import numpy as np

from index.embedder import Embedder

TEXTS = (
    "Prednisone is tapered over twelve months.",
    "fever",
    "A β-blocker at 5 µg/kg (n = 12), 10-30% of cases",
    "",
    "Organizing pneumonia is a pattern of repair. " * 8,
    "心不全",
    "fever",
)


class EmbedderContract:
    """The tests that hold for every embedder; `embedder` is to be given."""

    @property
    def embedder(self) -> Embedder:
        """The embedder under test."""
        raise NotImplementedError

    @property
    def dimension(self) -> int:
        """The length of its vectors, as one of them has it."""
        return int(self.embedder.embed_batch(["one"]).shape[1])

    def test_no_text_gives_no_row(self) -> None:
        """An empty batch has the shape (0, dimension), so that it can be used like any other."""
        vectors = self.embedder.embed_batch([])
        assert vectors.shape == (0, self.dimension)
        assert vectors.dtype == np.float32

    def test_each_text_gives_a_float32_row(self) -> None:
        """Rows are as many as texts, also where texts are equal or empty."""
        vectors = self.embedder.embed_batch(TEXTS)
        assert vectors.shape == (len(TEXTS), self.dimension)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()

    def test_every_row_has_length_one(self) -> None:
        """The inner product of two rows is their cosine."""
        lengths = np.linalg.norm(self.embedder.embed_batch(TEXTS), axis=1)
        np.testing.assert_allclose(lengths, 1, atol=1e-5)

    def test_a_batch_equals_one_by_one(self) -> None:
        """What stands beside a text, longer or shorter, does not change its vector."""
        together = self.embedder.embed_batch(TEXTS)
        alone = np.concatenate([self.embedder.embed_batch([text]) for text in TEXTS])
        np.testing.assert_allclose(together, alone, atol=1e-5)

    def test_rows_come_in_the_order_of_the_texts(self) -> None:
        """The texts backwards give the rows backwards, however they were grouped inside."""
        forwards = self.embedder.embed_batch(TEXTS)
        backwards = self.embedder.embed_batch(TEXTS[::-1])
        np.testing.assert_allclose(forwards, backwards[::-1], atol=1e-5)

    def test_the_same_texts_give_the_same_rows(self) -> None:
        """Asked twice, not a bit is different."""
        again = self.embedder.embed_batch(TEXTS)
        np.testing.assert_array_equal(self.embedder.embed_batch(TEXTS), again)

    def test_texts_without_a_common_word_are_farther_than_equal_ones(self) -> None:
        """Vectors say something about the texts."""
        one, same, other = self.embedder.embed_batch(["a fever", "a fever", "broken bones heal"])
        assert float(one @ same) > float(one @ other)

    def test_it_is_identified_by_a_digest(self) -> None:
        """The digest is SHA-256 in hexadecimal and does not change between two looks."""
        assert re.fullmatch("[0-9a-f]{64}", self.embedder.digest)
        assert self.embedder.digest == self.embedder.digest
        assert self.embedder.name.strip()
