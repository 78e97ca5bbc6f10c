"""What a sentence may not hold whatever a model makes of it: figures, names and quotes of its own.

Each function returns what stands in the sentence and not in the units that it points at.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from index.reading.tokens import ReaderTokens

# A word that the vocabulary cuts into so many pieces is a name: of a drug, a test, a gene.
NAME_PIECES = 4
# So much of a name's beginning must stand in the units: "fibroses" for "fibrosis".
STEM = 0.7
# Not the number of a name ("IL-6"); but the end of a range ("6-12"), and ".05" without its zero.
_FIGURE = re.compile(r"(?<![\w.,])(?<![^\W\d_]-)(\d+(?:[.,]\d+)*|\.\d+)(?![.,]?\d)")
_WORD = re.compile(r"[^\W\d_](?:[\w-]*\w)?")
_BEHIND = re.compile(
    r"[\s-]*(?:(?:to|or|and|–|-|±)\s*\d+(?:[.,]\d+)*[\s-]*)?([%‰°]|mm\sHg\b|[^\W\d_]+)"
)
# "One" is left out: it stands for more than the figure ("one of these").
_NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
# Units of measure and time, each with its other ways of writing.
_UNITS = (
    "% percent per-cent",
    "g gram grams",
    "mg milligram milligrams",
    "kg kilogram kilograms",
    "µg μg mcg ug microgram micrograms",
    "ng",
    "l litre litres liter liters",
    "ml millilitre millilitres milliliter milliliters",
    "dl",
    "mmol",
    "µmol μmol umol",
    "mm",
    "cm",
    "mmhg",
    "iu",
    "second seconds s",
    "minute minutes min mins",
    "hour hours h hr hrs",
    "day days d",
    "week weeks",
    "month months",
    "year years y yr yrs",
    "fold times",
)
_CANONICAL = {way: ways.split()[0] for ways in _UNITS for way in ways.split()}


def figures_lacking(sentence: str, evidence: str) -> list[str]:
    """Return the figures, each with its unit, that the evidence does not hold.

    >>> figures_lacking("Two doses of 5 mg.", "It is given in 2 doses of 5 g or 5 mL.")
    ['5 mg']
    >>> figures_lacking("For 6 to 12 months, in 1,200 patients.", "1200 patients; 6-12 months")
    []
    """
    held = set(_figures(evidence))
    bare = {figure for figure, _ in held}
    lacking = []
    for figure, unit in _figures(sentence):
        with_unit = {other for number, other in held if number == figure and other}
        if figure not in bare or (unit and with_unit and unit not in with_unit):
            lacking.append(f"{figure} {unit}".strip())
    return list(dict.fromkeys(lacking))


def _figures(text: str) -> Iterator[tuple[str, str]]:
    """Yield every figure, written alike, with the unit of measure or time behind it, if any."""
    for match in _FIGURE.finditer(text):
        yield _alike(match[1]), _unit_behind(text, match.end())
    for match in _WORD.finditer(text):
        if match[0].lower() in _NUMBER_WORDS:
            number = str(_NUMBER_WORDS.index(match[0].lower()) + 2)
            yield number, _unit_behind(text, match.end())


def _alike(figure: str) -> str:
    """Return a figure without separators of thousands and needless zeros."""
    plain = re.sub(r",(?=\d{3}(?!\d))", "", figure).replace(",", ".")
    whole, point, part = plain.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (point + part if part else "")


def _unit_behind(text: str, at: int) -> str:
    match = _BEHIND.match(text, at)
    return _CANONICAL.get("".join(match[1].lower().split()), "") if match else ""


def names_lacking(sentence: str, evidence: str) -> list[str]:
    """Return the names of drugs, tests and the like that the evidence does not hold.

    >>> names_lacking("Nitrofurantoin causes fibrosis.", "Fibrosis is seen with methotrexate.")
    ['Nitrofurantoin']
    """
    held = evidence.casefold()
    words = dict.fromkeys(match[0] for match in _WORD.finditer(sentence))
    return [word for word in words if _is_name(word) and _stem(word) not in held]


def _stem(word: str) -> str:
    return word.casefold()[: max(4, int(len(word) * STEM))]


def _is_name(word: str) -> bool:
    return _pieces(word) >= NAME_PIECES


@cache
def _tokens() -> ReaderTokens:
    return ReaderTokens()


def _pieces(word: str) -> int:
    return len(_tokens().claim(word)) - 2  # without the marks around it


def quotes_lacking(quotes: Sequence[str], evidence: str) -> list[str]:
    """Return the quotes that do not stand in the evidence letter for letter, white space aside."""
    held = " ".join(evidence.split())
    return [quote for quote in quotes if " ".join(quote.split()) not in held]
