"""Running text of a JATS article: one line of text, with its citation numbers taken out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from ingest.jats_citations import (
    BESIDE,
    Inline,
    bracketed_if_citing,
    with_numbers_marked,
    without_citations,
)
from ingest.xml import raised

Node = str | Element

_TEX_BODY = re.compile(r"\\begin\{document\}(.*)\\end\{document\}", re.DOTALL)

_SILENT = frozenset(
    "graphic inline-graphic media object-id annotation annotation-xml alt-text long-desc "
    "index-term permissions fn-ref processing-meta".split()
)
_SPACED = frozenset(
    "break disp-formula p title list list-item label def-list def-item term def disp-quote "
    "attrib tr td th fn caption preformat verse-line table graphic-wrap".split()
)
_READABLE = ("table", "math", "tex-math", "textual-form", "chem-struct")


def content(element: Element) -> Iterator[Node]:
    """Give an element's text and children in reading order."""
    if element.text:
        yield element.text
    for child in element:
        yield child
        if child.tail:
            yield child.tail


class InlineReader:
    """Reads running text; `numbers` gives a reference's number by its id, where it has one."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers

    def read(self, nodes: Iterable[Node]) -> Inline:
        """Return the text of the nodes, white space folded, citations as callouts."""
        raw = _Raw(self._numbers)
        for node in nodes:
            raw.add(node)
        return without_citations(" ".join("".join(raw.parts).split()), raw.cited, raw.beside)

    def element(self, element: Element | None) -> Inline:
        """Return the text of an element's content; empty for None."""
        return self.read(content(element)) if element is not None else Inline(text="")


class _Raw:
    """Text as it is walked: `parts`, with the numbers of its control characters beside it."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self.parts: list[str] = []
        self.cited: list[int] = []
        self.beside: list[tuple[int, ...]] = []
        self._numbers = numbers

    def add(self, node: Node) -> None:
        if isinstance(node, str):
            self.parts.append(node)
        elif node.tag == "xref" and node.get("ref-type") == "bibr":
            self._add_citation(node)
        elif node.tag == "sup" or (node.tag == "xref" and "fn" in node.get("ref-type", "")):
            self._add_raised(node)
        elif node.tag in ("mfrac", "msup") and len(node) > 1:
            self._add_pair(node)
        elif node.tag == "alternatives":
            self._add_best(node)
        elif node.tag == "tex-math":
            tex = "".join(node.itertext())
            body = _TEX_BODY.search(tex)
            self.parts.append((body[1] if body else tex).replace("$$", " "))
        elif node.tag not in _SILENT:
            space = " " if node.tag in _SPACED else ""
            self.parts.append(space)
            self._add_content(node)
            self.parts.append(space)

    def _add_content(self, element: Element) -> None:
        for node in content(element):
            self.add(node)

    def _add_citation(self, xref: Element) -> None:
        marked, printed = with_numbers_marked("".join(xref.itertext()))
        if printed:
            self.parts.append(marked)
            self.cited.extend(printed)
            return
        self._add_content(xref)
        listed = (self._numbers.get(rid) for rid in xref.get("rid", "").split())
        numbers = tuple(number for number in listed if number is not None)
        if numbers:
            self.parts.append(BESIDE)
            self.beside.append(numbers)

    def _add_raised(self, element: Element) -> None:
        start = len(self.parts)
        self._add_content(element)
        inner = "".join(self.parts[start:])
        del self.parts[start:]
        citing = bracketed_if_citing(inner)
        self.parts.append(raised(inner, after=self._last()) if citing is None else citing)

    def _add_pair(self, element: Element) -> None:
        """Write a fraction on the line, and a power so that it cannot be taken for a product."""
        self.add(element[0])
        if element.tag == "mfrac":
            self.parts.append("/")
            self.add(element[1])
        else:
            self._add_raised(element[1])

    def _add_best(self, alternatives: Element) -> None:
        for tag in _READABLE:
            best = alternatives.find(tag)
            if best is not None:
                self.add(best)
                return

    def _last(self) -> str:
        return next((part for part in reversed(self.parts) if part), "")
