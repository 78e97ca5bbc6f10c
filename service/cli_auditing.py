"""The command that checks an article's citations before publication: `audit`."""

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from corpus.errors import InputError
from corpus.library import Library, write_bytes
from corpus.records import Article
from service.cli_options import json_option, json_text, library_folder, library_option
from service.cli_running import PROBLEM_EXIT
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from index.reading.checker import CheckerModel
    from ingest.audit import AuditOptions
    from ingest.retraction_watch import RetractionWatch
    from service.audit import AuditReport
    from service.audit_support import SupportOptions


@click.command()
@click.argument("slug", required=False)
@library_option
@json_option
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page of HTML to work through.",
)
def audit(slug: str | None, *, library: Path | None, as_json: bool, report: Path | None) -> None:
    """Check the citations of the article SLUG, or of all: exit 1 when something must be mended."""
    from service.audit_record import audit_record
    from service.audit_terminal import rendered

    settings = load_settings()
    opened = Library(library_folder(library, settings))
    articles = (opened.article(slug),) if slug is not None else opened.articles()
    if not articles:
        raise InputError(f"{opened.folder}: the library has no articles to audit")
    result = audited(articles, opened, settings)
    if report is not None:
        _write_page(report, result, opened)
    if as_json:
        click.echo(json_text(audit_record(result, opened)))
    else:
        click.echo(rendered(result, opened), nl=False)
    if result.failed:
        sys.exit(PROBLEM_EXIT)


def audited(
    articles: Sequence[Article],
    library: Library,
    settings: Settings,
    *,
    today: dt.date | None = None,
) -> "AuditReport":
    """Audit articles of a library; a bar appears when the judging takes more than two seconds.

    Raises FileInputError when the Retraction Watch file cannot be read.
    """
    from index.reading.checker import BuiltInChecker
    from ingest.audit import AuditOptions, structural_findings
    from service.audit import AuditReport, audit_of
    from service.audit_support import CitationChecker, SupportOptions

    watch = _retraction_watch(settings)
    options = AuditOptions(
        today=today or dt.datetime.now(dt.UTC).date(),
        guideline_years=settings.audit_guideline_years,
        notices=watch,
    )
    limits = SupportOptions(
        supported=settings.audit_supported,
        contradicted=settings.audit_contradicted,
        partly=settings.audit_partly,
        passages=settings.audit_passages,
    )
    model = BuiltInChecker()
    checker = CitationChecker(library, model, limits)
    found = []
    total = sum(1 for article in articles for _ in checker.citing(article))
    with tqdm(
        total=total, unit=" sentences", desc="judging citations", delay=2, file=sys.stderr
    ) as bar:
        for article in articles:
            structural = structural_findings(article, library, options)
            found.append(audit_of(article, structural, checker.check(article, progress=bar.update)))
    return AuditReport(
        audits=tuple(found),
        fails_on=settings.audit_fails_on,
        provenance=_provenance(library, options, limits, model, watch),
    )


def _retraction_watch(settings: Settings) -> "RetractionWatch | None":
    if not settings.retraction_watch:
        return None
    from ingest.retraction_watch import RetractionWatch

    return RetractionWatch.read(Path(settings.retraction_watch))


def _provenance(
    library: Library,
    options: "AuditOptions",
    limits: "SupportOptions",
    model: "CheckerModel",
    watch: "RetractionWatch | None",
) -> dict[str, Any]:
    return {
        "sequitur": version("sequitur"),
        "date": options.today.isoformat(),
        "corpus_fingerprint": library.fingerprint,
        "judged_by": model.name,
        "model_digest": model.digest,
        "thresholds": asdict(limits) | {"guideline_years": options.guideline_years},
        "retraction_watch": watch.shown if watch else "as stored; no Retraction Watch file given",
    }


def _write_page(path: Path, report: "AuditReport", library: Library) -> None:
    from service.pages_audit import audit_page

    try:
        write_bytes(path, audit_page(report, library).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error
