"""Where sentences end, in medical prose.

A rule splitter: a full stop, question or exclamation mark (with closing quotes, brackets and
citation numbers) ends a sentence when white space and something that can open a sentence follow,
unless the word before it is an abbreviation, an initial or part of a figure label.
"""

import re
from collections.abc import Iterator

from corpus.records import Span

# Never sentence-final in practice, in lower case and without their last full stop.
_ABBREVIATIONS = frozenset(
    "al vs v e.g i.e cf viz approx ca fig figs eq eqs ref refs tab suppl vol dr drs prof mr mrs ms "
    "st jr sr resp incl excl spp sp subsp var no nos pp p ed eds esp max min wt conc temp".split()
)
# Abbreviations only before a number: "No. 5" but "The answer was no. Five patients …" is rarer.
_ONLY_BEFORE_NUMBER = frozenset(
    ("no", "nos", "p", "pp", "v", "max", "min", "ref", "refs", "tab", "vol", "ed")
)
# After these a single capital letter is a name's end, not an initial: "vitamin D. The …".
_LETTER_TAKERS = frozenset(
    "vitamin hepatitis type group factor grade class figure fig table panel appendix arm cohort "
    "influenza stage category part box protein immunoglobulin child-pugh".split()
)
_END = re.compile(
    r"(?P<stop>(?<![.!?…])[.!?…]++)"
    r"(?P<close>[\"'”’)\]»]*(?:\s?\[\d[\d,;\s–-]*\]|(?<=[a-z)\]%][.])\d{1,3}(?:[,–-]\d{1,3})*)?)"
    r"(?=\s|$)"
)
_OPENER = re.compile(r"\s+[\"'“‘(\[«¿¡]*(?:[A-Z0-9À-ÖØ-ÞΑ-Ω±≥≤<>•–-]|[a-z]{1,4}[A-Z0-9-])")
_NUMBER_NEXT = re.compile(r"\s*\d")
_LAST_WORD = re.compile(r"(\S+)\s*$")
_WORD_BEFORE = re.compile(r"[^\s(\[“\"'‘]+$")


def sentence_spans(text: str, *, offset: int = 0) -> tuple[Span, ...]:
    """Return the sentences of `text` in order, as spans shifted by `offset`.

    Spans do not overlap, start and end on non-space characters, and leave out only white space.

    >>> [s.of(t) for t in ["It fell (P = .05). See Fig. 1."] for s in sentence_spans(t)]
    ['It fell (P = .05).', 'See Fig. 1.']
    """
    spans: list[Span] = []
    start = 0
    for end in (*_ends(text), len(text)):
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            spans.append(Span(start=offset + first, end=offset + first + len(stripped)))
        start = end
    return tuple(spans)


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        if _OPENER.match(text, match.end()) and not _continues(text, match):
            yield match.end()


def _continues(text: str, match: re.Match[str]) -> bool:
    """Tell whether the full stop belongs to an abbreviation or initial rather than to an end."""
    if match["stop"] != "." or match["close"].strip("\"'”’"):
        return False
    before = _WORD_BEFORE.search(text, max(0, match.start() - 40), match.start())
    if before is None:
        return False
    word = before.group().lower()
    if word in _ABBREVIATIONS:
        return word not in _ONLY_BEFORE_NUMBER or bool(_NUMBER_NEXT.match(text, match.end()))
    if re.fullmatch(r"(?:[a-z]\.)+[a-z]", word):  # e.g., i.e., U.S., p.m.
        return True
    if len(word) == 1 and before.group().isupper():
        preceding = _LAST_WORD.search(text, max(0, before.start() - 40), before.start())
        return preceding is None or preceding[1].lower().rstrip(".") not in _LETTER_TAKERS
    return False
