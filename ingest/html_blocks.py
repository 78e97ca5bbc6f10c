"""The blocks of a page's text in reading order: headings, paragraphs, lists, tables, captions.

A box holds either blocks or running text; running text between two blocks is a paragraph of its
own. A table that only lays a page out is a box like any other.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from ingest.drafts import Draft
from ingest.html_cleaning import HEADINGS
from ingest.html_markers import markers_of
from ingest.html_tree import class_names, words_of
from ingest.jats_citations import Inline, joined
from ingest.jats_inline import InlineReader, Node, content
from ingest.jats_tables import table_rows
from ingest.page_blocks import MAX_DEPTH

BLOCKS = frozenset(
    "p div section article main header footer aside h1 h2 h3 h4 h5 h6 ul ol menu dl table figure "
    "figcaption blockquote pre details summary address hr center fieldset form body hgroup li dd "
    "dt tr td th tbody thead tfoot caption search legend".split()
)
_LISTS = ("ul", "ol", "menu")
_CAPTION = re.compile(r"caption|table-?title|tbl-?title", re.IGNORECASE)
_LABEL = re.compile(r"(?:table|fig(?:ure|\.)?|box|chart) ?[A-Z]?\d{1,3}[.:]?", re.IGNORECASE)
_LABELLED = re.compile(r"(?:Table|TABLE|Fig(?:ure|\.)?|FIGURE|Box) ?[A-Z]?\d{1,3}(?:[.:|]|$)")
_LAYOUT_ROLES = ("presentation", "none")
_MAX_LEVEL = 9


class HtmlBlockReader:
    """Gives the drafts of elements; `inline` reads their running text."""

    def __init__(self, inline: InlineReader) -> None:
        self._inline = inline
        self._readers: dict[str, Callable[[Element, int], Iterator[Draft]]] = {
            **dict.fromkeys(HEADINGS, self._heading),
            **dict.fromkeys(_LISTS, self._list),
            "dl": self._definitions,
            "table": self._table,
            "figure": self._figure,
            "figcaption": self._caption,
            "caption": self._caption,
            "summary": self._caption,
        }

    def element(self, element: Element, depth: int = 0) -> Iterator[Draft]:
        """Give the drafts of one element; `depth` is that of the list around it."""
        if element.get("role") == "heading" and element.tag not in HEADINGS:
            yield from self._heading(element, depth)
        elif element.tag in self._readers:
            yield from self._readers[element.tag](element, depth)
        elif _is_caption(element):
            yield from self._caption(element, depth)
        else:
            yield from self.nodes(content(element), depth)

    def nodes(self, nodes: Iterable[Node], depth: int = 0) -> Iterator[Draft]:
        """Give runs of text as paragraphs, and the blocks between them."""
        for part in parted(nodes):
            if isinstance(part, Element):
                yield from self.element(part, depth)
            else:
                yield from self._inline.read(part).draft("paragraph")

    def _heading(self, element: Element, _: int) -> Iterator[Draft]:
        printed = element.get("aria-level", "") if element.tag not in HEADINGS else element.tag[1]
        level = int(printed) if printed.isdecimal() and len(printed) == 1 else 2
        nodes = (n for n in _with_button_text(element) if isinstance(n, str) or not _is_anchor(n))
        yield from self._inline.read(nodes).draft("heading", level=min(max(level, 1), _MAX_LEVEL))

    def _caption(self, element: Element, _: int) -> Iterator[Draft]:
        yield from self._inline.element(element).draft("caption")

    def _figure(self, element: Element, depth: int) -> Iterator[Draft]:
        """Give the caption first, wherever it stands: it introduces the rows of a table."""
        captions = [e for e in element if e.tag == "figcaption"]
        for caption in captions:
            yield from self._caption(caption, depth)
        yield from self.nodes((n for n in content(element) if n not in captions), depth)

    def _list(self, element: Element, depth: int) -> Iterator[Draft]:
        depth = min(depth + 1, MAX_DEPTH)
        markers = iter(markers_of(element))
        for child in element:
            if child.tag == "li":
                yield from self._item(content(child), depth, next(markers))
            else:
                yield from self.element(child, depth if child.tag in _LISTS else depth - 1)

    def _item(self, nodes: Iterable[Node], depth: int, marker: str) -> Iterator[Draft]:
        """Give an item, its further paragraphs as items without a marker, and what it encloses."""
        for part in parted(nodes):
            if not isinstance(part, Element):
                drafts = self._inline.read(part).draft("item", depth=depth, marker=marker)
            elif part.tag in self._readers:
                yield from self.element(part, depth)
                continue
            else:
                drafts = self._item(content(part), depth, marker)
            for draft in drafts:
                yield draft
                marker = ""

    def _definitions(self, element: Element, depth: int) -> Iterator[Draft]:
        """Give each term with its first meaning as an item `term: meaning`."""
        terms: list[Inline] = []
        depth = min(depth + 1, MAX_DEPTH)
        entries = [e for child in element for e in (child if child.tag == "div" else [child])]
        for entry in entries:
            if entry.tag == "dt":
                terms.append(self._inline.element(entry))
                continue
            drafts = list(self._item(content(entry), depth, ""))
            if terms and drafts and drafts[0].kind == "item":
                first, *drafts = drafts
                meaning = Inline(text=first.text, callouts=first.callouts)
                term = joined(terms, ", ")
                line = joined([term, meaning], " " if term.text.endswith(":") else ": ")
                yield from line.draft("item", depth=depth)
                terms = []
            yield from drafts
        for term in terms:
            yield from term.draft("item", depth=depth)

    def _table(self, element: Element, depth: int) -> Iterator[Draft]:
        captions = element.findall("caption")
        for caption in captions:
            yield from self._caption(caption, depth)
        if _is_layout(element):
            for cell in (e for row in _rows(element) for e in row if e.tag in ("td", "th")):
                yield from self.nodes(content(cell), depth)
            return
        _mark_heads(element)
        for row in table_rows(element, self._inline):
            yield from row.draft("row")


def with_labels(drafts: Iterable[Draft]) -> list[Draft]:
    """Make a label on a line of its own (`Table 2.`) the caption, or the caption's beginning.

    Pages set it as a heading, under which the rest of the section would seem to stand.
    """
    found: list[Draft] = []
    for draft in drafts:
        label = found[-1] if found and _LABEL.fullmatch(found[-1].text) else None
        if label is not None and draft.kind == "caption":
            name = Inline(text=label.text.rstrip(".:"), callouts=label.callouts)
            line = joined([name, Inline(text=draft.text, callouts=draft.callouts)], ": ")
            found[-1:] = line.draft("caption")
        elif draft.kind == "heading" and _LABELLED.match(draft.text):
            found.append(replace(draft, kind="caption", level=0))
        else:
            found.append(draft)
    return found


def parted(nodes: Iterable[Node]) -> Iterator[list[Node] | Element]:
    """Give runs of running text and, between them, the blocks; two line breaks end a run too.

    An inline element that holds a block (a link around a heading) is opened.
    """
    run: list[Node] = []
    for node in nodes:
        if isinstance(node, str) or not (node.tag in BLOCKS or holds_blocks(node)):
            if not isinstance(node, str) and node.tag == "br" and _ends_with_break(run):
                yield run
                run = []
            run.append(node)
            continue
        yield run
        run = []
        if node.tag in BLOCKS or node.get("role") == "heading":
            yield node
        else:
            yield from parted(content(node))
    yield run


def holds_blocks(element: Element) -> bool:
    """Tell whether an inline element has a block somewhere in it."""
    if element.get("role") == "heading":
        return True
    return any(inner.tag in BLOCKS for inner in element.iter() if inner is not element)


def _ends_with_break(run: list[Node]) -> bool:
    last = next((n for n in reversed(run) if not isinstance(n, str) or n.strip()), "")
    return not isinstance(last, str) and last.tag == "br"


def _with_button_text(element: Element) -> Iterator[Node]:
    """Give a heading's content; the button that opens its section is its text."""
    for node in content(element):
        if not isinstance(node, str) and (
            node.tag == "button" or node.find(".//button") is not None
        ):
            yield from _with_button_text(node)
        else:
            yield node


def _is_anchor(element: Element) -> bool:
    """Tell whether a link in a heading only points at the heading itself."""
    return element.tag == "a" and words_of(element) in (
        "",
        "¶",
        "#",
        "§",
        "🔗",
        "Anchor",
        "Permalink",
    )


def _is_caption(element: Element) -> bool:
    if element.tag not in ("p", "div", "header"):
        return False
    if any(
        e.tag in BLOCKS and e.tag not in ("p", "div") for e in element.iter() if e is not element
    ):
        return False
    return any(map(_CAPTION.search, class_names(element)))


def _rows(table: Element) -> Iterator[Element]:
    for part in (table, *table):
        if part.tag in ("table", "thead", "tbody", "tfoot"):
            yield from part.findall("tr")


def _mark_heads(table: Element) -> None:
    """Make a first row in bold type the heads of a table that marks none."""
    rows = list(_rows(table))
    marked = table.find("thead") is not None or table.find(".//th") is not None
    if marked or len(rows) < 2 or not all(map(_is_bold, rows[0])):  # noqa: PLR2004 - heads and a row
        return
    for cell in rows[0]:
        cell.tag = "th"


def _is_bold(cell: Element) -> bool:
    bold = "".join(words_of(e) for e in cell.iter() if e.tag in ("b", "strong"))
    return not words_of(cell) or bold == words_of(cell)


def _is_layout(table: Element) -> bool:
    """Tell whether a table lays out the page: it says so, holds blocks, or has a single cell."""
    if table.get("role") in _LAYOUT_ROLES:
        return True
    if table.find(".//th") is not None or table.find("caption") is not None:
        return False
    inner = {e.tag for e in table.iter() if e is not table}
    cells = [len(row) for row in _rows(table)]
    return bool(inner & {"table", *HEADINGS, "article", "main"}) or max(cells, default=0) <= 1
