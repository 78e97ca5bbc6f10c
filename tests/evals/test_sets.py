"""Reading question sets."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import Qrel

from corpus.errors import FileInputError
from evals.sets import GoldText, QuestionSet, qrels_from_evidence, read_set
from tests.evals.conftest import MakeSet, question


def read_lines(tmp_path: Path, *lines: str) -> QuestionSet:
    path = tmp_path / "asked.jsonl"
    path.write_text("\n".join(lines))
    return read_set(path)


def test_a_line_becomes_a_case(tmp_path: Path) -> None:
    """Every field is kept; a bare text is evidence of no known document, and none comes twice."""
    line = question(
        evidence=[{"doc": "d", "text": " t "}, "t", {"doc": "d", "text": "t"}, {"doc": "e"}],
        article="d",
        history=["Before?"],
        reference_answer="Yes.",
        kind="clinician",
        pair="p",
        other=1,
    )
    read = read_lines(tmp_path, json.dumps(line), "")
    (case,) = read.cases
    assert (case.question_id, case.question, case.answerable) == ("q1", line["question"], True)
    assert case.evidence == (
        GoldText(doc="d", text="t"),
        GoldText(doc=None, text="t"),
        GoldText(doc="e", text=""),
    )
    assert (case.article, case.history) == ("d", ("Before?",))
    assert (case.reference_answer, case.kind, case.pair) == ("Yes.", "clinician", "p")
    assert (read.name, read.corpus) == ("asked", ())


def test_qrels_come_from_the_file_else_from_the_evidence(make_set: MakeSet) -> None:
    """qrels/test.tsv is taken with or without its header; without it evidence documents count."""
    lines = [question(evidence=[{"doc": "a", "text": "x"}, {"doc": "a", "text": "y"}, "z"])]
    assert read_set(make_set(lines)).qrels == (Qrel("q1", "a", 1),)
    assert read_set(make_set(lines, qrels="q1\tb\t2\n")).qrels == (Qrel("q1", "b", 2),)


def test_a_folder_brings_its_corpus_and_a_file_does_not(make_set: MakeSet) -> None:
    """Articles are read with the references of the same name; a file alone brings no texts."""
    folder = make_set([question()])
    articles = folder / "articles"
    articles.mkdir()
    for name in ("D.nxml", "B.nxml", "A.nxml", "A.nbib", "C.nbib"):
        (articles / name).write_text("x")
    parts = [(part.slug, [f.name for f in part.files]) for part in read_set(folder).corpus]
    assert parts == [
        (None, ["corpus.jsonl"]),
        ("A", ["A.nxml", "A.nbib"]),
        (None, ["B.nxml", "D.nxml"]),
    ]
    alone = read_set(folder / "questions.jsonl")
    assert (alone.name, alone.corpus) == ("tiny", ())


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"id": None}, "'id' is missing"),
        ({"id": 7}, "'id' is missing or not a text"),
        ({"id": ""}, "'id' is empty"),
        ({"question": None}, "'question' is missing"),
        ({"answerable": "yes"}, "'answerable' is missing or not true or false"),
        ({"evidence": "text"}, "'evidence' is not a list"),
        ({"evidence": [1]}, "neither a text nor an object"),
        ({"evidence": [{"doc": 1, "text": "t"}]}, "'doc' or a 'text' that is not a text"),
        ({"evidence": [{"doc": None, "text": " "}]}, "neither a document nor a text"),
        ({"article": ["a"]}, "'article' is not a text"),
        ({"history": [1]}, "'history' holds something"),
        ({"reference_answer": 1}, "'reference_answer' is not a text"),
        ({"kind": {}}, "'kind' is not a text"),
        ({"pair": 1}, "'pair' is not a text"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, values: dict[str, Any], reason: str) -> None:
    """An error names the file, the line and what is wrong with it, in one line."""
    with pytest.raises(FileInputError) as caught:
        read_lines(tmp_path, json.dumps(question()), "", json.dumps(question("q2") | values))
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "asked.jsonl")), message
    assert ", line 3: " in message
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not usable JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not usable JSON"),
        ('{"id": "\\ud800"}', "half a character"),
        (json.dumps(question()), "id 'q1' is also on line 1"),
    ],
)
def test_a_line_that_is_no_new_object_is_named(tmp_path: Path, line: str, reason: str) -> None:
    """Broken JSON, JSON of another shape and an id used twice are refused with their line."""
    with pytest.raises(FileInputError, match="line 2") as caught:
        read_lines(tmp_path, json.dumps(question()), line)
    assert reason in str(caught.value)


def test_an_empty_or_missing_set_is_refused(tmp_path: Path) -> None:
    """No file, no folder, a folder without questions and a file without questions are errors."""
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(FileInputError):
            read_set(path)
    with pytest.raises(FileInputError, match="holds no questions"):
        read_lines(tmp_path, "", " ")


@pytest.mark.parametrize("row", ["q1\ta", "q1\ta\tmuch", "q1 a 1"])
def test_bad_qrels_are_named(make_set: MakeSet, row: str) -> None:
    """A row of qrels that has not three columns, or no whole number, is refused with its line."""
    with pytest.raises(FileInputError, match=r"test\.tsv, line 3"):
        read_set(make_set([question()], qrels=f"q1\ta\t1\n{row}\n"))


@given(st.text(max_size=200))
def test_any_line_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever stands in a line, it is a case or one of our errors."""
    path = tmp_path_factory.mktemp("any") / "q.jsonl"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(FileInputError):
        read_set(path)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count", "answerable"),
    [
        ("bioasq", 170, 109),
        ("pubmedqa", 500, 341),
        ("covidqa", 859, 585),
        ("covidqa_near", 754, 355),
        ("trials", 171, 81),
        ("scifact", 300, 300),
        ("asked_pages", 777, 317),
    ],
)
def test_the_measuring_sets_load(shared: Path, name: str, count: int, answerable: int) -> None:
    """Every set has the questions that it is said to have, and its qrels name its evidence."""
    read = read_set(shared / "eval" / name)
    assert (read.name, len(read.cases)) == (name, count)
    assert sum(case.answerable for case in read.cases) == answerable
    assert read.corpus
    judged = {(q.query_id, q.doc_id) for q in read.qrels if q.relevance > 0}
    assert {(q.query_id, q.doc_id) for q in qrels_from_evidence(read.cases)} <= judged
    answerable_ids = {case.question_id for case in read.cases if case.answerable}
    assert answerable_ids <= {query_id for query_id, _ in judged}
