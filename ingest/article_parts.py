"""What the article parsers share: the slug, the headings that end the text, and the findings."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from corpus.errors import FileInputError, InputError
from corpus.records import Document, DocumentKind, Reference
from ingest.assemble import assemble
from ingest.drafts import Draft, SourceFile, join_words

MAX_PARAGRAPH_CHARS = 150_000
MAX_TITLE_CHARS = 500

_REFERENCES = frozenset(
    ("references", "reference list", "bibliography", "sources", "literature cited", "works cited")
)
_DISCLAIMER = re.compile(r"(?:[\w'-]+ ){0,3}disclaimer", re.IGNORECASE)


def article_slug(source: SourceFile, *names: str | None) -> str:
    """Return the first name that is given, else the file's stem, as it stands.

    Raises FileInputError for a name that cannot be an id.
    """
    slug = next((name for name in names if name is not None), source.stem)
    if not slug.strip():
        raise FileInputError(source.name, "the article has no slug: give it one")
    control = any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in slug)
    if control or "/" in slug or slug.startswith(".") or slug != slug.strip():
        shown = ascii(slug[:80])
        reason = "no '/', control character, leading dot or white space around it is allowed"
        raise FileInputError(source.name, f"slug {shown} cannot be an id: {reason}")
    return slug


def is_references_heading(text: str) -> bool:
    """Tell whether a heading opens the reference list."""
    return join_words([text]).rstrip(":").lower() in _REFERENCES


def is_disclaimer_heading(text: str) -> bool:
    """Tell whether a heading opens the disclaimer ("Professional Medical Disclaimer")."""
    return bool(_DISCLAIMER.fullmatch(join_words([text]).rstrip(":")))


def document_from_drafts(
    source: SourceFile,
    *,
    document_id: str,
    kind: DocumentKind,
    title: str,
    drafts: Sequence[Draft],
    reference: Reference | None = None,
    note: str | None = None,
) -> Document:
    """Assemble a document; raises FileInputError for one without text or beyond all bounds."""
    check_length(source, "a title", title, MAX_TITLE_CHARS)
    for draft in drafts:
        check_length(source, "a paragraph", draft.text, MAX_PARAGRAPH_CHARS)
    try:
        return assemble(
            document_id=document_id,
            kind=kind,
            title=title,
            drafts=drafts,
            reference=reference,
            note=note,
        )
    except InputError as error:
        raise FileInputError(source.name, "the article holds no text") from error


def check_length(
    source: SourceFile, what: str, text: str, most_chars: int, *, line: int | None = None
) -> None:
    """Refuse, with FileInputError, text so long that no article holds it."""
    if len(text) > most_chars:
        reason = f"{what} of {len(text)} characters (at most {most_chars})"
        raise FileInputError(source.name, reason, place=f"line {line}" if line else "")


def citation_findings(document: Document, references: Sequence[Reference]) -> tuple[str, ...]:
    """Say where the numbers cited in the text and the numbers printed in the list disagree."""
    cited = {number for callout in document.callouts for number in callout.numbers}
    printed = {r.number for r in references if r.number is not None}
    if not cited:
        return (_none_cited(references),) if references else ()
    if not references:
        return (f"The text cites {_numbered(cited)}, but there is no reference list.",)
    if not printed:
        return _unnumbered(cited, len(references))
    findings = []
    if cited - printed:
        findings.append(
            f"Cited in the text but not in the reference list: {listing(cited - printed)}."
        )
    if printed - cited:
        findings.append(f"In the reference list but never cited: {listing(printed - cited)}.")
    return tuple(findings)


def listing(numbers: Iterable[int]) -> str:
    """Name numbers in order, runs of three or more shortened.

    >>> listing([6, 1, 2, 3, 9])
    '1 to 3, 6 and 9'
    """
    ordered = sorted(set(numbers))
    starts = [0, *(i for i, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1)]
    parts: list[str] = []
    for start, end in pairwise((*starts, len(ordered))):
        run = ordered[start:end]
        whole = [f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(n) for n in run]  # noqa: PLR2004 - a pair is no shorter as a range
        parts += whole
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]


def _none_cited(references: Sequence[Reference]) -> str:
    return f"{_entries(len(references))} listed, but the text cites no number."


def _unnumbered(cited: set[int], listed: int) -> tuple[str, ...]:
    untied = (
        f"The text cites {_numbered(cited)}; the reference list has {_count(listed)} and prints "
        "no numbers, so no cited number is tied to an entry."
    )
    findings = [untied]
    if len(cited) > listed:
        findings.append(
            f"More numbers are cited ({len(cited)}) than references are listed ({listed}): "
            "at least one cited work is missing from the list."
        )
    return tuple(findings)


def _numbered(cited: set[int]) -> str:
    return f"the number{'s' if len(cited) > 1 else ''} {listing(cited)}"


def _count(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries} entries"


def _entries(entries: int) -> str:
    return "1 reference is" if entries == 1 else f"{entries} references are"
