"""Citation numbers inside running text: how they are taken out and where they stood.

`take_bracketed` knows `[1]`, `[1, 2]`, `[1-3]`, `[1–3, 5]`, and runs of them (`[1], [2]`,
`[1]–[3]`). Numbers without brackets are told from quantities in `ingest.bare_citations`.

Both give back a `Taken`: nothing but the numbers, their brackets and the white space before them
is ever removed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.records import Callout, Span

NUMBER = r"[1-9]\d{0,2}"
_ENTRY = rf"{NUMBER}(?:\s?[-–—]\s?{NUMBER})?"
_GROUP = rf"\[\s?{_ENTRY}(?:\s?[,;]\s?{_ENTRY})*\s?\]"
_RUN = re.compile(rf"{_GROUP}(?:\s?[,;–—-]?\s?{_GROUP})*(?!\w)")
_BETWEEN_BRACKETS = re.compile(r"\]\s?([,;–—-]?)\s?\[")
# "95% CI [1, 3]" prints an interval, whatever the brackets look like.
_INTERVAL = re.compile(r"(?:\b(?:CI|CrI|IQR|IQI)|\b(?:interval|range))s?[:,=]?\s*$")
_LONGEST_LOOK_BACK = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A stretch `[start, end)` of a text that prints citation numbers, and the numbers."""

    start: int
    end: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A text without its citation numbers; `callouts` count from the start of `text`."""

    text: str
    callouts: tuple[Callout, ...] = ()


def take_bracketed(text: str, *, protected: Sequence[Span] = ()) -> Taken:
    """Take bracketed citation numbers out of `text`, save where it is `protected`.

    Left alone: brackets with anything but numbers, intervals after "CI" or "range", a bracket
    glued to a following word (`benzo[1]pyrene`), and one with no word before it to cite for.

    >>> take_bracketed("It relapses [1–3, 5]. Rarely [sic].")
    Taken(text='It relapses. Rarely [sic].', callouts=(Callout(at=11, numbers=(1, 2, 3, 5)),))
    """
    return take(text, bracketed(text, protected=protected))


def take(text: str, cuts: Iterable[Cut]) -> Taken:
    """Remove `cuts` (in order, not overlapping), each with the white space before it."""
    kept = ""
    callouts: list[Callout] = []
    position = 0
    for cut in cuts:
        kept = (kept + text[position : cut.start]).rstrip()
        position = cut.end
        numbers = cut.numbers
        if callouts and callouts[-1].at == len(kept):
            numbers = (*callouts.pop().numbers, *numbers)
        callouts.append(Callout(at=len(kept), numbers=tuple(dict.fromkeys(numbers))))
    return Taken(text=kept + text[position:], callouts=tuple(callouts))


def expand(printed: str) -> tuple[int, ...] | None:
    """Return the numbers that a list such as `1–3, 5` names, or None when a range runs backwards.

    >>> expand("1–3, 5"), expand("3-1")
    ((1, 2, 3, 5), None)
    """
    numbers: dict[int, None] = {}
    for part in re.split(r"[,;]", printed):
        ends = [int(end) for end in re.split(r"[-–—]", part)]
        if ends != sorted(set(ends)):
            return None
        numbers.update(dict.fromkeys(range(ends[0], ends[-1] + 1)))
    return tuple(numbers)


def bracketed(text: str, *, protected: Sequence[Span] = ()) -> Iterable[Cut]:
    """Give, in order, where `text` cites in brackets, by the rules of `take_bracketed`."""
    for match in _RUN.finditer(text):
        start, end = _with_outer_brackets(text, match)
        before = text[max(0, start - _LONGEST_LOOK_BACK) : start]
        numbers = expand(_BETWEEN_BRACKETS.sub(_separator, match.group())[1:-1])
        if numbers is None or _INTERVAL.search(before) or not text[:start].strip():
            continue
        if not any(s.start < end and start < s.end for s in protected):
            yield Cut(start=start, end=end, numbers=numbers)


def _separator(match: re.Match[str]) -> str:
    return match[1] or ","


def _with_outer_brackets(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Widen `([1])` to its outer brackets, so that no empty pair stays behind."""
    start, end = match.span()
    if text[max(0, start - 1) : start] + text[end : end + 1] in ("()", "[]"):
        return start - 1, end + 1
    return start, end
