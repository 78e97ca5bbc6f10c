"""How near two references come by title, year and first author, as a number from 0 to 1.

    score = 0.70 title + 0.15 year + 0.15 first author

    title         Dice's coefficient of the letter triples of both titles after `title_key`; for
                  titles that differ by a subtitle also of their main parts, times 0.95
    year          1 the same, ½ off by one or unknown, 0 else
    first author  1 the same surname, ½ unknown, 0 another

From `LISTED_FROM` on a pair is worth an editor's look. No score ties anything by itself.
"""

import re
import unicodedata

from corpus.names import person_name
from corpus.records import Reference

LISTED_FROM = 0.75
TITLE_WEIGHT, YEAR_WEIGHT, AUTHOR_WEIGHT = 0.70, 0.15, 0.15
SUBTITLE_FACTOR = 0.95
MIN_MAIN_WORDS = 3

_WORD = re.compile(r"\w+")
_SUBTITLE = re.compile(r"\s*[:?.–—]\s+|\s+-\s+")
_GREEK = {
    ord(unicodedata.lookup(f"GREEK SMALL LETTER {name}")): f" {name.lower()} "
    for name in "ALPHA BETA GAMMA DELTA EPSILON ZETA ETA THETA IOTA KAPPA LAMDA MU NU XI OMICRON "
    "PI RHO SIGMA TAU UPSILON PHI CHI PSI OMEGA".split()
} | {ord("ς"): " sigma ", ord("λ"): " lambda "}
# British spellings to American ones, in lower case, whatever else they meet: both sides meet it.
_SPELLINGS = (
    (re.compile(r"(?<=\w)is(?=(?:e|ed|es|er|ing|ation|ations)\b)"), "iz"),
    (re.compile(r"(?<=\w)ys(?=(?:e|ed|es|ing)\b)"), "yz"),
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"(?<=\w)our(?=s?\b|e[dr]|ing|al|able)"), "or"),
    (re.compile(r"(?<=\w)([tb])re(?=s?\b)"), r"\1er"),
    (re.compile(r"(?<=l)l(?=ed|ing)"), ""),
    (re.compile(r"(?<=\w)ogue(?=s?\b)"), "og"),
    (re.compile(r"sulph"), "sulf"),
)


def title_key(title: str) -> str:
    """Return a title as it is compared: words in lower case without accents and punctuation.

    Greek letters become their names, British spellings American ones.

    >>> title_key("Tumour necrosis factor-α in “Anaemia”: a randomised trial.")
    'tumor necrosis factor alpha in anemia a randomized trial'
    """
    plain = unicodedata.normalize("NFKD", title).casefold().replace("&", " and ")
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_GREEK)
    for spelling, replacement in _SPELLINGS:
        plain = spelling.sub(replacement, plain)
    return " ".join(_WORD.findall(plain))


def main_key(title: str) -> str:
    """Return the key of a title without its subtitle; of the whole where too little would stay.

    >>> main_key("Steroids for organizing pneumonia: a cohort study")
    'steroids for organizing pneumonia'
    """
    main = title_key(_SUBTITLE.split(title.strip(), maxsplit=1)[0])
    return main if len(main.split()) >= MIN_MAIN_WORDS else title_key(title)


def title_similarity(one: str, other: str) -> float:
    """Return from 0 (nothing in common) to 1 (the same key) how near two titles come."""
    whole = _dice(title_key(one), title_key(other))
    return max(whole, SUBTITLE_FACTOR * _dice(main_key(one), main_key(other)))


def same_first_author(one: Reference, other: Reference) -> bool | None:
    """Tell whether the first authors' surnames agree; None where one is unknown."""
    if not one.authors or not other.authors:
        return None
    return _surname(one.authors[0]) == _surname(other.authors[0])


def score(one: Reference, other: Reference) -> float:
    """Return the score of a pair, as the module says."""
    title = title_similarity(one.title, other.title)
    author = {True: 1.0, None: 0.5, False: 0.0}[same_first_author(one, other)]
    return TITLE_WEIGHT * title + YEAR_WEIGHT * _year(one, other) + AUTHOR_WEIGHT * author


def _year(one: Reference, other: Reference) -> float:
    if one.year is None or other.year is None:
        return 0.5
    return {0: 1.0, 1: 0.5}.get(abs(one.year - other.year), 0.0)


def _surname(printed: str) -> str:
    name = person_name(printed)
    return title_key(name.family if name else printed)


def _dice(one: str, other: str) -> float:
    if one == other:
        return 1.0 if one else 0.0
    mine, theirs = _triples(one), _triples(other)
    return 2 * len(mine & theirs) / max(1, len(mine) + len(theirs))


def _triples(key: str) -> set[str]:
    padded = f" {key} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)} if key else set()
