"""Tests of the data sets as exercises, on small files made by hand."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import InputError
from evals.training.bioasq import BioASQ
from evals.training.claims import MedQuAD, SciFact
from evals.training.data import FILES, epoch, sources
from evals.training.examples import Example
from evals.training.papers import Papers, is_trained_on
from evals.training.squad import HELD_OUT, Squad, paragraphs
from evals.training.trials import Trials, read_trials

RNG = random.Random(5)


def written(path: Path, *rows: Any) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))
    return path


def answering(examples: Sequence[Example]) -> list[str]:
    """Return every sentence that some exercise marks as answering."""
    return [s for e in examples for s, r in zip(e.sentences, e.relevant or (), strict=True) if r]


def check(examples: Sequence[Example]) -> None:
    """Check that every exercise agrees with itself."""
    assert examples
    for example in examples:
        assert example.sentences
        if example.relevant is not None:
            assert len(example.relevant) == len(example.sentences)
            assert example.answers == any(example.relevant)


def squad_file(folder: Path) -> Path:
    """Write two titles, one of them held out."""
    rows = [
        {
            "title": title,
            "text": "Steam drives the engine. Coal heats the water of the boiler.",
            "questions": [
                {"question": "What heats the water?", "answers": ["Coal"]},
                {"question": "What cools the water?", "answers": []},
            ],
        }
        for title in ("Steam_engine", min(HELD_OUT))
    ]
    return written(folder / "squad2_dev.jsonl", *rows)


def test_squad_marks_the_sentence_and_the_words_that_answer(tmp_path: Path) -> None:
    """The near miss that people wrote has nothing marked."""
    examples = list(Squad(squad_file(tmp_path)).epoch(RNG))
    check(examples)
    assert set(answering(examples)) == {"Coal heats the water of the boiler."}
    first = examples[0]
    assert [first.sentences[i][a:b] for i, a, b in first.spans or ()] == ["Coal"]
    assert all(not e.answers for e in examples if e.question == "What cools the water?")


def test_held_out_titles_are_never_learnt_from(tmp_path: Path) -> None:
    """What measures the reader is not what trained it."""
    path = squad_file(tmp_path)
    assert {e.heading for e in Squad(path).epoch(RNG)} == {"Steam engine"}
    assert [p.title for p in paragraphs(path, held_out=True)] == [min(HELD_OUT).replace("_", " ")]


def trial_row(name: str) -> dict[str, Any]:
    """Return a report with an abstract, a body and one question."""
    return {
        "id": name,
        "text": f"TITLE: \nA trial of {name}\n\nABSTRACT.RESULTS:\n{name} halved the deaths.\n\n"
        "BODY.RESULTS:\nThe mean age was 60 years. Fewer patients of the drug group died in the "
        "end.\nBODY.METHODS:\nPatients drew lots. Nurses gave the tablets.",
        "questions": [
            {
                "question": f"What was the effect of {name} on death?",
                "evidence": ["Fewer patients of the drug group died in the end."],
            }
        ],
    }


def test_trials_mark_the_evidence_in_its_section(tmp_path: Path) -> None:
    """Sections come apart at their headings, under the article's title."""
    path = written(tmp_path / "trials.jsonl", trial_row("zorbinol"), trial_row("quimase"))
    trial = read_trials(path)[0]
    assert [part.heading for part in trial.parts] == [
        "A trial of zorbinol Results",
        "A trial of zorbinol Results",
        "A trial of zorbinol Methods",
    ]
    examples = list(Trials(path).epoch(RNG))
    check(examples)
    assert set(answering(examples)) == {"Fewer patients of the drug group died in the end."}
    assert any(not e.answers for e in examples)


def test_scifact_marks_the_evidence_and_claims_without_any(tmp_path: Path) -> None:
    """An abstract that neither supports nor contradicts a claim does not answer it."""
    sentences = ["Aspirin was given.", "It lowered fever.  \n"]
    path = written(
        tmp_path / "scifact_claims.jsonl",
        {"claim": "a", "label": "SUPPORT", "evidence": [sentences[1]], "sentences": sentences},
        {"claim": "b", "label": "NOT_ENOUGH_INFO", "evidence": [], "sentences": sentences},
    )
    examples = list(SciFact(path).epoch(RNG))
    check(examples)
    assert {(e.question, e.answers) for e in examples} >= {("a", True), ("b", False)}
    assert set(answering(examples)) == {"It lowered fever."}


def test_medquad_sets_an_answer_against_others_on_the_same_disease(tmp_path: Path) -> None:
    """The near miss is about the disease and answers another question."""
    path = written(
        tmp_path / "medquad.jsonl",
        {"question": "What causes wugs ?", "answer": "Zorb causes wugs.", "focus": "Wugs"},
        {"question": "How to treat wugs ?", "answer": "Rest treats wugs.", "focus": "Wugs"},
    )
    examples = list(MedQuAD(path).epoch(RNG))
    check(examples)
    for example in examples:
        own = "Zorb" if "causes" in example.question else "Rest"
        assert all(own in sentence for sentence in answering([example]))
        assert example.question.endswith("wugs?")
        assert example.answers or not any(own in s for s in example.sentences)


def test_bioasq_takes_the_abstract_where_it_is_known(tmp_path: Path) -> None:
    """Elsewhere the snippet stands between snippets of other questions."""
    rows = [
        {"question": question, "evidence": [{"doc": doc, "text": text}]}
        for question, doc, text in (
            ("Does zorb calm gout?", "1", "Zorb calms gout."),
            ("Does zorb cause gout?", "2", "Zorb is rare."),
            ("Is zorb safe in gout?", "3", "It is safe."),
        )
    ]
    path = written(tmp_path / "bioasq.jsonl", *rows)
    known = {"1": ("On zorb", "Gout hurts. Zorb calms gout. Beer does not.")}
    examples = list(BioASQ(path, known).epoch(RNG))
    check(examples)
    of_first = [e for e in examples if e.question == "Does zorb calm gout?" and e.answers]
    assert {e.heading for e in of_first} == {"On zorb"}
    assert set(answering(of_first)) == {"Zorb calms gout."}
    missed = [e for e in examples if e.question == rows[0]["question"] and not e.answers]
    assert all("Zorb calms gout." not in e.sentences for e in missed)


def paper_folder(folder: Path, *ids: str) -> Path:
    """Write papers with a question each."""
    folder.mkdir()
    text = "Title\n\nDOI: 1\n\nAbstract: Bats carry the virus. Cats carry none of it at all."
    written(folder / "corpus.jsonl", *({"_id": i, "title": "Bats", "text": text} for i in ids))
    questions = [
        {
            "id": i,
            "question": "What carries the virus?",
            "answerable": True,
            "article": i,
            "evidence": [{"doc": i, "text": "Bats"}],
        }
        for i in ids
    ]
    written(folder / "questions.jsonl", *questions)
    return folder


def test_only_one_half_of_the_papers_is_learnt_from(tmp_path: Path) -> None:
    """Both forms of a paper fall into the same half."""
    ids = [f"c{number}" for number in range(40)]
    learnt = [i for i in ids if is_trained_on(i)]
    assert 8 < len(learnt) < 32
    assert [is_trained_on(i) for i in ids] == [is_trained_on(f"n{i[1:]}") for i in ids]
    examples = list(Papers([paper_folder(tmp_path / "papers", *ids)]).epoch(RNG))
    check([e for e in examples if e.answers])
    assert len({e.question for e in examples}) == 1
    assert len([e for e in examples if e.answers]) == len(learnt)
    assert set(answering(examples)) == {"Bats carry the virus."}


def test_an_epoch_is_mixed_and_the_same_every_time(tmp_path: Path) -> None:
    """Seed and number of the epoch decide it, and nothing else."""
    squad_file(tmp_path)
    chosen = [Squad(tmp_path / "squad2_dev.jsonl")]
    assert epoch(list(chosen), 1, 0) == epoch(list(chosen), 1, 0)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Training does not start on half of its data."""
    with pytest.raises(InputError, match=FILES[0]):
        sources(tmp_path, None, [])


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    """File and line are told."""
    path = tmp_path / "trials.jsonl"
    path.write_text('{"id": 1}\n{"id": \n', encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_trials(path)
