"""Words as a PDF prints them, and as they are stored.

Raised characters are kept between two marks until a block's text is complete; then
`resolve_raised` decides what each of them is: a citation, an exponent, or a mark.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence

from ingest.citations import NUMBER, expand

RAISED, END_RAISED = "\ue000", "\ue001"
UNREADABLE = "\ufffd"

_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
# What symbol fonts keep in the private area: bullets, and signs that change what is said.
_SYMBOLS = {
    "\uf0b7": "•",
    "\uf0a7": "▪",
    "\uf0d8": "‣",
    "\uf0b1": "±",
    "\uf0a3": "≤",
    "\uf0b3": "≥",
    "\uf0b4": "×",
    "\uf06d": "μ",
    "\uf061": "α",
    "\uf062": "β",
    "\uf067": "γ",
    "\uf0b0": "°",
    "\u2010": "-",
    "\u2011": "-",
}
_PLAIN = str.maketrans({**_LIGATURES, **_SYMBOLS})
_UPPER = str.maketrans("0123456789+-−–()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾")
_UPPER_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_RAISED_RUN = re.compile(f"{RAISED}([^{END_RAISED}]*){END_RAISED}")
_ENTRY = rf"{NUMBER}(?:\s?[-–—]\s?{NUMBER})?"
_CITING = re.compile(rf"[\[(]?\s*{_ENTRY}(?:\s?[,;]\s?{_ENTRY})*\s*[,;]?\s*[\])]?")
_ORDINAL = re.compile(r"st|nd|rd|th", re.IGNORECASE)
# Units that are raised to a power; those written out ("days") are words, which can be cited after.
_UNITS = frozenset(
    "m cm mm km µm μm um nm dm ft in kg g mg µg μg s h L l dL dl mL ml mmol mol W K C d".split()
)
_POWERS = frozenset(("2", "3", "-1", "−1", "–1", "-2", "−2", "–2", "-3", "−3"))
# Letters that a power or an index completes: R², I², χ², η², T₂ set high, p³.
_SYMBOL_BEFORE = re.compile(r"(?:^|[\s(,;=/·×*])(?:[A-Za-zα-ωΑ-Ω]|log|exp)$")
_LETTERED = re.compile(
    r"\b(?:vitamin|hepatitis|type|group|class|factor|influenza) [A-Z]$", re.IGNORECASE
)
_LAST_WORD = re.compile(r"[^\s/·*×.()]+$")
_HYPHEN_END = re.compile(r"[^\W\d_]-$")
# First parts of compounds. "inter", "sub" and the like are none: most of their words are closed.
_KEEPS_HYPHEN = frozenset(
    "non self double single triple placebo well high low long short follow cross half evidence "
    "risk dose age sex life health open case population hospital community first second third two "
    "three four five six steroid drug cost".split()
)
_CLOSED_PREFIXES = frozenset(
    "inter intra under over trans super hyper hypo anti post back fore counter micro multi semi "
    "para peri photo electro neuro cardio broncho".split()
)
_PREFIXES = frozenset("anti co de micro pre re semi intra".split())
_SUFFIX = re.compile(r"(?:e[dnr]\w*|est|ing\w*|ly|s|ness|ment\w*|tion\w*|al|ity|ous|able|ful)")
_WORD_END = re.compile(f"[.,;:()\\[\\]\"'“”‘’!?{RAISED}]")
_MIN_HALF_CHARS = 4


def normalised(text: str) -> str:
    r"""Return text with ligatures, symbol fonts and odd spaces in plain characters.

    Exponents that the file itself writes as such (m²) stay; control characters go.

    >>> normalised("e\ufb03cacy\u00a0of\u200b 5 m²")
    'efficacy of 5 m²'
    """
    if text.isascii() and text.isprintable():
        return text
    # a soft hyphen shows only at the end of a line
    soft = text.rstrip().endswith("\u00ad")
    text = text.replace("\u00ad", "") + ("-" if soft else "")
    plain = unicodedata.normalize("NFC", text.translate(_PLAIN))
    return "".join(_kept(char) for char in plain)


def _kept(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\x0b\x0c":
        return " "
    return "" if category in ("Cc", "Cf") else UNREADABLE if category in ("Co", "Cs") else char


def raised(text: str) -> str:
    """Mark a raised run, its outer spaces outside the marks."""
    inner = text.strip()
    if not inner:
        return text
    start = text.index(inner)
    return f"{text[:start]}{RAISED}{inner}{END_RAISED}{text[start + len(inner) :]}"


def words_of(lines: Iterable[str]) -> frozenset[str]:
    """Return the words, in lower case, that stand whole inside the lines of a document."""
    return frozenset(_whole_words(lines))


def _whole_words(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        for word in _RAISED_RUN.sub(" ", line).split():
            bare = word.strip(".,;:()[]\"'“”‘’!?").lower()
            if bare and not bare.endswith("-"):
                yield bare


def join_lines(lines: Sequence[str], known: Collection[str]) -> str:
    """Join the lines of one block, hyphenation mended; `known` are the document's whole words.

    >>> join_lines(["a double-", "blind treat-", "ment with IL-", "6"], {"treatment"})
    'a double-blind treatment with IL-6'
    """
    text = ""
    for line in lines:
        line = " ".join(line.split())  # noqa: PLW2901 - the same line, white space folded
        text = _joined(text, line, known) if text else line
    return text


def _joined(text: str, line: str, known: Collection[str]) -> str:
    if not line:
        return text
    if _HYPHEN_END.search(text) and line[0].isalpha():
        return _without_hyphen(text, line, known) or text + line
    glued = text[-1] in "-–—/" and not text[-2:-1].isspace() and line[0].isalnum()
    return text + line if glued else f"{text} {line}"


def _without_hyphen(text: str, line: str, known: Collection[str]) -> str | None:
    """Return the two lines as one word, None when the hyphen is one of the word's own."""
    first = text.rsplit(maxsplit=1)[-1][:-1].lstrip("([\"'“‘")
    rest = _WORD_END.split(line.split(maxsplit=1)[0], maxsplit=1)[0]
    if not line[0].islower():
        return None
    whole, compound = (first + rest).lower(), f"{first}-{rest}".lower()
    if compound in known:
        return None
    syllables = whole in known or (_looks_closed(first) and not _compound(first, rest, known))
    return text[:-1] + line if syllables else None


def _looks_closed(first: str) -> bool:
    """Tell whether a word's first part is plain: no `follow-up-`, `T-`, `IL-` or `mRNA-`."""
    return first.islower() or (first.istitle() and len(first) > 1)


def _compound(first: str, rest: str, known: Collection[str]) -> bool:
    """Tell whether two parts are words of their own, as in `dose-dependent` or `non-specific`."""
    last, rest = first.rsplit("-", maxsplit=1)[-1].lower(), rest.lower()
    words = len(rest) > _MIN_HALF_CHARS and rest in known and last not in _CLOSED_PREFIXES
    both = len(last) >= _MIN_HALF_CHARS and words
    doubled = last[-1] in "aeiou" and rest.startswith(last[-1])  # anti-inflammatory, pre-existing
    kept = last in _KEEPS_HYPHEN and not _SUFFIX.fullmatch(rest)
    return both or kept or (doubled and last in _PREFIXES) or "-" in first


def resolve_raised(text: str, *, citing: bool, notes: Collection[str] = ()) -> str:
    """Write each raised run as what it is: a citation in brackets, an exponent, or a mark.

    Only a `citing` block cites. `notes` are the marks of footnotes, which cite nothing.

    >>> resolve_raised(f"It relapses.{RAISED}1,2{END_RAISED} 5 m{RAISED}2{END_RAISED}", citing=True)
    'It relapses.[1,2] 5 m²'
    """
    plain = ""
    position = 0
    for match in _RAISED_RUN.finditer(text):
        plain += text[position : match.start()]
        position = match.end()
        after = text[position:]
        numbers = match[1] not in notes and citing and _cited(match[1], plain, after)
        if numbers:
            plain += f"{numbers} " if after[:1].isalnum() else f"{numbers}"
        else:
            plain += _as_printed(match[1], plain, after)
    return " ".join((plain + text[position:]).split())


def _cited(inner: str, before: str, after: str) -> str | None:
    """Return the numbers that a raised run cites in brackets, None where it is no citation."""
    printed = inner.strip()
    if not _CITING.fullmatch(printed) or not before.strip():
        return None
    last = before.rstrip()[-1]
    word = _LAST_WORD.search(before)
    unit = word is not None and word.group() in _UNITS and _after_quantity(before, word.start())
    symbol = _SYMBOL_BEFORE.search(before) and not _LETTERED.search(before)
    power = last.isdigit() and "," not in printed  # a list of numbers is no exponent
    exponent = power or symbol or (unit and printed in _POWERS)
    isotope = after[:1].isalpha() and before[-1:].isspace()
    if exponent or isotope or last in "([/=<>≤≥±×":
        return None
    numbers = re.sub(r"\s", "", printed.strip("[]() ,;"))
    return f"[{numbers}]" if expand(numbers) else None


def _after_quantity(before: str, start: int) -> bool:
    """Tell whether the unit that starts at `start` follows a number or another unit."""
    lead = before[:start].rstrip()
    return not lead or lead[-1].isdigit() or lead[-1] in "/·×*⁻(¹²³" or before[start - 1] == "/"


def _as_printed(inner: str, before: str, after: str) -> str:
    """Return a raised run that is no citation with raised characters where there are any."""
    if _ORDINAL.fullmatch(inner) and before[-1:].isdigit() and not after[:1].isalpha():
        return inner
    return inner.translate(_UPPER).translate(_UPPER_LETTERS)
