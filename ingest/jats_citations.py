"""Citation numbers in a line of text: found in groups, taken out, kept as callouts.

While the markup is walked, a printed citation number becomes one control character, which XML
cannot contain; then one pattern finds whole groups of them (`[1,2]`, `(3)`, `4–6`, with brackets
and separators).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.records import BlockKind, Callout
from ingest.drafts import Draft

MAX_RANGE = 200  # a wider "range" of citation numbers is two numbers and a stray dash

CITED = "\x01"  # stands for a printed citation number
BESIDE = "\x05"  # an author-year citation ends here; its number stands only in the list

_DASHES = r"‐‑‒–—―−\-"  # inside a character class
_NUMBER = r"(?<!\d)[1-9]\d{0,2}(?!\d)"
_SEPARATOR = rf"(?: ?[,;&{_DASHES}] ?(?:and )?| and | )"
_INSIDE = rf"(?:{CITED}|{_NUMBER})(?:{_SEPARATOR}(?:{CITED}|{_NUMBER})|{CITED})*"
_HAS_CITED = rf"(?=[^\[\]()]*{CITED})"
_UNIT = rf"(?:\[ ?{_HAS_CITED}{_INSIDE} ?\]|\( ?{_HAS_CITED}{_INSIDE} ?\)|{CITED})"
_UNITS = rf"{_UNIT}(?:{_SEPARATOR}?{_UNIT})*"
_OUTER = rf"(?:\( ?{_UNITS} ?\)|\[ ?{_UNITS} ?\]|{_UNIT})"
_MARKS = re.compile(rf"{BESIDE}| ?{_OUTER}(?:{_SEPARATOR}?{_OUTER})*")
_TOKENS = re.compile(rf"{_NUMBER}|[{_DASHES}]")
_ONLY_NUMBERS = re.compile(rf"[\[( ]*{_NUMBER}(?:[\s,;{_DASHES}\])(\[]+{_NUMBER})*[\]),;. ]*")
_ONLY_CITED = re.compile(rf"[\d\s,;{_DASHES}{CITED}]*{CITED}[\d\s,;{_DASHES}{CITED}]*")
# Here the number is a word of the sentence: "see ref. 1".
_NAMED = re.compile(r"\b[Rr]ef(?:erence)?s?\.?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """A line of text; callouts count from its start."""

    text: str
    callouts: tuple[Callout, ...] = ()

    def draft(
        self, kind: BlockKind, *, level: int = 0, depth: int = 0, marker: str = ""
    ) -> Iterator[Draft]:
        """Give this text as a block; nothing where there is no text."""
        if self.text:
            # A number before the first word belongs to that word's sentence.
            callouts = tuple(replace(c, at=max(c.at, 1)) for c in self.callouts)
            yield Draft(
                kind=kind,
                text=self.text,
                level=level,
                depth=depth,
                marker=marker,
                callouts=callouts,
            )


def joined(parts: Sequence[Inline], separator: str) -> Inline:
    """Join lines of text; one without text adds only its callouts, to the end of the last."""
    text = ""
    callouts: list[Callout] = []
    for part in parts:
        if part.text:
            text += (separator if text else "") + part.text
        start = len(text) - len(part.text)
        callouts.extend(replace(c, at=c.at + start) for c in part.callouts)
    return Inline(text=text, callouts=tuple(callouts))


def with_numbers_marked(printed: str) -> tuple[str, tuple[int, ...]]:
    r"""Replace the numbers of a printed citation by marks; none where it prints names and years.

    >>> with_numbers_marked("[2–4]")
    ('[\x01–\x01]', (2, 4))
    """
    if not _ONLY_NUMBERS.fullmatch(" ".join(printed.split())):
        return printed, ()
    numbers = tuple(int(number) for number in re.findall(_NUMBER, printed))
    return re.sub(_NUMBER, CITED, printed), numbers


def bracketed_if_citing(raised_text: str) -> str | None:
    """Return a superscript that holds only citation numbers as part of a group; None for others."""
    if not _ONLY_CITED.fullmatch(raised_text):
        return None
    inner = raised_text.strip(" ,;\n\t")
    return f"[{inner}]" if re.search(r"\d", inner) else inner


def without_citations(text: str, cited: Sequence[int], beside: Sequence[tuple[int, ...]]) -> Inline:
    """Take the marked citations out of a line whose white space is folded.

    `cited` are the numbers of the `CITED` marks in order; `beside` those of the `BESIDE` marks.
    """
    out, position = "", 0
    numbers_left, beside_left = iter(cited), iter(beside)
    callouts: list[Callout] = []
    for match in _MARKS.finditer(text):
        out += text[position : match.start()]
        position = match.end()
        if match[0] == BESIDE:
            callouts.append(Callout(at=len(out.rstrip()), numbers=next(beside_left)))
            continue
        printed = re.sub(CITED, lambda _: str(next(numbers_left)), match[0])
        if _NAMED.search(out):
            out += printed
        else:
            out, position = _mended(out, text, position)
        callouts.append(Callout(at=len(out.rstrip()), numbers=_expanded(printed)))
    out = (out + text[position:]).rstrip()
    return Inline(text=out, callouts=tuple(replace(c, at=min(c.at, len(out))) for c in callouts))


def _mended(before: str, text: str, position: int) -> tuple[str, int]:
    """Close the gap that a citation left between `before` and `text[position:]`."""
    gap = text[position : position + 1] == " "
    if gap and (not before or text[position + 1] in ".,;:)]"):
        position += 1
    last, following = before[-1:], text[position : position + 1]
    if following in (",", ";") and last in ("(", "[", ",", ";"):
        position += 2 if text[position + 1 : position + 2] == " " else 1
    elif following == last == ".":  # "et al. [3]."
        position += 1
    elif following in (".", ")", "]") and last in (",", ";"):
        before = before.rstrip(",; ")
    elif following.isalnum() and last.isalnum():
        before += " "
    return before, position


def _expanded(printed: str) -> tuple[int, ...]:
    """Return the numbers of a printed group, ranges filled: `[1,3–5]` gives 1, 3, 4, 5."""
    numbers: dict[int, None] = {}
    last, dash = 0, False
    for token in _TOKENS.findall(printed):
        if not token.isdecimal():
            dash = True
            continue
        number = int(token)
        if dash and 0 < last < number <= last + MAX_RANGE:
            numbers.update(dict.fromkeys(range(last + 1, number)))
        numbers[number] = None
        last, dash = number, False
    return tuple(numbers)
