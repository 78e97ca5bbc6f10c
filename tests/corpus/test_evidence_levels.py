"""What kind of evidence a work is."""

import re
import time

import pytest

from corpus import evidence_levels
from corpus.evidence_levels import EvidenceLabel, evidence_label, notice_role
from corpus.records import Reference


def label(*types: str, title: str = "On lungs") -> str | None:
    found = evidence_label(Reference(title=title, publication_types=types))
    return found.value if found else None


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("Journal Article", "Practice Guideline", "Systematic Review"), "guideline"),
        (("Consensus Development Conference, NIH",), "guideline"),
        (("Meta-Analysis", "Systematic Review"), "systematic review and meta-analysis"),
        (("Network Meta-Analysis",), "meta-analysis"),
        (("systematic-review",), "systematic review"),
        (("Letter", "Randomized Controlled Trial"), "randomised trial"),
        (("Observational Study", "Multicenter Study"), "cohort or observational study"),
        (("Case Reports", "Review"), "case report"),
        (("review-article",), "review"),
        (("Review", "Comment"), "review"),
        (("Editorial", "Comment"), "opinion"),
        (("article-commentary",), "opinion"),
        (("Journal Article", "Clinical Trial, Phase III", "Comparative Study"), None),
        (("Controlled Clinical Trial",), None),
        (("research-article", "Research Article"), None),
        (("Randomized Controlled Trial, Veterinary",), None),
        (("Clinical Trial Protocol", "Randomized Controlled Trial"), None),
        (("Published Erratum", "Randomized Controlled Trial"), None),
        (("Retraction of Publication", "Letter"), None),
        (("Retracted Publication", "Randomized Controlled Trial"), "randomised trial"),
        ((), None),
    ],
)
def test_the_most_telling_type_wins_and_nothing_is_guessed(
    types: tuple[str, ...], expected: str | None
) -> None:
    """PubMed's and JATS's names; a protocol or notice is no evidence; most types say too little."""
    assert label(*types) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("X for Y: a randomised controlled trial", "randomised trial"),
        ("X: a multicentre, double-blind, phase 3 randomized trial.", "randomised trial"),
        ("X: a randomised, double-blind, placebo-controlled trial", "randomised trial"),
        (
            "X: a systematic review and meta-analysis of trials",
            "systematic review and meta-analysis",
        ),
        ("Systematic review and meta-analysis of X", "systematic review and meta-analysis"),
        ("X: a systematic review", "systematic review"),
        ("X: a nationwide, population-based cohort study", "cohort or observational study"),
        ("X: a case report and review of the literature", "case report"),
        ("X: protocol for a randomised controlled trial", None),
        ("Protocol of Y: a randomised controlled trial", None),
        ("X: secondary analysis of a randomised controlled trial", None),
        ("X in rats: a randomised controlled trial", None),
        ("Correction: X: a randomised controlled trial", None),
        ("Comment on X: a randomised controlled trial", None),
        ("Umbrella review of Y: a systematic review", None),
        ("X: lessons from a case report", None),
        ("X: a prospective, randomized study", None),
        ("Do we need a randomised controlled trial?", None),
        ("A review of X", None),
    ],
)
def test_a_title_tells_only_in_certain_forms(title: str, expected: str | None) -> None:
    """The whole subtitle must name the study; a title about a study is none."""
    assert label("Journal Article", title=title) == expected


def test_types_go_before_the_title() -> None:
    """Where PubMed speaks, the title is not heard."""
    assert label("Editorial", title="X: a randomised controlled trial") == "opinion"


def test_notices_say_what_they_are() -> None:
    """A record that retracts another work is a notice, whatever else it is called."""
    roles = [
        notice_role(Reference(title="T", publication_types=(t, "Letter")))
        for t in (
            "Retraction of Publication",
            "Published Erratum",
            "expression-of-concern",
            "Letter",
        )
    ]
    assert roles == ["notice of retraction", "correction notice", "expression of concern", None]


def test_the_table_in_the_documentation_names_every_type() -> None:
    """Each of PubMed's names in the module's table gives the label of its row."""
    rows = re.findall(r"^\| ([a-z -]+) \| ([^|]+) \|", evidence_levels.__doc__ or "", re.MULTILINE)
    assert len(rows[1:]) == 6
    for printed, types in rows[1:]:
        for name in types.split(","):
            assert label(name.strip()) == printed


def test_a_long_title_is_read_in_no_time() -> None:
    """The lists of designs do not make matching slow."""
    started = time.perf_counter()
    for words in ("controlled " * 3_000, "double-blind, " * 13, "phase iii and " * 14):
        assert label(title=f"X: a {words}x") is None
    assert time.perf_counter() - started < 1


def test_labels_are_in_order_of_weight() -> None:
    """Guidelines first, opinions last."""
    assert next(iter(EvidenceLabel)) == "guideline"
    assert [*EvidenceLabel][-1] == "opinion"
