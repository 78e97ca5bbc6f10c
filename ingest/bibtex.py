"""References and abstracts in BibTeX and BibLaTeX, with LaTeX's accents and symbols as text."""

import html
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import unquote

from ingest.cited_records import CitedRecord, first_year, parsed_records, some_records
from ingest.drafts import Parsed, Rejection, SourceFile, decoded_head
from ingest.latex import MAX_CHARS, plain_text
from ingest.record_fields import Fields, name_of, record_of
from ingest.record_files import whole_text

_HEAD_BYTES = 65_536
_ENTRY = re.compile(r"^\s*@\s*([A-Za-z]+)\s*[{(]\s*[^\s{}(),=\"]*\s*[,=]", re.MULTILINE)
_PAGES = re.compile(r"\s*[-–]+\s*")
_URL_MACRO = re.compile(r"\\url\{([^{}]*)\}")
_IN_URL = re.compile("%(?:7B|7D|5C)", re.IGNORECASE)
# What a part of a larger work takes from it; `title` becomes `booktitle`.
_OWN = frozenset(("title", "author", "abstract", "doi", "pmid", "pmcid", "url", "pages", "note"))


class BibtexParser:
    """Entries as reference managers, publishers and people write them."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "BibTeX"

    def recognises(self, source: SourceFile) -> bool:
        """Say whether a line opens an entry, in a `.bib` file or before any other text."""
        head = decoded_head(source, _HEAD_BYTES).replace("\r", "\n")
        found = _ENTRY.search(head)
        if found is None:
            return False
        return source.suffix == ".bib" or all(
            line.lstrip().startswith("%") or not line.strip()
            for line in head[: found.start()].splitlines()
        )

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:  # noqa: ARG002
        """Read every entry; `slug` has no meaning here. Raises FileInputError."""
        return parsed_records(self, source)

    def records(self, file: BinaryIO, *, name: str) -> Iterator[CitedRecord | Rejection]:
        """Give the entries one by one; the file itself is read as a whole.

        Raises FileInputError where no entry can be read.
        """
        found = _records(whole_text(file, name=name))
        return some_records(found, name=name, kind="BibTeX entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry's type, key and values as printed, by field names in lower case."""

    place: str
    kind: str
    key: str
    values: Mapping[str, str]


def _records(text: str) -> Iterator[CitedRecord | Rejection]:
    """Give entries and what could not be read, by line."""
    from bibtexparser.entrypoint import parse_string

    # what the parser logs is in its failed blocks as well, and may hold anything
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(text, parse_stack=[])
    strings: dict[str, str] = {}
    for string in library.strings:
        strings[string.key.lower()] = _joined(str(string.value), strings)
    entries = [e for block in library.blocks if (e := _entry(block, strings)) is not None]
    by_key = {e.key.lower(): e for e in reversed(entries) if isinstance(e, _Entry)}
    for entry in entries:
        yield entry if isinstance(entry, Rejection) else _read(entry, by_key)


def _entry(block: Any, strings: Mapping[str, str]) -> _Entry | Rejection | None:
    """Return what a block of the file is; None for a comment, a string or a preamble."""
    from bibtexparser.model import Entry, ParsingFailedBlock

    place = f"line {(block.start_line or 0) + 1}"
    # a key or a field that stands twice is no reason to lose the entry
    read = getattr(block, "ignore_error_block", None) or block
    if isinstance(read, Entry):
        values: dict[str, str] = {}
        for one in read.fields:
            values.setdefault(one.key.lower(), _joined(str(one.value), strings))
        return _Entry(place=place, kind=read.entry_type.lower(), key=read.key, values=values)
    if isinstance(block, ParsingFailedBlock):
        reason = "not closed, or without a comma between two fields"
        return Rejection(place=place, reason=reason)
    return None


def _joined(value: str, strings: Mapping[str, str]) -> str:
    """Return a value without what encloses it, its parts joined and its names resolved.

    Names of names can make a text of any length, so that it ends at `MAX_CHARS`.
    """
    text = ""
    for part in _parts(value):
        if part[:1] in ('"', "{") and len(part) > 1:
            text += part[1:-1]
        else:
            text += strings.get(part.lower(), part)
        if len(text) > MAX_CHARS:
            break
    return text


def _parts(value: str) -> Iterator[str]:
    """Split at each `#` outside braces and quotation marks."""
    depth, quoted, start = 0, False, 0
    for at, character in enumerate(value):
        if character in "{}" and value[at - 1 : at] != "\\":
            depth += 1 if character == "{" else -1
        elif character == '"' and depth == 0:
            quoted = not quoted
        elif character == "#" and depth == 0 and not quoted:
            yield value[start:at].strip()
            start = at + 1
    yield value[start:].strip()


def _read(entry: _Entry, by_key: Mapping[str, _Entry]) -> CitedRecord | Rejection:
    values = _inherited(entry, by_key)
    return record_of(_fields(values, entry.kind), place=entry.place, source="BibTeX")


def _inherited(entry: _Entry, by_key: Mapping[str, _Entry]) -> Mapping[str, str]:
    """Return the values with what the entry's `crossref` or `xdata` adds, one step far."""
    values = dict(entry.values)
    for name in ("crossref", "xdata"):
        parent = by_key.get(values.get(name, "").strip().lower())
        if parent is None or parent is entry:
            continue
        if "title" in parent.values:
            values.setdefault("booktitle", parent.values["title"])
        for key, value in parent.values.items():
            if key not in _OWN or name == "xdata":
                values.setdefault(key, value)
    return values


def _fields(values: Mapping[str, str], kind: str) -> Fields:
    def first(*names: str) -> str:
        return plain_text(next((values[n] for n in names if values.get(n, "").strip()), ""))

    subtitle = first("subtitle")
    title = first("title")
    work = first("type") if kind == "article" else ""
    return Fields(
        title=f"{title}: {subtitle}" if title and subtitle else title,
        authors=tuple(_names(values.get("author", ""))),
        journal=first("shortjournal", "journal", "journaltitle", "booktitle"),
        year=first_year(first("year")) or first_year(first("date")),
        volume=first("volume"),
        issue=first("number", "issue"),
        pages=_PAGES.sub("-", first("pages", "eid", "article-number")),
        dois=(_verbatim(values.get("doi", "")),),
        pmid=first("pmid") or (first("eprint") if _is_pubmed(values) else ""),
        pmcid=first("pmcid", "pmc"),
        urls=tuple(_verbatim(values.get(name, "")) for name in ("url", "howpublished")),
        notes=(first("note"), first("annote"), first("addendum")),
        types=(first("document_type", "publication_type"), work),
        abstract=first("abstract"),
    )


def _is_pubmed(values: Mapping[str, str]) -> bool:
    printed = values.get("eprinttype", "") or values.get("archiveprefix", "")
    return printed.strip().lower() in ("pubmed", "pmid")


def _verbatim(value: str) -> str:
    """Return an address or DOI: as it stands, unless LaTeX's own signs were written out in it."""
    found = _URL_MACRO.search(value)
    value = found[1] if found else value
    if re.search(r"[\\{}$]", value):
        value = plain_text(value)
    return _IN_URL.sub(lambda sign: unquote(sign[0]), html.unescape(value)).strip()


def _names(printed: str) -> Iterator[str]:
    """Give `Surname AB Jr` for each author; a name in braces is a group's and stays whole."""
    from bibtexparser.middlewares.names import (
        parse_single_name_into_parts,
        split_multiple_persons_names,
    )

    for name in split_multiple_persons_names(printed[:MAX_CHARS]):
        if name.strip().lower() == "others":
            continue
        if _is_whole(name):
            yield plain_text(name)
            continue
        parts = parse_single_name_into_parts(name, strict=False)
        family, given, suffix = (
            plain_text(" ".join(words)).replace("\xa0", " ")
            for words in ([*parts.von, *parts.last], parts.first, parts.jr)
        )
        yield name_of(family, given, suffix)


def _is_whole(name: str) -> bool:
    """Tell whether one pair of braces encloses the name."""
    if not (name.startswith("{") and name.endswith("}")):
        return False
    depth = 0
    for at, character in enumerate(name):
        depth += (character == "{") - (character == "}")
        if depth == 0 and at < len(name) - 1:
            return False
    return depth == 0
