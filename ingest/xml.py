"""XML from strangers, read safely: no entity bombs, nothing fetched, no runaway depth.

Tags lose their namespace (`{http://www.w3.org/1998/Math/MathML}mfrac` becomes `mfrac`), because
the same article comes with and without one.
"""

import html.entities
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from corpus.errors import FileInputError
from ingest.drafts import SourceFile, decoded_head

MAX_DEPTH = 200
HEAD_BYTES = 65_536

# Expat's codes: input that ends too early, and bytes that are no XML (or of another encoding).
_CUT_OFF = frozenset((3, 5, 6))
_INVALID_TOKEN = 4
_PROLOGUE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL)
_START_TAG = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)(?=[\s/>])")
_ENCODING = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_NUMERIC_MARK = re.compile(r"[+−-]?\d+")
_LETTER_MARK = re.compile(r"[a-pr-z](?:,[a-pr-z])*")
_RAISED = str.maketrans(
    "0123456789+-−abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
)


class _TooDeep(Exception):  # noqa: N818 - never leaves this module
    """An element lies below `MAX_DEPTH` others."""


class LevelBuilder(TreeBuilder):
    """Builds the tree without namespaces and gives up on elements nested too deeply."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        """Open an element; raises what `refused_when_broken` maps when it lies too deep."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooDeep
        return super().start(tag.rpartition("}")[2], attrs)

    def end(self, tag: str) -> Element:
        """Close the innermost element and return it."""
        self._depth -= 1
        return super().end(tag.rpartition("}")[2])


def parse_xml(source: SourceFile) -> Element:
    """Return the root element; the encoding is the one that the file declares.

    A DOCTYPE line is accepted and never followed; the named characters of HTML (`&nbsp;`) are
    known. Raises FileInputError, with line and column, for XML that is broken or cut off,
    declares entities, refers to outside files or nests deeper than `MAX_DEPTH` elements.
    """
    if not source.data.strip():
        raise FileInputError(source.name, "the file is empty")
    parser = xml_parser(LevelBuilder())
    with refused_when_broken(source, parser):
        parser.feed(source.data)
        root = parser.close()
    assert isinstance(root, Element)  # noqa: S101 - what a TreeBuilder closes with
    return root


def xml_parser(builder: TreeBuilder) -> DefusedXMLParser:
    """Return a parser that feeds `builder`, knows HTML's characters and follows nothing."""
    parser = DefusedXMLParser(target=builder)
    parser.entity.update({k: chr(v) for k, v in html.entities.name2codepoint.items()})
    return parser


@contextmanager
def refused_when_broken(source: SourceFile, parser: DefusedXMLParser) -> Iterator[None]:
    """Turn what goes wrong while `parser` is fed with `source` into FileInputError."""
    try:
        yield
    except ParseError as error:
        _refuse_broken(source, error)
    except DefusedXmlException as error:
        reason = "declares entities or refers to outside files, which is not allowed"
        raise FileInputError(source.name, reason, place=_place(parser)) from error
    except _TooDeep as error:
        reason = f"elements are nested more than {MAX_DEPTH} deep"
        raise FileInputError(source.name, reason, place=_place(parser)) from error
    except (ValueError, LookupError) as error:
        reason = f"its declared encoding cannot be read: {error}"
        raise FileInputError(source.name, reason, place="line 1") from error


def root_name(source: SourceFile) -> str | None:
    """Return the root element's name without its prefix, or None where none can be seen."""
    head = _head(source)
    prologue = _PROLOGUE.match(head)
    tag = _START_TAG.match(head, prologue.end() if prologue else 0)
    return tag[1] if tag else None


def inline_text(element: Element) -> str:
    """Return all text below `element` as one line, superscripts kept apart from numbers."""
    return " ".join(_with_superscripts(element).split())


def text_at(element: Element, *paths: str) -> str | None:
    """Return the text of the first of some paths that has any, None where none has."""
    found = (element.find(path) for path in paths)
    return next(filter(None, (inline_text(e) for e in found if e is not None)), None)


def raised(text: str, *, after: str) -> str:
    """Return a superscript's text as it should follow `after`.

    On the line, 10 with a superscript 5 would read 105, and "dose" with a note's mark a "dosea":
    a number after a digit, and a single letter after anything, get raised characters.

    >>> raised("5", after="10"), raised("a", after="dose"), raised("2", after="kg/m")
    ('⁵', 'ᵃ', '2')
    """
    mark, last = text.strip(), after[-1:]
    numeric = last.isdigit() and _NUMERIC_MARK.fullmatch(mark)
    letter = last.strip() and _LETTER_MARK.fullmatch(mark)
    return mark.translate(_RAISED) if numeric or letter else text


def _with_superscripts(element: Element) -> str:
    text = element.text or ""
    for child in element:
        inner = _with_superscripts(child)
        text += raised(inner, after=text) if child.tag == "sup" else inner
        text += child.tail or ""
    return text


def _head(source: SourceFile) -> str:
    if source.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return source.data[:HEAD_BYTES].decode("utf-16", errors="replace")
    return decoded_head(source, HEAD_BYTES)


def _place(parser: DefusedXMLParser) -> str:
    expat = parser.parser
    return f"line {expat.CurrentLineNumber}, column {expat.CurrentColumnNumber + 1}"


def _refuse_broken(source: SourceFile, error: ParseError) -> NoReturn:
    line, column = error.position
    reason = str(error).partition(":")[0]
    if error.code in _CUT_OFF:
        reason = "the file is cut off"
    elif error.code == _INVALID_TOKEN:
        reason = _encoding_trouble(source.data) or "a character that is not allowed here"
    place = f"line {line}, column {column + 1}"
    raise FileInputError(source.name, f"not well-formed XML: {reason}", place=place) from error


def _encoding_trouble(data: bytes) -> str | None:
    declared = _ENCODING.match(data)
    encoding = declared[1].decode("ascii") if declared else "UTF-8"
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return f"the bytes are not {encoding}, the encoding that the file declares or implies"
    except LookupError:
        return f"the encoding {encoding} is unknown"
    return None
