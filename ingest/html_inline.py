"""Running text of a page: one line of text, with its citation numbers taken out.

While the tree is walked, a number that links to an entry of the reference list becomes a control
character, and a superscript is put between two others. When the whole line is known, superscripts
(`ingest.html_superscripts`) and bracketed numbers (`ingest.citations`) that cite become such marks
as well, and all of them are taken out together, as in JATS (`ingest.jats_citations`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from ingest.article_parts import MAX_PARAGRAPH_CHARS
from ingest.citations import bracketed
from ingest.html_superscripts import highest_cited, raised_numbers
from ingest.html_tree import class_names, words_of
from ingest.jats_citations import (
    BESIDE,
    CITED,
    Inline,
    bracketed_if_citing,
    with_numbers_marked,
    without_citations,
)
from ingest.jats_inline import InlineReader, Node, content
from ingest.xml import raised

_UP, _DOWN = "\x02", "\x03"  # around a superscript whose sense is not yet known
_RAISED = re.compile(f"{_UP}([^{_UP}{_DOWN}]*){_DOWN}")
_LOOK_BACK_CHARS = 80
_NUMBER = re.compile(r"[1-9]\d{0,2}")
# How pages name the anchors of their entries: ref-3, CR3, cite_note-Doe-3, bib12, B3, r3.
_ENTRY_ANCHOR = re.compile(
    r"(?:.*[-_.:/])?(?:refs?|references?|reflink|cites?|cit|citations?|bib|bibr|bibliography|cr|b|r|en"
    r"|endnote|cite_note)s?[-_.:]?(?:[\w.]+[-_])?\d{1,3}(?:[-_.]\w{1,8})?",
    re.IGNORECASE,
)
_CITING_CLASS = re.compile(
    r"cit(?:e|ation)s?\b|\bref(?:erence)?s?(?:[-_ ]?(?:num\w*|link|mark|no))?\b"
)
_SILENT = frozenset("annotation annotation-xml button img figure table".split())
_SPACED = frozenset(
    "br p div section article h1 h2 h3 h4 h5 h6 ul ol li dl dt dd tr td th caption figcaption "
    "blockquote pre hr summary details header footer aside address main tbody thead center".split()
)
_PAGE_OF_CITATION = re.compile(r"\s*:\s*[\dA-Za-z–-]{1,12}\s*")
_BACK = frozenset(("¶", "§", "#", "^", "↑", "↩", "↩︎", "⤴"))


class HtmlInlineReader(InlineReader):
    """Reads running text of a page whose reference list is known.

    `targets` gives, by the id that a link names, an entry's number (None where it has none);
    `notes` are the ids of footnotes that are no references: marks that lead there are left out.
    Superscripts without links cite up to `highest_raised`; `seen_raised` gathers those that could.
    """

    def __init__(
        self,
        targets: Mapping[str, int | None],
        *,
        notes: frozenset[str] = frozenset(),
        highest_raised: int = 0,
    ) -> None:
        super().__init__({key: number for key, number in targets.items() if number is not None})
        self.targets = targets
        self.notes = notes
        self.highest_raised = highest_raised
        self.seen_raised: set[int] = set()
        self.disagreements: dict[tuple[int, int], None] = {}

    def read(self, nodes: Iterable[Node]) -> Inline:
        """Return the text of the nodes, white space folded, citations as callouts."""
        line = _Line(self)
        for node in nodes:
            line.add(node)
        text = " ".join("".join(line.parts).split())
        if len(text) > MAX_PARAGRAPH_CHARS:
            return Inline(text=text)  # refused for its length when the document is made
        text, cited = self._with_raised(text, line.cited)
        text, cited = _with_bracketed(text, cited)
        return without_citations(text, cited, line.beside)

    def knowing_raised(self, *, listed: int) -> "HtmlInlineReader":
        """Return a reader that takes raised citations out, told by what this one has seen."""
        highest = highest_cited(self.seen_raised, listed=listed)
        return HtmlInlineReader(self.targets, notes=self.notes, highest_raised=highest)

    def _with_raised(self, text: str, cited: Sequence[int]) -> tuple[str, list[int]]:
        """Decide on every superscript, in order."""
        out, position, numbers, left = "", 0, list[int](), iter(cited)
        for match in _RAISED.finditer(text):
            between = text[position : match.start()]
            numbers += [next(left) for _ in range(between.count(CITED))]
            out += between
            position = match.end()
            found = raised_numbers(
                match[1], before=out[-_LOOK_BACK_CHARS:], after=text[position : position + 1]
            )
            self.seen_raised.update(found)
            if found and max(found) <= self.highest_raised:
                marked = _NUMBER.sub(CITED, match[1].strip().strip("[]()").strip(" ,;"))
                numbers += map(int, _NUMBER.findall(match[1]))
                out += f"[{marked}]"
            else:
                out += raised(match[1], after=out)
        return out + text[position:], [*numbers, *left]


class _Line:
    """Text as it is walked: `parts`, with the numbers of its control characters beside it."""

    def __init__(self, reader: HtmlInlineReader) -> None:
        self.parts: list[str] = []
        self.cited: list[int] = []
        self.beside: list[tuple[int, ...]] = []
        self._reader = reader

    def add(self, node: Node) -> None:
        if isinstance(node, str):
            self.parts.append(node)
        elif node.tag == "a":
            self._add_link(node)
        elif node.tag == "sup":
            self._add_raised(node)
        elif node.tag in ("mfrac", "msup") and len(node) > 1:
            self.add(node[0])
            self.parts.append("/" if node.tag == "mfrac" else "")
            self._add_raised(node[1]) if node.tag == "msup" else self.add(node[1])
        elif node.tag == "img":
            self.parts.append(_formula(node))
        elif self._is_citing(node):
            self._add_marked(words_of(node))
        elif node.tag not in _SILENT:
            space = " " if node.tag in _SPACED else ""
            self.parts.append(space)
            self._add_content(node)
            self.parts.append(space)

    def _add_content(self, element: Element) -> None:
        for node in content(element):
            self.add(node)

    def _is_citing(self, element: Element) -> bool:
        """Tell whether an element is marked as a citation and holds nothing but numbers."""
        marked = any(map(_CITING_CLASS.search, class_names(element)))
        if not marked or element.find(".//a") is not None or element.find(".//sup") is not None:
            return False
        return bool(with_numbers_marked(words_of(element))[1])

    def _add_marked(self, printed: str) -> None:
        marked, numbers = with_numbers_marked(printed)
        self.parts.append(marked)
        self.cited += numbers

    def _add_link(self, link: Element) -> None:
        href = link.get("href", "")
        words = words_of(link)
        name = unquote(href.rpartition("#")[2]) if "#" in href else ""
        if name in self._reader.notes or words in _BACK:
            return
        listed = name in self._reader.targets
        citing = listed or (href.startswith("#") and _ENTRY_ANCHOR.fullmatch(name))
        numbers = with_numbers_marked(words)[1] if citing else ()
        if numbers:
            self._add_marked(words)
            self._compare(numbers, name)
            return
        if self._is_citing(link):
            self._add_marked(words)
            return
        self._add_content(link)
        number = self._reader.targets.get(name)
        if number is not None and words:
            self.parts.append(BESIDE)
            self.beside.append((number,))

    def _compare(self, numbers: Sequence[int], name: str) -> None:
        """Note a link whose printed number is not that of the entry that it leads to."""
        number = self._reader.targets.get(name)
        if number is not None and number not in _spread(numbers):
            self._reader.disagreements[numbers[0], number] = None

    def _add_raised(self, element: Element) -> None:
        start, cited = len(self.parts), len(self.cited)
        self._add_content(element)
        inner = re.sub(f"[{_UP}{_DOWN}]", "", "".join(self.parts[start:]))
        inner = " ".join(inner.split())
        del self.parts[start:]
        if _PAGE_OF_CITATION.fullmatch(inner) and len(self.cited) == cited:
            return  # ": 23", the page of the work cited before it
        citing = bracketed_if_citing(inner)
        if citing is not None and len(self.cited) > cited:
            self.parts.append(citing)
        elif len(self.cited) > cited or BESIDE in inner:
            self.parts.append(inner)
        elif inner:
            self.parts.append(f"{_UP}{inner}{_DOWN}")


def _spread(numbers: Sequence[int]) -> range:
    return range(min(numbers), max(numbers) + 1)


def _formula(image: Element) -> str:
    """Return the text of a formula that is shown as an image."""
    is_formula = any("math" in name or "tex" in name for name in class_names(image))
    return image.get("alt", "") if is_formula else ""


def _with_bracketed(text: str, cited: Sequence[int]) -> tuple[str, list[int]]:
    """Mark the bracketed citation numbers that carry no link."""
    out, position, numbers, left = "", 0, list[int](), iter(cited)
    for cut in bracketed(text):
        between, printed = text[position : cut.start], text[cut.start : cut.end]
        numbers += [next(left) for _ in range(between.count(CITED))]
        numbers += map(int, _NUMBER.findall(printed))
        out += between + _NUMBER.sub(CITED, printed)
        position = cut.end
    return out + text[position:], [*numbers, *left]
