"""What simpler rankings reach, and the published figures measured again."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corpus.library import Library
from evals.baselines import (
    BASELINES,
    COLUMNS,
    PRODUCT,
    RETRIEVAL,
    main,
    measure,
    reciprocal_ranks,
    z_scores,
)
from evals.libraries import own_library
from evals.measures import evidence, retrieval
from evals.published import PlainBM25, as_published, words
from evals.running import run
from evals.sets import read_set
from index.lexical import LexicalIndex, Scores
from tests.evals.conftest import MakeSet, OpenSet, question
from tests.evals.fakes import WordEmbedder, WordReader

GOLD = {"doc": "aspirin", "text": "lowers fever"}
TWO = [
    question("q1", evidence=[GOLD]),
    question("q2", question="Who won the cup?", answerable=False),
    question("q3", question="What calms gout?", evidence=[{"doc": "gout", "text": ""}]),
]
numbers = st.floats(0, 100, width=16)
pairs = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*[arrays(np.float32, n, elements=numbers)] * 2)
)


def floats(*values: float) -> Scores:
    """Return scores by hand."""
    return np.asarray(values, dtype=np.float32)


# --- the rankings -------------------------------------------------------------------------------


def test_reciprocal_ranks_are_those_worked_out_by_hand() -> None:
    """1/61 + 1/63 for the first by words and last by meaning; no word, no rank among words."""
    found = reciprocal_ranks(floats(5, 1, 0), floats(0.1, 0.9, 0.5))
    assert found == pytest.approx([1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 62])


def test_z_scores_have_the_same_weight() -> None:
    """Two opposite rankings cancel out, whatever their scales; equal scores add nothing."""
    assert z_scores(floats(0, 10), floats(0.2, 0.1)) == pytest.approx([0, 0], abs=1e-6)
    assert z_scores(floats(3, 3), floats(0.1, 0.2)) == pytest.approx([-1, 1], abs=1e-6)


@pytest.mark.parametrize("name", BASELINES)
@given(scores=pairs)
@settings(deadline=None)
def test_a_passage_that_is_better_in_both_is_never_behind(
    name: str, scores: tuple[Scores, Scores]
) -> None:
    """Every ranking gives one number a passage and respects what both searches say."""
    bm25, cosine = scores
    found = BASELINES[name](bm25, cosine)
    assert found.shape == bm25.shape
    for i in range(len(found)):
        for j in range(len(found)):
            if bm25[i] > bm25[j] and cosine[i] > cosine[j]:
                assert found[i] >= found[j] - 1e-5


# --- the measuring ------------------------------------------------------------------------------


def test_the_product_is_measured_as_the_evaluation_does(open_set: OpenSet) -> None:
    """Its row has the numbers of `sequitur evaluate`, and each ranking has a row."""
    question_set, assistant = open_set(TWO)
    found = measure(question_set, assistant)
    judged = [outcome.judged for outcome in run(question_set, assistant)]
    expected = (retrieval(judged, question_set.qrels) or {}) | (evidence(judged) or {})
    assert found[PRODUCT] == {column: expected[column] for column in COLUMNS}
    assert list(found)[: len(BASELINES) + 1] == [*BASELINES, RETRIEVAL]
    assert list(found)[-1] == PRODUCT


def test_words_alone_do_not_find_what_shares_none(open_set: OpenSet) -> None:
    """A question in other words counts 0 for BM25, though a passage stands first by its place."""
    question_set, assistant = open_set(
        [question(question="Headache?", evidence=[{"doc": "aspirin", "text": ""}])]
    )
    found = measure(question_set, assistant)
    assert found["BM25"] == dict.fromkeys(COLUMNS, 0.0)
    assert found["embedding"]["R@10"] == 1.0


def test_questions_are_asked_within_their_article(open_set: OpenSet) -> None:
    """Within another article nothing right is found; of the whole library it is."""
    question_set, assistant = open_set([question(article="zinc", evidence=[GOLD])])
    assert {row["hit@3"] for row in measure(question_set, assistant).values()} == {0.0}
    everywhere = measure(question_set, assistant, whole_library=True)
    assert everywhere["BM25"]["hit@1"] == 1.0


def test_nothing_to_judge_by_is_no_number(open_set: OpenSet) -> None:
    """Answerable questions without evidence or judgements give None, not 0."""
    found = measure(*open_set([question()]))
    assert set(found[PRODUCT].values()) == {None}


def test_switching_an_ingredient_off_leaves_the_product_alone(open_set: OpenSet) -> None:
    """The assistant answers with its own index afterwards."""
    question_set, assistant = open_set(TWO)
    before = assistant.index.retriever.lexical
    measure(question_set, assistant)
    assert assistant.index.retriever.lexical is before


# --- the published figures ----------------------------------------------------------------------


def test_two_implementations_of_bm25_agree() -> None:
    """The product's index and the textbook give the same scores for the same words."""
    texts = ["zorb quim zorb", "quim blap drux vemk", "gloff", "zorb blap"]
    product = LexicalIndex.build(texts)
    textbook = PlainBM25(texts, k1=1.2, b=0.75)
    for query in ("zorb", "quim blap", "vemk gloff zorb", "nothing", ""):
        assert product.scores(query) == pytest.approx(textbook.scores(query), abs=1e-5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The patients' fevers", ["patient", "fever"]),
        ("1,000 genomes of IL-6", ["1,000", "genom", "il", "6"]),
        ("Parkinson's disease", ["parkinson", "diseas"]),
        ("", []),
    ],
)
def test_words_are_cut_as_the_field_cuts_them(text: str, expected: list[str]) -> None:
    """Possessives go, numbers stay whole, hyphens part words, stems are Porter's."""
    assert words(text) == expected


def test_whole_texts_are_ranked_by_title_and_text(make_set: MakeSet, tmp_path: Path) -> None:
    """A question that only the title answers finds its document, by words and by meaning."""
    lines = [question(question="Zinc?", evidence=[{"doc": "zinc", "text": ""}])]
    corpus = [
        {"_id": "zinc", "title": "Zinc", "text": "It shortens colds."},
        {"_id": "gout", "title": "", "text": "Colchicine calms gout."},
    ]
    question_set = read_set(make_set(lines, corpus=corpus))
    embedder = WordEmbedder()
    library = Library(own_library(question_set, embedder, tmp_path / "cache"))
    found = as_published(question_set, library, embedder)
    assert [row and row["nDCG@10"] for row in found.values()] == [1.0, 1.0]


def test_the_command_prints_and_writes_a_row_for_every_ranking(
    make_set: MakeSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sets in, one table each out; a set that is not there is one line and exit code 2."""
    monkeypatch.setattr("index.embedder.embedder_of", WordEmbedder)
    monkeypatch.setattr("index.reading.model.BuiltInReader", WordReader)
    monkeypatch.setenv("SEQUITUR_DATA_DIR", str(tmp_path / "data"))
    output = tmp_path / "baselines.json"
    arguments = [str(make_set(TWO)), "--as-published", "--json", str(output)]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    record = json.loads(output.read_text())
    (measured,) = record["sets"]
    assert measured["set"] == "tiny"
    assert list(measured["systems"])[-2:] == ["BM25, whole texts", "embedding, whole texts"]
    assert len(done.stdout.splitlines()) == 1 + len(measured["systems"])
    failed = CliRunner().invoke(main, [str(tmp_path / "nowhere")], catch_exceptions=False)
    assert failed.exit_code == 2
    assert len(failed.stderr.splitlines()) == 1
