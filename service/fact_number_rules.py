"""How the quantities of a claim may stand to those of its evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from service.differences import Difference, DifferenceKind
from service.fact_numbers import Numbers, Quantity

# "A third" is 33 %; an "about" may round by one part in twenty.
WORDED_TOLERANCE = Fraction(1)
ROUNDED_TOLERANCE = Fraction(1, 20)
# From an amount to how often it is given: "10 mg of prednisone a day".
REGIMEN_CHARS = 25
_DOWN, _UP = ("<", "<="), (">", ">=")


def number_differences(claim: Numbers, evidence: Numbers) -> Iterator[Difference]:
    """Give what the claim's quantities say that the evidence's do not."""
    for quantity in claim.quantities:
        if not quantity.soft:
            yield from _difference(quantity, evidence)
    yield from _regimens(claim.quantities, evidence.quantities)
    turned = {(high, low) for low, high in evidence.shifts} - set(evidence.shifts)
    for low, high in claim.shifts:
        if low != high and (low, high) in turned:
            yield Difference(
                kind=DifferenceKind.DIRECTION,
                claimed="from … to …",
                found="the other way round",
                turned=True,
                reason="what it was before and after is the other way round in the cited sentence",
            )


def _regimens(claim: Sequence[Quantity], evidence: Sequence[Quantity]) -> Iterator[Difference]:
    """Give doses that the evidence has, but with another frequency: 2.5 mg once, not twice."""
    there = tuple(_dosed(evidence))
    for dose, often in _dosed(claim):
        same = [f for d, f in there if (d.low, d.high, d.unit) == (dose.low, dose.high, dose.unit)]
        if same and all((f.low, f.unit) != (often.low, often.unit) for f in same):
            stated = replace(often, printed=f"{dose.printed} {often.printed}")
            yield _said(DifferenceKind.NUMBER, stated, same[0], turned=True)


def _dosed(quantities: Sequence[Quantity]) -> Iterator[tuple[Quantity, Quantity]]:
    """Give each amount with the frequency that follows it closely."""
    for dose, often in pairwise(quantities):
        near = often.start - dose.end <= REGIMEN_CHARS
        if near and often.unit.startswith("/") and dose.unit and not dose.unit.startswith("/"):
            yield dose, often


def _difference(claimed: Quantity, evidence: Numbers) -> Iterator[Difference]:
    same = [
        q for q in evidence.quantities if _same_value(claimed, q) and _fits(claimed, q, evidence)
    ]
    if _is_pronoun(claimed, evidence):
        return
    if same:
        yield from _compared(claimed, same)
        return
    if any(_bounds(claimed, q) and _fits(claimed, q, evidence) for q in evidence.quantities):
        return
    other_unit = next((q for q in evidence.quantities if _same_figures(claimed, q)), None)
    if other_unit is not None:
        yield _said(DifferenceKind.UNIT, claimed, other_unit, turned=True)
        return
    rivals = [q for q in evidence.quantities if q.unit == claimed.unit and not q.soft]
    # a bare count contradicts only a count of the same thing
    alike = [q for q in rivals if claimed.unit or q.noun == claimed.noun]
    rival = alike[0] if alike else None
    yield _said(DifferenceKind.NUMBER, claimed, rival, turned=rival is not None)


def _same_value(claimed: Quantity, found: Quantity) -> bool:
    if (claimed.low, claimed.high) == (found.low, found.high):
        return True
    if not (claimed.unit and found.unit):  # one of them leaves its unit out
        return (claimed.figure, claimed.high * found.low) == (
            found.figure,
            claimed.low * found.high,
        )
    if claimed.low != claimed.high or found.low != found.high:
        return False
    apart = abs(claimed.low - found.low)
    if claimed.unit == found.unit == "%" and (claimed.rough or found.rough):
        return apart <= WORDED_TOLERANCE
    rounded = claimed.comparator == "~" and "." in found.printed and "." not in claimed.printed
    return rounded and apart <= ROUNDED_TOLERANCE * abs(found.low)


def _fits(claimed: Quantity, found: Quantity, evidence: Numbers) -> bool:
    """Tell whether the units agree: the same, or left out where it is plain which is meant."""
    if claimed.unit == found.unit:
        return True
    if claimed.unit.startswith("/") or found.unit.startswith("/"):
        return False
    if not claimed.unit:
        return found.unit != "x"
    # "25% by five years and 36% by ten": the unit stands beside another number
    return not found.unit and any(q.unit == claimed.unit for q in evidence.quantities)


def _same_figures(claimed: Quantity, found: Quantity) -> bool:
    digits = claimed.printed.split(" ")[0].rstrip("%")
    return (
        bool(claimed.unit and found.unit)
        and digits == found.printed.split(" ")[0].rstrip("%")
        and not claimed.unit.startswith("/")
    )


def _bounds(claimed: Quantity, found: Quantity) -> bool:
    """Tell whether a claim names the end of a range as such: "up to 30 %" of "10-30 %"."""
    if claimed.low != claimed.high or found.low == found.high:
        return False
    upper = claimed.comparator == "<=" and claimed.low == found.high
    return upper or (claimed.comparator == ">=" and claimed.low == found.low)


def _is_pronoun(claimed: Quantity, evidence: Numbers) -> bool:
    """Tell whether a bare "one" is no count: nothing else is counted by the word after it."""
    if claimed.unit or claimed.low != 1 or claimed.printed.lower() != "one":
        return False
    return not any(q.noun == claimed.noun and q.low != 1 for q in evidence.quantities if q.noun)


def _compared(claimed: Quantity, same: list[Quantity]) -> Iterator[Difference]:
    if any(_agrees(claimed.comparator, found.comparator) for found in same):
        if claimed.frame and all(found.frame not in ("", claimed.frame) for found in same):
            framed = replace(claimed, printed=f"{claimed.frame} {claimed.printed}")
            stated = replace(same[0], printed=f"{same[0].frame} {same[0].printed}")
            yield _said(DifferenceKind.COMPARATOR, framed, stated, turned=True)
        return
    found = same[0]
    signs = {claimed.comparator, found.comparator}
    turned = bool(signs & {*_DOWN}) and bool(signs & {*_UP})
    yield _said(DifferenceKind.COMPARATOR, claimed, found, turned=turned)


def _agrees(claimed: str, found: str) -> bool:
    if "?" in (claimed, found):
        return found != "<" and claimed != "<"
    claimed, found = claimed.replace("~", ""), found.replace("~", "")
    return claimed == found or (claimed, found) in (("<=", "<"), (">=", ">"))


_IN_WORDS = {"<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least "}


def _said(
    kind: DifferenceKind, claimed: Quantity, found: Quantity | None, *, turned: bool
) -> Difference:
    signed = kind is DifferenceKind.COMPARATOR
    said = f"{_IN_WORDS.get(claimed.comparator, '') if signed else ''}{claimed.printed}"
    stands = (
        f"{_IN_WORDS.get(found.comparator, '') if signed else ''}{found.printed}" if found else ""
    )
    instead = f" (it has “{stands}”)" if stands else ""
    return Difference(
        kind=kind,
        claimed=said,
        found=stands,
        turned=turned,
        reason=f"“{said}” is not in the cited sentence{instead}",
    )
