"""References and abstracts in RIS, the exchange format of reference managers and databases.

    TY  - JOUR
    TI  - A title
    AB  - What the paper says.
    ER  -

A record runs from `TY` to `ER`; a line without a tag carries the value above it on.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from ingest.cited_records import (
    MAX_RECORD_SIZE,
    CitedRecord,
    first_year,
    parsed_records,
    some_records,
)
from ingest.drafts import Parsed, Rejection, SourceFile, decoded_head
from ingest.record_fields import Fields, name_of, record_of
from ingest.record_files import lines_of
from ingest.reference_lists import normalise_doi

_SIGN = re.compile(r"^TY {1,2}- *[A-Z]{3,7} *$", re.MULTILINE)
_OPENING = re.compile(r"TY( {1,2})-(?: (.*)|$)")
# Databases whose accession number is a PMID; where a record names none, digits alone are one.
_PUBMED = re.compile(r"pubmed|medline|\bnlm\b|national library of medicine", re.IGNORECASE)
_ABBREVIATED = ("JA", "J2", "J1", "JO", "JF", "T2", "BT")


class RisParser:
    """Records as EndNote, Zotero, publishers and library databases write them."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "RIS"

    def recognises(self, source: SourceFile) -> bool:
        """Say whether the beginning opens a record."""
        return bool(_SIGN.search(decoded_head(source).replace("\r", "\n")))

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:  # noqa: ARG002
        """Read every record; `slug` has no meaning here. Raises FileInputError."""
        return parsed_records(self, source)

    def records(self, file: BinaryIO, *, name: str) -> Iterator[CitedRecord | Rejection]:
        """Give the records one by one; raises FileInputError where none can be read."""
        found = map(_read, _raw_records(lines_of(file, name=name)))
        return some_records(found, name=name, kind="RIS record")


@dataclass(slots=True, kw_only=True)
class _Raw:
    """A record while its lines are gathered; `line` is where it opens, from 1."""

    line: int
    values: defaultdict[str, list[list[str]]] = field(default_factory=lambda: defaultdict(list))
    last: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, tag: str, value: str) -> None:
        self.last = [value]
        self.values[tag].append(self.last)
        self._grow(value)

    def go_on(self, line: str) -> None:
        self.last.append(line)
        self._grow(line)

    def _grow(self, line: str) -> None:
        self.size += len(line) + 1
        if self.size > MAX_RECORD_SIZE:  # it will be left out: what it holds need not be kept
            self.values.clear()
            self.last = []


def _raw_records(lines: Iterable[str]) -> Iterator[_Raw | Rejection]:
    """Give the records, and a rejection for each stretch of text between two of them.

    What stands before the first record is a database's heading. The first `TY` shows whether the
    file writes one or two spaces before its hyphens.
    """
    record: _Raw | None = None
    tagged = _OPENING
    begun, stray = False, False
    for number, line in enumerate(lines, start=1):
        opening = _OPENING.match(line)
        if opening:
            if record:
                yield record
            tagged = re.compile(rf"([A-Z][A-Z0-9]){opening[1]}-(?: (.*)|$)")
            record, begun, stray = _Raw(line=number), True, False
            record.add("TY", opening[2] or "")
        elif record is None:
            if begun and line.strip() and not stray:
                yield Rejection(place=f"line {number}", reason="text outside a record")
                stray = True
        elif found := tagged.match(line):
            if found[1] == "ER":
                yield record
                record = None
            else:
                record.add(found[1], found[2] or "")
        else:
            record.go_on(line)
    if record:
        yield record


def _read(raw: _Raw | Rejection) -> CitedRecord | Rejection:
    if isinstance(raw, Rejection):
        return raw
    place = f"line {raw.line}"
    if raw.size > MAX_RECORD_SIZE:
        return Rejection(place=place, reason=f"more than {MAX_RECORD_SIZE:,} characters")
    values = {
        tag: tuple("\n".join(lines).strip() for lines in found) for tag, found in raw.values.items()
    }
    return record_of(_fields(values), place=place, source="RIS")


def _fields(values: Mapping[str, tuple[str, ...]]) -> Fields:
    def first(*tags: str) -> str:
        return next(filter(None, _all(values, *tags)), "")

    works = _all(values, "M3")  # a type of work, in older files the DOI
    return Fields(
        title=first("TI", "T1", "CT", "BT", "TT"),
        authors=tuple(_name(printed) for printed in _all(values, "AU", "A1")),
        journal=first(*_ABBREVIATED),
        year=first_year(first("PY", "Y1", "DA")),
        volume=first("VL"),
        issue=first("IS"),
        pages=_pages(first("SP"), first("EP")),
        dois=_all(values, "DO", "M3", "L3", "DI"),
        pmid=_pmid(values, first("AN")),
        pmcid=first("C2"),
        urls=tuple(part.strip() for url in _all(values, "UR", "L2") for part in url.split(";")),
        notes=_all(values, "N1", "M1", "C7", "LB"),
        types=tuple(work for work in works if normalise_doi(work) is None),
        abstract=first("AB", "N2"),
    )


def _all(values: Mapping[str, tuple[str, ...]], *tags: str) -> tuple[str, ...]:
    return tuple(value for tag in tags for value in values.get(tag, ()))


def _name(printed: str) -> str:
    """Return `Surname AB Jr` for `Surname, First names, Jr`; other names stay as printed."""
    family, comma, rest = printed.partition(",")
    given, _, suffix = rest.partition(",")
    return name_of(family, given, suffix) if comma else printed


def _pages(first: str, last: str) -> str:
    return f"{first}-{last}" if first and last and last != first and "-" not in first else first


def _pmid(values: Mapping[str, tuple[str, ...]], accession: str) -> str:
    databases = " ".join(_all(values, "DB", "DP"))
    return accession if not databases or _PUBMED.search(databases) else ""
