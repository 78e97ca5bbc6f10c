"""Articles as HTML pages (`.html`, `.htm`, `.xhtml`), as a browser or a site's editor saves them.

Main text, headings, lists, tables as rows and captions become the text; navigation, notices,
advertisements, comments, scripts and what the page hides do not (`ingest.html_article`).
"""

import re

from corpus.errors import FileInputError
from ingest.drafts import Parsed, SourceFile, decoded_head
from ingest.html_article import read_article
from ingest.html_tree import html_text, parse_html

_SUFFIXES = (".html", ".htm", ".xhtml", ".xht")
_OTHER_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_HEAD_BYTES = 16_384
_PROLOGUE = r"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*|<!--.*?(?:-->|\Z)\s*)*"
_OPENS_PAGE = re.compile(rf"{_PROLOGUE}<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL)
_OPENS_XML = re.compile(r"\s*<(?:\?xml|!DOCTYPE|article\s[^>]*article-type|Pubmed|[\w.-]+:\w)")
_HAS_TAG = re.compile(
    r"<(?:p|div|h[1-6]|body|head|main|article|section|table|ul|ol)[\s>]", re.IGNORECASE
)


class HtmlParser:
    """One article a page."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "HTML"

    def recognises(self, source: SourceFile) -> bool:
        """Accept what opens as a page, and what has the suffix and tags of one."""
        if source.suffix in _OTHER_SUFFIXES:
            return False
        head = _head(source)
        if _OPENS_PAGE.match(head):
            return True
        if source.suffix not in _SUFFIXES or _OPENS_XML.match(head):
            return False
        return bool(_HAS_TAG.search(head))

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:
        """Read the page's one article; its slug is the file's stem unless `slug` names another.

        Raises FileInputError for bytes that are not the declared text, for a page that nests too
        deeply and for one without a word of text.
        """
        text = html_text(source)
        if not text.strip():
            raise FileInputError(source.name, "the file is empty")
        root = parse_html(source.name, text)
        return Parsed(articles=(read_article(source, root, slug=slug),))


def _head(source: SourceFile) -> str:
    if source.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return source.data[:_HEAD_BYTES].decode("utf-16", errors="replace").lstrip("\ufeff")
    return decoded_head(source, _HEAD_BYTES)
