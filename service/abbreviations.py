"""Abbreviations that a text defines itself, as in `interstitial lung disease (ILD)`.

The search is that of Schwartz and Hearst, "A simple algorithm for identifying abbreviation
definitions in biomedical text", Pacific Symposium on Biocomputing 2003: the letters of the short
form are looked for from right to left in the words before its parenthesis, and the first of them
must begin a word.

What it finds is then held to a stricter rule, because a wrong expansion is a wrong fact: every
word of the long form but the small ones ("of", "and") must give its first letter, in order. So
`adults with lung disease (ALD)` defines nothing, since "with" gives no letter and is not small.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

SHORT_CHARS = range(2, 11)
MAX_BEFORE_CHARS = 300
_PARENTHESIS = re.compile(r"\(([^()\n]{2,150})\)")
_SHORT = re.compile(r"[^\W_](?:[^\W_]|[-/.](?=[^\W_]))+")
# A long form does not reach over punctuation.
_CLAUSE_END = re.compile(r"[.;:,!?()\[\]\n“”\"]")
_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset("a an and by for from in of on or s the to".split())
_ARTICLES = ("a", "an", "the")
_NOT_PLURAL = ("es", "is", "ss", "us")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A short form and what it stands for; `[start, end)` is where the short form stands.

    `short` is without a plural s; `long` is as printed, on one line.
    """

    short: str
    long: str
    start: int
    end: int


def definitions(text: str) -> Iterator[Definition]:
    """Give the abbreviations that a text defines, in order: `long form (SF)` or `SF (long form)`.

    >>> [(d.short, d.long) for d in definitions("An interstitial lung disease (ILD) scars.")]
    [('ILD', 'interstitial lung disease')]
    """
    for found in _PARENTHESIS.finditer(text):
        inner = re.split(r"[;,]", found[1])[0].rstrip()
        before = text[max(0, found.start() - MAX_BEFORE_CHARS) : found.start()]
        if is_short_form(inner):
            long = _long_form(singular(inner), before)
            start = found.start(1)
            if long is not None:
                yield _definition(inner, long, start)
        elif (short := _short_form_before(before)) and spells(singular(short), inner):
            start = found.start() - len(before) + len(before.rstrip()) - len(short)
            yield _definition(short, inner, start)


def _short_form_before(before: str) -> str | None:
    """Return the short form that a text ends with, one space or more after it."""
    words = before.rsplit(None, 1)
    short = words[-1].lstrip("(") if words and before[-1].isspace() else ""
    return short if is_short_form(short) else None


def _definition(short: str, long: str, start: int) -> Definition:
    """Make a definition; of a plural pair both are put in the singular where that is plain."""
    if singular(short) != short and long.endswith("s") and not long.endswith(_NOT_PLURAL):
        long = long[:-1]
    long = " ".join(long.split())
    return Definition(short=singular(short), long=long, start=start, end=start + len(short))


def is_short_form(text: str) -> bool:
    """Tell whether a word looks like an abbreviation: short, and at least half capitals."""
    text = singular(text)
    if len(text) not in SHORT_CHARS or not _SHORT.fullmatch(text):
        return False
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    return capitals > 0 and 2 * capitals >= len(letters)


def singular(short: str) -> str:
    """Return a short form without its plural s, which follows a capital letter."""
    plural = len(short) > SHORT_CHARS[0] and short.endswith("s") and short[-2].isupper()
    return short[:-1] if plural else short


def _long_form(short: str, before: str) -> str | None:
    """Return the words at the end of `before` that the short form stands for, or None.

    The shortest such words, at most min(n + 5, 2 n) of them for a short form of n characters.
    """
    words = _CLAUSE_END.split(before)[-1].split()
    candidate = " ".join(words[-min(len(short) + 5, 2 * len(short)) :])
    position = len(candidate)
    for index in range(len(short) - 1, -1, -1):
        if not short[index].isalnum():
            continue
        position = _leftwards(candidate, position, short[index].lower(), begins_word=index == 0)
        if position < 0:
            return None
    long = candidate[candidate.rfind(" ", 0, position + 1) + 1 :]
    return long if spells(short, long) else None


def _leftwards(text: str, position: int, letter: str, *, begins_word: bool) -> int:
    """Return the nearest place of a letter before `position`, -1 when there is none."""
    for place in range(position - 1, -1, -1):
        if text[place].lower() == letter and not (
            begins_word and place > 0 and text[place - 1].isalnum()
        ):
            return place
    return -1


def spells(short: str, long: str) -> bool:
    """Tell whether a long form spells its short form: every word gives its first letter.

    Small words may be passed over, and none begins with an article. Further letters of a word may
    be used, but fewer of them than there are words; a single word is believed only for a mixed
    short form: `haemoglobin (Hb)`.
    """
    words = [word.lower() for word in _WORD.findall(long)]
    letters = [c.lower() for c in short if c.isalnum()]
    if not words or words[0] in _ARTICLES or short in long.split():
        return False
    if len(words) == 1 and short.isupper():
        return False
    # place (word, next letter in it) -> the fewest letters that were not first ones
    places: Mapping[tuple[int, int], int] = {(-1, 0): 0}
    for letter in letters:
        places = _onwards(words, places, letter)
    inner = [count for (word, _), count in places.items() if word == len(words) - 1]
    return bool(inner) and min(inner) < max(2, len(words))


def _onwards(
    words: list[str], places: Mapping[tuple[int, int], int], letter: str
) -> dict[tuple[int, int], int]:
    """Return where one can be after the next letter of the short form."""
    reached: dict[tuple[int, int], int] = {}
    for (word, position), count in places.items():
        within = words[word] if word >= 0 else ""
        steps = [(word, p + 1, 1) for p in range(position, len(within)) if within[p] == letter]
        for following in range(word + 1, len(words)):
            if words[following][0] == letter:
                steps.append((following, 1, 0))
            if words[following] not in _SMALL:
                break
        for at, next_position, cost in steps:
            place = (at, next_position)
            reached[place] = min(count + cost, reached.get(place, count + cost))
    return reached


def agreed(found: Iterable[Definition]) -> dict[str, str]:
    """Return what each short form stands for, leaving out those that texts define differently.

    Spellings of one meaning agree (see `folded`); a singular is taken rather than a plural, and
    then the one with the fewest capitals, since a sentence or a title may begin with it.
    """
    longs: dict[str, list[str]] = {}
    for definition in found:
        longs.setdefault(definition.short, []).append(definition.long)
    return {
        short: min(forms, key=lambda form: (form.endswith("s"), sum(map(str.isupper, form))))
        for short, forms in longs.items()
        if len({folded(form) for form in forms}) == 1
    }


def folded(long: str) -> str:
    """Return a form that is equal for British and American spelling, singular and plural."""
    text = " ".join(_WORD.findall(long.lower())).replace("s", "z")
    for british, american in (("ae", "e"), ("oe", "e"), ("our", "or")):
        text = text.replace(british, american)
    return text.removesuffix("z")
