"""A sentence as the rules read it: plain characters, its terms, and where its clauses part."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from corpus.records import Span
from index.lexical import stems
from index.term_spans import TermSpan, term_spans

# One character for one, so that places in the text stay what they are.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—−﹣－", "-"),
        **dict.fromkeys("‘’‚‛′´`", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\t\n\r", " "),
        "·": ".",
        "∙": ".",
        "μ": "µ",
        "％": "%",
        "∶": ":",
        "⩾": "≥",
        "⩽": "≤",
    }
)
# Thin spaces that group digits by thousands; ordinary ones may part two numbers.
_GROUPED = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_CLAUSE_END = re.compile(
    r"[;:.!?](?=\s|$)|,?\s(?=(?:but|whereas|although|though|while|because|however|unless)\b)|"
    r",\s(?=(?:and|or|so|which|who|where|with)\b)"
)
# Words of measure and of studies in general: that two clauses share one of them ties nothing.
_LOOSE = frozenset(
    "patient people person case subject participant year month week day hour time use used "
    "studi =study =patient trial number mg kg ml than from within over under between among dure "
    "when while until sinc via per both either still yet onli even too more most less few".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A plain text with its terms (stems or "=concept"), each with its span, in order.

    `clauses` are the places where a clause ends, the last of them the text's end.
    """

    text: str
    terms: tuple[TermSpan, ...]
    clauses: tuple[int, ...]

    @property
    def held(self) -> frozenset[str]:
        """All terms of the text."""
        return frozenset(term.term for term in self.terms)

    def clause(self, place: int) -> Span:
        """Return the clause that a place lies in."""
        end = next((e for e in self.clauses if place < e), len(self.text))
        start = max((e for e in self.clauses if e <= place), default=0)
        return Span(start=start, end=end)

    def within(self, span: Span) -> tuple[str, ...]:
        """Return the terms that begin inside a span, loose ones left out."""
        return tuple(
            t.term
            for t in self.terms
            if span.start <= t.span.start < span.end and t.term not in _LOOSE
        )

    def after(self, place: int, count: int) -> tuple[str, ...]:
        """Return up to `count` terms that follow a place in its clause, up to a comma."""
        end = self.clause(max(place - 1, 0)).end
        comma = self.text.find(", ", place, end)
        end = comma if comma >= 0 else end
        return self.within(Span(start=place, end=max(end, place)))[:count]

    def before(self, place: int, count: int) -> tuple[str, ...]:
        """Return up to `count` terms that precede a place in its clause, back to a comma."""
        start = self.clause(max(place - 1, 0)).start
        start = max(start, self.text.rfind(", ", start, place))
        return self.within(Span(start=start, end=place))[-count:]


def plain(text: str) -> str:
    """Return a text with plain dashes, quotes and spaces, as long as it was."""
    return _GROUPED.sub(",", text).translate(_PLAIN)


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    """Return the words of a text."""
    text = plain(text)
    ends = (*(m.end() for m in _CLAUSE_END.finditer(text)), len(text))
    return Words(text=text, terms=term_spans(text), clauses=ends)


def same_word(text: str) -> str:
    """Return the stem of one word; words that are only grammar as they are, in small letters."""
    found = stems(text)
    return found[0] if found else text.lower()


def wording(text: str) -> str:
    """Return a form that is equal for texts that differ in spaces, quotes, dashes, case or end.

    >>> wording("“It  fell” – twice.") == wording('"It fell" - twice')
    True
    """
    folded = " ".join(unicodedata.normalize("NFC", plain(text)).casefold().split())
    return re.sub(r"\s*-\s*", "-", folded.replace(": ", " ")).strip(" .:;,")


def listed(names: Iterable[str]) -> str:
    """Return an alternation that finds any of the names, the longest first."""
    return "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n)))
