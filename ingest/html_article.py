"""From a page's tree to an article: HTML pages and Word documents end on this one path.

The page's head is read, what stands beside the text is taken out (`ingest.html_cleaning`), then
the reference list (`ingest.html_reference_places`), and what is left of the main element becomes
drafts (`ingest.html_blocks`), of which the lines around the text are sorted out as those of a
plain article page are (`ingest.page_front`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from corpus.records import Article, Reference
from ingest.article_parts import (
    article_slug,
    citation_findings,
    document_from_drafts,
    is_disclaimer_heading,
)
from ingest.bare_citations import candidates, citable, take_bare
from ingest.drafts import Draft, SourceFile
from ingest.html_blocks import HtmlBlockReader, with_labels
from ingest.html_cleaning import cleaned
from ingest.html_head import PageHead, is_policy_label
from ingest.html_inline import HtmlInlineReader
from ingest.html_main import main_element
from ingest.html_reference_places import FoundList, take_list
from ingest.html_references import ListedEntry, read_entries
from ingest.html_tree import words_of
from ingest.page_front import Front, opens_follow_up_box
from ingest.reference_lists import without_repeated_numbers

_DISCLAIMER_LINE = re.compile(r"disclaimer:\s*(?P<text>\S.*)", re.IGNORECASE)
_BACK_MATTER = re.compile(
    r"(?:\d{1,2}\.?\s+)?(?:acknowledge?ments?|funding(?: (?:sources?|statement|information))?"
    r"|(?:authors?['’]? )?contributions?|author information|about the authors?|authors?"
    r"|(?:conflicts?|declarations?) of (?:competing )?interests?|competing interests?|disclosures?"
    r"|ethics (?:statement|declarations?)|data availability(?: statement)?|consent for publication"
    r"|rights and permissions|reprints and permissions|about this article|additional information"
    r"|publisher['’]?s note|supplementary (?:information|materials?)"
    r"|related(?: (?:articles?|topics?|content|posts?))?|see also|external links|further reading"
    r"|share this.*|leave a (?:comment|reply).*|comments"
    r"|you may also like.*|cite this article|article information|copyright.*)",
    re.IGNORECASE,
)
_LEFT_OUTSIDE = 0.15  # of the page's running text


@dataclass(slots=True, kw_only=True)
class _Sorted:
    """A page's drafts, sorted by what they belong to."""

    front: Front = field(default_factory=Front)
    text: list[Draft] = field(default_factory=list)
    disclaimer: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_article(
    source: SourceFile, root: Element, *, slug: str | None, whole: bool = False
) -> Article:
    """Return the article of a page; `whole` takes all of it as text. `root` is changed.

    Raises FileInputError for a page without text.
    """
    slug = article_slug(source, slug)
    head = PageHead(root)
    hidden = cleaned(root)
    found = take_list(root)
    main, outside = (root, 0.0) if whole else main_element(root)
    listed = read_entries(found.parts, main)
    references, repeated = without_repeated_numbers([entry.reference for entry in listed])
    drafts, inline = _drafts(main, found, listed, references)
    title = head.title([words_of(e) for e in _headings(root, main)])
    sorted_drafts = _sort(drafts, title)
    document = document_from_drafts(
        source,
        document_id=slug,
        kind="article",
        title=title or slug,
        drafts=_levelled(sorted_drafts.text),
    )
    front, disclaimer = sorted_drafts.front, "\n\n".join(sorted_drafts.disclaimer)
    untitled = () if title else ("The article has no title; its slug stands for it.",)
    return Article(
        slug=slug,
        document=document,
        references=references,
        review_status=front.review_status(),
        updated=front.updated or head.updated(),
        audience_note=front.audience_note(disclaimer),
        disclaimer=disclaimer or None,
        editorial_board=front.editorial_board,
        policy_url=front.policy_url or head.policy_url,
        findings=(
            *untitled,
            *front.status_findings(),
            *front.findings,
            *hidden,
            *_left_out(sorted_drafts, outside),
            *repeated,
            *_disagreements(inline),
            *citation_findings(document, references),
        ),
    )


def _headings(root: Element, main: Element) -> Iterator[Element]:
    """Give the headings of level 1 in the text; where it has none, those of the page."""
    inside = list(main.iter("h1"))
    yield from inside or root.iter("h1")


def _drafts(
    main: Element,
    found: FoundList,
    listed: Sequence[ListedEntry],
    references: Sequence[Reference],
) -> tuple[list[Draft], HtmlInlineReader]:
    """Read the text twice: only the whole page tells which raised numbers it cites."""
    targets = {
        name: reference.number
        for entry, reference in zip(listed, references, strict=True)
        for name in entry.names
    }
    highest = max([len(references), *(r.number for r in references if r.number is not None)])
    first = HtmlInlineReader(targets, notes=found.notes)
    for _ in HtmlBlockReader(first).element(main):
        pass  # only what it has seen counts
    inline = first.knowing_raised(listed=highest)
    drafts = with_labels(HtmlBlockReader(inline).element(main))
    if any(draft.callouts for draft in drafts):
        return drafts, inline
    numbered = any(r.number is not None for r in references)
    bare = (c for d in drafts if d.kind != "heading" for c in candidates(d.text))
    cited = citable(bare, listed=highest, numbered=numbered)
    return [_without_bare(draft, cited) for draft in drafts], inline


def _without_bare(draft: Draft, highest: int) -> Draft:
    if draft.kind == "heading":
        return draft
    taken = take_bare(draft.text, highest=highest)
    return replace(draft, text=taken.text, callouts=taken.callouts)


def _sort(drafts: Sequence[Draft], title: str) -> _Sorted:
    """Give each draft its place; with the page's own question box the article is over."""
    page = _Sorted()
    aside = 0  # the level of the heading whose section is set apart
    to_disclaimer = False
    for draft in drafts:
        if opens_follow_up_box(draft.text):
            break
        if draft.kind == "heading" and not (aside and draft.level > aside):
            aside = 0
            to_disclaimer = is_disclaimer_heading(draft.text)
            if to_disclaimer or _BACK_MATTER.fullmatch(draft.text):
                aside = draft.level
                page.left_out += [] if to_disclaimer else [draft.text]
        if aside:
            if to_disclaimer and draft.kind != "heading":
                page.disclaimer.append(draft.text)
        elif not (_is_title(draft, title) and not page.text) and not _is_around(page, draft):
            page.text.append(draft)
    return page


def _is_title(draft: Draft, title: str) -> bool:
    return draft.kind == "heading" and draft.text.casefold() == title.casefold()


def _is_around(page: _Sorted, draft: Draft) -> bool:
    """Tell whether a draft is a line around the text, and take it as such."""
    said = _DISCLAIMER_LINE.fullmatch(draft.text)
    if said:
        page.disclaimer.append(said["text"])
        return True
    if draft.kind in ("row", "caption") or draft.callouts:
        return False
    return is_policy_label(draft.text) or page.front.takes(draft.text, before_text=not page.text)


def _levelled(drafts: Sequence[Draft]) -> list[Draft]:
    """Raise all headings so that the outermost has level 1."""
    above = min((d.level for d in drafts if d.kind == "heading"), default=1) - 1
    return [replace(d, level=d.level - above) if d.kind == "heading" else d for d in drafts]


def _left_out(page: _Sorted, outside: float) -> Iterator[str]:
    if page.left_out:
        named = ", ".join(f"“{heading[:60]}”" for heading in dict.fromkeys(page.left_out))
        yield f"Left out as no part of the text: {named}."
    if outside > _LEFT_OUTSIDE:
        share = f"{outside:.0%} of the page's running text"
        yield f"{share} stands outside the article and is left out."


def _disagreements(inline: HtmlInlineReader) -> Iterator[str]:
    for printed, number in inline.disagreements:
        yield f"The text prints {printed} where its link leads to reference {number}."
