"""An audit as JSON: version 1 of the shape that docs/auditing.md describes."""

from dataclasses import asdict
from typing import Any

from corpus.findings import RULES, Against, Finding, Where
from corpus.formatting import vancouver
from corpus.library import Library
from service.audit import Audit, AuditReport
from service.audit_support import CitationCheck

FORMAT = "sequitur-audit"
VERSION = 1
Record = dict[str, Any]


def audit_record(report: AuditReport, library: Library) -> Record:
    """Return the whole report; quotes are exact slices of the stored texts."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "failed": report.failed,
        "fails_on": list(report.fails_on),
        "severities": report.by_severity(),
        "rules": report.by_rule(),
        "verdicts": {verdict.value: n for verdict, n in report.by_verdict().items()},
        "articles": [_article(audit, library) for audit in report.audits],
        "provenance": dict(report.provenance),
    }


def _article(audit: Audit, library: Library) -> Record:
    article = audit.article
    return {
        "slug": article.slug,
        "title": article.title,
        "review_status": article.review_status.value,
        "updated": article.updated.isoformat() if article.updated else None,
        "sha256": article.document.sha256,
        "findings": [_finding(finding, audit, library) for finding in audit.findings],
        "sentences": [_sentence(check, library) for check in audit.checks],
    }


def _finding(finding: Finding, audit: Audit, library: Library) -> Record:
    references = audit.article.references
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "title": RULES[finding.rule].title,
        "message": finding.message,
        "todo": finding.todo,
        "where": _where(finding.where),
        "numbers": list(finding.numbers),
        "references": [
            {
                "position": place + 1,
                "number": references[place].number,
                "document_id": references[place].document_id,
                "formatted": vancouver(references[place]),
            }
            for place in finding.entries
        ],
        "against": [_against(against, library) for against in finding.against],
    }


def _sentence(check: CitationCheck, library: Library) -> Record:
    return {
        "where": _where(check.where),
        "claim": check.claim,
        "numbers": list(check.numbers),
        "verdict": check.verdict.value,
        "support": round(check.support, 4),
        "overlap": round(check.overlap, 4),
        "unread": list(check.unread),
        "against": [_against(against, library) for against in check.against],
    }


def _where(where: Where | None) -> Record | None:
    return None if where is None else asdict(where) | {"section": list(where.section)}


def _against(against: Against, library: Library) -> Record:
    document = library.document(against.document_id)
    return asdict(against) | {
        "reasons": list(against.reasons),
        "sha256": document.sha256,
        "spans": [
            {"start": start, "end": end, "quote": document.text[start:end]}
            for start, end in against.spans
        ],
    }
