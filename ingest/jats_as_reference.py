"""A JATS article that stands for a work that another article cites: its text and its identity."""

from collections.abc import Iterable
from dataclasses import replace
from xml.etree.ElementTree import Element

from corpus.errors import InputError
from corpus.records import Article, Document, Reference, Section
from ingest.xml import inline_text

_HEADINGS = "front/article-meta/article-categories/subj-group[@subj-group-type='heading']/subject"


def document_of(article: Article) -> Document:
    """Return the article as a document that can be quoted for what it says itself.

    Its id is `pmid:…`, else `doi:…`, else `pmcid:…`. It is a text, or an abstract where the file
    holds no more. The numbers of its own citations are left out: its list is not stored with it.
    Raises InputError when the article names none of the three.
    """
    document = article.document
    reference = document.reference or Reference(title=document.title)
    document_id = _id(reference)
    if document_id is None:
        reason = "names no PMID, DOI or PMCID, and cannot stand for a cited work"
        raise InputError(f"{article.slug}: {reason}")
    return replace(
        document,
        document_id=document_id,
        kind="abstract" if _is_abstract(document.sections) else "text",
        callouts=(),
        reference=replace(reference, document_id=document_id),
    )


def jats_types(article: Element) -> tuple[str, ...]:
    """Return what kind of publication an `article` element is: its type, then its headings."""
    named = (article.get("article-type") or "", *map(inline_text, article.findall(_HEADINGS)))
    return tuple(dict.fromkeys(filter(None, named)))


def _id(reference: Reference) -> str | None:
    for name, value in (
        ("pmid", reference.pmid),
        ("doi", reference.doi),
        ("pmcid", reference.pmcid),
    ):
        if value:
            return f"{name}:{value}"
    return None


def _is_abstract(sections: Iterable[Section]) -> bool:
    """Tell whether everything stands under the heading of the abstract."""
    outermost = [section.title for section in sections if section.parent is None]
    return outermost == ["Abstract"]
