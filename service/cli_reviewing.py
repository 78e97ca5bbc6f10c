"""The command `review`: moves an article through editorial review, and tells its history."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from corpus.approvals import approved_article, last_approval, review
from corpus.errors import InputError, NotFoundError
from corpus.library import Library
from corpus.records import ReviewStatus
from corpus.review_content import content_of
from corpus.review_file import Event, History, event_record
from corpus.reviews import standing_text
from corpus.revisions import Change, change_record, changes, lines
from service.cli_options import json_option, json_text, library_folder, library_option
from service.cli_running import PROBLEM_EXIT
from service.settings import load_settings

# A log could be written by anybody; what it says must not steer the terminal.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_SAME = "No sentence, reference or note is another one; the order or the layout has changed."
_UNCHANGED = "Nothing has changed since."


@click.command("review")
@click.argument("slug")
@click.argument("status", required=False, type=click.Choice([s.value for s in ReviewStatus]))
@click.option("--by", metavar="NAME", help="Who moves the article; needed with a status.")
@click.option("--note", metavar="TEXT", default="", help="Why, for the history.")
@click.option("--log", is_flag=True, help="Show the history; the default without a status.")
@click.option("--changes", "with_changes", is_flag=True, help="Show what changed since approval.")
@library_option
@json_option
def review_article(
    slug: str,
    status: str | None,
    *,
    by: str | None,
    note: str,
    log: bool,
    with_changes: bool,
    library: Path | None,
    as_json: bool,
) -> None:
    """Move the article SLUG through editorial review, or show its history and what changed.

    It goes from submitted to under-review to approved and back, one step at a time.
    """
    opened = Library(library_folder(library, load_settings()))
    if status is not None:
        if log or with_changes:
            raise InputError("--log and --changes show; they go without a status")
        _move(opened, slug, ReviewStatus(status), by=by, note=note, as_json=as_json)
    elif by is not None or note:
        raise InputError("--by and --note go with a status: submitted, under-review or approved")
    elif with_changes:
        _show_changes(opened, slug, as_json=as_json)
    else:
        _show_history(opened, slug, as_json=as_json)


def _move(
    library: Library, slug: str, to: ReviewStatus, *, by: str | None, note: str, as_json: bool
) -> None:
    if by is None:
        raise InputError("say who moves the article: --by NAME")
    _tell_damage(library.reviews.history(slug))
    event = review(library, slug, to, by=by, note=note)
    click.echo(json_text(event_record(event)) if as_json else f"{slug}: {_line(event)}")


def _show_history(library: Library, slug: str, *, as_json: bool) -> None:
    history = library.reviews.history(slug)
    record = _history_record(library, slug, history)
    if as_json:
        click.echo(json_text(record))
    else:
        state = record["text"] or "no article of this name in the library; its history stays"
        click.echo(_shown(f"{slug}: {state}"))
        for event in history.events:
            click.echo(f"  {_line(event)}")
            for line in event.note.splitlines():
                click.echo(_shown(f"      {line}"))
    if history.damage:
        _tell_damage(history)
        sys.exit(PROBLEM_EXIT)


def _history_record(library: Library, slug: str, history: History) -> dict[str, Any]:
    try:
        standing = library.standing(slug)
    except NotFoundError:
        if not history.events and not history.damage:
            raise
        standing = None
    return {
        "slug": slug,
        "status": standing.status.value if standing else None,
        "why": standing.why if standing else None,
        "text": standing_text(standing) if standing else None,
        "events": [event_record(event) for event in history.events],
        "damage": list(history.damage),
    }


def _show_changes(library: Library, slug: str, *, as_json: bool) -> None:
    now, approval = library.article(slug), last_approval(library, slug)
    before = approved_article(library, slug)
    found = changes(before, now)
    same = content_of(before) == content_of(now)
    if as_json:
        since = event_record(approval) if approval else None
        listed = [change_record(change) for change in found]
        click.echo(json_text({"slug": slug, "since": since, "same": same, "changes": listed}))
        return
    if approval is not None:
        click.echo(_shown(f"{slug}: since {_line(approval)}"))
    for line in _change_lines(found, same=same):
        click.echo(f"  {line}")


def _change_lines(found: tuple[Change, ...], *, same: bool) -> Iterator[str]:
    if not found:
        yield _UNCHANGED if same else _SAME
    yield from lines(found, limit=None)


def _tell_damage(history: History) -> None:
    for line in history.damage:
        click.echo(_shown(f"sequitur: {line}"), err=True)


def _line(event: Event) -> str:
    at = event.at.isoformat().replace("+00:00", "Z")
    return _shown(f"{event.was.value} → {event.status.value}, {at}, by {event.by}")


def _shown(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
