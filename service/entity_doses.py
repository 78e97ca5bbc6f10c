"""Which dose belongs to which drug, so that two of them are not exchanged."""

from collections.abc import Iterator
from functools import lru_cache

from service.differences import Difference, DifferenceKind
from service.entity_words import DRUG, DRUGS_WHOLE, WORD
from service.fact_numbers import Quantity, numbers_of
from service.fact_text import Words, words_of

# From a drug to its dose: "apixaban may be reduced to 2.5 mg".
NEAR_CHARS = 40
_AMOUNTS = ("mg", "IU", "mg/mg", "mmol", "IU/mg")


def exchanged_doses(claim: Words, evidence: Words) -> Iterator[Difference]:
    """Give doses that the evidence states for another drug, and not for this one."""
    ours = _dosed(claim.text)
    there = _dosed(evidence.text) if ours else ()
    for drug, dose in ours:
        own = [q for name, q in there if name == drug]
        others = [name for name, q in there if name != drug and _same(q, dose)]
        if own and others and not any(_same(q, dose) for q in own):
            yield Difference(
                kind=DifferenceKind.NUMBER,
                claimed=f"{drug} {dose.printed}",
                found=f"{drug} {own[0].printed}",
                turned=True,
                reason=f"“{dose.printed}” is the dose of {others[0]} in the cited sentence",
            )


@lru_cache(maxsize=1024)
def _dosed(text: str) -> tuple[tuple[str, Quantity], ...]:
    """Return each drug with the amount that follows it before another drug does."""
    words = words_of(text)
    amounts = [q for q in numbers_of(words).quantities if q.unit in _AMOUNTS]
    drugs = sorted(
        (match.start(), match.end(), match[0].lower())
        for pattern in (DRUG, WORD)
        for match in pattern.finditer(words.text)
        if pattern is DRUG or match[0].lower() in DRUGS_WHOLE
    )
    found = []
    for place, (_, end, name) in enumerate(drugs):
        until = drugs[place + 1][0] if place + 1 < len(drugs) else len(words.text)
        dose = next((q for q in amounts if end <= q.start < min(until, end + NEAR_CHARS)), None)
        if dose is not None:
            found.append((name, dose))
    return tuple(found)


def _same(one: Quantity, other: Quantity) -> bool:
    return (one.low, one.high, one.unit) == (other.low, other.high, other.unit)
