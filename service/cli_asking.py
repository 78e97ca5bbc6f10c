"""Commands that ask and look: `ask`, `articles`, `verify`."""

import json
import sys
from pathlib import Path

import click

from corpus.answers import AUDIENCES, Audience
from corpus.errors import InputError
from corpus.library import Library
from service.cli_options import (
    json_option,
    json_text,
    library_folder,
    library_option,
    open_assistant,
)
from service.cli_running import PROBLEM_EXIT
from service.messages import emergency_within
from service.settings import Settings, load_settings
from service.wire import answer_record, article_record


@click.command()
@click.argument("question")
@click.option("--article", metavar="SLUG", help="Ask within this article and what it cites.")
@library_option
@click.option("--audience", type=click.Choice(AUDIENCES), default="clinician", show_default=True)
@click.option("--history", multiple=True, metavar="TEXT", help="An earlier question; repeatable.")
@json_option
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
    assistant = open_assistant(library, settings)
    answer = assistant.ask(
        Question(text=question, article=article, history=history, audience=audience)
    )
    click.echo(json_text(answer_record(answer)) if as_json else rendered(answer), nl=as_json)


@click.command()
@library_option
@json_option
def articles(*, library: Path | None, as_json: bool) -> None:
    """List the library's articles."""
    opened = Library(library_folder(library, load_settings()))
    records = [article_record(article, opened) for article in opened.articles()]
    if as_json:
        click.echo(json_text(records))
        return
    for record in records:
        click.echo(
            f"{record['slug']}  [{record['review_status']}]  updated {record['updated'] or '?'}  "
            f"{record['references']} references, {record['passages']} passages\n"
            f"    {record['title']}"
        )


@click.command()
@click.argument("answer", type=click.Path(path_type=Path))
@library_option
@json_option
def verify(answer: Path, *, library: Path | None, as_json: bool) -> None:
    """Re-check every quote of a saved ANSWER.json, and tell what changed since it was given.

    Exits with 1 where a quote does not hold, or a source was retracted since.
    """
    from service.verifying import read_answer, verified

    record = read_answer(answer)
    opened = Library(library_folder(library, load_settings()))
    found = verified(record, str(answer), opened)
    if as_json:  # ids of a foreign record may hold what cannot be written as UTF-8
        click.echo(json.dumps(found.record(), indent=2))
    else:
        problems = tuple(found.problems())
        for line in (*problems, *(f"note: {line}" for line in found.news())):
            click.echo(line)
        count = len(found.checks)
        click.echo(f"{answer}: {count} citation(s) checked, {len(problems)} problem(s)")
    if found.failed:
        sys.exit(PROBLEM_EXIT)


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
