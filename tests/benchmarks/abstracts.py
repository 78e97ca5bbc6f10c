"""Ten thousand abstracts in one go: `python -m tests.benchmarks.abstracts [--help]`.

Writes synthetic PubMed XML from a small grammar of our own, then ingests it, ingests it again
unchanged, opens the library and indexes it, each in a process of its own, so that its peak memory
can be told. Prints JSON to stdout. Embedding so many takes minutes; `--embed` says how.
"""

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from corpus.library import Library
from index.embedder import Embedder, Vectors, embedder_of
from index.saved import build_index, load_index
from ingest.reading import ingest

STEPS = ("ingest", "ingest again", "open", "index", "load index")
CONDITIONS = "asthma, gout, sepsis, sarcoidosis, heart failure, stroke, migraine, psoriasis".split(
    ", "
)
DRUGS = "prednisone, colchicine, allopurinol, heparin, metformin, rituximab, azithromycin".split(
    ", "
)
OUTCOMES = "relapse, mortality, length of stay, quality of life, renal function, pain".split(", ")
DESIGNS = "randomised trial, cohort study, case series, registry study, crossover trial".split(", ")
GROUPS = "adults, children, pregnant women, older patients, outpatients, veterans".split(", ")
SECTIONS: dict[str, tuple[str, ...]] = {
    "BACKGROUND": (
        "Whether {drug} changes {outcome} in {group} with {condition} is not known.",
        "{Drug} is often given for {condition}, yet few reports describe {outcome}.",
        "In {group}, {condition} may progress in spite of treatment with {drug}.",
    ),
    "METHODS": (
        "In this {design} we followed {n} {group} with {condition} for {months} months.",
        "The main outcome was {outcome} after {months} months of {drug} at {dose} mg daily.",
        "Patients with earlier exposure to {drug} were left out, and {n} remained.",
    ),
    "RESULTS": (
        "Of {n} {group}, {percent}% had better {outcome} with {drug} (P = 0.0{p}).",
        "The rate of {outcome} fell by {percent}% (95% CI, {low} to {high}) at {months} months.",
        "Serious events occurred in {p} of {n} patients; none led to stopping {drug}.",
    ),
    "CONCLUSIONS": (
        "In {group} with {condition}, {drug} at {dose} mg may improve {outcome}.",
        "These data do not support {drug} for {condition} beyond {months} months.",
        "A larger {design} should examine {outcome} before {drug} is advised.",
    ),
}


class StubEmbedder:
    """Unit vectors drawn by the text's own seed: costs nothing, so that the rest can be seen."""

    name = "stub"
    digest = "0" * 64

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), 384), each row of length 1."""
        rows = [np.random.default_rng(len(text)).standard_normal(384) for text in texts]
        vectors = np.asarray(rows, dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def main() -> None:
    """Run every step and print what it took."""
    options = _options()
    if options.step:
        _run_step(options.step, Path(options.folder), options)
        return
    folder = Path(options.folder or tempfile.mkdtemp(prefix="sequitur-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        size = _write_pubmed(folder / "abstracts.xml", options.records)
        found: dict[str, Any] = {"records": options.records, "file_mb": round(size / 1e6, 1)}
        for step in STEPS:
            found[step] = _in_own_process(step, folder, options)
        json.dump(found, sys.stdout, indent=2)
        print()  # noqa: T201 - a benchmark's stdout is its result
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--folder", help="Keep the file and the library here.")
    parser.add_argument("--embed", choices=("stub", "model"), default="stub")
    parser.add_argument("--limit", type=int, help="Index only the first so many documents.")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_own_process(step: str, folder: Path, options: argparse.Namespace) -> Any:
    command = [sys.executable, "-m", "tests.benchmarks.abstracts", "--step", step]
    command += ["--folder", str(folder), "--embed", options.embed]
    command += ["--limit", str(options.limit)] if options.limit else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def _run_step(step: str, folder: Path, options: argparse.Namespace) -> None:
    steps: dict[str, Callable[[Path, argparse.Namespace], dict[str, Any]]] = {
        "ingest": _ingest,
        "ingest again": _ingest,
        "open": _open,
        "index": _index,
        "load index": _load,
    }
    start = time.perf_counter()
    found = steps[step](folder, options)
    took_s = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found |= {"s": round(took_s, 2), "peak_mb": round(peak_mb)}
    if found.get("documents"):
        found["documents_per_s"] = round(found["documents"] / took_s)
    json.dump(found, sys.stdout)


def _ingest(folder: Path, options: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    library = Library.create(folder / "library")
    (report,) = ingest([folder / "abstracts.xml"], library, max_bytes=10**10)
    return {"documents": len(library.document_ids()), "unchanged": report.unchanged}


def _open(folder: Path, options: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    start = time.perf_counter()
    library = Library(folder / "library")
    _ = library.fingerprint
    opened_s = time.perf_counter() - start
    return {"documents": len(library.documents()), "open_and_fingerprint_s": round(opened_s, 2)}


def _index(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    report = build_index(_limited(folder, options.limit), _embedder(options.embed))
    return {"passages": report.passages, "embedded": report.embedded}


def _load(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    loaded = load_index(_limited(folder, options.limit), _embedder(options.embed))
    return {"passages": loaded.manifest.passages}


def _limited(folder: Path, limit: int | None) -> Library:
    """Return the library, or one of its first documents."""
    library = Library(folder / "library")
    if limit is None:
        return library
    small = Library.create(folder / f"library-{limit}")
    if not small.document_ids():
        small.put(documents=[library.document(key) for key in library.document_ids()[:limit]])
    return small


def _embedder(kind: str) -> Embedder:
    return embedder_of() if kind == "model" else StubEmbedder()


def _write_pubmed(path: Path, records: int) -> int:
    """Write so many records, always the same; returns the size in bytes."""
    with path.open("w", encoding="utf-8") as file:
        file.write("<PubmedArticleSet>\n")
        file.writelines(_record(number) for number in range(1, records + 1))
        file.write("</PubmedArticleSet>\n")
    return path.stat().st_size


def _record(number: int) -> str:
    rng = random.Random(number)
    title = _filled("{Drug} and {outcome} in {group} with {condition}: a {design}.", rng)
    texts = {label: " ".join(_sentences(patterns, rng)) for label, patterns in SECTIONS.items()}
    parts = "".join(
        f'<AbstractText Label="{label}">{escape(text)}</AbstractText>'
        for label, text in texts.items()
    )
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{number}</PMID><Article><Journal>'
        f"<JournalIssue><Volume>{number % 90 + 1}</Volume><PubDate><Year>{1990 + number % 35}"
        "</Year></PubDate></JournalIssue><ISOAbbreviation>J Synth Med</ISOAbbreviation></Journal>"
        f"<ArticleTitle>{escape(title)}</ArticleTitle><Abstract>{parts}</Abstract><AuthorList>"
        "<Author><LastName>Roe</LastName><Initials>A</Initials></Author></AuthorList>"
        "<PublicationTypeList><PublicationType>Journal Article</PublicationType>"
        "</PublicationTypeList></Article></MedlineCitation><PubmedData><ArticleIdList>"
        f'<ArticleId IdType="doi">10.1000/synthetic.{number}</ArticleId></ArticleIdList>'
        "</PubmedData></PubmedArticle>\n"
    )


def _sentences(patterns: tuple[str, ...], rng: random.Random) -> Iterator[str]:
    for pattern in rng.sample(patterns, k=len(patterns)):
        yield _filled(pattern, rng)


def _filled(pattern: str, rng: random.Random) -> str:
    drug = rng.choice(DRUGS)
    return pattern.format(
        drug=drug,
        Drug=drug.capitalize(),
        outcome=rng.choice(OUTCOMES),
        condition=rng.choice(CONDITIONS),
        design=rng.choice(DESIGNS),
        group=rng.choice(GROUPS),
        n=rng.randrange(20, 9000),
        months=rng.randrange(1, 60),
        dose=rng.randrange(5, 800, 5),
        percent=rng.randrange(5, 90),
        p=rng.randrange(1, 9),
        low=rng.randrange(1, 20),
        high=rng.randrange(21, 60),
    )


if __name__ == "__main__":
    main()
