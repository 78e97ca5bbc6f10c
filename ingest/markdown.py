"""Articles in Markdown: YAML front matter, then CommonMark with tables.

The front matter (`ingest.front_matter`) says what stands around the text, explains its words, and
lists the references, with their abstracts where there are any. Citations in the text are numbers
in square brackets. Without references in the front matter, a section "References" of the text is
the list; a section "Disclaimer" likewise. Neither is ever part of the article's text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.errors import FileInputError
from corpus.records import Article, Document, Reference, ReferenceKind, ReviewStatus
from ingest.article_parts import (
    article_slug,
    citation_findings,
    document_from_drafts,
    is_disclaimer_heading,
    is_references_heading,
)
from ingest.citations import take_bracketed
from ingest.drafts import Draft, Parsed, SourceFile, decoded_head
from ingest.front_matter import (
    FrontMatter,
    ListedReference,
    opens_front_matter,
    split_front_matter,
)
from ingest.markdown_blocks import MarkdownBlock, markdown_blocks
from ingest.reference_lists import (
    kind_named,
    listed_reference,
    reference_document_id,
    split_number,
    without_repeated_numbers,
)

_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_TITLE_LINE = re.compile(r"#[ \t]+\S")
_MARKER_NUMBER = re.compile(r"(\d{1,3})[.)]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sections:
    """An article's blocks, the reference list and the disclaimer set apart."""

    text: tuple[MarkdownBlock, ...]
    references: tuple[MarkdownBlock, ...]
    disclaimer: tuple[MarkdownBlock, ...]


class MarkdownParser:
    """Reads one article, and the abstracts in its front matter."""

    name = "Markdown"

    def recognises(self, source: SourceFile) -> bool:
        """Accept a Markdown suffix, and text that begins with front matter or `# Title`."""
        head = decoded_head(source)
        marked = opens_front_matter(head) or bool(_TITLE_LINE.match(head))
        return source.suffix in _SUFFIXES or (source.suffix in ("", ".txt") and marked)

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:
        """Return the article and its references' abstracts.

        Raises FileInputError, with the line where there is one, for front matter or text that
        cannot be used.
        """
        front, body, lines_before = split_front_matter(source)
        slug = article_slug(source, slug, front.slug)
        blocks = markdown_blocks(source, body, lines_before=lines_before)
        title, blocks = _titled(source, front, blocks)
        sections = _divided(blocks)
        document = document_from_drafts(
            source,
            document_id=slug,
            kind="article",
            title=title,
            drafts=_levelled([_without_citations(block) for block in sections.text]),
        )
        listed, repeated = _listed(front, sections)
        abstracts = _abstracts(source, slug, listed)
        references = tuple(
            replace(entry.reference, document_id=document.document_id if document else None)
            for entry, document in zip(listed, abstracts, strict=True)
        )
        article = _article(front, sections, document=document, references=references)
        left_out = _left_out(front, sections)
        findings = (*left_out, *repeated, *citation_findings(document, references))
        return Parsed(
            articles=(replace(article, findings=findings),),
            documents=tuple(document for document in abstracts if document),
        )


def _article(
    front: FrontMatter,
    sections: _Sections,
    *,
    document: Document,
    references: tuple[Reference, ...],
) -> Article:
    printed = "\n\n".join(b.draft.text for b in sections.disclaimer if b.draft.kind != "heading")
    return Article(
        slug=document.document_id,
        document=document,
        references=references,
        review_status=front.review_status or ReviewStatus.SUBMITTED,
        updated=front.updated,
        audience_note=front.audience_note,
        disclaimer=front.disclaimer or printed or None,
        editorial_board=front.editorial_board,
        policy_url=front.policy_url,
        glossary=front.glossary,
    )


def _titled(
    source: SourceFile, front: FrontMatter, blocks: list[MarkdownBlock]
) -> tuple[str, list[MarkdownBlock]]:
    """Return the title and the blocks without a first heading that only repeats it."""
    drafts = [block.draft for block in blocks]
    first = next((i for i, d in enumerate(drafts) if d.kind == "heading" and d.level == 1), None)
    if first is not None and front.title in (None, drafts[first].text):
        return drafts[first].text, blocks[:first] + blocks[first + 1 :]
    if front.title is None:
        raise FileInputError(source.name, "no title: neither in the front matter nor as '# Title'")
    return front.title, blocks


def _divided(blocks: Sequence[MarkdownBlock]) -> _Sections:
    text, references = _without_section(blocks, is_references_heading)
    text, disclaimer = _without_section(text, is_disclaimer_heading)
    return _Sections(text=text, references=references, disclaimer=disclaimer)


def _without_section(
    blocks: Sequence[MarkdownBlock], opens: Callable[[str], bool]
) -> tuple[tuple[MarkdownBlock, ...], tuple[MarkdownBlock, ...]]:
    """Part the sections that `opens` names, sub-sections included, from the rest."""
    rest: list[MarkdownBlock] = []
    taken: list[MarkdownBlock] = []
    level = 0
    for block in blocks:
        draft = block.draft
        if draft.kind == "heading":
            if level and draft.level <= level:
                level = 0
            if not level and opens(draft.text):
                level = draft.level
        (taken if level else rest).append(block)
    return tuple(rest), tuple(taken)


def _without_citations(block: MarkdownBlock) -> Draft:
    taken = take_bracketed(block.draft.text, protected=block.protected)
    return replace(block.draft, text=taken.text, callouts=taken.callouts)


def _levelled(drafts: Sequence[Draft]) -> list[Draft]:
    """Raise all headings so that the outermost has level 1."""
    above = min((d.level for d in drafts if d.kind == "heading"), default=1) - 1
    return [replace(d, level=d.level - above) if d.kind == "heading" else d for d in drafts]


def _listed(
    front: FrontMatter, sections: _Sections
) -> tuple[tuple[ListedReference, ...], tuple[str, ...]]:
    """Return the references and what is to be said of their numbers."""
    if front.references is not None:
        return front.references, ()
    printed: list[Reference] = []
    kind: ReferenceKind = "research"
    for block in sections.references:
        draft = block.draft
        if draft.kind == "heading":
            kind = kind_named(draft.text) or "research"
        elif draft.kind == "item" and (draft.depth > 1 or not draft.marker) and printed:
            last = printed[-1]  # goes on with the entry above it
            lines = [last.as_listed, draft.text]
            printed[-1] = listed_reference([" ".join(lines)], number=last.number, kind=last.kind)
        else:
            printed.append(_printed_reference(draft, kind))
    references, repeated = without_repeated_numbers(printed)
    return tuple(ListedReference(reference=r) for r in references), repeated


def _printed_reference(draft: Draft, kind: ReferenceKind) -> Reference:
    marker = _MARKER_NUMBER.fullmatch(draft.marker)
    number, text = (int(marker[1]), draft.text) if marker else split_number(draft.text)
    return listed_reference([text or draft.text], number=number or None, kind=kind)


def _abstracts(
    source: SourceFile, slug: str, listed: Sequence[ListedReference]
) -> list[Document | None]:
    """Return the document of each reference's abstract, None where it has none."""
    documents: list[Document | None] = []
    positions: dict[str, int] = {}
    for position, entry in enumerate(listed, 1):
        document_id = reference_document_id(entry.reference, slug=slug, position=position)
        if not entry.abstract:
            documents.append(None)
            continue
        if document_id in positions:
            reason = f"references {positions[document_id]} and {position} are both {document_id}"
            raise FileInputError(source.name, reason)
        positions[document_id] = position
        documents.append(
            document_from_drafts(
                source,
                document_id=document_id,
                kind="abstract",
                title=entry.reference.title,
                drafts=[Draft(kind="paragraph", text=text) for text in entry.abstract],
                reference=replace(entry.reference, number=None, document_id=document_id),
                note=entry.abstract_note,
            )
        )
    return documents


def _left_out(front: FrontMatter, sections: _Sections) -> tuple[str, ...]:
    """Say which sections of the text gave way to the front matter."""
    findings = []
    for section, key, given in (
        (sections.references, "references", front.references is not None),
        (sections.disclaimer, "disclaimer", front.disclaimer is not None),
    ):
        if section and given:
            heading = section[0].draft.text
            findings.append(f"The section {heading!r} is left out: the front matter has {key}.")
    return tuple(findings)
