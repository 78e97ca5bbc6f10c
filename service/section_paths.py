"""What the path of a section tells a reader who has seen the title and the line before."""

SEPARATOR = " > "


def news_of(section: str | None, *, title: str = "", before: str | None = None) -> str:
    """Return the part of a path that differs from the document's title and from the line before.

    `before` is the whole path of that line, None where it is of another document or there is none.
    "" means that there is nothing new; "…" stands for what the line before said already.

    >>> news_of("Gout > Care > Attack", title="Gout")
    'Care > Attack'
    >>> news_of("Gout > Care > Relapse", title="Gout", before="Gout > Care > Attack")
    '… > Relapse'
    """
    if not section or section == before:
        return ""
    parts, known = section.split(SEPARATOR), (before or "").split(SEPARATOR)
    shared = 0
    while shared < min(len(parts) - 1, len(known)) and parts[shared] == known[shared]:
        shared += 1
    titled = parts[0].casefold() == title.casefold()
    if shared > titled:
        return SEPARATOR.join(["…", *parts[shared:]])
    return SEPARATOR.join(parts[titled:])
