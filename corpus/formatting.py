"""A reference as people read it: Vancouver style (NLM, Citing Medicine)."""

import re
from urllib.parse import quote

from corpus.records import Article, Reference

MAX_AUTHORS = 6
RETRACTED = "Retracted"
_SAFE_ADDRESS = re.compile(r"https?://|/(?!/)", re.IGNORECASE)


def vancouver(reference: Reference) -> str:
    """Return one line: authors, title, journal, year;volume(issue):pages, identifiers.

    A retracted paper is marked behind its place in the journal, where "Retraction in: …" stands in
    the NLM's and the ICMJE's samples: where the notice was printed is not stored.

    >>> vancouver(Reference(title="On lungs", authors=("Doe J",), journal="J Air", year=2020,
    ...                     volume="3", pages="1-9", doi="10.1/x"))
    'Doe J. On lungs. J Air. 2020;3:1-9. doi:10.1/x'
    """
    parts = [
        _authors(reference.authors),
        reference.title,
        reference.journal or "",
        _place(reference),
        RETRACTED if reference.retracted else "",
    ]
    line = " ".join(_ended(part) for part in parts if part)
    ids = [
        f"doi:{reference.doi}" if reference.doi else "",
        f"PMID: {reference.pmid}" if reference.pmid else "",
    ]
    return " ".join([line, *(i for i in ids if i)]).strip()


def url_of(reference: Reference) -> str | None:
    """Return the best public address of a reference: DOI, then PubMed, then its own."""
    if reference.doi:
        return f"https://doi.org/{quote(reference.doi, safe='/:;()')}"
    if reference.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{quote(reference.pmid, safe='')}/"
    # an address from a file may be anything; only one that a browser can open safely is passed on
    return reference.url if _SAFE_ADDRESS.match(reference.url or "") else None


def article_line(article: Article) -> str:
    """Return one line that names an article, its editors, its date and its review status."""
    updated = f"Updated {article.updated.isoformat()}." if article.updated else ""
    status = f"Review status: {article.review_status.value.replace('-', ' ')}."
    parts = [_ended(article.title), _ended(article.editorial_board or ""), updated, status]
    return " ".join(part for part in parts if part)


def _authors(authors: tuple[str, ...]) -> str:
    shown = ", ".join(authors[:MAX_AUTHORS])
    return f"{shown}, et al" if len(authors) > MAX_AUTHORS else shown


def _place(reference: Reference) -> str:
    volume = reference.volume or ""
    issue = f"({reference.issue})" if reference.issue else ""
    pages = f":{reference.pages}" if reference.pages else ""
    year = str(reference.year) if reference.year else ""
    issued = f"{volume}{issue}"
    return f"{year};{issued}{pages}" if year and issued else f"{year}{issued}{pages}"


def _ended(part: str) -> str:
    return part if not part or part.endswith((".", "?", "!")) else f"{part}."
