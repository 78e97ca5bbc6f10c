"""Articles as Word documents (`.docx`).

mammoth turns the document into HTML by its styles, with deleted text and comments left out, and
from there it is read as a page is (`ingest.html_article`). What mammoth does not tell, the numbers
that Word prints before paragraphs, is counted here (`ingest.docx_numbering`) and carried through
as marks in the document.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import fromstring

from corpus.errors import FileInputError
from ingest.docx_numbering import printed_labels
from ingest.docx_package import (
    MAIN_PART,
    Package,
    holds_document,
    is_old_word,
    is_zip,
    open_package,
)
from ingest.drafts import Parsed, SourceFile
from ingest.html_article import read_article
from ingest.html_cleaning import HEADINGS
from ingest.html_tree import parents_of, parse_html, remove_all, words_of
from ingest.page_blocks import is_heading
from ingest.xml import text_at

_SUFFIXES = (".docx", ".docm")
_OLD_SUFFIXES = (".doc", ".dot", *_SUFFIXES)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_MARK = "sequitur-label-"
_NUMBERING, _STYLES, _CORE = "word/numbering.xml", "word/styles.xml", "docProps/core.xml"
_STYLE_MAP = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Caption'] => p.caption:fresh
p[style-name='caption'] => p.caption:fresh
p[style-name='Heading 7'] => h6:fresh
p[style-name='heading 7'] => h6:fresh
"""


class DocxParser:
    """One article a document."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "Word document"

    def recognises(self, source: SourceFile) -> bool:
        """Accept Word's archive, and to refuse it with its reason, the format before it."""
        if is_old_word(source):
            return source.suffix in _OLD_SUFFIXES
        return is_zip(source) and (source.suffix in _SUFFIXES or holds_document(source))

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:
        """Read the document's one article; its slug is the file's stem unless `slug` is given.

        Raises FileInputError for a document that is old, locked, damaged or beyond all bounds,
        and for one without a word of text.
        """
        package = open_package(source)
        labels = printed_labels(
            package.trees[MAIN_PART], package.trees.get(_NUMBERING), package.trees.get(_STYLES)
        )
        markup = _converted(source, package, labels)
        root = parse_html(source.name, f"<html><head></head><body>{markup}</body></html>")
        _print_labels(root, labels)
        _name_title(root, package)
        return Parsed(articles=(read_article(source, root, slug=slug, whole=True),))


def _converted(source: SourceFile, package: Package, labels: Mapping[int, str]) -> str:
    """Return the document as HTML; raises FileInputError where the library cannot read it."""
    import mammoth

    archive = package.repacked(main=_marked(package.data[MAIN_PART], labels))
    try:
        result: Any = mammoth.convert_to_html(
            archive,
            style_map=_STYLE_MAP,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(lambda _: {"src": ""}),
        )
    except Exception as error:  # a foreign library at the border: it names no errors of its own
        reason = f"the document cannot be read ({type(error).__name__})"
        raise FileInputError(source.name, reason) from error
    return str(result.value)


def _marked(main: bytes, labels: Mapping[int, str]) -> bytes:
    """Put a bookmark into every numbered paragraph; bookmarks become anchors in HTML."""
    root = fromstring(main)
    namespace = root.tag.partition("}")[0].lstrip("{")
    if namespace not in (_WORD, _STRICT):
        namespace = _WORD
    tags = (f"{{{namespace}}}p", "p")
    paragraphs = [e for e in root.iter() if e.tag.rpartition("}")[2] == "p"]
    for place in labels:
        paragraph = paragraphs[place]
        if paragraph.tag not in tags:
            continue
        bookmark = Element(f"{{{namespace}}}bookmarkStart")
        bookmark.set(f"{{{namespace}}}id", str(1_000_000 + place))
        bookmark.set(f"{{{namespace}}}name", f"{_MARK}{place}")
        paragraph.insert(1, bookmark)  # behind the paragraph's properties
    marked: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return marked


def _print_labels(root: Element, labels: Mapping[int, str]) -> None:
    """Give list items their printed numbers as markers, and other paragraphs as their beginning."""
    parents = parents_of(root)
    for anchor in [a for a in root.iter("a") if a.get("id", "").startswith(_MARK)]:
        place = re.fullmatch(r"\d{1,9}", anchor.get("id", "")[len(_MARK) :])
        label = labels.get(int(place[0]), "") if place else ""
        block = parents[anchor]
        while block.tag not in ("li", "p", "body", *HEADINGS):
            block = parents[block]
        remove_all(parents[anchor], [anchor])
        if block.tag == "li":
            block.set("data-marker", label)
        elif label and block.tag != "body":
            block.text = f"{label} {block.text or ''}"


def _name_title(root: Element, package: Package) -> None:
    """Tell the page's head which line is the title.

    That is the paragraph of style Title, else a first line that looks like a heading, else the
    title among the document's properties.
    """
    blocks = [e for body in root.iter("body") for e in body if words_of(e)]
    styled = next((e for e in blocks if e.get("class") == "title"), None)
    first = blocks[0] if blocks and blocks[0].tag in ("p", "h1") else None
    if styled is None and first is not None and is_heading([words_of(first)]):
        first.tag = "h1"
        styled = first
    core = package.trees.get(_CORE)
    title = words_of(styled) if styled is not None else core is not None and text_at(core, "title")
    head = next(root.iter("head"), root)
    if title:
        SubElement(head, "meta", {"name": "citation_title", "content": title})
