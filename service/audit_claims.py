"""A citing sentence as the verifier is to read it, and what a cited text lacks of it."""

import re

from corpus.records import Document, Span, Unit
from index.lexical import terms
from index.term_spans import term_spans

MAX_MISSING = 6
# An item of fewer words is a name ("Interferon") and claims nothing without its lead-in.
STATEMENT_WORDS = 4
# What denies or forbids what follows: an item may not be read without it.
_TURNS = re.compile(
    r"\b(?:no|not|never|neither|nor|without|avoid|contraindicat\w+|unless|except\w*|instead|"
    r"rather than|less|rarely|seldom|wrong|myths?|misconceptions?)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:[Ww]e|[Oo]urs?|[Tt]h(?:e|is) (?:present|current) \w+|"
    r"[Tt]his (?:study|trial|review|meta-analysis|report|cohort|analysis))\b"
)


def readings(document: Document, unit: Unit) -> tuple[str, ...]:
    """Return the ways in which a sentence may be read as a claim, the fullest first.

    Lead-ins that are sentences belong to it; a heading only where the sentence is a mere name.
    An item that is a statement by itself may be read alone, unless its lead-in turns it.
    """
    own = one_line(document, Span(start=unit.start, end=unit.end))
    is_statement = len(own.split()) >= STATEMENT_WORDS
    said = document.quotable(unit.lead_ins)
    sentences = [one_line(document, s) for s in said]
    above = [one_line(document, s) for s in unit.lead_ins if s not in said]
    before = sentences if sentences or is_statement else above
    whole = " ".join((*before, own))
    if before and is_statement and not any(map(_TURNS.search, before)):
        return whole, own
    return (whole,)


def speaks_of_authors(text: str) -> bool:
    """Tell whether a sentence tells what its authors did: its numbers then cite a method.

    >>> speaks_of_authors("We used the criteria of the society.")
    True
    """
    return bool(_OWN.search(text))


def missing_words(claim: str, found: str) -> tuple[str, ...]:
    """Return words of a claim that a text does not hold, as the claim writes them, in order.

    >>> missing_words("Fever lasts for weeks.", "The febrile illness is short.")
    ('lasts', 'weeks')
    """
    held = frozenset(terms(found))
    missing = {
        claim[term.span.start : term.span.end]: None
        for term in sorted(term_spans(claim), key=lambda t: t.span.start)
        if term.term not in held
    }
    return tuple(missing)[:MAX_MISSING]


def one_line(document: Document, span: Span) -> str:
    """Return a span's text on one line."""
    return " ".join(span.of(document.text).split())
