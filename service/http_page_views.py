"""What the page templates are given: plain values, addresses already checked."""

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.errors import NotFoundError
from corpus.library import Library
from corpus.records import Article, Document, ReviewStatus
from corpus.reviews import Standing
from service.http_articles import page_path, web_address
from service.http_parts import Part
from service.http_reference_views import Link, links_of, reference_line
from service.reference_marks import marks_of

StepState = Literal["done", "current", "to come"]

_LABELS = {"article": "Article", "abstract": "Abstract", "text": "Text"}
# a path of this site, in the letters that an address may have: nothing that a browser could take
# for another host (`//host`, `/\host`), nothing that could end a header
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_LETTERS = 26
_OUTERMOST = 2
_LEAST_SECTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of editorial review; `state` is said in words, never by colour alone."""

    label: str
    state: StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """Since when a review status holds: words, a day (UTC, ISO), and a name where it is shown."""

    words: str
    date: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What stands around a text; `steps` is empty for a document that is no article.

    `reviewed` is None where no move of its review was logged.
    """

    label: str
    steps: tuple[Step, ...] = ()
    pending: bool = False
    reviewed: Reviewed | None = None
    updated: str | None = None
    editorial_board: str | None = None
    audience_note: str | None = None
    policy: str | None = None
    disclaimer: str | None = None
    formatted: str | None = None
    retracted: bool = False
    concern: bool = False
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a span can be seen: `page` is empty on the page itself, `anchor` its block's."""

    page: str
    anchor: str

    @property
    def href(self) -> str:
        """The address, which works without a script."""
        return self.page + self.anchor


# (document id, offset) to a place; None when the text is not stored here
SpanFinder = Callable[[str, int], Place | None]


def article_facts(
    article: Article | None, document: Document, review: Standing | None = None
) -> Facts:
    """Return the facts of an article, or of a document that stands alone.

    `review` is the article's, as readers may see it.
    """
    if article is None:
        reference = document.reference
        marks = marks_of(reference)
        return Facts(
            label=_LABELS[document.kind],
            formatted=reference_line(reference) if reference else None,
            retracted=marks.retracted,
            concern=marks.concern,
            links=links_of(reference) if reference else (),
        )
    return Facts(
        label=_LABELS["article"],
        steps=review_steps(article.review_status),
        pending=article.review_status is not ReviewStatus.APPROVED,
        reviewed=_reviewed(review),
        updated=article.updated.isoformat() if article.updated else None,
        editorial_board=article.editorial_board,
        audience_note=article.audience_note,
        policy=web_address(article.policy_url),
        disclaimer=article.disclaimer,
    )


def review_steps(status: ReviewStatus) -> tuple[Step, ...]:
    """Return the three steps of review as they stand.

    >>> [step.state for step in review_steps(ReviewStatus.UNDER_REVIEW)]
    ['done', 'current', 'to come']
    """
    every = tuple(ReviewStatus)
    here = every.index(status)
    states: tuple[StepState, ...] = ("to come", "current", "done")
    return tuple(
        Step(label=status_label(step.value), state=states[1 + _sign(here - position)])
        for position, step in enumerate(every)
    )


def _reviewed(review: Standing | None) -> Reviewed | None:
    if review is None or review.at is None:
        return None
    words = f"{review.status.value.replace('-', ' ').capitalize()} since"
    if review.why == "changed":
        words = "Changed since it was approved on"
    elif review.status is ReviewStatus.APPROVED:
        words = "Approved on"
    elif review.why == "unreadable":
        words = "To be looked at again since its approval on"
    return Reviewed(words=words, date=review.at.date().isoformat(), by=review.by or "")


def status_label(status: str) -> str:
    """Return a review status as it is shown.

    >>> status_label("under-review")
    'Under Review'
    """
    return status.replace("-", " ").title()


def outline(parts: Sequence[Part]) -> tuple[Link, ...]:
    """Return the outermost sections of a text, for its table of contents; none when they are few.

    A text without outermost headings has no table of contents.
    """
    found = tuple(
        Link(
            label="".join(run.text for sentence in part.sentences for run in sentence.runs),
            href=f"#b-{part.start}",
        )
        for part in parts
        if part.kind == "heading" and part.level == _OUTERMOST
    )
    return found if len(found) >= _LEAST_SECTIONS else ()


def span_finder(library: Library, *, here: str | None) -> SpanFinder:
    """Return the function that finds a span's block, from the page of the document `here`."""

    def find(document_id: str, start: int) -> Place | None:
        try:
            document = library.document(document_id)
        except NotFoundError:
            return None
        starts = [block.start for block in document.blocks if block.start <= start]
        anchor = f"#b-{starts[-1]}" if starts else ""
        page = "" if document_id == here and anchor else page_path(document_id)
        return Place(page=page, anchor=anchor)

    return find


def local_path(text: str) -> str:
    """Return a path of this site, or `/` for anything that could lead to another one.

    >>> local_path("/articles/lungs"), local_path("//example.org"), local_path("https://a.b/c")
    ('/articles/lungs', '/', '/')
    """
    return text if _LOCAL.fullmatch(text) else "/"


def letter_of(number: int) -> str:
    """Return the letter that stands for a place: a to z, then aa.

    >>> letter_of(1), letter_of(26), letter_of(27)
    ('a', 'z', 'aa')
    """
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, _LETTERS)
        letters = chr(ord("a") + rest) + letters
    return letters


def new_conversation_id() -> str:
    """Return an id that nobody can guess."""
    return uuid.uuid4().hex


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
