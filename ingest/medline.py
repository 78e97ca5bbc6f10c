"""Abstracts from PubMed's tagged text format (`.nbib`, `.medline`, and `.txt` from e-mail).

    PMID- 12230038
    TI  - A title that goes on
          in the next line

A field is a tag of up to four characters, a hyphen and a value; indented lines carry the value on,
and a blank line ends the record.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.errors import FileInputError
from corpus.records import Reference
from ingest.drafts import Draft, Parsed, Rejection, SourceFile, decoded_head, join_words
from ingest.pubmed_xml import (
    CitedRecord,
    first_year,
    gather_abstracts,
    initials_of,
    publication_kind,
)
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
        records: list[CitedRecord] = []
        unreadable: list[Rejection] = []
        for chunk in _chunks(source.text()):
            fields = _fields(chunk)
            if isinstance(fields, Rejection):
                unreadable.append(fields)
            elif not fields.all("PMID", "TI", "BTI"):
                place = f"line {fields.line}"
                unreadable.append(Rejection(place=place, reason="no PMID and no title"))
            else:
                records.append(_record(fields))
        if not records:
            place, reason = ("", "the file is empty")
            if unreadable:
                place, reason = unreadable[0].place, f"no MEDLINE record: {unreadable[0].reason}"
            raise FileInputError(source.name, reason, place=place)
        parsed = gather_abstracts(records)
        return replace(parsed, rejections=(*unreadable, *parsed.rejections))


def _chunks(text: str) -> Iterator[list[tuple[int, str]]]:
    """Give the lines of each record with their numbers, from 1."""
    chunk: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            chunk.append((number, line))
        elif chunk:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


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
    abstract = fields.first("AB")
    place = f"line {fields.line}" + (f" (PMID {pmid})" if pmid else "")
    return CitedRecord(
        place=place,
        reference=_reference(fields, pmid=pmid, doi=doi),
        drafts=(Draft(kind="paragraph", text=abstract),) if abstract else (),
    )


def _reference(fields: _Fields, *, pmid: str | None, doi: str | None) -> Reference:
    types = fields.all("PT")
    document_id = f"pmid:{pmid}" if pmid else f"doi:{doi}" if doi else None
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
    )


def _authors(fields: _Fields) -> tuple[str, ...]:
    """Return `Surname AB` from the short names, or from the full ones where those are missing."""
    short = fields.all("AU")
    if not short:
        full = (name.partition(",") for name in fields.all("FAU"))
        short = tuple(f"{last} {initials_of(given)}".strip() for last, _, given in full)
    return (*short, *fields.all("CN"))
