"""Files into a library: find the parser, read everything, and only then write anything."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import FileInputError
from corpus.library import Library
from corpus.records import Article, Document, Reference
from ingest.corpus_jsonl import CorpusJsonlParser
from ingest.drafts import Parsed, Parser, Rejection, SourceFile
from ingest.jats import JatsParser
from ingest.markdown import MarkdownParser
from ingest.matching import completed, tie
from ingest.medline import MedlineParser
from ingest.page_text import PageTextParser
from ingest.pubmed_xml import PubmedXmlParser

MAX_FILE_BYTES = 100_000_000

# In order: the page text recognises what no stricter format claims.
PARSERS: tuple[Parser, ...] = (
    JatsParser(),
    PubmedXmlParser(),
    MedlineParser(),
    CorpusJsonlParser(),
    MarkdownParser(),
    PageTextParser(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What one file brought: ids accepted, records left out and why, and what to know."""

    name: str
    format: str
    articles: tuple[Article, ...] = ()
    documents: tuple[Document, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    notes: tuple[str, ...] = ()


def read_file(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> SourceFile:
    """Read a file; raises FileInputError when it is missing, empty or larger than `max_bytes`."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise FileInputError(str(path), "is a folder, not a file")
        if size == 0:
            raise FileInputError(str(path), "the file is empty")
        if size > max_bytes:
            raise FileInputError(
                str(path), f"{size:,} bytes are more than the limit of {max_bytes:,}"
            )
        return SourceFile(name=str(path), data=path.read_bytes())
    except OSError as error:
        raise FileInputError(str(path), error.strerror or str(error)) from error


def parser_for(source: SourceFile) -> Parser:
    """Return the parser that recognises the file; raises FileInputError naming the formats."""
    for parser in PARSERS:
        if parser.recognises(source):
            return parser
    known = ", ".join(parser.name for parser in PARSERS)
    raise FileInputError(source.name, f"unknown format (known: {known})")


def files_under(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files named, and those inside named folders, hidden ones left out, in order."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = (Path(root) / name for root, _, names in os.walk(path) for name in names)
        found += sorted(p for p in inside if not _is_hidden(p.relative_to(path)))
    return tuple(dict.fromkeys(found))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def ingest(
    paths: Sequence[Path],
    library: Library,
    *,
    slug: str | None = None,
    max_bytes: int = MAX_FILE_BYTES,
) -> tuple[FileReport, ...]:
    """Read all files into the library, or none of them.

    `slug` names the article that is read, or the stored article that abstracts belong to.
    Raises FileInputError before anything is written.
    """
    files = files_under(paths)
    if not files:
        raise FileInputError(", ".join(map(str, paths)), "no files here")
    reports = [_read(path, slug, max_bytes) for path in files]
    articles = {a.slug: a for report in reports for a in report.articles}
    _refuse_same_slug(reports, slug)
    if slug is not None and slug not in articles and any(r.documents for r in reports):
        articles[slug] = library.article(slug)
    if slug is not None:
        reports = [_tied(report, articles, slug) for report in reports]
    articles = {key: _keep_known(article, library) for key, article in articles.items()}
    documents = {d.document_id: d for report in reports for d in report.documents}
    library.put(articles=articles.values(), documents=documents.values())
    return tuple(reports)


def _read(path: Path, slug: str | None, max_bytes: int) -> FileReport:
    source = read_file(path, max_bytes=max_bytes)
    parser = parser_for(source)
    parsed = parser.parse(source, slug=slug)
    return FileReport(
        name=source.name,
        format=parser.name,
        articles=parsed.articles,
        documents=parsed.documents,
        rejections=parsed.rejections,
        notes=_notes(parsed),
    )


def _notes(parsed: Parsed) -> tuple[str, ...]:
    findings = tuple(f for article in parsed.articles for f in article.findings)
    bare = len(parsed.references)
    if bare:
        findings += (f"{bare} record(s) without an abstract: nothing to quote from them",)
    return findings


def _refuse_same_slug(reports: Sequence[FileReport], slug: str | None) -> None:
    seen: dict[str, str] = {}
    for report in reports:
        for article in report.articles:
            if article.slug in seen:
                hint = "; --article names one article" if slug is not None else ""
                raise FileInputError(
                    report.name,
                    f"article {article.slug!r} is also in {seen[article.slug]}{hint}",
                )
            seen[article.slug] = report.name


def _tied(report: FileReport, articles: dict[str, Article], slug: str) -> FileReport:
    """Tie a reference file's abstracts to the article; its own file needs no tying."""
    if report.articles or not report.documents:
        return report
    tied = tie(articles[slug], report.documents)
    articles[slug] = tied.article
    notes = [f"{len(tied.tied)} abstract(s) tied to references of {slug}"] if tied.tied else []
    notes += [f"{key}: not in the list of {slug}, added without a number" for key in tied.added]
    return replace(report, notes=(*report.notes, *notes))


def _keep_known(article: Article, library: Library) -> Article:
    """Tie entries whose abstract the library already holds, and keep what was tied before."""
    stored = {d.document_id: d for d in library.documents() if d.kind != "article"}
    names = _names_of(stored.values())
    references = tuple(_with_abstract(r, names) for r in article.references)
    article = replace(article, references=references)
    held = {r.document_id for r in references}
    before = [r.document_id for r in _references_before(article.slug, library)]
    lost = [stored[key] for key in before if key in stored and key not in held]
    return tie(article, lost).article


def _names_of(documents: Iterable[Document]) -> dict[str, Document]:
    """Return documents by every identifier that they are known by: `pmid:…`, `doi:…`."""
    names: dict[str, Document] = {}
    for document in documents:
        names[document.document_id] = document
        for name in _identifiers(document.reference):
            names.setdefault(name, document)
    return names


def _with_abstract(reference: Reference, names: Mapping[str, Document]) -> Reference:
    found = next((names[name] for name in _identifiers(reference) if name in names), None)
    if reference.document_id is not None or found is None:
        return reference
    record = found.reference or Reference(title=found.title)
    return completed(reference, record, found.document_id)


def _identifiers(reference: Reference | None) -> tuple[str, ...]:
    if reference is None:
        return ()
    pmid = (f"pmid:{reference.pmid}",) if reference.pmid else ()
    doi = (f"doi:{reference.doi.lower()}",) if reference.doi else ()
    return (*pmid, *doi)


def _references_before(slug: str, library: Library) -> tuple[Reference, ...]:
    """Return the reference list of the article as the library has it; empty for a new one."""
    return next((a.references for a in library.articles() if a.slug == slug), ())
