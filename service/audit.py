"""The audit of one article or a whole library: what was found, what was judged, what fails."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.findings import RULES, SEVERITIES, Finding, Severity
from corpus.records import Article
from service.audit_support import CitationCheck
from service.verdicts import Verdict

MAX_REASON_CHARS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One article's audit: findings worst first, and every citing sentence that was judged."""

    article: Article
    findings: tuple[Finding, ...]
    checks: tuple[CitationCheck, ...]

    def supported(self) -> tuple[CitationCheck, ...]:
        """Return the sentences that a cited text supports, in text order."""
        return tuple(c for c in self.checks if c.verdict is Verdict.SUPPORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The audits by slug, with what made them.

    `fails_on` are severities and rules; one finding of them, and the audit has failed.
    """

    audits: tuple[Audit, ...]
    fails_on: tuple[str, ...]
    provenance: Mapping[str, Any]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, worst first, articles in order within a rule."""
        found = (finding for audit in self.audits for finding in audit.findings)
        return tuple(sorted(found, key=lambda f: (*f.order[:2], f.article, *f.order[2:])))

    @property
    def failed(self) -> bool:
        """Tell whether something must be mended, as the settings have it."""
        return any(f.severity in self.fails_on or f.rule in self.fails_on for f in self.findings)

    def by_severity(self) -> dict[Severity, int]:
        """Return how many findings of each severity there are, worst first."""
        found = [f.severity for f in self.findings]
        return {severity: found.count(severity) for severity in SEVERITIES}

    def by_rule(self) -> dict[str, int]:
        """Return how many findings of each rule there are, in the order of the rules."""
        found = [f.rule for f in self.findings]
        return {rule: found.count(rule) for rule in RULES if rule in found}

    def by_verdict(self) -> dict[Verdict, int]:
        """Return how many citing sentences got each verdict."""
        found = [c.verdict for audit in self.audits for c in audit.checks]
        return {verdict: found.count(verdict) for verdict in Verdict}


def audit_of(
    article: Article, structural: Sequence[Finding], checks: Sequence[CitationCheck]
) -> Audit:
    """Return an article's audit from what structure told and from its judged sentences."""
    found = (*structural, *_findings(article, checks))
    ordered = tuple(sorted(found, key=lambda finding: finding.order))
    return Audit(article=article, findings=ordered, checks=tuple(checks))


def _findings(article: Article, checks: Sequence[CitationCheck]) -> Iterator[Finding]:
    places = {r.number: i for i, r in enumerate(article.references) if r.number is not None}
    for check in checks:
        if check.verdict is Verdict.SUPPORTED:
            continue
        rule = _rule_of(check)
        severity = RULES[rule].severity
        # the number behind "we used" cites a method, which an abstract seldom tells of
        if check.own and rule != "contradicted":
            severity = "note"
        yield Finding(
            rule=rule,
            severity=severity,
            article=article.slug,
            message=_message(check, rule),
            where=check.where,
            entries=tuple(places[n] for n in check.numbers if n in places),
            numbers=check.numbers,
            against=check.against,
        )


def _rule_of(check: CitationCheck) -> str:
    if check.verdict is Verdict.CONTRADICTED:
        return "contradicted"
    if check.verdict is Verdict.NOT_FOUND:
        return "not-found"
    return "doubtful" if check.doubtful else "partly"


def _message(check: CitationCheck, rule: str) -> str:
    """Say in one line what was found of a sentence: its verdict and the reasons of the nearest."""
    cited = ", ".join(map(str, (a.number for a in check.against)))
    one = len(check.against) == 1
    said = {
        "contradicted": "says otherwise" if one else "say otherwise",
        "doubtful": "may say otherwise",
        "partly": "holds a part of it" if one else "hold a part of it",
        "not-found": "does not say this" if one else "do not say this",
    }[rule]
    nearest = max(check.against, key=lambda a: (a.verdict == check.verdict, a.overlap))
    reasons = "; ".join(nearest.reasons)
    if len(reasons) > MAX_REASON_CHARS:
        reasons = f"{reasons[:MAX_REASON_CHARS].rstrip()}…"
    own = " (the authors speak of themselves: the number may cite a method)" if check.own else ""
    unread = f"; {', '.join(map(str, check.unread))} not stored" if check.unread else ""
    what = "The stored text" if one else "The stored texts"
    return f"{what} of {cited} {said}: {reasons}{unread}{own}."
