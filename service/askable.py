"""What may be asked about where only what the editors approved may.

Withheld are articles that are not approved, and abstracts and summaries that only such articles
brought in: nobody has approved that they are cited, or what is told of them. A text that no article
cites is nobody's to approve, and stays.
"""

from dataclasses import replace

from corpus.library import Library, Scope
from corpus.records import Article, ReviewStatus


def is_approved(article: Article) -> bool:
    """Tell whether an article's review has come to its end."""
    return article.review_status is ReviewStatus.APPROVED


def askable(scope: Scope, library: Library) -> Scope | None:
    """Return the scope without what is withheld; None when nothing of it may be asked about."""
    if scope.article is not None:
        return scope if is_approved(scope.article) else None
    hidden = withheld(library)
    left = tuple(key for key in scope.document_ids if key not in hidden)
    return replace(scope, document_ids=left) if left else None


def withheld(library: Library) -> frozenset[str]:
    """Return the ids of the documents that may not be asked about."""
    shown: set[str] = set()
    hidden: set[str] = set()
    for article in library.articles():
        ids = library.scope(article.slug).document_ids
        (shown if is_approved(article) else hidden).update(ids)
    return frozenset(hidden - shown)
