"""XML with many records, read one by one: a file of any length in the memory of one record."""

import re
from collections.abc import Collection, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from corpus.errors import FileInputError
from ingest.cited_records import MAX_RECORD_SIZE
from ingest.drafts import SourceFile
from ingest.record_files import pieces_of
from ingest.xml import LevelBuilder, refused_when_broken, xml_parser

_ANYTHING = re.compile(rb"[^\s\xef\xbb\xbf]")


class _RecordBuilder(LevelBuilder):
    """Hands each finished record over and takes it out of the tree."""

    def __init__(self, tags: Collection[str]) -> None:
        super().__init__()
        self._tags = tags
        self._open: list[Element] = []
        self.root = ""
        self.finished: list[Element] = []

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        element = super().start(tag, attrs)
        self.root = self.root or element.tag
        self._open.append(element)
        return element

    def end(self, tag: str) -> Element:
        element = super().end(tag)
        self._open.pop()
        if element.tag in self._tags:
            self.finished.append(element)
            if self._open:
                self._open[-1].remove(element)
        return element


def stream_elements(
    file: BinaryIO, *, name: str, roots: Collection[str], tags: Collection[str], kind: str
) -> Iterator[Element]:
    """Give every element whose tag is in `tags`, in order, as soon as it is closed.

    Raises FileInputError where `ingest.xml.parse_xml` does, when the root's tag is not in `roots`
    (the format is called `kind`), and when a record has more than `MAX_RECORD_SIZE` bytes.
    """
    builder = _RecordBuilder(tags)
    parser = xml_parser(builder)
    source, since = SourceFile(name=name, data=b""), 0
    content = False
    for number, piece in enumerate(pieces_of(file)):
        content = content or bool(_ANYTHING.search(piece))
        source = SourceFile(name=name, data=piece if number == 0 else b"")
        with refused_when_broken(source, parser):
            parser.feed(piece)
        if builder.root and builder.root not in roots:
            raise FileInputError(name, f"not {kind}: its root is <{builder.root}>")
        since = 0 if builder.finished else since + len(piece)
        if since > MAX_RECORD_SIZE:
            reason = f"a record of more than {MAX_RECORD_SIZE:,} bytes"
            raise FileInputError(name, reason)
        yield from builder.finished
        builder.finished.clear()
    if not content:
        raise FileInputError(name, "the file is empty")
    with refused_when_broken(source, parser):
        parser.close()
    yield from builder.finished
