"""The reference list of a PDF: printed lines to entries, then to references."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from corpus.records import Reference
from ingest.pdf_blocks import plain
from ingest.pdf_lines import Line
from ingest.pdf_text import join_lines
from ingest.reference_lists import listed_references

_NUMBERED = re.compile(r"[\[(]?(?P<number>[1-9]\d{0,2})(?P<stop>[\]).]*)\s+(?=\S)")
_RAISED_NUMBER = re.compile("\ue000([1-9]\\d{0,2})\ue001\\s*")
_ADDRESS_END = re.compile(r"(?:https?://\S*|\b10\.\d{4,9}/?\S*|doi\.org/\S*)[/._-]$")
_BROKEN_DOI = re.compile(r"\b10\.$")
MAX_SKIPPED = 5  # numbers that a list may leave out
HANGING_EM = 0.8
ENTRY_GAP = 1.25  # times the usual distance of lines


def references_of(lines: Sequence[Line], known: Collection[str]) -> tuple[Reference, ...]:
    """Read a printed list; entries are told by their numbers, else by how their lines hang.

    `known` are the document's whole words, for mending hyphenation.
    """
    entries = _numbered(lines) or _hanging(lines) or _spaced(lines)
    groups = []
    for entry in entries:
        texts = _mended([plain(_level(line.text)) or line.text for line in entry])
        text = join_lines(texts, known)
        groups.append([_with_stop(text)])
    return listed_references(groups)


def _level(text: str) -> str:
    """Put a raised number at the start of an entry on the line."""
    return _RAISED_NUMBER.sub(r"\1. ", text, count=1) if _RAISED_NUMBER.match(text) else text


def _numbered(lines: Sequence[Line]) -> list[list[Line]]:
    """Part the list where the next number opens a line; empty for a list without numbers.

    Lines before the first number are an entry of their own.
    """
    before: list[Line] = []
    entries: list[list[Line]] = []
    last = 0
    margin = 0.0
    for line in lines:
        match = _NUMBERED.match(_level(line.text))
        number = int(match["number"]) if match else 0
        near = last < number <= last + (MAX_SKIPPED if match and match["stop"] else 1)
        opens = near and (not entries or line.x0 - line.left < margin + 1.2 * line.size)
        if opens:
            margin = line.x0 - line.left if not entries else margin
            entries.append([line])
            last = number
        elif entries:
            entries[-1].append(line)
        else:
            before.append(line)
    return [*([before] if before else []), *entries] if entries else []


def _hanging(lines: Sequence[Line]) -> list[list[Line]]:
    """Part the list at the lines that stand out to the left; empty when none do."""
    out = [line.x0 - line.left < HANGING_EM * line.size / 2 for line in lines]
    if not 0 < sum(out) < len(lines) or (lines and not out[0]):
        return []
    return _parted(lines, out)


def _spaced(lines: Sequence[Line]) -> list[list[Line]]:
    """Part the list where the lines stand further apart than the closest do."""
    steps = [b.baseline - a.baseline for a, b in pairwise(lines)]
    usual = min((s for s in steps if s > 0), default=0.0)
    opens = [True, *(not 0 < s <= ENTRY_GAP * usual for s in steps)]
    return _parted(lines, opens[: len(lines)])


def _parted(lines: Sequence[Line], opens: Sequence[bool]) -> list[list[Line]]:
    entries: list[list[Line]] = []
    for line, first in zip(lines, opens, strict=True):
        if first or not entries:
            entries.append([])
        entries[-1].append(line)
    return entries


def _mended(texts: Sequence[str]) -> list[str]:
    """Join an address that a line's end broke: no space ever stands in one."""
    mended: list[str] = []
    for text in texts:
        broken = mended and (_ADDRESS_END.search(mended[-1]) or _BROKEN_DOI.search(mended[-1]))
        first = text.split(maxsplit=1)[0] if text.split() else ""
        if broken and (first[:1].islower() or first[:1].isdigit() or "/" in first):
            mended[-1] += text
        else:
            mended.append(text)
    return mended


def _with_stop(text: str) -> str:
    """Write a bare number before an entry as one that opens it: `7 Roe J.` as `7. Roe J.`."""
    match = _NUMBERED.match(text)
    if match and not match["stop"]:
        return f"{match['number']}. {text[match.end() :]}"
    return text
