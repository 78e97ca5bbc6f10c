"""Plain text of Markdown's inline tokens and of the HTML inside Markdown."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from corpus.records import Span
from ingest.drafts import join_words
from ingest.xml import raised

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)[^<>]*>|<!--.*?(?:-->|\Z)|<[!?][^<>]*>", re.DOTALL)
# Tags inside a word or phrase; any other tag parts the words around it.
_PHRASE_TAGS = frozenset(
    (
        *("a", "abbr", "b", "cite", "code", "em", "i", "mark"),
        *("q", "s", "small", "span", "strong", "sub", "sup", "u"),
    )
)


@dataclass(slots=True, kw_only=True)
class PlainLine:
    """Plain text put together piece by piece, white space folded; `protected` is code."""

    text: str = ""
    protected: list[Span] = field(default_factory=list)

    def add(self, piece: str, *, code: bool = False) -> None:
        """Add a piece as it stands, its outer white space included."""
        folded = join_words([piece])
        if piece[:1].isspace() and self.text and not self.text.endswith(" "):
            self.text += " "
        start = len(self.text)
        self.text += folded
        if code and folded:
            self.protected.append(Span(start=start, end=len(self.text)))
        if folded and piece[-1:].isspace():
            self.text += " "

    def add_inline(self, tokens: Sequence[Token]) -> None:
        """Add the text of inline tokens; a superscript number stays apart from one before it."""
        in_superscript = False
        for token in tokens:
            if token.type == "html_inline":
                in_superscript = _opens_superscript(token.content)
                self.add(_space_for(token.content))
            elif token.type in ("softbreak", "hardbreak"):
                self.add(" ")
            elif token.type == "image":
                self.add_inline(token.children or ())
            elif token.content:
                text = token.content
                text = raised(text, after=self.text) if in_superscript else text
                self.add(text, code=token.type == "code_inline")


def html_text(markup: str) -> str:
    """Return the text between the tags, superscript numbers apart from those before them."""
    text, start, in_superscript = "", 0, False
    for end, after, tag in _tags(markup):
        piece = html.unescape(markup[start:end])
        text += raised(piece, after=text) if in_superscript else piece
        text += _space_for(tag) if tag else ""
        start, in_superscript = after, _opens_superscript(tag)
    return text


def _tags(markup: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of each tag, and last an empty one at the end."""
    for match in _TAG.finditer(markup):
        yield match.start(), match.end(), match.group()
    yield len(markup), len(markup), ""


def _opens_superscript(tag: str) -> bool:
    return tag.lower().startswith("<sup")


def _space_for(tag: str) -> str:
    """Return what a tag leaves behind: nothing inside a phrase, else a space."""
    name = _TAG.match(tag)
    return "" if name and (name[1] or "").lower() in _PHRASE_TAGS else " "
