import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import Document, passages_of, units_of
from index.evidence_model import PairScores
from index.lexical import LexicalIndex
from index.pairs import Pair
from index.reader import (
    COSINE_WEIGHT,
    COVERAGE_WEIGHT,
    PASSAGE_WEIGHT,
    PASSAGES_READ,
    RETRIEVAL_WEIGHT,
    SENTENCE_WEIGHT,
    SENTENCES_EMBEDDED,
    Reading,
    SentenceReader,
    coverage_of,
    probability,
    reranked,
)
from index.retriever import CARRIED_WEIGHT, Hit, Query, Retrieval
from tests.evals.fakes import WordReader
from tests.fakes import RecordingEmbedder, document_of, heading, item

# Words of no language stand in the texts wherever a synonym could change what is counted.
LISTED = document_of(
    "listed",
    heading("Gloff"),
    "Quim is rare. Triggers of zorb are:",
    item("vemk"),
    item("drux and blap"),
    title="Wugs",
)


class RecordingReader(WordReader):
    """Keeps what it was given to read."""

    def __init__(self) -> None:
        self.pairs: list[Pair] = []

    def read_batch(self, pairs: Sequence[Pair]) -> list[PairScores]:
        """Return the scores of each pair, in the order given."""
        self.pairs += pairs
        return super().read_batch(pairs)


def hits_on(*documents: Document, scores: Sequence[float] = ()) -> tuple[Hit, ...]:
    """Return a hit on every passage, with the scores given or 0.5."""
    passages = [p for document in documents for p in passages_of(document)]
    return tuple(
        Hit(
            passage=passage,
            rank=rank,
            score=scores[rank - 1] if scores else 0.5,
            bm25=0.0,
            cosine=0.0,
        )
        for rank, passage in enumerate(passages, start=1)
    )


def read(
    query: Query,
    *documents: Document,
    hits: Sequence[Hit] | None = None,
    embedder: RecordingEmbedder | None = None,
    model: WordReader | None = None,
) -> tuple[Reading, ...]:
    """Read documents against a question, all their passages being hits unless given."""
    embedder = embedder or RecordingEmbedder()
    lexical = LexicalIndex.build([d.text for d in documents])
    hits = hits_on(*documents) if hits is None else tuple(hits)
    retrieval = Retrieval(hits=hits, query_vector=embedder.embed_batch([query.text])[0])
    embedder.texts.clear()
    reader = SentenceReader(lexical, embedder, model or WordReader())
    return reader.read(query, retrieval, {d.document_id: d for d in documents})


def reading_of(readings: Sequence[Reading], text: str) -> Reading:
    """Return the reading of one sentence."""
    return next(r for r in readings if r.text == text)


# --- coverage -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("Zorb is all.", 0.75),
        ("Quims come.", 0.25),
        ("A zorb without a quim.", 1.0),
        ("zorb zorb zorb", 0.75),
        ("Nothing of it.", 0.0),
        ("", 0.0),
    ],
)
def test_coverage_is_the_share_of_the_questions_rarity(text: str, share: float) -> None:
    """The worked example: a word of weight 3 and one of weight 1, each counted once."""
    assert coverage_of({"zorb": 3.0, "quim": 1.0}, text) == pytest.approx(share)


def test_a_question_without_words_is_not_covered() -> None:
    """Nothing to find is nothing found, not everything."""
    assert coverage_of({}, "zorb") == 0
    assert coverage_of({"zorb": 0.0}, "zorb") == 0


WORDS = ("zorb", "quim", "blap", "drux", "vemk", "gloff")


@given(
    st.dictionaries(st.sampled_from(WORDS), st.floats(0, 10)),
    st.lists(st.sampled_from(WORDS)),
    st.lists(st.sampled_from(WORDS)),
)
def test_more_text_never_covers_less(
    weights: dict[str, float], one: list[str], other: list[str]
) -> None:
    """Coverage lies between 0 and 1 and grows with what a text holds."""
    shorter, longer = (
        coverage_of(weights, " ".join(one)),
        coverage_of(weights, " ".join(one + other)),
    )
    assert 0 <= shorter <= longer + 1e-9
    assert longer <= 1 + 1e-9


# --- the three coverages ------------------------------------------------------------------------


def test_lead_ins_count_for_the_item_that_they_introduce() -> None:
    """An item answers a question about zorb when "Triggers of zorb are:" stands before it."""
    found = read(Query(own="zorb vemk"), LISTED)
    vemk = reading_of(found, "vemk")
    assert vemk.coverage == pytest.approx(1)
    assert vemk.lead_in_coverage == pytest.approx(0.5)
    assert reading_of(found, "Triggers of zorb are:").lead_in_coverage == 0
    assert reading_of(found, "drux and blap").coverage == pytest.approx(0.5)


def test_heading_and_title_count_as_context_only() -> None:
    """What the section path and the title hold is told apart from what the sentence says."""
    found = read(Query(own="quim gloff wug"), LISTED)
    quim = reading_of(found, "Quim is rare.")
    assert quim.context_coverage == pytest.approx(1)
    assert 0 < quim.coverage < 1
    vemk = reading_of(found, "vemk")
    assert vemk.coverage == vemk.lead_in_coverage == 0
    assert 0 < vemk.context_coverage < 1


def test_a_heading_that_introduces_a_list_counts_as_a_lead_in() -> None:
    """Directly under a heading an item is read together with it."""
    document = document_of("d", heading("Triggers of zorb"), item("vemk"))
    (vemk,) = read(Query(own="zorb"), document)
    assert vemk.coverage == vemk.lead_in_coverage == pytest.approx(1)


def test_what_is_embedded_is_the_sentence_behind_its_lead_ins() -> None:
    """The embedder sees what a reader must know to understand the item."""
    embedder = RecordingEmbedder()
    read(Query(own="vemk"), LISTED, embedder=embedder)
    assert sorted(embedder.texts) == [
        "Quim is rare.",
        "Triggers of zorb are:",
        "Triggers of zorb are: drux and blap",
        "Triggers of zorb are: vemk",
    ]


# --- weights ------------------------------------------------------------------------------------


def test_rare_words_weigh_more_and_carried_ones_less() -> None:
    """A word weighs its rarity in the library; a carried one CARRIED_WEIGHT of it."""
    lexical = LexicalIndex.build(["zorb quim", "zorb", "zorb"])
    weights = SentenceReader(lexical, RecordingEmbedder(), WordReader()).weights(
        Query(own="zorb quim", carried="blap zorb")
    )
    assert weights == pytest.approx(
        {
            "zorb": lexical.rarity("zorb"),
            "quim": lexical.rarity("quim"),
            "blap": CARRIED_WEIGHT * lexical.rarity("blap"),
        }
    )
    assert weights["quim"] > weights["zorb"]


# --- order and limits ---------------------------------------------------------------------------


def test_the_score_is_the_sum_of_its_parts() -> None:
    """The reader's verdicts, coverage, cosine and the hit's score, each weighed as stated."""
    (only,) = read(
        Query(own="zorb quim"),
        document_of("d", "Zorb comes."),
        hits=hits_on(document_of("d", "Zorb comes."), scores=[2.0]),
    )
    vectors = RecordingEmbedder().embed_batch(["Zorb comes.", "zorb quim"])
    assert only.cosine == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-6)
    assert (only.relevance, only.passage_relevance) == (0.0, 0.0)  # half of the words: 6/2 - 3
    expected = (
        SENTENCE_WEIGHT * 0.5
        + PASSAGE_WEIGHT * 0.5
        + COVERAGE_WEIGHT * only.coverage
        + COSINE_WEIGHT * only.cosine
        + RETRIEVAL_WEIGHT * 2.0
    )
    assert only.score == pytest.approx(expected)


def test_log_odds_become_probabilities() -> None:
    """Even odds are one half, and odds of three to one three quarters."""
    assert probability(0.0) == 0.5
    assert probability(math.log(3)) == pytest.approx(0.75)


def test_hits_are_put_in_the_order_of_their_best_sentence() -> None:
    """A passage that answers comes before one that shares words, and ranks are counted anew."""
    document = document_of("d", heading("A"), "It quims.", heading("B"), "It zorbs.")
    hits = hits_on(document)
    found = read(Query(own="zorb zorbs"), document, hits=hits)
    order = reranked(hits, found)
    assert [hit.passage.text for hit in order] == [hits[1].passage.text, hits[0].passage.text]
    assert [hit.rank for hit in order] == [1, 2]
    assert [hit.score for hit in order] == [reading.score for reading in found]
    assert reranked(hits, ()) == hits


@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), min_size=1, max_size=8))
@settings(deadline=None, max_examples=50)
def test_readings_come_best_first_and_ties_in_order(said: list[list[str]]) -> None:
    """By falling score, then by document id, then by place in the text."""
    sentences = " ".join("It " + " ".join(words) + "." for words in said)
    found = read(Query(own="zorb quim"), document_of("b", sentences), document_of("a", sentences))
    keys = [(-round(r.score, 5), r.document.document_id, r.unit.start) for r in found]
    assert keys == sorted(keys)


def test_no_more_sentences_than_need_a_vector() -> None:
    """However long the passages are, the embedder gets SENTENCES_EMBEDDED texts at most."""
    embedder = RecordingEmbedder()
    document = document_of("d", " ".join(f"It says zorb {n}." for n in range(60)))
    found = read(Query(own="zorb"), document, embedder=embedder)
    assert len(units_of(document)) == 60
    assert len(found) == len(embedder.texts) == SENTENCES_EMBEDDED


def test_the_sentences_that_cover_most_are_the_ones_embedded() -> None:
    """Behind many sentences that say nothing, the one that covers the question is still read."""
    fillers = " ".join(f"It says wug {n}." for n in range(20))
    document = document_of("d", f"{fillers} It says zorb. {fillers}")
    assert read(Query(own="zorb"), document)[0].text == "It says zorb."


def test_only_the_best_passages_are_read() -> None:
    """Hits beyond PASSAGES_READ do not come to the reader."""
    documents = [document_of(f"d{n}", f"It says zorb {n}.") for n in range(PASSAGES_READ + 2)]
    model = RecordingReader()
    read(Query(own="zorb"), *documents, model=model)
    assert [pair.sentences for pair in model.pairs] == [
        (f"It says zorb {n}.",) for n in range(PASSAGES_READ)
    ]


def test_the_reader_sees_title_section_and_the_sentences_of_the_passage() -> None:
    """What a sentence stands under is a part of what it says."""
    model = RecordingReader()
    read(Query(own="zorb?", carried="wug"), LISTED, model=model)
    (pair,) = model.pairs
    assert pair.question == "zorb? (wug)"
    assert pair.heading == "Wugs Gloff"
    assert pair.sentences == ("Quim is rare.", "Triggers of zorb are:", "vemk", "drux and blap")


def test_only_the_sentences_of_the_hit_are_read() -> None:
    """Of a document with several passages, those that were found are read and no others."""
    document = document_of("d", heading("A"), "It zorbs.", heading("B"), "It quims.")
    _, second = hits_on(document)
    (found,) = read(Query(own="zorb"), document, hits=[second])
    assert found.text == "It quims."
    assert found.hit is second
    assert found.span.of(document.text) == found.text


def test_no_hit_gives_no_reading() -> None:
    """Nothing found is nothing read, without an error."""
    assert read(Query(own="zorb"), LISTED, hits=[]) == ()
