"""Units under their headings, as the lines that a window is made of."""

from collections.abc import Iterable
from dataclasses import dataclass

from index.reading.tokens import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A unit with where it stands: its text's title, the section, and what introduces it."""

    text: str
    title: str = ""
    section: str = ""
    introduced_by: tuple[str, ...] = ()


def under_headings(units: Iterable[Placed]) -> list[Line]:
    """Return units in their order, each title, section and lead-in once, before the first of them.

    >>> drugs = [Placed(text=text, introduced_by=("Avoid:",)) for text in ("aspirin", "ibuprofen")]
    >>> [(line.text, line.judged) for line in under_headings(drugs)]
    [('Avoid:', False), ('aspirin', True), ('ibuprofen', True)]
    """
    lines: list[Line] = []
    title = section = ""
    shown: set[str] = set()
    for unit in units:
        if unit.title != title:
            title, section, shown = unit.title, "", set()
            lines.append(Line(text=title, judged=False))
        if unit.section != section:
            section = unit.section
            lines.append(Line(text=section, judged=False))
        lead_ins = [text for text in unit.introduced_by if text not in shown]
        lines += [Line(text=text, judged=False) for text in lead_ins]
        lines.append(Line(text=unit.text))
        shown |= {*lead_ins, unit.text}
    return lines
