"""Where the text of a page stands: the element that holds it.

jusText tells running text from the rest, paragraph by paragraph, by its common words, its length,
its links and its neighbours. Its verdicts only choose the element, and everything inside stays:
a list of short items is an article's text as much as its paragraphs are.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

from ingest.html_tree import words_of

_MOST = 0.95  # of the running text, where nothing but the text itself marks the element
_HALF = 0.5  # of it, where the page names its main part

# Looking at neighbours takes jusText the square of their number; no article has as many.
MAX_REVISED = 5_000

_LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
}
# Medical prose has fewer common words than the newspapers that jusText was tuned on.
_FEW_COMMON_WORDS, _MANY_COMMON_WORDS = 0.18, 0.25


def main_element(root: Element) -> tuple[Element, float]:
    """Return the element with the article's text, and the part of running text left outside it.

    That is the page's own `main` and, in it, `article`, where these hold the running text; else
    the innermost element that holds nearly all of it.
    """
    weights = _running_text(root)
    total = weights.get(root, 0)
    if total == 0:
        return next(_named(root), root), 0.0
    named = [e for e in _named(root) if weights.get(e, 0) >= _HALF * total]
    chosen = named[-1] if named else _descended(root, weights)
    return chosen, 1 - weights[chosen] / total


def _named(root: Element) -> Iterator[Element]:
    """Give, outermost first, what the page names as its main part."""
    for element in root.iter():
        if element.tag in ("main", "article") or element.get("role") in ("main", "article"):
            yield element


def _descended(root: Element, weights: dict[Element, int]) -> Element:
    """Go down from the page as long as one child holds nearly all of the running text."""
    least = _MOST * weights[root]
    while True:
        below = next((child for child in root if weights.get(child, 0) >= least), None)
        holds_blocks = (
            below is not None and len(below) and below.tag not in ("p", "ul", "ol", "table")
        )
        if below is None or not holds_blocks:
            return root
        if any(words_of(sibling) and sibling is not below for sibling in root if _is_text(sibling)):
            return root
        root = below


def _is_text(element: Element) -> bool:
    """Tell whether an element is itself a block of text, as against a box around blocks."""
    return element.tag in ("h1", "h2", "h3", "p", "ul", "ol", "table", "dl", "blockquote")


def _running_text(root: Element) -> dict[Element, int]:
    """Return the number of characters of running text in each element that holds any."""
    from justext.core import (
        ParagraphMaker,
        classify_paragraphs,
        revise_paragraph_classification,
    )

    maker = ParagraphMaker()
    ways = _told(root, maker)
    classify_paragraphs(
        maker.paragraphs,
        _common_words(root.get("lang", "en")[:2].lower()),
        stopwords_low=_FEW_COMMON_WORDS,
        stopwords_high=_MANY_COMMON_WORDS,
    )
    if len(maker.paragraphs) <= MAX_REVISED:
        revise_paragraph_classification(maker.paragraphs)
    weights: dict[Element, int] = {}
    for paragraph in maker.paragraphs:
        if (paragraph.class_type or paragraph.cf_class) == "good":
            for element in ways.get(paragraph.xpath, ()):
                weights[element] = weights.get(element, 0) + len(paragraph.text)
    return weights


def _told(root: Element, maker: Any) -> dict[str, tuple[Element, ...]]:
    """Tell jusText of all elements and text in order; returns the way to each element by path."""
    ways: dict[str, tuple[Element, ...]] = {}

    def tell(element: Element, above: tuple[Element, ...]) -> None:
        name = (None, element.tag)
        maker.startElementNS(name, element.tag, {})
        way = ways[maker.path.xpath] = (*above, element)
        maker.characters(element.text or "")
        for child in element:
            tell(child, way)
            maker.characters(child.tail or "")
        maker.endElementNS(name, element.tag)

    tell(root, ())
    maker.endDocument()
    return ways


@cache
def _common_words(language: str) -> frozenset[str]:
    from justext import get_stoplist

    words: frozenset[str] = get_stoplist(_LANGUAGES.get(language, "English"))
    return words
