"""Benchmarks: `make benchmark` (or `python -m tests.benchmarks`). Prints JSON to stdout.

Machines are shared and noisy, so throughput is given as a ratio to the bare model measured in the
same run, the two taking turns. Nothing here is asserted.
"""

import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from corpus.library import Library
from index.embedder import Embedder, embedder_of
from index.saved import build_index, indexed_text
from ingest.reading import ingest
from service.assistant import Assistant, Question
from service.settings import Settings

ROUNDS = 3
COPIES = 8
ASKERS = 16


def main() -> None:
    """Run all benchmarks on the built-in sample, multiplied to a few hundred passages."""
    with tempfile.TemporaryDirectory() as folder:
        result = {
            "indexing": _indexing(Path(folder)),
            "ask_ms": _asking(Path(folder) / "sample"),
            "start_up_s": _start_up(),
            "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
    json.dump(result, sys.stdout, indent=2)
    print()  # noqa: T201 - a benchmark's stdout is its result


def _indexing(folder: Path) -> dict[str, Any]:
    """Ingest and index `COPIES` copies of the sample; compare with encoding the same texts."""
    sources = _copies_of_sample(folder / "sources")
    embedder = embedder_of()
    embedder.warm_up()
    ratios: list[float] = []
    for number in range(ROUNDS):
        library = Library.create(folder / f"round-{number}")
        ours_s = _seconds(lambda: _ingest_and_index(sources, library, embedder))  # noqa: B023
        texts = list(dict.fromkeys(indexed_text(p) for p in library.passages()))
        bare_s = _seconds(lambda: _bare(embedder, texts))  # noqa: B023
        ratios.append(bare_s / ours_s)
    return {
        "documents": len(library.documents()),
        "passages": len(library.passages()),
        "documents_per_s": round(len(library.documents()) / ours_s, 1),
        "passages_per_s": round(len(library.passages()) / ours_s, 1),
        "of_bare_encode": round(statistics.median(ratios), 3),
        "of_bare_encode_all": [round(r, 3) for r in ratios],
    }


def _copies_of_sample(folder: Path) -> Path:
    """Write the sample's articles several times, each copy with text of its own."""
    folder.mkdir()
    for path in sorted((resources.files("corpus") / "sample" / "articles").iterdir(), key=str):
        text = path.read_text(encoding="utf-8")
        for copy in range(COPIES):
            marked = text.replace(". ", f" (copy {copy}). ").replace("doi: 10.", f"doi: 10.{copy}")
            marked = re.sub(r'(pmid: "?)(?=\d)', rf"\g<1>{copy}", marked)
            lines = [line for line in marked.splitlines() if not line.startswith("slug:")]
            (folder / f"copy-{copy}-{path.name}").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _ingest_and_index(sources: Path, library: Library, embedder: Embedder) -> None:
    ingest([sources], library)
    build_index(library, embedder)


def _bare(embedder: Embedder, texts: list[str]) -> None:
    embedder.embed_batch(texts)


def _asking(folder: Path) -> dict[str, float]:
    """Ask the sample's questions, warm, one after another and by many at once.

    Return p50 and p95 of one asker, and of reading 20 passages; processor seconds of a question;
    what many askers get done, and how much more that is than one after another.
    """
    sample = resources.files("corpus") / "sample"
    library = Library.create(folder)
    with resources.as_file(sample / "articles") as articles:
        ingest([articles], library)
    build_index(library, embedder_of())
    assistant = Assistant.open(folder, Settings())
    lines = (sample / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    questions = [
        Question(text=q["question"], article=q.get("article"), history=tuple(q.get("history", ())))
        for q in asked
        if q["kind"] in ("clinician", "follow_up", "near_miss")
    ]
    assistant.ask(questions[0])
    before = time.process_time()
    taken = [_seconds(lambda: assistant.ask(q)) * 1000 for q in questions]  # noqa: B023
    cpu_s = (time.process_time() - before) / len(questions)
    reads = [assistant.ask(replace(q, article=None)).timings_ms["read"] for q in questions]
    p50, p95, read_p50, read_p95 = (
        round(float(np.percentile(times, p)), 1) for times in (taken, reads) for p in (50, 95)
    )
    with ThreadPoolExecutor(ASKERS) as pool:
        start = time.perf_counter()
        waited = list(pool.map(lambda q: _seconds(lambda: assistant.ask(q)), questions))
        together_s = time.perf_counter() - start
    return {
        "questions": len(taken),
        "p50": p50,
        "p95": p95,
        "cpu_s": round(cpu_s, 2),
        "askers": ASKERS,
        "questions_per_s": round(len(questions) / together_s, 2),
        "of_one_asker": round(sum(taken) / 1000 / together_s, 2),
        "median_s": round(statistics.median(waited), 2),
        "read_20_p50": read_p50,
        "read_20_p95": read_p95,
    }


def _start_up() -> dict[str, float]:
    """Time whole processes: the help text, and a first answer on the sample (index built)."""
    ask = ("ask", "How common is fever in COP?")
    _command(*ask)
    return {
        "help": _seconds(lambda: _command("--help")),
        "first_answer": _seconds(lambda: _command(*ask)),
    }


def _command(*arguments: str) -> None:
    command = [str(Path(sys.executable).with_name("sequitur")), *arguments]
    subprocess.run(command, check=True, capture_output=True)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return round(time.perf_counter() - start, 4)


if __name__ == "__main__":
    main()
