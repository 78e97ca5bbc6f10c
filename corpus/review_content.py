"""What an editor approves: the fingerprint of an article's content, its status left out.

It covers what a reader sees and what may be asked: title, text, headings, lists, tables, citation
numbers, glossary, reference list with the abstract tied to each entry, date, disclaimer and what
else stands around the text. Left out is what only this program derives from it: where sentences
and passages end, what introduces a list item, the findings of ingest. A correction published about
a cited work is left out too; a retraction or a concern is not: whoever approved could not know it.
"""

import dataclasses
import datetime as dt
import hashlib
import json
from typing import Any

from corpus.records import Article

_DERIVED = frozenset({"review_status", "findings", "passages", "sentences", "lead_in"})
_GRAVE = ("retraction", "concern")


def content_of(article: Article) -> str:
    """Return the SHA-256 of an article's content; the same for every status.

    What is empty is left out before, so that a field that a later version adds changes nothing.
    """
    canonical = json.dumps(
        _bare(article), sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_as_text
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _bare(value: Any) -> Any:
    """Return a record as plain values, without what is empty and without what is derived."""
    if isinstance(value, tuple):
        return [_bare(one) for one in value]
    if not dataclasses.is_dataclass(value):
        return value
    found = {}
    for field in dataclasses.fields(value):
        held = getattr(value, field.name)
        if field.name == "notices":
            held = tuple(notice for notice in held if notice.kind in _GRAVE)
        if field.name not in _DERIVED and held not in (None, "", ()):
            found[field.name] = _bare(held)
    return found


def _as_text(value: Any) -> str:
    """Return what JSON has no form for: dates."""
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"no content can hold {type(value).__name__}")
