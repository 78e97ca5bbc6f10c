"""The quantities that a sentence states: how much, of what unit, and whether more or less.

Values are exact fractions in the unit's base (1 g and 1000 mg are one value; so are half and 50 %),
so that two quantities are the same or they are not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from service.fact_text import Words, same_word
from service.fact_units import DURATIONS, UNITS, unit_of
from service.number_patterns import (
    ADVERB,
    AFTER,
    BEFORE,
    COUNTS,
    FOLD,
    FRAME,
    LATIN,
    PART,
    PARTS,
    QUANTITY,
    RATES,
    SCALES,
    SHARE,
    SIGNS,
    SOFT,
    VAGUE,
    WORDS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number as a sentence states it, `[start, end)` of its text.

    `low` and `high` are values in `unit`'s base, equal unless it is a range; "" is a bare number,
    "/s" and "/month" are frequencies. `comparator` is one of "", "~", "<", "<=", ">", ">=", or "?"
    where the words leave it open ("over two years"). `soft` is what nobody would miss ("a year").
    `rough` comes from words like "a third". `figure` is the first number as
    written, whatever its unit. `noun` is the stem of the word that follows,
    `frame` a "within", "after" or "before" in front.
    """

    low: Fraction
    high: Fraction
    unit: str
    comparator: str
    printed: str
    start: int
    end: int
    figure: Fraction = Fraction(0)
    noun: str = ""
    frame: str = ""
    soft: bool = False
    rough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """All quantities of a sentence in order, and its pairs "from A to B" as they stand."""

    quantities: tuple[Quantity, ...]
    shifts: tuple[tuple[Fraction, Fraction], ...]


def numbers_of(words: Words) -> Numbers:
    """Return the quantities of a text."""
    text = words.text
    taken: list[tuple[int, int]] = []
    found: list[Quantity] = []
    shifts: list[tuple[Fraction, Fraction]] = []
    for scan in (_rates_counted, _parts, _measures, _rates_bare, _softly):
        for quantity, shift in scan(text):
            if any(quantity.start < end and start < quantity.end for start, end in taken):
                continue
            frame = FRAME.search(text, max(0, quantity.start - 24), quantity.start)
            framed = frame[1].lower() if frame else ""
            found.append(replace(quantity, noun=_noun(words, quantity.end), frame=framed))
            shifts += [shift] if shift else []
        taken += [(q.start, q.end) for q in found[len(taken) :]]
    return Numbers(
        quantities=tuple(sorted(found, key=lambda q: (q.start, q.end))), shifts=tuple(shifts)
    )


_Found = Iterator[tuple[Quantity, tuple[Fraction, Fraction] | None]]


def _noun(words: Words, end: int) -> str:
    following = words.after(end, 1)
    return following[0] if following else ""


def value_of(text: str) -> Fraction | None:
    """Return the value of a number in digits or words; None when it is none.

    >>> value_of("7,515"), value_of("twenty-one"), value_of("5 million")
    (Fraction(7515, 1), Fraction(21, 1), Fraction(5000000, 1))
    """
    lowered = text.lower().strip()
    scale = 1
    head, _, last = lowered.replace("-", " ").rpartition(" ")
    if last in SCALES:
        lowered, scale = head, SCALES[last]
    if lowered in COUNTS:
        return Fraction(COUNTS[lowered])
    if lowered[:1].isdigit() or lowered[:1] == ".":
        digits = lowered.replace(",", "")
        return Fraction(digits) * scale if digits.isascii() and len(digits) < 20 else None  # noqa: PLR2004
    parts = [WORDS.get(part) for part in re.split(r"[ -]", lowered) if part]
    known = [part for part in parts if part is not None]
    return Fraction(sum(known)) * scale if known and len(known) == len(parts) else None


def _single(value: Fraction, unit: str, match: re.Match[str], **more: bool) -> Quantity:
    text = match.string
    return Quantity(
        low=value,
        high=value,
        unit=unit,
        comparator=_comparator(text, match.start(), match.end()),
        figure=value,
        printed=match[0].strip(" /"),
        start=match.start(),
        end=match.end(),
        soft=more.get("soft", False),
        rough=more.get("rough", False),
    )


def _comparator(text: str, start: int, end: int) -> str:
    before = BEFORE.search(text, max(0, start - 40), start)
    if before and (kind := before.lastgroup if before.lastgroup != "age" else _kind(before)):
        return SIGNS[kind]
    after = AFTER.match(text, end)
    if after:
        return ">=" if after["up"] else "<="
    return ""


def _kind(before: re.Match[str]) -> str:
    return next(kind for kind in SIGNS if before[kind])


def _measures(text: str) -> _Found:
    """Find numbers with their units, alone or as ranges."""
    place = 0
    while (match := QUANTITY.search(text, place)) is not None:
        place = match.end()
        low, high = value_of(match["low"]), value_of(match["high"]) if match["high"] else None
        if low is None:
            continue
        joined = high is not None and _is_range(text, match, low, high)
        shifted = high is not None and _is_shift(text, match)
        if high is not None and not (joined or shifted):
            place = match.start("joint")  # two numbers: the second is read for itself
            yield _measure(text, match, low, low, end=match.start("joint")), None
        elif high is not None and shifted:
            yield _measure(text, match, low, low, end=match.start("joint")), (low, high)
            place = match.start("joint")
        else:
            yield _measure(text, match, low, low if high is None else high), None


def _is_shift(text: str, match: re.Match[str]) -> bool:
    from_before = re.search(
        r"\bfrom\s$", text[max(0, match.start() - 6) : match.start()], re.IGNORECASE
    )
    return match["joint"] == "to" and from_before is not None


def _is_range(text: str, match: re.Match[str], low: Fraction, high: Fraction) -> bool:
    """Tell whether two joined numbers are the ends of a range."""
    if low > high or _is_shift(text, match):
        return False
    if match["joint"] in ("-", "to", "through"):
        return True
    before = text[max(0, match.start() - 12) : match.start()].lower()
    return match["joint"] == "and" and re.search(r"\bbetween\s(?:ages\s)?$", before) is not None


def _measure(
    text: str, match: re.Match[str], low: Fraction, high: Fraction, *, end: int | None = None
) -> Quantity:
    """Return a number or a range in the base of its unit; `end` cuts off a second number."""
    alone = end is not None
    name = match["unitlow"] or match["unithigh"] or ""
    unit, size = _unit(name)
    if match["per"] and not alone:
        base, factor = _unit(match["per"])
        unit, size = f"{unit}/{base}", size / factor
    stop = end if end is not None else match.end()
    comparator = _comparator(text, match.start(), match.end("low") if alone else stop)
    before = text[max(0, match.start() - 6) : match.start()].lower()
    if unit in DURATIONS and before.endswith("over ") and comparator == ">":
        comparator = "?"  # "over two years": longer than these, or in the course of them
    return Quantity(
        low=low * size,
        figure=low,
        high=high * size,
        unit=unit,
        comparator=comparator,
        printed=text[match.start() : stop].strip(" -"),
        start=match.start(),
        end=stop,
    )


def _unit(name: str) -> tuple[str, Fraction]:
    if not name:
        return "", Fraction(1)
    compact = name.lower().replace(" ", "")
    if compact in ("percent", "%"):
        return "%", Fraction(1)
    if compact in ("m2", "m²"):
        return "m²", Fraction(1)
    return unit_of(name) or (same_word(name), Fraction(1))


def _parts(text: str) -> _Found:
    """Find shares in words ("half", "one in three") and multiples ("twice as", "two-fold")."""
    for match in SHARE.finditer(text):
        share, of = value_of(match["n"]), value_of(match["of"])
        is_year = of is not None and 1900 <= of <= 2100  # noqa: PLR2004
        if share is not None and of and share <= of and not is_year:
            yield _single(100 * share / of, "%", match, rough=True), None
    for match in PART.finditer(text):
        part = match["part"].lower().removesuffix("s")
        counted = (match["n"] or "").lower()
        if part == "half" or counted:
            share = Fraction(WORDS.get(counted, 1), PARTS[part])
            yield _single(100 * share, "%", match, rough=True), None
    for match in FOLD.finditer(text):
        times = 2 if match["double"] else 3 if match["triple"] else None
        value = Fraction(times) if times else value_of(match["n"] or match["times"] or "")
        if value is not None:
            yield _single(value, "x", match), None


def _per(count: Fraction, period: str) -> tuple[Fraction, str]:
    base, size = UNITS["day" if period == "night" else period]
    return count / size, f"/{base}"


def _rates_counted(text: str) -> _Found:
    """Find how often: "twice daily", "every other day", "every six months"."""
    for pattern in RATES[:4]:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            count = Fraction(1)
            period = (groups.get("period") or groups.get("other") or "day").lower()
            period = ADVERB.get(period, period)
            if groups.get("n"):
                count = value_of(re.split(r"[ -]times", groups["n"])[0]) or count
            elif groups.get("latin"):
                count = Fraction(LATIN[groups["latin"].lower()])
            elif "each" in groups or "other" in groups:
                each = (groups.get("each") or "other").lower()
                apart = {"other": 2, "second": 2, "third": 3}.get(each) or value_of(each) or 1
                count = 1 / Fraction(apart)
            yield _single(*_per(count, period), match), None


def _rates_bare(text: str) -> _Found:
    """Find "a day", "/day", "daily", "per year"."""
    for pattern in RATES[4:]:
        for match in pattern.finditer(text):
            period = match["period"].lower()
            found = _single(*_per(Fraction(1), ADVERB.get(period, period)), match)
            yield replace(found, comparator=""), None


def _softly(text: str) -> _Found:
    """Find "within weeks", and "a year" where it is one year rather than each."""
    for match in VAGUE.finditer(text):
        base, size = UNITS[match["period"].lower()]
        yield replace(_single(size, base, match), comparator=""), None
    for match in SOFT.finditer(text):
        base, size = UNITS["day" if match["period"] == "night" else match["period"].lower()]
        yield replace(_single(size, base, match, soft=True), comparator=""), None
