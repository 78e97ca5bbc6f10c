"""Stand-alone texts from BEIR's corpus layout, one JSON object a line.

    {"_id": "d1", "title": "…", "text": "…", "metadata": {"pmid": "1", "type": "guideline"}}

A line becomes a document by its `_id` as it stands. `metadata` may identify the work: `pmid`,
`doi`, `year`, `journal` and `type` (`guideline` or `research`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.errors import FileInputError
from corpus.records import Document, Reference
from ingest.assemble import assemble
from ingest.drafts import Draft, Parsed, Rejection, SourceFile, join_words
from ingest.reference_lists import normalise_doi

_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One object of the file and its line number, from 1."""

    number: int
    values: Mapping[str, Any]


class CorpusJsonlParser:
    """`corpus.jsonl` as BEIR writes it."""

    @property
    def name(self) -> str:
        """The format's name as shown to people."""
        return "corpus JSONL"

    def recognises(self, source: SourceFile) -> bool:
        """Say whether the first line is an object with `_id`, `title` and `text`."""
        try:
            first = json.loads(source.data.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0])
        except (ValueError, RecursionError):
            return False
        return isinstance(first, dict) and {"_id", "title", "text"} <= first.keys()

    def parse(self, source: SourceFile, *, slug: str | None = None) -> Parsed:  # noqa: ARG002
        """Read every line; `slug` has no meaning here.

        Of lines with one id the last is kept. Raises FileInputError, naming the line, for what
        is not a JSON object.
        """
        documents: dict[str, tuple[int, Document]] = {}
        rejections: list[Rejection] = []
        for line in _lines(source):
            place = f"line {line.number}"
            document = _document(line.values)
            if isinstance(document, str):
                rejections.append(Rejection(place=place, reason=document))
                continue
            earlier = documents.pop(document.document_id, None)
            if earlier is not None:
                reason = f"replaced by {place}, which has the same _id"
                rejections.append(Rejection(place=f"line {earlier[0]}", reason=reason))
            documents[document.document_id] = (line.number, document)
        if not documents and not rejections:
            raise FileInputError(source.name, "the file is empty")
        return Parsed(
            documents=tuple(document for _, document in documents.values()),
            rejections=tuple(rejections),
        )


def _lines(source: SourceFile) -> Iterator[_Line]:
    for number, text in enumerate(source.text().split("\n"), start=1):
        if not text.strip():
            continue
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            place = f"line {number}, column {error.colno}"
            raise FileInputError(source.name, f"not JSON: {error.msg}", place=place) from error
        except (ValueError, RecursionError) as error:
            reason = "JSON with a number too long or brackets too deep"
            raise FileInputError(source.name, reason, place=f"line {number}") from error
        if not isinstance(values, dict):
            raise FileInputError(source.name, "not a JSON object", place=f"line {number}")
        yield _Line(number=number, values=values)


def _document(values: Mapping[str, Any]) -> Document | str:
    """Make the document, or say why it cannot be made.

    A title without a text is itself the text. What has no title is called by its id, since a
    title made up from the text would be nobody's.
    """
    document_id, title, text = (values.get(key, "") for key in ("_id", "title", "text"))
    if not isinstance(document_id, str) or not document_id.strip():
        return "_id is missing or not a text"
    if not isinstance(title, str | None) or not isinstance(text, str | None):
        return "title or text is not a text"
    if not _can_be_stored(document_id, title or "", text or ""):
        return "holds half a character (a lone surrogate)"
    title = join_words([title or ""])
    drafts = _paragraphs(text or "") or _paragraphs(title)
    if not drafts:
        return "neither text nor title"
    name = title or join_words([document_id])
    return assemble(
        document_id=document_id,
        kind="text",
        title=name,
        drafts=drafts,
        reference=_reference(values.get("metadata"), name, document_id),
    )


def _paragraphs(text: str) -> list[Draft]:
    pieces = (join_words([piece]) for piece in _BLANK_LINES.split(text))
    return [Draft(kind="paragraph", text=piece) for piece in pieces if piece]


def _reference(metadata: Any, title: str, document_id: str) -> Reference:
    known = metadata if isinstance(metadata, dict) else {}
    pmid, doi, journal, year = (_word(known.get(k)) for k in ("pmid", "doi", "journal", "year"))
    return Reference(
        title=title,
        kind="guideline" if known.get("type") == "guideline" else "research",
        journal=journal,
        year=int(year) if year is not None and re.fullmatch(r"[0-9]{4}", year) else None,
        doi=normalise_doi(doi or ""),
        pmid=pmid,
        document_id=document_id,
    )


def _word(value: Any) -> str | None:
    """Return a metadata value as one line of text; None where it is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    word = join_words([str(value)])
    return word if word and _can_be_stored(word) else None


def _can_be_stored(*texts: str) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
