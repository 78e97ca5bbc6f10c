"""One way in which a claim says something else than its evidence."""

from dataclasses import dataclass
from enum import StrEnum


class DifferenceKind(StrEnum):
    """What kind of fact differs."""

    NUMBER = "number"
    UNIT = "unit"
    COMPARATOR = "comparator"
    NEGATION = "negation"
    DIRECTION = "direction"
    HEDGE = "hedge"
    QUANTIFIER = "quantifier"
    COMPARISON = "comparison"
    DRUG = "drug"
    DISEASE = "disease"
    POPULATION = "population"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A fact of a claim that its evidence does not hold.

    `claimed` and `found` are as printed, empty where the text has none. `turned` says that the
    evidence states the opposite or another value in the same place, rather than nothing.
    `reason` is a short English phrase that names the fact.
    """

    kind: DifferenceKind
    claimed: str
    found: str
    turned: bool
    reason: str
