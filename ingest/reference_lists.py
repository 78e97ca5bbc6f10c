"""Reference lists as printed, the identifiers in them, and the id of a reference's own document."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from corpus.records import Reference, ReferenceKind
from ingest.drafts import join_words

_DOI_PREFIX = re.compile(r"\s*(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:?\s*)", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
_DOI_IN_TEXT = re.compile(r"(?:\bdoi:?\s*|doi\.org/|\b)(10\.\d{4,9}(?:\.\d+)*/\S+)", re.IGNORECASE)
_PMID = re.compile(r"(?:\bPMID:?\s*|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC(\d{1,9})\b")
_URL = re.compile(r"https?://[^\s<>\"]+")
_PAIRS = {")": "(", "]": "[", ">": "<", "}": "{"}

_KINDS: dict[str, ReferenceKind] = {
    "guideline": "guideline",
    "guidelines": "guideline",
    "clinical guideline": "guideline",
    "practice guideline": "guideline",
    "research": "research",
    "research article": "research",
    "research articles": "research",
}
_NUMBER = re.compile(r"(?:\[([1-9]\d{0,2})\]|\(([1-9]\d{0,2})\)|([1-9]\d{0,2})[.)](?=\s|$))\s*")
_NUMBER_ALONE = re.compile(r"([1-9]\d{0,2})")
_BULLET = re.compile(r"[•◦▪‣●○·*–—-]\s+")
_JOURNAL_YEAR = re.compile(r"(?P<journal>\S.*?),\s*(?P<year>(?:19|20)\d\d)\.?")


def normalise_doi(printed: str) -> str | None:
    """Return a DOI in lower case without what stands around it, or None for what is no DOI.

    A closing bracket belongs to the DOI when it was opened in it.

    >>> normalise_doi("https://doi.org/10.1016/S0140-6736(05)17709-5.")
    '10.1016/s0140-6736(05)17709-5'
    >>> normalise_doi("<doi:10.1000/ABC>,")
    '10.1000/abc'
    """
    doi = printed.strip().lstrip("<([{\"'")
    prefix = _DOI_PREFIX.match(doi)
    if prefix:
        doi = doi[prefix.end() :]
        doi = unquote(doi) if "/" in prefix.group() else doi
    doi = _without_closers(doi.lower())
    return doi if _DOI.fullmatch(doi) else None


def reference_document_id(reference: Reference, *, slug: str, position: int) -> str:
    """Return the id of the document that holds a reference's abstract.

    `pmid:<pmid>`, else `doi:<doi in lower case>`, else `<slug>#ref-<n>` with the number that the
    article `slug` prints, or where it prints none the `position` in its list, from 1.
    """
    if reference.pmid:
        return f"pmid:{reference.pmid}"
    doi = normalise_doi(reference.doi) if reference.doi else None
    if doi:
        return f"doi:{doi}"
    return f"{slug}#ref-{position if reference.number is None else reference.number}"


def kind_named(text: str) -> ReferenceKind | None:
    """Return the kind that a label such as "Guideline" names, None for any other text."""
    return _KINDS.get(text.strip().rstrip(":").lower())


def split_number(line: str) -> tuple[int | None, str]:
    """Split a printed number (`1.`, `[1]`, `1)`, `(1)`) from the entry that it opens."""
    match = _NUMBER.match(line)
    if match is None:
        return None, line
    return int(next(n for n in match.groups() if n)), line[match.end() :]


def listed_reference(
    lines: Sequence[str], *, number: int | None, kind: ReferenceKind = "research"
) -> Reference:
    """Read one entry of a printed list, claiming no more than it shows.

    With a last line `Journal, Year` the first line is the title; otherwise all of it is. DOI,
    PMID, PMCID and web address are taken where they are printed.
    """
    as_listed = join_words(lines)
    source = _JOURNAL_YEAR.fullmatch(lines[-1].strip()) if len(lines) > 1 else None
    dois = [d for d in map(normalise_doi, _DOI_IN_TEXT.findall(as_listed)) if d]
    pmid, pmcid = _PMID.search(as_listed), _PMCID.search(as_listed)
    urls = [u for u in map(_without_closers, _URL.findall(as_listed)) if "doi.org/" not in u]
    return Reference(
        title=join_words(lines[:1]) if source else as_listed,
        number=number,
        kind=kind,
        journal=source["journal"] if source else None,
        year=int(source["year"]) if source else None,
        doi=dois[0] if dois else None,
        pmid=pmid[1] if pmid else None,
        pmcid=f"PMC{pmcid[1]}" if pmcid else None,
        url=urls[0] if urls else None,
        as_listed=as_listed,
    )


def listed_references(groups: Sequence[Sequence[str]]) -> tuple[Reference, ...]:
    """Read a whole printed list; `groups` are its lines as blank lines part them.

    An entry opens with a printed number, a bullet or a kind ("Guideline", "Research"). Where the
    list has none of these, each group is an entry, save that a lone `Journal, Year` belongs to
    the title before it.
    """
    entries: list[_Entry] = []
    marked = any(_opening(line) for group in groups for line in group)
    for group in groups:
        if not marked and not (entries and _is_journal_line(group, entries[-1])):
            entries.append(_Entry())
        for line in group:
            _add_line(entries, line)
    return tuple(
        listed_reference(e.lines, number=e.number, kind=e.kind or "research")
        for e in entries
        if e.lines
    )


def without_repeated_numbers(
    references: Sequence[Reference],
) -> tuple[tuple[Reference, ...], tuple[str, ...]]:
    """Take away a number that the list prints more than once: it names no single entry.

    Returns the references and one finding for each such number.
    """
    printed = [r.number for r in references if r.number is not None]
    repeated = sorted({n for n in printed if printed.count(n) > 1})
    findings = tuple(
        f"The reference list prints the number {n} {printed.count(n)} times; "
        "it is tied to none of these entries."
        for n in repeated
    )
    mended = (replace(r, number=None) if r.number in repeated else r for r in references)
    return tuple(mended), findings


@dataclass(slots=True, kw_only=True)
class _Entry:
    """An entry while its lines are gathered."""

    number: int | None = None
    kind: ReferenceKind | None = None
    lines: list[str] = field(default_factory=list)


def _opening(line: str) -> _Entry | None:
    """Return the entry that a line opens with a number, bullet or kind, else None."""
    bullet = _BULLET.match(line)
    number, rest = split_number(line[bullet.end() :] if bullet else line)
    alone = _NUMBER_ALONE.fullmatch(rest.strip()) if number is None else None
    if alone:
        number, rest = int(alone[1]), ""
    kind = kind_named(rest)
    if number is None and kind is None and not bullet:
        return None
    return _Entry(number=number, kind=kind, lines=[] if kind or not rest.strip() else [rest])


def _add_line(entries: list[_Entry], line: str) -> None:
    opened = _opening(line)
    if opened is None:
        if not entries:
            entries.append(_Entry())
        entries[-1].lines.append(line)
    elif entries and not entries[-1].lines and _can_join(entries[-1], opened):
        entries[-1] = _Entry(
            number=opened.number if entries[-1].number is None else entries[-1].number,
            kind=entries[-1].kind or opened.kind,
            lines=opened.lines,
        )
    else:
        entries.append(opened)


def _can_join(before: _Entry, after: _Entry) -> bool:
    """Tell whether two openings ("Research", then "2. Title") belong to one entry."""
    return (before.number is None or after.number is None) and not (before.kind and after.kind)


def _is_journal_line(group: Sequence[str], before: _Entry) -> bool:
    alone = len(group) == len(before.lines) == 1
    return alone and bool(_JOURNAL_YEAR.fullmatch(group[0].strip()))


def _without_closers(text: str) -> str:
    """Drop final punctuation, and final brackets and quotes that nothing in `text` opened."""
    while text:
        last = text[-1]
        unopened = last in _PAIRS and text.count(last) > text.count(_PAIRS[last])
        if not unopened and last not in ".,;:\"'”’":
            break
        text = text[:-1]
    return text
