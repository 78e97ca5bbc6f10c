"""Claims that repeat their evidence but for a word: which word was put in, left out or exchanged.

Where most of a claim stands in the evidence in the same order, one word more or less tells what
the rules for free paraphrase would have to guess.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from service.differences import Difference, DifferenceKind
from service.fact_opposites import poles
from service.fact_text import same_word

# Of a claim's words, the share that the evidence must have in the same order.
NEARLY_SAME = 0.75
# Longer stretches are another wording, not a changed word.
CHANGED_WORDS = 2
MAX_WORDS = 400
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Of a claim's words, the share that must stay in place for its numbers to be compared by place.
SAME_FRAME = 0.9
_FIGURE = re.compile(r"(?<![^\W_])\d+(?:[.,·]\d+)*(?![^\W_])")
_FRAMED = re.compile(rf"{_FIGURE.pattern}|{_WORD.pattern}")
_HOLE = "#"
_DENIALS = frozenset("not no never without neither cannot none nor non rather instead".split())
_EXCHANGED = (
    frozenset(("men", "women")),
    frozenset(("man", "woman")),
    frozenset(("male", "female")),
    frozenset(("males", "females")),
    frozenset(("boys", "girls")),
    frozenset(("over", "under")),
    frozenset(("children", "adults")),
    frozenset(("postmenopausal", "premenopausal")),
    frozenset(("smokers", "nonsmokers")),
)


def aligned_differences(claim: str, evidence: str) -> Iterator[Difference]:
    """Give the denials put in or left out, and the words exchanged for their opposites."""
    ours, theirs = _words(claim), _words(evidence)
    matcher = SequenceMatcher(None, theirs, ours, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not ours or sum(block.size for block in blocks) < NEARLY_SAME * len(ours):
        return
    put_in: list[str] = []
    left_out: list[str] = []
    end = blocks[-1].a + blocks[-1].size
    for _, a, b, c, d in matcher.get_opcodes():
        old, new = theirs[a:b], ours[c:d]
        if len(new) <= CHANGED_WORDS:
            put_in += filter(_denies, new)
        if len(old) <= CHANGED_WORDS and blocks[0].a < b <= end:
            left_out += filter(_denies, old)
        if len(old) == len(new) == 1 and _opposed(old[0], new[0]):
            yield _exchanged(new[0], old[0])
    if len(put_in) != len(left_out):
        yield _denial(put_in, left_out)


def exchanged_figures(claim: str, evidence: str) -> Iterator[Difference]:
    """Give two numbers of a repeated sentence that changed places: "4% vs 7%" as "7% vs 4%".

    Where other words moved as well ("7% with B, 4% with A"), nothing is told.
    """
    ours, theirs = _framed(claim), _framed(evidence)
    frames = [
        [_HOLE if _FIGURE.fullmatch(word) else word for word in words] for words in (ours, theirs)
    ]
    matcher = SequenceMatcher(None, frames[1], frames[0], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    in_place = {b.b + i: b.a + i for b in blocks for i in range(b.size)}
    moved = {word for place, word in enumerate(frames[0]) if place not in in_place}
    if not ours or len(in_place) < SAME_FRAME * len(ours) or moved & set(frames[1]):
        return
    changed = [(ours[o], theirs[t]) for o, t in in_place.items() if ours[o] != theirs[t]]
    for now, before in changed:
        if (before, now) in changed and now < before:
            yield Difference(
                kind=DifferenceKind.NUMBER,
                claimed=now,
                found=before,
                turned=True,
                reason=f"“{now}” and “{before}” are the other way round in the cited sentence",
            )


def _framed(text: str) -> Sequence[str]:
    return [m[0].lower() for m in _FRAMED.finditer(text)][:MAX_WORDS]


def _words(text: str) -> Sequence[str]:
    return [word.lower() for word in _WORD.findall(text)][:MAX_WORDS]


def _denies(word: str) -> bool:
    return word in _DENIALS or word.endswith(("n't", "n’t"))


def _opposed(one: str, other: str) -> bool:
    if any({one, other} == pair for pair in _EXCHANGED):
        return True
    sides = dict(poles().get(same_word(one), ()))
    return any(sides.get(axis) == -pole for axis, pole in poles().get(same_word(other), ()))


def _exchanged(claimed: str, found: str) -> Difference:
    return Difference(
        kind=DifferenceKind.DIRECTION,
        claimed=claimed,
        found=found,
        turned=True,
        reason=f"“{claimed}” is “{found}” in the cited sentence",
    )


def _denial(put_in: Sequence[str], left_out: Sequence[str]) -> Difference:
    added = len(put_in) > len(left_out)
    word = put_in[-1] if added else left_out[-1]
    reason = (
        f"“{word}” is not in the cited sentence" if added else f"the cited sentence says “{word}”"
    )
    return Difference(
        kind=DifferenceKind.NEGATION,
        claimed=word if added else "",
        found="" if added else word,
        turned=True,
        reason=reason,
    )
