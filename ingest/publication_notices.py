"""Notices about cited works, as PubMed, MEDLINE and JATS tell them.

What a notice says of the work is told by its type alone: an erratum, and since 2016 a partial
retraction, is a correction to the National Library of Medicine, never a retraction. The other
direction (`RetractionOf`) stands in the record of the notice and says nothing against that record.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from corpus.records import Notice, NoticeKind
from ingest.drafts import join_words
from ingest.reference_lists import normalise_doi
from ingest.xml import inline_text, text_at

PUBMED = "PubMed"
# By PubMed XML's RefType and MEDLINE's tag: the kind, and the words that PubMed prints before it.
_PUBMED_KINDS: tuple[tuple[str, str, NoticeKind, str], ...] = (
    ("RetractionIn", "RIN", "retraction", "Retraction in"),
    (
        "RetractedandRepublishedIn",
        "RRI",
        "retraction",
        "Retracted and republished in",
    ),
    ("ExpressionOfConcernIn", "ECI", "concern", "Expression of concern in"),
    ("PartialRetractionIn", "PRIN", "correction", "Partial retraction in"),
    ("ErratumIn", "EIN", "correction", "Erratum in"),
    (
        "CorrectedandRepublishedIn",
        "CRI",
        "correction",
        "Corrected and republished in",
    ),
    ("UpdateIn", "UIN", "update", "Update in"),
)
_BY_REF_TYPE = {ref_type.lower(): (kind, words) for ref_type, _, kind, words in _PUBMED_KINDS}
_BY_TAG = {tag: (kind, words) for _, tag, kind, words in _PUBMED_KINDS}
MEDLINE_TAGS = tuple(_BY_TAG)
# JATS's related-article-type in the work itself; the reverse (`retracted-article`) is the notice's.
_JATS_KINDS: Mapping[str, tuple[NoticeKind, str]] = {
    "retraction-forward": ("retraction", "Retraction"),
    "retraction": ("retraction", "Retraction"),
    "concern-forward": ("concern", "Expression of concern"),
    "expression-of-concern": ("concern", "Expression of concern"),
    "expressed-concern": ("concern", "Expression of concern"),
    "partial-retraction-forward": ("correction", "Partial retraction"),
    "partial-retraction": ("correction", "Partial retraction"),
    "correction-forward": ("correction", "Correction"),
    "correction": ("correction", "Correction"),
    "erratum": ("correction", "Erratum"),
    "corrigendum": ("correction", "Corrigendum"),
}
# An article of one of these types is itself a notice. Some publishers give it the forward link of
# the work that it is about.
_JATS_NOTICE_TYPES = frozenset(
    (
        *("retraction", "partial-retraction", "expression-of-concern"),
        *("correction", "erratum", "corrigendum", "addendum"),
    )
)
_RETRACTED_TITLE = re.compile(
    r"(?:retracted(?: article| paper| publication)?\s*:|[\[(]retracted(?: article)?[\])])",
    re.IGNORECASE,
)
_HREF = "{http://www.w3.org/1999/xlink}href"
_PMID = re.compile(r"\bPMID:?\s*(\d{1,9})\b", re.IGNORECASE)
_DOI = re.compile(r"\bdoi:?\s*(10\.\S+)", re.IGNORECASE)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d) ([A-Z][a-z]{2})[a-z]* ([1-9]|[12]\d|3[01])(?!\d)")


def pubmed_notices(citation: Element) -> tuple[Notice, ...]:
    """Return the notices of a record's `CommentsCorrectionsList`; `citation` holds that list."""
    found = (
        (_BY_REF_TYPE.get(element.get("RefType", "").lower()), element)
        for element in citation.findall("CommentsCorrectionsList/CommentsCorrections")
    )
    return tuple(
        _pubmed_notice(known, text_at(element, "RefSource") or "", text_at(element, "PMID"))
        for known, element in found
        if known is not None
    )


def medline_notices(values: Mapping[str, tuple[str, ...]]) -> tuple[Notice, ...]:
    """Return the notices of a MEDLINE record by their tags (`RIN`, `EIN` and so on)."""
    return tuple(
        _pubmed_notice(_BY_TAG[tag], value, None)
        for tag in MEDLINE_TAGS
        for value in values.get(tag, ())
        if value
    )


def title_notices(title: str) -> tuple[Notice, ...]:
    """Return the retraction that publishers write before a retracted paper's own title.

    A notice of retraction is called "Retraction: …", never "Retracted: …".
    """
    if not _RETRACTED_TITLE.match(title):
        return ()
    return (Notice(kind="retraction", source="its title"),)


def jats_notices(article: Element, *, source: str = "JATS") -> tuple[Notice, ...]:
    """Return what an `article` element's own front matter links as notices about it.

    An article that is itself a notice has none of its kinds: publishers turn the link round.
    """
    if article.get("article-type", "").lower() in _JATS_NOTICE_TYPES:
        return ()
    return tuple(_jats_notices(article, source))


def _jats_notices(article: Element, source: str) -> Iterator[Notice]:
    for meta in article.findall("front/article-meta"):
        for element in meta:
            if element.tag not in ("related-article", "related-object"):
                continue
            printed = element.get("related-article-type") or element.get("link-type") or ""
            known = _JATS_KINDS.get(printed.strip().lower())
            if known is not None:
                kind, words = known
                text = inline_text(element)
                yield Notice(
                    kind=kind,
                    source=source,
                    identifier=_jats_identifier(element),
                    text=text or words,
                )


def _pubmed_notice(known: tuple[NoticeKind, str], printed: str, pmid: str | None) -> Notice:
    kind, words = known
    found = _PMID.search(printed)
    pmid = pmid or (found[1] if found else None)
    dois = _DOI.search(printed)
    doi = normalise_doi(dois[1]) if dois else None
    return Notice(
        kind=kind,
        source=PUBMED,
        date=_date(printed),
        identifier=f"pmid:{pmid}" if pmid else f"doi:{doi}" if doi else None,
        text=join_words([f"{words}:", _PMID.sub("", printed)]) if printed else words,
    )


def _jats_identifier(element: Element) -> str | None:
    kind = (element.get("ext-link-type") or element.get("object-id-type") or "").lower()
    target = element.get(_HREF) or element.get("href") or element.get("object-id") or ""
    if kind in ("pmid", "pubmed") and re.fullmatch(r"\d{1,9}", target.strip()):
        return f"pmid:{target.strip()}"
    doi = normalise_doi(target)
    return f"doi:{doi}" if doi else None


def _date(printed: str) -> dt.date | None:
    """Return the day on which a notice was printed (`2010 Feb 6`); None where none is given."""
    found = _DATE.search(printed)
    if found is None or found[2].lower() not in _MONTHS:
        return None
    try:
        return dt.date(int(found[1]), _MONTHS.index(found[2].lower()) + 1, int(found[3]))
    except ValueError:
        return None
