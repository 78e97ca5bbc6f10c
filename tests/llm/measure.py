"""What gets past the checks: `python -m tests.llm.measure [--led] [--questions N] [--json FILE]`.

Asks answerable questions of the built-in sample, lets the tiny model write, and keeps for each of
its sentences that was judged the support, the faults and the units, for somebody to read whether
those that got past are true. Questions are taken at equal distances from the set, the same ones
each time. Asked as others are, the model writes hardly a sentence that names a unit; `--led` has it
shown an example.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus.answers import Answer, Source, Statement
from corpus.library import Library
from index.embedder import embedder_of
from index.saved import build_index, load_index
from ingest.sample import sample_folder, sample_library
from service.assistant import Assistant, Question
from service.observing import Unobserved
from service.settings import Settings, load_settings
from service.writing.units import distinct_spans
from tests.llm.recording import Judged, Recording, led, recorded
from tests.llm.serving import served
from tests.llm.tiny_model import NAME

PATIENCE_S = 600.0
Row = dict[str, Any]


class FirstStatement(Unobserved):
    """Notes when the first statement was told, in seconds after the question."""

    def __init__(self) -> None:
        self.asked = time.perf_counter()
        self.seconds: float | None = None

    def stated(self, _statement: Statement, _sources: Sequence[Source]) -> None:
        """Look at the clock, the first time."""
        if self.seconds is None:
            self.seconds = time.perf_counter() - self.asked


def opened(endpoint: str, data_dir: str, *, tokens: int, prompt_tokens: int) -> Assistant:
    """Return an assistant over the sample that lets the model at `endpoint` write."""
    library = Library(sample_library(Path(load_settings().data_dir)))
    embedder = embedder_of()
    build_index(library, embedder)
    settings = Settings(
        engine="generative",
        data_dir=data_dir,
        llm_base_url=endpoint,
        llm_model=NAME,
        llm_timeout_s=PATIENCE_S,
        llm_stall_s=PATIENCE_S,
        llm_max_output_tokens=tokens,
        llm_max_prompt_tokens=prompt_tokens,
        show_struck=True,
    )
    return Assistant(library, load_index(library, embedder), embedder, settings)


def chosen(count: int) -> list[Row]:
    """Return so many answerable questions of the sample's set, at equal distances."""
    lines = (sample_folder() / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [row for row in map(json.loads, lines) if row["answerable"]]
    count = min(count, len(asked))
    return [asked[place * len(asked) // count] for place in range(count)]


def measured(assistant: Assistant, recording: Recording, row: Row) -> Row:
    """Ask one question; return everything about it. Times are in seconds."""
    recording.clear()
    clock = FirstStatement()
    question = Question(
        text=row["question"], article=row.get("article"), history=tuple(row.get("history", ()))
    )
    answer, _ = assistant.ask_with_findings(question, clock)
    whole = time.perf_counter() - clock.asked
    return {
        "id": row["id"],
        "question": row["question"],
        "status": "answered" if answer.answered else "refused",
        "notices": answer.notices,
        "quoted": _is_quoted(answer),
        "reply": recording.written,
        "declined": recording.declined,
        "sentences": len(recording.sentences),
        "judged": [_judged(judged) for judged in recording.judged],
        "statements": [statement.text for statement in answer.statements],
        "first_token_s": recording.first_piece_s,
        "first_statement_s": clock.seconds,
        "whole_s": whole,
    }


def _is_quoted(answer: Answer) -> bool:
    return any("quoted instead" in notice for notice in answer.notices)


def _judged(judged: Judged) -> Row:
    sentence, judgement, spans = judged.sentence, judged.judgement, distinct_spans(judged.units)
    return {
        "text": sentence.text,
        "named": sentence.units,
        "quotes": sentence.quotes,
        "units": [unit.text for unit in judged.units],
        "holds": judgement.holds,
        "support": judgement.support,
        "faults": judgement.faults,
        "spans": [
            {"document_id": d.document_id, "start": s.start, "end": s.end, "quote": s.of(d.text)}
            for d, s in spans
        ],
        "verbatim": any(
            sentence.text.rstrip(".") in " ".join(s.of(d.text).split()) for d, s in spans
        ),
    }


def summary(rows: Sequence[Row]) -> Row:
    """Return the counts over all questions, and the median and highest of the times."""
    judged = [one for row in rows for one in row["judged"]]
    past = [one for one in judged if one["holds"]]
    return {
        "questions": len(rows),
        "answered": sum(row["status"] == "answered" for row in rows),
        "asked_of_the_model": sum(bool(row["reply"]) for row in rows),
        "declined": sum(row["declined"] for row in rows),
        "quoted_instead": sum(row["quoted"] for row in rows),
        "sentences": sum(row["sentences"] for row in rows),
        "judged": len(judged),
        "past_the_checks": len(past),
        "past_the_checks_verbatim": sum(one["verbatim"] for one in past),
        "verbatim": sum(one["verbatim"] for one in judged),
        **{
            name: _spread([row[name] for row in rows if row["reply"] and row[name] is not None])
            for name in ("first_token_s", "first_statement_s", "whole_s")
        },
    }


def _spread(seconds: Sequence[float]) -> Row | None:
    if not seconds:
        return None
    return {"median": round(statistics.median(seconds), 2), "max": round(max(seconds), 2)}


def main() -> None:
    """Start the server, ask, and write what was found; stdout holds the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=20, metavar="N")
    parser.add_argument("--tokens", type=int, default=120, help="most tokens of an answer")
    parser.add_argument("--prompt-tokens", type=int, default=1500, help="most tokens of a prompt")
    parser.add_argument("--led", action="store_true", help="show the model an example")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was judged here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data_dir, served() as endpoint:
        asked = opened(
            endpoint, data_dir, tokens=options.tokens, prompt_tokens=options.prompt_tokens
        )
        assistant, recording = recorded(led(asked) if options.led else asked)
        rows = [measured(assistant, recording, row) for row in chosen(options.questions)]
    result = {**summary(rows), "provenance": _provenance(assistant)}
    print(json.dumps(result, indent=2, ensure_ascii=False))  # noqa: T201
    if options.json is not None:
        text = json.dumps({**result, "per_question": rows}, indent=2, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")


def _provenance(assistant: Assistant) -> Row:
    made_by = assistant.provenance
    return {
        "corpus_fingerprint": made_by.corpus_fingerprint,
        "models": dict(made_by.models),
        "settings": dict(made_by.settings),
    }


if __name__ == "__main__":
    main()
