"""The blocks of a JATS article in reading order: headings, paragraphs, lists, tables, boxes.

Figures, tables and boxes that stand inside a paragraph follow it, so that its sentences stay
whole; a list inside a paragraph divides it.
"""

from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element

from ingest.drafts import Draft
from ingest.jats_citations import Inline, joined
from ingest.jats_inline import InlineReader, Node, content
from ingest.jats_tables import table_rows

_LISTS = frozenset(("list", "def-list"))
_DIVIDING = _LISTS | {"disp-quote", "statement", "verse-group", "speech"}
_FLOATING = frozenset(
    "fig fig-group table-wrap table-wrap-group boxed-text supplementary-material fn fn-group "
    "media chem-struct-wrap".split()
)
# Names, numbers and notices that belong to a block's frame and not to its text.
_NO_TEXT = frozenset(
    "label caption object-id graphic media alternatives permissions alt-text long-desc ref-list "
    "sec-meta kwd-group subj-group processing-meta table colgroup table-wrap-foot".split()
)
_HOLDS_BLOCKS = frozenset(("p", "sec", "title")) | _DIVIDING | _FLOATING

_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"))


class BlockReader:
    """Gives the drafts of elements.

    `level` is that of the next heading, 1 outermost; at level 0, inside boxes and quotations, a
    title is a caption, because the text after the box does not stand under it.
    """

    def __init__(self, inline: InlineReader) -> None:
        self._inline = inline
        self._readers: dict[str, Callable[[Element, int], Iterator[Draft]]] = {
            "p": self._paragraph,
            "sec": self.section,
            "app": self.section,
            "title": self._title,
            "list": lambda element, _: self._list(element, 1),
            "def-list": lambda element, _: self._definitions(element, 1),
            "table-wrap": self._table,
            "fig": self._captioned,
            "fig-group": self._captioned,
            "table-wrap-group": self._captioned,
            "supplementary-material": self._captioned,
            "boxed-text": self._captioned,
            "fn": self._footnote,
        }

    def section(self, element: Element, level: int) -> Iterator[Draft]:
        """Give a section's heading, where it has one, and all that stands under it."""
        title = self._inline.element(element.find("title"))
        label = self._inline.element(element.find("label"))
        if title.text and level:
            yield from joined([label, title], " ").draft("heading", level=level)
        elif title.text:
            yield from joined([label, title], " ").draft("caption")
        below = level + 1 if title.text and level else level
        yield from self.blocks((e for e in element if e.tag != "title"), below)

    def blocks(self, elements: Iterable[Element], level: int) -> Iterator[Draft]:
        """Give the drafts of several elements in order."""
        for element in elements:
            yield from self._block(element, level)

    def _block(self, element: Element, level: int) -> Iterator[Draft]:
        if element.tag in self._readers:
            yield from self._readers[element.tag](element, level)
        elif element.tag in _NO_TEXT:
            return
        elif any(child.tag in _HOLDS_BLOCKS for child in element):
            yield from self.blocks(element, 0)
        else:
            yield from self._inline.element(element).draft("paragraph")

    def _title(self, element: Element, _: int) -> Iterator[Draft]:
        yield from self._inline.element(element).draft("caption")

    def _paragraph(self, element: Element, level: int) -> Iterator[Draft]:
        floating: list[Element] = []
        for part in _parted(content(element), _DIVIDING, floating):
            if isinstance(part, Element):
                yield from self._block(part, 0)
            else:
                yield from self._inline.read(part).draft("paragraph")
        yield from self.blocks(floating, level)

    def _list(self, element: Element, depth: int) -> Iterator[Draft]:
        yield from self._list_title(element)
        style = element.get("list-type", "")
        for position, item in enumerate(element.findall("list-item"), start=1):
            label = self._inline.element(item.find("label")).text
            marker = label or _marker(style, position)
            yield from self._item(_item_nodes(item), depth, marker)

    def _item(self, nodes: Iterable[Node], depth: int, marker: str) -> Iterator[Draft]:
        floating: list[Element] = []
        for part in _parted(nodes, _LISTS, floating):
            if not isinstance(part, Element):
                yield from self._inline.read(part).draft("item", depth=depth, marker=marker)
                marker = ""
            elif part.tag == "list":
                yield from self._list(part, depth + 1)
            else:
                yield from self._definitions(part, depth + 1)
        yield from self.blocks(floating, 0)

    def _definitions(self, element: Element, depth: int) -> Iterator[Draft]:
        """Give each entry of a definition list as an item `term: definition`."""
        yield from self._list_title(element)
        for child in element:
            if child.tag == "def-list":
                yield from self._definitions(child, depth + 1)
            elif child.tag == "def-item":
                term = joined([self._inline.element(e) for e in child.findall("term")], ", ")
                meaning = joined([self._inline.element(e) for e in child.findall("def")], " ")
                entry = joined([term, meaning], " " if term.text.endswith(":") else ": ")
                yield from entry.draft("item", depth=depth)

    def _list_title(self, element: Element) -> Iterator[Draft]:
        yield from self._inline.element(element.find("title")).draft("caption")

    def _captioned(self, element: Element, _: int) -> Iterator[Draft]:
        """Give label and caption as captions, and what a box or group holds."""
        media = element.find("media") if element.find("caption") is None else None
        for line in self._caption_lines(element if media is None else media):
            yield from line.draft("caption")
        yield from self.blocks(element, 0)

    def _table(self, element: Element, _: int) -> Iterator[Draft]:
        """Give the caption, the rows, and as further rows the remarks in caption and foot.

        Only the caption's first line stands before the rows, because a row is introduced by the
        block before it.
        """
        caption, *remarks = self._caption_lines(element) or [Inline(text="")]
        yield from caption.draft("caption")
        for table in element.findall("table") or element.findall("alternatives/table"):
            for row in table_rows(table, self._inline):
                yield from row.draft("row")
        for foot in element.findall("table-wrap-foot"):
            remarks += [self._inline.element(note) for note in _notes(foot)]
        for remark in remarks:
            yield from remark.draft("row")
        yield from self.blocks((e for e in element if e.tag in _FLOATING), 0)

    def _caption_lines(self, element: Element) -> list[Inline]:
        """Return the caption's title and paragraphs, the label before the first: `Table 1: …`."""
        lines = [
            self._inline.element(part)
            for caption in element.findall("caption")
            for part in caption
            if part.tag in ("title", "p")
        ]
        label = self._inline.element(element.find("label"))
        if not label.text:
            return lines
        # With a full stop, "Table 1" would count as a sentence of its own.
        name = Inline(text=label.text.rstrip(".:"), callouts=label.callouts)
        return [joined([name, *lines[:1]], ": "), *lines[1:]]

    def _footnote(self, element: Element, _: int) -> Iterator[Draft]:
        yield from self._inline.element(element).draft("paragraph")


def _parted(
    nodes: Iterable[Node], dividing: frozenset[str], floating: list[Element]
) -> Iterator[list[Node] | Element]:
    """Give runs of text and, between them, the dividing elements; floating ones are put aside."""
    run: list[Node] = []
    for node in nodes:
        if isinstance(node, str) or node.tag not in dividing | _FLOATING:
            run.append(node)
        elif node.tag in _FLOATING:
            floating.append(node)
        else:
            yield run
            yield node
            run = []
    yield run


def _item_nodes(item: Element) -> Iterator[Node]:
    """Give what a list item says, its paragraphs run together."""
    for node in content(item):
        if isinstance(node, str) or node.tag not in ("p", "title", "label"):
            yield node
        elif node.tag != "label":
            yield from (" ", *content(node), " ")


def _notes(foot: Element) -> Iterator[Element]:
    for note in foot:
        if note.tag == "fn-group":
            yield from _notes(note)
        elif note.tag not in ("permissions", "graphic"):
            yield note


def _marker(style: str, position: int) -> str:
    """Return the bullet or number that a list of this style prints."""
    if style == "bullet":
        return "•"
    if style == "order":
        return f"{position}."
    name = ""
    if style.startswith("alpha"):
        name = chr(ord("a") + (position - 1) % 26)
    elif style.startswith("roman"):
        name = _roman(position)
    return f"{name.upper() if style.endswith('upper') else name}." if name else ""


def _roman(number: int) -> str:
    text = ""
    for value, letters in (*_ROMAN, (1, "i")):
        text += letters * (number // value)
        number %= value
    return text
