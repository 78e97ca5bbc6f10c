"""The evidence numbers in a model's text: `[1]`, `[1][2]`, `[1, 3]`, `[1-3]`, and what looks so.

A bracket is a marker when it holds nothing but whole numbers. What was plainly meant as one and
names no number of ours (`[0]`, `[Evidence 2]`, `【3†source】`, `[٣]`) is foreign: it is taken out
of the text and reported. Other brackets (`[n = 12]`, `95% CI [1.2, 3.4]`, `[Ca2+]`) are words.
"""

import re
from dataclasses import dataclass

MAX_NUMBER = 999
# A range of more numbers than this names no evidence that anybody was shown.
MAX_RANGE = 20
MAX_INSIDE_CHARS = 40
_BRACKET = re.compile(
    rf"[\[【［](?P<inside>[^\[\]【】［］\n]{{0,{MAX_INSIDE_CHARS}}})[\]】］]"
    r"(?:\((?:https?:|#)[^()\s]{0,200}\))?"
)
_BETWEEN = re.compile(r"\s*(?:,|;|&|and\b|or\b)?\s*")
_NUMBERS = re.compile(r"\s*\d+(?:\s*(?:[,;–-]|and|&)\s*\d+)*\s*")
_ASCII_NUMBERS = re.compile(r"[\x00-\x7f–]*")
_PART = re.compile(r"(\d+)(?:\s*[–-]\s*(\d+))?")
_NAMED = re.compile(
    r"\s*[-+]\s*\d+\s*|.*\d.*[†‡].*|\s*citations? needed\s*|\s*\?*\s*|"
    r"\s*(?:evidence|sources?|refs?\.?|references?|docs?|documents?|passages?|citations?|cit[ea]s?|"
    r"notes?|footnotes?|see|no\.?|nr\.?|#|\^|@)[\s:#.]*\d[\d\s,;.–-]*",
    re.IGNORECASE,
)
# Before these a bracket of numbers is an interval of values.
_INTERVAL = re.compile(
    r"(?:\bCI|\bCrI|\bIQR|\bSD|\bSE|\binterval|\brange|\bquartiles?|=)[\s:,=]*$", re.IGNORECASE
)
_OPEN_TAIL = re.compile(rf"[\[【［][^\[\]【】［］]{{0,{MAX_INSIDE_CHARS}}}$|\*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A line without its markers.

    `at[i]` is where character i stood in the line. `found` are the markers in order: the place in
    `text` that each stood at, its numbers, and what was printed when it is foreign (else empty).
    """

    text: str
    at: tuple[int, ...]
    found: tuple[tuple[int, tuple[int, ...], str], ...]

    def first(self, end: int) -> "Marked":
        """Return what stands before `end`, a place in `text`."""
        found = tuple(mark for mark in self.found if mark[0] < end)
        return Marked(text=self.text[:end], at=self.at[:end], found=found)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The evidence numbers, in order and once each."""
        return tuple(dict.fromkeys(n for _, numbers, _ in self.found for n in numbers))

    @property
    def foreign(self) -> tuple[str, ...]:
        """The foreign markers as printed, in order and once each."""
        return tuple(dict.fromkeys(printed for _, _, printed in self.found if printed))


def settled(line: str) -> str:
    """Return the part of an unfinished line in which no marker can be cut in two."""
    open_tail = _OPEN_TAIL.search(line)
    return line[: open_tail.start()] if open_tail else line


def marked(line: str, *, known: int | None = None) -> Marked:
    """Take the markers, and the asterisks of bold print, out of a line.

    White space before a marker goes with it; a missing one after it is put in.

    >>> marked("It fell [1, 3]. It rose.").text, marked("It fell [1, 3].").numbers
    ('It fell. It rose.', (1, 3))
    """
    text: list[str] = []
    at: list[int] = []
    found: list[tuple[int, tuple[int, ...], str]] = []
    place = 0
    after_marker = False
    while place < len(line):
        bracket = _BRACKET.match(line, place)
        read = bracket and _read(bracket, line[max(0, place - 40) : place], known)
        if bracket and read is not None:
            while text and text[-1].isspace():
                text.pop(), at.pop()
            found.append((len(text), *read))
            place, after_marker = _past(line, bracket.end()), True
            continue
        if line.startswith("**", place):
            place += 2
            continue
        if after_marker and text and line[place].isalnum():
            text.append(" ")
            at.append(place)
        text.append(line[place])
        at.append(place)
        place, after_marker = place + 1, False
    return Marked(text="".join(text), at=tuple(at), found=tuple(found))


def _past(line: str, end: int) -> int:
    """Return where to read on after a marker: at the next one when only a joint parts them."""
    joint = _BETWEEN.match(line, end)
    following = joint and _BRACKET.match(line, joint.end())
    joined = joint and following and _read(following, "", None) is not None
    return joint.end() if joint and joined else end


def _read(
    bracket: re.Match[str], before: str, known: int | None
) -> tuple[tuple[int, ...], str] | None:
    """Return a marker's numbers and, if not all of it is known, its print; None for words."""
    inside, printed = bracket["inside"], bracket[0]
    if _NUMBERS.fullmatch(inside):
        if _INTERVAL.search(before):
            return None
        if not _ASCII_NUMBERS.fullmatch(inside) or printed[0] != "[":
            return (), printed
        numbers, complete = _listed(inside, known or MAX_NUMBER)
        return numbers, "" if complete else printed
    return ((), printed) if _NAMED.fullmatch(inside) or printed[0] == "【" else None


def _listed(inside: str, known: int) -> tuple[tuple[int, ...], bool]:
    """Return the known numbers that a marker lists, and whether those are all."""
    numbers: list[int] = []
    complete = True
    for part in _PART.finditer(inside):
        low, high = int(part[1]), int(part[2] or part[1])
        if not 0 < low <= high < low + MAX_RANGE:
            complete = False
            continue
        complete &= high <= known
        numbers += range(low, min(high, known) + 1)
    return tuple(numbers), complete
