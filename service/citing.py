"""From selections to statements with citations, and the list of sources that they name."""

from collections.abc import Sequence
from urllib.parse import quote

from corpus.answers import Citation, Source, SourceKind, Statement
from corpus.formatting import article_line, url_of, vancouver
from corpus.library import Library
from corpus.records import Article, Document, Passage, Reference, ReviewStatus, Span, passages_of
from service.cited_papers import papers_cited
from service.extractive import Selection
from service.reference_marks import marks_of

RETRACTION_NOTICE = "[{marker}] has been retracted: do not rely on what it says."
CONCERN_NOTICE = (
    "[{marker}] bears an expression of concern: read that before you rely on what it says."
)
NOTICE_OF = "[{marker}] is itself a notice about another work ({notice})."


def cite(
    selections: Sequence[Selection], library: Library, article: Article | None
) -> tuple[tuple[Statement, ...], tuple[Source, ...]]:
    """Return statements whose every word is cited, and their sources numbered by first use.

    `article` is the one that was asked about, whose reference numbers the citations give.
    """
    markers: dict[str, int] = {}
    statements: list[Statement] = []
    for selection in selections:
        document = selection.document
        marker = markers.setdefault(document.document_id, len(markers) + 1)
        citations = tuple(
            citation_of(document, span, library, article, marker=marker) for span in selection.spans
        )
        statements.append(Statement(text=selection.text, citations=citations))
    sources = tuple(
        source_of(library.document(key), marker, library, article)
        for key, marker in markers.items()
    )
    return tuple(statements), sources


def citation_of(
    document: Document,
    span: Span,
    library: Library,
    article: Article | None,
    *,
    marker: int = 1,
    support: float = 1.0,
) -> Citation:
    """Return the citation of a span, whatever rests on it; the quote is read from the document."""
    own = library.article(document.document_id) if document.kind == "article" else None
    printed = document.numbers_cited_in(span) if own is not None else ()
    passage = _passage_at(document, span)
    return Citation(
        marker=marker,
        document_id=document.document_id,
        passage_id=passage.passage_id,
        reference=_first_resolved(own, printed) if own else _number_listed(article, document),
        section=" > ".join(passage.section_path) or None,
        quote=span.of(document.text),
        start=span.start,
        end=span.end,
        sha256=document.sha256,
        support=support,
        article_references=printed,
        cites=papers_cited(own, printed, library) if own else (),
    )


def _passage_at(document: Document, span: Span) -> Passage:
    """Return the passage that the span starts in."""
    passages = passages_of(document)
    return next(p for p in passages if span.start < p.end)


def _first_resolved(article: Article, printed: Sequence[int]) -> int | None:
    return next((n for n in printed if article.reference_numbered(n) is not None), None)


def _number_listed(asked: Article | None, document: Document) -> int | None:
    listed = asked.references if asked is not None else ()
    return next((r.number for r in listed if r.document_id == document.document_id), None)


def source_of(document: Document, marker: int, library: Library, asked: Article | None) -> Source:
    """Return a document as an entry of an answer's reference list."""
    if document.kind == "article":
        article = library.article(document.document_id)
        return Source(
            marker=marker,
            kind="article",
            document_id=article.slug,
            reference=Reference(
                title=article.title,
                year=article.updated.year if article.updated else None,
                url=f"/articles/{quote(article.slug)}",
            ),
            formatted=article_line(article),
            note=document.note,
            stored=document.kind,
            review_status=article.review_status,
            updated=article.updated,
        )
    listed = asked.references if asked is not None else ()
    as_cited = next((r for r in listed if r.document_id == document.document_id), None)
    reference = as_cited or document.reference or Reference(title=document.title)
    kind: SourceKind = reference.kind
    marks = marks_of(reference, document.reference)
    return Source(
        marker=marker,
        kind=kind,
        document_id=document.document_id,
        reference=reference,
        formatted=vancouver(reference) or document.document_id,
        note=document.note,
        retracted=marks.retracted,
        evidence_label=marks.evidence,
        concern=marks.concern,
        corrected=marks.corrected,
        notice_of=marks.notice_of,
        stored=document.kind,
    )


def notices(
    statements: Sequence[Statement], sources: Sequence[Source], library: Library
) -> tuple[str, ...]:
    """Return what a reader must know about the sources of an answer, each thing once.

    Retractions come first, then expressions of concern. A correction is told at the reference
    only: most concern nothing that is quoted.
    """
    found: dict[str, None] = {}
    for sentence, marked in (
        (RETRACTION_NOTICE, (s for s in sources if s.retracted)),
        (CONCERN_NOTICE, (s for s in sources if s.concern)),
    ):
        found |= dict.fromkeys(sentence.format(marker=s.marker) for s in marked)
    for source in sources:
        if source.notice_of:
            sentence = NOTICE_OF.format(marker=source.marker, notice=source.notice_of)
            found[sentence] = None
    for source in sources:
        if source.kind == "article":
            article = library.article(source.document_id)
            if article.review_status is not ReviewStatus.APPROVED:
                changed = library.standing(article.slug).why == "changed"
                lack = "has changed since it was approved" if changed else "is not approved yet"
                found[f"“{article.title}” {lack}: review pending."] = None
            unresolved = _unresolved(statements, article)
            if unresolved:
                numbers = ", ".join(map(str, unresolved))
                found[
                    f"The article cites {numbers} here without a reference that could be told."
                ] = None
        if source.note:
            found[f"[{source.marker}] {source.note}"] = None
    return tuple(found)


def _unresolved(statements: Sequence[Statement], article: Article) -> list[int]:
    printed = {
        number
        for statement in statements
        for citation in statement.citations
        if citation.document_id == article.slug
        for number in citation.article_references
    }
    return sorted(n for n in printed if article.reference_numbered(n) is None)


def source_record(source: Source) -> dict[str, object]:
    """Return a source as the answer record has it."""
    reference = source.reference
    return {
        "marker": source.marker,
        "kind": source.kind,
        "title": reference.title,
        "journal": reference.journal,
        "year": reference.year,
        "pmid": reference.pmid,
        "doi": reference.doi,
        "url": url_of(reference),
        "formatted": source.formatted,
        "document_id": source.document_id,
        "number": reference.number,
        "note": source.note,
        "authors": list(reference.authors),
        "volume": reference.volume,
        "issue": reference.issue,
        "pages": reference.pages,
        "pmcid": reference.pmcid,
        "retracted": source.retracted,
        "evidence_label": source.evidence_label.value if source.evidence_label else None,
        "concern": source.concern,
        "corrected": source.corrected,
        "notice_of": source.notice_of,
        "stored": source.stored,
        "review_status": source.review_status.value if source.review_status else None,
        "updated": source.updated.isoformat() if source.updated else None,
    }
