"""The page of a result."""

from html.parser import HTMLParser
from typing import Any

from evals.measures import DEFINITIONS
from evals.report import report_page, worst
from evals.result import result_record
from evals.running import run
from tests.evals.conftest import OpenSet, question

SCRIPT = "<script>alert(1)</script>"
FEVER = {"doc": "aspirin", "text": "Aspirin lowers fever in adults."}


class Page(HTMLParser):
    """Collects the texts, the tags and the addresses of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag and where it leads."""
        self.tags.append(tag)
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href")]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def page_of(opened: tuple[Any, Any]) -> Page:
    question_set, assistant = opened
    outcomes = run(question_set, assistant)
    record = result_record(question_set, outcomes, assistant.provenance, whole_library=False)
    return Page(report_page(record, outcomes))


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
    assert (page.addresses, "script" in page.tags) == ([], False)
    assert page.tags.count("polyline") == 1
    assert page.tags.count("section") == 2
    for text in (*DEFINITIONS, *DEFINITIONS.values(), "Colchicine calms", "It does & must."):
        assert text in page.text
    assert opened[1].library.fingerprint in page.text


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
    assert "polyline" not in page.tags
    assert "tells a right answer from a wrong one" in page.text
