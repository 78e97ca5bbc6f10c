"""What the structure of an article tells of its citations, before any text is compared.

Every check is a function from an `Audited` article to findings; `structural_findings` runs them
all. Whether a cited text supports a sentence is another question (`service.audit_support`).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from corpus.findings import RULES, Finding, Severity, Where
from corpus.library import Library
from corpus.records import Article, Document, Notice, Reference, Span, Unit, units_of

GUIDELINE_YEARS = 5


class NoticeSource(Protocol):
    """A list of retractions and other notices, such as Retraction Watch's."""

    @property
    def dated(self) -> dt.date | None:
        """The day that the list is of, None where it is not known."""
        ...

    def notices_for(self, reference: Reference) -> Sequence[Notice]:
        """Return what was published about the work after it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions:
    """What the checks are held to.

    `today` stands in for the date of an article that has none. A guideline is old that is more
    than `guideline_years` older than that.
    """

    today: dt.date
    guideline_years: int = GUIDELINE_YEARS
    notices: NoticeSource | None = None


@dataclass(frozen=True, kw_only=True)
class Audited:
    """An article under audit, with the library that it belongs to."""

    article: Article
    library: Library
    options: AuditOptions

    @property
    def document(self) -> Document:
        """The article's own text."""
        return self.article.document

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Every sentence of the article but headings."""
        return units_of(self.document)

    @cached_property
    def cited(self) -> dict[int, tuple[Unit, ...]]:
        """The sentences that print each citation number, by number in ascending order."""
        found: dict[int, list[Unit]] = {}
        for unit in self.units:
            for number in self.document.numbers_cited_in(Span(start=unit.start, end=unit.end)):
                found.setdefault(number, []).append(unit)
        return {number: tuple(found[number]) for number in sorted(found)}

    @cached_property
    def documents(self) -> dict[str, Document]:
        """Every text of the library by id."""
        return {d.document_id: d for d in self.library.documents()}

    def where(self, unit: Unit) -> Where:
        """Return a sentence with the section that it stands in."""
        block = self.document.blocks[unit.block]
        return Where(
            section=self.document.section_path(block.section),
            start=unit.start,
            end=unit.end,
            text=self.document.text[unit.start : unit.end],
        )

    def found(
        self,
        rule: str,
        message: str,
        *,
        severity: Severity | None = None,
        unit: Unit | None = None,
        entries: Sequence[int] = (),
        numbers: Sequence[int] = (),
    ) -> Finding:
        """Return a finding of this article; its rule's severity unless another is given."""
        return Finding(
            rule=rule,
            severity=severity or RULES[rule].severity,
            article=self.article.slug,
            message=message,
            where=self.where(unit) if unit is not None else None,
            entries=tuple(entries),
            numbers=tuple(numbers),
        )


Check = Callable[[Audited], Iterator[Finding]]


def structural_findings(
    article: Article, library: Library, options: AuditOptions
) -> tuple[Finding, ...]:
    """Return all that structure alone tells of an article, worst first."""
    # these modules import this one
    from ingest.audit_article import article_checks
    from ingest.audit_claims import uncited_claims
    from ingest.audit_numbers import number_checks
    from ingest.audit_references import reference_checks

    audited = Audited(article=article, library=library, options=options)
    checks: tuple[Check, ...] = (*number_checks, *reference_checks, uncited_claims, *article_checks)
    found = (finding for check in checks for finding in check(audited))
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: finding.order))


def entry_name(reference: Reference, position: int) -> str:
    """Return how a message names an entry: by its number, else by its place in the list.

    >>> entry_name(Reference(title="On lungs", number=3), 0), entry_name(Reference(title="x"), 1)
    ('reference 3', 'entry 2 of the list (unnumbered)')
    """
    if reference.number is not None:
        return f"reference {reference.number}"
    return f"entry {position + 1} of the list (unnumbered)"
