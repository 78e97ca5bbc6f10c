"""Bullets and numbers that a list prints before its items."""

import re
from xml.etree.ElementTree import Element

_LETTERED = {"a": "a", "A": "A", "i": "i", "I": "I"}
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"))


def markers_of(element: Element) -> list[str]:
    """Return the marker of each item of a list: `•`, or its number as the list prints it.

    `data-marker` on an item says what is printed before it.
    """
    items = element.findall("li")
    ordered = element.tag == "ol"
    backwards = element.get("reversed") is not None
    number = whole(element.get("start")) or (len(items) if backwards else 1)
    found = []
    for item in items:
        number = whole(item.get("value")) or number
        usual = f"{numeral(number, element.get('type', ''))}." if ordered else "•"
        found.append(item.get("data-marker") or usual)
        number += -1 if backwards else 1
    return found


def whole(attribute: str | None) -> int | None:
    """Return an attribute's whole number from 1 to 9999, None for any other."""
    text = (attribute or "").strip()
    return int(text) if re.fullmatch(r"[1-9]\d{0,3}", text) else None


def numeral(number: int, kind: str) -> str:
    """Return a number as a list of this type prints it.

    >>> numeral(4, "i"), numeral(3, "A"), numeral(12, "1")
    ('iv', 'C', '12')
    """
    if kind not in _LETTERED or number < 1:
        return str(number)
    if kind in ("i", "I"):
        text = _roman(number)
    else:
        text = ""
        while number:
            number, letter = divmod(number - 1, 26)
            text = chr(ord("a") + letter) + text
    return text.upper() if kind.isupper() else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in (*_ROMAN, (1, "i")):
        text += letters * (number // value)
        number %= value
    return text
