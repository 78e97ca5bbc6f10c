"""Editorial review: an append-only log beside the articles, and what an article's status is by it.

    reviews/<slug>.jsonl    one event a line, oldest first:
        {"format": "sequitur-review", "version": 1, "at", "status", "was", "by", "note", "content"}

The log is never rewritten, and it stays when its article goes. An article without events has the
status that its own file declares. With events the last one counts, whatever the file declares; an
approval only as long as the article's content is the one that was approved and nothing unreadable
stands behind it: else the article is under review. Nothing here touches the article's own file, so
that a move changes neither the library's fingerprint nor its index.
"""

import datetime as dt
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from filelock import FileLock, Timeout

from corpus.errors import InputError, LibraryError
from corpus.records import Article, ReviewStatus
from corpus.review_content import content_of
from corpus.review_file import Event, History, append, event_record, history_in

LOCK_WAIT_S = 10.0
MAX_NAME_CHARS = 200
MAX_NOTE_CHARS = 2000
MAX_FILE_NAME_CHARS = 200
# One step at a time, forward and back.
MOVES: dict[ReviewStatus, tuple[ReviewStatus, ...]] = {
    ReviewStatus.SUBMITTED: (ReviewStatus.UNDER_REVIEW,),
    ReviewStatus.UNDER_REVIEW: (ReviewStatus.APPROVED, ReviewStatus.SUBMITTED),
    ReviewStatus.APPROVED: (ReviewStatus.UNDER_REVIEW,),
}
# What would steer a terminal or cannot be written as UTF-8; a note may have lines.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

Why = Literal["declared", "moved", "changed", "unreadable"]
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The status that counts, why, and when and by whom the event behind it was made.

    `why` is "declared" (by the article's own file; then `at` and `by` are None), "moved" (the last
    event says so), "changed" or "unreadable" (an approval, made `at` and `by`, that counts no more:
    the content is another one since, or the log cannot be read behind it).
    """

    status: ReviewStatus
    why: Why = "declared"
    at: dt.datetime | None = None
    by: str | None = None

    def nameless(self) -> "Standing":
        """Return the same without the name."""
        return replace(self, by=None)


_NO_HISTORY = History()


def utc_now() -> dt.datetime:
    """Return the present moment."""
    return dt.datetime.now(dt.UTC)


class ReviewLog:
    """The review logs of one library folder; reads a log again only when its file has changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "reviews"
        self._paths: dict[str, Path] = {}
        self._read: dict[str, tuple[tuple[int, int, int], History]] = {}
        self._applied: dict[str, tuple[Article, History, Article]] = {}

    def path(self, slug: str) -> Path:
        """Return where an article's events stand; raises InputError when it can be no file name."""
        if slug not in self._paths:
            self._paths[slug] = self.folder / f"{_file_name(slug)}.jsonl"
        return self._paths[slug]

    def history(self, slug: str) -> History:
        """Return the events of a slug, also of one that is gone; raises LibraryError (no reading).

        Costs one look at the file's dates when nothing has changed.
        """
        path = self.path(slug)
        try:
            found = os.stat(path)  # noqa: PTH116 - twice as quick, and asked for every article
        except FileNotFoundError:
            return _NO_HISTORY
        except OSError as error:
            raise LibraryError(f"{path}: cannot be read: {error.strerror}") from error
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        kept = self._read.get(slug)
        if kept is None or kept[0] != stamp:
            kept = (stamp, history_in(path))
            self._read[slug] = kept
        return kept[1]

    def standing(self, article: Article) -> Standing:
        """Return the status that counts for an article as it stands, and why."""
        return _standing(article, self.history(article.slug))

    def status_of(self, article: Article) -> ReviewStatus:
        """Return the status that counts for an article as it stands."""
        return self.applied(article).review_status

    def applied(self, article: Article) -> Article:
        """Return the article with the status that counts: the same object while nothing changes."""
        history = self.history(article.slug)
        kept = self._applied.get(article.slug)
        if kept is None or kept[0] is not article or kept[1] is not history:
            status = _standing(article, history).status
            same = status is article.review_status
            shown = article if same else replace(article, review_status=status)
            kept = (article, history, shown)
            self._applied[article.slug] = kept
        return kept[2]

    def check(self, article: Article, to: ReviewStatus) -> ReviewStatus:
        """Return the status from which an article would move; raises InputError when it may not."""
        was = self.standing(article).status
        if to is was:
            raise InputError(f"{article.slug} is {was.value} already")
        if to not in MOVES[was]:
            steps = " or ".join(step.value for step in MOVES[was])
            raise InputError(
                f"{article.slug}: {was.value} → {to.value} leaves a step out; "
                f"from {was.value} it goes to {steps}"
            )
        return was

    def move(
        self,
        article: Article,
        to: ReviewStatus,
        *,
        by: str,
        note: str = "",
        now: Clock = utc_now,
        before: Callable[[], None] = lambda: None,
    ) -> Event:
        """Append a move and return it; when this returns, it is on the disk.

        `before` is called when the move is certain, right before it is written.
        Raises InputError (no such step, no name, text that cannot be kept) and LibraryError (the
        log cannot be written). Processes take turns: the second of two equal moves is refused.
        """
        by, note = _fit("by", by.strip(), MAX_NAME_CHARS), _fit("note", note, MAX_NOTE_CHARS)
        if not by or "\n" in by or "\t" in by:
            raise InputError("by: say who moves the article, in one line")
        self.check(article, to)  # and again below, when it is our turn
        path = self.path(article.slug)
        try:
            self.folder.mkdir(exist_ok=True)
            with FileLock(self.folder / ".lock", timeout=LOCK_WAIT_S):
                event = Event(
                    was=self.check(article, to),
                    at=now().astimezone(dt.UTC).replace(microsecond=0),
                    status=to,
                    by=by,
                    note=note.strip(),
                    content=content_of(article),
                )
                before()
                append(path, json.dumps(event_record(event), ensure_ascii=False).encode())
        except Timeout as error:
            raise LibraryError(f"{self.folder}: in use by another process; try again") from error
        except OSError as error:
            raise LibraryError(f"{path}: cannot be written: {error.strerror}") from error
        return event


def standing_text(standing: Standing) -> str:
    """Return a standing in words, with the name where it has one.

    >>> standing_text(Standing(status=ReviewStatus.APPROVED))
    'approved (as its file declares)'
    """
    shown = standing.status.value.replace("-", " ")
    if standing.at is None:
        declared = standing.why == "declared"
        return f"{shown} (as its file declares)" if declared else f"{shown}: its log cannot be read"
    made = f"{standing.at.date().isoformat()}{f' by {standing.by}' if standing.by else ''}"
    if standing.why == "changed":
        return f"{shown}: changed since it was approved on {made}"
    if standing.why == "unreadable":
        return f"{shown}: its log cannot be read after the approval on {made}"
    return f"{shown} {'on' if standing.status is ReviewStatus.APPROVED else 'since'} {made}"


def _standing(article: Article, history: History) -> Standing:
    last = history.events[-1] if history.events else None
    status = last.status if last else article.review_status
    at, by = (last.at, last.by) if last else (None, None)
    why: Why = "moved" if last else "declared"
    if status is ReviewStatus.APPROVED and history.damaged_since:
        status, why = ReviewStatus.UNDER_REVIEW, "unreadable"
    elif last and status is ReviewStatus.APPROVED and last.content != content_of(article):
        status, why = ReviewStatus.UNDER_REVIEW, "changed"
    return Standing(status=status, why=why, at=at, by=by)


def _file_name(slug: str) -> str:
    try:
        name = quote(slug, safe="")
    except UnicodeEncodeError:
        name = ""
    if not name or len(name) > MAX_FILE_NAME_CHARS:
        raise InputError(f"{slug[:80]!a} cannot be an article's slug")
    return name


def _fit(name: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise InputError(f"{name}: {len(text)} characters are more than {limit}")
    if _UNFIT.search(text):
        raise InputError(f"{name}: holds a character that no plain text has")
    return text
