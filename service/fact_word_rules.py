"""How the turning, weakening and bounding words of a claim may stand to those of its evidence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from service.differences import Difference, DifferenceKind
from service.fact_words import Comparison, Cue, CueKind, Direction

CERTAIN = 3
RARE, SOME, MOST, ALL = 1, 2, 3, 4
DUTY = 2
GOVERNED = 3
# Texts of which this share of the claim's terms is common speak of the same thing.
ALIKE = 0.7
# As predicates these describe, and leaving them out strengthens nothing.
_DESCRIBES = frozenset(
    "common frequent rare typical usual unusual uncommon infrequent several many certain".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """The words of a text that these rules compare.

    `counts` tells how often each term stands there; `counted`, that it gives shares in numbers.
    """

    held: frozenset[str]
    cues: tuple[Cue, ...]
    directions: tuple[Direction, ...]
    comparisons: tuple[Comparison, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    counted: bool = False

    def of(self, kind: CueKind) -> tuple[Cue, ...]:
        """Return the cues of one kind."""
        return tuple(cue for cue in self.cues if cue.kind == kind)


def word_differences(claim: Worded, evidence: Worded) -> Iterator[Difference]:
    """Give what the claim's words turn, strengthen or bound otherwise than the evidence's."""
    yield from _negations(claim, evidence)
    yield from _directions(claim, evidence)
    yield from _hedges(claim, evidence)
    yield from _duties(claim, evidence)
    yield from _quantifiers(claim, evidence)


def _governs(cue: Cue, held: frozenset[str]) -> frozenset[str]:
    """Return what a cue governs of what another text holds; empty unless that is half of it."""
    near = cue.scope[:GOVERNED]
    shared = frozenset(near) & held
    return shared if 2 * len(shared) >= len(near) else frozenset()


def _answered(shared: frozenset[str], others: Iterable[Cue]) -> Cue | None:
    """Return a cue of the other text that bears on the same words, best one that governs them."""
    near = [o for o in others if shared & (o.clause | set(o.scope))]
    return min(near, key=lambda o: (not shared & set(o.scope), o.start), default=None)


def _paired(cue: Cue, cues: Sequence[Cue]) -> bool:
    """Tell the second half of "neither … nor", or a second denial of the same words."""
    before = (c for c in cues if c.start < cue.start)
    return cue.printed.lower() == "nor" and any(c.printed.lower() == "neither" for c in before)


def _also_said(cue: Cue, evidence: Worded) -> bool:
    """Tell whether the evidence says of another thing what this cue denies of one."""
    hyphened = "-" in cue.printed
    return cue.level == 1 and all(evidence.counts.get(t, 0) > hyphened for t in cue.scope)


def _negations(claim: Worded, evidence: Worded) -> Iterator[Difference]:
    ours, theirs = claim.of("negation"), evidence.of("negation")
    free = list(theirs)
    told = [(cue, shared) for cue in ours if (shared := _governs(cue, evidence.held))]
    # those that govern the same words find each other first
    for cue, shared in sorted(told, key=lambda t: not any(t[1] & set(o.scope) for o in theirs)):
        answer = _answered(shared, free)
        crossing = next((o for o in theirs if _crossed(cue, o, claim, evidence)), None)
        if answer is not None:
            free.remove(answer)
        elif not _paired(cue, ours):
            reason = f"“{cue.printed}” is not in the cited sentence"
            yield _negation(cue.printed, "", reason)
        if crossing is not None:
            reason = f"“{cue.printed}” belongs to other words in the cited sentence"
            yield _negation(cue.printed, crossing.printed, reason)
    for cue in theirs:
        shared = _governs(cue, claim.held)
        if shared and _answered(shared, ours) is None and not _also_said(cue, evidence):
            reason = f"the cited sentence says “{cue.printed}”"
            yield _negation("", cue.printed, reason)


def _crossed(cue: Cue, answer: Cue, claim: Worded, evidence: Worded) -> bool:
    """Tell whether claim and evidence deny each other's words: "A, not B" and "B, not A"."""
    denied = frozenset(t for c in claim.of("negation") for t in c.scope)
    denied_there = frozenset(t for c in evidence.of("negation") for t in c.scope)
    return bool(
        cue.scope
        and answer.scope
        and cue.scope[0] in evidence.held - denied_there
        and answer.scope[0] in claim.held - denied
    )


def _negation(claimed: str, found: str, reason: str) -> Difference:
    return Difference(
        kind=DifferenceKind.NEGATION, claimed=claimed, found=found, turned=True, reason=reason
    )


def _directions(claim: Worded, evidence: Worded) -> Iterator[Difference]:
    settled: set[str] = set()
    alike = len(claim.held & evidence.held) >= ALIKE * len(claim.held)
    for ours in claim.comparisons:
        repeated = any(_alike(ours, theirs) for theirs in evidence.comparisons)
        for theirs in () if repeated else evidence.comparisons:
            crossed = _sides_crossed(ours, theirs)
            if ours.axis != theirs.axis or crossed is None:
                continue
            settled.add(ours.axis)
            if crossed == (ours.pole == theirs.pole):
                yield Difference(
                    kind=DifferenceKind.COMPARISON,
                    claimed=ours.printed,
                    found=theirs.printed,
                    turned=True,
                    reason="the cited sentence compares the other way round",
                )
    for direction in claim.directions:
        if direction.axis in settled:
            continue
        opposite = _opposite(direction, evidence.directions, alike=alike)
        if opposite is not None:
            yield Difference(
                kind=DifferenceKind.DIRECTION,
                claimed=direction.printed,
                found=opposite.printed,
                turned=True,
                reason=f"“{direction.printed}” is “{opposite.printed}” in the cited sentence",
            )


def _alike(ours: Comparison, theirs: Comparison) -> bool:
    same = (ours.axis, ours.pole) == (theirs.axis, theirs.pole)
    return same and ours.left <= theirs.left and ours.right <= theirs.right


def _sides_crossed(ours: Comparison, theirs: Comparison) -> bool | None:
    """Tell whether two comparisons have their sides exchanged; None where that is not plain."""
    if ours.left & theirs.right and ours.right & theirs.left:
        return None if ours.right & theirs.right else True
    return False if ours.right & theirs.right else None


def _opposite(ours: Direction, theirs: Sequence[Direction], *, alike: bool) -> Direction | None:
    """Return the opposite that the evidence has in this word's place, if that is plain.

    `alike`: the texts share most of their words, so that a lone opposite stands in its place.
    """
    same = [
        len(ours.beside & d.beside) for d in theirs if (d.axis, d.pole) == (ours.axis, ours.pole)
    ]
    opposites = [d for d in theirs if d.axis == ours.axis and d.pole == -ours.pole]
    if not opposites:
        return None
    best = max(opposites, key=lambda d: (len(ours.beside & d.beside), -d.start))
    shared = len(ours.beside & best.beside)
    return best if shared > max(same, default=0) or (alike and not same) else None


def _hedges(claim: Worded, evidence: Worded) -> Iterator[Difference]:
    for cue in evidence.of("hedge"):
        shared = _governs(cue, claim.held)
        if not shared:
            continue
        sure = [c.level for c in claim.of("hedge") if shared & (c.clause | set(c.scope))]
        if min(sure, default=CERTAIN) > cue.level:
            yield Difference(
                kind=DifferenceKind.HEDGE,
                claimed="",
                found=cue.printed,
                turned=False,
                reason=f"the cited sentence says only “{cue.printed}”",
            )
    causes, links = claim.of("cause"), evidence.of("link")
    if causes and links and not evidence.of("cause") and causes[0].clause & links[0].clause:
        yield Difference(
            kind=DifferenceKind.HEDGE,
            claimed=causes[0].printed,
            found=links[0].printed,
            turned=False,
            reason=f"“{causes[0].printed}” is “{links[0].printed}” in the cited sentence",
        )


def _duties(claim: Worded, evidence: Worded) -> Iterator[Difference]:
    strongest = max((c.level for c in evidence.of("duty")), default=None)
    for cue in claim.of("duty"):
        if cue.level >= DUTY and strongest is not None and cue.level > strongest:
            yield Difference(
                kind=DifferenceKind.HEDGE,
                claimed=cue.printed,
                found="",
                turned=False,
                reason=f"“{cue.printed}” is stronger than what the cited sentence says",
            )


def _quantifiers(claim: Worded, evidence: Worded) -> Iterator[Difference]:
    theirs = evidence.of("quantifier")
    for cue in claim.of("quantifier"):
        levels = [t.level for t in theirs if t.clause & cue.clause or not cue.clause]
        turned = bool(levels) and cue.level <= RARE and min(levels) >= MOST
        turned |= bool(levels) and cue.level >= MOST and max(levels) <= RARE
        if _exceeds(cue.level, levels, counted=evidence.counted):
            yield Difference(
                kind=DifferenceKind.QUANTIFIER,
                claimed=cue.printed,
                found="",
                turned=turned,
                reason=f"“{cue.printed}” is not what the cited sentence says",
            )
    bounded = {t for c in claim.cues if c.kind in ("quantifier", "hedge") for t in c.clause}
    for cue in theirs:
        shared = _governs(cue, claim.held) if cue.printed.lower() not in _DESCRIBES else None
        if cue.level < ALL and shared and not shared & bounded and not claim.counted:
            yield Difference(
                kind=DifferenceKind.QUANTIFIER,
                claimed="",
                found=cue.printed,
                turned=False,
                reason=f"the cited sentence says “{cue.printed}”",
            )


def _exceeds(level: int, levels: list[int], *, counted: bool) -> bool:
    """Tell whether a claim's quantifier is not one that the evidence bears out."""
    if level in levels:
        return False
    if not levels:
        return level >= ALL or (level <= RARE and not counted)
    nearest = min(levels, key=lambda found: (abs(found - level), found))
    return abs(nearest - level) > 1 or level == ALL or (level <= RARE < nearest)
