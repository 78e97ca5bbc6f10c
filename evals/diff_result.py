"""What a replay on two libraries came to: as JSON (`contract/diff.schema.json`) and as a table."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.answers import Answer
from evals.diff_libraries import ComparedLibraries, Why
from evals.diff_replaying import CHANGES, Replayed
from evals.sets import QuestionSet

if TYPE_CHECKING:
    from service.assistant import Assistant

Record = dict[str, Any]
IDS_NAMED = 3
QUESTION_CHARS = 60


def diff_record(
    question_set: QuestionSet,
    found: Sequence[Replayed],
    old: "Assistant",
    new: "Assistant",
    *,
    least_move: float,
) -> Record:
    """Return counts, what changed in the library, every question, and what produced all of it."""
    compared = ComparedLibraries(old.library, new.library)
    made = new.provenance
    return {
        "set": question_set.name,
        "n": len(found),
        "counts": {name: sum(r.change == name for r in found) for name in CHANGES},
        "unexplained": sum(r.unexplained for r in found),
        "documents": {
            "added": list(compared.added),
            "removed": list(compared.removed),
            "edited": list(compared.edited),
            "restructured": list(compared.restructured),
            "relisted": list(compared.relisted),
            "noticed": list(compared.noticed),
            "reviewed": list(compared.reviewed),
        },
        "provenance": {
            "sequitur": version("sequitur"),
            "questions_sha256": question_set.sha256,
            "least_confidence_move": least_move,
            "engine": made.engine,
            "models": dict(made.models),
            "settings": dict(made.settings),
            "old": _side(old),
            "new": _side(new),
        },
        "per_question": [_question(one) for one in found],
    }


def table(record: Record, old: Path, new: Path) -> Iterator[str]:
    """Yield the lines to show: the libraries, the counts, then every question that changed."""
    yield f"{record['set']}: {record['n']} questions, {old} → {new}"
    named = [f"{len(ids)} {kind}" for kind, ids in record["documents"].items() if ids]
    yield f"documents: {', '.join(named) or 'none changed'}"
    for name, count in record["counts"].items():
        if count or name == "unchanged":
            yield f"  {name.replace('_', ' '):<18}{count:>7}"
    yield f"  {'unexplained':<18}{record['unexplained']:>7}"
    for one in record["per_question"]:
        if one["change"] != "unchanged":
            yield from _told(one)


def _told(one: Record) -> Iterator[str]:
    mark = "! " if one["unexplained"] else "  "
    moved = f"{one['old']['confidence']:.2f} → {one['new']['confidence']:.2f}"
    yield f"{mark}{one['id']}  {one['change'].replace('_', ' ')} ({moved})  {_short(one)}"
    for why in one["why"][:IDS_NAMED]:
        yield f"      {why['document_id']}: {why['text']}"
    if len(one["why"]) > IDS_NAMED:
        yield f"      and {len(one['why']) - IDS_NAMED} more"
    if one["unexplained"]:
        near = dict.fromkeys(hint["document_id"] for hint in one["hints"])
        said = f"; changed near by: {', '.join(list(near)[:IDS_NAMED])}" if near else ""
        yield f"      nothing that it rests on has changed{said}"


def _short(one: Record) -> str:
    question = " ".join(one["question"].split())
    cut = question[: QUESTION_CHARS - 1] + "…"
    return question if len(question) <= QUESTION_CHARS else cut


def _side(assistant: "Assistant") -> Record:
    made = assistant.provenance
    return {
        "library": str(assistant.library.folder),
        "documents": len(assistant.library.document_ids()),
        "corpus_fingerprint": made.corpus_fingerprint,
        "index_fingerprint": made.index_fingerprint,
    }


def _question(one: Replayed) -> Record:
    return {
        "id": one.case.question_id,
        "question": one.case.question,
        "change": one.change,
        "unexplained": one.unexplained,
        "why": [_why(why) for why in one.why],
        "hints": [_why(why) for why in one.hints],
        "old": _outcome(one.old, one.within[0]),
        "new": _outcome(one.new, one.within[1]),
    }


def _why(why: Why) -> Record:
    return {"kind": why.kind, "document_id": why.document_id, "text": why.text}


def _outcome(answer: Answer, within: str | None) -> Record:
    from service.wire import statement_record

    return {
        "asked_within": within,
        "answered": answer.answered,
        "reason": answer.refusal.reason if answer.refusal is not None else None,
        "confidence": answer.confidence,
        "statements": [statement_record(s) for s in answer.statements],
        "notices": list(answer.notices),
        "documents": list(answer.documents),
    }
