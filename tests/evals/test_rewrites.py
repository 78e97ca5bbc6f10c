"""Comparing stand-alone questions with hand-written ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from evals.rewrites import METHODS, Rewrite, groups, main, measure, read_rewrites, words

FIRST = "What is throat cancer?"
LINES: list[dict[str, Any]] = [
    {"id": "1_1", "history": [], "question": FIRST, "standalone": FIRST},
    {
        "id": "1_2",
        "history": [FIRST],
        "question": "Is it treatable?",
        "standalone": "Is throat cancer treatable?",
    },
    {
        "id": "1_3",
        "history": [FIRST, "Is it treatable?"],
        "question": "How is gout treated?",
        "standalone": "How is gout treated?",
    },
]


def written(tmp_path: Path, *lines: Any) -> Path:
    """Return a file of these lines; texts are written as they are."""
    path = tmp_path / "rewrites.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def case(question: str, standalone: str, *history: str) -> Rewrite:
    """Return a question with its hand-written form."""
    return Rewrite(question_id="q", history=history, question=question, standalone=standalone)


def test_shares_are_worked_out_per_question() -> None:
    """Precision, recall and F1 of content words, and the share of the missing that is there."""
    one = case("Is it treatable?", "Is throat cancer treatable?")
    # treatable, throat of the right side's treatable, throat, cancer; "pain" is wrong
    found = measure([one], lambda _: "treatable throat pain wrong")
    right, got = words(one.standalone), words("treatable throat pain wrong")
    both = len(right & got)
    assert found.n == 1
    assert found.precision == pytest.approx(both / len(got), abs=1e-4)
    assert found.recall == pytest.approx(both / len(right), abs=1e-4)
    assert found.f1 == pytest.approx(2 * both / (len(got) + len(right)), abs=1e-4)
    missing = right - words("treatable")
    assert found.supplied == pytest.approx(len(got & missing) / len(missing), abs=1e-4)
    assert found.unchanged == 0


def test_the_hand_written_form_itself_is_perfect() -> None:
    """Every share is 1, and the question alone supplies nothing."""
    one = case("Is it treatable?", "Is throat cancer treatable?")
    best = measure([one], lambda c: c.standalone)
    assert (best.precision, best.recall, best.f1, best.supplied) == (1, 1, 1, 1)
    alone = measure([one], METHODS["question alone"])
    assert (alone.precision, alone.supplied, alone.unchanged) == (1, 0, 1)


def test_a_possessive_is_no_word() -> None:
    """Neither with a straight nor with a curly apostrophe."""
    assert words("asthma's causes") == words("asthma’s causes") == words("asthma causes")


def test_no_questions_give_no_figures() -> None:
    """A mean over nothing is None, never 0."""
    empty = measure([], METHODS["question alone"])
    assert (empty.n, empty.precision, empty.recall, empty.f1, empty.supplied) == (
        0,
        None,
        None,
        None,
        None,
    )


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_shares_lie_between_0_and_1(question: str, standalone: str, text: str) -> None:
    """Whatever is compared."""
    found = measure([case(question, standalone)], lambda _: text)
    figures = [found.precision, found.recall, found.f1, found.unchanged, found.supplied or 0.0]
    assert all(figure is not None and 0 <= figure <= 1 for figure in figures)


def test_questions_are_grouped_by_whether_a_person_changed_them(tmp_path: Path) -> None:
    """First questions belong to neither group: there is nothing to take over."""
    found = groups(read_rewrites(written(tmp_path, *LINES)))
    assert {name: [c.question_id for c in cases] for name, cases in found.items()} == {
        "context_dependent": ["1_2"],
        "standing_alone": ["1_3"],
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not usable JSON"),
        ("[]", "not a JSON object"),
        ({"id": "a", "question": "b"}, "'standalone' is missing or not a text"),
        ({"id": 1, "question": "b", "standalone": "c"}, "'id' is missing or not a text"),
        (LINES[0] | {"history": "no list"}, "'history' is not a list of texts"),
        (LINES[0] | {"history": [1]}, "'history' is not a list of texts"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: Any, reason: str) -> None:
    """The error says which file, which line and why; empty lines count."""
    with pytest.raises(FileInputError, match=reason) as caught:
        read_rewrites(written(tmp_path, LINES[0], "", line))
    assert "rewrites.jsonl, line 3: " in str(caught.value)


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    """There is nothing to measure."""
    with pytest.raises(FileInputError, match="holds no questions"):
        read_rewrites(written(tmp_path, ""))


def test_the_command_prints_a_table_and_writes_figures(tmp_path: Path) -> None:
    """Each group with each way of rewriting; rules beat both the question alone and everything."""
    out = tmp_path / "figures.json"
    run = CliRunner().invoke(main, [str(written(tmp_path, *LINES)), "--json", str(out)])
    assert run.exit_code == 0
    assert run.output.splitlines()[0].split() == [
        "context_dependent",
        "(1)",
        "precision",
        "recall",
        "F1",
        "supplied",
        "unchanged",
    ]
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert (figures["file"], figures["n"]) == ("rewrites.jsonl", 3)
    f1 = {name: row["f1"] for name, row in figures["context_dependent"].items()}
    assert list(f1) == list(METHODS)
    assert f1["stand-alone question"] == 1 > f1["question alone"]
    alone = figures["standing_alone"]
    assert alone["stand-alone question"]["unchanged"] == 1
    assert alone["whole history appended"]["unchanged"] == 0


def test_the_command_tells_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    """Exit code 2, and no traceback."""
    run = CliRunner().invoke(main, [str(tmp_path / "absent.jsonl")])
    assert (run.exit_code, run.output.count("\n")) == (2, 1)
    assert run.output.startswith("rewrites: ")
    assert "absent.jsonl" in run.output
