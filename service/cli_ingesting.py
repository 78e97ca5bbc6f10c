"""Commands that fill a library: `ingest` and `index`."""

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import SequiturError
from corpus.library import Library
from corpus.reviews import standing_text
from ingest.doubts import confirmed
from ingest.jobs import FileReport, Request
from ingest.reading import ingest_request
from service.cli_ingest_progress import ReadingBar, RejectedFile
from service.cli_options import (
    library_folder,
    library_option,
    named_library,
    next_command,
    writable_library,
)
from service.cli_running import PROBLEM_EXIT
from service.settings import load_settings

if TYPE_CHECKING:
    from service.suggestion_building import SuggestionReport

SHOWN_REJECTIONS = 5
SHOWN_FILES = 20


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@library_option
@click.option(
    "--article", metavar="SLUG", help="Name of the article, or whose abstracts these are."
)
@click.option(
    "--as-references", is_flag=True, help="Take articles as works that are cited, not as articles."
)
@click.option(
    "--tie",
    "ties",
    multiple=True,
    metavar="SLUG:NUMBER=ID",
    help="Tie a listed work to a stored abstract; confirms a doubtful match. Repeatable.",
)
@click.option("--prune", is_flag=True, help="Remove what came from files or records that are gone.")
@click.option(
    "--rejected",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write records that are left out. Default: rejected.tsv in the library.",
)
def ingest(
    paths: Sequence[Path],
    *,
    library: Path | None,
    article: str | None,
    as_references: bool,
    ties: tuple[str, ...],
    prune: bool,
    rejected: Path | None,
) -> None:
    """Read article and reference files (or folders of them) into a library.

    Only what changed is read. Article files go in all or none; records of reference files one by
    one, and what is left out is written to a file.
    """
    if not paths and not ties:
        raise click.UsageError("name a file or folder to read")
    settings = load_settings()
    asked = Request(
        slug=article,
        max_bytes=settings.max_file_bytes,
        as_references=as_references,
        ties=tuple(map(confirmed, ties)),
        prune=prune,
    )
    named = named_library(library, settings)
    is_new = named is not None and not named.exists()
    try:
        target = writable_library(library, settings)
        with RejectedFile(rejected or target.folder / "rejected.tsv") as left_out:
            reports = _read(paths, target, asked, left_out)
    except SequiturError:
        if named is not None and is_new:  # leave no empty library behind
            shutil.rmtree(named, ignore_errors=True)
        raise
    for line in _ingest_lines(reports, target):
        click.echo(line)
    if left_out.count:
        click.echo(f"{left_out.count:,} left out: see {left_out.path}", err=True)
    click.echo(f"Next: {next_command('index', library)}", err=True)
    broken = [report.broken for report in reports if report.broken]
    for reason in broken:
        click.echo(f"Broken off: {reason}; what stands before is in", err=True)
    sys.exit(PROBLEM_EXIT if broken else 0)


def _read(
    paths: Sequence[Path], library: Library, asked: Request, left_out: RejectedFile
) -> tuple[FileReport, ...]:
    """Ingest behind a progress bar; Ctrl-C ends the program with a word on how to go on."""
    with ReadingBar() as bar:
        try:
            return ingest_request(paths, library, asked, watch=bar, rejected=left_out.add)
        except KeyboardInterrupt:
            done = f"Stopped after {bar.records:,} records or files"
    click.echo(
        f"{done}; {library.folder} is whole, and the same command goes on from there.", err=True
    )
    sys.exit(PROBLEM_EXIT)


@click.command()
@library_option
@click.option(
    "--suggestions", is_flag=True, help="Ask now what can be suggested; `serve` does too."
)
def index(*, library: Path | None, suggestions: bool) -> None:
    """Build or update the index; only what changed is worked on again."""
    from index.embedder import embedder_of
    from index.saved import load_index
    from service.assistant import Assistant
    from service.building import build_with_progress, suggest_with_progress

    settings = load_settings()
    folder = library_folder(library, settings)
    opened = Library(folder)
    embedder = embedder_of(settings.embedding_model)
    try:
        report = build_with_progress(opened, embedder)
    except KeyboardInterrupt:
        click.echo(
            f"Stopped; {folder} keeps the index that it had, and what was embedded is kept: "
            "the same command goes on from there.",
            err=True,
        )
        sys.exit(PROBLEM_EXIT)
    state = "built" if report.changed else "already up to date"
    click.echo(
        f"{folder}: index {state}; {report.passages} passages, "
        f"{report.embedded} embedded, {report.reused} reused"
    )
    if suggestions and opened.articles():  # texts alone get none
        assistant = Assistant(opened, load_index(opened, embedder), embedder, settings)
        click.echo(_suggestions_line(suggest_with_progress(assistant.quoting())))
    click.echo(f"Next: {next_command('serve', library)}", err=True)


def _ingest_lines(reports: Sequence[FileReport], library: Library) -> Iterator[str]:
    """Give what each file brought; of many files with nothing to say about them, their number."""
    quiet = [report for report in reports if _is_quiet(report)]
    folded = quiet[SHOWN_FILES:]
    skipped = set(map(id, folded))
    for report in reports:
        if id(report) not in skipped:
            yield from _file_lines(report, library)
    if folded:
        brought = sum(len(report.document_ids) for report in folded)
        unchanged = sum(report.unchanged for report in folded)
        yield (
            f"and {len(folded):,} more files: {brought:,} abstract(s) or text(s), "
            f"{unchanged:,} file(s) unchanged"
        )


def _is_quiet(report: FileReport) -> bool:
    return not (report.articles or report.notes or report.left_out or report.changes)


def _file_lines(report: FileReport, library: Library) -> Iterable[str]:
    state = ", unchanged" if report.unchanged else ""
    yield f"{report.name} ({report.format}{state})"
    for article in report.articles:
        yield (
            f"  article {article.slug}: {len(article.document.passages)} passages, "
            f"{len(article.references)} references, "
            f"{standing_text(library.standing(article.slug))}"
        )
    if report.document_ids:
        yield f"  {len(report.document_ids)} abstract(s) or text(s)"
    yield from (f"  changed: {line}" for line in report.changes)
    yield from (f"  note: {note}" for note in report.notes)
    shown = report.rejections[:SHOWN_REJECTIONS]
    yield from (f"  left out: {r.place}: {r.reason}" for r in shown)
    more = report.left_out - len(shown)
    if report.unchanged and report.left_out:
        yield f"  {report.left_out:,} record(s) were left out when it was read"
    elif more:
        yield f"  left out: {more:,} more"


def _suggestions_line(report: "SuggestionReport") -> str:
    return (
        f"suggestions: {report.kept} questions kept for {report.articles} article(s); "
        f"{report.asked} asked, {report.reused} article(s) unchanged"
    )
