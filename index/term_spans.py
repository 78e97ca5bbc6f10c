"""Where the terms of a text stand in it."""

import re
from dataclasses import dataclass

from corpus.records import Span
from index.lexical import stems
from index.lexicon import Lexicon

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermSpan:
    """A stem or "=concept" as `index.lexical.terms` has it, and the characters it was read from.

    The span of a concept reaches from the first word of its phrase to the last.
    """

    term: str
    span: Span


def term_spans(text: str) -> tuple[TermSpan, ...]:
    """Return the terms of `text`, the same and in the same order as `terms`, each with its span.

    The words of a phrase lie inside the span of its concept; otherwise spans do not overlap.

    >>> [(t.term, t.span.start, t.span.end) for t in term_spans("Febrile, short of breath")]
    [('=fever', 0, 7), ('short', 9, 14), ('breath', 18, 24), ('=dyspnoea', 9, 24)]
    """
    words = _words(text)
    found: list[TermSpan] = []
    done = 0
    for start, end, concept in Lexicon.load(stems).concepts([word.term for word in words]):
        phrase = Span(start=words[start].span.start, end=words[end - 1].span.end)
        found += words[done:start]
        found += words[start:end] if end - start > 1 else []
        found.append(TermSpan(term=concept, span=phrase))
        done = end
    return (*found, *words[done:])


def _words(text: str) -> list[TermSpan]:
    """Return the stems of a text; stop words are left out."""
    # subtle: one character may be two in lower case (İ), so offsets are kept beside them
    at = [place for place, character in enumerate(text) for _ in character.lower()]
    return [
        TermSpan(term=stem, span=Span(start=at[m.start()], end=at[m.end() - 1] + 1))
        for m in _WORD.finditer(text.lower())
        for stem in stems(m[0])
    ]
