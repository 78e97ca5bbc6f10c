"""The public shape of an article, and the addresses under which its texts can be seen.

`GET /v1/articles/{slug}` gives the line of the list (`service.wire.article_record`) and beside it:

    document_id, kind, sha256, text     the stored text, into which all offsets point
    note, audience_note, disclaimer, editorial_board, policy_url
    review      {status, why, date, by} of the last move of its review, null where none was logged
    askable     whether questions about it are taken
    sections    a tree: {position, title, level, start, end, sections}
    blocks      in text order: {kind, text, start, end, section, lead_in, depth, marker,
                citations: [{at, numbers, unresolved}]}; `section` and `lead_in` are positions
    reference_list   {number, kind, title, authors, journal, year, volume, issue, pages, doi,
                pmid, pmcid, url, formatted, document_id, stored, note, retracted,
                evidence_label, notice_of, notices: [{kind, source, date, identifier, text}]}

`stored` is what an answer may quote of a reference: "abstract", "text" or null. A document that
stands alone has the same shape with the editorial values null. Addresses are http or https only.
"""

from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urlsplit

from corpus.formatting import vancouver
from corpus.library import Library
from corpus.records import Article, Block, Document, Reference
from corpus.reviews import Standing
from service.cited_papers import stored_as
from service.reference_marks import marks_of
from service.wire import Record, article_record, review_record


def detailed_record(
    asked_for: str, library: Library, *, review: Standing | None = None, askable: bool = True
) -> Record:
    """Return an article, or a document by its id, in the public shape; raises NotFoundError.

    `review` is the article's, as readers may see it.
    """
    article = article_of(asked_for, library)
    document = library.document(asked_for) if article is None else article.document
    line = _document_line(document) if article is None else article_record(article, library)
    policy = article.policy_url if article else None
    return line | {
        "document_id": document.document_id,
        "kind": document.kind,
        "sha256": document.sha256,
        "text": document.text,
        "note": document.note,
        "audience_note": article.audience_note if article else None,
        "disclaimer": article.disclaimer if article else None,
        "editorial_board": article.editorial_board if article else None,
        "policy_url": web_address(policy),
        "review": review_record(review) if review else None,
        "askable": askable,
        "sections": _section_tree(document),
        "blocks": [_block_record(block, document, article) for block in document.blocks],
        "reference_list": [
            _reference_record(reference, library)
            for reference in (article.references if article else ())
        ],
    }


def article_of(asked_for: str, library: Library) -> Article | None:
    """Return the article, None for the id of a plain document; raises NotFoundError."""
    scope = library.scope(asked_for)
    return scope.article


def unresolved(numbers: tuple[int, ...], article: Article | None) -> list[int]:
    """Return the citation numbers that the article's own list does not have."""
    return [n for n in numbers if article is None or article.reference_numbered(n) is None]


def web_address(url: str | None) -> str | None:
    """Return an address that may become a link: http or https with a host; else None.

    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in ("http", "https") and parts.netloc else None


def doi_address(doi: str | None) -> str | None:
    """Return the resolver's address of a DOI, whatever characters it holds."""
    return f"https://doi.org/{quote(doi, safe='/:;()')}" if doi else None


def pubmed_address(pmid: str | None) -> str | None:
    """Return the address of a PubMed record; None when the id is not a number."""
    digits = pmid is not None and pmid.isascii() and pmid.isdigit()
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if digits else None


def page_path(document_id: str) -> str:
    """Return the path of a document's own page; every id makes one path segment."""
    return f"/articles/{quote(document_id, safe=':')}"


def _document_line(document: Document) -> Record:
    return {
        "slug": document.document_id,
        "title": document.title,
        "review_status": None,
        "updated": None,
        "references": 0,
        "passages": len(document.passages),
    }


def _section_tree(document: Document) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    outermost: list[dict[str, Any]] = []
    for position, section in enumerate(document.sections):
        node = {
            "position": position,
            "title": section.title,
            "level": section.level,
            "start": section.start,
            "end": section.end,
            "sections": [],
        }
        nodes.append(node)
        siblings = outermost if section.parent is None else nodes[section.parent]["sections"]
        siblings.append(node)
    return outermost


def _block_record(block: Block, document: Document, article: Article | None) -> dict[str, Any]:
    inside = [c for c in document.callouts if block.start < c.at <= block.end]
    return {
        "kind": block.kind,
        "text": document.text[block.start : block.end],
        "start": block.start,
        "end": block.end,
        "section": block.section,
        "lead_in": block.lead_in,
        "depth": block.depth,
        "marker": block.marker,
        "citations": [
            {
                "at": callout.at,
                "numbers": list(callout.numbers),
                "unresolved": unresolved(callout.numbers, article),
            }
            for callout in inside
        ],
    }


def _reference_record(reference: Reference, library: Library) -> dict[str, Any]:
    stored = stored_as(reference, library)
    marks = marks_of(reference, stored.reference if stored else None)
    record = asdict(reference)
    for key in ("publication_types", "as_listed"):
        del record[key]
    return record | {
        "authors": list(reference.authors),
        "url": doi_address(reference.doi)
        or pubmed_address(reference.pmid)
        or web_address(reference.url),
        "formatted": vancouver(reference) if reference.title else reference.as_listed,
        "document_id": stored.document_id if stored else None,
        "stored": None if stored is None else ("abstract" if stored.kind == "abstract" else "text"),
        "note": stored.note if stored else None,
        "retracted": marks.retracted,
        "evidence_label": marks.evidence.value if marks.evidence else None,
        "notice_of": marks.notice_of,
        "notices": [
            asdict(notice) | {"date": notice.date.isoformat() if notice.date else None}
            for notice in marks.notices
        ],
    }
