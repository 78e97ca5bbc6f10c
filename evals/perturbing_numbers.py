"""The numbers of a sentence that are facts, and other numbers in their place."""

import random
import re
from collections.abc import Iterator

from evals.perturbation_words import NUMBER_WORDS, UNITS

# (start, end, new text): exchange `sentence[start:end]`
Edit = tuple[int, int, str]

FACTORS = (0.1, 0.5, 0.6, 0.8, 1.2, 1.5, 2.0, 3.0, 10.0)
STEPS = (-3, -2, -1, 1, 2, 3, 5)
FEW = 10
TRIES = 20
PERCENT_MAX = 100
_VALUE = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
# "R(2)" and "CO(2)" print a name's raised or lowered figure
_FREE = r"(?<![A-Za-z]\()(?<![\w.,/\u00b7\u2013\u2212+^-])"
_ENDED = r"(?!\w|[.,\u00b7/]\d|[-\u2013]\s?\d)"
# "6-month" and "10-fold" are measured; "5-HT" and "25-hydroxyvitamin" are names.
_MEASURED = (
    r"(?!-(?!(?:fold|year|month|week|day|hour|minute|min|mg|g|kg|ml|cm|mm|point|item|dose|"
    r"session|h|d)\b))"
)
_NUMBER = re.compile(rf"{_FREE}{_VALUE}{_ENDED}{_MEASURED}(?!\s?(?:%|percent\b|per cent\b))")
_WRITTEN = re.compile(
    rf"(?<![\w-])(?:{'|'.join(NUMBER_WORDS)})(?= [a-z]+)(?! thirds| types?\b)", re.IGNORECASE
)
_PERCENT = re.compile(rf"{_FREE}(?P<value>{_VALUE})(?=\s?(?:%|percent\b|per cent\b))")
_RANGE = re.compile(
    rf"{_FREE}(?P<low>{_VALUE})(?P<between>\s?[-\u2013]\s?|\s?% to | to |% ?[-\u2013] ?| and )"
    rf"(?P<high>{_VALUE})(?!\w|[.,]\d|[-\u2013/])"
)
_INTERVAL_LABEL = re.compile(
    r"\b(?:9[059](?:\.\d)?)\s?%\s?(?:\(?CIs?\b|confidence|credib|CrI|uncertainty|prediction|UI)",
    re.IGNORECASE,
)
# A word that makes the number behind it a name.
_NAMING = re.compile(
    r"\b(?:types?|grades?|stages?|phases?|class|classes|groups?|tables?|figs?\.?|figures?|factors?|"
    r"trials?|study|levels?|chromosomes?|exons?|interleukins?|vitamin|omega|coronavirus|version|"
    r"part|chapter|section|appendix|box|step|cluster|subtype|serotype|genotypes?|scale|category|"
    r"no\.|ref\.|refs?\.|panel|and|or|,|sars|cov|covid|hiv|hsv|hpv|b|h|n|t|il|cd|arm|cohort|model|"
    r"icd|dsm|nct|pmid|doi|sf|gpt|protein|caspase|complement|carbon|schedule|form)[\s-]?$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
# references, items of a list within the sentence, and thousands set apart by a space
_MARKS = re.compile(r"\[\d[\d,;\s\u2013-]*\]|\(\d{1,2}\)|(?<!\d)\d{1,3}(?: \d{3})+(?!\d)")
_UNIT = re.compile(
    rf"{_FREE}{_VALUE}(?P<gap>[\s-]?)"
    rf"(?P<unit>{'|'.join(re.escape(u) for u in sorted(UNITS, key=lambda u: (-len(u), u)))})"
    r"(?![\w/]|-[A-Za-z])"
)
_PAIR = r"(?P<one>{value})(?P<between>\s?%?{words})(?P<other>{value})(?![\w-]|[.,]\d)"
_FROM_TO = re.compile(r"\bfrom " + _PAIR.format(value=_VALUE, words=" to "))
_VERSUS = re.compile(_FREE + r"(?<!± )" + _PAIR.format(value=_VALUE, words=r" (?:vs\.?|versus) "))
_RANGING = re.compile(r"\b(?:rang|vary|varie|aged?\b)[^,;]{0,30}$", re.IGNORECASE)


def number_edits(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """Yield another value for each number that is a fact: no name, year, percentage or range."""
    ranges = [m.span() for m in _RANGE.finditer(sentence)]
    for match in _NUMBER.finditer(sentence):
        if any(a <= match.start() < b for a, b in ranges) or is_name(sentence, match):
            continue
        new = another(match[0], sentence, rng)
        if new:
            yield match.start(), match.end(), new
    for match in _WRITTEN.finditer(sentence):
        word = match[0].lower()
        absent = [w for w in NUMBER_WORDS if w != word and w not in sentence.lower()]
        if absent:
            new = rng.choice(absent)
            yield match.start(), match.end(), new.capitalize() if match[0][0].isupper() else new


def percentage_edits(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """Yield another value, at most 100 where it was, for each percentage but interval labels."""
    labels = [m.span() for m in _INTERVAL_LABEL.finditer(sentence)]
    for match in _PERCENT.finditer(sentence):
        if any(a <= match.start() < b for a, b in labels):
            continue
        new = another(match["value"], sentence, rng, most=PERCENT_MAX)
        if new:
            yield match.start("value"), match.end("value"), new


def bound_edits(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """Yield another lower or upper bound for each range; it stays in order."""
    for match in _RANGE.finditer(sentence):
        low, high = _float(match["low"]), _float(match["high"])
        dated = _YEAR.fullmatch(match["low"]) and _YEAR.fullmatch(match["high"])
        paired = match["between"].strip() == "and" and not _is_between(sentence, match)
        if dated or paired or low >= high or is_name(sentence, match):
            continue
        for side in ("low", "high"):
            new = another(match[side], sentence, rng)
            if new and (_float(new) < high if side == "low" else _float(new) > low):
                yield match.start(side), match.end(side), new


def unit_edits(sentence: str, _: random.Random) -> Iterator[Edit]:
    """Yield another unit for each number that has one."""
    for match in _UNIT.finditer(sentence):
        if not is_name(sentence, match):
            yield match.start("unit"), match.end("unit"), UNITS[match["unit"]]


def swapped_value_edits(sentence: str, _: random.Random) -> Iterator[Edit]:
    """Yield "from 2 to 1" for "from 1 to 2", and the like for "1 versus 2"; no span is turned."""
    for pattern in (_FROM_TO, _VERSUS):
        for match in pattern.finditer(sentence):
            dated = _YEAR.fullmatch(match["one"])
            spans = _RANGING.search(sentence[: match.start()])
            if match["one"] != match["other"] and not dated and not spans:
                text = f"{match['other']}{match['between']}{match['one']}"
                yield match.start("one"), match.end("other"), text


def is_name(sentence: str, match: re.Match[str]) -> bool:
    """Tell whether a number belongs to a name, a label or a list of references, or is a year."""
    before = sentence[max(0, match.start() - 24) : match.start()]
    if _YEAR.fullmatch(match[0]) or _NAMING.search(before):
        return True
    marks = (m.span() for m in (*_MARKS.finditer(sentence), *_INTERVAL_LABEL.finditer(sentence)))
    return any(a <= match.start() < b for a, b in marks)


def another(
    written: str, sentence: str, rng: random.Random, *, most: float | None = None
) -> str | None:
    """Return another number, written alike, that the sentence does not have; None: none found."""
    value = _float(written)
    places = len(written.partition(".")[2])
    for _ in range(TRIES):
        new = (
            value + rng.choice(STEPS) if not places and value < FEW else value * rng.choice(FACTORS)
        )
        if new <= 0 or (most is not None and value <= most < new):
            continue
        text = f"{new:,.{places}f}" if "," in written else f"{new:.{places}f}"
        same = re.search(rf"(?<![\d.]){re.escape(text)}(?!\d|[.,]\d)", sentence)
        if _float(text) != value and _float(text) > 0 and not same:
            return text
    return None


def _is_between(sentence: str, match: re.Match[str]) -> bool:
    return bool(re.search(r"\bbetween $", sentence[: match.start()], re.IGNORECASE))


def _float(written: str) -> float:
    return float(written.replace(",", ""))
