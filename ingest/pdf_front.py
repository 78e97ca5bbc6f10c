"""The title of a PDF: what its first page prints largest, or what the file says of itself."""

import re
from collections.abc import Sequence

from ingest.article_parts import MAX_TITLE_CHARS
from ingest.pdf_pages import Page
from ingest.pdf_segments import Segment
from ingest.pdf_text import join_lines, resolve_raised

UPPER_SHARE = 0.65  # of the first page, in which the title stands
MIN_LETTERS = 6
MIN_WORDS = 3
LARGER = 1.1  # times the body's size

_Pages = list[tuple[Page, list[Segment]]]
# What programs write as a title when nobody gave one.
_NO_TITLE = re.compile(
    r"(?:microsoft word|untitled|document|layout|slide|\S+\.(?:docx?|pdf|indd|tex|qxd|html?)\b)",
    re.IGNORECASE,
)


def title_of(declared: str, pages: _Pages, *, body: float, fallback: str) -> tuple[str, _Pages]:
    """Return the title and the pages without it.

    A `declared` title that the first page prints counts before a larger line, which may be the
    journal's name; where nothing is set larger than the text it counts as well, then `fallback`.
    """
    if not pages or not pages[0][1]:
        return _usable(declared) or fallback, pages
    page, segments = pages[0]
    groups = _groups([s for s in segments if s.top < UPPER_SHARE * page.height])
    named = [g for g in groups if _usable(declared) and _words(_text(g)) == _words(declared)]
    larger = [g for g in groups if g[0].size >= LARGER * body and _is_title(_text(g))]
    chosen = (
        named[0] if named else max(larger, key=lambda g: (g[0].size, len(_text(g))), default=None)
    )
    if chosen is None:
        return _usable(declared) or fallback, pages
    rest = [s for s in segments if s not in chosen]
    return _text(chosen)[:MAX_TITLE_CHARS].strip(), [(page, rest), *pages[1:]]


def _usable(declared: str) -> str:
    text = " ".join(declared.split())
    usable = len(text.split()) >= MIN_WORDS and not _NO_TITLE.match(text)
    return text if usable and text.isprintable() and len(text) <= MAX_TITLE_CHARS else ""


def _is_title(text: str) -> bool:
    return sum(c.isalpha() for c in text) >= MIN_LETTERS


def _groups(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Return segments of one size that follow each other without a gap, from the top down."""
    groups: list[list[Segment]] = []
    for segment in segments:
        last = groups[-1][-1] if groups else None
        near = last is not None and (
            abs(last.size - segment.size) < 0.05 * segment.size
            and segment.baseline - last.baseline < 1.8 * segment.size
            and (last.bold == segment.bold)
        )
        if near:
            groups[-1].append(segment)
        else:
            groups.append([segment])
    return groups


def _text(group: Sequence[Segment]) -> str:
    return resolve_raised(join_lines([s.text for s in group], ()), citing=False)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
