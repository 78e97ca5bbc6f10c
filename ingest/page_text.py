"""The plain text of an article page, as a reader saves it from a browser.

The first line is the title. Then come what the page prints around its text (`ingest.page_front`),
the text (`ingest.page_blocks`) with its citation numbers (`ingest.citations`), the reference list
(`ingest.reference_lists`) and a disclaimer. The page's controls and question box are left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpus.errors import FileInputError
from corpus.records import Article, Reference
from ingest.article_parts import (
    MAX_PARAGRAPH_CHARS,
    MAX_TITLE_CHARS,
    article_slug,
    check_length,
    citation_findings,
    document_from_drafts,
    is_disclaimer_heading,
    is_references_heading,
)
from ingest.bare_citations import candidates, citable, take_bare
from ingest.citations import take_bracketed
from ingest.drafts import Draft, Parsed, SourceFile, decoded_head, join_words
from ingest.page_blocks import Group, drafts_of, groups_of, is_heading
from ingest.page_front import Front, opens_follow_up_box
from ingest.reference_lists import listed_references, without_repeated_numbers

_SUFFIXES = ("", ".txt", ".text")
# How other formats begin: XML and HTML, JSON, front matter, Markdown, BibTeX, PDF, MEDLINE and RIS.
_OTHER_FORMAT = re.compile(
    r"\s*(?:<|[{]|\[\s*[\[{\"]|---|#|@\w+\s*[{(]|%PDF|[A-Z][A-Z0-9]{1,3} {0,2}- )"
)
_DISCLAIMER_LINE = re.compile(r"disclaimer:\s*(?P<text>\S.*)", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class _Page:
    """A page's lines, sorted by what they belong to."""

    title: str
    front: Front = field(default_factory=Front)
    body: list[Group] = field(default_factory=list)
    references: list[Group] | None = None
    disclaimer: list[str] = field(default_factory=list)


class PageTextParser:
    """Reads one article from the plain text of its page."""

    name = "article page"

    def recognises(self, source: SourceFile) -> bool:
        """Accept text with a title line and a paragraph that begins like no other format."""
        if source.suffix not in _SUFFIXES or _OTHER_FORMAT.match(decoded_head(source)):
            return False
        try:
            page = _sorted_lines(source)
        except FileInputError:
            return False
        return any(not is_heading(group) for group in page.body)

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:
        """Return the page's one article; raises FileInputError when it holds no text."""
        page = _sorted_lines(source)
        slug = article_slug(source, slug)
        references, repeated = without_repeated_numbers(listed_references(page.references or ()))
        drafts = _with_callouts(drafts_of(page.body, title=page.title), references)
        document = document_from_drafts(
            source, document_id=slug, kind="article", title=page.title, drafts=drafts
        )
        disclaimer = "\n\n".join(page.disclaimer)
        article = Article(
            slug=slug,
            document=document,
            references=references,
            review_status=page.front.review_status(),
            updated=page.front.updated,
            audience_note=page.front.audience_note(disclaimer),
            disclaimer=disclaimer or None,
            editorial_board=page.front.editorial_board,
            policy_url=page.front.policy_url,
            findings=(
                *page.front.status_findings(),
                *page.front.findings,
                *repeated,
                *citation_findings(document, references),
            ),
        )
        return Parsed(articles=(article,))


def _sorted_lines(source: SourceFile) -> _Page:
    """Give each line its place; raises FileInputError for no text, or a line beyond all bounds."""
    groups = groups_of(source.text())
    if not groups:
        raise FileInputError(source.name, "the file is empty")
    title, groups[0] = join_words(groups[0][:1]), groups[0][1:]
    check_length(source, "a title", title, MAX_TITLE_CHARS, line=1)
    for group in groups:
        check_length(source, "a paragraph", "\n".join(group), MAX_PARAGRAPH_CHARS)
    page = _Page(title=title)
    place = "text"
    for group in groups:
        place = _sort_group(page, group, place)
        if place == "over":
            break
    return page


def _sort_group(page: _Page, group: Group, place: str) -> str:
    """Put a group's lines where they belong; returns the place for the next group.

    What follows the reference list, the disclaimer apart, is no longer the article's text.
    """
    if place == "disclaimer" and is_heading(group):
        place = "text" if page.references is None else "over"
    kept: list[str] = []
    for line in group:
        opened = _opens(page, line)
        if opened is None:
            before_text = place == "text" and not (page.body or kept)
            if place != "text" or not page.front.takes(line, before_text=before_text):
                kept.append(line)
            continue
        _keep(page, kept, place)
        place, kept = opened, []
        said = _DISCLAIMER_LINE.fullmatch(line.strip())
        kept += [said["text"]] if said else []
    _keep(page, kept, place)
    return place


def _opens(page: _Page, line: str) -> str | None:
    """Return the place that a line opens as a heading, else None.

    A link to the references at the page's head opens nothing: a paragraph must come before.
    """
    line = line.strip()
    if opens_follow_up_box(line):
        return "over"
    if is_disclaimer_heading(line) or _DISCLAIMER_LINE.fullmatch(line):
        return "disclaimer"
    if is_references_heading(line) and any(not is_heading(group) for group in page.body):
        return "references"
    return None


def _keep(page: _Page, lines: Sequence[str], place: str) -> None:
    if place == "references":
        page.references = [*(page.references or []), *([lines] if lines else [])]
    elif lines and place == "text":
        page.body.append(lines)
    elif lines and place == "disclaimer":
        page.disclaimer.append(join_words(lines))


def _with_callouts(drafts: Sequence[Draft], references: Sequence[Reference]) -> list[Draft]:
    """Take the citation numbers out; a page that cites in brackets has no bare ones."""
    bracketed = [take_bracketed(draft.text) for draft in drafts]
    if any(taken.callouts for taken in bracketed):
        return [
            replace(d, text=t.text, callouts=t.callouts)
            for d, t in zip(drafts, bracketed, strict=True)
        ]
    printed = [r.number for r in references if r.number is not None]
    listed = max([len(references), *printed])
    found = (c for d in drafts if d.kind != "heading" for c in candidates(d.text))
    highest = citable(found, listed=listed, numbered=bool(printed))
    return [_without_bare(draft, highest) for draft in drafts]


def _without_bare(draft: Draft, highest: int) -> Draft:
    """Take bare numbers out; a line that cites says something, and so is no heading."""
    taken = take_bare(draft.text, highest=highest)
    if not taken.callouts:
        return draft
    kind = "paragraph" if draft.kind == "heading" else draft.kind
    return replace(draft, kind=kind, level=0, text=taken.text, callouts=taken.callouts)
