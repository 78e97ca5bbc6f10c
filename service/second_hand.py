"""Whether a quoted sentence only reports what another study found, and where that was reported.

Two simple rules. In an article, the citation numbers of a sentence are the authors' own word that
what it says comes from there: every number that the reference list resolves is named, unless the
sentence speaks of the authors themselves ("we", "our"), since such a number stands for a method or
a comparison. To tell "reports a finding" from "gives a definition" by its wording would lose most
of them, and nobody is misled when a definition too is traced to its origin. Any other text has no
numbers, and an abstract is mostly about its own study: there only words that name somebody else's
work count, and these words are given as they stand.
"""

import re
from collections.abc import Iterator

from corpus.records import Article, Document, Reference, Span

MAX_NAMED = 3
TITLE_CHARS = 80
_OWN = re.compile(
    r"\b(?:[Ww]e|[Oo]urs?|I|[Mm]y|us|[Tt]h(?:e|is) (?:present|current) \w+|"
    r"[Tt]his (?:study|trial|review|meta-analysis|report|article|cohort|analysis))\b"
)
_WORKS = (
    r"(?:stud(?:y|ies)|trials?|meta-analys[ei]s|reviews?|reports?|cohorts?|surveys?|analys[ei]s|"
    r"publications?|investigations?|work|literature|research|series|registr(?:y|ies)|data|evidence|"
    r"papers?|articles?|guidelines?|findings|observations|results)"
)
_FOUND = (
    r"(?:reported|described|shown|demonstrated|documented|published|observed|found|suggested|"
    r"proposed|recommended|estimated|established)"
)
_DESIGN = (
    r"(?:(?:large|small|randomi[sz]ed|controlled|clinical|systematic|observational|retrospective|"
    r"prospective|multicent(?:er|re)|epidemiologic(?:al)?|cohort|animal|experimental|population-"
    r"based|double-blind|case|case-control|Cochrane|pilot|phase|I|II|III|IV|[23]|[a-z]+ology|"
    r"and|of)\s){0,4}"
)
_NAME = r"[A-Z][\w'’-]+"
# Smith and colleagues, or a name followed by "et al." and perhaps a year
_AUTHORS = (
    rf"\b{_NAME}(?: and {_NAME})? (?:et al\b\.?|and (?:co-?workers|colleagues)\b)"
    r"(?: \((?:19|20)\d\d\)|, (?:19|20)\d\d\b)?"
)
# a previous meta-analysis; earlier randomised trials
_EARLIER = (
    r"\b(?:(?:[Aa]n?|[Oo]ne|[Tt]wo|[Tt]hree|[Ss]everal|[Mm]any|[Mm]ost|[Ss]ome|[Ff]ew|[Tt]he) )?"
    r"(?:[Pp]revious(?:ly published| reported)?|[Ee]arlier|[Pp]rior|[Pp]ast|(?<!this )[Rr]ecent|"
    rf"[Pp]ublished|[Ee]xisting|[Aa]nother)\s{_DESIGN}{_WORKS}\b"
)
# the ENGAGE trial
_TRIAL = (
    r"\b[Tt]he [A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9-]*(?: [IVX\d]+)? "
    r"(?:trials?|stud(?:y|ies)|cohort)\b"
)
# has been reported; as previously described
_PASSIVE = (
    r"\b(?:has|have|had) (?:(?:also|previously|recently|long|already|often|only|first) )*"
    rf"been (?:(?:also|previously|recently|widely|well|often|first) )*{_FOUND}\b"
)
_BEFORE = rf"\b(?:was|were|is|are|as) (?:previously|earlier|recently|elsewhere) {_FOUND}\b"
_ACCORDING = (
    r"\b[Aa]ccording to (?:the )?(?:\d{4} )?"
    r"(?:[A-Z][\w-]+(?: (?:of|for|on|and|the|[A-Z][\w-]+)){0,8}|"
    r"(?:recent|current|published|international|national) [a-z]+(?: [a-z]+)?)"
)
_NAMED = tuple(
    re.compile(pattern) for pattern in (_AUTHORS, _EARLIER, _TRIAL, _PASSIVE, _BEFORE, _ACCORDING)
)
_SHOUTED = re.compile(r"\b[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9-]*\b")


def reported_in(document: Document, span: Span, article: Article | None = None) -> tuple[str, ...]:
    """Return where the quoted words were reported first, as short lines; empty for their own.

    `article` is the document's article where it is one. For its sentences with citation numbers
    these are the references that the numbers name, else the words of the sentence that name
    another study; at most three, in order of the text.

    >>> from corpus.records import Document
    >>> text = "Relapse has been reported in a third."
    >>> abstract = Document(document_id="pmid:1", kind="abstract", title="On COP", text=text)
    >>> reported_in(abstract, Span(start=0, end=len(text)))
    ('has been reported',)
    """
    quote = span.of(document.text)
    if _OWN.search(quote):
        return ()
    references = tuple(_cited(document, span, article)) if article is not None else ()
    return (references or tuple(_named(quote, document.title)))[:MAX_NAMED]


def short_line(reference: Reference) -> str:
    """Return a reference in few words: first author, title, journal and year.

    >>> short_line(Reference(title="On lungs", authors=("Doe J", "Roe K"), journal="J Air",
    ...                      year=2020))
    'Doe J, et al. On lungs. J Air. 2020'
    """
    more = ", et al" if len(reference.authors) > 1 else ""
    author = f"{reference.authors[0]}{more}" if reference.authors else ""
    title = reference.title.rstrip(".")
    if len(title) > TITLE_CHARS:
        title = f"{title[:TITLE_CHARS].rsplit(' ', 1)[0]} …"
    year = str(reference.year) if reference.year else ""
    parts = (author, title, (reference.journal or "").rstrip("."), year)
    return ". ".join(part for part in parts if part)


def _cited(document: Document, span: Span, article: Article) -> Iterator[str]:
    for number in document.numbers_cited_in(span):
        reference = article.reference_numbered(number)
        if reference is not None:
            yield short_line(reference)


def _named(quote: str, title: str) -> Iterator[str]:
    """Yield the words that name another study; what its own title names is this study."""
    own = set(_SHOUTED.findall(title))
    found: dict[tuple[int, int], str] = {}
    for pattern in _NAMED:
        for match in pattern.finditer(quote):
            named = set(_SHOUTED.findall(match[0]))
            if named and named <= own:
                continue
            if not any(a < match.end() and match.start() < b for a, b in found):
                found[match.span()] = " ".join(match[0].split())
    yield from dict.fromkeys(found[place] for place in sorted(found))
