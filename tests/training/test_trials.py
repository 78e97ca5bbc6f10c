"""Trial reports as exercises."""

import random
from pathlib import Path
from typing import Any

from tests.training.files import written
from training.trials import Trials, read_trials

EVIDENCE = "Fewer patients of the drug group died in the end."


def trial_row(name: str) -> dict[str, Any]:
    """Return a report with an abstract, a body and one question."""
    return {
        "id": name,
        "text": f"TITLE: \nA trial of {name}\n\nABSTRACT.RESULTS:\n{name} halved the deaths.\n\n"
        f"BODY.RESULTS:\nThe mean age was 60 years. {EVIDENCE}\n"
        "BODY.METHODS:\nPatients drew lots. Nurses gave the tablets.",
        "questions": [
            {"question": f"What was the effect of {name} on death?", "evidence": [EVIDENCE]}
        ],
    }


def trials_file(folder: Path) -> Path:
    """Write two reports."""
    return written(folder / "trials.jsonl", trial_row("zorbinol"), trial_row("quimase"))


def test_sections_come_apart_at_their_headings(tmp_path: Path) -> None:
    """Each stands under the article's title."""
    assert [part.heading for part in read_trials(trials_file(tmp_path))[0].parts] == [
        "A trial of zorbinol Results",
        "A trial of zorbinol Results",
        "A trial of zorbinol Methods",
    ]


def test_the_evidence_is_marked_in_its_section_and_nowhere_else(tmp_path: Path) -> None:
    """Other passages, and the section without it, do not answer."""
    examples = list(Trials(trials_file(tmp_path)).epoch(random.Random(5)))
    for example in examples:
        assert example.relevant == tuple(s == EVIDENCE for s in example.sentences)
        assert not example.answers or example.heading.endswith("Results")
    assert {example.answers for example in examples} == {True, False}


def test_a_question_is_also_asked_of_another_trial(tmp_path: Path) -> None:
    """That trial does not answer it."""
    source = Trials(trials_file(tmp_path))
    astray = [
        e
        for seed in range(20)
        for e in source.epoch(random.Random(seed))
        if ("zorbinol" in e.question) != ("zorbinol" in e.heading)
    ]
    assert astray
    assert not any(e.answers for e in astray)


def test_the_same_random_state_gives_the_same_round(tmp_path: Path) -> None:
    """Training can be repeated."""
    source = Trials(trials_file(tmp_path))
    first, again = (list(source.epoch(random.Random(3))) for _ in range(2))
    assert first == again
