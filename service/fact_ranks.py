"""Words that put a thing before all others: a claim may use them only where its evidence does."""

import re
from collections.abc import Iterator

from service.differences import Difference, DifferenceKind

# Within a group one word may stand for another: what is "commonest" is also the "main" one.
_RANKS = {
    "first of all": (
        r"most (?:common|frequent|usual|prevalent|important)(?:ly)?|most often|commonest|main|"
        r"mainly|mostly|largely|chief|chiefly|principal|principally|predominant|predominantly|primarily|"
        r"foremost|leading(?! to\b)|usual|usually|typically|number one|"
        r"primary (?:cause|trigger|reason|driver|source|treatment|therapy|symptom|feature|concern|"
        r"risk|target|function|role|aim|goal)s?"
    ),
    "best": (
        r"best|most (?:effective|useful|reliable|accurate|sensitive|specific)|gold standard|"
        r"first[- ]line|first[- ]choice|of (?:first )?choice|treatment of choice|preferred|"
        r"prefers?|optimal|ideal|safest|strongest"
    ),
    "alone": r"the only|sole|solely|exclusively|nothing but|no other",
}
_PATTERNS = {
    rank: re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
    for rank, words in _RANKS.items()
}


def rank_differences(claim: str, evidence: str) -> Iterator[Difference]:
    """Give the first word of each rank that the claim has and the evidence has not.

    >>> [d.claimed for d in rank_differences("The main cause is flu.", "Causes are flu and cold.")]
    ['main']
    """
    for pattern in _PATTERNS.values():
        said = pattern.search(claim)
        if said is not None and pattern.search(evidence) is None:
            yield Difference(
                kind=DifferenceKind.QUANTIFIER,
                claimed=said[0],
                found="",
                turned=False,
                reason=f"“{said[0]}” is not in the cited sentence",
            )
