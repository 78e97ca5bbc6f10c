"""The command line: `sequitur COMMAND`.

Exit codes: 0 done, 1 the work found something wrong, 2 bad usage or bad input (one line). What a
command finds goes to stdout, what it says about its work to stderr.
"""

import json
import shutil
import socket
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.answers import AUDIENCES, Audience
from corpus.errors import InputError, SequiturError
from corpus.library import Library
from ingest.reading import FileReport
from ingest.reading import ingest as ingest_files
from ingest.sample import sample_library
from service.emergency import emergency_within
from service.settings import Settings, load_settings
from service.wire import answer_record, article_record

if TYPE_CHECKING:
    from service.assistant import Assistant
    from service.suggestion_building import SuggestionReport

PROBLEM_EXIT = 1
USAGE_EXIT = 2
# After Ctrl-C, open connections get so long to end by themselves.
STOPPING_S = 5

_library_option = click.option(
    "--library",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the library. Default: $SEQUITUR_LIBRARY, else the built-in sample.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Refused(click.ClickException):
    """A deliberate error of ours, as click wants it."""

    exit_code = USAGE_EXIT


class Commands(click.Group):
    """A group whose expected errors are one line on stderr and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command; an expected error becomes click's own kind of error."""
        try:
            return super().invoke(ctx)
        except SequiturError as error:
            line = " ".join(str(error).split()).encode("utf-8", "backslashreplace").decode()
            raise Refused(line) from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click's own signature
        **extra: Any,
    ) -> Any:
        """Run as a program: every error is one line on stderr."""
        run = partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        try:
            code: Any = run()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            line = " ".join(error.format_message().split())
            who = "sequitur" if isinstance(error, Refused) else "Error"
            click.echo(f"{who}: {line}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Stopped.", err=True)
            sys.exit(PROBLEM_EXIT)
        sys.exit(code if isinstance(code, int) else 0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("sequitur"), prog_name="sequitur")
def cli() -> None:
    """Follow-up questions about medical articles, answered only by what their sources say."""


def main() -> None:
    """Run the command line, with the commands that other packages add to it."""
    for entry in entry_points(group="sequitur.commands"):
        cli.add_command(entry.load(), entry.name)
    cli()


@cli.command()
@click.argument("question")
@click.option("--article", metavar="SLUG", help="Ask within this article and what it cites.")
@_library_option
@click.option("--audience", type=click.Choice(AUDIENCES), default="clinician", show_default=True)
@click.option("--history", multiple=True, metavar="TEXT", help="An earlier question; repeatable.")
@_json_option
def ask(
    question: str,
    *,
    article: str | None,
    library: Path | None,
    audience: Audience,
    history: tuple[str, ...],
    as_json: bool,
) -> None:
    """Answer QUESTION with citations, or refuse with the reason."""
    from service.assistant import Question
    from service.terminal import rendered

    settings = load_settings()
    _check_question(question, settings)
    assistant = _open_assistant(library, settings)
    answer = assistant.ask(
        Question(text=question, article=article, history=history, audience=audience)
    )
    click.echo(_as_json(answer_record(answer)) if as_json else rendered(answer), nl=as_json)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_library_option
@click.option(
    "--article", metavar="SLUG", help="Name of the article, or whose abstracts these are."
)
def ingest(paths: Sequence[Path], *, library: Path | None, article: str | None) -> None:
    """Read article and reference files (or folders of them) into a library: all or nothing."""
    settings = load_settings()
    named = _named(library, settings)
    is_new = named is not None and not named.exists()
    try:
        target = _writable_library(library, settings)
        reports = ingest_files(paths, target, slug=article, max_bytes=settings.max_file_bytes)
    except SequiturError:
        if named is not None and is_new:  # leave no empty library behind
            shutil.rmtree(named, ignore_errors=True)
        raise
    for line in _ingest_lines(reports):
        click.echo(line)
    click.echo(f"Next: sequitur index --library {target.folder}", err=True)


@cli.command()
@_library_option
def index(library: Path | None) -> None:
    """Build or update the index and the suggestions; only what changed is worked on again."""
    from index.embedder import SentenceTransformerEmbedder
    from index.saved import load_index
    from service.assistant import Assistant
    from service.building import build_with_progress, suggest_with_progress

    settings = load_settings()
    folder = _library_folder(library, settings)
    opened = Library(folder)
    embedder = SentenceTransformerEmbedder(settings.embedding_model)
    report = build_with_progress(opened, embedder)
    state = "built" if report.changed else "already up to date"
    click.echo(
        f"{folder}: index {state}; {report.passages} passages, "
        f"{report.embedded} embedded, {report.reused} reused"
    )
    if opened.articles():  # texts alone get no suggestions
        assistant = Assistant(opened, load_index(opened, embedder), embedder, settings)
        click.echo(_suggestions_line(suggest_with_progress(assistant.quoting())))


@cli.command()
@_library_option
@_json_option
def articles(*, library: Path | None, as_json: bool) -> None:
    """List the library's articles."""
    opened = Library(_library_folder(library, load_settings()))
    records = [article_record(article, opened) for article in opened.articles()]
    if as_json:
        click.echo(_as_json(records))
        return
    for record in records:
        click.echo(
            f"{record['slug']}  [{record['review_status']}]  updated {record['updated'] or '?'}  "
            f"{record['references']} references, {record['passages']} passages\n"
            f"    {record['title']}"
        )


@cli.command()
@_library_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(*, library: Path | None, host: str, port: int) -> None:
    """Serve the web pages and the HTTP endpoint."""
    import uvicorn

    from service.api import create_app
    from service.assistant import Question
    from service.store import AnswerStore

    settings = load_settings()
    assistant = _open_assistant(library, settings)  # complains now, not from a running server
    folder = assistant.library.folder
    listening = _listen(host, port)

    def warmed() -> "Assistant":
        assistant.ask(Question(text="Is everything ready?"))  # reads the model's weights
        return assistant

    store = AnswerStore(folder / "answers.sqlite", kept_days=settings.answers_kept_days)
    app = create_app(warmed, settings, store=store)
    port = listening.getsockname()[1]
    click.echo(f"Sequitur reads {folder}\nOpen http://{host}:{port}/ (stop with Ctrl-C)", err=True)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=STOPPING_S
    )
    uvicorn.Server(config).run(sockets=[listening])


@cli.command()
@_library_option
def mcp(*, library: Path | None) -> None:
    """Serve the library to agents: the Model Context Protocol on stdin and stdout."""
    from service.mcp_server import serve as serve_agents

    settings = load_settings()
    named = _named(library, settings)
    if named is not None:
        Library(named)  # complains now, not when the first question comes
    serve_agents(partial(_warmed, library, settings), at_once=settings.questions_at_once)


@cli.command()
@click.argument("answer", type=click.Path(path_type=Path))
@_library_option
def verify(answer: Path, *, library: Path | None) -> None:
    """Re-check every quote of a saved ANSWER.json against the library's texts."""
    from service.verifying import citations_of, failures, read_answer

    record = read_answer(answer)
    opened = Library(_library_folder(library, load_settings()))
    found = list(failures(record, str(answer), opened))
    for line in found:
        click.echo(line)
    count = len(citations_of(record, str(answer)))
    click.echo(f"{answer}: {count} citation(s) checked, {len(found)} problem(s)")
    if found:
        sys.exit(PROBLEM_EXIT)


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises InputError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InputError(f"{host}:{port}: cannot listen here ({error.strerror})") from error


def _check_question(question: str, settings: Settings) -> None:
    if not question.strip():
        raise InputError("the question is empty")
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise InputError("the question is not valid UTF-8 text")
    too_long = len(question) > settings.max_question_chars
    if too_long and emergency_within(question) is None:
        raise InputError(
            f"the question has {len(question)} characters; "
            f"the limit is {settings.max_question_chars} (SEQUITUR_MAX_QUESTION_CHARS)"
        )


def _named(library: Path | None, settings: Settings) -> Path | None:
    """Return the library that was named, by option or setting; None for the built-in sample."""
    return library or (Path(settings.library) if settings.library else None)


def _library_folder(library: Path | None, settings: Settings) -> Path:
    return _named(library, settings) or sample_library(Path(settings.data_dir))


def _open_assistant(library: Path | None, settings: Settings) -> "Assistant":
    """Open the library to ask; the built-in sample is kept up to date by itself.

    The model's weights are not read yet.
    """
    from index.embedder import SentenceTransformerEmbedder
    from index.saved import load_index
    from service.assistant import Assistant
    from service.building import build_with_progress, suggest_with_progress

    opened = Library(_library_folder(library, settings))
    embedder = SentenceTransformerEmbedder(settings.embedding_model)
    is_sample = _named(library, settings) is None
    if is_sample:
        build_with_progress(opened, embedder)
    assistant = Assistant(opened, load_index(opened, embedder), embedder, settings)
    if is_sample:
        suggest_with_progress(assistant.quoting())
    return assistant


def _warmed(library: Path | None, settings: Settings) -> "Assistant":
    """Open the library to ask, and let the weights be read by asking."""
    from service.assistant import Question

    assistant = _open_assistant(library, settings)
    assistant.ask(Question(text="Is everything ready?"))
    return assistant


def _writable_library(library: Path | None, settings: Settings) -> Library:
    named = _named(library, settings)
    if named is not None:
        return Library.create(named)
    folder = sample_library(Path(settings.data_dir))
    click.echo(f"No --library given: reading into the built-in sample at {folder}", err=True)
    return Library(folder)


def _ingest_lines(reports: Iterable[FileReport]) -> Iterable[str]:
    for report in reports:
        yield f"{report.name} ({report.format})"
        for article in report.articles:
            yield (
                f"  article {article.slug}: {len(article.document.passages)} passages, "
                f"{len(article.references)} references, {article.review_status.value}"
            )
        if report.documents:
            yield f"  {len(report.documents)} abstract(s) or text(s)"
        yield from (f"  note: {note}" for note in report.notes)
        yield from (f"  left out: {r.place}: {r.reason}" for r in report.rejections)


def _suggestions_line(report: "SuggestionReport") -> str:
    over = f"; {report.left_out} over the limit not asked" if report.left_out else ""
    return (
        f"suggestions: {report.kept} questions kept for {report.articles} article(s); "
        f"{report.asked} asked, {report.reused} article(s) unchanged{over}"
    )


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
