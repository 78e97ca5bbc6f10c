"""Where the evidence disagrees, and where it only seems to."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from corpus.answers import Answer, Citation, Conflict, Provenance, Statement
from corpus.library import Library
from corpus.records import Document, Reference, Span
from index.support_model import SupportPair, SupportScores
from service.conflicts import Told, conflicts_among, told
from service.differences import Difference
from service.entities import Entities
from service.wire import answer_record, statement_record
from tests.fakes import clinic, document_of

NAMES = Entities.of(())


CITATION = Citation(
    marker=1,
    document_id="a",
    passage_id="a@0-1",
    reference=None,
    section=None,
    quote="x",
    start=0,
    end=1,
    sha256="0" * 64,
    support=1.0,
)


class Believing:
    """A support model that sees a contradiction only where the claim holds one of these words."""

    name = "believing"
    digest = "2" * 64

    def __init__(self, *words: str) -> None:
        self.words = words
        self.pairs: list[SupportPair] = []

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return 0.9 contradicted, or 0.1."""
        self.pairs += pairs
        shares = [0.9 if any(w in p.claim for w in self.words) else 0.1 for p in pairs]
        return [SupportScores(supported=1 - s, contradicted=s, not_found=0.0) for s in shares]


def side(key: str, text: str, year: int | None = 2019) -> Told:
    """Return a one-sentence research paper."""
    document = Document(document_id=key, kind="abstract", title="", text=text)
    span = Span(start=0, end=len(text))
    return Told(document=document, span=span, kind="research", year=year)


def between(one: str, other: str) -> tuple[Conflict, ...]:
    """Return the conflicts of two sentences of two papers."""
    return conflicts_among([side("a", one), side("b", other)], NAMES)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (
            "number",
            "Organizing pneumonia relapses in 30% of patients.",
            "Organizing pneumonia relapses in 55% of patients.",
        ),
        (
            "number",
            "The recommended starting dose of prednisolone is 0.5 mg/kg.",
            "The recommended starting dose of prednisolone is 1 mg/kg.",
        ),
        (
            "direction",
            "Smoking increases the risk of relapse after pneumonia.",
            "Smoking decreases the risk of relapse after pneumonia.",
        ),
        (
            "negation",
            "Smoking is associated with relapse of organizing pneumonia.",
            "Smoking is not associated with relapse of organizing pneumonia.",
        ),
    ],
)
def test_a_single_fact_that_differs_is_a_conflict(kind: str, one: str, other: str) -> None:
    """Whichever is given first; both quotes are exact slices, and the reader is told both."""
    for first, second in ((one, other), (other, one)):
        (conflict,) = between(first, second)
        assert conflict.kind == kind
        assert [s.quote for s in conflict.sides] == [first, second]
        assert conflict.text == (
            f"The sources differ: a research paper (2019) says “{first}”, "
            f"a research paper (2019) “{second}”"
        )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # another population
        (
            "Relapse of organizing pneumonia is seen in 30% of men.",
            "Relapse of organizing pneumonia is seen in 55% of women.",
        ),
        # another dose, with another result
        (
            "Relapse of organizing pneumonia was seen in 30% with 20 mg prednisolone.",
            "Relapse of organizing pneumonia was seen in 55% with 40 mg prednisolone.",
        ),
        # another time point
        (
            "Relapse of organizing pneumonia was seen in 30% after 6 months.",
            "Relapse of organizing pneumonia was seen in 55% after 12 months.",
        ),
        # a condition and no measure
        (
            "Prednisolone 20 mg daily reduces relapse of organizing pneumonia.",
            "Prednisolone 40 mg daily reduces relapse of organizing pneumonia.",
        ),
        # another measure
        (
            "Organizing pneumonia relapses in 30% of patients.",
            "Organizing pneumonia is fatal in 55% of patients.",
        ),
        # another drug
        (
            "Azithromycin increases the risk of relapse of pneumonia.",
            "Prednisolone decreases the risk of relapse of pneumonia.",
        ),
        # two samples
        (
            "The mean age at relapse of organizing pneumonia was 61 years.",
            "The mean age at relapse of organizing pneumonia was 48 years.",
        ),
        (
            "Relapse of organizing pneumonia was found in 84 patients.",
            "Relapse of organizing pneumonia was found in 48 patients.",
        ),
        # rounding
        (
            "Organizing pneumonia relapses in 30% of patients.",
            "Organizing pneumonia relapses in 31% of patients.",
        ),
        # a bound that the other keeps
        (
            "Organizing pneumonia relapses in more than 30% of patients.",
            "Organizing pneumonia relapses in 55% of patients.",
        ),
        # another measure of a subject in many words
        (
            "Organizing pneumonia with bilateral consolidation relapses in 30% of patients.",
            "Organizing pneumonia with bilateral consolidation is fatal in 55% of patients.",
        ),
        # another number beside what is turned
        (
            "After 3 weeks, smoking increases the risk of relapse after pneumonia.",
            "After 9 weeks, smoking decreases the risk of relapse after pneumonia.",
        ),
        # what a study counted
        (
            "Relapse of organizing pneumonia was found in 84 hospitals.",
            "Relapse of organizing pneumonia was found in 48 hospitals.",
        ),
        # hardly the same subject
        ("Fever lasts a week.", "Cough does not last a week."),
        # the same
        (
            "Organizing pneumonia relapses in 30% of patients.",
            "In 30% of patients, organizing pneumonia relapses.",
        ),
    ],
)  # fmt: skip
def test_what_differs_in_more_than_one_fact_is_no_conflict(one: str, other: str) -> None:
    """False alarms are worse than misses."""
    assert between(one, other) == ()


def test_what_stands_in_brackets_is_each_studys_own() -> None:
    """Counts and tests there differ between studies, and hide no conflict."""
    assert between(
        "Organizing pneumonia relapses in 30% of patients (12 of 40, p = 0.03).",
        "Organizing pneumonia relapses in 55% of patients (11 of 20).",
    )


def test_names_that_the_rules_cannot_see_are_asked_for() -> None:
    """Any difference of entities, in either direction, ends it."""

    class OtherDrug:
        def differences(
            self, claim: str, evidence: str, context: str = ""
        ) -> tuple[Difference, ...]:
            return NAMES.differences("warfarin", evidence, context) if "55%" in claim else ()

    sides = [
        side("a", "Organizing pneumonia relapses in 30% of patients."),
        side("b", "Organizing pneumonia relapses in 55% of patients."),
    ]
    assert conflicts_among(sides, NAMES)
    assert conflicts_among(sides, OtherDrug()) == ()


def test_a_model_must_see_it_from_both_sides() -> None:
    """One that doubts either side ends it; it is asked only about what the rules found."""
    sides = [
        side("a", "Organizing pneumonia relapses in 30% of patients."),
        side("b", "Organizing pneumonia relapses in 55% of patients."),
        side("c", "Organizing pneumonia is rare in children."),
    ]
    sure = Believing("30%", "55%")
    assert len(conflicts_among(sides, NAMES, sure)) == 1
    assert [(p.claim, *p.evidence) for p in sure.pairs] == [
        (sides[0].text, sides[1].text),
        (sides[1].text, sides[0].text),
    ]
    assert conflicts_among(sides, NAMES, Believing("30%")) == ()
    unasked = Believing()
    assert conflicts_among(sides[2:], NAMES, unasked) == ()
    assert unasked.pairs == []


def test_one_text_can_differ_from_itself() -> None:
    """Only in sentences that are otherwise alike; a sentence is never held against itself."""
    one_says = "Organizing pneumonia relapses in 30% of patients."
    then_says = one_says.replace("30", "55")
    text = f"{one_says} {then_says}"
    document = Document(document_id="a", kind="abstract", title="", text=text)
    middle = len(one_says)
    spans = (Span(start=0, end=middle), Span(start=middle + 1, end=len(text)))
    one, other = (Told(document=document, span=s, kind="guideline", year=None) for s in spans)
    (conflict,) = conflicts_among([one, other, one], NAMES)
    assert conflict.text == (
        "The source differs from itself: a guideline (year unknown) says "
        f"“{one_says}” and “{then_says}”"
    )
    whole = replace(one, span=Span(start=0, end=len(text)))
    assert conflicts_among([one, whole], NAMES) == ()


def test_at_most_three_are_told_in_the_order_of_the_evidence() -> None:
    """More would bury the answer."""
    sides = [
        side(key, f"Organizing pneumonia relapses in {n}% of patients.")
        for key, n in zip("abcd", (10, 30, 50, 70), strict=True)
    ]
    found = conflicts_among(sides, NAMES)
    assert [[s.document_id for s in c.sides] for c in found] == [["a", "b"], ["a", "c"], ["a", "d"]]
    assert conflicts_among([], NAMES) == conflicts_among(sides[:1], NAMES) == ()


def test_kind_and_year_are_those_of_the_library(tmp_path: Any) -> None:
    """An article's year is that of its last update, a paper's that of its reference."""
    library: Library = clinic(tmp_path / "library")
    guideline = document_of(
        "pmid:9", "Rest.", reference=Reference(title="G", kind="guideline", year=2011)
    )
    library.put(documents=(guideline,))
    span = Span(start=0, end=3)
    found = [told(library.document(key), span, library) for key in ("gout", "pmid:9")]
    assert [(t.kind, t.year) for t in found] == [("article", None), ("guideline", 2011)]


def test_the_record_carries_conflicts_only_where_there_are_some(
    check_record: Callable[[Any], None],
) -> None:
    """Optional keys: a record without them is as it always was."""
    provenance = Provenance(
        corpus_fingerprint="0" * 64,
        index_fingerprint="0" * 64,
        engine="extractive",
        models={},
        prompts={},
        settings={},
    )
    answer = Answer(
        answer_id="1",
        question="?",
        standalone_question="?",
        article=None,
        audience="clinician",
        statements=(Statement(text="x", citations=(CITATION,)),),
        sources=(),
        refusal=None,
        confidence=0.5,
        provenance=provenance,
    )
    assert "conflicts" not in answer_record(answer)
    found = between(
        "Organizing pneumonia relapses in 30% of patients.",
        "Organizing pneumonia relapses in 55% of patients.",
    )
    record = json.loads(json.dumps(answer_record(replace(answer, conflicts=found))))
    check_record(record)
    (conflict,) = record["conflicts"]
    assert conflict["kind"] == "number"
    assert [s["document_id"] for s in conflict["sides"]] == ["a", "b"]
    for told_side in conflict["sides"]:
        assert told_side["end"] - told_side["start"] == len(told_side["quote"])
    with pytest.raises(Exception, match="is not one of"):
        check_record(record | {"conflicts": [conflict | {"kind": "mood"}]})


def test_a_citation_says_where_it_was_reported_only_when_it_was() -> None:
    """Lines as a list; no key for a source's own finding."""
    second_hand = replace(CITATION, reported_in=("Smith et al.",))
    own, other = statement_record(Statement(text="x", citations=(CITATION, second_hand)))[
        "citations"
    ]
    assert "reported_in" not in own
    assert other["reported_in"] == ["Smith et al."]
