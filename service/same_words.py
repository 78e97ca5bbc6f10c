"""A claim in the words of its evidence, where rules know both to be the same.

The support model reads words: it cannot convert 14 days into 2 weeks, nor know every synonym. What
is exactly equal is therefore written the same before it reads claim and evidence together.
"""

import re
from collections.abc import Iterator

from corpus.records import Span
from index.lexical import stems
from index.lexicon import american
from index.term_spans import term_spans
from service.fact_numbers import Quantity
from service.fact_text import plain
from service.facts import facts_of

# What lies beyond this is left as it stands.
MAX_CHARS = 2000
_WORD = re.compile(r"[A-Za-z]{4,}")


def in_words_of(evidence: str, claim: str) -> str:
    """Return `claim` with its quantities and terms as `evidence` writes them, where it has them.

    >>> in_words_of("Fever lasted 2 weeks.", "Pyrexia lasted 14 days.")
    'Fever lasted 2 weeks.'
    """
    if len(claim) > MAX_CHARS:
        return claim
    taken: list[Span] = []
    ways = (_quantities, _terms, _spellings)
    found = [one for way in ways for one in way(plain(claim), plain(evidence))]
    for span, words in sorted(found, key=lambda one: -one[0].start):  # `plain` keeps the offsets
        if all(span.end <= other.start for other in taken):
            claim = f"{claim[: span.start]}{_cased(words, span.of(claim))}{claim[span.end :]}"
            taken.append(span)
    return claim


def _quantities(claim: str, evidence: str) -> Iterator[tuple[Span, str]]:
    """Give quantities of the claim that the evidence states in another unit or in words."""
    there = facts_of(evidence).numbers.quantities
    printed = {q.printed for q in there}
    for quantity in facts_of(claim).numbers.quantities:
        if quantity.printed in printed or quantity.soft:
            continue
        same = next((q for q in there if _equal(quantity, q)), None)
        if same is not None:
            yield Span(start=quantity.start, end=quantity.end), same.printed


def _equal(one: Quantity, other: Quantity) -> bool:
    """Tell whether two quantities are exactly the same amount of the same thing."""
    amounts = [(q.low, q.high, q.unit, q.comparator) for q in (one, other)]
    return amounts[0] == amounts[1] and (bool(one.unit) or one.noun == other.noun)


def _terms(claim: str, evidence: str) -> Iterator[tuple[Span, str]]:
    """Give terms of the claim for which the evidence has another word of the lexicon's group."""
    there = {t.term: t.span.of(evidence) for t in reversed(term_spans(evidence))}
    held = frozenset(stems(evidence))
    for term in term_spans(claim):
        known = there.get(term.term) if term.term.startswith("=") else None
        if known is not None and not held.issuperset(stems(term.span.of(claim))):
            yield term.span, known


def _spellings(claim: str, evidence: str) -> Iterator[tuple[Span, str]]:
    """Give words of the claim that the evidence spells in the other English."""
    there = {american(m[0].lower()): m[0] for m in _WORD.finditer(evidence)}
    held = {m[0].lower() for m in _WORD.finditer(evidence)}
    for match in _WORD.finditer(claim):
        word = match[0].lower()
        if word not in held and american(word) in there:
            yield Span(start=match.start(), end=match.end()), there[american(word)].lower()


def _cased(words: str, instead_of: str) -> str:
    """Return words with a capital where they open a sentence in place of a word that has one."""
    if instead_of[:1].isupper() and not instead_of.isupper() and words[:1].islower():
        return words[0].upper() + words[1:]
    return words
