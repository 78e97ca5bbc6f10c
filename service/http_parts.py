"""A document's text as parts of a page: headings, paragraphs, nested lists, tables.

Everything here is text with offsets; the template alone makes HTML of it. Each part names the
start of its block (the page's anchor `b-<start>`), each sentence its span. Terms that are to be
explained come in as marks; they cut the text, and never change it.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from corpus.records import Article, Block, Callout, Document, Span
from service.http_tables import columns_of, cuts_of

MAX_HEADING_LEVEL = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A citation number as printed; `resolved` when the article's list has it.

    `anchor` names this place among all where the number is printed: `cite-<number>-<nth>`.
    """

    number: int
    resolved: bool
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A term in the text, at `[start, end)`; `anchor` is its entry in the list of words.

    `added` is what an abbreviation stands for, shown after it; empty where nothing is added.
    """

    start: int
    end: int
    anchor: str
    added: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of plain text, and the citation numbers printed right after it.

    `mark` is set where the stretch is just a term that the page explains.
    """

    text: str
    numbers: tuple[Number, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A span of the document's text, cut where citation numbers stand."""

    start: int
    end: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A heading (`level` 2 to 6), or a paragraph or caption (`level` 0)."""

    kind: Literal["heading", "paragraph"]
    start: int
    sentences: tuple[Sentence, ...]
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A list item with the items under it."""

    start: int
    marker: str
    sentences: tuple[Sentence, ...]
    items: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """The items of one list, outermost first."""

    items: tuple[Item, ...]
    kind: Literal["list"] = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A table row; without columns it has a single cell."""

    start: int
    cells: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under one caption; `columns` names all cells but a row's first."""

    caption: Words | None
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    kind: Literal["table"] = "table"


Part = Words | ItemList | Table


def parts_of(
    document: Document, article: Article | None, marks: Sequence[Mark] = ()
) -> tuple[Part, ...]:
    """Return the parts of a document in text order; `article` resolves its citation numbers.

    `marks` are sorted and do not overlap; one that a citation number or a cell cuts is left out.
    """
    return _Reader(document, article, marks).parts()


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Document
    article: Article | None
    marks: Sequence[Mark]
    printed: Counter[int] = field(default_factory=Counter)

    def parts(self) -> tuple[Part, ...]:
        found: list[Part] = []
        for kind, run in groupby(self.document.blocks, key=lambda block: block.kind):
            blocks = list(run)
            if kind == "item":
                found.append(ItemList(items=tuple(self.items(blocks))))
            elif kind == "row":
                found += self.tables(blocks, found)
            else:
                found += [self.words(block) for block in blocks]
        return tuple(found)

    def words(self, block: Block) -> Words:
        level = 0
        if block.kind == "heading":
            depth = len(self.document.section_path(block.section))
            level = min(1 + max(depth, 1), MAX_HEADING_LEVEL)
        return Words(
            kind="heading" if level else "paragraph",
            start=block.start,
            sentences=self.sentences(block),
            level=level,
        )

    def items(self, blocks: Sequence[Block]) -> Iterator[Item]:
        """Nest items by depth: what is deeper than an item stands under it."""
        position = 0
        while position < len(blocks):
            block = blocks[position]
            after = position + 1
            while after < len(blocks) and blocks[after].depth > block.depth:
                after += 1
            yield Item(
                start=block.start,
                marker=block.marker,
                sentences=self.sentences(block),
                items=tuple(self.items(blocks[position + 1 : after])),
            )
            position = after

    def tables(self, blocks: Sequence[Block], before: list[Part]) -> Iterator[Table]:
        """Yield the tables of a run of rows: rows of one caption are one table.

        A caption that stands right before its rows is taken out of `before`.
        """
        for lead_in, run in groupby(blocks, key=lambda block: block.lead_in):
            rows = list(run)
            caption = None
            last = before[-1] if before else None
            above = None if lead_in is None else self.document.blocks[lead_in]
            if above and isinstance(last, Words) and last.start == above.start and not last.level:
                caption = last
                before.pop()
            columns = columns_of([self.text(row) for row in rows])
            yield Table(
                caption=caption,
                columns=columns,
                rows=tuple(
                    Row(start=row.start, cells=tuple(self.cells(row, columns))) for row in rows
                ),
            )

    def cells(self, row: Block, columns: Sequence[str]) -> Iterator[Sentence]:
        """Cut a row at its columns' names, which stand in the head instead."""
        cuts = cuts_of(self.text(row), columns)
        ends = [start for start, _ in cuts] + [row.end - row.start]
        starts = [0] + [end for _, end in cuts]
        for start, end, reach in zip(starts, ends, [*starts[1:], ends[-1]], strict=True):
            span = Span(start=row.start + start, end=row.start + end)
            yield self.sentence(span, reach=row.start + reach)

    def sentences(self, block: Block) -> tuple[Sentence, ...]:
        spans = block.sentences or (Span(start=block.start, end=block.end),)
        reaches = [*(span.start for span in spans[1:]), block.end]
        return tuple(self.sentence(s, reach=r) for s, r in zip(spans, reaches, strict=True))

    def sentence(self, span: Span, *, reach: int) -> Sentence:
        """Cut a span where numbers stand; those up to `reach` are shown at its end."""
        runs: list[Run] = []
        done = span.start
        for callout in self.callouts(span.start, reach):
            at = min(callout.at, span.end)
            numbers = tuple(self.number(n) for n in callout.numbers)
            if at == done and runs:
                runs[-1] = replace(runs[-1], numbers=(*runs[-1].numbers, *numbers))
            else:
                runs += self.runs(done, at)
                runs[-1] = replace(runs[-1], numbers=numbers)
            done = at
        if done < span.end or not runs:
            runs += self.runs(done, span.end)
        return Sentence(start=span.start, end=span.end, runs=tuple(runs))

    def runs(self, start: int, end: int) -> Iterator[Run]:
        """Cut `[start, end)` at the marks that lie in it; at least one run, if it is empty."""
        text, done = self.document.text, start
        first = bisect_left(self.marks, start, key=_start)
        for mark in self.marks[first : bisect_left(self.marks, end, key=_start)]:
            if mark.end > end:
                continue
            if mark.start > done:
                yield Run(text=text[done : mark.start])
            yield Run(text=text[mark.start : mark.end], mark=mark)
            done = mark.end
        if done < end or start == end:
            yield Run(text=text[done:end])

    def callouts(self, after: int, up_to: int) -> Sequence[Callout]:
        """Return the callouts with `after < at <= up_to`; a document has them in text order."""
        every = self.document.callouts
        first = bisect_right(every, after, key=_at)
        return every[first : bisect_right(every, up_to, lo=first, key=_at)]

    def number(self, number: int) -> Number:
        known = self.article is not None and self.article.reference_numbered(number) is not None
        self.printed[number] += 1
        anchor = f"cite-{number}-{self.printed[number]}"
        return Number(number=number, resolved=known, anchor=anchor)

    def text(self, block: Block) -> str:
        return self.document.text[block.start : block.end]


def _at(callout: Callout) -> int:
    return callout.at


def _start(mark: Mark) -> int:
    return mark.start
