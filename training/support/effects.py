"""Trial questions as claims: "compared with C, what was the effect of I on O?" with a direction.

The direction that the evidence tells is read by rule; evidence of which it cannot be read is left
out.
"""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from training.examples import read_rows
from training.support.examples import ClaimExample, Says, capital, covered

Effect = Literal["up", "down", "same"]
MAX_PART_CHARS = 110
EVIDENCE_WORDS = range(6, 71)
# An outcome that shares less than this of its words with the evidence is not told of there.
OTHER_OUTCOME = 0.4
_QUESTION = re.compile(r"Compared with (.+), what was the effect of (.+) on (.+)\?$", re.DOTALL)
_UP = re.compile(
    r"\b(?:increas\w+|higher|greater|more|longer|improv\w+|rais\w+|elevat\w+|better|superior|rose|"
    r"enhanced)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:decreas\w+|lower\w*|reduc\w+|less|fewer|shorter|worse|inferior|fell|declin\w+|"
    r"attenuat\w+|diminish\w+|impair\w+)\b",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"\b(?:no (?:statistically )?significant|not (?:statistically )?significant\w*|did not differ|"
    r"no differences?|similar|comparable|not different|no effect|unchanged|"
    r"did not (?:change|improve|reduce|increase|affect)|non-?significant)\b",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"\bthan\b|compared (?:with|to)|versus")
_WORDINGS: Mapping[Effect, tuple[str, ...]] = {
    "up": (
        "increased",
        "raised",
        "led to higher",
        "significantly increased",
        "was associated with higher",
    ),
    "down": (
        "reduced",
        "decreased",
        "lowered",
        "led to lower",
        "significantly reduced",
        "was associated with lower",
    ),
    "same": (
        "did not change",
        "had no effect on",
        "made no significant difference to",
        "did not significantly alter",
    ),
}
_FORMS = (
    "{intervention} {wording} {outcome} compared with {comparator}.",
    "Compared with {comparator}, {intervention} {wording} {outcome}.",
    "{intervention} {wording} {outcome}.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a trial found: the effect of an intervention on an outcome, and where it says so."""

    comparator: str
    intervention: str
    outcome: str
    evidence: str
    effect: Effect


class Effects:
    """Each finding claimed, claimed the other way round, and with another outcome of the trial."""

    def __init__(self, path: Path) -> None:
        self._trials = [[f for q in row["questions"] for f in _found(q)] for row in read_rows(path)]

    def epoch(self, rng: random.Random) -> Iterator[ClaimExample]:
        """Yield one round of examples."""
        for findings in self._trials:
            for finding in findings:
                yield _claim(finding, finding.outcome, finding.effect, Says.SUPPORTED, rng)
                wrong: list[Effect] = [e for e in _WORDINGS if e != finding.effect]
                yield _claim(finding, finding.outcome, rng.choice(wrong), Says.CONTRADICTED, rng)
                others = [f.outcome for f in findings]
                others = [o for o in others if covered(o, finding.evidence) < OTHER_OUTCOME]
                if others:
                    effect = rng.choice(list(_WORDINGS))
                    yield _claim(finding, rng.choice(others), effect, Says.NOT_FOUND, rng)


def effect_told(evidence: str) -> Effect | None:
    """Return the direction that a sentence tells; None when it names none, or both."""
    if _SAME.search(evidence):
        return "same"
    up, down = bool(_UP.search(evidence)), bool(_DOWN.search(evidence))
    if up == down:
        return None
    return "up" if up else "down"


def _found(question: Mapping[str, Any]) -> Iterator[Finding]:
    match = _QUESTION.match(question["question"])
    if match is None or not question["evidence"]:
        return
    comparator, intervention, outcome = (" ".join(p.split()).rstrip(".") for p in match.groups())
    evidence = " ".join(min(question["evidence"], key=len).split())
    effect = effect_told(evidence)
    if (
        effect is None
        or max(map(len, (comparator, intervention, outcome))) > MAX_PART_CHARS
        or len(evidence.split()) not in EVIDENCE_WORDS
    ):
        return
    before, *after = _AGAINST.split(evidence, maxsplit=1)
    if effect != "same" and after and covered(comparator, before) > covered(intervention, before):
        return  # "higher with placebo than with the drug" tells the drug's effect turned round
    yield Finding(
        comparator=comparator,
        intervention=intervention,
        outcome=outcome,
        evidence=evidence,
        effect=effect,
    )


def _claim(
    finding: Finding, outcome: str, effect: Effect, says: Says, rng: random.Random
) -> ClaimExample:
    text = rng.choice(_FORMS).format(
        intervention=finding.intervention,
        wording=rng.choice(_WORDINGS[effect]),
        outcome=outcome,
        comparator=finding.comparator,
    )
    return ClaimExample(claim=capital(text), evidence=(finding.evidence,), says=says)
