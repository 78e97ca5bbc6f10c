"""How a term or an abbreviation is found in a text: whole words, with few liberties.

An abbreviation is found as it is written, with a plural s. A term may begin its words with a
capital or a small letter, join them by a space or a hyphen, and have a plural s.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

_HYPHENS = "-\u2010\u2011"
_APOSTROPHES = "'’"
_GAP = re.compile(rf"[^\S\n]+|[{_HYPHENS}]")
# Not inside a longer word, nor one half of a name such as PD-L1 or AMPLIFY-EXT.
_BEFORE = rf"(?<![\w&\u0300-\u036f])(?<![A-Z0-9][{_HYPHENS}])"
_AFTER = rf"(?![\w&%\u0300-\u036f])(?![{_HYPHENS}][A-Z0-9])"


def plain_abbreviation(text: str) -> str:
    """Return the spelling that an abbreviation is looked up by: all hyphens are one."""
    return re.sub(f"[{_HYPHENS}]", "-", text)


def plain_term(text: str) -> str:
    """Return the spelling that a term is looked up by: small letters, spaces between words."""
    # casefold, since what lower makes of a letter can depend on the letter after it
    return " ".join(filter(None, _GAP.split(text))).replace("’", "'").casefold()


def is_abbreviation_of(form: str, term: str) -> bool:
    """Tell whether a spelling of an abbreviation `term` is one too, and not its long form."""
    return form == term or (form != form.lower() and not re.search(r"\s", form))


def pattern_of(spellings: Mapping[str, bool]) -> re.Pattern[str] | None:
    """Return the pattern that finds any of the spellings, at each place the longest.

    `spellings` tells of each whether it is an abbreviation. None when there are none.
    """
    ordered = sorted(spellings, key=lambda form: (-len(form), form))
    forms = (_abbreviation(form) if spellings[form] else _term(form) for form in ordered)
    alternatives = "|".join(forms)
    return re.compile(f"{_BEFORE}(?:{alternatives}){_AFTER}") if alternatives else None


@lru_cache(maxsize=512)
def bounded(short: str) -> re.Pattern[str]:
    """Return the pattern of one abbreviation as a whole word."""
    return re.compile(f"{_BEFORE}{_abbreviation(short)}{_AFTER}")


def _abbreviation(form: str) -> str:
    hyphens = re.escape(plain_abbreviation(form)).replace(r"\-", f"[{_HYPHENS}]")
    return hyphens + ("s?" if len(form) > 1 and form[-1].isupper() else "")


def _term(form: str) -> str:
    words = (_word(word) for word in _GAP.split(form) if word)
    return rf"(?:[^\S\n]+|[{_HYPHENS}])".join(words) + "s?"


def _word(word: str) -> str:
    small, capital = word[0].lower(), word[0].upper()
    # not where a letter changes into several, or cannot be changed back
    one_letter = len(small) == len(capital) == 1
    both = one_letter and small.casefold() == capital.casefold() == word[0].casefold()
    first = f"[{re.escape(small)}{re.escape(capital)}]" if both else re.escape(word[0])
    return first + re.sub(f"[{_APOSTROPHES}]", f"[{_APOSTROPHES}]", re.escape(word[1:]))
