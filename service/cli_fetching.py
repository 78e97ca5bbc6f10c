"""The command that brings cited works: `fetch`."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import FetchError, SequiturError
from corpus.library import Library
from corpus.records import Document, Notice
from ingest.fetching import Mark, keep, list_doubts, mark_library, task_for, task_of, tie_stored
from ingest.ncbi_ids import Identifier, read_identifiers
from ingest.ncbi_ledger import Brought, Failure
from ingest.retraction_watch import RetractionWatch
from service.cli_options import (
    json_option,
    json_text,
    library_option,
    named_library,
    next_command,
    writable_library,
)
from service.cli_running import PROBLEM_EXIT
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from ingest.ncbi_client import NcbiClient

OFFLINE_HINT = (
    "the same records can be saved from PubMed (Save, format PubMed) as a file "
    "and read with `sequitur ingest FILE`"
)
MAX_REJECTIONS_SHOWN = 10


@dataclass(slots=True, kw_only=True)
class _Report:
    """What a run did, gathered batch by batch."""

    library: Library
    article: str | None
    stored: list[tuple[Identifier, str]] = field(default_factory=list)
    already: list[tuple[Identifier, str]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    tied: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    marks: tuple[Mark, ...] = ()
    watch: RetractionWatch | None = None


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@library_option
@click.option(
    "--article",
    metavar="SLUG",
    help="Tie what comes to this article; without IDs: fetch what its list names and lacks.",
)
@click.option("--refresh", is_flag=True, help="Fetch again what is stored: was it retracted since?")
@click.option("--full-text", is_flag=True, help="Take PMC's open-access texts where there are any.")
@click.option(
    "--retractions",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Retraction Watch file to mark works with; without IDs nothing is fetched. "
    "Default: $SEQUITUR_RETRACTION_WATCH.",
)
@json_option
def fetch(
    ids: tuple[str, ...],
    *,
    library: Path | None,
    article: str | None,
    refresh: bool,
    full_text: bool,
    retractions: Path | None,
    as_json: bool,
) -> None:
    """Bring cited works from PubMed and PMC by PMID, PMCID or DOI.

    An ID is written 12345, PMC12345 or 10.1000/example, with or without a label or as the address
    of a page.
    """
    if not ids and article is None and retractions is None:
        raise click.UsageError("name at least one ID, or --article, or --retractions")
    identifiers = read_identifiers(ids)
    settings = load_settings()
    watch = _watch(retractions, settings)
    with _opened(library, settings) as target:
        report = _Report(library=target, article=article, watch=watch)
        if ids or retractions is None:
            _fetch(identifiers, report, settings, refresh=refresh, full_text=full_text)
        if retractions is not None and watch is not None:
            report.marks, doubts = mark_library(target, watch, slug=article)
            report.notes += doubts
    _print(report, as_json=as_json)
    if report.stored or report.marks or report.tied:
        click.echo(f"Next: {next_command('index', library)}", err=True)
    if report.failures:
        sys.exit(PROBLEM_EXIT)


def _fetch(
    identifiers: tuple[Identifier, ...],
    report: _Report,
    settings: Settings,
    *,
    refresh: bool,
    full_text: bool,
) -> None:
    library, slug = report.library, report.article
    article = None if slug is None else library.article(slug)
    if article is not None and not identifiers:
        task = task_of(article, library, refresh=refresh)
    else:
        task = task_for(identifiers, library, refresh=refresh)
    report.already += task.stored
    report.notes += [f"no identifier, nothing to ask for: {title}" for title in task.nameless]
    if slug is not None:
        kept = tie_stored([key for _, key in task.stored], library, slug)
        report.tied += kept.tied
        report.added += kept.added
    if task.wanted:
        try:
            _bring(task.wanted, report, _client(settings), full_text=full_text)
        except KeyboardInterrupt:
            _print(report, as_json=False)
            raise click.Abort from None
        finally:
            library.save_catalogue()
        if slug is not None:
            report.notes += list_doubts(library, slug)
        if not settings.ncbi_email:
            report.notes.append("SEQUITUR_NCBI_EMAIL is not set: NCBI asks for an address")


def _bring(
    wanted: tuple[Identifier, ...], report: _Report, client: "NcbiClient", *, full_text: bool
) -> None:
    """Fetch and store batch by batch, with a progress bar when it takes more than two seconds."""
    from tqdm import tqdm

    from ingest.ncbi import bring

    with tqdm(
        total=len(wanted), unit=" works", desc="fetching", delay=2, mininterval=1, file=sys.stderr
    ) as bar:
        try:
            for brought in bring(client, wanted, full_text=full_text):
                _keep(brought, report)
                bar.update(len(brought.found) + len(brought.failures))
        except FetchError as error:
            raise FetchError(error.kind, f"{error}; {OFFLINE_HINT}") from error


def _keep(brought: Brought, report: _Report) -> None:
    kept = keep(brought, report.library, slug=report.article, watch=report.watch)
    report.stored += brought.found
    report.failures += brought.failures
    report.notes += brought.notes
    report.tied += kept.tied
    report.added += kept.added


def _client(settings: Settings) -> "NcbiClient":
    from ingest.ncbi_client import Access, NcbiClient

    return NcbiClient(
        Access(
            email=settings.ncbi_email,
            api_key=settings.ncbi_api_key,
            eutils_url=settings.ncbi_eutils_url,
            idconv_url=settings.ncbi_idconv_url,
            timeout_s=settings.ncbi_timeout_s,
        )
    )


def _watch(named: Path | None, settings: Settings) -> RetractionWatch | None:
    path = named or (Path(settings.retraction_watch) if settings.retraction_watch else None)
    if path is None:
        return None
    watch = RetractionWatch.read(path)
    click.echo(f"{watch.shown}: {watch.rows} notices in {path}", err=True)
    for rejection in watch.rejections[:MAX_REJECTIONS_SHOWN]:
        click.echo(f"  {rejection.place}: {rejection.reason}", err=True)
    more = len(watch.rejections) - MAX_REJECTIONS_SHOWN
    if more > 0:
        click.echo(f"  and {more} more rows with something wrong", err=True)
    return watch


@contextmanager
def _opened(library: Path | None, settings: Settings) -> Iterator[Library]:
    """Open the library to write to; leave no empty one behind when nothing comes."""
    named = named_library(library, settings)
    is_new = named is not None and not named.exists()
    try:
        yield writable_library(library, settings)
    except SequiturError:
        if named is not None and is_new and not any((named / "documents").glob("*")):
            shutil.rmtree(named, ignore_errors=True)
        raise


def _print(report: _Report, *, as_json: bool) -> None:
    if as_json:
        click.echo(json_text(_record(report)))
        return
    for line in _lines(report):
        click.echo(line)
    for note in report.notes:
        click.echo(f"note: {note}", err=True)


def _lines(report: _Report) -> Iterator[str]:
    for identifier, key in report.stored:
        document = report.library.document(key)
        asked = "" if str(identifier) == key else f" (asked as {identifier})"
        yield f"stored {key}{asked}: {document.title}"
        yield from (f"  {_notice_line(notice)}" for notice in _notices(document))
    for identifier, key in report.already:
        yield f"already stored {key}" + ("" if str(identifier) == key else f" ({identifier})")
    for failure in report.failures:
        yield f"failed {failure.identifier}: {failure.reason}"
    for mark in report.marks:
        yield f"marked {mark.where}: {mark.title}"
        yield from (f"  {_notice_line(notice)}" for notice in mark.notices)
    if report.article is not None:
        yield from _tied_lines(report)
    if report.watch is not None and not report.marks:
        yield f"{report.watch.shown}: nothing new"


def _tied_lines(report: _Report) -> Iterator[str]:
    yield f"{len(report.tied)} tied to references of {report.article}"
    for key in report.added:
        yield f"{key}: not in the list of {report.article}, added without a number"


def _notice_line(notice: Notice) -> str:
    date = f" {notice.date.isoformat()}" if notice.date else ""
    name = f" {notice.identifier}" if notice.identifier else ""
    text = f": {notice.text}" if notice.text else ""
    return f"{notice.kind}{date}{name} ({notice.source}){text}"


def _notices(document: Document) -> tuple[Notice, ...]:
    return document.reference.notices if document.reference else ()


def _record(report: _Report) -> dict[str, Any]:
    watch = report.watch
    return {
        "library": str(report.library.folder),
        "article": report.article,
        "stored": [
            {
                "asked": str(identifier),
                "document_id": key,
                "title": report.library.document(key).title,
                "notices": _as_json(_notices(report.library.document(key))),
            }
            for identifier, key in report.stored
        ],
        "already_stored": [{"asked": str(i), "document_id": key} for i, key in report.already],
        "failed": [{"asked": str(f.identifier), "reason": f.reason} for f in report.failures],
        "tied": report.tied,
        "added": report.added,
        "marked": [
            {"where": m.where, "title": m.title, "notices": _as_json(m.notices)}
            for m in report.marks
        ],
        "retraction_watch": watch
        and {"file": watch.name, "dated": watch.dated.isoformat(), "dated_by": watch.dated_by},
        "notes": report.notes,
    }


def _as_json(notices: Iterable[Notice]) -> list[dict[str, str | None]]:
    return [
        {
            "kind": notice.kind,
            "source": notice.source,
            "date": notice.date.isoformat() if notice.date else None,
            "identifier": notice.identifier,
            "text": notice.text,
        }
        for notice in notices
    ]
