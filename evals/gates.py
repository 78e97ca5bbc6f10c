"""Gates: what a result must reach, as `refusal.auroc>=0.9`."""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.errors import InputError
from evals.kinds import kind_shares
from evals.measures import DEFINITIONS
from evals.result import Record

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
WRITTEN = re.compile(r"\s*([^<>=]*[^<>=\s])\s*(>=|<=|>|<)\s*([^<>=\s]+)\s*")
EXAMPLE = "refusal.auroc>=0.9"
DEFINED = tuple(f"{group}.{name}" for group, names in DEFINITIONS.items() for name in names)
# the rest of the result: its paths are known only once it is there
LATER = ("n", "confusion", "stages_ms", "provenance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A value of the result, by its dotted path, and the bound that it must keep."""

    path: str
    comparison: str
    bound: float

    def __str__(self) -> str:
        return f"{self.path} {self.comparison} {self.bound:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A gate with the value that was measured; an undefined value (None) never passes."""

    gate: Gate
    value: float | None

    @property
    def passed(self) -> bool:
        """Whether there is a value and it keeps the bound."""
        holds = OPERATORS[self.gate.comparison]
        return self.value is not None and holds(self.value, self.gate.bound)

    def record(self) -> Record:
        """Return the gate and its outcome as JSON."""
        return {"gate": str(self.gate), "value": self.value, "passed": self.passed}


def read_gate(written: str) -> Gate:
    """Read a gate; raises InputError when it is not a path, an operator and a number.

    >>> read_gate("evidence.hit@1 >= 0.75")
    Gate(path='evidence.hit@1', comparison='>=', bound=0.75)
    """
    found = WRITTEN.fullmatch(written)
    if found is None:
        known = ", ".join(OPERATORS)
        raise InputError(f"gate {written!r}: not like {EXAMPLE} (operators: {known})")
    path, comparison, number = found.groups()
    try:
        bound = float(number)
    except ValueError as error:
        raise InputError(f"gate {written!r}: {number!r} is not a number") from error
    if not math.isfinite(bound):
        raise InputError(f"gate {written!r}: {number!r} is not a finite number")
    return Gate(path=path, comparison=comparison, bound=bound)


def refuse_unknown(gates: Sequence[Gate], kinds: Sequence[str], *, compared: bool) -> None:
    """Raise InputError when it is certain before any question is asked that a path leads nowhere.

    `kinds` are those of the set; `compared` tells whether there is a baseline.
    """
    known = [
        *DEFINED,
        *(f"by_kind.{kind}.{name}" for kind in kinds for name in kind_shares([], [])),
    ]
    later = (*LATER, "comparison") if compared else LATER
    for gate in gates:
        if gate.path not in known and gate.path.partition(".")[0] not in later:
            raise _unknown(gate, [*known, *(f"{head}…" for head in later)])


def check(gates: Sequence[Gate], result: Record) -> tuple[tuple[Checked, ...], InputError | None]:
    """Look up the value of every gate whose path the result has.

    The second is the error of the first path that it lacks, None where it has all: whoever calls
    first keeps what was measured, and then raises it.
    """
    values: dict[str, float | None] = dict.fromkeys(DEFINED)
    values |= dict(numbers(result))
    found = (Checked(gate=g, value=values[g.path]) for g in gates if g.path in values)
    lost = (_unknown(gate, list(values)) for gate in gates if gate.path not in values)
    return tuple(found), next(lost, None)


def numbers(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float | None]]:
    """Yield every number of nested mappings, and every None, under its dotted path.

    >>> dict(numbers({"n": 2, "refusal": {"auroc": None}, "set": "tiny"}))
    {'n': 2, 'refusal.auroc': None}
    """
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from numbers(value, f"{before}{name}.")
        elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            yield f"{before}{name}", value


def table(checked: Sequence[Checked]) -> Iterator[str]:
    """Yield one line for each gate."""
    if checked:
        yield ""
    for one in checked:
        value = "-" if one.value is None else f"{one.value:.6g}"
        yield f"gate {one.gate}: {value}, {'passed' if one.passed else 'failed'}"


def _unknown(gate: Gate, known: Sequence[str]) -> InputError:
    """Return the error for a path; it lists the paths of the same group, else all but settings."""
    head = gate.path.partition(".")[0]
    alike = [path for path in known if path.partition(".")[0] == head]
    listed = alike or [path for path in known if not path.startswith("provenance.")]
    return InputError(f"gate {gate}: {gate.path!r} is not known (known: {', '.join(listed)})")
