"""The words of an article's page: where terms stand in its text, and the list that explains them.

Every audience gets the same page; the style shows the additions to students and patients only.
Each stretch between two headings is a text of its own, for people read sections, not articles:
what an abbreviation stands for is added once in each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from corpus.answers import TermUse
from corpus.records import Block, Document
from service.http_parts import Mark
from service.wording import Wording, explained, viewed


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """An entry of the list of words; `written_out` is empty where the term is no abbreviation."""

    anchor: str
    term: str
    written_out: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The terms of a text: their places, sorted and not overlapping, and their explanations."""

    marks: tuple[Mark, ...]
    listed: tuple[Word, ...]


def words_of_text(document: Document, wording: Wording) -> Words:
    """Return the terms of a document's text and the list of their meanings, by alphabet.

    In each stretch a term is marked where it stands first.
    """
    found = [
        (start, text, wording.uses(text, document_id=document.document_id))
        for start, text in _stretches(document)
    ]
    first = explained(use for _, _, uses in found for use in uses)
    ordered = sorted(first, key=lambda use: (use.text.casefold(), use.text))
    anchors = {_key(use): f"word-{number}" for number, use in enumerate(ordered, 1)}
    marks = (mark for start, text, uses in found for mark in _marks(start, text, uses, anchors))
    return Words(marks=tuple(marks), listed=tuple(_word(use, anchors) for use in ordered))


def _stretches(document: Document) -> Iterator[tuple[int, str]]:
    """Yield the start and the text of what stands between two headings."""
    for heading, run in groupby(document.blocks, key=lambda block: block.kind == "heading"):
        if not heading:
            blocks: list[Block] = list(run)
            start = blocks[0].start
            yield start, document.text[start : blocks[-1].end]


def _marks(
    start: int, text: str, uses: tuple[TermUse, ...], anchors: dict[str, str]
) -> Iterator[Mark]:
    """Yield the marks of one stretch; what a view adds belongs to the term right before it."""
    marked: set[str] = set()
    pieces = viewed(text, uses, "student")
    at = start
    for piece, after in zip(pieces, (*pieces[1:], None), strict=True):
        if piece.added:
            continue
        added = after.text if after is not None and after.added else ""
        if piece.use is not None and (added or _key(piece.use) not in marked):
            anchor = anchors[_key(piece.use)]
            marked.add(_key(piece.use))
            yield Mark(start=at, end=at + len(piece.text), anchor=anchor, added=added)
        at += len(piece.text)


def _key(use: TermUse) -> str:
    """Return what two uses share when they are explained by one entry of `explained`."""
    return use.meaning or (use.written_out or use.text).lower()


def _word(use: TermUse, anchors: dict[str, str]) -> Word:
    return Word(
        anchor=anchors[_key(use)],
        term=use.text,
        written_out=use.written_out or "",
        meaning=use.meaning or "",
    )
