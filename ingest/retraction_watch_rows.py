"""The rows of the Retraction Watch file, and what is wrong with those that cannot be used."""

import csv
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TextIO

from corpus.errors import FileInputError
from ingest.drafts import Rejection, join_words
from ingest.reference_lists import normalise_doi

MAX_REASON_CHARS = 2_000

Nature = Literal["retraction", "concern", "correction", "reinstatement"]
_NATURES: Mapping[str, Nature] = {
    "retraction": "retraction",
    "expression of concern": "concern",
    "correction": "correction",
    "reinstatement": "reinstatement",
}
_COLUMNS = (
    "RetractionDate",
    "RetractionDOI",
    "RetractionPubMedID",
    "OriginalPaperDOI",
    "OriginalPaperPubMedID",
    "RetractionNature",
    "Reason",
)
_ABSENT = frozenset(("", "0", "unavailable", "na", "n/a", "none", "no doi", "no pmid", "nan"))
_US_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:\s.*)?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T\s].*)?")
_PMID = re.compile(r"0*([1-9][0-9]{0,8})(?:\.0)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row: what was published about which work. `place` is its line in the file."""

    nature: Nature
    doi: str | None
    pmid: str | None
    date: dt.date | None
    identifier: str | None
    reason: str
    place: str = ""


def rows_of(name: str, file: TextIO) -> Iterator[Entry | Rejection]:
    """Give each row, or why it is left out; raises FileInputError when the columns are others."""
    reader = csv.reader(file)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise FileInputError(name, f"not CSV: {error}", place="line 1") from error
    if any("\x00" in title for title in header):
        raise FileInputError(name, "holds a NUL: not UTF-8 text", place="line 1")
    columns = {re.sub(r"\W", "", title).casefold(): i for i, title in enumerate(header)}
    missing = [title for title in _COLUMNS if title.casefold() not in columns]
    if missing:
        reason = f"not the Retraction Watch CSV: no column {', '.join(missing)}"
        raise FileInputError(name, reason, place="line 1")
    places = {title: columns[title.casefold()] for title in _COLUMNS}
    while True:
        place = f"line {reader.line_num + 1}"
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Rejection(place=place, reason=f"not CSV: {error}")
            continue
        if row is None:
            return
        if row:
            yield from _read_row(row, places, len(header), place)


def _read_row(
    row: Sequence[str], places: Mapping[str, int], width: int, place: str
) -> Iterator[Entry | Rejection]:
    if len(row) <= max(places.values()) or any(cell.strip() for cell in row[width:]):
        reason = f"{len(row)} columns where {width} are expected"
        yield Rejection(place=place, reason=reason)
        return
    cells = {title: row[i].strip() for title, i in places.items()}
    nature = _NATURES.get(join_words([cells["RetractionNature"]]).casefold())
    doi = _doi(cells["OriginalPaperDOI"])
    pmid = pmid_in(cells["OriginalPaperPubMedID"])
    wrong = _wrong(cells, nature, doi, pmid)
    if nature is None or wrong:
        yield Rejection(place=place, reason=wrong)
        return
    date = _date(cells["RetractionDate"])
    if date is None and cells["RetractionDate"].casefold() not in _ABSENT:
        shown = ascii(cells["RetractionDate"][:40])
        yield Rejection(place=place, reason=f"kept without its date, which is none: {shown}")
    yield Entry(
        nature=nature,
        doi=doi,
        pmid=pmid,
        date=date,
        identifier=_identifier(cells["RetractionPubMedID"], cells["RetractionDOI"]),
        reason=join_words([cells["Reason"]])[:MAX_REASON_CHARS],
        place=place,
    )


def _wrong(
    cells: Mapping[str, str], nature: Nature | None, doi: str | None, pmid: str | None
) -> str:
    """Return why a row cannot be used, empty when it can."""
    if any("\x00" in cell for cell in cells.values()):
        return "holds a NUL"
    if nature is None:
        return f"unknown nature of notice: {cells['RetractionNature'][:40]!a}"
    if doi or pmid:
        return ""
    given = (cells["OriginalPaperDOI"], cells["OriginalPaperPubMedID"])
    bad = [ascii(text[:60]) for text in given if text.casefold() not in _ABSENT]
    return f"no DOI and no PMID: {', '.join(bad)}" if bad else ""


def _identifier(pmid: str, doi: str) -> str | None:
    number, name = pmid_in(pmid), _doi(doi)
    return f"pmid:{number}" if number else f"doi:{name}" if name else None


def _doi(text: str) -> str | None:
    return None if text.casefold() in _ABSENT else normalise_doi(text)


def pmid_in(text: str) -> str | None:
    """Return the PMID that a cell holds; None for what stands there where it is not known."""
    match = _PMID.fullmatch(text.strip())
    return match[1] if match else None


def _date(text: str) -> dt.date | None:
    us, iso = _US_DATE.fullmatch(text), _ISO_DATE.fullmatch(text)
    try:
        if us:
            return dt.date(int(us[3]), int(us[1]), int(us[2]))
        if iso:
            return dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError:
        return None
    return None
