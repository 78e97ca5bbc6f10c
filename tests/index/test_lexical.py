import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import LexicalIndex, stems, terms

# Words of no language, their own stems, so that no stop list, stemmer or lexicon changes them.
INVENTED = ("zorb", "quim", "blap", "drux", "vemk", "gloff")
texts = st.lists(st.sampled_from(INVENTED), min_size=1, max_size=12).map(" ".join)
queries = st.lists(st.sampled_from((*INVENTED, "unheard")), max_size=5).map(" ".join)


def bm25(corpus: Sequence[str], query: str) -> list[float]:
    """Score every text as Robertson & Zaragoza (2009) do, in Lucene's variant; k1 1.2, b 0.75."""
    bags = [Counter(text.split()) for text in corpus]
    average = sum(map(Counter.total, bags)) / len(bags)
    found = []
    for bag in bags:
        score = 0.0
        for word in query.split():
            frequency = sum(word in other for other in bags)
            rarity = math.log(1 + (len(bags) - frequency + 0.5) / (frequency + 0.5))
            norm = 1.2 * (1 - 0.75 + 0.75 * bag.total() / average)
            score += rarity * bag[word] / (bag[word] + norm)
        found.append(score)
    return found


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("?!", []),
        ("Which of these are the", []),
        ("What does it do?", []),
        ("Tables TABLED tabling", ["tabl"] * 3),
        ("window-dressing", ["window", "dress"]),
        ("10-30% of 5", ["10", "30", "5"]),
        ("naïve Ångström 心不全", ["naïv", "ångström", "心不全"]),
        ("_a", ["_a"]),
    ],
)
def test_words_are_stemmed_and_those_that_only_ask_left_out(text: str, expected: list[str]) -> None:
    """Inflected forms meet, numbers and letters of any language stay, stop words go."""
    assert stems(text) == expected


@given(st.text())
def test_case_means_nothing(text: str) -> None:
    """Upper and lower case give the same stems and terms, none of them empty."""
    assert stems(text.lower()) == stems(text)
    assert terms(text.lower()) == terms(text)
    assert all((*stems(text), *terms(text)))


@given(texts)
def test_words_without_synonyms_are_their_own_terms(text: str) -> None:
    """Where the lexicon knows nothing, what is read and what is searched is the same."""
    assert terms(text) == stems(text) == text.split()


# --- scores -------------------------------------------------------------------------------------


def test_the_worked_example() -> None:
    """One of two texts of two words holds a word once: ln(2) / (1 + 1.2)."""
    index = LexicalIndex.build(["zorb quim", "blap drux"])
    np.testing.assert_allclose(index.scores("zorb"), [math.log(2) / 2.2, 0], rtol=1e-6)


@given(st.lists(texts, min_size=1, max_size=8), queries)
def test_scores_agree_with_the_formula(corpus: list[str], query: str) -> None:
    """A second implementation, written from the formula, gives the same numbers."""
    scores = LexicalIndex.build(corpus).scores(query)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, bm25(corpus, query), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("query", ["", "  ", "the of", "what?", "unheard", "?"])
def test_a_query_without_a_known_word_scores_nothing(query: str) -> None:
    """No word in common is a zero for every text, of the same shape as ever."""
    scores = LexicalIndex.build(["zorb quim", "blap"]).scores(query)
    np.testing.assert_array_equal(scores, np.zeros(2, dtype=np.float32))


@pytest.mark.parametrize("empty", ["", "the", "?"])
def test_a_text_without_words_is_never_found(empty: str) -> None:
    """It keeps its position and scores 0, alone or among others."""
    assert LexicalIndex.build([empty]).scores("zorb").tolist() == [0]
    scores = LexicalIndex.build(["zorb", empty, "zorb zorb"]).scores("zorb")
    assert scores[1] == 0
    assert (scores[[0, 2]] > 0).all()


def test_no_text_at_all_is_an_index_of_nothing() -> None:
    """An empty index answers with no score."""
    assert LexicalIndex.build([]).scores("zorb").shape == (0,)


def test_rarity_falls_with_every_text_that_holds_the_word() -> None:
    """ln(1 + (n - df + 0.5) / (df + 0.5)), greatest for a word that no text holds."""
    index = LexicalIndex.build(["zorb quim", "zorb zorb", "zorb", "blap"])
    assert index.document_frequency["zorb"] == 3
    assert index.rarity("zorb") == pytest.approx(math.log(1 + 1.5 / 3.5))
    assert index.rarity("quim") == pytest.approx(math.log(1 + 3.5 / 1.5))
    assert index.rarity("unheard") == pytest.approx(math.log(1 + 4.5 / 0.5))


# --- on disk ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "corpus",
    [["zorb quim", "blap", "", "β-blocker naïve 心不全"], [""], ["fever of the lung", "lungs"]],
)
def test_what_was_saved_scores_alike(tmp_path: Path, corpus: list[str]) -> None:
    """After a round trip every score and rarity is the same to the bit."""
    index = LexicalIndex.build(corpus)
    index.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    assert loaded.size == index.size
    assert loaded.document_frequency == index.document_frequency
    for query in ("zorb", "β naïve", "心不全", "lung fever", "unheard", ""):
        np.testing.assert_array_equal(loaded.scores(query), index.scores(query))
        assert all(loaded.rarity(t) == index.rarity(t) for t in terms(query))
