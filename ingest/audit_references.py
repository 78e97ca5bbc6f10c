"""The list of references itself: duplicates, identifiers, records, notices and guidelines."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from corpus.findings import Finding
from corpus.records import Document, Notice, NoticeKind, Reference
from ingest.article_parts import listing
from ingest.audit import Audited, Check, entry_name
from ingest.audit_identifiers import malformed
from ingest.reference_lists import normalise_doi

MAX_TITLE_CHARS = 90
# Share of the words of two titles that they must have in common to be the same title.
SAME_TITLE_AT = 0.7
# Online first, in print a year later: both years stand in good lists.
YEARS_APART = 1
MIN_TITLE_WORDS = 3
_WORD = re.compile(r"[^\W_]+")
_YEAR_OR_EDITION = re.compile(r"(?:19|20)\d\d|\d+(?:st|nd|rd|th)|update[ds]?|edition|version")
_NOTICES: tuple[tuple[NoticeKind, str, str], ...] = (
    ("retraction", "retracted", "was retracted"),
    ("concern", "concern", "bears an expression of concern"),
    ("correction", "corrected", "was corrected"),
    ("update", "superseded", "has a newer version"),
)


def _duplicates(audited: Audited) -> Iterator[Finding]:
    """Tell which entries name the same work: by PMID, DOI or PMCID, else by title and year."""
    references = audited.article.references
    seen: dict[str, int] = {}
    for position, reference in enumerate(references):
        names = list(_work_names(reference))
        first = next((seen[name] for name in names if name in seen), None)
        if first is not None:
            here, there = entry_name(reference, position), entry_name(references[first], first)
            yield audited.found(
                "duplicate",
                f"{_capital(here)} is the same work as {there}: {_short(reference.title)}.",
                entries=(first, position),
            )
        for name in names:
            seen.setdefault(name, position if first is None else first)


def _work_names(reference: Reference) -> Iterator[str]:
    doi = normalise_doi(reference.doi or "")
    yield from (f"{k}:{v}" for k, v in (("pmid", reference.pmid), ("doi", doi)) if v)
    if reference.pmcid:
        yield f"pmcid:{reference.pmcid.upper()}"
    words = title_words(reference.title)
    if len(words) >= MIN_TITLE_WORDS and reference.year is not None:
        yield f"title:{' '.join(words)} {reference.year}"


def title_words(title: str) -> tuple[str, ...]:
    """Return a title's words in small letters, without accents, stops and brackets.

    >>> title_words("[Über  Lungs]: a Review.")
    ('uber', 'lungs', 'a', 'review')
    """
    parts = unicodedata.normalize("NFKD", title).casefold()
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    return tuple(_WORD.findall(plain))


def _identifiers(audited: Audited) -> Iterator[Finding]:
    for position, reference in enumerate(audited.article.references):
        name = _capital(entry_name(reference, position))
        for problem in malformed(reference):
            yield audited.found("malformed-id", f"{name}: {problem}.", entries=(position,))
    bare = [i for i, r in enumerate(audited.article.references) if not _can_be_found(r)]
    if bare:
        names = (entry_name(audited.article.references[i], i) for i in bare)
        yield audited.found(
            "no-identifier", f"Neither PMID nor DOI: {', '.join(names)}.", entries=bare
        )


def _can_be_found(reference: Reference) -> bool:
    return bool(reference.pmid or reference.doi or reference.pmcid or reference.url)


def _records(audited: Audited) -> Iterator[Finding]:
    """Compare each entry with the record that came with its stored text."""
    for position, entry in enumerate(audited.article.references):
        document = audited.documents.get(entry.document_id or "")
        if document is None or document.reference is None:
            continue
        name = _capital(entry_name(entry, position))
        ids = list(_other_ids(entry, document))
        said = "; ".join((*ids, *_other_facts(entry, document.reference)))
        if said:
            rule = "mismatched-id" if ids else "differs-from-record"
            yield audited.found(rule, f"{name}: {said}.", entries=(position,))


def _other_ids(entry: Reference, document: Document) -> Iterator[str]:
    record = document.reference or Reference(title="")
    dois = normalise_doi(entry.doi or ""), normalise_doi(record.doi or "")
    for kind, mine, theirs in (
        ("PMID", entry.pmid, record.pmid),
        ("DOI", *dois),
        ("PMCID", entry.pmcid, record.pmcid),
    ):
        if mine and theirs and mine.casefold() != theirs.casefold():
            yield f"its {kind} is {mine}, the stored record's {theirs} ({_short(record.title)})"


def _other_facts(entry: Reference, record: Reference) -> Iterator[str]:
    if entry.year and record.year and abs(entry.year - record.year) > YEARS_APART:
        yield f"dated {entry.year}, the stored record {record.year}"
    mine, theirs = title_words(entry.title), title_words(record.title)
    # an entry without a title of its own is printed whole: authors, journal and all
    whole = bool(entry.as_listed) and set(theirs) <= set(title_words(entry.as_listed))
    if mine and theirs and not whole and likeness(mine, theirs) < SAME_TITLE_AT:
        yield f"titled “{_short(entry.title)}”, the stored record “{_short(record.title)}”"


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share, 0 to 1, of all words of two titles that both have.

    >>> likeness(("on", "lungs"), ("on", "livers"))
    0.3333333333333333
    """
    return len({*one} & {*other}) / len({*one, *other}) if one or other else 1.0


def _abstracts(audited: Audited) -> Iterator[Finding]:
    """Tell, at once, which works have no stored text: nothing that cites them can be checked."""
    references = audited.article.references
    places = [i for i, r in enumerate(references) if r.document_id not in audited.documents]
    if not places:
        return
    numbers = tuple(n for n in (references[i].number for i in places) if n is not None)
    citing = {unit.start for n in numbers for unit in audited.cited.get(n, ())}
    which = f" ({listing(numbers)})" if numbers else ""
    unread = f"; {_counted(len(citing), 'sentence')} citing them" if citing else ""
    yield audited.found(
        "no-abstract",
        f"{len(places)} of {_counted(len(references), 'reference')} without a stored "
        f"abstract{which}{unread}.",
        entries=places,
        numbers=numbers,
    )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _notices(audited: Audited) -> Iterator[Finding]:
    """Tell which works were retracted, called into doubt or corrected, and by whose word."""
    for position, entry in enumerate(audited.article.references):
        notices = tuple(_notices_about(audited, entry))
        retracted = entry.retracted or any(n.kind == "retraction" for n in notices)
        for kind, rule, said in _NOTICES:
            of_kind = [n for n in notices if n.kind == kind]
            if not of_kind and not (kind == "retraction" and retracted):
                continue
            told = "; ".join(dict.fromkeys(map(_told, of_kind))) or "by its publication type"
            yield audited.found(
                rule,
                f"{_capital(entry_name(entry, position))} {said} ({told}): {_short(entry.title)}.",
                entries=(position,),
                numbers=(entry.number,) if entry.number is not None else (),
            )


def _notices_about(audited: Audited, entry: Reference) -> Iterator[Notice]:
    yield from entry.notices
    document = audited.documents.get(entry.document_id or "")
    if document is not None and document.reference is not None:
        yield from document.reference.notices
    if audited.options.notices is not None:
        yield from audited.options.notices.notices_for(entry)


def _told(notice: Notice) -> str:
    on = f" {notice.date.isoformat()}" if notice.date else ""
    text = f": {_short(notice.text)}" if notice.text else ""
    return f"{notice.source}{on}{text}"


def _guidelines(audited: Audited) -> Iterator[Finding]:
    """Tell which guidelines are old, and which have a newer version in the library."""
    updated, options = audited.article.updated, audited.options
    by = updated or options.today
    against = f"the article's date, {by.isoformat()}" if updated else f"today, {by.isoformat()}"
    newest = _newest_guidelines(audited)
    for position, entry in enumerate(audited.article.references):
        if not _is_guideline(entry) or entry.year is None:
            continue
        name = _capital(entry_name(entry, position))
        newer, age = newest.get(_guideline_title(entry), 0), by.year - entry.year
        if newer > entry.year:
            rule, said = "superseded", f"; the library holds a version of {newer}"
        elif age > options.guideline_years and not entry.has_notice("update"):
            rule, said = "old-guideline", f", {age} years before {against}"
        else:
            continue
        message = f"{name} is of {entry.year}{said}: {_short(entry.title)}."
        yield audited.found(rule, message, entries=(position,))


def _is_guideline(reference: Reference) -> bool:
    types = " ".join(reference.publication_types).casefold()
    return reference.kind == "guideline" or "guideline" in types


def _guideline_title(reference: Reference) -> str:
    words = title_words(reference.title)
    return " ".join(w for w in words if not _YEAR_OR_EDITION.fullmatch(w))


def _newest_guidelines(audited: Audited) -> dict[str, int]:
    """Return the newest year of each guideline of the library by its title without years."""
    stored = (d.reference for d in audited.documents.values() if d.reference is not None)
    listed = (r for article in audited.library.articles() for r in article.references)
    return _newest(r for r in (*stored, *listed) if _is_guideline(r))


def _newest(guidelines: Iterable[Reference]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for reference in guidelines:
        title = _guideline_title(reference)
        if reference.year is not None and len(title.split()) >= MIN_TITLE_WORDS:
            newest[title] = max(reference.year, newest.get(title, 0))
    return newest


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= MAX_TITLE_CHARS else f"{text[:MAX_TITLE_CHARS].rstrip()}…"


reference_checks: tuple[Check, ...] = (
    _notices,
    _identifiers,
    _records,
    _duplicates,
    _guidelines,
    _abstracts,
)
