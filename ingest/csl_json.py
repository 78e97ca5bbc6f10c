"""References and abstracts in CSL-JSON: what Zotero, pandoc and Crossref exchange.

A list of items, one item alone, or a list under `items`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from corpus.errors import FileInputError
from ingest.cited_records import CitedRecord, first_year, parsed_records, some_records
from ingest.drafts import Parsed, Rejection, SourceFile, decoded_head
from ingest.record_fields import Fields, name_of, record_of
from ingest.record_files import whole_text

_HEAD_BYTES = 65_536
_KEY = re.compile(
    r'"(?:issued|container-title|DOI|PMID|PMCID|author|title-short|citation-key|URL)"\s*:'
)
_TYPE = re.compile(r'"type"\s*:\s*"[a-z_-]+"')
_Item = Mapping[str, Any]


class CslJsonParser:
    """Items as the schema of the Citation Style Language has them, read leniently."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "CSL-JSON"

    def recognises(self, source: SourceFile) -> bool:
        """Say whether the file is JSON whose first items have a type and CSL's variables."""
        head = decoded_head(source, _HEAD_BYTES)
        if not head.lstrip().startswith(("[", "{")) or '"_id"' in head:
            return False
        return bool(_KEY.search(head)) and bool(_TYPE.search(head))

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:  # noqa: ARG002
        """Read every item; `slug` has no meaning here. Raises FileInputError."""
        return parsed_records(self, source)

    def records(self, file: BinaryIO, *, name: str) -> Iterator[CitedRecord | Rejection]:
        """Give the items one by one; the file itself is read as a whole.

        Raises FileInputError for what is not JSON or holds no item that can be read.
        """
        found = (
            _read(item, position)
            for position, item in enumerate(_items(whole_text(file, name=name), name), start=1)
        )
        return some_records(found, name=name, kind="CSL-JSON item")


def _items(text: str, name: str) -> Sequence[Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise FileInputError(name, f"not JSON: {error.msg}", place=place) from error
    except RecursionError as error:
        raise FileInputError(name, "not CSL-JSON: nested too deeply") from error
    except ValueError as error:
        raise FileInputError(name, "not JSON: a number that is too long") from error
    if isinstance(data, dict):
        inner = data.get("items")
        return inner if isinstance(inner, list) else [data]
    if isinstance(data, list):
        return data
    raise FileInputError(name, "not CSL-JSON: neither a list nor an item")


def _read(item: Any, position: int) -> CitedRecord | Rejection:
    place = f"item {position}"
    if not isinstance(item, dict):
        return Rejection(place=place, reason="not an object")
    named = _text(item, "id")
    return record_of(
        _fields(item), place=f"{place} ({named[:60]})" if named else place, source="CSL-JSON"
    )


def _fields(item: _Item) -> Fields:
    retracted = _text(item, "status").lower() == "retracted"
    notes = (_text(item, "note"), *(("Retracted",) if retracted else ()))
    return Fields(
        title=_text(item, "title"),
        authors=tuple(map(_name, _list(item.get("author")))),
        journal=_text(item, "container-title-short", "journalAbbreviation", "container-title"),
        year=_year(item.get("issued")),
        volume=_text(item, "volume"),
        issue=_text(item, "issue", "number"),
        pages=_text(item, "page"),
        dois=(_text(item, "DOI", "doi"), *_noted(notes, "DOI")),
        pmid=_text(item, "PMID", "pmid"),
        pmcid=_text(item, "PMCID", "pmcid"),
        urls=(_text(item, "URL"),),
        notes=tuple(note.strip() for note in notes),
        types=(_text(item, "genre"),),
        abstract=_text(item, "abstract"),
    )


def _text(item: _Item, *keys: str) -> str:
    """Return the first text under some keys; numbers are texts, and of a list the first counts."""
    for key in keys:
        value = item.get(key)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _noted(notes: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the values of a variable that Zotero keeps as a line of the note."""
    pattern = re.compile(rf"^{name}\s*:\s*(\S+)\s*$", re.MULTILINE | re.IGNORECASE)
    return tuple(found[1] for note in notes for found in pattern.finditer(note))


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    literal = _text(value, "literal", "name")
    if literal:
        return literal
    particles = (_text(value, "dropping-particle"), _text(value, "non-dropping-particle"))
    family = " ".join(filter(None, (*particles, _text(value, "family"))))
    return name_of(family, _text(value, "given"), _text(value, "suffix"))


def _year(issued: Any) -> int | None:
    """Return the year of a date in parts, or of one as printed."""
    if not isinstance(issued, dict):
        return first_year(issued) if isinstance(issued, str) else None
    start = next(iter(_list(issued.get("date-parts"))), None)
    part = next(iter(_list(start)), "")
    return first_year(str(part)[:20]) or first_year(_text(issued, "raw", "literal"))
