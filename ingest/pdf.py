"""PDF articles that hold text, in one or more columns.

A page prints glyphs at places, and nothing says what they mean. So the parts of this reader go from
the glyphs up: pieces (`pdf_pages`), segments of lines (`pdf_segments`), what is printed around the
text (`pdf_furniture`), tables (`pdf_tables`), columns (`pdf_columns`, `pdf_lines`), paragraphs
(`pdf_blocks`), headings and citations (`pdf_drafts`), references (`pdf_references`). What could not
be read reliably is told in the article's findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.errors import FileInputError
from corpus.records import Article, Document, Reference
from ingest.article_parts import (
    article_slug,
    citation_findings,
    document_from_drafts,
    is_references_heading,
    listing,
)
from ingest.drafts import Draft, Parsed, SourceFile
from ingest.pdf_blocks import Block, blocks_of, plain
from ingest.pdf_drafts import (
    Look,
    drafts_of,
    footnote_drafts,
    is_heading,
    with_bare_citations,
)
from ingest.pdf_front import title_of
from ingest.pdf_furniture import without_furniture
from ingest.pdf_lines import Flow, Line, body_size, flow_of
from ingest.pdf_pages import Page, Pdf, is_pdf, read_pdf
from ingest.pdf_references import references_of
from ingest.pdf_segments import Segment, segments_of
from ingest.pdf_text import UNREADABLE, words_of
from ingest.reference_lists import without_repeated_numbers

MIN_WORDS = 20  # in the whole file: a scan with a stamp on it is still a scan
SCANNED_IMAGE = 0.5  # share of a page
FEW_WORDS = 10  # on one page
MAX_UNREADABLE = 0.1  # share of the characters


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """An article's blocks, parted from its reference list."""

    text: list[Block]
    references: list[Line]


class PdfParser:
    """Reads one article from a PDF with text; a scanned one is refused."""

    name = "PDF"

    def recognises(self, source: SourceFile) -> bool:
        """Accept what has the header of a PDF."""
        return is_pdf(source)

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:
        """Return the file's one article; raises FileInputError for what holds no readable text."""
        slug = article_slug(source, slug)
        pdf = read_pdf(source)
        _refuse_without_text(source, pdf)
        pages = _read_pages([_visible(page) for page in pdf.pages])
        body = body_size([segments for _, segments in pages])
        title, pages = title_of(pdf.title, pages, body=body, fallback=source.stem.strip() or slug)
        flow = flow_of(pages, body)
        document, references, repeated = _article_text(source, slug, title, flow, body)
        findings = (
            *_page_findings(pdf),
            *_table_findings(flow),
            *repeated,
            *citation_findings(document, references),
        )
        article = Article(slug=slug, document=document, references=references, findings=findings)
        return Parsed(articles=(article,))


def _read_pages(pages: Sequence[Page]) -> list[tuple[Page, list[Segment]]]:
    seen = [(page, segments_of(page)) for page in pages]
    return list(zip(pages, without_furniture(seen), strict=True))


def _recognised(page: Page) -> bool:
    """Tell whether invisible text lies over a picture of the page: what text recognition leaves."""
    return page.image >= SCANNED_IMAGE


def _visible(page: Page) -> Page:
    """Return the page without text that nobody sees; that over a scanned page stays."""
    if _recognised(page):
        return page
    return replace(page, pieces=tuple(piece for piece in page.pieces if piece.visible))


def _article_text(
    source: SourceFile, slug: str, title: str, flow: Flow, body: float
) -> tuple[Document, tuple[Reference, ...], tuple[str, ...]]:
    """Return the document, its references, and what is wrong with their numbers."""
    bold = sum(len(line.text) for line in flow.lines if line.bold)
    look = Look(
        body=body,
        body_bold=2 * bold > sum(len(line.text) for line in flow.lines),
        words=words_of(line.text for line in flow.lines),
    )
    parts = _parted(blocks_of(flow.lines, body), look)
    references, repeated = without_repeated_numbers(references_of(parts.references, look.words))
    notes, marks = footnote_drafts(flow.footnotes, look)
    cited = frozenset(str(r.number) for r in references if r.number is not None)
    drafts: list[Draft] = [*drafts_of(parts.text, look, marks - cited), *notes]
    drafts = with_bare_citations(drafts, references)
    document = document_from_drafts(
        source, document_id=slug, kind="article", title=title, drafts=drafts
    )
    return document, references, repeated


def _parted(blocks: Sequence[Block], look: Look) -> _Parts:
    """Part the reference list from the text; a heading set like its own ends it."""
    text: list[Block] = []
    lines: list[Line] = []
    opening: Block | None = None
    for block in blocks:
        heading = is_heading(block, look)
        if heading and is_references_heading(_bare(block)) and text:
            opening = block
        elif opening is not None and heading and _like(block, opening):
            opening = None
            text.append(block)
        elif opening is not None and block.kind != "table":
            lines += block.lines
        else:
            text.append(block)
    return _Parts(text=text, references=lines)


def _bare(block: Block) -> str:
    return plain(" ".join(block.texts)).lstrip("0123456789. ")


def _like(block: Block, opening: Block) -> bool:
    return abs(block.size - opening.size) < 0.5 and block.bold == opening.bold  # noqa: PLR2004 - points


def _words(page: Page) -> int:
    return sum(len(piece.text.split()) for piece in page.pieces)


def _refuse_without_text(source: SourceFile, pdf: Pdf) -> None:
    """Raise FileInputError for scans, forms that a viewer fills in, and unreadable fonts."""
    if pdf.dynamic_form:
        raise FileInputError(
            source.name, "a form that only its own viewer can show, not an article"
        )
    words = sum(_words(_visible(page)) for page in pdf.pages)
    if words < MIN_WORDS and any(page.image >= SCANNED_IMAGE for page in pdf.pages):
        reason = "holds scanned pages without text: run text recognition (OCR) on it first"
        raise FileInputError(source.name, reason)
    if words == 0:
        raise FileInputError(source.name, "the article holds no text: its pages have no letters")
    texts = "".join(piece.text for page in pdf.pages for piece in page.pieces)
    if texts.count(UNREADABLE) > MAX_UNREADABLE * len(texts):
        reason = "its fonts do not say which letters they show, so that its text cannot be read"
        raise FileInputError(source.name, reason)


def _page_findings(pdf: Pdf) -> tuple[str, ...]:
    """Tell which pages were not, or not wholly, read."""
    broken = [p.number for p in pdf.pages if p.broken]
    images = [p.number for p in pdf.pages if p.image >= SCANNED_IMAGE and _words(p) < FEW_WORDS]
    empty = [
        p.number for p in pdf.pages if not p.pieces and not p.broken and p.number not in images
    ]
    sideways = [p.number for p in pdf.pages if p.sideways]
    unread = sum(p.unreadable for p in pdf.pages)
    unseen = [p for p in pdf.pages if any(not piece.visible for piece in p.pieces)]
    hidden = [p.number for p in unseen if not _recognised(p)]
    recognised = [p.number for p in unseen if _recognised(p)]
    told = (
        (broken, "could not be read: the file is damaged there"),
        (images, "only images, without text"),
        (empty, "no text"),
        (sideways, "text printed sideways, which was left out"),
        (hidden, "text that is not visible, which was left out"),
        (recognised, "scanned, with text by text recognition, which may hold errors"),
    )
    findings = [f"{_pages(numbers)}: {reason}." for numbers, reason in told if numbers]
    if unread:
        findings.append(
            f"{unread} character(s) that the file does not name, shown as {UNREADABLE}."
        )
    if pdf.scripts:
        findings.append(f"The PDF carries {pdf.scripts} script(s), which were not run.")
    if pdf.attachments:
        findings.append(f"The PDF carries {pdf.attachments} attached file(s), which were not read.")
    return tuple(findings)


def _pages(numbers: Sequence[int]) -> str:
    return f"Page{'s' if len(numbers) > 1 else ''} {listing(numbers)}"


def _table_findings(flow: Flow) -> tuple[str, ...]:
    if not flow.unclear_tables:
        return ()
    unclear = f"{flow.unclear_tables} of {flow.tables} table(s) could not be read by columns"
    return (f"{unclear}: their rows are kept as printed.",)
