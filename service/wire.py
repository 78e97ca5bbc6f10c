"""The answer record as JSON: the shapes of contract/answer.schema.json."""

from dataclasses import asdict, replace
from typing import Any

from corpus.answers import Answer, Nearest, Refusal, Statement, Struck
from corpus.library import Library
from corpus.records import Article
from corpus.reviews import Standing
from service.certainty import certainty_of
from service.cited_papers import paper_record, papers_behind
from service.citing import source_record

Record = dict[str, Any]


def answer_record(answer: Answer) -> Record:
    """Return the whole record."""
    record: Record = {
        "answer_id": answer.answer_id,
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "article": answer.article,
        "audience": answer.audience,
        "status": "answered" if answer.answered else "refused",
        "statements": [statement_record(s) for s in answer.statements],
        "references": [source_record(s) for s in answer.sources],
        "cited": [paper_record(p) for p in papers_behind(answer.statements)],
        "refusal": None if answer.refusal is None else refusal_record(answer.refusal),
        "confidence": answer.confidence,
        "certainty": asdict(certainty_of(answer)),
        "notices": list(answer.notices),
        "suggestions": list(answer.suggestions),
        "review_status": answer.review_status.value if answer.review_status else None,
        "corpus_date": answer.corpus_date.isoformat() if answer.corpus_date else None,
        "provenance": {
            "corpus_fingerprint": answer.provenance.corpus_fingerprint,
            "index_fingerprint": answer.provenance.index_fingerprint,
            "engine": answer.provenance.engine,
            "models": dict(answer.provenance.models),
            "prompts": dict(answer.provenance.prompts),
            "settings": dict(answer.provenance.settings),
        },
        "timings_ms": dict(answer.timings_ms),
    }
    if answer.missing:
        record["missing"] = list(answer.missing)
    if answer.review is not None:
        record["review"] = review_record(answer.review)
    if answer.struck:
        record["struck"] = [struck_record(struck) for struck in answer.struck]
    return record


def statement_record(statement: Statement) -> Record:
    """Return one statement with its citations; the papers that they cite stand in the answer."""
    citations = []
    for citation in statement.citations:
        record = asdict(replace(citation, cites=()))
        del record["cites"]
        record["article_references"] = list(citation.article_references)
        citations.append(record)
    terms = [asdict(use) for use in statement.terms]
    return {"text": statement.text, "citations": citations, "terms": terms}


def struck_record(struck: Struck) -> Record:
    """Return a sentence that was not shown."""
    return {"text": struck.text, "verdict": struck.verdict, "reasons": list(struck.reasons)}


def refusal_record(refusal: Refusal) -> Record:
    """Return a refusal with its nearest passages and the words that found no support."""
    return {
        "reason": refusal.reason,
        "message": refusal.message,
        "nearest": [_nearest_record(near) for near in refusal.nearest],
        "try_asking": list(refusal.try_asking),
        "unsupported": list(refusal.unsupported),
    }


def _nearest_record(near: Nearest) -> Record:
    """Return a nearest passage; the keys of a part of one only where it is one."""
    record = asdict(near) | {"lead_ins": list(near.lead_ins)}
    if near.start is None or near.end is None:
        del record["start"], record["end"]
    if not near.lead_ins:
        del record["lead_ins"]
    return record


def review_record(standing: Standing) -> Record:
    """Return a review status with its day (UTC), and its name where readers may see it."""
    return {
        "status": standing.status.value,
        "why": standing.why,
        "date": standing.at.date().isoformat() if standing.at else None,
        "by": standing.by,
    }


def article_record(article: Article, library: Library) -> Record:
    """Return one line of the list of articles; `passages` counts those a question may use."""
    scope = library.scope(article.slug)
    return {
        "slug": article.slug,
        "title": article.title,
        "review_status": article.review_status.value,
        "updated": article.updated.isoformat() if article.updated else None,
        "references": len(article.references),
        "passages": sum(len(library.document(key).passages) for key in scope.document_ids),
    }
