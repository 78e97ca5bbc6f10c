"""The page of a result."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from corpus.answers import Provenance
from evals.measures import DEFINITIONS
from evals.report import report_page
from evals.result import result_record
from evals.running import run
from evals.worst import QUOTE_CHARS, worst
from tests.evals.conftest import OpenSet, question

SCRIPT = "<script>alert(1)</script>"
FEVER = {"doc": "aspirin", "text": "Aspirin lowers fever in adults."}


class Page(HTMLParser):
    """Collects the texts, the tags and the addresses of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.pictures: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag and where it leads."""
        self.tags.append(tag)
        self.addresses += [v or "" for k, v in attrs if k.split(":")[-1] in ("src", "href")]
        self.pictures += [dict(attrs).get("aria-label") or ""] if tag == "svg" else []

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def page_of(opened: tuple[Any, Any], *, provenance: Provenance | None = None, **added: Any) -> Page:
    """Return the page of a run; `added` joins its record, as the command does."""
    question_set, assistant = opened
    outcomes = run(question_set, assistant)
    made_by = provenance or assistant.provenance
    record = result_record(question_set, outcomes, made_by, whole_library=False)
    return Page(report_page(record | added, outcomes))


def test_the_page_tells_everything_and_fetches_nothing(open_set: OpenSet) -> None:
    """Measures, curve, cases with what was shown and right, fingerprints; no address, no script."""
    opened = open_set(
        [
            question("wrong", evidence=[{"doc": "gout", "text": "Colchicine calms"}]),
            question("hostile", question=SCRIPT, answerable=False, kind="hostile"),
            question("lost", evidence=[FEVER], question="???", reference_answer="It does & must."),
        ],
        threshold=0.0,
    )
    page = page_of(opened)
    assert all(address.startswith("#") for address in page.addresses)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.tags.count("section") == 2
    for group, names in DEFINITIONS.items():
        for text in (*names, *names.values()):
            assert text in page.text or group in ("pairs", "contrasts", "question_only")
    assert "Colchicine calms" in page.text
    assert "It does & must." in page.text
    assert opened[1].library.fingerprint in page.text


def test_the_same_run_gives_the_same_page(open_set: OpenSet) -> None:
    """Pictures and all: no date, no chance."""
    question_set, assistant = open_set(
        [question(evidence=[FEVER]), question("q2", answerable=False)]
    )
    outcomes = run(question_set, assistant)
    record = result_record(question_set, outcomes, assistant.provenance, whole_library=False)
    page = report_page(record, outcomes)
    assert page == report_page(record, outcomes)
    assert page.count("<svg") == 2


def test_each_picture_is_also_said(open_set: OpenSet) -> None:
    """Whoever cannot see the curves has their figures."""
    page = page_of(open_set([question(evidence=[FEVER]), question("q2", answerable=False)]))
    first, second = page.pictures
    assert first.startswith("Risk over coverage: area")
    assert "answered at a risk of" in first
    assert second.startswith("Share of right answers by confidence:")


def test_texts_of_a_set_are_escaped(open_set: OpenSet) -> None:
    """A question that holds markup is shown as it was written."""
    page = page_of(open_set([question(question=f"{SCRIPT} aspirin?")], threshold=1.0))
    assert "script" not in page.tags
    assert SCRIPT in page.text


def test_the_worst_cases_come_first(open_set: OpenSet) -> None:
    """Right outcomes are left out; the rest are in order of how far the confidence was off."""
    question_set, assistant = open_set(
        [
            question("right", evidence=[FEVER]),
            question("refused-rightly", question="???", answerable=False),
            question("refused-wrongly", question="???"),
            question("wrong", evidence=[{"doc": "gout", "text": "attack of gout"}]),
        ]
    )
    outcomes = {o.case.question_id: o for o in run(question_set, assistant)}
    answered = [o.judged.answered for o in outcomes.values()]
    assert answered == [True, False, False, True]
    found = [o.case.question_id for o in worst(tuple(outcomes.values()))]
    assert found == ["refused-wrongly", "wrong"]


def test_a_set_without_right_texts_has_no_curve(open_set: OpenSet) -> None:
    """The page says why there is none."""
    page = page_of(open_set([question()]))
    assert page.pictures == []
    assert page.text.count("tells a right answer from a wrong one") == 2


def test_near_misses_stand_apart(open_set: OpenSet) -> None:
    """Their refusals are not hidden among those of nonsense."""
    page = page_of(
        open_set(
            [
                question("q1"),
                question("near", answerable=False, kind="follow_up_near_miss"),
                question("far", question="???", answerable=False, kind="senseless"),
            ]
        )
    )
    # questions, refused, answered
    assert "unanswerable: near misses101" in page.text
    assert "unanswerable: all others110" in page.text
    assert "unanswerable: near misses" not in page_of(open_set([question(answerable=False)])).text


VERSIONS = {"answered": "zinc", "cut": "gout", "near_miss": "aspirin"}


def test_a_contrast_set_has_its_tables_and_its_picture(open_set: OpenSet) -> None:
    """Kinds with their confidences, pairs, contrasts, and what the question alone gives away."""
    lines = [
        question(
            f"{drug}-{kind}",
            question=f"Which dose of {drug}?" if kind == "near_miss" else f"What does {drug} do?",
            answerable=kind == "answered",
            article=article,
            kind=kind,
            pair=drug + kind[:1] * (kind == "near_miss"),
            evidence=["Zinc shortens colds"] if kind == "answered" else [],
        )
        for drug in ("zinc", "copper", "iron", "sodium", "iodine")
        for kind, article in VERSIONS.items()
    ]
    page = page_of(open_set(lines))
    assert page.pictures[0].startswith("Mean confidence by kind of question: answered: 0.")
    for words in ("mean confidence", "pairs of an answerable", "answered_against_cut"):
        assert words in page.text
    assert "tells answered from near misses (1.00)" in page.text
    assert "this set leaks" not in page.text


def promising(provenance: Provenance, calibration: Any) -> Provenance:
    return replace(provenance, settings={**provenance.settings, "calibration": calibration})


def test_a_promise_is_a_sentence_with_its_assumption(open_set: OpenSet) -> None:
    """Risk, confidence, assumption, what it costs, and what was measured here."""
    opened = open_set([question(evidence=[FEVER]), question("q2", answerable=False)])
    promise = {"alpha": 0.05, "delta": 0.1, "threshold": 0.4, "coverage": 0.625, "n": 400}
    page = page_of(opened, provenance=promising(opened[1].provenance, promise))
    for words in (
        "At most 5 % of the answered questions are not answered by their evidence",
        "with confidence 90 %.",
        "same distribution as those it was calibrated on",
        "of those, 62.5 % (400 questions) were answered, the rest refused.",
        "Measured on this set: 50 % of the answered questions, at a coverage of 100 %.",
    ):
        assert words in page.text
    assert "promised at most 0.05" in page.text


@pytest.mark.parametrize("calibration", [None, "none", {}, {"alpha": None, "delta": 0.1}])
def test_without_a_promise_nothing_is_promised(open_set: OpenSet, calibration: Any) -> None:
    """A threshold that nobody certified gets no sentence."""
    opened = open_set([question()])
    page = page_of(opened, provenance=promising(opened[1].provenance, calibration))
    assert "At most" not in page.text
    assert "At most" not in page_of(opened).text


def test_a_promise_that_does_not_hold_is_told_as_such(open_set: OpenSet) -> None:
    """With another model or threshold the report says why nothing is promised."""
    opened = open_set([question()])
    void = {"threshold": 0.4, "void": "issued with another reader"}
    page = page_of(opened, provenance=promising(opened[1].provenance, void))
    assert "Nothing is promised about the risk: issued with another reader." in page.text
    assert "At most" not in page.text


def test_gates_stand_first_and_say_in_words_whether_they_hold(open_set: OpenSet) -> None:
    """Colour alone says nothing."""
    gates = [
        {"gate": "refusal.auroc >= 0.9", "value": 0.5, "passed": False},
        {"gate": "n >= 1", "value": None, "passed": True},
    ]
    words = page_of(open_set([question()]), gates=gates).text
    assert words.index("Gates") < words.index("Measures")
    assert words.index("refusal.auroc >= 0.9") < words.index("failed") < words.index("n >= 1")
    assert "passed" in words


def test_a_wrong_case_tells_what_went_wrong(open_set: OpenSet) -> None:
    """Each kind of fault has its words, and a quote is shown once."""
    wrong = [{"doc": "gout", "text": "attack of gout"}]
    page = page_of(
        open_set(
            [
                question("text", evidence=wrong, question="Does aspirin lower fever in adults?"),
                question("never", answerable=False),
                question("held", question="???"),
            ]
        )
    )
    for words in (
        "answered with another text",
        "hits no right text",
        "answered, though the texts do not say",
        "refused, though it can be answered",
        "the set does not say with which text",
    ):
        assert words in page.text


def test_a_long_gold_text_is_cut(open_set: OpenSet) -> None:
    """Twenty cases stay readable."""
    long = "x" * (QUOTE_CHARS + 1)
    page = page_of(open_set([question(question="???", evidence=[long])]))
    assert "x" * QUOTE_CHARS + " …" in page.text
    assert long not in page.text
