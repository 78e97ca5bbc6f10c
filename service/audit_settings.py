"""Reading the setting that says which findings make an audit fail."""

from corpus.findings import RULES, SEVERITIES

NEVER = "never"


def read_fails_on(text: str) -> tuple[str, ...]:
    """Return severities and rules, as written with commas between; none for `never`.

    Raises ValueError naming what is neither.

    >>> read_fails_on("must-mend, not-found"), read_fails_on("never")
    (('must-mend', 'not-found'), ())
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == [NEVER]:
        return ()
    known = (*SEVERITIES, *RULES)
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None or not names:
        raise ValueError(f"{unknown or text!r} is none of: {NEVER}, {', '.join(known)}")
    return tuple(dict.fromkeys(names))
