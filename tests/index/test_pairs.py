"""Tests of how a claim and its evidence become tokens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import minilm
from index.pairs import MAX_CLAIM_TOKENS, MAX_SENTENCE_TOKENS, MAX_TOKENS, PairEncoder

SEP = 102
WORDS = st.lists(st.sampled_from("the lung steroid 20mg relapse β-blocker (COP) é".split()))
TEXTS = WORDS.map(" ".join)


@pytest.fixture(scope="module")
def encoder() -> PairEncoder:
    """Return an encoder over the built-in model's vocabulary."""
    return PairEncoder(minilm.tokenizer(minilm.folder()))


def closed(ids: tuple[int, ...]) -> list[int]:
    """Return where the separators stand."""
    return [place for place, token in enumerate(ids) if token == SEP]


def test_a_pair_is_a_claim_and_sentences_each_closed(encoder: PairEncoder) -> None:
    """[CLS] claim [SEP] [SEP] sentence [SEP] …, the claim in a segment of its own."""
    pair = encoder.encode("why", ("it", "he is"))
    assert len(pair.ids) == 1 + 1 + 1 + 1 + 1 + 1 + 2 + 1
    assert closed(pair.ids) == [2, 3, 5, 8]
    assert pair.segments == (0, 0, 0, 1, 1, 1, 1, 1, 1)


@settings(max_examples=50, deadline=None)
@given(claim=TEXTS, evidence=st.lists(TEXTS, max_size=30))
def test_no_pair_is_longer_than_the_network_can_take(
    encoder: PairEncoder, claim: str, evidence: list[str]
) -> None:
    """Whatever is read, every token has its segment and the last one is a separator."""
    pair = encoder.encode(claim * 20, evidence)
    assert len(pair.ids) == len(pair.segments) <= MAX_TOKENS
    assert pair.ids[-1] == SEP
    assert len(closed(pair.ids)) <= 2 + len(evidence)


def test_sentences_without_room_are_left_out_whole(encoder: PairEncoder) -> None:
    """Those after one that does not fit are not read either, however short."""
    fitting = encoder.encode("why", ("lung " * 100,) * 3)
    assert encoder.encode("why", (*("lung " * 100,) * 3, "lung " * 50, "lung")) == fitting


def test_the_longest_claim_leaves_room_for_the_longest_sentence(encoder: PairEncoder) -> None:
    """Both are cut short; evidence of one endless sentence is still read."""
    pair = encoder.encode("claim " * 900, ("lung " * 900,))
    assert closed(pair.ids) == [
        MAX_CLAIM_TOKENS + 1,
        MAX_CLAIM_TOKENS + 2,
        MAX_CLAIM_TOKENS + 3 + MAX_SENTENCE_TOKENS,
    ]
