from collections.abc import Collection, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import Passage, passages_of
from index.dense import DenseIndex
from index.embedder import Vectors
from index.fusion import fuse
from index.lexical import LexicalIndex
from index.retriever import CANDIDATES, CARRIED_WEIGHT, Hit, HybridRetriever, Query
from tests.evals.fakes import WordEmbedder
from tests.fakes import document_of

WORDS = ("zorb", "quim", "blap", "drux", "vemk", "gloff")
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


def passage(document_id: str, text: str) -> Passage:
    """Return the only passage of a document with this text."""
    return passages_of(document_of(document_id, text))[0]


def retriever_of(passages: Sequence[Passage]) -> HybridRetriever:
    """Return a retriever over the passages' own texts with the fake embedder."""
    found = [p.text for p in passages]
    embedder = WordEmbedder()
    dense = DenseIndex.build(embedder.embed_batch(found))
    return HybridRetriever(passages, LexicalIndex.build(found), dense, embedder)


def ids(hits: Sequence[Hit]) -> list[str]:
    """Return the documents of hits, best first."""
    return [hit.passage.document_id for hit in hits]


def ask(
    retriever: HybridRetriever,
    own: str,
    *,
    carried: str = "",
    documents: Collection[str] | None = None,
    limit: int = 20,
) -> tuple[Hit, ...]:
    """Return the hits for a question."""
    query = Query(own=own, earlier=(carried,) if carried else ())
    return retriever.retrieve(query, documents=documents, limit=limit).hits


FOUR = [passage(key, text) for key, text in zip("abcd", WORDS, strict=False)]


# --- ranking ------------------------------------------------------------------------------------


@given(st.lists(texts, min_size=1, max_size=10), texts, st.data())
@settings(deadline=None)
def test_hits_are_those_that_scoring_everything_gives(
    corpus: list[str], question: str, data: st.DataObject
) -> None:
    """Every passage of the scope scored with numpy, sorted by score and id, is the oracle."""
    passages = [passage(f"d{n}", text) for n, text in enumerate(corpus)]
    scope = sorted(data.draw(st.sets(st.integers(0, len(corpus) - 1), min_size=1)))
    vectors, query = WordEmbedder().embed_batch(corpus), WordEmbedder().embed_batch([question])[0]
    bm25 = LexicalIndex.build(corpus).scores(question)[scope]
    cosine = (vectors @ query)[scope]
    fused = np.round(fuse(bm25, cosine).astype(float), 5)
    order = sorted(range(len(scope)), key=lambda i: (-fused[i], passages[scope[i]].passage_id))
    hits = ask(retriever_of(passages), question, documents=[f"d{n}" for n in scope])
    assert [hit.passage for hit in hits] == [passages[scope[i]] for i in order]
    assert [hit.rank for hit in hits] == list(range(1, len(scope) + 1))
    np.testing.assert_allclose([hit.score for hit in hits], fused[order], atol=1e-4)
    np.testing.assert_allclose([hit.bm25 for hit in hits], bm25[order], atol=1e-5)
    np.testing.assert_allclose([hit.cosine for hit in hits], cosine[order], atol=1e-5)


@given(st.permutations(range(6)))
@settings(deadline=None)
def test_the_order_of_the_passages_in_the_index_means_nothing(order: list[int]) -> None:
    """The same passages in any order give the same hits, ties and all."""
    corpus = [passage(f"d{n}", text) for n, text in enumerate(("zorb", "quim", "blap") * 2)]
    expected = ask(retriever_of(corpus), "zorb quim")
    assert ask(retriever_of([corpus[i] for i in order]), "zorb quim") == expected


def test_ties_are_broken_by_passage_id() -> None:
    """Equal texts come by the id of their passage, whatever came first into the index."""
    same = [passage(key, "zorb quim") for key in ("c", "a", "d", "b")]
    assert ids(ask(retriever_of(same), "zorb")) == ["a", "b", "c", "d"]


def test_the_same_question_has_the_same_hits() -> None:
    """Asked twice, hits and vector are equal to the bit."""
    retriever = retriever_of(FOUR)
    one, other = (retriever.retrieve(Query(own="zorb blap")) for _ in range(2))
    assert one.hits == other.hits
    np.testing.assert_array_equal(one.query_vector, other.query_vector)


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 50])
def test_no_more_hits_than_asked_for(limit: int) -> None:
    """A limit cuts the ranking off and changes nothing before it."""
    everything = ask(retriever_of(FOUR), "quim")
    assert ask(retriever_of(FOUR), "quim", limit=limit) == everything[:limit]


@pytest.mark.parametrize("question", ["", "?", "what is the", "unheard of"])
def test_a_question_without_a_known_word_is_answered_by_meaning(question: str) -> None:
    """No word matches: every passage is still ranked, without an error."""
    hits = ask(retriever_of(FOUR), question)
    assert len(hits) == 4
    assert all(hit.bm25 == 0 for hit in hits)


class TableEmbedder:
    """Gives texts that begin with "near" the first axis and all others the second."""

    name = "table"
    digest = "0" * 64

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), 2)."""
        axes = [[1, 0] if text.startswith("near") else [0, 1] for text in texts]
        return np.asarray(axes, dtype=np.float32).reshape(len(texts), 2)


def test_the_best_by_words_is_found_however_far_its_meaning() -> None:
    """More passages than are looked at lie nearer in meaning; the one with the word still wins."""
    near = [passage(f"n{n}", "near nothing") for n in range(CANDIDATES + 50)]
    passages = [*near, passage("far", "zorb")]
    found = [p.text for p in passages]
    dense = DenseIndex.build(TableEmbedder().embed_batch(found))
    retriever = HybridRetriever(passages, LexicalIndex.build(found), dense, TableEmbedder())
    assert "far" in ids(ask(retriever, "near zorb", limit=1000))
    assert "far" not in ids(ask(retriever, "near quim", limit=1000))


# --- scope --------------------------------------------------------------------------------------


@given(st.sets(st.sampled_from("abcdxyz")))
@settings(deadline=None)
def test_no_hit_lies_outside_the_scope(scope: set[str]) -> None:
    """Whatever documents are asked, known or not, hits come from these alone, and from all."""
    hits = ask(retriever_of(FOUR), "zorb quim", documents=sorted(scope))
    assert sorted(ids(hits)) == sorted(scope & set("abcd"))


def test_unknown_and_repeated_documents_do_not_open_the_scope() -> None:
    """As many names as the index has documents are not all of its documents."""
    retriever = retriever_of(FOUR)
    assert ids(ask(retriever, "zorb", documents=("b", "b", "b", "b"))) == ["b"]
    assert ids(ask(retriever, "zorb", documents=("b", "x", "y", "z"))) == ["b"]
    assert ids(ask(retriever, "zorb", documents=("w", "x", "y", "z"))) == []


def test_an_empty_scope_has_no_hit() -> None:
    """No document to answer from is not the same as all of them."""
    assert ask(retriever_of(FOUR), "zorb", documents=()) == ()
    assert len(ask(retriever_of(FOUR), "zorb", documents=None)) == 4


def test_a_document_is_asked_with_all_its_passages() -> None:
    """A scope of one document holds every passage of it."""
    long = document_of("long", " ".join(f"It says zorb {n}." for n in range(120)))
    passages = [*passages_of(long), *FOUR]
    hits = ask(retriever_of(passages), "zorb", documents=["long"], limit=100)
    assert {h.passage.passage_id for h in hits} == {p.passage_id for p in passages_of(long)}
    assert len(hits) > 3


# --- follow-ups ---------------------------------------------------------------------------------


def test_carried_words_help_but_weigh_less() -> None:
    """Words of earlier questions find a passage; the question's own words find theirs first."""
    retriever = retriever_of(FOUR)
    own = {h.passage.document_id: h for h in ask(retriever, "zorb")}
    both = {h.passage.document_id: h for h in ask(retriever, "zorb", carried="quim")}
    assert both["a"].bm25 == pytest.approx(own["a"].bm25)
    assert own["b"].bm25 == 0
    assert both["b"].bm25 == pytest.approx(CARRIED_WEIGHT * both["a"].bm25)
    assert ids(ask(retriever, "zorb", carried="quim"))[:2] == ["a", "b"]


def test_a_question_is_shown_with_what_it_carries() -> None:
    """What it was read with stands in brackets, where there is anything."""
    assert Query(own="And the dose?").text == "And the dose?"
    assert Query(own="And the dose?", earlier=("prednisone",)).text == "And the dose? (prednisone)"


def test_the_questions_vector_comes_along() -> None:
    """The vector is that of the whole question, of length 1, for the reader to use."""
    retrieval = retriever_of(FOUR).retrieve(Query(own="zorb", earlier=("quim",)))
    expected = WordEmbedder().embed_batch(["zorb (quim)"])[0]
    np.testing.assert_array_equal(retrieval.query_vector, expected)
