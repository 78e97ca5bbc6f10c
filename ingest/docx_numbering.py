"""The numbers that Word prints before paragraphs: they stand nowhere in the text, so are counted.

A paragraph names a list (`numId`) and a level, itself or through its style; the list's definition
says how its levels begin and how they are printed (`%1.%2`). All lists with one definition go on
counting together, until a list that says where it starts anew.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from ingest.html_markers import numeral

MAX_LABEL_CHARS = 20
_MAX_LEVELS = 9
_MAX_STYLES = 20  # that may be based on one another

_TYPES = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_UNPRINTED = ("none", "bullet")
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """How one level of a list counts: `start` is its first number, `text` how it is printed."""

    start: int
    kind: str
    text: str


@dataclass(slots=True, kw_only=True)
class _Lists:
    """The document's lists, and how far each definition has counted."""

    levels: Mapping[str, Mapping[int, _Level]]  # by definition
    definition_of: Mapping[str, str]  # by list
    restarts: Mapping[tuple[str, int], int]
    counted: dict[str, list[int]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    def label(self, list_id: str, at: int) -> str:
        """Count one paragraph and return what is printed before it; empty for a bullet."""
        definition = self.definition_of.get(list_id, "")
        levels = self.levels.get(definition, {})
        level = levels.get(at)
        if level is None:
            return ""
        counts = self.counted.setdefault(definition, [0] * _MAX_LEVELS)
        if list_id not in self.begun:
            self.begun.add(list_id)
            for (owner, depth), start in self.restarts.items():
                if owner == list_id:
                    counts[depth] = start - 1
        fresh = counts[at] == 0 and (list_id, at) not in self.restarts
        counts[at] = level.start if fresh else counts[at] + 1
        counts[at + 1 :] = [0] * (_MAX_LEVELS - at - 1)
        if level.kind in _UNPRINTED:
            return ""
        return _PLACE.sub(lambda m: _printed(levels, counts, int(m[1]) - 1), level.text).strip()


def printed_labels(
    document: Element, numbering: Element | None, styles: Element | None
) -> dict[int, str]:
    """Return, by its place among all `p` elements, what is printed before a paragraph.

    The trees are those of the main part, `numbering.xml` and `styles.xml`, without namespaces.
    """
    if numbering is None:
        return {}
    lists = _lists(numbering)
    by_style = _numbered_styles(styles) if styles is not None else {}
    labels: dict[int, str] = {}
    for place, paragraph in enumerate(document.iter("p")):
        properties = paragraph.find("pPr")
        if properties is None or properties.find("rPr/del") is not None:
            continue
        list_id, level = _own_list(properties)
        if list_id is None:
            style = _value(properties.find("pStyle"))
            list_id, styled = by_style.get(style or "", (None, 0))
            level = styled if level is None else level
        label = lists.label(list_id, min(level or 0, _MAX_LEVELS - 1)) if list_id else ""
        if 0 < len(label) <= MAX_LABEL_CHARS:
            labels[place] = label
    return labels


def _printed(levels: Mapping[int, _Level], counts: list[int], at: int) -> str:
    level = levels.get(at)
    kind = _TYPES.get(level.kind, "1") if level else "1"
    return numeral(counts[at] or (level.start if level else 1), kind)


def _own_list(properties: Element) -> tuple[str | None, int | None]:
    numbered = properties.find("numPr")
    if numbered is None:
        return None, None
    return _value(numbered.find("numId")), _number(_value(numbered.find("ilvl")))


def _lists(numbering: Element) -> _Lists:
    levels = {
        _attribute(definition, "abstractNumId") or "": dict(_levels(definition))
        for definition in numbering.iter("abstractNum")
    }
    definition_of: dict[str, str] = {}
    restarts: dict[tuple[str, int], int] = {}
    for named in numbering.iter("num"):
        list_id = _attribute(named, "numId") or ""
        definition_of[list_id] = _value(named.find("abstractNumId")) or ""
        for override in named.findall("lvlOverride"):
            start = _number(_value(override.find("startOverride")))
            at = _number(_attribute(override, "ilvl")) or 0
            if start is not None and at < _MAX_LEVELS:
                restarts[list_id, at] = start
    return _Lists(levels=levels, definition_of=definition_of, restarts=restarts)


def _levels(definition: Element) -> Iterator[tuple[int, _Level]]:
    for level in definition.findall("lvl"):
        start = _number(_value(level.find("start")))
        yield (
            _number(_attribute(level, "ilvl")) or 0,
            _Level(
                start=1 if start is None else start,
                kind=_value(level.find("numFmt")) or "decimal",
                text=_value(level.find("lvlText")) or "",
            ),
        )


def _numbered_styles(styles: Element) -> dict[str, tuple[str, int]]:
    """Return the list and level of each style that has one, itself or by what it is based on."""
    own: dict[str, tuple[str | None, int | None]] = {}
    based_on: dict[str, str | None] = {}
    for style in styles.iter("style"):
        name = _attribute(style, "styleId") or ""
        properties = style.find("pPr")
        own[name] = _own_list(properties) if properties is not None else (None, None)
        based_on[name] = _value(style.find("basedOn"))
    found: dict[str, tuple[str, int]] = {}
    for name in own:
        ancestor: str | None = name
        for _ in range(_MAX_STYLES):
            list_id, level = own.get(ancestor or "", (None, None))
            if list_id is not None:
                found[name] = (list_id, level or 0)
                break
            ancestor = based_on.get(ancestor or "")
    return found


def _attribute(element: Element, name: str) -> str | None:
    """Return an attribute by its name, whatever its namespace."""
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == name), None)


def _value(element: Element | None) -> str | None:
    return _attribute(element, "val") if element is not None else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,4}", text) else None
