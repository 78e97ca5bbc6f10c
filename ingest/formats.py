"""The formats that are known, and finding the one of a file."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.errors import FileInputError
from ingest.bibtex import BibtexParser
from ingest.cited_records import RecordReader
from ingest.corpus_jsonl import CorpusJsonlParser
from ingest.csl_json import CslJsonParser
from ingest.docx import DocxParser
from ingest.drafts import Parser, SourceFile
from ingest.html import HtmlParser
from ingest.jats import JatsParser
from ingest.jobs import MAX_FILE_BYTES
from ingest.markdown import MarkdownParser
from ingest.medline import MedlineParser
from ingest.page_text import PageTextParser
from ingest.pdf import PdfParser
from ingest.pubmed_xml import PubmedXmlParser
from ingest.record_files import opened
from ingest.ris import RisParser

HEAD_BYTES = 65_536

# Formats of many records, which are read one by one; the beginning of a file tells them.
READERS: tuple[RecordReader, ...] = (
    PubmedXmlParser(),
    MedlineParser(),
    RisParser(),
    CslJsonParser(),
    BibtexParser(),
)
# In order: the page text recognises what no stricter format claims.
PARSERS: tuple[Parser, ...] = (
    JatsParser(),
    PubmedXmlParser(),
    MedlineParser(),
    RisParser(),
    CorpusJsonlParser(),
    CslJsonParser(),
    BibtexParser(),
    HtmlParser(),
    DocxParser(),
    MarkdownParser(),
    PdfParser(),
    PageTextParser(),
)


class UnknownFormatError(FileInputError):
    """A file that no parser recognises."""


def check_size(path: Path, *, max_bytes: int) -> int:
    """Return a file's size; raises FileInputError when it is missing, empty, a folder or larger."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise FileInputError(str(path), "is a folder, not a file")
    except OSError as error:
        raise FileInputError(str(path), error.strerror or str(error)) from error
    if size == 0:
        raise FileInputError(str(path), "the file is empty")
    if size > max_bytes:
        raise FileInputError(str(path), f"{size:,} bytes are more than the limit of {max_bytes:,}")
    return size


def read_file(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> SourceFile:
    """Read a file; raises FileInputError when it is missing, empty or larger than `max_bytes`."""
    check_size(path, max_bytes=max_bytes)
    try:
        return SourceFile(name=str(path), data=path.read_bytes())
    except OSError as error:
        raise FileInputError(str(path), error.strerror or str(error)) from error


def reader_for(path: Path, *, max_bytes: int) -> RecordReader | None:
    """Return the reader of a file of records, None for any other; raises FileInputError."""
    with opened(path, max_bytes=max_bytes) as file:
        head = SourceFile(name=str(path), data=file.read(HEAD_BYTES))
    first = next(_recognising(PARSERS, head), None)
    return next((reader for reader in READERS if first and reader.name == first.name), None)


def parser_for(source: SourceFile) -> Parser:
    """Return the parser that recognises the file; raises UnknownFormatError naming the formats."""
    for parser in _recognising(PARSERS, source):
        return parser
    known = ", ".join(parser.name for parser in PARSERS)
    raise UnknownFormatError(source.name, f"unknown format (known: {known})")


def _recognising(parsers: Iterable[Parser], source: SourceFile) -> Iterator[Parser]:
    return (parser for parser in parsers if parser.recognises(source))
