"""What stands beside a reference."""

import datetime as dt
from dataclasses import replace

import pytest

from corpus.records import Notice, Reference
from service.reference_marks import marks_of, notice_address, notice_line

WORK = Reference(title="On lungs", publication_types=("Randomized Controlled Trial",))
CONCERN = Notice(kind="concern", source="PubMed", identifier="pmid:77", text="Expression in: J Ex")
ERRATUM = Notice(kind="correction", source="PubMed", text="Erratum in: J Ex. 2010 Feb 6")
RETRACTION = Notice(kind="retraction", source="Retraction Watch", date=dt.date(2010, 2, 6))


def test_what_either_record_knows_is_marked() -> None:
    """The article's entry and the abstract's own record are one work."""
    listed = Reference(title="On lungs", notices=(ERRATUM,))
    marks = marks_of(listed, replace(WORK, notices=(CONCERN, ERRATUM)), None)
    assert marks.evidence == "randomised trial"
    assert (marks.retracted, marks.concern, marks.corrected) == (False, True, True)
    assert marks.notices == (ERRATUM, CONCERN)


def test_an_erratum_is_no_retraction_and_a_retraction_says_more_than_a_concern() -> None:
    """Each mark means one thing."""
    assert not marks_of(replace(WORK, notices=(ERRATUM,))).retracted
    both = marks_of(replace(WORK, notices=(CONCERN, RETRACTION)))
    assert (both.retracted, both.concern) == (True, False)


def test_a_notice_is_no_evidence() -> None:
    """What retracts is not retracted; it is called what it is."""
    marks = marks_of(WORK, Reference(title="T", publication_types=("Retraction of Publication",)))
    assert marks.evidence is None
    assert marks.notice_of == "notice of retraction"
    assert not marks.retracted


@pytest.mark.parametrize(
    ("notice", "line", "address"),
    [
        (CONCERN, "Expression in: J Ex", "https://pubmed.ncbi.nlm.nih.gov/77/"),
        (ERRATUM, "Erratum in: J Ex. 2010 Feb 6", None),
        (RETRACTION, "Retraction, told by Retraction Watch, 2010-02-06", None),
        (
            replace(CONCERN, identifier="doi:10.1/<x>"),
            "Expression in: J Ex",
            "https://doi.org/10.1/%3Cx%3E",
        ),
        (replace(CONCERN, identifier="javascript:alert(1)"), "Expression in: J Ex", None),
    ],
)
def test_a_notice_is_a_line_and_an_address(notice: Notice, line: str, address: str | None) -> None:
    """Its own citation, or its name, its teller and its day; only identifiers become addresses."""
    assert notice_line(notice) == line
    assert notice_address(notice) == address
