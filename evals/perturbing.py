"""True sentences with one fact changed, so that they are false: what a verifier must catch.

Everything else of the sentence stays as it is. What is part of a name is no fact and is never
changed (COVID-19, IL-6, type 2, the year of a study, the 95 % of a confidence interval). A change
that another sentence of the same document could make true is not offered.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evals.perturbation_words import (
    COMPARATORS,
    HEDGES,
    OPPOSITES,
    POPULATIONS,
    any_of,
)
from evals.perturbing_names import Names
from evals.perturbing_numbers import (
    Edit,
    bound_edits,
    number_edits,
    percentage_edits,
    swapped_value_edits,
    unit_edits,
)

# Another sentence that shares this much of a sentence's words may well be about the same thing.
SAME_SUBJECT = 0.6
_NUMBER_AHEAD = r"(?=\s?(?:an? |the )?(?:\d|two|three|four|five|six|seven|eight|nine|ten|half))"
_COMPARING = sorted(
    (words for words in COMPARATORS if words[0].isalpha()), key=lambda w: (-len(w), w)
)
_COMPARATOR = re.compile(
    rf"(?:(?<![\w-])(?:{'|'.join(_COMPARING)})"
    rf"|(?<![<>≤≥=])[<>≥≤](?!=)){_NUMBER_AHEAD}",
    re.IGNORECASE,
)
_DIRECTION = any_of(OPPOSITES)
_THAN_NUMBER = re.compile(rf"\s+than{_NUMBER_AHEAD}|{_NUMBER_AHEAD}")
_POPULATION = any_of(POPULATIONS)
_HEDGE = any_of(HEDGES)
_VERB_BEFORE = re.compile(
    r"(?:\bto|\bmay|\bcan|\bwill|\bcould|\bshould|\bmight|\bnot) $", re.IGNORECASE
)
_NEGATED = re.compile(
    r"\b(?P<aux>is|are|was|were|can|could|should|will|would|does|do|did|has|have|had) not"
    r"(?! (?:only|just|necessarily|yet|been fully)\b)\b"
    r"|\b(?P<cannot>cannot)\b"
    r"|\b(?P<no>no)(?= (?!longer\b|more\b|less\b|other\b|fewer\b|one\b|doubt\b|matter\b)[a-z])"
    r"|(?<!or )\b(?P<without>without)\b",
    re.IGNORECASE,
)
_ASSERTED = re.compile(
    r"(?<!who )(?<!which )(?<!that )(?<!whether )(?<!if )(?<!as )(?<!than )(?<!what )(?<!how )"
    r"\b(?:is|are|was|were|can|should|will|has been|have been|had been)\b"
    r"(?! (?:not|no|never|neither|rarely|hardly|unlikely|only)\b)",
    re.IGNORECASE,
)
_ALREADY_NEGATIVE = re.compile(
    r"\b(?:not?|never|neither|nor|none|without|cannot|lack)\b", re.IGNORECASE
)
# "over 6 months" is a time during which something was, not more than it
_DURING = re.compile(
    r"over \S+[\s-](?:more )?(?:hour|day|week|month|year|decade|period)", re.IGNORECASE
)
# "lower" that belongs to a name
_LOWER_PART = re.compile(
    r"lower (?:extremit|limb|leg|respir|lip|jaw|abdom|back|o?esoph|urin|gastro|gi\b|third|quartile|"
    r"bound|limit|lobe|pole|airway|body|uterine)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:whether|if|aims?|aimed|hypothes[ie]s|hypothesi[sz]ed|to determine)\b", re.IGNORECASE
)
_THAN = re.compile(
    r"(?P<before>\b(?:in|for|with|among|after) (?:the )?)(?P<one>[^,;().]{3,60}?)"
    r"(?P<than> than (?:in|for|with|among|after) (?:the )?)(?P<other>[^,;().]{3,60}?)"
    r"(?=[,;.]| \()",
)
_VERB = re.compile(r"\b(?:is|are|was|were|had|has|have|did)\b")


class Change(StrEnum):
    """Which fact of a sentence was changed."""

    NUMBER = "number"
    UNIT = "unit"
    PERCENTAGE = "percentage"
    BOUND = "bound"
    COMPARATOR = "comparator"
    DIRECTION = "direction"
    NEGATION = "negation"
    HEDGE = "hedge"
    POPULATION = "population"
    ENTITY = "entity"
    COMPARISON = "comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class Perturbed:
    """A sentence with one stretch exchanged.

    `text[start:start + len(after)]` is `after`, where the sentence had `before`.
    """

    kind: Change
    text: str
    before: str
    after: str
    start: int


def perturbed(
    sentence: str, *, others: Sequence[str] = (), names: Names | None = None, seed: int = 0
) -> tuple[Perturbed, ...]:
    """Return at most one false sentence of each kind, in the order of `Change`.

    `others` are the other sentences of the document: none of them may make a change true; its
    names, then those of `names`, take the place of the sentence's own. The same arguments give
    the same result.

    >>> [(p.kind.value, p.after) for p in perturbed("Fever was not seen in 3 mg doses.")]
    [('number', '1'), ('unit', 'g'), ('negation', 'was')]
    """
    near = [o for o in others if _shared(sentence, o) >= SAME_SUBJECT]
    found: list[Perturbed] = []
    for kind, edits in _EDITS.items():
        if near and kind not in _BY_VALUE:
            continue
        rng = random.Random(f"{seed} {kind.value} {sentence}")  # noqa: S311 - no secret
        offered = list(edits(sentence, rng))
        if kind is Change.ENTITY:
            offered = _entity_edits(sentence, others, names or Names(), rng)
        rng.shuffle(offered)
        made = (_applied(sentence, kind, edit) for edit in offered)
        found += [p for p in made if p is not None and not _told(p, others)][:1]
    return tuple(found)


def _applied(sentence: str, kind: Change, edit: Edit) -> Perturbed | None:
    """Exchange a stretch, with "a" or "an" before it where the new word asks for the other."""
    start, end, after = edit
    article = re.search(r"\b([Aa])(n?) $", sentence[:start])
    if article and after[:1].isalpha() and (after[0].lower() in "aeiou") != bool(article[2]):
        after = f"{article[1]}{'n' if after[0].lower() in 'aeiou' else ''} {after}"
        start = article.start()
    before = sentence[start:end]
    text = f"{sentence[:start]}{after}{sentence[end:]}"
    if before == after or not text.strip():
        return None
    return Perturbed(kind=kind, text=text, before=before, after=after, start=start)


def _told(change: Perturbed, others: Sequence[str]) -> bool:
    """Tell whether another sentence has the new value, so that the change might be true."""
    if change.kind not in _BY_VALUE:
        return False
    value = re.compile(rf"(?<![\w.,]){re.escape(change.after.strip())}(?![\w]|[.,]\d)")
    return any(value.search(other) for other in others)


def _shared(sentence: str, other: str) -> float:
    """Return the share of the sentence's stems that the other one has, 0 to 1."""
    from index.lexical import stems

    own = set(stems(sentence))
    return len(own & set(stems(other))) / max(1, len(own))


def _cased(old: str, new: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _from_table(
    pattern: re.Pattern[str], table: dict[str, str], sentence: str
) -> Iterator[tuple[re.Match[str], str]]:
    """Yield matches with what the table puts there, unless the sentence names that already."""
    for match in pattern.finditer(sentence):
        new = table[match[0].lower()]
        if (
            not re.search(rf"(?<![\w-]){re.escape(new)}(?![\w-])", sentence, re.IGNORECASE)
            or not new
        ):
            yield match, _cased(match[0], new)


def _comparators(sentence: str, _: random.Random) -> Iterator[Edit]:
    for match in _COMPARATOR.finditer(sentence):
        new = COMPARATORS[match[0].lower()]
        # "no more than 5" is one comparator, not a negated one
        negated = re.search(r"\b(?:no|not) $", sentence[: match.start()], re.IGNORECASE)
        if not negated and not _DURING.match(sentence, match.start()):
            yield match.start(), match.end(), _cased(match[0], new)


def _directions(sentence: str, _: random.Random) -> Iterator[Edit]:
    for match in _DIRECTION.finditer(sentence):
        word = match[0].lower()
        around = sentence[max(0, match.start() - 12) : match.end() + 12].lower()
        compares = f"{word} than" in COMPARATORS or word in COMPARATORS
        if compares and _THAN_NUMBER.match(sentence, match.end()):
            continue
        if match[0].isupper() or _LOWER_PART.match(sentence, match.start()):
            continue
        if "more or less" in around or "before and after" in around:
            continue
        verb = word == "lower" and _VERB_BEFORE.search(sentence[: match.start()])
        yield match.start(), match.end(), _cased(match[0], "raise" if verb else OPPOSITES[word])


def _negations(sentence: str, _: random.Random) -> Iterator[Edit]:
    for match in _NEGATED.finditer(sentence):
        if match["aux"]:
            yield match.start(), match.end(), match["aux"]
        elif match["cannot"]:
            yield match.start(), match.end(), _cased(match[0], "can")
        elif match["without"]:
            yield match.start(), match.end(), _cased(match[0], "with")
        else:
            yield match.start(), match.end(), _cased(match[0], "some")
    if _ALREADY_NEGATIVE.search(sentence) or sentence.rstrip().endswith("?"):
        return
    for match in list(_ASSERTED.finditer(sentence))[:1]:
        first, _space, second = match[0].partition(" ")
        yield match.start(), match.end(), f"{first} not{f' {second}' if second else ''}"


def _hedges(sentence: str, _: random.Random) -> Iterator[Edit]:
    if _ASKED.search(sentence):
        return  # what was looked for is not said to be so
    for match in _HEDGE.finditer(sentence):
        if match.start() and match[0][0].isupper():
            continue  # the month of May
        new = HEDGES[match[0].lower()]
        if new and sentence[match.end() : match.end() + 5].lower() != " not ":
            yield match.start(), match.end(), _cased(match[0], new)
        elif not new and match.start() and sentence[match.end() : match.end() + 1] == " ":
            yield match.start(), match.end() + 1, ""


def _populations(sentence: str, _: random.Random) -> Iterator[Edit]:
    for match, new in _from_table(_POPULATION, POPULATIONS, sentence):
        yield match.start(), match.end(), new


def _comparisons(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """Swap what is compared: "in A than in B", "from 1 to 2", "1 versus 2"."""
    for match in _THAN.finditer(sentence):
        if _VERB.search(match["one"]):
            continue
        swapped = f"{match['before']}{match['other']}{match['than']}{match['one']}"
        yield match.start(), match.end(), swapped
    yield from swapped_value_edits(sentence, rng)


def _entity_edits(
    sentence: str, others: Sequence[str], names: Names, rng: random.Random
) -> list[Edit]:
    """Put another name of the same sort in; one of the same document where there is one."""
    near = Names.of(others)
    found: list[Edit] = []
    for start, end, sort in Names.spans(sentence):
        for known in (near, names):
            candidates = known.instead(sentence[start:end], sort, sentence)
            if candidates:
                found.append((start, end, rng.choice(candidates)))
                break
    return found


def _none(_sentence: str, _rng: random.Random) -> Iterator[Edit]:
    return iter(())


_EDITS: dict[Change, Callable[[str, random.Random], Iterator[Edit]]] = {
    Change.NUMBER: number_edits,
    Change.UNIT: unit_edits,
    Change.PERCENTAGE: percentage_edits,
    Change.BOUND: bound_edits,
    Change.COMPARATOR: _comparators,
    Change.DIRECTION: _directions,
    Change.NEGATION: _negations,
    Change.HEDGE: _hedges,
    Change.POPULATION: _populations,
    Change.ENTITY: _none,
    Change.COMPARISON: _comparisons,
}
# Changes whose new value can be looked for in the other sentences of the document.
_BY_VALUE = frozenset((Change.NUMBER, Change.PERCENTAGE, Change.BOUND))
