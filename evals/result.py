"""The evaluation's result: the shapes of contract/evaluation.schema.json."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from corpus.answers import Provenance
from evals import kinds, measures, reliability
from evals.question_only import notes, question_only
from evals.running import Outcome
from evals.sets import QuestionSet

Record = dict[str, Any]
GROUPS = tuple(measures.DEFINITIONS)
TOTAL = "total"
KIND_COLUMNS = ("answered", "right", "first_unit_hit", "mean_confidence")


def result_record(
    question_set: QuestionSet,
    outcomes: Sequence[Outcome],
    provenance: Provenance,
    *,
    whole_library: bool,
) -> Record:
    """Return all measures, what produced them, and every question with its outcome.

    `provenance` is the assistant's. "by_kind", "pairs", "contrasts" and "question_only" are there
    only when the set has such questions.
    """
    judged = [outcome.judged for outcome in outcomes]
    only_some_have = {
        "pairs": kinds.pairs(judged),
        "contrasts": kinds.contrasts(judged),
        "question_only": question_only(question_set.cases),
        "by_kind": kinds.by_kind(judged),
    }
    gains = measures.gains(judged, question_set.qrels)
    return {
        "set": question_set.name,
        "n": len(judged),
        "retrieval": measures.retrieval(judged, question_set.qrels),
        "evidence": measures.evidence(judged),
        "answers": measures.answers(judged),
        "refusal": measures.refusal(judged),
        "calibration": reliability.calibration(judged),
        "reliability": [part.record() for part in reliability.reliability(judged)],
        "confusion": measures.confusion(judged),
        "latency_ms": measures.latency(judged),
        "stages_ms": _stages(outcomes),
        **{name: found for name, found in only_some_have.items() if found},
        "provenance": {
            **_assistant(provenance),
            **_set(question_set, outcomes),
            "whole_library": whole_library,
            "article_not_in_library": 0 if whole_library else _without_article(outcomes),
        },
        "per_question": [
            _question(outcome) | {"nDCG@10": gains.get(outcome.case.question_id)}
            for outcome in outcomes
        ],
    }


def _question(outcome: Outcome) -> Record:
    from service.wire import statement_record

    answer, judged = outcome.answer, outcome.judged
    return {
        "id": judged.question_id,
        "answerable": judged.answerable,
        "answered": judged.answered,
        "confidence": judged.confidence,
        "documents": list(judged.documents),
        "evidence_hit": judged.evidence_hit,
        "first_hit_rank": judged.first_hit,
        "best_evidence_hit": judged.best_hits if judged.has_gold else None,
        "statements": [statement_record(s) for s in answer.statements],
        "latency_ms": judged.latency_ms,
        "reason": answer.refusal.reason if answer.refusal is not None else None,
        **({"kind": judged.kind} if judged.kind is not None else {}),
        **({"pair": judged.pair} if judged.pair is not None else {}),
    }


def _stages(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return for each stage its mean time over the questions that went through it, total last."""
    times: dict[str, list[float]] = {}
    for outcome in outcomes:
        for stage, spent in outcome.answer.timings_ms.items():
            times.setdefault(stage, []).append(spent)
    ordered = sorted(times, key=lambda stage: stage == TOTAL)
    return {stage: round(sum(times[stage]) / len(times[stage]), 2) for stage in ordered}


def _assistant(provenance: Provenance) -> Record:
    return {
        "sequitur": version("sequitur"),
        "corpus_fingerprint": provenance.corpus_fingerprint,
        "index_fingerprint": provenance.index_fingerprint,
        "engine": provenance.engine,
        "models": dict(provenance.models),
        "prompts": dict(provenance.prompts),
        "settings": dict(provenance.settings),
    }


def _set(question_set: QuestionSet, outcomes: Sequence[Outcome]) -> Record:
    targets = [target for outcome in outcomes for target in outcome.targets]
    return {
        "questions_sha256": question_set.sha256,
        "answerable": sum(outcome.case.answerable for outcome in outcomes),
        "gold_texts": len(targets),
        "unlocated_evidence": sum(target.unlocated for target in targets),
    }


def _without_article(outcomes: Sequence[Outcome]) -> int:
    """Count the questions whose article the library does not hold."""
    return sum(o.case.article is not None and o.asked_within is None for o in outcomes)


def table(result: Record) -> Iterator[str]:
    """Yield the measures as lines of a table, one measure a line."""
    answerable = result["provenance"]["answerable"]
    yield f"{result['set']}: {result['n']} questions, {answerable} answerable"
    for group in groups_of(result):
        for position, (name, value) in enumerate((result[group] or {"-": None}).items()):
            yield row("" if position else group, name, shown(value, group))
    yield from notes_on(result)
    if "by_kind" in result:
        yield row("by kind", "", "n") + "".join(f"{column:>17}" for column in KIND_COLUMNS)
    for kind, shares in result.get("by_kind", {}).items():
        cells = "".join(f"{shown(shares[column]):>17}" for column in KIND_COLUMNS)
        yield row("", kind, shown(shares["n"])) + cells


def groups_of(result: Record) -> Iterator[str]:
    """Give the groups of DEFINITIONS that a result has, in their order."""
    return (group for group in GROUPS if group in result)


def notes_on(result: Record) -> Iterator[str]:
    """Yield what must be known before believing the contrasts, one line each."""
    return notes(result.get("question_only", {}))


def shown(value: float | None, group: str = "") -> str:
    """Return a number as people read it: three places, milliseconds one, `-` for None.

    >>> shown(0.51849), shown(12), shown(None)
    ('0.518', '12', '-')
    """
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:.1f}" if group == "latency_ms" else f"{value:.3f}"


def row(group: str, name: str, value: str) -> str:
    """Return one line of the table, in columns of fixed width."""
    return f"{group:<14}{name:<30}{value:>8}"
