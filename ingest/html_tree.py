"""HTML from strangers as a plain element tree: decoded, mended as browsers mend it, bounded.

The tree is one of `xml.etree`, as for XML (`ingest.xml`), so that both are read by the same code.
Only this module knows the HTML parser (lxml). Comments, processing instructions, control
characters, soft hyphens and zero-width spaces are gone from it.
"""

import re
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element, TreeBuilder

from corpus.errors import FileInputError
from ingest.drafts import SourceFile

MAX_DEPTH = 150
_HEAD_BYTES = 4096

_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)"
    rb"|<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._-]+)",
    re.IGNORECASE,
)
# What the web means by these names is the Windows code page that holds them.
_MEANT = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    # a file that says so in ASCII letters cannot be UTF-16
    "utf-16": "utf-8",
    "unicode": "utf-8",
}
_ENCODINGS = re.compile(
    r"utf-?8|cp\d{3,4}|windows-\d{3,4}|iso-?8859-\d{1,2}|koi8-[ru]|gb18030|big5(?:-hkscs)?"
    r"|euc-jp|iso-2022-jp|macintosh"
)
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def html_text(source: SourceFile) -> str:
    """Decode an HTML file by its byte-order mark, else by what it declares, else as UTF-8.

    Raises FileInputError naming the first byte that does not fit, or the NUL that it holds.
    """
    encoding = _encoding(source)
    if encoding == "utf-8":
        return source.text()
    try:
        text = source.data.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"not {encoding} text, the encoding that it declares"
        raise FileInputError(source.name, reason, place=f"byte {error.start}") from error
    if "\x00" in text:
        place = f"character {text.index(chr(0))}"
        raise FileInputError(source.name, "holds a NUL: not a text file", place=place)
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _encoding(source: SourceFile) -> str:
    data = source.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    declared = _DECLARED.search(data[:_HEAD_BYTES])
    if declared is None:
        return "utf-8"
    name = (declared[1] or declared[2]).decode("ascii").lower()
    name = _MEANT.get(name, name)
    if not _ENCODINGS.fullmatch(name):
        raise FileInputError(source.name, f"its declared encoding {name[:40]} is not supported")
    return "utf-8" if name in ("utf-8", "utf8") else name


def parse_html(name: str, text: str) -> Element:
    """Return the `html` element of a page; `name` is the file's, for errors.

    Raises FileInputError for a page without an element, or one that nests deeper than
    `MAX_DEPTH` elements.
    """
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    data = text.encode("utf-8", errors="replace")
    try:
        root = etree.fromstring(data, parser) if data.strip() else None
    except (etree.LxmlError, ValueError) as error:
        raise FileInputError(name, "not a page of HTML") from error
    if root is None:
        raise FileInputError(name, "the file is empty")
    builder = TreeBuilder()
    depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            depth += 1
            if depth > MAX_DEPTH:
                raise FileInputError(name, f"elements are nested more than {MAX_DEPTH} deep")
            builder.start(
                _tag(node.tag), {str(k): _printed(str(v)) for k, v in node.attrib.items()}
            )
            builder.data(_printed(node.text or ""))
            continue
        if event == "end":
            depth -= 1
            builder.end(_tag(node.tag))
        if node is not root:
            builder.data(_printed(node.tail or ""))
    return builder.close()


def _tag(printed: str) -> str:
    """Return an element's name without its prefix; a name that is none becomes `span`."""
    name = printed.lower().rpartition("}")[2].rpartition(":")[2]
    return name if _NAME.fullmatch(name) else "span"


def _printed(text: str) -> str:
    return _UNPRINTED.sub("", text)


def words_of(element: Element) -> str:
    """Return all text below an element as one line."""
    return " ".join("".join(element.itertext()).split())


def class_names(element: Element) -> list[str]:
    """Return an element's classes in lower case."""
    return element.get("class", "").lower().split()


def parents_of(root: Element) -> dict[Element, Element]:
    """Return the parent of every element below `root`."""
    return {child: parent for parent in root.iter() for child in parent}


def remove_all(parent: Element, children: Collection[Element]) -> None:
    """Take children out; the text behind them stays where it is."""
    if not children:
        return
    gone = set(map(id, children))
    kept: list[Element] = []
    texts = [[parent.text or ""]]  # what stands before the first that stays, and behind each
    for child in parent:
        if id(child) in gone:
            texts[-1].append(child.tail or "")
            child.tail = None
        else:
            kept.append(child)
            texts.append([child.tail or ""])
    parent[:] = kept
    parent.text = "".join(texts[0])
    for child, text in zip(kept, texts[1:], strict=True):
        child.tail = "".join(text)


def hrefs_of(element: Element) -> Iterator[str]:
    """Give the address of every link in an element, in order."""
    for link in element.iter("a"):
        href = link.get("href", "").strip()
        if href:
            yield href
