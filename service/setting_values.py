"""Reading the values of settings: each function raises ValueError saying what a value must be."""

import math
import re
from collections.abc import Callable

# an hour for one answer is no answer any more
MOST_SECONDS = 3600.0
_ADDRESS = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:/[\w.~%/:+-]*)?",
    re.IGNORECASE | re.ASCII,
)


def seconds(text: str) -> float:
    """Return a time in seconds: above 0, at most an hour."""
    value = float(text)
    if not 0 < value <= MOST_SECONDS:
        raise ValueError(f"must be more than 0 and at most {MOST_SECONDS:.0f}")
    return value


def amount(text: str) -> float:
    """Return an amount of money: not less than 0."""
    value = float(text)
    if not (value >= 0 and math.isfinite(value)):
        raise ValueError("must not be less than 0")
    return value


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number from `least` to `most`."""

    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError(f"must lie between {least} and {most}")
        return value

    return read


def yes_or_no(text: str) -> bool:
    """Return whether a setting is on."""
    answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in answers:
        raise ValueError("must be yes or no")
    return answers[text.lower()]


def read_base_url(text: str) -> str:
    """Return an endpoint's address without a slash at its end.

    A user and a password in it would be shown by every log of the way there: they are refused,
    and so is whatever is no part of an address that paths are put behind.
    """
    if "@" in text:
        raise ValueError("must hold no user and no password; a key has its own variable")
    if not _ADDRESS.fullmatch(text):
        raise ValueError("must be an address like http://localhost:11434/v1, with nothing behind")
    return text.rstrip("/")


def read_email(text: str) -> str:
    """Return an e-mail address: one name, one host, nothing that could end a line or a field."""
    name, at, host = text.partition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;<>()"')
    if not (plain and name and at and "." in host.strip(".") and "@" not in host):
        raise ValueError("must be one e-mail address, like editor@journal.example")
    return text


def read_key(text: str) -> str:
    """Return a key that can stand in a header."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must consist of ASCII letters, digits and signs, without spaces")
    return text
