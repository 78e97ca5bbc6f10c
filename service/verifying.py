"""Re-checking a saved answer against a library: no model, no network, only slices and digests."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corpus.errors import FileInputError, NotFoundError
from corpus.library import Library


def read_answer(path: Path) -> Mapping[str, Any]:
    """Read a saved answer record; raises FileInputError when it is none."""
    try:
        record = json.loads(path.read_bytes())
    except OSError as error:
        raise FileInputError(str(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise FileInputError(str(path), "not UTF-8 text", place=f"byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise FileInputError(str(path), "not a JSON file", place=place) from error
    if not isinstance(record, dict) or not isinstance(record.get("statements"), list):
        raise FileInputError(str(path), "not an answer record (no list of statements)")
    return record


def citations_of(record: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    """Return every citation of a record; raises FileInputError naming what is malformed."""
    found: list[Mapping[str, Any]] = []
    for number, statement in enumerate(record["statements"], start=1):
        citations = statement.get("citations") if isinstance(statement, dict) else None
        if not isinstance(citations, list) or not citations:
            raise FileInputError(name, "has no citations", place=f"statement {number}")
        for citation in citations:
            if not _well_formed(citation):
                raise FileInputError(name, "malformed citation", place=f"statement {number}")
            found.append(citation)
    return tuple(found)


def failures(record: Mapping[str, Any], name: str, library: Library) -> Iterator[str]:
    """Yield one line for every quote that is not exactly its span of the stored text."""
    for citation in citations_of(record, name):
        document_id, start, end = citation["document_id"], citation["start"], citation["end"]
        where = f"[{citation.get('marker')!a}] {ascii(document_id)[1:-1]} {start}-{end}"
        try:
            document = library.document(document_id)
        except NotFoundError:
            yield f"{where}: the document is not in this library"
            continue
        if document.sha256 != citation["sha256"]:
            yield f"{where}: the document's text has changed since the answer was given"
        if document.text[start:end] != citation["quote"]:
            yield f"{where}: the quote is not what stands there"


def _well_formed(citation: Any) -> bool:
    if not isinstance(citation, dict):
        return False
    texts = all(isinstance(citation.get(key), str) for key in ("document_id", "quote", "sha256"))
    start, end = citation.get("start"), citation.get("end")
    return texts and isinstance(start, int) and isinstance(end, int) and 0 <= start < end
