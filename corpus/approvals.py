"""The article as it was approved, kept so that an editor can see what has changed since.

    reviews/approved/<slug>/<content>.json    {"format", "version", "article"}

One file for each content that was approved, the latest few of each article.
"""

import json
from pathlib import Path
from typing import Any

from corpus.errors import InputError, LibraryError
from corpus.library import Library, article_as_json, article_from_json, write_json
from corpus.records import Article, ReviewStatus
from corpus.review_content import content_of
from corpus.review_file import Event
from corpus.reviews import Clock, utc_now

FORMAT = "sequitur-approved"
VERSION = 1
KEPT = 5


def review(
    library: Library,
    slug: str,
    to: ReviewStatus,
    *,
    by: str,
    note: str = "",
    now: Clock = utc_now,
) -> Event:
    """Move an article through review; an approval keeps the article as it stands.

    Raises NotFoundError, InputError (no such step, no name) and LibraryError.
    """
    article = library.article(slug)

    def keep() -> None:
        if to is ReviewStatus.APPROVED:
            write_json(_path(library, slug, content_of(article)), _record(article))

    event = library.reviews.move(article, to, by=by, note=note, now=now, before=keep)
    if to is ReviewStatus.APPROVED:
        _remove_oldest(library, slug)
    return event


def last_approval(library: Library, slug: str) -> Event | None:
    """Return the last approval in the log of a slug, whether it still counts or not."""
    return next(reversed(_approvals(library, slug)), None)


def approved_article(library: Library, slug: str) -> Article:
    """Return the article as it was approved last.

    Raises InputError when it never was, LibraryError when that text is not kept or damaged.
    """
    event = last_approval(library, slug)
    if event is None:
        raise InputError(f"{slug} was never approved here: there is nothing to compare it with")
    path = _path(library, slug, event.content)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LibraryError(f"{path}: the approved text is not kept any more") from error
    except (OSError, ValueError, RecursionError) as error:
        raise LibraryError(f"{path}: cannot be read: {error}") from error
    head = (found.get("format"), found.get("version")) if isinstance(found, dict) else found
    if head != (FORMAT, VERSION):
        raise LibraryError(f"{path}: expected {FORMAT} version {VERSION}, found {str(head)[:80]}")
    article = article_from_json(found.get("article"), where=str(path))
    if content_of(article) != event.content:
        raise LibraryError(f"{path}: is not the text that was approved")
    return article


def _approvals(library: Library, slug: str) -> tuple[Event, ...]:
    events = library.reviews.history(slug).events
    return tuple(event for event in events if event.status is ReviewStatus.APPROVED)


def _record(article: Article) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "article": article_as_json(article)}


def _path(library: Library, slug: str, content: str) -> Path:
    folder = library.reviews.folder / "approved" / library.reviews.path(slug).stem
    return folder / f"{content}.json"


def _remove_oldest(library: Library, slug: str) -> None:
    """Keep what the latest approvals were given for; the rest is in the log by fingerprint only."""
    events = reversed(_approvals(library, slug))
    latest = list(dict.fromkeys(event.content for event in events))[:KEPT]
    for path in _path(library, slug, "any").parent.glob("*.json"):
        if path.stem not in latest:
            path.unlink(missing_ok=True)
