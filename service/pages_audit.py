"""The audit as one page of HTML to work through: nothing is fetched, no script is needed.

Every text is escaped by the template; the style stands in the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from corpus.findings import RULES, SEVERITIES, Against, Finding, Where
from corpus.formatting import url_of, vancouver
from corpus.library import Library
from corpus.records import Document, Reference
from service.audit import Audit, AuditReport

# A cited text of at most so many characters is shown whole around what was found in it.
WHOLE_CHARS = 1800
AROUND_CHARS = 500
_SEVERITY_NAMES = {"must-mend": "Must be mended", "look-at": "To look at", "note": "Notes"}
_VERDICT_NAMES = {
    "supported": "supported",
    "partly": "partly",
    "not_found": "not found",
    "contradicted": "contradicted",
}

_templates = Environment(
    loader=PackageLoader("service"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    marked: bool


def audit_page(report: AuditReport, library: Library) -> str:
    """Return the whole document."""
    audits = {audit.article.slug: audit for audit in report.audits}
    shown = [_finding(i, f, audits, library) for i, f in enumerate(report.findings, start=1)]
    context = {
        "report": report,
        "titles": [audit.article.title for audit in report.audits],
        "several": len(report.audits) > 1,
        "severities": list(_by_severity(shown)),
        "counts": report.by_severity(),
        "names": _SEVERITY_NAMES,
        "verdicts": {_VERDICT_NAMES[v.value]: n for v, n in report.by_verdict().items()},
        "supported": list(_supported(report, library)),
        "provenance": list(_flat(report.provenance)),
    }
    return _templates.get_template("audit.html").render(context)


def pieces(text: str, start: int, end: int, marks: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return `text[start:end]` cut where a mark begins or ends; marks may overlap.

    >>> [(p.text, p.marked) for p in pieces("one two three", 0, 7, [(4, 13)])]
    [('one ', False), ('two', True)]
    """
    cuts = sorted({start, end, *(min(max(at, start), end) for mark in marks for at in mark)})
    found = [
        Piece(text=text[a:b], marked=any(s <= a and b <= e for s, e in marks))
        for a, b in pairwise(cuts)
    ]
    return [
        Piece(text="".join(p.text for p in run), marked=marked)
        for marked, run in groupby(found, key=lambda p: p.marked)
    ]


def _by_severity(shown: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each severity with its rules, each rule with its findings, in their order."""
    for severity in SEVERITIES:
        of = [one for one in shown if one["severity"] == severity]
        rules = [
            {"rule": rule, "title": RULES[rule].title, "todo": RULES[rule].todo, "findings": found}
            for rule in RULES
            if (found := [one for one in of if one["rule"] == rule])
        ]
        yield {"severity": severity, "name": _SEVERITY_NAMES[severity], "rules": rules}


def _finding(
    place: int, finding: Finding, audits: Mapping[str, Audit], library: Library
) -> dict[str, Any]:
    article = audits[finding.article].article
    named = {against.number for against in finding.against}
    entries = (article.references[i] for i in finding.entries)
    return {
        "anchor": f"finding-{place}",
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "article": article.title,
        "slug": article.slug,
        "numbers": finding.numbers,
        "where": _place(finding.where, article.document) if finding.where else None,
        "against": [
            _against(a, article.reference_numbered(a.number), library) for a in finding.against
        ],
        "references": [_reference(r) for r in entries if r.number not in named or r.number is None],
    }


def _place(where: Where, document: Document) -> dict[str, Any]:
    """Return the sentence inside its paragraph, behind what introduces it."""
    block = next(b for b in document.blocks if b.start <= where.start < b.end)
    before = [span.of(document.text) for span in document.lead_ins(block)]
    return {
        "section": " › ".join(where.section),
        "lead_ins": before,
        "pieces": pieces(document.text, block.start, block.end, [(where.start, where.end)]),
        "characters": f"{where.start}-{where.end}",
    }


def _against(against: Against, reference: Reference | None, library: Library) -> dict[str, Any]:
    document = library.document(against.document_id)
    text, spans = document.text, against.spans
    start, end = 0, len(text)
    if end > WHOLE_CHARS:
        first = spans[0] if spans else (0, 0)
        start, end = max(0, first[0] - AROUND_CHARS), min(end, first[1] + AROUND_CHARS)
    return {
        "number": against.number,
        "verdict": against.verdict.replace("_", "-"),
        "said": _VERDICT_NAMES[against.verdict],
        "support": f"{against.support:.2f}",
        "overlap": f"{against.overlap:.0%}",
        "reasons": against.reasons,
        "note": against.note,
        "bounded": against.bounded,
        "reference": _reference(reference) if reference is not None else None,
        "document_id": against.document_id,
        "pieces": pieces(text, start, end, spans),
        "cut_before": start > 0,
        "cut_after": end < len(text),
        "near": bool(spans),
    }


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "number": reference.number,
        "formatted": vancouver(reference),
        "url": url_of(reference),
    }


def _supported(report: AuditReport, library: Library) -> Iterator[dict[str, Any]]:
    for audit in report.audits:
        for check in audit.supported():
            yield {
                "article": audit.article.title,
                "text": check.where.text,
                "numbers": check.numbers,
                "quotes": [
                    {
                        "number": a.number,
                        "text": library.document(a.document_id).text[s:e],
                        "support": f"{a.support:.2f}",
                    }
                    for a in check.against
                    if a.verdict == "supported"
                    for s, e in a.spans[:1]
                ],
            }


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value of nested mappings under its name in words."""
    for name, value in values.items():
        said = f"{before}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{said}: ")
        else:
            yield said, "none" if value is None else str(value)
