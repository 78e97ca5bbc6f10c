"""Tests of how a question and a passage become tokens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedder import SentenceTransformerEmbedder
from index.pairs import MAX_TOKENS, Pair, PairEncoder

SEP = 102
WORDS = st.lists(st.sampled_from("the lung steroid 20mg relapse β-blocker (COP) é".split()))
TEXTS = WORDS.map(" ".join)


@pytest.fixture(scope="module")
def encoder() -> PairEncoder:
    """Return an encoder over the built-in model's vocabulary."""
    return PairEncoder.load(SentenceTransformerEmbedder().folder / "tokenizer.json")


def test_a_pair_is_question_heading_and_sentences_each_closed(encoder: PairEncoder) -> None:
    """[CLS] question [SEP] heading [SEP] sentence [SEP] …, the question in a segment of its own."""
    pair = encoder.encode(Pair(question="why", heading="lung", sentences=("it", "he is")))
    assert len(pair.ids) == 1 + 1 + 1 + 1 + 1 + 1 + 1 + 2 + 1
    assert [i for i, token in enumerate(pair.ids) if token == SEP] == [2, 4, 6, 9]
    assert pair.segments == (0, 0, 0, 1, 1, 1, 1, 1, 1, 1)
    assert pair.slots == ((5, 6), (7, 9))
    assert pair.characters == (((0, 2),), ((0, 2), (3, 5)))


@settings(max_examples=50, deadline=None)
@given(question=TEXTS, heading=TEXTS, sentences=st.lists(TEXTS, max_size=30))
def test_no_pair_is_longer_than_the_reader_can_take(
    encoder: PairEncoder, question: str, heading: str, sentences: list[str]
) -> None:
    """Whatever is read, every slot lies inside the tokens and ends in a separator."""
    pair = encoder.encode(
        Pair(question=question * 20, heading=heading * 20, sentences=tuple(sentences))
    )
    assert len(pair.ids) == len(pair.segments) <= MAX_TOKENS
    assert len(pair.slots) == len(sentences)
    for slot, characters in zip(pair.slots, pair.characters, strict=True):
        if slot is not None:
            assert pair.ids[slot[1]] == SEP
            assert len(characters) == slot[1] - slot[0]


def test_sentences_without_room_are_told(encoder: PairEncoder) -> None:
    """A passage that is too long loses its last sentences, and the slots say which."""
    pair = encoder.encode(Pair(question="why", heading="", sentences=("lung " * 100,) * 4))
    assert [slot is not None for slot in pair.slots] == [True, True, False, False]


def test_a_very_long_first_sentence_is_cut_short_and_read(encoder: PairEncoder) -> None:
    """A passage of one endless sentence is still read."""
    pair = encoder.encode(Pair(question="why", heading="", sentences=("lung " * 900,)))
    assert pair.slots[0] is not None
