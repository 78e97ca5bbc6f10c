"""Questions with a window that answers and one that does not."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from training.asked import Text, contrasts, id_of, lines_of, read_texts, versions

UNITS = [
    {"section": "Course", "kind": "s", "text": "Gout comes at night and leaves within two weeks."},
    {"section": "Course", "kind": "s", "text": "A second attack follows within a year in most."},
    {"section": "Treatment", "kind": "l", "text": "For the attack choose one of:"},
    {"section": "Treatment", "kind": "-", "text": "colchicine, 0.5 mg twice daily"},
    {"section": "Treatment", "kind": "-", "text": "naproxen for at most a week"},
    {"title": "A trial", "section": "Results", "kind": "s", "text": "Pain fell by half in a day."},
]
ADDED = {"after": 5, "texts": ["prednisolone, 30 mg for five days"]}
OTHER = {"after": 2, "texts": ["The big toe is hit first in three of four."]}
QUESTIONS = [
    {"question": "how is it treated?", "history": [], "units": [2, 3, 4]},
    {"question": "steroid dose?", "history": ["how is it treated?"], "units": [],
     "added": ADDED, "added_other": OTHER},
]  # fmt: skip


@pytest.fixture
def text(tmp_path: Path) -> Text:
    """Return a page with a question that it answers and one that it does not."""
    row = {"id": "g", "source": "page", "title": "Gout", "units": UNITS, "questions": QUESTIONS}
    (tmp_path / "texts.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (read,) = read_texts(tmp_path / "texts.jsonl")
    return read


def test_items_know_the_line_that_introduces_them(text: Text) -> None:
    """An item's lead is its list's; sentences, and texts of another title, have none."""
    assert [unit.lead[:7] for unit in text.units] == ["", "", "", "For the", "For the", ""]
    assert text.units[5].place == ("A trial", "Results")


def test_what_answers_is_cut_out(text: Text) -> None:
    """The version that lacks holds everything else, in order."""
    answering, lacking = versions(text, text.questions[0])
    assert [unit.answers for unit in answering] == [False, False, True, True, True, False]
    assert [unit.text[:4] for unit in lacking] == ["Gout", "A se", "Pain"]


def test_a_written_sentence_stands_against_another_written_one(text: Text) -> None:
    """Each in its own place, an item in its list; only the one that answers is said to."""
    answering, lacking = versions(text, text.questions[1])
    assert [unit.text[:5] for unit in answering if unit.answers] == ["predn"]
    assert (answering[5].kind, answering[5].lead[:7]) == ("-", "For the")
    assert lacking[2].text.startswith("The big toe")
    assert not any(unit.answers for unit in lacking)
    assert len(answering) == len(lacking) == 7


def test_every_contrast_answers_first_and_then_does_not(text: Text) -> None:
    """In two hundred draws: the first window answers and says where, the others do not."""
    near = [np.linspace(0, 1, len(UNITS), dtype=np.float32)] * 2
    rng = random.Random(1)
    for _ in range(200):
        for contrast in contrasts(text, near, [text], rng):
            first, *others = contrast
            assert first.answers
            assert first.relevant is not None
            assert any(first.relevant)
            assert all(not other.answers and not any(other.relevant or ()) for other in others)
            for one in contrast:
                assert len(one.relevant or ()) == sum(line.judged for line in one.lines)


def test_lines_of_several_texts_are_told_apart(text: Text) -> None:
    """Titles and sections stand where they change; a lead-in that is no unit is only read."""
    shown = lines_of("Gout", [text.units[0], text.units[4], text.units[5]], joint=True)
    assert [(line.text[:8], line.judged) for line in shown] == [
        ("Gout", False),
        ("Course", False),
        ("Gout com", True),
        ("Treatmen", False),
        ("For the ", False),
        ("naproxen", True),
        ("A trial", False),
        ("Results", False),
        ("Pain fel", True),
    ]
    one = lines_of("Gout", text.units[3:5], joint=False)
    assert [line.text[:15] for line in one][:2] == ["Gout. Treatment", "For the attack "]


def test_units_are_known_by_text_section_and_words(text: Text) -> None:
    """Two versions of a text agree on what is the same."""
    assert len({id_of(unit) for unit in text.units}) == len(UNITS)
