"""Authors' names as reference lists print them: `Surname AB`, or the name of a group."""

import re
from dataclasses import dataclass

MAX_SURNAME_WORDS = 5
MAX_INITIALS = 4
_SUFFIX = re.compile(r"Jr\.?|Sr\.?|I{2,3}|IV|2nd|3rd|4th")
_INITIALS = re.compile(r"[^\W\d_](?:[.-]{0,2}[^\W\d_])*\.?")
# What a person's surname does not hold. A name that is taken for a group's by mistake stays whole,
# which does less harm than a society with a first name.
_GROUP_WORD = re.compile(
    r"(?:academ|agenc|alliance|association|authorit|board|bureau|cent(?:er|re)|clinic|coalition|"
    r"collab|college|commission|committee|confederation|consortium|council|department|federation|"
    r"forum|foundation|fund|group|hospital|initiative|institut|investigator|league|ministr|network|"
    r"office|organi[sz]ation|panel|partnership|program|project|regist|service|societ|stud(?:y|ies)|"
    r"task|team|trial|trialist|trust|union|universit|workshop)\w*|and|for|of|on|the|in|&",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """A person's name in parts; `given` is a first name or initials with stops (`A. B.`)."""

    family: str
    given: str
    suffix: str | None = None


def person_name(printed: str) -> PersonName | None:
    """Return the parts of a person's name as printed, None where it may be a group's.

    >>> person_name("van der Berg AB Jr")
    PersonName(family='van der Berg', given='A. B.', suffix='Jr')
    >>> person_name("Fleischner Society") is person_name("ARDS Network NIH") is None
    True
    """
    if any(_GROUP_WORD.fullmatch(word) for word in re.split(r"[\s,]+", printed)):
        return None
    family, comma, given = (part.strip() for part in printed.partition(","))
    if comma:
        return _inverted(family, given)
    *words, initials = printed.split() or [""]
    suffix = None
    if len(words) > 1 and _SUFFIX.fullmatch(initials):
        suffix, initials = initials, words.pop()
    stopped = _stopped(initials)
    if stopped is None or not _is_surname(words):
        return None
    return PersonName(family=" ".join(words), given=stopped, suffix=suffix)


def _inverted(family: str, given: str) -> PersonName | None:
    """Return the parts of `Surname, Given`; None for two names, or more than one comma."""
    both = _is_surname(family.split()) and _is_surname(given.replace(".", "").split())
    if not both or person_name(family) is not None or person_name(given) is not None:
        return None
    return PersonName(family=family, given=_stopped(given) or given)


def _is_surname(words: list[str]) -> bool:
    plain = all(re.fullmatch(r"[^\W\d_](?:[^\W\d_]|['’.-])*", word) for word in words)
    return plain and 0 < len(words) <= MAX_SURNAME_WORDS


def _stopped(initials: str) -> str | None:
    """Return initials each with a stop (`AB`: `A. B.`, `J-P`: `J.-P.`), None for anything else."""
    letters = [character for character in initials if character.isalpha()]
    if not _INITIALS.fullmatch(initials) or len(letters) > MAX_INITIALS:
        return None
    if not all(letter.isupper() for letter in letters):
        return None
    bare = initials.replace(".", "")
    return re.sub(r"(?<=\.)(?=[^\W\d_])", " ", re.sub(r"([^\W\d_])", r"\1.", bare))
