"""What gets past the verifier: `python -m tests.llm.measure [--questions N] [--json FILE]`.

Asks answerable questions of the built-in sample, lets the tiny model write, and keeps for each of
its sentences the verdict, the reasons and the spans, for somebody to read whether those that got
past are true. Questions are taken at equal distances from the set, the same ones each time.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
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
from tests.llm.recording import Judged, Recording, recorded
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
    markers = {" ".join(s.text.split()): s for s in recording.sentences}
    return {
        "id": row["id"],
        "question": row["question"],
        "status": "answered" if answer.answered else "refused",
        "notices": answer.notices,
        "quoted": _is_quoted(answer),
        "draft": "".join(recording.pieces),
        "sentences": [_sentence(judged, markers) for judged in recording.judged],
        "statements": [statement.text for statement in answer.statements],
        "first_token_s": recording.first_piece_s,
        "first_statement_s": clock.seconds,
        "whole_s": whole,
    }


def _is_quoted(answer: Answer) -> bool:
    return any("quoted instead" in notice for notice in answer.notices)


def _sentence(judged: Judged, markers: Row) -> Row:
    judgement, drafted = judged.judgement, markers.get(judged.text)
    return {
        "text": judged.text,
        "markers": drafted.markers if drafted else (),
        "foreign": drafted.foreign if drafted else (),
        "held_against": [e.number for e in judged.evidence],
        "verdict": judgement.verdict.value,
        "support": judgement.support,
        "reasons": judgement.reasons,
        "spans": [
            {"document_id": s.document_id, "start": s.start, "end": s.end, "quote": s.quote}
            for s in judgement.spans
        ],
        "verbatim": any(
            judged.text.rstrip(".") in " ".join(s.quote.split()) for s in judgement.spans
        ),
    }


def summary(rows: Sequence[Row]) -> Row:
    """Return the counts over all questions, and the median and highest of the times."""
    sentences = [sentence for row in rows for sentence in row["sentences"]]
    past = [s for s in sentences if s["verdict"] == "supported"]
    return {
        "questions": len(rows),
        "answered": sum(row["status"] == "answered" for row in rows),
        "asked_of_the_model": sum(bool(row["draft"]) for row in rows),
        "quoted_instead": sum(row["quoted"] for row in rows),
        "sentences": len(sentences),
        "with_a_citation": sum(bool(s["markers"]) for s in sentences),
        "past_the_verifier": len(past),
        "past_the_verifier_verbatim": sum(s["verbatim"] for s in past),
        "verdicts": dict(sorted(Counter(s["verdict"] for s in sentences).items())),
        **{
            name: _spread([row[name] for row in rows if row["draft"] and row[name] is not None])
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
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sentence here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data_dir, served() as endpoint:
        assistant, recording = recorded(
            opened(endpoint, data_dir, tokens=options.tokens, prompt_tokens=options.prompt_tokens)
        )
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
