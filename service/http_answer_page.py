"""What a page shows of an answer: the stored record, made whole, its lines, and where it leads.

Records are kept for as long as their conversation. One that was written by an earlier version
may lack keys that came later; they are filled in with what says nothing.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from corpus.answers import Audience, TermUse
from corpus.errors import NotFoundError
from corpus.library import Library
from service.certainty import certainty_told
from service.http_articles import page_path
from service.http_reference_views import Link
from service.sources_since import Since, since_saved
from service.wire import Record
from service.wording import Piece, explained, viewed

FINGERPRINT_CHARS = 12
_FORMATS = (
    ("Markdown", "markdown"),
    ("BibTeX", "bibtex"),
    ("RIS", "ris"),
    ("CSL-JSON", "csl-json"),
    ("Vancouver", "vancouver"),
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_RECORD: Record = {"article": None, "conversation_id": None, "review_status": None}
_RECORD |= {"corpus_date": None, "provenance": {}, "notices": [], "suggestions": []}
_RECORD |= {"struck": [], "missing": [], "cited": []}
_REFERENCE: Record = {"note": None, "retracted": False, "stored": None, "document_id": ""}
_REFERENCE |= {"review_status": None, "updated": None}
_REFERENCE |= {"evidence_label": None, "concern": False, "corrected": False, "notice_of": None}
_REFERENCE |= dict.fromkeys(("doi", "pmid", "url"))
_CITATION: Record = {"reference": None, "section": None, "article_references": []}
_PAPER: Record = {"article": "", "stored": None, "note": None} | {
    key: _REFERENCE[key] for key in ("retracted", "evidence_label", "concern", "corrected")
}
_PAPER |= dict.fromkeys(("notice_of", "doi", "pmid", "url"))
_REFUSAL: Record = {"nearest": [], "try_asking": [], "unsupported": []}
_LISTED = re.compile(r"( *)- ")
_TERM_KEYS = ("start", "end", "text", "kind", "meaning", "written_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a statement in viewed pieces; `depth` 0 is running text, 1 and more a list item."""

    pieces: tuple[Piece, ...]
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What an answer must carry to be found and checked again; None where it is not known.

    `corpus` is the beginning of the corpus's fingerprint.
    """

    answer_id: str
    corpus_date: str | None
    review_status: str | None
    corpus: str | None
    engine: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceLine:
    """What became of one source since an answer was given; `retracted` is the gravest."""

    text: str
    retracted: bool = False


def whole(record: Record) -> Record:
    """Return a copy of a stored record that has every key the templates read."""
    refusal = record.get("refusal")
    told = certainty_told(record.get("confidence", 0.0), refusal["reason"] if refusal else None)
    return {
        **_RECORD,
        "certainty": asdict(told),
        **record,
        "statements": [_statement(one) for one in record.get("statements", ())],
        "references": [{**_REFERENCE, **one} for one in record.get("references", ())],
        "cited": [{**_PAPER, **one} for one in record.get("cited", ())],
        "refusal": {**_REFUSAL, **refusal} if refusal else None,
    }


def since_views(record: Record, library: Library) -> tuple[SinceLine, ...]:
    """Return what became of the sources of a whole record since it was given, gravest first."""
    news = since_saved(record, library)
    names = {one["document_id"]: f"[{one['marker']}]" for one in record["references"]}
    told = (
        ("was retracted since: do not rely on what it says here.", news.retracted),
        ("bears an expression of concern since.", news.concern),
        ("reads otherwise now: what is quoted here does not stand there any more.", news.gone),
        ("is not in the library any more.", news.removed),
        ("reads otherwise now; what is quoted here still stands there.", _rest(news)),
        ("is less far in its editorial review now.", tuple(r.document_id for r in news.review)),
    )
    return tuple(
        SinceLine(text=f"{names.get(key, key)} {said}", retracted=key in news.retracted)
        for said, keys in told
        for key in keys
    )


def _rest(news: Since) -> tuple[str, ...]:
    return tuple(key for key in news.changed if key not in news.gone)


def imprint(record: Record) -> Imprint:
    """Return the imprint of a whole record."""
    made = record["provenance"]
    return Imprint(
        answer_id=record["answer_id"],
        corpus_date=record["corpus_date"],
        review_status=record["review_status"],
        corpus=made.get("corpus_fingerprint", "")[:FINGERPRINT_CHARS] or None,
        engine=made.get("engine"),
    )


def exports(answer_id: str) -> tuple[Link, ...]:
    """Return the addresses under which an answer can be taken along."""
    return tuple(
        Link(label=label, href=f"/v1/answers/{answer_id}/export?format={name}")
        for label, name in _FORMATS
    )


def asked_within(record: Record, library: Library) -> Link | None:
    """Return the text that was asked; None for the whole library, or when it is here no more."""
    if record["article"] is None:
        return None
    try:
        document = library.document(record["article"])
    except NotFoundError:
        return None
    return Link(label=document.title, href=page_path(document.document_id))


def statement_lines(record: Record, audience: Audience) -> tuple[tuple[Line, ...], ...]:
    """Return the lines of each statement of a whole record, as an audience sees them.

    What an abbreviation stands for is added once in an answer, after its first mention.
    """
    added: set[str] = set()
    found: list[tuple[Line, ...]] = []
    for statement in record["statements"]:
        pieces = viewed(statement["text"], _uses(statement), audience)
        fresh = [piece for piece in pieces if not piece.added or piece.text not in added]
        added.update(piece.text for piece in pieces if piece.added)
        found.append(tuple(_lines(fresh)))
    return tuple(found)


def meanings(record: Record, audience: Audience) -> tuple[TermUse, ...]:
    """Return the terms of a whole record that are explained to an audience, each once."""
    if audience == "clinician":
        return ()
    uses = (use for statement in record["statements"] for use in _uses(statement))
    return tuple(use for use in explained(uses) if use.meaning)


def message_parts(refusal: Record) -> tuple[str, str]:
    """Return a refusal's message up to the words that found no support, and those words.

    The second part is empty where the message names none.
    """
    message, named = refusal["message"], ", ".join(refusal.get("unsupported", ()))
    if not named or not message.endswith(f" {named}."):
        return message, ""
    return message.removesuffix(f" {named}."), named


def day_of(date: str) -> str:
    """Return an ISO date as people write it, whatever the machine's language; else unchanged.

    >>> day_of("2024-05-17"), day_of("soon")
    ('17 May 2024', 'soon')
    """
    try:
        day = dt.date.fromisoformat(date)
    except ValueError:
        return date
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _lines(viewed_pieces: Sequence[Piece]) -> Iterator[Line]:
    """Cut pieces into lines of running text, and items told by their `- `."""
    lines: list[list[Piece]] = [[]]
    for piece in viewed_pieces:
        first, *others = piece.text.split("\n")
        lines[-1].append(replace(piece, text=first))
        lines += [[replace(piece, text=text)] for text in others]
    for pieces in lines:
        listed = _LISTED.match(pieces[0].text) if pieces else None
        if listed is None:
            yield Line(pieces=tuple(pieces), depth=0)
        else:
            item = replace(pieces[0], text=pieces[0].text[listed.end() :])
            yield Line(pieces=(item, *pieces[1:]), depth=1 + len(listed[1]) // 2)


def _uses(statement: Record) -> Sequence[TermUse]:
    return [TermUse(**{key: term[key] for key in _TERM_KEYS}) for term in statement["terms"]]


def _statement(statement: dict[str, Any]) -> dict[str, Any]:
    citations = [{**_CITATION, **one} for one in statement.get("citations", ())]
    return {"terms": [], **statement, "citations": citations}
