"""Abstracts from PubMed's tagged text format (`.nbib`, `.medline`, and `.txt` from e-mail).

    PMID- 12230038
    TI  - A title that goes on
          in the next line

A field is a tag of up to four characters, a hyphen and a value; indented lines carry the value on,
and a blank line ends the record.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from corpus.records import Reference
from ingest.abstract_text import abstract_drafts
from ingest.cited_records import (
    MAX_RECORD_SIZE,
    CitedRecord,
    cited_id,
    first_year,
    initials_of,
    parsed_records,
    publication_kind,
    some_records,
)
from ingest.drafts import Parsed, Rejection, SourceFile, decoded_head, join_words
from ingest.publication_notices import MEDLINE_TAGS, medline_notices
from ingest.record_files import lines_of
from ingest.reference_lists import normalise_doi

_FIELD = re.compile(r"(?=.{4}-)([A-Z][A-Z0-9]{1,3}) *-(?: (.*)|$)")
_SIGN = re.compile(r"^(?:PMID|OWN |STAT|DCOM|EDAT|PHST|CRDT)-(?: |$)", re.MULTILINE)
_DOI = re.compile(r"(\S+)\s*\[doi\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """One record's values by tag, continuation lines joined; `line` is where it starts, from 1."""

    line: int
    values: Mapping[str, Sequence[str]]

    def first(self, *tags: str) -> str | None:
        return next((value for tag in tags for value in self.values.get(tag, ()) if value), None)

    def all(self, *tags: str) -> tuple[str, ...]:
        return tuple(value for tag in tags for value in self.values.get(tag, ()) if value)


class MedlineParser:
    """Records as PubMed's "Save citation" and "Send to citation manager" write them."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "MEDLINE"

    def recognises(self, source: SourceFile) -> bool:
        """Say whether the beginning has a field that only this format has."""
        head = decoded_head(source)
        return bool(_SIGN.search(head)) or (
            source.suffix in (".nbib", ".medline") and bool(_FIELD.match(head.lstrip()))
        )

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:  # noqa: ARG002
        """Read every record; `slug` has no meaning here.

        A record with a malformed line is left out and reported; raises FileInputError when no
        record can be read at all.
        """
        return parsed_records(self, source)

    def records(self, file: BinaryIO, *, name: str) -> Iterator[CitedRecord | Rejection]:
        """Give the records one by one; raises FileInputError as `parse` does."""
        chunks = _chunks(lines_of(file, name=name))
        return some_records(map(_read, chunks), name=name, kind="MEDLINE record")


def _chunks(lines: Iterable[str]) -> Iterator[Sequence[tuple[int, str]] | Rejection]:
    """Give the lines of each record with their numbers, from 1."""
    chunk: list[tuple[int, str]] = []
    size = 0
    for number, line in enumerate(lines, start=1):
        if line.strip():
            size += len(line)
            if size <= MAX_RECORD_SIZE:
                chunk.append((number, line))
        elif chunk:
            yield _bounded(chunk, size)
            chunk, size = [], 0
    if chunk:
        yield _bounded(chunk, size)


def _bounded(chunk: Sequence[tuple[int, str]], size: int) -> Sequence[tuple[int, str]] | Rejection:
    if size <= MAX_RECORD_SIZE:
        return chunk
    reason = f"more than {MAX_RECORD_SIZE:,} characters"
    return Rejection(place=f"line {chunk[0][0]}", reason=reason)


def _read(chunk: Sequence[tuple[int, str]] | Rejection) -> CitedRecord | Rejection:
    fields = chunk if isinstance(chunk, Rejection) else _fields(chunk)
    if isinstance(fields, Rejection):
        return fields
    if not fields.all("PMID", "TI", "BTI"):
        return Rejection(place=f"line {fields.line}", reason="no PMID and no title")
    return _record(fields)


def _fields(chunk: Sequence[tuple[int, str]]) -> _Fields | Rejection:
    values: defaultdict[str, list[str]] = defaultdict(list)
    tag = ""
    for number, line in chunk:
        field = _FIELD.match(line)
        if field:
            tag = field[1]
            values[tag].append(join_words([field[2] or ""]))
        elif tag and line[0].isspace():
            values[tag][-1] = join_words([values[tag][-1], line])
        else:
            reason = "neither a field (a tag, a hyphen and a value) nor the continuation of one"
            return Rejection(place=f"line {number}", reason=reason)
    return _Fields(line=chunk[0][0], values=values)


def _record(fields: _Fields) -> CitedRecord:
    pmid = fields.first("PMID")
    pmid = pmid if pmid is not None and re.fullmatch("[0-9]+", pmid) else None
    printed = (m[1] for m in map(_DOI.search, fields.all("LID", "AID")) if m)
    doi = next(filter(None, map(normalise_doi, printed)), None)
    place = f"line {fields.line}" + (f" (PMID {pmid})" if pmid else "")
    return CitedRecord(
        place=place,
        reference=_reference(fields, pmid=pmid, doi=doi),
        drafts=abstract_drafts(fields.first("AB", "OAB") or ""),
    )


def _reference(fields: _Fields, *, pmid: str | None, doi: str | None) -> Reference:
    types = fields.all("PT")
    document_id = cited_id(pmid=pmid, doi=doi)
    return Reference(
        title=fields.first("TI", "BTI") or document_id or "untitled",
        kind=publication_kind(types),
        authors=_authors(fields),
        journal=fields.first("TA", "JT"),
        year=first_year(fields.first("DP", "DEP")),
        volume=fields.first("VI"),
        issue=fields.first("IP"),
        pages=fields.first("PG"),
        doi=doi,
        pmid=pmid,
        pmcid=fields.first("PMC"),
        publication_types=types,
        document_id=document_id,
        notices=medline_notices({tag: fields.all(tag) for tag in MEDLINE_TAGS}),
    )


def _authors(fields: _Fields) -> tuple[str, ...]:
    """Return `Surname AB` from the short names, or from the full ones where those are missing."""
    short = fields.all("AU")
    if not short:
        full = (name.partition(",") for name in fields.all("FAU"))
        short = tuple(f"{last} {initials_of(given)}".strip() for last, _, given in full)
    return (*short, *fields.all("CN"))
