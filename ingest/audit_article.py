"""What stands around an article's text: its review, its disclaimer, its date, ingest's findings."""

import re
from collections.abc import Iterator

from corpus.findings import Finding
from corpus.records import ReviewStatus
from ingest.audit import Audited, Check, entry_name

# Findings of ingest that the audit tells itself, with the sentences concerned.
_TOLD_HERE = re.compile(
    r"Cited in the text but not in the reference list: |In the reference list but never cited: |"
    r"The text cites the numbers? |More numbers are cited |"
    r"\d+ (?:reference is|references are) listed, but the text cites no number"
)


def _review(audited: Audited) -> Iterator[Finding]:
    status = audited.article.review_status
    if status is not ReviewStatus.APPROVED:
        said = status.value.replace("-", " ")
        yield audited.found("review-pending", f"The article's review status is “{said}”.")


def _disclaimer(audited: Audited) -> Iterator[Finding]:
    if not (audited.article.disclaimer or "").strip():
        yield audited.found("no-disclaimer", "The article carries no medical disclaimer.")


def _date(audited: Audited) -> Iterator[Finding]:
    updated = audited.article.updated
    if updated is None:
        yield audited.found("no-date", "The article does not say when it was last updated.")
        return
    dated = [(r.year, -i) for i, r in enumerate(audited.article.references) if r.year is not None]
    newest, place = max(dated, default=(0, 0))
    if newest > updated.year:
        name = entry_name(audited.article.references[-place], -place)
        yield audited.found(
            "older-than-reference",
            f"Last updated {updated.isoformat()}, but {name} is of {newest}.",
            entries=(-place,),
        )


def _told_by_ingest(audited: Audited) -> Iterator[Finding]:
    for text in audited.article.findings:
        if not _TOLD_HERE.match(text):
            yield audited.found("told-by-ingest", text)


article_checks: tuple[Check, ...] = (_review, _disclaimer, _date, _told_by_ingest)
