"""The entries of a page's reference list: their words, numbers, anchors and identifiers.

An entry is a list item, a definition, a table row or, in a list without any of these, a paragraph
(`ingest.reference_lists`). DOI, PMID and PMCID are read from the words, else from where the
entry's links lead; the links' own labels ("Google Scholar", "PubMed") are no part of the entry.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from corpus.records import Reference, ReferenceKind
from ingest.drafts import join_words
from ingest.html_blocks import BLOCKS, holds_blocks
from ingest.html_links import with_links
from ingest.html_markers import markers_of
from ingest.html_reference_places import ids_in
from ingest.html_tree import class_names, words_of
from ingest.jats_citations import with_numbers_marked
from ingest.jats_inline import Node, content
from ingest.reference_lists import (
    kind_named,
    listed_reference,
    listed_references,
    split_number,
)
from ingest.xml import raised

_LABEL = re.compile(r"[\[(]?([1-9]\d{0,2})[\])]?\.?")
_LABEL_CLASS = re.compile(r"label|number|counter|ref-?num|left-margin|citation-?no")
_LINK_LABELS = frozenset(
    "article|pubmed|pubmed abstract|medline|pubmed central|pmc|pmc free article|free pmc article"
    "|free full text|full text|pdf|crossref|cross ref|google scholar|scholar|cas|web of science"
    "|scopus|isi|view article|view|abstract|link|external link|go to ref|back to text|back"
    "|jump up|download reference|open url|doi|find it|export|publisher full text|^|↑|↩|↩︎".split("|")
)
_SHORT_BACK = re.compile(r"[a-z](?:\s[a-z])*|\d+(?:\.\d+)?|[↑^↩]\S?")
_EMPTIED = re.compile(r"[ \xa0]*(?:\[[\s,;|]*\]|\([\s,;|]*\))")
_ONLY_MARKS = re.compile(r"[\W_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """An entry of the list, and the names by which links lead to it."""

    reference: Reference
    names: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Piece:
    """An element of the list, or a run of text in it, with the number and kind set before it."""

    lines: list[str]
    element: Element
    number: int | None = None
    kind: ReferenceKind | None = None
    names: list[str] = field(default_factory=list)


def read_entries(parts: Sequence[Element], text: Element) -> tuple[ListedEntry, ...]:
    """Return the entries of a list in order; `text` is what may cite them.

    An entry's number is the printed one or its place in a numbered list. Where the list prints
    none, it is the one number that the text prints for all links to the entry.
    """
    whole = Element("div")
    whole.extend(parts)
    items = list(_items(whole))
    if sum(len(words_of(p.element)) for p in items) >= _loose_chars(whole):
        found = [_read(piece) for piece in items if piece.lines]
    else:
        found = _flat(list(_runs(whole)))
    if any(entry.reference.number is not None for entry in found):
        return tuple(found)
    numbers = _numbers_by_text(found, text)
    return tuple(
        replace(entry, reference=replace(entry.reference, number=numbers.get(position)))
        for position, entry in enumerate(found)
    )


def _items(whole: Element) -> Iterator[_Piece]:
    """Give list items, definitions and table rows, each with the kind named before its list."""
    kind: ReferenceKind | None = None
    for element in _walked(whole):
        if element.tag in ("ol", "ul"):
            for item, marker in zip(element.findall("li"), markers_of(element), strict=True):
                yield _piece(item, kind, marker=marker)
        elif element.tag == "dd" or (element.tag == "tr" and element.find("td") is not None):
            yield _piece(element, kind)
        elif not holds_blocks(element):
            kind = kind_named(words_of(element)) or kind


def _loose_chars(whole: Element) -> int:
    """Count the letters of the list's paragraphs that are neither headings nor kinds."""
    return sum(
        len(words)
        for element in _walked(whole)
        if element.tag in ("p", "div") and not holds_blocks(element)
        for words in [words_of(element)]
        if not kind_named(words)
    )


def _walked(element: Element) -> Iterator[Element]:
    """Give the elements in order, those inside a list, definition or row left out."""
    for child in element:
        yield child
        if child.tag not in ("ol", "ul", "dd", "tr"):
            yield from _walked(child)


def _piece(element: Element, kind: ReferenceKind | None, *, marker: str = "") -> _Piece:
    label, lines = _lines(content(element))
    counted = _LABEL.fullmatch((element.get("data-counter") or marker).strip())
    number = label
    if number is None and lines:
        number, first = split_number(lines[0])
        alone = _LABEL.fullmatch(lines[0]) if len(lines) > 1 else None
        number = int(alone[1]) if alone else number
        lines = lines[1:] if alone or not first.strip() else [first, *lines[1:]]
    if number is None and counted:
        number = int(counted[1])
    if len(lines) > 1 and kind_named(lines[0]):
        kind, lines = kind_named(lines[0]), lines[1:]
    return _Piece(lines=lines, element=element, number=number, kind=kind, names=[*ids_in(element)])


def _read(piece: _Piece) -> ListedEntry:
    read = listed_reference(piece.lines, number=piece.number, kind=piece.kind or "research")
    return ListedEntry(reference=with_links(read, piece.element), names=tuple(piece.names))


def _flat(runs: Sequence[_Piece]) -> list[ListedEntry]:
    """Read a list of paragraphs, and give each entry the anchors and links of its paragraphs."""
    references = list(listed_references([run.lines for run in runs if run.lines]))
    names: list[list[str]] = [[] for _ in references]
    at = 0
    for run in runs:
        words = split_number(join_words(run.lines[-1:]))[1]
        ahead = (
            i for i in range(at, len(references)) if words and words in references[i].as_listed
        )
        at = next(ahead, at)
        if at < len(references) and words:
            references[at] = with_links(references[at], run.element)
            names[at] += run.names
    return [
        ListedEntry(reference=reference, names=tuple(dict.fromkeys(found)))
        for reference, found in zip(references, names, strict=True)
    ]


def _runs(element: Element) -> Iterator[_Piece]:
    """Give each innermost block of the list with its lines."""
    if holds_blocks(element):
        for child in element:
            yield from _runs(child)
        return
    label, lines = _lines(content(element))
    if lines:
        lines = [f"{label}. {lines[0]}", *lines[1:]] if label is not None else lines
        yield _Piece(lines=lines, element=element, names=[*ids_in(element)])


def _lines(nodes: Iterator[Node]) -> tuple[int | None, list[str]]:
    """Return the number in an entry's own label, and its words line by line."""
    pieces: list[str] = []
    labels: list[int] = []

    def add(node: Node) -> None:
        if isinstance(node, str):
            pieces.append(node.replace("\n", " "))
            return
        label = _LABEL.fullmatch(words_of(node))
        if label and not labels and any(map(_LABEL_CLASS.search, class_names(node))):
            labels.append(int(label[1]))
            return
        if _is_noise(node):
            return
        parts = "\n" if node.tag in BLOCKS or node.tag == "br" else ""
        pieces.append(parts)
        start = len(pieces)
        for inner in content(node):
            add(inner)
        if node.tag == "sup":
            text = "".join(pieces[start:])
            del pieces[start:]
            pieces.append(raised(text, after="".join(pieces[-1:])))
        pieces.append(parts)

    for node in nodes:
        add(node)
    text = _EMPTIED.sub("", "".join(pieces))
    lines = (join_words([line]) for line in text.split("\n"))
    return (labels[0] if labels else None), [s for s in lines if not _ONLY_MARKS.fullmatch(s)]


def _is_noise(element: Element) -> bool:
    """Tell whether an element is a way back to the text or a link's mere label."""
    if element.tag in ("button", "img") or "mw-cite-backlink" in class_names(element):
        return True
    if element.tag != "a":
        return False
    words = words_of(element).lower().strip(" []()")
    href = element.get("href", "")
    if words.startswith(("http", "10.", "doi")) and words != "doi":
        return False
    back = href.startswith("#") and bool(_SHORT_BACK.fullmatch(words))
    return words in _LINK_LABELS or back or element.get("role") == "doc-backlink"


def _numbers_by_text(entries: Sequence[ListedEntry], text: Element) -> Mapping[int, int]:
    """Return, by position, the one number that the text prints for all its links to an entry."""
    position_of = {name: at for at, entry in enumerate(entries) for name in entry.names}
    found: dict[int, set[int]] = {}
    for link in text.iter("a"):
        name = unquote(link.get("href", "").rpartition("#")[2])
        numbers = with_numbers_marked(words_of(link))[1]
        if name in position_of and len(numbers) == 1:
            found.setdefault(position_of[name], set()).update(numbers)
    agreed = {at: min(numbers) for at, numbers in found.items() if len(numbers) == 1}
    if agreed and all(number == at + 1 for at, number in agreed.items()):
        return {at: at + 1 for at in range(len(entries))}
    return agreed
