"""The papers that an article cites where it is quoted."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.library import Library
from corpus.records import Article, Notice, Reference
from service.cited_papers import (
    cited_there,
    paper_line,
    paper_record,
    papers_behind,
    papers_cited,
    short_line,
)
from tests.fakes import document_of
from tests.service.conftest import cited
from tests.service.made_answers import made_answer

RELAPSE = "A third relapses."
DOSE = "Prednisone is given for months."
TRIAL = Reference(
    number=3,
    title="Steroids in COP.",
    authors=("Doe J", "Roe K"),
    journal="J Air",
    year=2011,
    doi="10.1/steroids",
    document_id="pmid:3",
)
GUIDELINE = Reference(number=7, title="Care of lungs", kind="guideline", year=2019, pmid="7")
UNREAD = Reference(number=9, title="", as_listed="Poe L, unreadable, 1999")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return two articles; the first cites a stored trial, a guideline and an entry as printed."""
    document = document_of(
        "cop",
        cited("paragraph", RELAPSE, 7, 3),
        cited("paragraph", DOSE, 9, 3, 40),
        "Nothing is cited here.",
        kind="article",
    )
    other = document_of("gout", cited("paragraph", "Gout hurts.", 3), kind="article")
    own = Reference(
        title="Steroids in COP",
        pmid="3",
        publication_types=("Randomized Controlled Trial",),
        notices=(Notice(kind="retraction", source="PubMed"),),
    )
    made = Library.create(tmp_path / "library")
    made.put(
        articles=[
            Article(slug="cop", document=document, references=(TRIAL, GUIDELINE, UNREAD)),
            Article(
                slug="gout",
                document=other,
                references=(Reference(number=3, title="On gout", year=1980),),
            ),
        ],
        documents=[document_of("pmid:3", "It helped.", kind="abstract", reference=own)],
    )
    return made


def test_each_printed_number_brings_its_paper(library: Library) -> None:
    """In the order of print, without those that the list does not have."""
    papers = papers_cited(library.article("cop"), (9, 3, 40), library)
    assert [paper.number for paper in papers] == [9, 3]
    assert [paper.formatted for paper in papers] == [
        "Poe L, unreadable, 1999",
        "Doe J, et al. Steroids in COP. J Air. 2011.",
    ]


def test_an_answer_lists_each_paper_once(library: Library) -> None:
    """By article in the order of quotes, then by number, whatever was quoted first."""
    answer = made_answer(library, ("cop", RELAPSE), ("gout", "Gout hurts."), ("cop", DOSE))
    listed = [(paper.article, paper.number) for paper in papers_behind(answer.statements)]
    assert listed == [("cop", 3), ("cop", 7), ("cop", 9), ("gout", 3)]


def test_what_cites_nothing_lists_nothing(library: Library) -> None:
    """Neither a sentence without numbers nor an abstract has papers behind it."""
    answer = made_answer(library, ("cop", "Nothing is cited here."), ("pmid:3", "It helped."))
    assert papers_behind(answer.statements) == ()


def test_a_paper_has_year_kind_and_marks(library: Library) -> None:
    """All that is known counts: the list's entry, and the record of the stored abstract."""
    trial, guideline = papers_cited(library.article("cop"), (3, 7), library)
    assert paper_record(trial) == {
        "article": "cop",
        "number": 3,
        "formatted": "Doe J, et al. Steroids in COP. J Air. 2011.",
        "year": 2011,
        "kind": "research",
        "evidence_label": "randomised trial",
        "retracted": True,
        "concern": False,
        "corrected": False,
        "notice_of": None,
        "pmid": None,
        "doi": "10.1/steroids",
        "url": "https://doi.org/10.1/steroids",
    }
    record = paper_record(guideline)
    assert (record["kind"], record["year"], record["evidence_label"]) == ("guideline", 2019, None)
    assert (record["retracted"], record["pmid"]) == (False, "7")


def test_the_papers_of_a_record_stand_below_their_article() -> None:
    """By the marker of each article, in the order of the record; one without the keys has none."""
    cited = [
        {"article": "gout", "number": 2, "kind": "research", "formatted": "A"},
        {"article": "gout", "number": 3, "kind": "guideline", "formatted": "B"},
        {"article": "elsewhere", "number": 2, "kind": "research", "formatted": "C"},
    ]
    references = [{"marker": 2, "document_id": "gout"}, {"marker": 1, "document_id": "pmid:1"}]
    groups = cited_there({"references": references, "cited": cited})
    assert [(group.heading, [p["number"] for p in group.papers]) for group in groups] == [
        ("Papers that [2] cites there, by its numbers", [2, 3]),
        ("Papers that the article cites there, by its numbers", [2]),
    ]
    assert cited_there({}) == ()


def test_a_paper_in_one_line_has_its_marks(library: Library) -> None:
    """Number, what was published about it, kind of evidence, kind, and the entry."""
    trial, guideline = papers_cited(library.article("cop"), (3, 7), library)
    assert paper_line(paper_record(trial)) == (
        "3. RETRACTED (randomised trial) research: Doe J, et al. Steroids in COP. J Air. 2011."
    )
    assert paper_line(paper_record(guideline)) == "7. guideline: Care of lungs. 2019."


def test_a_short_line_leaves_out_what_is_not_known() -> None:
    """One author stands alone, several are "et al"; a title alone is enough."""
    assert short_line(Reference(title="Buds", year=1999)) == "Buds. 1999."
    assert short_line(replace(TRIAL, authors=("Doe J",))).startswith("Doe J. Steroids in COP. ")
    assert short_line(replace(TRIAL, title="", as_listed="As printed.")) == "As printed."
