"""Comparing with an earlier result, question by question."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import FileInputError, InputError
from evals.comparison import compare, read_baseline, refuse_unrelated, table, verdict

PROVENANCE = {"corpus_fingerprint": "c", "sequitur": "0"}


def asked(question_id: str, *, hit: Any = True, **values: Any) -> dict[str, Any]:
    """Return one answered, answerable question of a result."""
    made = {"id": question_id, "answerable": True, "answered": True, "confidence": 0.5}
    made |= {"evidence_hit": hit, "best_evidence_hit": hit, "first_hit_rank": 1 if hit else None}
    return made | {"nDCG@10": 1.0} | values


def refused(question_id: str, **values: Any) -> dict[str, Any]:
    """Return an unanswerable question that was refused."""
    nothing = dict.fromkeys(("best_evidence_hit", "first_hit_rank", "nDCG@10"))
    return asked(question_id, hit=None, answerable=False, answered=False) | nothing | values


def result(*questions: dict[str, Any], name: str = "tiny") -> dict[str, Any]:
    return {"set": name, "provenance": PROVENANCE, "per_question": list(questions)}


def compared(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    file = tmp_path / "old.json"
    file.write_text(json.dumps(old))
    return compare(new, read_baseline(file))


def test_a_result_against_itself_differs_by_nothing(tmp_path: Path) -> None:
    """Every difference is 0 with the interval 0 to 0, and nothing changed."""
    same = result(asked("a"), asked("b", hit=False, confidence=0.7), refused("c"), refused("d"))
    found = compared(tmp_path, same, same)
    assert found["n"] == 4
    for line in found["measures"].values():
        assert line["old"] == line["new"]
        assert (line["difference"], line["low"], line["high"]) == (0, 0, 0)
    assert not any(found["changed"].values())
    assert found["not_comparable"] == []
    assert found["baseline"] | PROVENANCE == found["baseline"]


def test_what_changed_is_named(tmp_path: Path) -> None:
    """Newly answered, newly refused, hits won and lost, in the order of the set."""
    old = result(asked("z"), asked("y", hit=False), refused("x"), asked("w", hit=True))
    new = result(
        asked("z", hit=False),
        asked("y"),
        refused("x", answered=True),
        asked("w", hit=False) | {"answered": False},
    )
    found = compared(tmp_path, old, new)
    assert found["changed"] == {
        "newly_answered": ["x"],
        "newly_refused": ["w"],
        "hit_won": ["y"],
        "hit_lost": ["z", "w"],
    }
    assert found["measures"]["hit@1"]["old"] == pytest.approx(2 / 3)
    assert found["measures"]["hit@1"]["new"] == pytest.approx(1 / 3)
    assert found["measures"]["wrongly_answered"]["difference"] == pytest.approx(1 / 3)


def test_questions_that_differ_are_said_and_left_out(tmp_path: Path) -> None:
    """Ids of one run only, and those with another label, count in no measure."""
    old = result(asked("both"), asked("gone"), asked("turned"), asked("bare"), name="other")
    new = result(asked("both"), asked("new"), refused("turned"), asked("bare", hit=None))
    found = compared(tmp_path, old, new)
    assert (found["n"], found["left_out"]) == (
        1,
        {
            "only_in_baseline": ["gone"],
            "only_here": ["new"],
            "labelled_otherwise": ["turned", "bare"],
        },
    )
    printed = "\n".join(table(found, new))
    assert "made with the set 'other'" in printed
    assert "left out, only here (1): new" in printed
    assert "left out, labelled otherwise (2): turned bare" in printed


def test_an_older_result_is_compared_as_far_as_it_goes(tmp_path: Path) -> None:
    """A field that it lacks makes the measures undefined that need it, with a line saying so."""
    new = result(asked("a"), asked("b"), refused("c"))
    fields = ("best_evidence_hit", "first_hit_rank", "nDCG@10")
    older = [{k: v for k, v in q.items() if k not in fields} for q in new["per_question"]]
    found = compared(tmp_path, result(*older), new)
    for name in ("nDCG@10", "hit@1", "hit@3", "aurc"):
        line = found["measures"][name]
        assert line["new"] is not None
        assert line["old"] is line["difference"] is line["low"] is line["high"] is None
    assert found["measures"]["auroc"]["difference"] == 0
    lines = list(table(found, new))
    assert "the baseline lacks what these need: nDCG@10, hit@1, hit@3, aurc" in lines


def test_near_misses_are_compared_apart(tmp_path: Path) -> None:
    """Where the set has the kind there is a line of its own, else none."""
    old = result(asked("a"), refused("n", kind="follow_up_near_miss"), refused("far"))
    new = result(
        asked("a"), refused("n", kind="follow_up_near_miss", answered=True), refused("far")
    )
    line = compared(tmp_path, old, new)["measures"]["near_misses_answered"]
    assert (line["old"], line["new"]) == (0, 1)
    plain = result(asked("a"), refused("far"))
    assert "near_misses_answered" not in compared(tmp_path, plain, plain)["measures"]


def test_no_question_in_common(tmp_path: Path) -> None:
    """Nothing to compare is an error beforehand, and no measure where all labels were changed."""
    file = tmp_path / "old.json"
    file.write_text(json.dumps(result(asked("a"))))
    with pytest.raises(InputError, match=r"old\.json: holds none"):
        refuse_unrelated(read_baseline(file), ["b"])
    refuse_unrelated(read_baseline(file), ["b", "a"])
    found = compared(tmp_path, result(asked("a")), result(refused("a")))
    assert (found["n"], found["measures"]) == (0, {})
    assert list(table(found, result(refused("a"))))


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("{", "not usable JSON"),
        ("[" * 100_000, "not usable JSON"),
        ("[]", "not a result"),
        ('{"per_question": []}', "not a result"),
        (json.dumps(result(asked("a"), asked("a"))), "question 2 .*twice"),
        (json.dumps(result({"id": 1})), "question 1 .*'id'"),
        (json.dumps({"per_question": ["a"]}), "question 1 .*not an object"),
        (json.dumps(result(asked("a", answered="yes"))), "'answered'"),
        (json.dumps(result(asked("a", confidence=float("nan")))), "'confidence'"),
        (json.dumps(result(asked("a", confidence=2))), "'confidence'"),
        (json.dumps(result(asked("a", hit="no"))), "'evidence_hit'"),
        (json.dumps(result(asked("a", first_hit_rank="1"))), "'first_hit_rank'"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_named(tmp_path: Path, written: str, reason: str) -> None:
    """The file and the question are named in one line."""
    file = tmp_path / "old.json"
    file.write_text(written)
    with pytest.raises(FileInputError, match=reason) as raised:
        read_baseline(file)
    assert str(raised.value).startswith(str(file))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        ("auroc", 0.01, 0.02, "better"),
        ("auroc", -0.02, -0.01, "worse"),
        ("aurc", 0.01, 0.02, "worse"),
        ("aurc", -0.02, -0.01, "better"),
        ("auroc", -0.01, 0.01, ""),
        ("auroc", 0.0, 0.01, ""),
        ("auroc", None, None, ""),
    ],
)
def test_a_verdict_needs_an_interval_without_0(
    name: str, low: float | None, high: float | None, expected: str
) -> None:
    """A risk is better when it falls; what may be chance gets no word."""
    assert verdict(name, {"low": low, "high": high}) == expected


def test_the_table_has_all_figures(tmp_path: Path) -> None:
    """Old, new, difference and interval of each measure, and the questions that changed."""
    many = [asked(f"q{i}", hit=i >= 30) for i in range(60)]
    better = [asked(f"q{i}") for i in range(60)]
    new = result(*better)
    lines = list(table(compared(tmp_path, result(*many), new), new))
    (line,) = [line for line in lines if "correct_evidence_when_answered" in line]
    assert line.split()[1:4] == ["0.500", "1.000", "+0.500"]
    assert line.endswith("better")
    (won,) = [line for line in lines if line.startswith("hit won: 30")]
    assert won.endswith("q19 and 10 more)")
