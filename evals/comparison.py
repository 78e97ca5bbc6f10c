"""Two runs over the same questions, question by question."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import FileInputError, InputError
from evals.bootstrap import (
    MEASURES,
    NEAR_MISSES_ANSWERED,
    Columns,
    Flags,
    Floats,
    intervals,
)
from evals.measures import NEAR_MISS, version_of
from evals.result import Record, row, shown
from ingest.reading import read_file

# what a measure needs of every question beyond what any report holds
NEEDS = {
    "nDCG@10": "nDCG@10",
    "hit@1": "first_hit_rank",
    "hit@3": "first_hit_rank",
    "aurc": "best_evidence_hit",
}
LOWER_IS_BETTER = ("aurc", "wrongly_answered", NEAR_MISSES_ANSWERED)
IDS_SHOWN = 20

Question = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier result: the file's name, what it says of itself, and its questions by id."""

    name: str
    record: Mapping[str, Any]
    questions: Mapping[str, Question]


def read_baseline(path: Path) -> Baseline:
    """Read what `--json` wrote; raises FileInputError naming the question that cannot be used."""
    source = read_file(path)
    try:
        record = json.loads(source.text())
    except (ValueError, RecursionError) as error:
        raise FileInputError(source.name, "not usable JSON") from error
    asked = record.get("per_question") if isinstance(record, dict) else None
    if not isinstance(asked, list) or not asked:
        raise FileInputError(source.name, "not a result of `sequitur evaluate --json`")
    questions: dict[str, Question] = {}
    for number, question in enumerate(asked, start=1):
        place = f"question {number} of per_question"
        reason = _fault(question)
        if reason or question["id"] in questions:
            raise FileInputError(source.name, reason or "its id stands twice", place=place)
        questions[question["id"]] = question
    return Baseline(name=path.name, record=record, questions=questions)


def _fault(question: Any) -> str | None:
    """Return what is wrong with a question as it was read, None when it can be compared."""
    if not isinstance(question, dict):
        return "not an object"
    wrong = [name for name, fits in FIELDS.items() if not fits(question.get(name))]
    return f"{wrong[0]!r} is missing or not what it should be" if wrong else None


def _number(value: Any, *, most: float = 1.0) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "id": lambda value: isinstance(value, str),
    "answerable": lambda value: isinstance(value, bool),
    "answered": lambda value: isinstance(value, bool),
    "confidence": _number,
    "evidence_hit": lambda value: isinstance(value, bool | None),
    "best_evidence_hit": lambda value: isinstance(value, bool | None),
    "first_hit_rank": lambda value: value is None or _number(value, most=float("inf")),
    "nDCG@10": lambda value: value is None or _number(value),
}


def refuse_unrelated(baseline: Baseline, question_ids: Sequence[str]) -> None:
    """Raise InputError when the baseline holds none of these questions."""
    if not any(question_id in baseline.questions for question_id in question_ids):
        raise InputError(f"{baseline.name}: holds none of the questions of this set")


def compare(result: Record, baseline: Baseline) -> Record:
    """Return the measures of both runs over the questions in common, and what changed.

    A question whose label is another one now is left out, as are those that only one run holds;
    "left_out" names them all.
    """
    before, now = baseline.questions, {q["id"]: q for q in result["per_question"]}
    common = [name for name, new in now.items() if name in before and _same(before[name], new)]
    compared = set(common)
    old, new = ([run[name] for name in common] for run in (before, now))
    return {
        "baseline": _said_of(baseline),
        "n": len(common),
        "left_out": {
            "only_in_baseline": [name for name in before if name not in now],
            "only_here": [name for name in now if name not in before],
            "labelled_otherwise": [n for n in now if n in before and n not in compared],
        },
        "measures": _measures(old, new) if common else {},
        "changed": {
            name: [n["id"] for o, n in zip(old, new, strict=True) if changed(o, n)]
            for name, changed in CHANGES.items()
        },
        "not_comparable": [name for name, field in NEEDS.items() if _lacks(old, field)],
    }


def _same(old: Question, new: Question) -> bool:
    """Tell whether the label of a question is the same in both runs."""
    labels = [(q["answerable"], q.get("evidence_hit") is None) for q in (old, new)]
    return labels[0] == labels[1]


CHANGES: Mapping[str, Callable[[Question, Question], bool]] = {
    "newly_answered": lambda old, new: new["answered"] and not old["answered"],
    "newly_refused": lambda old, new: old["answered"] and not new["answered"],
    "hit_won": lambda old, new: bool(new["evidence_hit"]) and not old["evidence_hit"],
    "hit_lost": lambda old, new: bool(old["evidence_hit"]) and not new["evidence_hit"],
}


def _said_of(baseline: Baseline) -> Record:
    provenance = baseline.record.get("provenance")
    known = provenance if isinstance(provenance, dict) else {}
    names = ("sequitur", "corpus_fingerprint", "index_fingerprint", "questions_sha256")
    said = {name: known.get(name) for name in names}
    return {"file": baseline.name, "set": baseline.record.get("set"), **said}


def _lacks(questions: Sequence[Question], field: str) -> bool:
    return any(field not in question for question in questions)


def _measures(old: Sequence[Question], new: Sequence[Question]) -> Record:
    near = np.asarray([version_of(question.get("kind")) == NEAR_MISS for question in new])
    before, now = _columns(old, near), _columns(new, near)
    spread = intervals(before, now)
    once = np.ones((1, len(new)))
    found: Record = {}
    for name, measure in MEASURES.items():
        if name == NEAR_MISSES_ANSWERED and not near.any():
            continue
        lost = name in NEEDS and _lacks(old, NEEDS[name])
        values = [None if lost else _value(measure(run, once)) for run in (before, now)]
        interval = None if None in values else spread[name]
        found[name] = _line(values[0], _value(measure(now, once)), interval)
    return found


def _line(old: float | None, new: float | None, interval: tuple[float, float] | None) -> Record:
    low, high = interval or (None, None)
    difference = None if old is None or new is None else new - old
    return {"old": old, "new": new, "difference": difference, "low": low, "high": high}


def _value(values: Floats) -> float | None:
    return None if np.isnan(values[0]) else float(values[0])


def _columns(questions: Sequence[Question], near_miss: Flags) -> Columns:
    def floats(name: str, missing: float) -> Floats:
        values = [question.get(name) for question in questions]
        return np.asarray([missing if v is None else v for v in values], dtype=np.float64)

    def flags(name: str) -> Flags:
        return np.asarray([question[name] for question in questions], dtype=bool)

    return Columns(
        answerable=flags("answerable"),
        near_miss=near_miss,
        answered=flags("answered"),
        confidence=floats("confidence", np.nan),
        evidence_hit=floats("evidence_hit", np.nan),
        best_hit=floats("best_evidence_hit", np.nan),
        rank=floats("first_hit_rank", np.inf),
        gain=floats("nDCG@10", np.nan),
    )


def verdict(name: str, line: Mapping[str, Any]) -> str:
    """Say whether the interval of a difference leaves 0 out, and to which side."""
    low, high = line["low"], line["high"]
    if low is None or low <= 0 <= high:
        return ""
    return "better" if (low > 0) != (name in LOWER_IS_BETTER) else "worse"


def notes(comparison: Record, result: Record) -> Iterator[str]:
    """Yield what a reader must know before believing the differences, one line each."""
    baseline = comparison["baseline"]
    if baseline["set"] != result["set"]:
        yield f"the baseline was made with the set {baseline['set']!r}"
    for why, ids in comparison["left_out"].items():
        if ids:
            yield f"left out, {why.replace('_', ' ')} ({len(ids)}): {some(ids)}"
    if comparison["not_comparable"]:
        yield f"the baseline lacks what these need: {', '.join(comparison['not_comparable'])}"


def some(ids: Sequence[str]) -> str:
    """Return the first ids, and how many more there are."""
    more = len(ids) - IDS_SHOWN
    return " ".join(ids[:IDS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def table(comparison: Record, result: Record) -> Iterator[str]:
    """Yield the comparison as lines of a table: old, new, difference and its interval."""
    yield ""
    yield f"against {comparison['baseline']['file']}: {comparison['n']} questions in common"
    yield from notes(comparison, result)
    head = ("new", "difference", "95 % interval")
    yield row("", "", "old") + "".join(f"{name:>{w}}" for name, w in zip(head, WIDTHS, strict=True))
    for name, line in comparison["measures"].items():
        cells = (shown(line["new"]), signed(line["difference"]), span(line))
        written = "".join(f"{cell:>{w}}" for cell, w in zip(cells, WIDTHS, strict=True))
        yield f"{row('', name, shown(line['old']))}{written}  {verdict(name, line)}".rstrip()
    for name, ids in comparison["changed"].items():
        yield f"{name.replace('_', ' ')}: {len(ids)}" + (f" ({some(ids)})" if ids else "")


WIDTHS = (8, 12, 20)


def signed(value: float | None) -> str:
    """Return a difference with its sign."""
    return "-" if value is None else f"{value:+.3f}"


def span(line: Mapping[str, Any]) -> str:
    """Return the interval of a difference.

    >>> span({"low": -0.01, "high": 0.02}), span({"low": None, "high": None})
    ('-0.010 to +0.020', '-')
    """
    if line["low"] is None:
        return "-"
    return f"{signed(line['low'])} to {signed(line['high'])}"
