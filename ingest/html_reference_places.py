"""Where a page prints its reference list: found, and taken out of the page.

A list is known by its heading, else by what its element says it is, else by the numbers of the
text that link to its entries. Footnotes are a reference list only where the page has no other and
most of them name a published work.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from ingest.article_parts import is_references_heading
from ingest.html_blocks import BLOCKS
from ingest.html_cleaning import HEADINGS
from ingest.html_tree import class_names, parents_of, remove_all, words_of
from ingest.jats_citations import with_numbers_marked

MAX_HEADING_CHARS = 60
MAX_LISTS = 50
_MOST_LEVELS = 7

_HEADING = re.compile(
    r"(?:\d{1,2}\.?\s+)?(?:(?:notes? and |cited |key |selected |list of |main )?references?"
    r"(?: list| cited| and (?:notes?|further reading|links|resources))?"
    r"|bibliography|citations|literature(?: cited)?|works cited|sources|endnotes"
    r"|literatur(?:verzeichnis)?|quellen|références|bibliographie|referencias|bibliografía"
    r"|bibliografia|riferimenti bibliografici)(?:\s*[(\[]\d{1,4}[)\]])?:?",
    re.IGNORECASE,
)
_LIST_CLASS = re.compile(
    r"(?:\w+-)*(?:references?|bibliography|reflist|citations?)(?:-?(?:list|body|section|container))?"
    r"|ref-list|csl-bib-body|citedrefs?|literature-?list"
)
_NOTES_CLASS = re.compile(r"(?:\w+-)*(?:foot|end)-?notes?(?:-?(?:list|section|area))?")
_NOTE_ID = re.compile(r"(?:foot|end)note-\d+")
_NAMES_A_WORK = re.compile(
    r"\b(?:19|20)\d\d\b|\b10\.\d{4,9}/|\bPMID\b|\bet al\b|https?://", re.IGNORECASE
)
_HOLDERS = frozenset("ol ul dl div section table".split())
_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundList:
    """The elements that hold the reference list, and the ids of footnotes that are none."""

    parts: tuple[Element, ...] = ()
    notes: frozenset[str] = frozenset()


def take_list(root: Element) -> FoundList:
    """Take the reference list with its heading out of a page; `root` is changed."""
    headed = _taken_by_heading(root)
    marked = [e for e in _outermost(root, _is_marked) if words_of(e)] if not headed else []
    notes = list(_outermost(root, _is_notes))
    found = headed or marked
    if not found:
        found = [e for e in notes if _names_works(e)] or _linked_to(root)
    for element in found if not headed else ():
        _cut(root, element)
    notes = [e for e in notes if not any(e is inner for part in found for inner in part.iter())]
    return FoundList(parts=tuple(found), notes=frozenset(_note_ids(notes)))


def ids_in(element: Element) -> Iterator[str]:
    """Give every name by which a link can lead to or into an element."""
    for inner in element.iter():
        for attribute in ("id", "name"):
            name = inner.get(attribute)
            if name and (attribute == "id" or inner.tag == "a"):
                yield name


def _taken_by_heading(root: Element) -> list[Element]:
    """Take what stands under every heading of a reference list."""
    taken: list[Element] = []
    for heading in [e for e in root.iter() if _opens_list(e)][:MAX_LISTS]:
        parents = parents_of(root)
        if heading not in parents:
            continue  # it stood inside a list that is already taken
        above, siblings = _following(heading, parents)
        under = _until_next_heading(siblings, _level(heading))
        found = [e for e in under if not _is_notes(e)]  # footnotes may stand behind the list
        part = Element("div")
        part.extend(found)
        if words_of(part):
            remove_all(above, found)
            remove_all(parents[heading], [heading])
            taken.append(part)
    return taken


def _opens_list(element: Element) -> bool:
    is_heading = element.tag in (*HEADINGS, "summary") or element.get("role") == "heading"
    if not (is_heading or element.tag in ("p", "div", "dt")):
        return False
    if not is_heading and any(
        e.tag in BLOCKS or e.tag == "a" for e in element.iter() if e is not element
    ):
        return False
    words = words_of(element)[:MAX_HEADING_CHARS]
    return is_references_heading(words) or bool(_HEADING.fullmatch(words))


def _following(heading: Element, parents: dict[Element, Element]) -> tuple[Element, list[Element]]:
    """Return what follows a heading, or the box around it alone, and what holds both."""
    node = heading
    while True:
        above = parents[node]
        children = list(above)
        behind = children[children.index(node) + 1 :]
        if any(map(words_of, behind)) or above not in parents:
            return above, behind
        node = above


def _until_next_heading(elements: Sequence[Element], level: int) -> Iterator[Element]:
    for element in elements:
        opened = [_level(e) for e in element.iter() if e.tag in HEADINGS]
        if opened and opened[0] <= level:
            return
        yield element


def _level(heading: Element) -> int:
    return int(heading.tag[1]) if heading.tag in HEADINGS else _MOST_LEVELS - 1


def _outermost(root: Element, wanted: Callable[[Element], bool]) -> Iterator[Element]:
    for child in root:
        if wanted(child):
            yield child
        else:
            yield from _outermost(child, wanted)


def _is_marked(element: Element) -> bool:
    if element.get("role") == "doc-bibliography":
        return True
    names = [*class_names(element), element.get("id", "").lower()]
    holds = element.tag in ("ol", "ul", "dl") or any(
        e.tag in ("li", "p", "dd") for e in element.iter()
    )
    return element.tag in _HOLDERS and holds and any(map(_LIST_CLASS.fullmatch, names))


def _is_notes(element: Element) -> bool:
    if element.tag not in _HOLDERS:
        return False
    if element.get("role") == "doc-endnotes" or any(
        map(_NOTES_CLASS.fullmatch, class_names(element))
    ):
        return True
    items = element.findall("li")
    return bool(items) and all(_NOTE_ID.fullmatch(item.get("id", "")) for item in items)


def _names_works(notes: Element) -> bool:
    items = [words_of(item) for item in notes.iter("li")]
    return bool(items) and sum(map(bool, map(_NAMES_A_WORK.search, items))) > _SHARE * len(items)


def _linked_to(root: Element) -> list[Element]:
    """Return the lists most of whose items a number in the text links to."""
    named = {
        unquote(link.get("href", "")[1:])
        for link in root.iter("a")
        if link.get("href", "").startswith("#") and with_numbers_marked(words_of(link))[1]
    }
    return [
        e
        for e in root.iter()
        if e.tag in ("ol", "ul")
        and e.findall("li")
        and sum(not named.isdisjoint(ids_in(item)) for item in e.findall("li"))
        > _SHARE * len(e.findall("li"))
    ]


def _note_ids(notes: Sequence[Element]) -> Iterator[str]:
    for element in notes:
        for item in element.iter("li"):
            yield from ids_in(item)


def _cut(root: Element, element: Element) -> None:
    remove_all(parents_of(root)[element], [element])
