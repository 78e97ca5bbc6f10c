"""Identifiers as people write them: PMID, PMCID or DOI, bare, with a label, or as a web address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from corpus.errors import InputError
from corpus.records import Reference
from ingest.reference_lists import normalise_doi

IdentifierKind = Literal["pmid", "pmcid", "doi"]

MAX_IDENTIFIER_CHARS = 300
MAX_SHOWN = 10
_NUMBER = r"([0-9]{1,9})"
_NCBI = r"(?:https?://)?(?:www\.)?"
_OLD = r"ncbi\.nlm\.nih\.gov"
_VERSION = r"(?:\.[0-9]{1,3})?"
_TAIL = r"(?:[/?#]\S*)?"
_SHAPES: tuple[tuple[IdentifierKind, str], ...] = (
    ("pmid", rf"(?:PMID\s*:?\s*)?{_NUMBER}"),
    ("pmid", rf"{_NCBI}(?:pubmed\.{_OLD}|{_OLD}/pubmed)/{_NUMBER}{_TAIL}"),
    ("pmcid", rf"(?:PMCID\s*:?\s*(?:PMC\s?)?|PMC\s*:?\s*){_NUMBER}{_VERSION}"),
    (
        "pmcid",
        rf"{_NCBI}(?:pmc\.{_OLD}|{_OLD}/pmc)/articles/(?:PMC)?{_NUMBER}{_VERSION}{_TAIL}",
    ),
)
_PATTERNS = tuple((kind, re.compile(shape, re.IGNORECASE)) for kind, shape in _SHAPES)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Identifier:
    """One name of a work: `value` is a number for a PMID, `PMC…` for a PMCID, a DOI.

    A DOI is in lower case.
    """

    kind: IdentifierKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


def read_identifier(text: str) -> Identifier | None:
    """Return what a text identifies, None when it is no PMID, PMCID or DOI.

    A version (`PMC123.2`) is left out: it is the same work.

    >>> [str(read_identifier(t)) for t in ("PMID: 007", "PMC12.2", "https://doi.org/10.1000/A")]
    ['pmid:7', 'pmcid:PMC12', 'doi:10.1000/a']
    """
    text = text.strip()
    if not text.isprintable() or len(text) > MAX_IDENTIFIER_CHARS:
        return None
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            number = int(found[1])
            value = f"PMC{number}" if kind == "pmcid" else str(number)
            return Identifier(kind=kind, value=value) if number else None
    doi = normalise_doi(text)
    return Identifier(kind="doi", value=doi) if doi else None


def read_identifiers(texts: Iterable[str]) -> tuple[Identifier, ...]:
    """Return what the texts identify, in order, each once.

    Raises InputError naming all that identify nothing.
    """
    texts = tuple(texts)
    read = [read_identifier(text) for text in texts]
    bad = [ascii(text[:60]) for text, found in zip(texts, read, strict=True) if found is None]
    if bad:
        more = f" and {len(bad) - MAX_SHOWN} more" if len(bad) > MAX_SHOWN else ""
        raise InputError(
            f"no PMID, PMCID or DOI: {', '.join(bad[:MAX_SHOWN])}{more} "
            "(write 12345, PMC12345 or 10.1000/example)"
        )
    return tuple(dict.fromkeys(found for found in read if found is not None))


def identifiers_of(reference: Reference) -> tuple[Identifier, ...]:
    """Return the identifiers that a reference bears and that can be asked for, the best first."""
    printed = (
        ("pmid", reference.pmid),
        ("pmcid", reference.pmcid),
        ("doi", reference.doi),
    )
    found = ((kind, read_identifier(text)) for kind, text in printed if text)
    return tuple(one for kind, one in found if one is not None and one.kind == kind)
