"""The library page: which articles a search and a review status leave, in the library's order."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.library import Library
from corpus.records import Article, ReviewStatus

MAX_SEARCH_CHARS = 200
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was looked for: words, and a review status or none."""

    text: str = ""
    status: ReviewStatus | None = None

    @property
    def narrows(self) -> bool:
        """True when anything at all was asked for."""
        return bool(self.text or self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The articles that are left, out of how many, and how many other texts the library holds."""

    articles: tuple[Article, ...]
    total: int
    others: int


def search_of(text: str, status: str) -> Search:
    """Read a search as it was sent; a status that there is not counts as none."""
    known = {step.value: step for step in ReviewStatus}
    return Search(text=" ".join(text.split())[:MAX_SEARCH_CHARS], status=known.get(status))


def find(search: Search, library: Library) -> Found:
    """Return the articles that have the status and every word of the search.

    A word is found at the beginning of a word of the title, the slug or a section's heading,
    without regard to case and accents.
    """
    articles, wanted = library.articles(), words_of(search.text)
    # a search of signs alone is a search that nothing can meet
    left = tuple(
        article
        for article in articles
        if search.status in (None, article.review_status)
        and (bool(wanted) or not search.text)
        and _holds(words_of(_searched(article)), wanted)
    )
    others = len(library.document_ids()) - len(articles)
    return Found(articles=left, total=len(articles), others=others)


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared.

    >>> words_of("Anémie: what next?")
    ['anemie', 'what', 'next']
    """
    parted = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(char for char in parted if not unicodedata.combining(char)))


def _searched(article: Article) -> str:
    headings = (section.title for section in article.document.sections)
    return " ".join((article.title, article.slug.replace("_", " "), *headings))


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(any(word.startswith(one) for word in words) for one in wanted)
