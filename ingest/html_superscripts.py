"""Raised numbers without a link: which are citations and which belong to what they follow.

`relapse<sup>1,2</sup>` cites; `m<sup>2</sup>`, `10<sup>9</sup>`, `r<sup>2</sup>`, `<sup>18</sup>F`
and `Ca<sup>2+</sup>` do not. A raised number cites only if

1. it is nothing but numbers from 1 to 999, ranges, commas and brackets;
2. it follows a word or a mark of punctuation, but no digit, no unit, no sign, and no single letter
   (save one that names a kind: `hepatitis B`, `vitamin K`);
3. it does not stand before a word that it opens, as an isotope's number does;
4. it is at most as high as the list is long, the list lengthened by each next number that is
   cited too. Without a list the numbers must begin with 1.

Where the rule errs, it leaves a citation in the text rather than take a quantity out of it.
"""

import re
from collections.abc import Collection

from ingest.citations import expand

_NUMBERS = re.compile(
    r"\s*[\[(]?\s*(?P<numbers>[1-9]\d{0,2}(?:\s?[-–—‐‑−,;]\s?[1-9]\d{0,2})*)\s*[,;]?\s*[\])]?\s*"
)
_UNIT = re.compile(
    r"(?:^|[\d\s/·*×(-])(?:[kdcmµμnp]?m|[kmµμn]?g|[mµμ]?s|sec|min|h|hr|d|[mdµμ]?l|[mdµμ]?L|in|ft|cells"
    r"|[mµμ]?mol|[mk]?Pa|Hz|[MkG]y?Bq|U|IU|inch|inches|feet|foot|yd|x10|e)$"
)
_KINDS = re.compile(
    r"\b(?:hepatitis|influenza|vitamins?|group|type|class|factor|protein|category|grade|arm|appendix|"
    r"part|stage|child-pugh|immunoglobulin|strepto\w+|levels?)\s+\(?[A-Z]$",
    re.IGNORECASE,
)
_LETTER = re.compile(r"(?:^|[^A-Za-z])[A-Za-zα-ωΑ-Ωµ]$")
_CAN_CITE_AFTER = re.compile(r"[^\W\d_]|[.,;:!?%)\]\"'”’»†*®™]")


def raised_numbers(inner: str, *, before: str, after: str) -> tuple[int, ...]:
    """Return the numbers that a superscript may cite (rules 1 to 3), empty for any other.

    `before` and `after` are the text around it.

    >>> raised_numbers("1–3", before="It relapses.", after=" Most")
    (1, 2, 3)
    >>> raised_numbers("2", before="30 kg/m", after=" or")
    ()
    """
    match = _NUMBERS.fullmatch(inner)
    last = before.rstrip()[-1:]
    if match is None or not _CAN_CITE_AFTER.match(last):
        return ()
    apart = before[-1:].isspace()
    if after[:1].isalnum() and (apart or last in "([" or after[:1].isupper()):
        return ()  # an isotope
    if last in ")]" and re.search(r"\d\s?[\])]$", before.rstrip()) and "." not in match["numbers"]:
        bracketed = before.rstrip().rpartition("(" if last == ")" else "[")[2]
        if re.fullmatch(r"[\d\s./×x*-]+[\])]", bracketed):
            return ()  # (10)², a power
    tail = before.rstrip()[-40:]
    if _LETTER.search(tail) and not _KINDS.search(tail):
        return ()
    if _UNIT.search(tail):
        return ()
    spelled = re.sub(r"[‐‑−—]", "-", re.sub(r"\s", "", match["numbers"]))
    return expand(spelled) or ()


def highest_cited(found: Collection[int], *, listed: int) -> int:
    """Return the highest raised number that the page can cite (rule 4), 0 for none.

    `found` are the numbers of all its superscripts, `listed` the highest number in its list or,
    where none are printed, the number of entries.

    >>> highest_cited({1, 2, 6, 12}, listed=5), highest_cited({2}, listed=0)
    (6, 0)
    """
    highest = listed
    while highest + 1 in found:
        highest += 1
    return highest
