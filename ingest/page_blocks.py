"""Blocks of an article page saved as plain text: what is a heading, a paragraph, a list item.

The text carries no marks, so that shape decides. `Group` is a run of lines between blank lines.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.drafts import Draft, join_words

Group = Sequence[str]

MAX_HEADING_CHARS = 120
MAX_HEADING_WORDS = 16
MAX_DEPTH = 30  # deeper items count as the deepest: their lead-ins would outgrow the text
_TAB_WIDTH = 4
_ITEM = re.compile(
    r"(?P<indent>\s*)(?P<marker>[•◦▪‣●○·*–—-]|\d{1,2}[.)]|\(\d{1,2}\)|[a-z][.)])\s+(?P<text>\S.*)"
)
_NOT_A_HEADINGS_END = (".", ":", ";", ",", "…", "。", "：")
_CITED_AT_END = re.compile(r"(?:\s*\[[\d,;\s–-]+\]|\s\d[\d,\s–-]*)\Z")
_MIN_SHARED_WORDS = 3
_MIN_SHARED_PART = 0.6
_MIN_CONTENT_WORD_CHARS = 4


def groups_of(text: str) -> list[list[str]]:
    """Return the lines of `text` (tabs widened, line ends trimmed), parted at blank lines."""
    groups: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            groups[-1].append(line.expandtabs(_TAB_WIDTH).rstrip())
        elif groups[-1]:
            groups.append([])
    return groups if groups[-1] else groups[:-1]


def is_heading(group: Group) -> bool:
    """Tell whether a group is a heading: one short line, not an item, without an end mark.

    The mark may stand before citation numbers: `Relapse is rare. 1, 2` is a paragraph.

    >>> is_heading(["Clinical Course and Treatment"]), is_heading(["It relapses:"])
    (True, False)
    """
    line = group[0].strip()
    return (
        len(group) == 1
        and len(line) <= MAX_HEADING_CHARS
        and len(line.split()) <= MAX_HEADING_WORDS
        and not _CITED_AT_END.sub("", line).endswith(_NOT_A_HEADINGS_END)
        and not _ITEM.fullmatch(line)
        and not line[0].islower()
        and any(c.isalpha() for c in line)
    )


def drafts_of(groups: Sequence[Group], *, title: str) -> list[Draft]:
    """Return the drafts of the text, citation numbers still inside.

    A heading before the first paragraph that repeats the title's words is the page's own head
    (level 1) and the others stand under it (level 2); otherwise all headings are siblings.
    """
    drafts: list[Draft] = []
    indents: list[int] = []
    below = 1
    for group in groups:
        if is_heading(group):
            level = 1 if not drafts else below
            below = 2 if not drafts and _repeats(group[0], title) else below
            drafts.append(Draft(kind="heading", text=join_words(group), level=level))
            indents.clear()
        else:
            _add_group(drafts, indents, group)
    return drafts


def _add_group(drafts: list[Draft], indents: list[int], group: Group) -> None:
    """Add the paragraphs and items of a group; `indents` are those of the open list levels."""
    in_group: list[Draft] = []
    for line in group:
        item = _item(line, in_group)
        if item:
            indent = len(item["indent"])
            while indents and indents[-1] >= indent:
                indents.pop()
            indents.append(indent)
            marker = item["marker"]
            text = join_words([item["text"]])
            depth = min(len(indents), MAX_DEPTH)
            in_group.append(Draft(kind="item", text=text, depth=depth, marker=marker))
        elif in_group:  # the line goes on with the paragraph or item above it
            in_group[-1] = replace(in_group[-1], text=join_words([in_group[-1].text, line]))
        else:
            indents.clear()
            in_group.append(Draft(kind="paragraph", text=join_words([line])))
    drafts += in_group


def _item(line: str, above: Sequence[Draft]) -> re.Match[str] | None:
    """Match an item; a number that merely begins a wrapped line of prose is none."""
    match = _ITEM.fullmatch(line)
    if match is None or not above or above[-1].kind == "item":
        return match
    opens_list = above[-1].text.endswith((":", "：")) or match["marker"].strip("().") in ("1", "a")
    return match if opens_list or match["marker"] in "•◦▪‣●○·*" else None


def _repeats(heading: str, title: str) -> bool:
    """Tell whether a heading says the title again in most of its words."""
    words, known = set(_content_words(heading)), set(_content_words(title))
    shared = len(words & known)
    return shared >= _MIN_SHARED_WORDS and shared >= _MIN_SHARED_PART * len(words)


def _content_words(text: str) -> Iterator[str]:
    for word in re.findall(r"\w+", text.lower()):
        if len(word) >= _MIN_CONTENT_WORD_CHARS:
            yield word
