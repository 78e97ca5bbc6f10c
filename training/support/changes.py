"""One changed fact of a sentence, for training; and a sentence cut to what still follows from it.

What `evals.perturbing` makes is held to stricter rules, since it measures: here one change in
twenty may be no real one, and more words are exchanged, those too that are mostly part of a name.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator

from evals.perturbation_words import OPPOSITES, POPULATIONS, any_of
from evals.perturbing_names import Names
from evals.perturbing_numbers import Edit, another, swapped_value_edits, unit_edits
from training.support.examples import Says, capital

MOST_CHANGES = 2
# With fewer names than this a text gives no choice, and all texts are drawn from.
FEW_NAMES = 4
MIN_WORDS = 6
CUT_CLAUSE = 0.5
_MORE_OPPOSITES = (
    "high/low positive/negative early/late strong/weak strongly/weakly major/minor first/last "
    "most/least maximum/minimum acute/chronic left/right upper/lower proximal/distal "
    "inside/outside present/absent presence/absence with/without necessary/unnecessary "
    "required/unnecessary over/under sensitive/insensitive protects/predisposes"
)
_MORE_POPULATIONS = {
    "male": "female",
    "female": "male",
    "mouse": "human",
    "human": "mouse",
    "elderly": "young",
    "patients": "healthy volunteers",
    "healthy": "diseased",
}
_NUMBER = re.compile(r"(?<![\w.,-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w|[.,]\d|-[A-Za-z])")
_NEGATED = re.compile(
    r"\b(?:(?P<verb>is|are|was|were|can|could|may|might|should|will|would|does|do|did|has|have|had)"
    r" not|(?P<cannot>cannot)|(?P<no>no) (?=[a-z]))\b",
    re.IGNORECASE,
)
_ASSERTED = re.compile(
    r"\b(?:(?:has|have|had) been|is|are|was|were|can|could|may|might|should|will|would|does|do|did)"
    r"\b(?! not\b)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[\(\[][^()\[\]]*[\)\]]")
_LABEL = re.compile(
    r"^(?:RESULTS?|CONCLUSIONS?|METHODS?|BACKGROUND|OBJECTIVES?|FINDINGS|INTERPRETATION|AIMS?|PURPOSE)"
    r"[ :]+(?=[A-Z])"
)
_OPENING = re.compile(
    r"(?:(?:In (?:conclusion|summary|addition)|Moreover|Furthermore|However|Therefore|Thus|Here|"
    r"Taken together|Collectively|Together|Overall|Additionally|Interestingly|Importantly),"
    r"|(?:These|Our) (?:results|data|findings) (?:suggest|indicate|show|demonstrate) that"
    r"|We (?:show|found|conclude|demonstrate|report|observed) that) *(?=\w)"
)
_CLAUSE = re.compile(r", (?:which|whereas|while|but|although|suggesting|indicating|and)\b|; ")


def _opposites() -> dict[str, str]:
    found = dict(OPPOSITES)
    for one, _, other in (pair.partition("/") for pair in _MORE_OPPOSITES.split()):
        found.setdefault(one, other)
        found.setdefault(other, one)
    return found


_TURNED = _opposites()
_DIRECTION = any_of(_TURNED)
_WHO = {**_MORE_POPULATIONS, **POPULATIONS}
_POPULATION = any_of(_WHO)


def _numbers(sentence: str, rng: random.Random) -> Iterator[Edit]:
    for match in _NUMBER.finditer(sentence):
        new = another(match[0], sentence, rng)
        if new:
            yield match.start(), match.end(), new


def _directions(sentence: str, _: random.Random) -> Iterator[Edit]:
    yield from _exchanged(_DIRECTION, _TURNED, sentence)


def _populations(sentence: str, _: random.Random) -> Iterator[Edit]:
    yield from _exchanged(_POPULATION, _WHO, sentence)


def _exchanged(pattern: re.Pattern[str], table: dict[str, str], sentence: str) -> Iterator[Edit]:
    for match in pattern.finditer(sentence):
        yield match.start(), match.end(), _cased(match[0], table[match[0].lower()])


def _negations(sentence: str, _: random.Random) -> Iterator[Edit]:
    """Drop a negation; where there is none, put one in."""
    negated = list(_NEGATED.finditer(sentence))
    for match in negated:
        if match["verb"]:
            yield match.start(), match.end(), match["verb"]
        elif match["cannot"]:
            yield match.start(), match.end(), _cased(match[0], "can")
        elif match.start():
            yield match.start(), match.end(), ""
    for match in [] if negated else _ASSERTED.finditer(sentence):
        first, _space, second = match[0].partition(" ")
        yield match.start(), match.end(), f"{first} not{f' {second}' if second else ''}"


def _cased(old: str, new: str) -> str:
    return capital(new) if old[:1].isupper() else new


# A population that was not studied, and another drug, say nothing of the one in the evidence.
_CHANGES: dict[str, tuple[Callable[[str, random.Random], Iterator[Edit]], Says]] = {
    "number": (_numbers, Says.CONTRADICTED),
    "unit": (unit_edits, Says.CONTRADICTED),
    "comparison": (swapped_value_edits, Says.CONTRADICTED),
    "direction": (_directions, Says.CONTRADICTED),
    "negation": (_negations, Says.CONTRADICTED),
    "population": (_populations, Says.NOT_FOUND),
}
ENTITY = "entity"
KINDS = (*_CHANGES, ENTITY)


def changed(
    sentence: str, kind: str, rng: random.Random, names: Names | None = None
) -> tuple[str, Says] | None:
    """Return the sentence with one fact changed and what the true one says of it.

    `kind` is one of KINDS; `names` are what may stand in another name's place. None when the
    sentence has no such fact.
    """
    if kind == ENTITY:
        edits, says = _entity_edits(sentence, names or Names(), rng), Says.NOT_FOUND
    else:
        ways, says = _CHANGES[kind]
        edits = list(ways(sentence, rng))
    if not edits:
        return None
    start, end, new = rng.choice(edits)
    text = f"{sentence[:start]}{new}{sentence[end:]}"
    return None if text == sentence else (text, says)


def changes(
    sentence: str, rng: random.Random, names: Names, most: int = MOST_CHANGES
) -> Iterator[tuple[str, Says]]:
    """Yield up to `most` changed sentences of different kinds, drawn at random."""
    made = 0
    for kind in rng.sample(KINDS, len(KINDS)):
        found = changed(sentence, kind, rng, names)
        if found is not None:
            yield found
            made += 1
            if made == most:
                return


def _entity_edits(sentence: str, names: Names, rng: random.Random) -> list[Edit]:
    lower = sentence.lower()
    found: list[Edit] = []
    for start, end, sort in Names.spans(sentence):
        known = names.by_sort.get(sort, ())
        fit = [n for n in known if n.lower() not in lower]
        fit = fit or [n for ns in names.by_sort.values() for n in ns if n.lower() not in lower]
        if fit:
            found.append((start, end, _cased(sentence[start:end], rng.choice(fit))))
    return found


def names_in(texts: Iterable[str], otherwise: Names) -> Names:
    """Return the names in the texts; where they are few, `otherwise`."""
    found = Names.of(texts)
    return found if sum(map(len, found.by_sort.values())) >= FEW_NAMES else otherwise


def shortened(sentence: str, rng: random.Random) -> str:
    """Return what is left without brackets, opening words and, half of the time, later clauses."""
    text = _LABEL.sub("", _BRACKETS.sub("", sentence))
    opening = _OPENING.match(text)
    if opening:
        text = capital(text[opening.end() :])
    if rng.random() < CUT_CLAUSE:
        first = _CLAUSE.split(text, maxsplit=1)[0]
        if first != text and len(first.split()) >= MIN_WORDS:
            text = f"{first.rstrip(' ,;.')}."
    return text
