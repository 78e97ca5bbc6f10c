"""CommonMark with tables, read as blocks of plain text.

Emphasis, links and HTML tags leave only their text. Nothing is rendered, run or fetched.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from corpus.errors import FileInputError
from corpus.records import Span
from ingest.article_parts import MAX_PARAGRAPH_CHARS, check_length
from ingest.drafts import Draft, SourceFile
from ingest.markdown_text import PlainLine, html_text

MAX_NESTING = 60
MAX_COLUMN_NAME_CHARS = 200
BULLET = "•"

_NUMERIC_LABEL = re.compile(r"[\d\s,;–-]+")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkdownBlock:
    """A draft with citations still in its text; none is to be looked for in `protected` (code)."""

    draft: Draft
    protected: tuple[Span, ...] = ()


def markdown_blocks(source: SourceFile, body: str, *, lines_before: int) -> list[MarkdownBlock]:
    """Return the blocks of `body`, which begins after `lines_before` lines of its file.

    Raises FileInputError, with the line, for a paragraph of more than `MAX_PARAGRAPH_CHARS`
    characters and for nesting deeper than `MAX_NESTING` (a list level counts twice), where the
    Markdown reader would drop text without a word.
    """
    _check_paragraphs(source, body, lines_before)
    reader = _Reader()
    for token in _markdown().parse(body):
        if token.level + max(token.nesting, 0) >= MAX_NESTING:
            line = lines_before + (token.map[0] if token.map else 0) + 1
            reason = f"nested more than {MAX_NESTING} deep"
            raise FileInputError(source.name, reason, place=f"line {line}")
        reader.read(token)
    return reader.blocks


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    markdown.core.ruler.after("block", "numeric_labels", _forget_numeric_labels)
    return markdown


def _forget_numeric_labels(state: StateCore) -> None:
    """Keep `[1]` a citation although the file defines `[1]: https://…` as a link."""
    links = state.env.get("references", {})
    for label in [label for label in links if _NUMERIC_LABEL.fullmatch(label)]:
        del links[label]


def _check_paragraphs(source: SourceFile, body: str, lines_before: int) -> None:
    start = 0
    line = lines_before + 1
    for gap in (*(m.span() for m in _BLANK_LINE.finditer(body)), (len(body), len(body))):
        paragraph = body[start : gap[0]]
        check_length(source, "a paragraph", paragraph, MAX_PARAGRAPH_CHARS, line=line)
        line += body.count("\n", start, gap[1])
        start = gap[1]


@dataclass(slots=True, kw_only=True)
class _List:
    """A list that is open; `fresh` while nothing of its current item has been read."""

    next_number: int | None
    marker: str = BULLET
    fresh: bool = False


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Turns the flat run of tokens into blocks; keeps the open lists and the open table."""

    blocks: list[MarkdownBlock] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    heading: int = 0
    columns: list[Token] = field(default_factory=list)
    cells: list[Token] = field(default_factory=list)
    in_head: bool = False
    in_table: bool = False
    rows: int = 0

    def read(self, token: Token) -> None:
        handler = _HANDLERS.get(token.type)
        if handler:
            handler(self, token)

    def open_list(self, token: Token) -> None:
        ordered = token.type == "ordered_list_open"
        first = int(token.attrs.get("start", 1)) if ordered else None
        self.lists.append(_List(next_number=first))

    def close_list(self, _token: Token) -> None:
        self.lists.pop()

    def open_item(self, token: Token) -> None:
        current = self.lists[-1]
        current.fresh = True
        if current.next_number is not None:
            current.marker = f"{current.next_number}{token.markup}"
            current.next_number += 1

    def open_heading(self, token: Token) -> None:
        self.heading = int(token.tag[1:]) if token.level == 0 else 0

    def inline(self, token: Token) -> None:
        if self.in_table:
            (self.columns if self.in_head else self.cells).append(token)
            return
        line = PlainLine()
        line.add_inline(token.children or ())
        self.add(line)
        self.heading = 0

    def code(self, token: Token) -> None:
        for piece in _BLANK_LINE.split(token.content):
            line = PlainLine()
            line.add(piece, code=True)
            self.add(line)

    def html(self, token: Token) -> None:
        for piece in _BLANK_LINE.split(html_text(token.content)):
            line = PlainLine()
            line.add(piece)
            self.add(line)

    def add(self, line: PlainLine) -> None:
        """Add a heading, an item, what goes on below an item's first line, or a paragraph."""
        if not line.text.strip():
            return
        if self.heading:
            draft = Draft(kind="heading", text="", level=self.heading)
        elif self.lists:
            current, depth = self.lists[-1], len(self.lists)
            if current.fresh:
                draft = Draft(kind="item", text="", depth=depth, marker=current.marker)
            else:
                draft = Draft(kind="item", text="", depth=depth + 1)
            current.fresh = False
        else:
            draft = Draft(kind="paragraph", text="")
        self.blocks.append(_block(line, draft))

    def open_table(self, _token: Token) -> None:
        """Open a table; a paragraph before it that begins with "Table" is its caption."""
        self.in_table, self.rows, self.columns = True, 0, []
        above = self.blocks[-1].draft if self.blocks else None
        if above and above.kind == "paragraph" and above.text.startswith("Table"):
            self.blocks[-1] = replace(self.blocks[-1], draft=replace(above, kind="caption"))

    def close_table(self, _token: Token) -> None:
        if not self.rows and self.columns:
            self.add_row([(None, column) for column in self.columns])
        self.in_table = False

    def open_head(self, _token: Token) -> None:
        self.in_head = True

    def close_head(self, _token: Token) -> None:
        """Close the head; column names too long to be said again in each row become a row."""
        self.in_head = False
        if any(len(column.content) > MAX_COLUMN_NAME_CHARS for column in self.columns):
            self.add_row([(None, column) for column in self.columns])
            self.columns = []

    def open_row(self, _token: Token) -> None:
        self.cells = []

    def close_row(self, _token: Token) -> None:
        if not self.in_head:
            self.rows += 1
            names = [None, *self.columns[1:]] if self.columns else [None] * len(self.cells)
            self.add_row(list(zip(names, self.cells, strict=True)))

    def add_row(self, cells: Sequence[tuple[Token | None, Token]]) -> None:
        """Add a row as `Label; Column: value; Column: value`, empty cells left out."""
        row = PlainLine()
        for name, cell in cells:
            value = PlainLine()
            value.add_inline(cell.children or ())
            if not value.text.strip():
                continue
            row.add("; " if row.text else "")
            if name and name.content.strip():
                row.add_inline(name.children or ())
                row.add(": ")
            row.add_inline(cell.children or ())
            row.text = row.text.rstrip()
        if row.text:
            self.blocks.append(_block(row, Draft(kind="row", text="")))


def _block(line: PlainLine, draft: Draft) -> MarkdownBlock:
    text = line.text.rstrip()
    return MarkdownBlock(draft=replace(draft, text=text), protected=tuple(line.protected))


_HANDLERS: dict[str, Callable[[_Reader, Token], None]] = {
    "bullet_list_open": _Reader.open_list,
    "ordered_list_open": _Reader.open_list,
    "bullet_list_close": _Reader.close_list,
    "ordered_list_close": _Reader.close_list,
    "list_item_open": _Reader.open_item,
    "heading_open": _Reader.open_heading,
    "inline": _Reader.inline,
    "fence": _Reader.code,
    "code_block": _Reader.code,
    "html_block": _Reader.html,
    "table_open": _Reader.open_table,
    "table_close": _Reader.close_table,
    "thead_open": _Reader.open_head,
    "thead_close": _Reader.close_head,
    "tr_open": _Reader.open_row,
    "tr_close": _Reader.close_row,
}
