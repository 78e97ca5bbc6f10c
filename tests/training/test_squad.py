"""SQuAD's paragraphs as exercises."""

import random
from pathlib import Path

from tests.training.files import written
from training.squad import HELD_OUT, Squad, paragraphs

TEXT = "Steam drives the engine. Coal heats the water of the boiler."


def squad_file(folder: Path) -> Path:
    """Write two titles, one of them held out."""
    rows = [
        {
            "title": title,
            "text": TEXT,
            "questions": [
                {"question": "What heats the water?", "answers": ["Coal"]},
                {"question": "What cools the water?", "answers": []},
                {"question": "What is all this?", "answers": ["engine. Coal"]},
            ],
        }
        for title in ("Steam_engine", min(HELD_OUT))
    ]
    return written(folder / "squad2_dev.jsonl", *rows)


def test_the_sentence_that_answers_is_marked(tmp_path: Path) -> None:
    """The near miss that people wrote has nothing marked."""
    examples = list(Squad(squad_file(tmp_path)).epoch(random.Random(5)))
    first = examples[0]
    assert (first.question, first.relevant) == ("What heats the water?", (False, True))
    assert all(not e.answers for e in examples if e.question == "What cools the water?")


def test_half_of_the_answers_are_cut_out(tmp_path: Path) -> None:
    """The same question then meets a paragraph that does not answer it."""
    source = Squad(squad_file(tmp_path))
    met = [
        e.sentences
        for seed in range(20)
        for e in source.epoch(random.Random(seed))
        if e.question == "What heats the water?"
    ]
    assert met.count(("Steam drives the engine.", "Coal heats the water of the boiler.")) == 20
    assert 0 < met.count(("Steam drives the engine.",)) < 20
    assert len(set(met)) == 2


def test_an_answer_that_runs_over_a_sentences_end_is_left_out(tmp_path: Path) -> None:
    """No sentence could be marked for it."""
    examples = Squad(squad_file(tmp_path)).epoch(random.Random(5))
    assert "What is all this?" not in {e.question for e in examples}


def test_held_out_titles_are_never_learnt_from(tmp_path: Path) -> None:
    """What measures is not what trained."""
    assert [p.title for p in paragraphs(squad_file(tmp_path))] == ["Steam engine"]
    assert {e.heading for e in Squad(tmp_path / "squad2_dev.jsonl").epoch(random.Random(5))} == {
        "Steam engine"
    }
