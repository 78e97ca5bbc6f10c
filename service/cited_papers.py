"""The papers that an article cites where it is quoted: what its authors rest the sentence on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.answers import CitedPaper, Statement
from corpus.errors import NotFoundError
from corpus.formatting import url_of
from corpus.library import Library
from corpus.records import Article, Document, Reference
from service.reference_marks import marks_of, marks_told


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedThere:
    """The papers of a record that one quoted article cites at its quotes; `marker` is its own."""

    marker: str
    papers: tuple[dict[str, Any], ...]

    @property
    def heading(self) -> str:
        """What stands above the papers."""
        return f"Papers that {self.marker} cites there, by its numbers"


def papers_cited(
    article: Article, numbers: Sequence[int], library: Library
) -> tuple[CitedPaper, ...]:
    """Return the entries of the article's list that its printed numbers name, in that order.

    A number that the list does not have is left out: the answer's notices tell of it.
    """
    return tuple(_papers(article, numbers, library))


def papers_behind(statements: Iterable[Statement]) -> tuple[CitedPaper, ...]:
    """Return the papers cited at the quotes of statements, each once.

    They come by article in the order in which the articles are quoted first, then by number.
    """
    found = {
        (paper.article, paper.number): paper
        for statement in statements
        for citation in statement.citations
        for paper in citation.cites
    }
    articles = list(dict.fromkeys(article for article, _ in found))
    return tuple(found[key] for key in sorted(found, key=lambda k: (articles.index(k[0]), k[1])))


def paper_record(paper: CitedPaper) -> dict[str, Any]:
    """Return a cited paper as the answer record has it."""
    reference = paper.reference
    return {
        "article": paper.article,
        "number": paper.number,
        "formatted": paper.formatted,
        "year": reference.year,
        "kind": reference.kind,
        "evidence_label": paper.evidence_label.value if paper.evidence_label else None,
        "retracted": paper.retracted,
        "concern": paper.concern,
        "corrected": paper.corrected,
        "notice_of": paper.notice_of,
        "pmid": reference.pmid,
        "doi": reference.doi,
        "url": url_of(reference),
    }


def cited_there(record: Mapping[str, Any]) -> tuple[CitedThere, ...]:
    """Return the cited papers of a record, by the article that cites them."""
    listed = record.get("references") or ()
    markers = {one.get("document_id"): f"[{one['marker']}]" for one in listed}
    found: dict[str, list[dict[str, Any]]] = {}
    for paper in record.get("cited") or ():
        found.setdefault(paper["article"], []).append(paper)
    return tuple(
        CitedThere(marker=markers.get(article, "the article"), papers=tuple(papers))
        for article, papers in found.items()
    )


def paper_line(paper: Mapping[str, Any]) -> str:
    """Return a cited paper of a record in one line: number, marks, kind, and the entry.

    >>> paper_line({"number": 3, "kind": "research", "formatted": "On lungs. 2020."})
    '3. research: On lungs. 2020.'
    """
    return f"{paper['number']}.{marks_told(paper)} {paper['kind']}: {paper['formatted']}"


def short_line(reference: Reference) -> str:
    """Return first author, title, journal and year; the entry as printed when it was not read.

    >>> short_line(Reference(title="On lungs", authors=("Doe J", "Roe K"), journal="J Air",
    ...                      year=2020))
    'Doe J, et al. On lungs. J Air. 2020.'
    """
    if not reference.title:
        return reference.as_listed
    more = ", et al" if len(reference.authors) > 1 else ""
    author = f"{reference.authors[0]}{more}" if reference.authors else ""
    year = str(reference.year) if reference.year else ""
    parts = (author, reference.title.rstrip("."), (reference.journal or "").rstrip("."), year)
    return "".join(f"{part}. " for part in parts if part).rstrip()


def stored_as(reference: Reference, library: Library) -> Document | None:
    """Return the stored text of a reference, None where there is none."""
    try:
        return library.document(reference.document_id or "")
    except NotFoundError:
        return None


def _papers(article: Article, numbers: Sequence[int], library: Library) -> Iterator[CitedPaper]:
    for number in numbers:
        reference = article.reference_numbered(number)
        if reference is None:
            continue
        stored = stored_as(reference, library)
        marks = marks_of(reference, stored.reference if stored else None)
        yield CitedPaper(
            article=article.slug,
            number=number,
            reference=reference,
            formatted=short_line(reference),
            evidence_label=marks.evidence,
            retracted=marks.retracted,
            concern=marks.concern,
            corrected=marks.corrected,
            notice_of=marks.notice_of,
        )
