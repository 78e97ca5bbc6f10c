"""The facts of a sentence that rules can hold against its evidence.

`facts_of` reads a text; `differences` tells what a claim says that its evidence does not. A claim
may say less than its evidence, but not by dropping what bounds it: a negation, a hedge.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from corpus.records import Span
from service.differences import Difference, DifferenceKind
from service.fact_alignment import aligned_differences, exchanged_figures
from service.fact_number_rules import number_differences
from service.fact_numbers import Numbers, Quantity, numbers_of
from service.fact_ranks import rank_differences
from service.fact_text import words_of
from service.fact_word_rules import Worded, word_differences
from service.fact_words import (
    Comparison,
    Cue,
    Direction,
    comparisons_of,
    cues_of,
    directions_of,
)

__all__ = ["Difference", "DifferenceKind", "Facts", "Quantity", "differences", "facts_of"]

# What lies beyond this is not read: no sentence is that long, and a table's row need not be.
MAX_CHARS = 6000
# "At least", "no more than" and the like stand so near before the number that they belong to.
BOUND_CHARS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a text states. `held` are its terms: stems, and "=concept" of the lexicon."""

    text: str
    held: frozenset[str]
    counts: Mapping[str, int]
    numbers: Numbers
    cues: tuple[Cue, ...]
    directions: tuple[Direction, ...]
    comparisons: tuple[Comparison, ...]


@lru_cache(maxsize=4096)
def facts_of(text: str) -> Facts:
    """Return the facts of a text, of which the first `MAX_CHARS` characters are read.

    >>> [q.printed for q in facts_of("Apixaban 2.5 mg twice daily").numbers.quantities]
    ['2.5 mg', 'twice daily']
    """
    words = words_of(text[:MAX_CHARS])
    numbers = numbers_of(words)
    directions = directions_of(words)
    stated = tuple(_span(q) for q in numbers.quantities)
    outside = (d for d in directions if not any(b.start <= d.start < b.end for b in stated))
    return Facts(
        text=words.text,
        held=words.held,
        counts=Counter(t.term for t in words.terms),
        numbers=numbers,
        cues=cues_of(words, stated),
        directions=tuple(outside),
        comparisons=comparisons_of(words, directions),
    )


def differences(claim: Facts, evidence: Facts) -> tuple[Difference, ...]:
    """Return what the claim says that the evidence does not, in a fixed order.

    >>> claim, evidence = facts_of("Give 5 mg."), facts_of("Give at least 2 mg.")
    >>> [(d.kind.value, d.claimed, d.turned) for d in differences(claim, evidence)]
    [('number', '5 mg', True)]
    """
    found = (
        *number_differences(claim.numbers, evidence.numbers),
        *word_differences(_worded(claim), _worded(evidence)),
        *aligned_differences(claim.text, evidence.text),
        *exchanged_figures(claim.text, evidence.text),
        *rank_differences(claim.text, evidence.text),
    )
    return tuple({(d.kind, d.reason.lower()): d for d in reversed(found)}.values())[::-1]


def _span(quantity: Quantity) -> Span:
    """Return where a quantity stands, with the words that bound it."""
    reach = BOUND_CHARS if quantity.comparator in ("<", "<=", ">", ">=") else 0
    return Span(start=max(0, quantity.start - reach), end=quantity.end)


def _worded(facts: Facts) -> Worded:
    counted = any(q.unit == "%" for q in facts.numbers.quantities)
    return Worded(
        held=facts.held,
        counts=facts.counts,
        cues=facts.cues,
        directions=facts.directions,
        comparisons=facts.comparisons,
        counted=counted,
    )
