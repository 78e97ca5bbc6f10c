"""What a reader must see beside a reference: its kind of evidence, and what was published on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.evidence_levels import EvidenceLabel, evidence_label, notice_role
from corpus.formatting import url_of
from corpus.records import Notice, Reference

NOTICE_NAMES = {
    "retraction": "Retraction",
    "concern": "Expression of concern",
    "correction": "Correction",
    "update": "Newer version",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks of one work; `concern` is told of no retracted work, whose mark says more.

    `notice_of` is what the record itself is when it is no work but a notice about one.
    """

    evidence: EvidenceLabel | None = None
    retracted: bool = False
    concern: bool = False
    corrected: bool = False
    notice_of: str | None = None
    notices: tuple[Notice, ...] = ()


def marks_of(*known: Reference | None) -> Marks:
    """Return the marks of a work from all that is known of it.

    An entry as an article lists it may know less than the abstract's own record.
    """
    references = [reference for reference in known if reference is not None]
    notices = tuple(dict.fromkeys(n for reference in references for n in reference.notices))
    retracted = any(reference.retracted for reference in references)
    kinds = {notice.kind for notice in notices}
    return Marks(
        evidence=_best(references),
        retracted=retracted,
        concern="concern" in kinds and not retracted,
        corrected="correction" in kinds,
        notice_of=next(filter(None, map(notice_role, references)), None),
        notices=notices,
    )


def marks_told(work: Mapping[str, Any]) -> str:
    """Return the marks of a reference or a cited paper of a record, each behind a space.

    >>> marks_told({"kind": "research", "retracted": True, "evidence_label": "randomised trial"})
    ' RETRACTED (randomised trial)'
    """
    notice, label = work.get("notice_of"), work.get("evidence_label")
    told = (
        (work.get("retracted"), "RETRACTED"),
        (work.get("concern"), "EXPRESSION OF CONCERN"),
        (work.get("corrected"), "corrected"),
        (notice is not None, f"({notice})"),
        (label not in (None, work["kind"]), f"({label})"),
    )
    return "".join(f" {mark}" for applies, mark in told if applies)


def notice_line(notice: Notice) -> str:
    """Return a notice as one line: what it is, its citation, its day where only that is known."""
    name = NOTICE_NAMES[notice.kind]
    said = notice.text or name
    line = said if notice.text else f"{name}, told by {notice.source}"
    dated = notice.date is not None and str(notice.date.year) not in said
    return f"{line}, {notice.date}" if dated else line


def notice_address(notice: Notice) -> str | None:
    """Return where a notice can be read, None where it has no identifier."""
    kind, colon, value = (notice.identifier or "").partition(":")
    if not colon or kind not in ("pmid", "doi"):
        return None
    pmid, doi = (value, None) if kind == "pmid" else (None, value)
    return url_of(Reference(title="", pmid=pmid, doi=doi))


def _best(references: list[Reference]) -> EvidenceLabel | None:
    found = set(_labels(references))
    return next((label for label in EvidenceLabel if label in found), None)


def _labels(references: list[Reference]) -> Iterator[EvidenceLabel]:
    """Give the labels by type, or where no record has a telling type, by title."""
    if any(notice_role(reference) for reference in references):
        return
    types = tuple(t for reference in references for t in reference.publication_types)
    for reference in references:
        label = evidence_label(Reference(title=reference.title, publication_types=types))
        if label is not None:
            yield label
