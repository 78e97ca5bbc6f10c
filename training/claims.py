"""Claims with the units that they must be held against, true ones beside false ones.

A claim's style tells a little about whether it is true, so that every claim is learnt against other
units of its text too, which do not bear on it.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.reading.lines import Placed, under_headings
from training.asked import Contrast, Exercise
from training.examples import read_rows

# Every so many texts, with all of their claims, are not learnt from.
HELD_OUT_EVERY = 12
# How often units that do not bear on a claim stand among those that do, and how many at most.
AMONG_OTHERS_SHARE, MOST_OTHERS = 0.5, 5
# How often a claim is read against such units alone: a true one, a false one.
ELSEWHERE_SHARES = {True: 0.5, False: 0.15}
# How often two numbers of a true claim are exchanged, and a unit is taken for a claim as it stands.
EXCHANGED_SHARE = 0.25
VERBATIM_SHARE = 0.06
UNTITLED_SHARE = 0.2
SCIFACT_SHARE = 0.5
# False claims of these kinds say otherwise than their units; others say more, or of something else.
DENIED = ("negation", "number", "swap")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence, the units that it must be held against, and whether they say so.

    `evidence` holds the units by their position in the text; those of `bears` bear on the claim.
    """

    claim_id: str
    text_id: str
    text: str
    evidence: Mapping[int, Placed]
    bears: frozenset[int]
    supported: bool
    denied: bool = False
    kind: str = ""


def read_claims(path: Path) -> list[Claim]:
    """Return the claims of a file; raises InputError naming a bad line."""
    return [_claim(row) for row in read_rows(path)]


def _claim(row: Mapping[str, Any]) -> Claim:
    title = "" if row["title"].startswith("(") else row["title"]
    return Claim(
        claim_id=row["id"],
        text_id=row["text_id"],
        text=row["claim"],
        evidence={
            position: Placed(
                text=unit["text"],
                title=title,
                section=unit["section"],
                introduced_by=tuple(unit["introduced_by"]),
            )
            for position, unit in zip(row["units"], row["evidence"], strict=True)
        },
        bears=frozenset(row["units"]),
        supported=row["supported"],
        denied=row["kind"] in DENIED,
        kind=row["kind"],
    )


def read_scifact(path: Path, held_out: frozenset[str] = frozenset()) -> list[Claim]:
    """Return SciFact's claims on abstracts that are not `held_out`; raises InputError."""
    return [
        Claim(
            claim_id=f"scifact-{number}",
            text_id=row["doc"],
            text=row["claim"],
            evidence={i: Placed(text=text) for i, text in enumerate(row["sentences"])},
            bears=frozenset(i for i, s in enumerate(row["sentences"]) if s in row["evidence"]),
            supported=row["label"] == "SUPPORT",
            denied=row["label"] == "CONTRADICT",
        )
        for number, row in enumerate(read_rows(path))
        if row["doc"] not in held_out and row["sentences"]
    ]


def split(claims: Sequence[Claim]) -> tuple[list[Claim], list[Claim]]:
    """Return the claims to learn from and those that are held out, by text."""
    held = set(sorted({claim.text_id for claim in claims})[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])
    return (
        [claim for claim in claims if claim.text_id not in held],
        [claim for claim in claims if claim.text_id in held],
    )


def contrasts(claims: Sequence[Claim], rng: random.Random) -> Iterator[Contrast]:
    """Yield every claim once: a false one behind a true one of the same units, where there is one.

    With them come claims against units that do not bear on them, with exchanged numbers, and units
    as claims of their own.
    """
    by_text: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_text[claim.text_id].append(claim)
    for of_text in by_text.values():
        true = [claim for claim in of_text if claim.supported]
        groups = {claim.claim_id: [claim] for claim in true}
        for claim in of_text:
            if not claim.supported:
                near = [t for t in true if claim.bears & t.bears]
                first = rng.choice(near).claim_id if near else claim.claim_id
                groups.setdefault(first, []).append(claim)
        text = {i: unit for claim in of_text for i, unit in claim.evidence.items()}
        for group in groups.values():
            yield tuple(_exercises(group, text, rng))


def _exercises(
    group: Sequence[Claim], text: Mapping[int, Placed], rng: random.Random
) -> Iterator[Exercise]:
    made: list[Claim] = []
    for claim in group:
        made.append(_among_others(claim, text, rng))
        others = sorted(text.keys() - claim.bears)
        if others and claim.bears and rng.random() < ELSEWHERE_SHARES[claim.supported]:
            chosen = rng.sample(others, min(len(others), rng.randint(1, 3)))
            elsewhere = {i: text[i] for i in chosen}
            apart = replace(claim, evidence=elsewhere, bears=frozenset(), denied=False)
            made.append(replace(apart, supported=False))
        if claim.supported and rng.random() < EXCHANGED_SHARE:
            made += _exchanged(claim, rng)
        if claim.bears and rng.random() < VERBATIM_SHARE:
            unit = rng.choice(sorted(claim.bears))
            said = text[unit]
            if not said.introduced_by:
                one = replace(claim, text=said.text, bears=frozenset({unit}), denied=False)
                made.append(_among_others(replace(one, supported=True), text, rng))
    untitled = rng.random() < UNTITLED_SHARE
    for claim in sorted(made, key=lambda c: not c.supported):
        yield exercise(claim, untitled=untitled)


def _among_others(claim: Claim, text: Mapping[int, Placed], rng: random.Random) -> Claim:
    """Return a claim with what bears on it alone, or among some of what does not."""
    others = sorted(text.keys() - claim.bears)
    most = min(len(others), rng.randint(1, MOST_OTHERS))
    mixed = not claim.bears or rng.random() < AMONG_OTHERS_SHARE
    more = rng.sample(others, most) if mixed and others else []
    return replace(claim, evidence={i: text[i] for i in [*claim.bears, *more]})


def _exchanged(claim: Claim, rng: random.Random) -> Iterator[Claim]:
    """Yield a claim with two of its numbers exchanged, if it has two."""
    found = list(_NUMBER.finditer(claim.text))
    if len({match[0] for match in found}) < 2:  # noqa: PLR2004
        return
    one, other = sorted(rng.sample(found, 2), key=lambda match: match.start())
    if one[0] != other[0]:
        text = claim.text
        between = text[one.end() : other.start()]
        text = text[: one.start()] + other[0] + between + one[0] + text[other.end() :]
        yield replace(claim, text=text, supported=False, denied=True)


def exercise(claim: Claim, *, untitled: bool = False) -> Exercise:
    """Return a claim as an exercise: it takes the question's place, its evidence the window's."""
    units = dict(sorted(claim.evidence.items()))
    if untitled:
        units = {i: replace(unit, title="") for i, unit in units.items()}
    return Exercise(
        title="",
        earlier=(),
        question=claim.text,
        lines=tuple(under_headings(units.values())),
        answers=claim.supported,
        denies=claim.denied,
        relevant=tuple(i in claim.bears for i in units),
    )
