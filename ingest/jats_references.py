"""The reference list of a JATS article, and the number of each entry where the article has one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from corpus.records import Reference
from ingest.cited_records import first_year, initials_of
from ingest.reference_lists import listed_reference, normalise_doi
from ingest.xml import inline_text, text_at

_CITATIONS = ("element-citation", "mixed-citation", "citation", "nlm-citation")
_LABEL = re.compile(r"[\[(]?\s*([1-9]\d{0,2})\s*[.)\]]*")
_DOI_COMMENT = re.compile(r"10\.\d{4,9}/\S+")
_NOT_AUTHORS = frozenset(("editor", "translator", "compiler", "assignee", "inventor"))
_NOT_PRINTED = frozenset(("label", "pub-id", "object-id"))
_MARKUP = frozenset("italic bold sup sub sc underline roman monospace styled-content".split())
_HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedReference:
    """An entry of the list and the id by which the text points to it."""

    ref_id: str
    reference: Reference


def read_references(
    refs: Sequence[Element], citing: Iterable[Element]
) -> tuple[ListedReference, ...]:
    """Return the entries `refs` in order; `citing` are the parts of the article that may cite them.

    An entry's number is its printed label. Where the list prints none but the text cites by
    number, it is the number that the text prints for the entry; if all of these are positions in
    the list, then an entry that the text never points to has its position as well.
    """
    numbers = _numbers(refs, citing)
    return tuple(
        ListedReference(ref_id=ref.get("id", ""), reference=_reference(ref, number))
        for ref, number in zip(refs, numbers, strict=True)
    )


def _numbers(refs: Sequence[Element], citing: Iterable[Element]) -> list[int | None]:
    labels = [_label(ref) for ref in refs]
    if any(label is not None for label in labels):
        return labels
    printed = _printed_numbers(citing)
    by_text = [printed.get(ref.get("id", "")) for ref in refs]
    found = [(number, at) for at, number in enumerate(by_text, start=1) if number is not None]
    if found and all(number == at for number, at in found):
        return list(range(1, len(refs) + 1))
    return by_text


def _label(ref: Element) -> int | None:
    label = ref.find("label")
    if label is None:
        label = next((c.find("label") for c in ref if c.find("label") is not None), None)
    match = _LABEL.fullmatch(inline_text(label)) if label is not None else None
    return int(match[1]) if match else None


def _printed_numbers(citing: Iterable[Element]) -> Mapping[str, int]:
    """Return the one number that the text prints for an entry; nothing for conflicting ones."""
    found: dict[str, set[int]] = {}
    for element in citing:
        for xref in element.iter("xref"):
            match = _LABEL.fullmatch(inline_text(xref))
            if xref.get("ref-type") == "bibr" and match:
                found.setdefault(xref.get("rid", ""), set()).add(int(match[1]))
    return {rid: min(numbers) for rid, numbers in found.items() if len(numbers) == 1}


def _reference(ref: Element, number: int | None) -> Reference:
    citation = next((e for e in ref.iter() if e.tag in _CITATIONS), ref)
    title = text_at(citation, "article-title", "chapter-title", "trans-title")
    source = text_at(citation, "source")
    as_listed = "" if title else " ".join(_as_printed(ref).split())
    known = listed_reference([as_listed or "untitled"], number=number)
    return replace(
        known,
        title=title or source or known.title,
        authors=tuple(_authors(citation)),
        journal=source if title else None,
        year=first_year(text_at(citation, "year")),
        volume=text_at(citation, "volume"),
        issue=text_at(citation, "issue"),
        pages=_pages(citation),
        doi=_doi(citation) or known.doi,
        pmid=_identifier(citation, "pmid") or known.pmid,
        pmcid=pmcid_of(_identifier(citation, "pmcid", "pmc")) or known.pmcid,
        url=_url(citation) or known.url,
        as_listed=as_listed,
    )


def pmcid_of(printed: str | None) -> str | None:
    """Return a PMCID with its prefix: `4733222` gives `PMC4733222`; None for what is none."""
    match = re.fullmatch(r"(?:PMC)?([0-9]{1,9})(?:\.[0-9]+)?", printed or "")
    return f"PMC{match[1]}" if match else None


def author_names(names: Iterable[Element]) -> Iterator[str]:
    """Give `Surname AB` for each `name`, `string-name` or `collab`."""
    for name in names:
        surname = text_at(name, "surname")
        if surname is None:
            printed = inline_text(name)
            if printed:
                yield printed
            continue
        initials = initials_of(text_at(name, "given-names") or "")
        yield " ".join(filter(None, (surname, initials, text_at(name, "suffix"))))


def _authors(citation: Element) -> Iterator[str]:
    """Give the authors; the names of a group that is not of authors are left out."""
    for child in citation:
        if child.tag in ("name", "string-name", "collab"):
            yield from author_names([child])
        elif child.tag == "person-group" and child.get("person-group-type") not in _NOT_AUTHORS:
            yield from author_names(e for e in child if e.tag in ("name", "string-name", "collab"))


def _pages(citation: Element) -> str | None:
    first, last = text_at(citation, "fpage"), text_at(citation, "lpage")
    if first is None:
        return text_at(citation, "page-range") or text_at(citation, "elocation-id")
    return first if last in (None, first) else f"{first}-{last}"


def _doi(citation: Element) -> str | None:
    doi = normalise_doi(_identifier(citation, "doi") or "")
    if doi is not None:
        return doi
    comments = (inline_text(e) for tag in ("comment", "ext-link") for e in citation.iter(tag))
    found = (m for m in map(_DOI_COMMENT.search, comments) if m)
    return next(filter(None, (normalise_doi(m[0]) for m in found)), None)


def _url(citation: Element) -> str | None:
    for link in (e for e in citation.iter() if e.tag in ("ext-link", "uri")):
        for target in (link.get(_HREF, ""), inline_text(link)):
            if re.match(r"https?://\S+$", target) and "doi.org/" not in target:
                return target
    return None


def _identifier(citation: Element, *kinds: str) -> str | None:
    return text_at(citation, *(f"pub-id[@pub-id-type='{kind}']" for kind in kinds))


def _as_printed(element: Element) -> str:
    """Return an entry's words without its label and identifiers, fields parted by spaces."""
    text = element.text or ""
    for child in element:
        if child.tag not in _NOT_PRINTED:
            text += _as_printed(child)
        text += child.tail or ("" if child.tag in _MARKUP else " ")
    return text
