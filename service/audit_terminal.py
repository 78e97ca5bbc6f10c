"""An audit as the terminal shows it: a summary line per rule, then every finding, worst first."""

import re
import textwrap
from collections.abc import Iterator

from corpus.findings import RULES, Finding
from corpus.library import Library
from service.audit import AuditReport

WIDTH = 100
MAX_QUOTE_CHARS = 320
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def rendered(report: AuditReport, library: Library) -> str:
    """Return the report as plain text."""
    lines = [*_head(report), "", *_summary(report)]
    before = ""
    for finding in report.findings:
        if finding.severity != before:
            before = finding.severity
            lines += ["", f"== {before} {'=' * (WIDTH - 4 - len(before))}"]
        lines += ["", *_finding(finding, library)]
    lines += ["", *_last(report)]
    text = "\n".join(lines)
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).rstrip() + "\n"


def _head(report: AuditReport) -> Iterator[str]:
    names = [audit.article.slug for audit in report.audits]
    yield f"Audit of {names[0] if len(names) == 1 else f'{len(names)} articles'}"
    judged = report.by_verdict()
    told = ", ".join(f"{n} {verdict.value.replace('_', ' ')}" for verdict, n in judged.items())
    total = sum(judged.values())
    yield (
        f"{total} citing sentences judged against stored texts: {told}"
        if total
        else ("No citing sentence could be judged: no cited text is stored")
    )
    yield _wrapped(f"Judged by: {report.provenance['judged_by']}", "")
    yield _wrapped(f"Notices: {report.provenance['retraction_watch']}", "")


def _summary(report: AuditReport) -> Iterator[str]:
    counts = report.by_rule()
    if not counts:
        yield "Nothing was found."
        return
    yield f"{'severity':<11}{'rule':<22}{'n':>4}  meaning"
    severities = {f.rule: f.severity for f in reversed(report.findings)}  # the worst of each rule
    for rule, count in sorted(counts.items(), key=lambda r: _place(severities[r[0]], r[0])):
        yield f"{severities[rule]:<11}{rule:<22}{count:>4}  {RULES[rule].title}"


def _place(severity: str, rule: str) -> tuple[int, int]:
    return ("must-mend", "look-at", "note").index(severity), list(RULES).index(rule)


def _finding(finding: Finding, library: Library) -> Iterator[str]:
    yield _wrapped(f"[{finding.rule}] {finding.article}: {finding.message}", "")
    if finding.where is not None:
        where = finding.where
        section = " > ".join(where.section) or "before the first heading"
        cites = f" [{', '.join(map(str, finding.numbers))}]" if finding.numbers else ""
        yield _wrapped(f"“{_short(where.text)}”{cites}", "    > ")
        yield f"      {section}; characters {where.start}-{where.end}"
    for against in finding.against:
        text = library.document(against.document_id).text
        for start, end in against.spans[:1]:
            yield _wrapped(f"{against.number}: “{_short(text[start:end])}”", "    < ")
            said = f"{against.verdict.replace('_', ' ')}, support {against.support:.2f}"
            long = "; of a long text only the nearest passages were read" if against.bounded else ""
            yield f"      {against.document_id} {start}-{end} ({said}{long})"
        if not against.spans:
            yield _wrapped(f"{against.number}: nothing near in {against.document_id}", "    < ")
    yield _wrapped(f"→ {finding.todo}", "    ")


def _last(report: AuditReport) -> Iterator[str]:
    counts = ", ".join(f"{n} {severity}" for severity, n in report.by_severity().items())
    verdict = "to be mended" if report.failed else "nothing that must be mended"
    fails = ", ".join(report.fails_on) or "never"
    yield f"{counts}: {verdict} (fails on: {fails})"
    yield _wrapped(
        "“Not found” is no proof against a sentence: an abstract leaves out much of its paper.", ""
    )


def _short(text: str) -> str:
    return textwrap.shorten(text, MAX_QUOTE_CHARS, placeholder=" …")


def _wrapped(text: str, first: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
