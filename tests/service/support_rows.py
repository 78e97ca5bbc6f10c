"""Claims over the built-in sample: each once true in other words, and once with one fact changed.

A line of `support_pairs.jsonl` names words of the stored sentence that the claims rest on.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Words of a stored sentence, a true claim on it, and the claim with one fact changed."""

    stored: str
    true: str
    changed: str


def rows(name: str = "support_pairs.jsonl") -> tuple[Row, ...]:
    """Return the rows of a file beside this one."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return tuple(Row(**json.loads(line)) for line in lines)
