"""What a parser hands over: blocks of text in reading order, and the parser's own Protocol.

A parser never counts offsets in a document; `ingest.assemble` does that for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from corpus.errors import FileInputError
from corpus.records import Article, BlockKind, Callout, Document, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One block as parsed: no leading or trailing white space, no blank lines inside.

    `level` is a heading's (1 outermost), `depth` a list item's (1 outermost). `callouts` count
    from the start of this block's `text`, from which the printed numbers have been taken out.
    """

    kind: BlockKind
    text: str
    level: int = 0
    depth: int = 0
    marker: str = ""
    callouts: tuple[Callout, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file's bytes and the name that error messages give it."""

    name: str
    data: bytes

    @property
    def stem(self) -> str:
        """The file name without its folders and its last suffix."""
        return PurePath(self.name).stem

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, dot included."""
        return PurePath(self.name).suffix.lower()

    def text(self) -> str:
        """Decode as UTF-8 (a byte-order mark is dropped), line ends as LF.

        Raises FileInputError naming the first byte that is not UTF-8.
        """
        try:
            decoded = self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            reason = "not UTF-8 text; save the file in UTF-8 and try again"
            raise FileInputError(self.name, reason, place=f"byte {error.start}") from error
        if "\x00" in decoded:
            place = f"character {decoded.index(chr(0))}"
            raise FileInputError(self.name, "holds a NUL: not a text file", place=place)
        return decoded.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A record inside a file that was left out: where it stands and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What one file held. `documents` are abstracts or stand-alone texts.

    `references` identify works whose text the file does not hold (a record without an abstract).
    """

    articles: tuple[Article, ...] = ()
    documents: tuple[Document, ...] = ()
    references: tuple[Reference, ...] = ()
    rejections: tuple[Rejection, ...] = ()


class Parser(Protocol):
    """One file format."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        ...

    def recognises(self, source: SourceFile) -> bool:
        """Say from name and content whether this is the format; must not raise."""
        ...

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:
        """Read the whole file; `slug` overrides an article's own. Raises FileInputError."""
        ...


def decoded_head(source: SourceFile, size_bytes: int = 4096) -> str:
    """Return the first bytes as text for a sniffer, whatever their encoding."""
    return source.data[:size_bytes].decode("utf-8", errors="replace").lstrip("\ufeff")


def join_words(words: Sequence[str]) -> str:
    """Join pieces of text with single spaces, white space inside them folded."""
    return " ".join(" ".join(words).split())
