"""Articles and documents as JSON values, and back: exactly the fields of the records."""

from pathlib import Path
from typing import Any, TypeVar

import cattrs
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.preconf.json import make_converter

from corpus.errors import LibraryError
from corpus.files import path_for, read_json
from corpus.records import Article, Document, Reference, ReviewStatus

Record = TypeVar("Record", Article, Document)
Part = TypeVar("Part")

_converter = make_converter(forbid_extra_keys=True)


def _exactly(value: Any, kind: type) -> Any:
    """Refuse what the converter would silently turn into text or a number."""
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value


_converter.register_structure_hook(str, _exactly)
_converter.register_structure_hook(int, _exactly)
_converter.register_structure_hook(ReviewStatus, lambda value, _: ReviewStatus(value))
# What lacks a later field keeps the content, and so the fingerprint, that it always had.
_converter.register_unstructure_hook(
    Reference,
    make_dict_unstructure_fn(Reference, _converter, notices=override(omit_if_default=True)),
)
_converter.register_unstructure_hook(
    Article,
    make_dict_unstructure_fn(Article, _converter, glossary=override(omit_if_default=True)),
)


def as_json(record: Article | Document | Reference) -> Any:
    """Return a record as its file holds it."""
    return _converter.unstructure(record)


def from_json(value: Any, record: type[Part], *, where: str) -> Part:
    """Read a record back; raises LibraryError, which says `where` it stands."""
    try:
        return _converter.structure(value, record)
    except (cattrs.BaseValidationError, ValueError, TypeError) as error:
        reason = "; ".join(cattrs.transform_error(error))
        raise LibraryError(f"{where}: not a valid {record.__name__}: {reason}") from error


def read_record(path: Path, record: type[Record]) -> Record:
    """Read an article's or document's file; raises LibraryError naming it."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise LibraryError(f"{path}: not a valid {record.__name__}: not an object")
    key = value.get("slug" if record is Article else "document_id")
    if isinstance(key, str) and path_for(path.parent, key) != path:
        raise LibraryError(f"{path}: holds {key!r}, not what its name says")
    return from_json(value, record, where=str(path))
