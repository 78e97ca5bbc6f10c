"""What the audit's verdicts on citations are worth: `python -m evals.audit_support`.

The citing sentences of a library's articles are judged twice: against the texts that they cite
(true), and against the text of another reference of the same article, which is about the same
subject (shuffled). An audit is useful as far as it calls the first supported or partly so and the
second not found, and neither contradicted.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from corpus.errors import InputError, SequiturError
from corpus.library import Library, write_json
from corpus.records import Article, Document
from evals.files import refuse_unwritable
from evals.measures import auroc
from index.reading.checker import BuiltInChecker, CheckerModel
from service.audit_judging import Asked, Judge, SupportOptions, Told, better
from service.audit_support import CitationChecker, nearest_passages, score_of
from service.verdicts import Verdict

AT_ONCE = 16
PLACES = 3
_VERDICTS = (Verdict.SUPPORTED, Verdict.PARTLY, Verdict.NOT_FOUND, Verdict.CONTRADICTED)
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The readings of a citing sentence, the fullest first, each with what it is held against."""

    treatment: str
    readings: tuple[Asked, ...]


@click.command()
@click.option("--library", type=click.Path(path_type=Path, file_okay=False), help="Default: sample")
@click.option("--seed", default=0, show_default=True, help="Decides what is shuffled.")
@click.option("--limit", type=click.IntRange(min=1), help="Most citing sentences.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False))
def main(*, library: Path | None, seed: int, limit: int | None, json_file: Path | None) -> None:
    """Judge true and shuffled citations of a library."""
    from ingest.sample import sample_library
    from service.settings import load_settings

    try:
        refuse_unwritable(json_file)
        folder = library or sample_library(Path(load_settings().data_dir))
        result = measured(Library(folder), BuiltInChecker(), seed=seed, limit=limit)
        if json_file is not None:
            write_json(json_file, result)
    except SequiturError as error:
        click.echo(f"audit_support: {error}", err=True)
        sys.exit(2)
    click.echo("\n".join(table(result)))


def measured(
    library: Library, model: CheckerModel, *, seed: int = 0, limit: int | None = None
) -> Figures:
    """Return the shares of the verdicts for each treatment, and the AUROC of support.

    Raises InputError when no sentence of the library cites a stored text.
    """
    options = SupportOptions()
    checker = CitationChecker(library, model, options)
    trials = list(trials_of(library, checker, options, seed=seed, limit=limit))
    if not trials:
        raise InputError(f"{library.folder}: no sentence cites a stored text")
    told = _told(trials, Judge(model, options))
    found: Figures = {
        "model": f"{model.name}@{model.digest[:16]}",
        "corpus_fingerprint": library.fingerprint,
        "seed": seed,
        "treatments": {},
    }
    for name in dict.fromkeys(t.treatment for t in trials):
        judged = [one for t, one in zip(trials, told, strict=True) if t.treatment == name]
        found["treatments"][name] = _shares(judged)
    compared = [(t.treatment == "true", score_of(one)) for t, one in zip(trials, told, strict=True)]
    area = auroc([true for true, _ in compared], [score for _, score in compared])
    found["auroc"] = None if area is None else round(area, PLACES)
    return found


def trials_of(
    library: Library,
    checker: CitationChecker,
    options: SupportOptions,
    *,
    seed: int,
    limit: int | None,
) -> Iterator[Trial]:
    """Yield each pair of a sentence and a cited text: true, and shuffled."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    for article in library.articles():
        stored = _stored(article, library)
        for citing in tuple(checker.citing(article))[:limit]:
            cited = [one.document for one in citing.cited]
            others = [document for document in stored if document not in cited]
            for document in cited:
                yield _trial("true", citing.readings, document, options)
                if others:
                    yield _trial("shuffled", citing.readings, rng.choice(others), options)


def _stored(article: Article, library: Library) -> list[Document]:
    known = {d.document_id: d for d in library.documents()}
    cited = (known.get(r.document_id or "") for r in article.references)
    return [document for document in cited if document is not None]


def _trial(
    treatment: str, readings: Sequence[str], document: Document, options: SupportOptions
) -> Trial:
    asked = (
        Asked(claim=text, evidence=nearest_passages(text, document, options.passages))
        for text in readings
    )
    return Trial(treatment=treatment, readings=tuple(asked))


def _told(trials: Sequence[Trial], judge: Judge) -> list[Told]:
    """Judge the trials as the audit does: a second reading counts where the first fails."""
    from tqdm import tqdm

    found: list[Told] = []
    with tqdm(total=len(trials), unit=" claims", delay=2, file=sys.stderr) as bar:
        for start in range(0, len(trials), AT_ONCE):
            batch = trials[start : start + AT_ONCE]
            told = judge.told([trial.readings[0] for trial in batch])
            alone = iter(judge.told([t.readings[1] for t in batch if len(t.readings) > 1]))
            found += [
                better(first, next(alone)) if len(trial.readings) > 1 else first
                for trial, first in zip(batch, told, strict=True)
            ]
            bar.update(len(batch))
    return found


def _shares(told: Sequence[Told]) -> Figures:
    counts = {v.value: sum(one.verdict is v for one in told) for v in _VERDICTS}
    shares = {name: round(count / len(told), PLACES) for name, count in counts.items()}
    doubtful = sum(one.verdict is Verdict.PARTLY and one.turned for one in told)
    return {"n": len(told), **shares, "doubtful": round(doubtful / len(told), PLACES)}


def table(result: Figures) -> Iterator[str]:
    """Give the lines of the table: a row per treatment, then the AUROC."""
    yield f"checker: {result['model']}; seed {result['seed']}"
    heads = ("n", *(v.value.replace("_", " ") for v in _VERDICTS), "(doubtful)")
    yield f"{'citations':<12}" + "".join(f"{head:>14}" for head in heads)
    for name, row in result["treatments"].items():
        cells = (str(row["n"]), *(f"{row[v.value]:.3f}" for v in _VERDICTS))
        shown = (*cells, f"{row['doubtful']:.3f}")
        yield f"{name:<12}" + "".join(f"{cell:>14}" for cell in shown)
    area = "-" if result["auroc"] is None else f"{result['auroc']:.3f}"
    yield f"AUROC of support, true against shuffled: {area}"


if __name__ == "__main__":
    main()
