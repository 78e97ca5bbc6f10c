"""The checks of a written sentence, with a checker that can be worked out by hand."""

import hashlib
from collections.abc import Sequence

import pytest

from corpus.records import passages_of
from index.reading.checker import Checked
from index.reading.lines import Placed
from index.reading.tokens import Line
from service.writing.checking import NOT_ALL, SHOWN_AT, Checks, Judgement, vetoed
from service.writing.reply import Sentence
from service.writing.units import EvidenceUnit, units_within
from tests.fakes import document_of, heading, item

CARE = document_of(
    "care",
    heading("Care"),
    "Colchicine 0.5 mg is given twice daily.",
    "Avoid with it:",
    item("clarithromycin"),
)
DOSE, _, DRUG = (u for passage in passages_of(CARE) for u in units_within(passage, CARE))
SAYS_OTHERWISE = "these units say otherwise"


class SetChecker:
    """Says what it is told to of every claim, and keeps what it was given."""

    name = "set"
    digest = hashlib.sha256(b"set").hexdigest()

    def __init__(self, supports: float, denies: float = 0.0) -> None:
        self._said = Checked(supports=supports, denies=denies, bears=())
        self.given: list[tuple[str, list[tuple[str, bool]]]] = []

    def check(self, pairs: Sequence[tuple[str, Sequence[Line]]]) -> list[Checked]:
        """Return what was set, once for each claim."""
        self.given += [(text, [(line.text, line.judged) for line in rows]) for text, rows in pairs]
        return [self._said for _ in pairs]


class Objecting:
    """A second opinion that has these faults, and keeps what it was asked."""

    name = "objecting"

    def __init__(self, *faults: str) -> None:
        self._faults = faults
        self.asked: list[tuple[str, tuple[Placed, ...]]] = []

    def faults(self, sentence: str, units: Sequence[Placed]) -> tuple[str, ...]:
        """Return the faults that it was made with."""
        self.asked.append((sentence, tuple(units)))
        return self._faults


def judged(
    text: str, *units: EvidenceUnit, checker: SetChecker, quotes: tuple[str, ...] = ()
) -> Judgement:
    """Return what checks with this checker make of a sentence."""
    return Checks(checker).judge(Sentence(text=text, quotes=quotes), units)


def test_the_checker_reads_the_units_under_their_headings() -> None:
    """Each with its title, section and lead-ins, which are not judged."""
    checker = SetChecker(0.95)
    assert judged("Clarithromycin is avoided.", DOSE, DRUG, checker=checker).holds
    assert checker.given == [
        (
            "Clarithromycin is avoided.",
            [
                ("On care", False),
                ("Care", False),
                ("Colchicine 0.5 mg is given twice daily.", True),
                ("Avoid with it:", False),
                ("clarithromycin", True),
            ],
        )
    ]


@pytest.mark.parametrize(
    ("supports", "denies", "faults"),
    [
        (0.9, 0.0, ()),
        (0.95, 0.99, ()),
        (0.8999, 0.1, (NOT_ALL,)),
        (0.3, 0.3, (NOT_ALL,)),
        (0.3, 0.31, (SAYS_OTHERWISE,)),
    ],
)
def test_a_sentence_is_shown_from_0_9_on(
    supports: float, denies: float, faults: tuple[str, ...]
) -> None:
    """Below, the likelier of two faults is told."""
    assert SHOWN_AT == 0.9
    told = judged("Colchicine is given.", DOSE, checker=SetChecker(supports, denies))
    assert told == Judgement(support=supports, faults=faults)
    assert told.holds == (not faults)
    assert told.support == supports


def test_an_exact_veto_is_stronger_than_the_checker() -> None:
    """A figure, a name or a quote of its own; the units' headings do not help."""
    sure = SetChecker(1.0)
    for text, fault in (
        ("Colchicine 5 mg is given twice daily.", "5 mg is not there"),
        ("Allopurinol is given twice daily.", "Allopurinol is not there"),
    ):
        told = judged(text, DOSE, checker=sure)
        assert told == Judgement(support=1.0, faults=(fault,))
        assert not told.holds
    quoted = judged("It is given.", DOSE, checker=sure, quotes=("is given", "is taken"))
    assert quoted.faults == ("“is taken” is not there",)
    assert judged("It is given.", DOSE, checker=sure, quotes=("is  given twice",)).holds


def test_every_fault_is_told() -> None:
    """The vetoes first, then what the checker holds."""
    told = judged("Allopurinol 7 mg is given.", DOSE, checker=SetChecker(0.4, 0.1))
    assert told.faults == ("7 mg is not there", "Allopurinol is not there", NOT_ALL)
    assert vetoed("Give 5 mg.", "Give 2 mg.", ["Give 3"]) == (
        "5 mg is not there",
        "“Give 3” is not there",
    )
    assert vetoed("Give 5 mg.", "Give 5 mg now.", ["5 mg now"]) == ()


def test_many_are_judged_by_their_own_units_in_order() -> None:
    """One after the other would give the same."""
    checks = Checks(SetChecker(0.95))
    dose, drug = DOSE.placed(), DRUG.placed()
    pairs = [("0.5 mg.", [dose]), ("0.5 mg.", [drug]), ("0.5 mg.", [drug, dose])]
    found = checks.judge_placed(pairs)
    assert [one.faults for one in found] == [(), ("0.5 mg is not there",), ()]
    assert [checks.judge_placed([pair])[0] for pair in pairs] == found
    assert checks.judge_placed([]) == []


def test_the_second_opinion_is_asked_last() -> None:
    """Only of what the others let pass; what it objects to is not shown."""
    for objections in ((), ("a second model objects",)):
        judge = Objecting(*objections)
        checks = Checks(SetChecker(0.95), judge=judge)
        assert checks.judged_by == "objecting"
        assert not checks.judge(Sentence(text="Colchicine 5 mg."), [DOSE]).holds
        assert judge.asked == []
        told = checks.judge(Sentence(text="Colchicine is given."), [DOSE])
        assert told == Judgement(support=0.95, faults=objections)
        assert judge.asked == [("Colchicine is given.", (DOSE.placed(),))]
    assert Checks(SetChecker(0.95)).judged_by == ""


def test_another_threshold_may_be_given() -> None:
    """It is the checker's probability, inclusive."""
    for shown_at, holds in ((0.5, True), (0.6, True), (0.61, False)):
        checks = Checks(SetChecker(0.6), shown_at=shown_at)
        assert checks.judge(Sentence(text="Colchicine is given."), [DOSE]).holds is holds
