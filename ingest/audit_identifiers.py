"""Whether identifiers of a reference are written as identifiers are."""

import re
from collections.abc import Iterator

from corpus.records import Reference

MAX_SHOWN_CHARS = 80
# PubMed's numbers have grown to eight figures; nothing begins with a nought.
_PMID = re.compile(r"[1-9][0-9]{0,7}")
_PMCID = re.compile(r"PMC[1-9][0-9]{0,8}")
# Crossref's own advice for modern DOIs, with the odd characters that older ones hold
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"'{}|\\^`]+")
# What a copied address leaves behind the identifier.
_URL_TAIL = re.compile(
    r"[?#]|&amp;|/(?:full|abstract|pdf|epdf|fulltext|full-text|html|meta|summary)/?$|\.pdf$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://|^(?:dx\.)?doi\.org/|^doi:", re.IGNORECASE)


def malformed(reference: Reference) -> Iterator[str]:
    """Give one phrase for each identifier that cannot be one.

    >>> list(malformed(Reference(title="x", doi="10.1000/182/full?a=1", pmid="123")))
    ['the DOI “10.1000/182/full?a=1” ends in a piece of a web address']
    """
    if reference.pmid is not None and not _PMID.fullmatch(reference.pmid):
        yield f"the PMID “{_short(reference.pmid)}” is not a number of one to eight figures"
    if reference.pmcid is not None and not _PMCID.fullmatch(reference.pmcid):
        yield f"the PMCID “{_short(reference.pmcid)}” is not “PMC” with a number"
    if reference.doi is not None:
        yield from _doi_problems(reference.doi)


def _doi_problems(doi: str) -> Iterator[str]:
    shown = f"the DOI “{_short(doi)}”"
    if _ADDRESS.search(doi):
        yield f"{shown} is an address, not the DOI alone"
    elif not _DOI.fullmatch(doi):
        yield f"{shown} is not “10.”, a registrant's number, a slash and a name"
    elif _URL_TAIL.search(doi):
        yield f"{shown} ends in a piece of a web address"
    elif doi[-1] in ".,;:":
        yield f"{shown} ends in a punctuation mark"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS]}…"
