"""Asking a whole set with an embedder that counts words."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from evals.result import result_record
from evals.running import Outcome, run
from tests.evals.conftest import OpenSet, question

SCHEMA = Path(__file__).parents[2] / "contract" / "evaluation.schema.json"
FEVER = "Aspirin lowers fever in adults."


def by_id(outcomes: tuple[Outcome, ...]) -> dict[str, Outcome]:
    return {outcome.case.question_id: outcome for outcome in outcomes}


def test_a_whole_result_is_valid_and_repeatable(open_set: OpenSet) -> None:
    """The record follows the contract, and but for the times two runs give the same."""
    question_set, assistant = open_set(
        [
            question("q1", evidence=[{"doc": "aspirin", "text": FEVER}], kind="plain"),
            question("q2", answerable=False, question="Who won the cup?", kind="other"),
            question("q3", question="", answerable=False),
        ]
    )
    records = []
    for _ in range(2):
        outcomes = run(question_set, assistant)
        record = result_record(question_set, outcomes, assistant.provenance, whole_library=False)
        Draft202012Validator(json.loads(SCHEMA.read_text())).validate(record)
        assert json.loads(json.dumps(record)) == record
        record["latency_ms"] = record["stages_ms"] = None
        record["per_question"] = [{**q, "latency_ms": 0} for q in record["per_question"]]
        records.append(record)
    assert records[0] == records[1]
    assert (records[0]["set"], records[0]["n"]) == ("tiny", 3)
    assert list(records[0]["by_kind"]) == ["other", "plain"]
    assert not {"pairs", "contrasts", "question_only"} & set(records[0])
    assert records[0]["provenance"]["corpus_fingerprint"] == assistant.library.fingerprint
    assert [q["id"] for q in records[0]["per_question"]] == ["q1", "q2", "q3"]


def test_an_answer_that_quotes_the_right_text_hits(open_set: OpenSet) -> None:
    """The first passage, the statement and the gold text are hit, and the document comes first."""
    question_set, assistant = open_set(
        [question(evidence=[{"doc": "aspirin", "text": FEVER}, {"doc": "zinc", "text": ""}])],
        threshold=0.0,
    )
    (outcome,) = run(question_set, assistant)
    judged = outcome.judged
    assert (judged.answered, judged.first_hit, judged.evidence_hit) == (True, 1, True)
    assert judged.documents[0] == "aspirin"
    assert judged.statement_hits[0]
    assert judged.gold_hits == (
        True,
        any(c.document_id == "zinc" for s in outcome.answer.statements for c in s.citations),
    )


def test_each_cited_span_is_one_unit(open_set: OpenSet) -> None:
    """What two statements cite is counted once, by whether it hits; the first one misses."""
    question_set, assistant = open_set(
        [question(evidence=[{"doc": "aspirin", "text": FEVER}])], threshold=0.0
    )
    asked = assistant.ask_with_findings

    def twice(*args: Any) -> Any:
        answer, found = asked(*args)
        (right, *_) = answer.statements
        astray = tuple(replace(c, document_id="gout") for c in right.citations)
        missing = replace(right, citations=astray)
        return replace(answer, statements=(missing, *answer.statements * 2)), found

    assistant.ask_with_findings = twice  # type: ignore[method-assign]
    (outcome,) = run(question_set, assistant)
    cited = {(c.document_id, c.quote) for s in outcome.answer.statements for c in s.citations}
    assert len(outcome.judged.unit_hits) == len(cited)
    assert outcome.judged.unit_hits[0] is False
    assert sum(outcome.judged.unit_hits) == 1
    assert outcome.judged.best_hits
    assert not outcome.judged.first_unit_hits


def test_versions_of_a_question_stay_together(open_set: OpenSet) -> None:
    """A pair is compared in the result, and stands beside each of its questions."""
    asked = {"question": "Does zinc shorten colds?", "pair": "colds"}
    question_set, assistant = open_set(
        [
            question("a", **asked, kind="answered", article="zinc"),
            question("c", **asked, kind="cut", article="gout", answerable=False),
            question("n", answerable=False),
        ]
    )
    outcomes = run(question_set, assistant)
    record = result_record(question_set, outcomes, assistant.provenance, whole_library=False)
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(record)
    assert record["pairs"] == {"right": 1.0, "n": 1}
    assert record["contrasts"]["answered_against_cut"] == 1.0
    assert record["question_only"]["answered_against_cut"] is None
    assert [q.get("pair") for q in record["per_question"]] == ["colds", "colds", None]


def test_a_refusal_hits_nothing_but_tells_what_was_held_back(open_set: OpenSet) -> None:
    """For the risk a refused question counts as if it had been answered."""
    gold = [{"doc": "aspirin", "text": FEVER}]
    wrong = [{"doc": "zinc", "text": "Zinc tastes bad."}]
    question_set, assistant = open_set(
        [question("right", evidence=gold), question("wrong", evidence=wrong)], threshold=1.0
    )
    outcomes = by_id(run(question_set, assistant))
    assert not any(outcome.judged.answered for outcome in outcomes.values())
    assert outcomes["right"].judged.evidence_hit is False
    assert outcomes["right"].judged.best_hits
    assert outcomes["right"].judged.first_unit_hits
    assert not outcomes["right"].judged.unit_hits
    assert not outcomes["wrong"].judged.best_hits
    assert not outcomes["wrong"].judged.first_unit_hits


def test_each_question_holds_what_a_comparison_needs(open_set: OpenSet) -> None:
    """The rank of the first hit, what a refusal held back and the gain; null where undefined."""
    question_set, assistant = open_set(
        [
            question("held", evidence=[{"doc": "aspirin", "text": FEVER}]),
            question("bare"),
            question("not", answerable=False),
        ],
        threshold=1.0,
    )
    outcomes = run(question_set, assistant)
    record = result_record(question_set, outcomes, assistant.provenance, whole_library=False)
    fields = ("evidence_hit", "first_hit_rank", "best_evidence_hit", "nDCG@10")
    assert [[q[field] for field in fields] for q in record["per_question"]] == [
        [False, 1, True, 1.0],
        [None, None, None, None],
        [None, None, None, None],
    ]


def test_the_time_of_each_stage_is_told(open_set: OpenSet) -> None:
    """A stage has its mean over the questions that went through it; the total comes last."""
    question_set, assistant = open_set([question("q1"), question("q2", question="")])
    first, second = run(question_set, assistant)
    timed = [
        replace(first, answer=replace(first.answer, timings_ms={"read": 3.0, "total": 5.0})),
        replace(second, answer=replace(second.answer, timings_ms={"total": 2.0, "late": 1.0})),
    ]
    record = result_record(question_set, timed, assistant.provenance, whole_library=False)
    assert list(record["stages_ms"].items()) == [("read", 3.0), ("late", 1.0), ("total", 3.5)]


def test_a_question_is_asked_within_its_article(open_set: OpenSet) -> None:
    """Its article bounds the search, an unknown one does not, and the option lifts all bounds."""
    question_set, assistant = open_set(
        [question("within", article="zinc"), question("lost", article="gone"), question("free")]
    )
    outcomes = by_id(run(question_set, assistant))
    assert outcomes["within"].judged.documents == ("zinc",)
    assert {"aspirin", "zinc"} <= set(outcomes["lost"].judged.documents)
    assert [outcomes[i].asked_within for i in ("within", "lost", "free")] == ["zinc", None, None]
    whole = run(question_set, assistant, whole_library=True)
    assert "aspirin" in by_id(whole)["within"].judged.documents
    counts = [
        result_record(question_set, o, assistant.provenance, whole_library=lifted)["provenance"]
        for o, lifted in ((tuple(outcomes.values()), False), (whole, True))
    ]
    assert [c["article_not_in_library"] for c in counts] == [1, 0]
    assert [c["whole_library"] for c in counts] == [False, True]


def test_earlier_questions_are_handed_on(open_set: OpenSet) -> None:
    """A follow-up is understood with its history."""
    question_set, assistant = open_set(
        [question(question="And its main harm?", history=["Does aspirin lower fever?"])]
    )
    (outcome,) = run(question_set, assistant)
    assert "aspirin" in outcome.answer.standalone_question


def test_evidence_that_stands_nowhere_is_counted(open_set: OpenSet) -> None:
    """Gold texts that the library lacks are told in the provenance; empty ones are not missing."""
    texts = [{"doc": "aspirin", "text": "Not there."}, {"doc": "zinc", "text": ""}, FEVER]
    question_set, assistant = open_set(
        [question(evidence=texts), question("q2", answerable=False, evidence=["Nor this."])]
    )
    outcomes = run(question_set, assistant)
    record = result_record(question_set, outcomes, assistant.provenance, whole_library=False)
    provenance = record["provenance"]
    assert (provenance["gold_texts"], provenance["unlocated_evidence"]) == (3, 1)
    assert record["per_question"][1]["evidence_hit"] is None


def test_progress_is_told_after_each_question(open_set: OpenSet) -> None:
    """A bar that counts to the number of questions is full at the end."""
    question_set, assistant = open_set([question("q1"), question("q2")])
    told: list[int] = []
    run(question_set, assistant, progress=told.append)
    assert told == [1, 1]


@pytest.mark.parametrize("name", ["retrieval", "evidence"])
def test_a_set_without_right_texts_has_no_such_measures(open_set: OpenSet, name: str) -> None:
    """What cannot be measured is null in the record."""
    question_set, assistant = open_set([question()])
    outcomes = run(replace(question_set, qrels=()), assistant)
    record = result_record(question_set, outcomes, assistant.provenance, whole_library=False)
    assert record[name] is None
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(record)
