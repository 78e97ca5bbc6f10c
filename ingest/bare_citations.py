"""Citation numbers without brackets, as the plain text of a page keeps them (`… in IPF 3.`).

Such a number looks like any other, so it is taken for a citation only if all of this holds:

1. Place. It ends a block or a sentence: `… opacity 1`, `… in IPF 3.`, or stands after the full
   stop, `… identified. 1, 2`. Numbers inside a sentence, and so all that a unit follows, stay.
2. What stands before it could end the statement. Not a word that calls for a number (`in`, `was`,
   `about`), a sign (`<`, `=`, `:`), a number, a label that numbers complete (`type 2`, `grade 3`,
   `week 4`, `factor 8`, `PD 1`), an abbreviation (`No. 5`) or a single letter (`D 3`).
3. A label in the plural with one number has no number of its own (`several months 5` cites); with
   several (`weeks 2, 4`) it does, unless a quantity precedes it (`several months 1, 4`). A label
   after `this`, `each`, `per` … is complete as well (`at this stage 3` cites).
4. Range. Every number is at most `citable(…)`: the length of the reference list, lengthened by
   each next number that the page cites too (a page may cite a 6 that its list of 5 lacks).
5. House style. The page cites a 1, and either its list prints numbers, or it cites after a full
   stop, or several numbers together, or at three places or more. Otherwise it cites nothing.

Where the rule errs, it leaves a citation in the text rather than take a quantity out of it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.citations import NUMBER, Cut, Taken, expand, take

_ENTRY = rf"{NUMBER}(?:[-–]{NUMBER})?"
_CANDIDATE = re.compile(
    rf"(?<=\S)\s(?P<numbers>{_ENTRY}(?:,\s?{_ENTRY})*)"
    r"(?=(?P<end>[.;:,!?]?\Z)|(?P<stop>\.)\s+[\"'“‘(]?[A-Z]|\s+[\"'“‘(]?(?P<next>[A-Z][\w-]*))"
)
_CLOSERS = "\"'”’)]»*†"
_FULL_STOP = re.compile(rf"[.!?…][{re.escape(_CLOSERS)}]*$")
_PURE_NUMBER = re.compile(r"[\W_]*\d[\d.,:/–-]*\W*")
_MIN_YEAR_CHARS = 4
_MIN_PLACES = 3
_LOOK_BACK_CHARS = 80


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ABBREVIATIONS = _words(
    "no nos fig figs vol vs approx ca ch ref refs sec eq eqs tab p pp e.g i.e cf dr st nr app art "
    "min max"
)
# Words that no statement ends with, so that a number after them belongs to it.
_CALLS_FOR_NUMBER = _words(
    "a an the of in on at by for from with to into during after before until till since through "
    "as than and or nor but if when while between within over under above below beyond among plus "
    "minus times versus vs per every each about approximately around roughly nearly almost only "
    "just exactly least most all these those not was were is are be been being am had has have "
    "equal equals reached exceeded averaged totalled totaled scored numbered lasted remained "
    "became received include includes including follow follows following first last top next other "
    "another fewer aged score scores median mean range ratio index inr bmi ph egfr gfr total sum "
    "average n number ranged ranging lost gained took gave got made needs requires weighs weighed "
    "counted cost costs"
)
# Names that a number completes.
_LABELS = _words(
    "type subtype grade stage group subgroup class category level phase step part arm cohort tier "
    "cycle visit day week month year hour minute factor table figure panel box appendix chapter "
    "equation criterion chromosome exon codon genotype serotype serogroup isoform interleukin "
    "receptor kinase protein transporter cotransporter cyclooxygenase ligand antigen subunit il cd "
    "hiv hsv htlv hpv glp sglt her cox jak pd nf men cov covid asa ecog nyha pugh gleason rads mrs "
    "kdigo gold gcs nihss meld apgar sofa apache"
)
# Labels only when capitalised or right after a preposition: "in study 2", not "a large study 2".
_WEAK_LABELS = _words(
    "study trial experiment case patient section model line point option region dose rate age "
    "count value size temperature weight height version domain zone lead segment question"
)
_COMPLETES_LABEL = _words(
    "this that each every either same another per one 1 any no which control age early late "
    "advanced"
)
_QUANTITY = _words(
    "several few many some multiple various different both all most other two three four five six "
    "seven eight nine ten twelve to risk"
)
# What may follow a number that opens a sentence and is no citation: "5 Gy", "3 MET".
_UNITS = _words("Gy Hz Pa Bq Sv IU MET METs METS HT Da Mb Kb Eq Osm Ci MHz GHz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Cut):
    """Numbers at a place where the page could cite; `plain` when they can hardly be a quantity."""

    plain: bool


def candidates(text: str) -> tuple[Candidate, ...]:
    """Return where one block's `text` may print citation numbers, by rules 1 to 3."""
    return tuple(_candidates(text))


def citable(found: Iterable[Candidate], *, listed: int, numbered: bool = False) -> int:
    """Return the highest number that this page can cite, 0 when it does not cite so (rules 4, 5).

    `found` are the candidates of all its blocks, `listed` the length of its reference list (or
    the highest number printed there); `numbered` tells whether the list prints numbers.
    """
    found = tuple(found)
    numbers = {number for c in found for number in c.numbers}
    in_style = numbered or any(c.plain for c in found) or len(found) >= _MIN_PLACES
    if 1 not in numbers or not in_style:
        return 0
    highest = listed
    while highest + 1 in numbers:
        highest += 1
    return highest


def take_bare(text: str, *, highest: int) -> Taken:
    """Take the citation numbers up to `highest` (of `citable`) out of one block's text.

    >>> take_bare("Short illness (median <3 months) 1", highest=6)
    Taken(text='Short illness (median <3 months)', callouts=(Callout(at=32, numbers=(1,)),))
    >>> take_bare("The dose was 5", highest=6).text
    'The dose was 5'
    """
    return take(text, (c for c in candidates(text) if max(c.numbers) <= highest))


def _candidates(text: str) -> Iterator[Candidate]:
    enumerates = False
    for match in _CANDIDATE.finditer(text):
        numbers = expand(match["numbers"])
        before = text[max(0, match.start() - _LOOK_BACK_CHARS) : match.start()]
        after_stop = bool(_FULL_STOP.search(before))
        fits = _fits_after_stop(before, match) if after_stop else _fits(before, match)
        # "… include 1. Infection 2. Drugs": once 1 is no citation, neither are the rest.
        enumerates = enumerates or (not fits and match["numbers"] == "1" and bool(match["stop"]))
        if numbers and fits and not (enumerates and match["stop"]):
            yield Candidate(
                start=match.start(),
                end=match.end(),
                numbers=numbers,
                plain=after_stop or len(numbers) > 1,
            )


def _fits_after_stop(before: str, match: re.Match[str]) -> bool:
    """Tell whether numbers that follow a full stop cite the sentence that it ends."""
    following = match["next"]
    if following is None:
        return match["end"] == "" and _ends_sentence(before)
    opens = len(following) > 1 or following in ("A", "I")
    return opens and following not in _UNITS and _ends_sentence(before)


def _ends_sentence(before: str) -> bool:
    token = before.rsplit(maxsplit=1)[-1].rstrip(_CLOSERS).rstrip(".!?…")
    if _PURE_NUMBER.fullmatch(token) and not token.endswith("%"):
        return len(token) >= _MIN_YEAR_CHARS and token.isdigit()
    return token.lower().lstrip("(") not in _ABBREVIATIONS and len(token) > 1


def _fits(before: str, match: re.Match[str]) -> bool:
    """Tell whether numbers that follow a word at the end of a statement can be citations."""
    if match["next"]:
        return False
    tokens = before.split()
    token = tokens[-1]
    if _PURE_NUMBER.fullmatch(token) and not token.endswith(("%", ")", "]")):
        return False
    if token[-1] in _CLOSERS or token[-1] == "%":
        return len(token) > 1
    if not token[-1].isalnum() or len(token) == 1:
        return False
    previous = tokens[-2] if len(tokens) > 1 else ""
    return not _takes_number(token, previous, several=not match["numbers"].isdigit())


def _takes_number(token: str, previous: str, *, several: bool) -> bool:
    """Tell whether a number after `token` belongs to it: `was 5`, `type 2`, `weeks 2, 4`."""
    word = re.split(r"[-–/(]", token)[-1].lower()
    previous = previous.lower().strip("(,;")
    if word in _CALLS_FOR_NUMBER:
        return True
    if word in _LABELS:
        return previous not in _COMPLETES_LABEL
    if word in _WEAK_LABELS:
        return token[0].isupper() or previous in _CALLS_FOR_NUMBER - {"a", "an", "the"}
    if word.endswith("s") and (word[:-1] in _LABELS or word[:-1] in _WEAK_LABELS):
        return several and previous not in _QUANTITY and not any(c.isdigit() for c in previous)
    return False
