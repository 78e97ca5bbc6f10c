"""Articles in JATS (`.nxml`, `.xml`), the XML of PubMed Central and of many publishers.

Abstract, body and floating figures and tables become the text; acknowledgements, funding notes
and the like do not. In-text citation numbers become callouts, the reference list references, a
glossary at the end the article's glossary.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from corpus.errors import FileInputError
from corpus.records import Article, Document, Reference
from ingest.article_parts import article_slug, citation_findings, document_from_drafts
from ingest.cited_records import publication_kind
from ingest.drafts import Draft, Parsed, SourceFile, decoded_head
from ingest.jats_as_reference import jats_types
from ingest.jats_blocks import BlockReader
from ingest.jats_citations import with_numbers_marked
from ingest.jats_glossary import read_glossary
from ingest.jats_inline import InlineReader
from ingest.jats_references import ListedReference, author_names, pmcid_of, read_references
from ingest.publication_notices import jats_notices
from ingest.reference_lists import normalise_doi, without_repeated_numbers
from ingest.xml import inline_text, parse_xml, root_name, text_at

_ROOTS = frozenset(("article", "pmc-articleset"))
# DocBook and HTML have an `article` as well.
_SIGN = re.compile(r"//NLM//DTD|<(?:\w+:)?front[\s>]|\sarticle-type\s*=")
_SIGN_BYTES = 65_536
_NOT_PUBLISHED = frozenset(
    "pmc-release nihms-submitted preprint corrected retraction received accepted".split()
)
_TITLE_MARKS = frozenset(("xref", "fn"))


class JatsParser:
    """One JATS article a file, bare or as PubMed Central's download wraps it."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "JATS"

    def recognises(self, source: SourceFile) -> bool:
        """Say whether the root is a JATS article."""
        root = root_name(source)
        if root == "article":
            return bool(_SIGN.search(decoded_head(source, _SIGN_BYTES)))
        return root in _ROOTS

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:
        """Read the article; its slug is the file's stem unless `slug` names another.

        Raises FileInputError, also for a file that holds no article, several, or one without a
        word of text.
        """
        return Parsed(articles=(_article(source, _root(source), article_slug(source, slug)),))


def _root(source: SourceFile) -> Element:
    root = parse_xml(source)
    if root.tag not in _ROOTS:
        raise FileInputError(source.name, f"not a JATS article: its root is <{root.tag}>")
    articles = [root] if root.tag == "article" else root.findall("article")
    if len(articles) != 1:
        reason = f"holds {len(articles)} articles, where one is expected"
        raise FileInputError(source.name, reason)
    return articles[0]


def _article(source: SourceFile, root: Element, slug: str) -> Article:
    refs = [*root.findall("body//ref"), *root.findall("back//ref")]
    listed = read_references(refs, _text_parts(root))
    references, repeated = without_repeated_numbers([entry.reference for entry in listed])
    numbers = {
        entry.ref_id: reference.number
        for entry, reference in zip(listed, references, strict=True)
        if reference.number is not None
    }
    inline = InlineReader(numbers)
    identity = _identity(root, inline, slug)
    document = document_from_drafts(
        source,
        document_id=slug,
        kind="article",
        title=identity.title,
        drafts=list(_drafts(root, BlockReader(inline))),
        reference=identity,
    )
    return Article(
        slug=slug,
        document=document,
        references=references,
        updated=_published(root),
        findings=(*repeated, *_findings(root, document, listed)),
        glossary=read_glossary(root, inline),
    )


def _text_parts(root: Element) -> list[Element]:
    """Return the parts of the article that are its text, in reading order."""
    paths = ("front//abstract", "body", "floats-group", "floats-wrap")
    shown_at_end = [e for e in root.findall("back/sec") if e.get("sec-type") == "display-objects"]
    return [
        *(part for path in paths for part in root.findall(path)),
        *shown_at_end,
        *root.findall("back/app"),
        *root.findall("back/app-group/app"),
    ]


def _drafts(root: Element, blocks: BlockReader) -> Iterator[Draft]:
    parts = _text_parts(root)
    for part in parts:
        if part.tag == "abstract":
            yield from _titled("Abstract", part, blocks)
        elif part.tag == "body":
            yield from _body(part, blocks, opened=part is not parts[0])
        elif part.tag in ("sec", "app"):
            yield from blocks.section(part, 1)
        else:
            yield from _titled("Figures and tables", part, blocks)


def _titled(default: str, part: Element, blocks: BlockReader) -> Iterator[Draft]:
    """Give a part under its own title, or under the name that such a part commonly has."""
    if part.find("title") is not None:
        yield from blocks.section(part, 1)
        return
    drafts = list(blocks.blocks(part, 2))
    if drafts:
        yield Draft(kind="heading", text=default, level=1)
        yield from drafts


def _body(body: Element, blocks: BlockReader, *, opened: bool) -> Iterator[Draft]:
    """Give the body; what stands before its first section must not fall to the abstract's last."""
    drafts = list(blocks.blocks(body, 1))
    if opened and drafts and drafts[0].kind != "heading":
        yield Draft(kind="heading", text="Main text", level=1)
    yield from drafts


def _identity(root: Element, inline: InlineReader, slug: str) -> Reference:
    meta = root.find("front/article-meta")
    meta = Element("article-meta") if meta is None else meta
    published = _published_date(root)
    first, last = text_at(meta, "fpage"), text_at(meta, "lpage")
    pages = f"{first}-{last}" if first and last and first != last else first
    types = jats_types(root)
    return Reference(
        title=_title(meta, inline) or slug,
        kind=publication_kind(types),
        authors=tuple(_authors(meta)),
        journal=text_at(
            root,
            "front/journal-meta/journal-id[@journal-id-type='iso-abbrev']",
            "front/journal-meta/journal-id[@journal-id-type='nlm-ta']",
            "front/journal-meta/journal-title-group/journal-title",
            "front/journal-meta/journal-title",
        ),
        year=_number(published, "year") if published is not None else None,
        volume=text_at(meta, "volume"),
        issue=text_at(meta, "issue"),
        pages=pages or text_at(meta, "elocation-id"),
        doi=normalise_doi(_article_id(meta, "doi") or ""),
        pmid=_article_id(meta, "pmid"),
        pmcid=pmcid_of(_article_id(meta, "pmc", "pmcid", "pmcaid")),
        publication_types=types,
        notices=jats_notices(root),
    )


def _title(meta: Element, inline: InlineReader) -> str:
    lines = []
    for path in ("title-group/article-title", "title-group/subtitle"):
        for element in meta.findall(path):
            nodes: list[str | Element] = [element.text or ""]
            for child in element:
                nodes += [*([] if child.tag in _TITLE_MARKS else [child]), child.tail or ""]
            lines.append(inline.read(nodes).text)
    return ": ".join(filter(None, lines))


def _authors(meta: Element) -> Iterator[str]:
    for contributor in meta.findall("contrib-group/contrib"):
        if contributor.get("contrib-type", "author") == "author":
            names = (e for e in contributor if e.tag in ("name", "string-name", "collab"))
            yield from author_names(names)


def _article_id(meta: Element, *kinds: str) -> str | None:
    return text_at(meta, *(f"article-id[@pub-id-type='{kind}']" for kind in kinds))


def _published_date(root: Element) -> Element | None:
    """Return the date of publication: the electronic one if there is one, complete if possible."""
    dates = [
        date
        for date in root.findall("front/article-meta/pub-date")
        if not _NOT_PUBLISHED & {date.get("pub-type"), date.get("date-type")}
    ]
    return min(dates, key=_date_rank, default=None)


def _date_rank(date: Element) -> tuple[bool, bool, bool]:
    electronic = date.get("pub-type") == "epub" or date.get("publication-format") == "electronic"
    return (_date(date) is None, not electronic, text_at(date, "year") is None)


def _published(root: Element) -> dt.date | None:
    date = _published_date(root)
    return _date(date) if date is not None else None


def _date(element: Element) -> dt.date | None:
    """Return a date that has day, month and year, all as numbers; None for any other."""
    year, month, day = (_number(element, part) for part in ("year", "month", "day"))
    if year is None or month is None or day is None:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _number(element: Element, path: str) -> int | None:
    text = text_at(element, path) or ""
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else None


def _findings(
    root: Element, document: Document, listed: Sequence[ListedReference]
) -> Iterator[str]:
    """Say what is cited but not listed, and listed but never cited."""
    if document.title == document.document_id:
        yield "The article has no title; its slug stands for it."
    references = [entry.reference for entry in listed]
    known = {entry.ref_id for entry in listed}
    citing = list(_citing(_text_parts(root)))
    for xref in citing:
        printed = inline_text(xref)
        if not known.intersection(_rids(xref)) and not with_numbers_marked(printed)[1]:
            yield f"Cited in the text but not in the reference list: {printed}."
    if document.callouts or not citing:
        yield from citation_findings(document, references)
        return
    pointed_at = {rid for xref in citing for rid in _rids(xref)}
    for entry in listed:
        if entry.ref_id not in pointed_at:
            yield f"In the reference list but never cited: {entry.reference.title}"


def _citing(parts: Iterable[Element]) -> Iterator[Element]:
    for part in parts:
        yield from (x for x in part.iter("xref") if x.get("ref-type") == "bibr")


def _rids(xref: Element) -> list[str]:
    return xref.get("rid", "").split()
