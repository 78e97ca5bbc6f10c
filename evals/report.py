"""The result as one page to read: measures, the worst cases, and what produced them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from corpus.answers import Answer
from evals.measures import DEFINITIONS, risk_coverage
from evals.page import curve, element, page, table
from evals.result import GROUPS, shown
from evals.running import Outcome
from evals.sets import Case

WORST = 20
PLOT_POINTS = 200


def report_page(result: Mapping[str, Any], outcomes: Sequence[Outcome]) -> str:
    """Return the page of a result and the outcomes that it was made of."""
    counts = f"{result['n']} questions, {result['provenance']['answerable']} answerable."
    return page(
        f"Sequitur evaluation: {result['set']}",
        element("p", counts),
        element("h2", "Measures"),
        _measures(result),
        *_kinds(result.get("by_kind", {})),
        element("h2", "Risk over coverage"),
        *_risk(risk_coverage([outcome.judged for outcome in outcomes])),
        element("h2", "The worst cases"),
        element("p", "Wrong outcomes, those first whose confidence was furthest off."),
        *(_case(outcome) for outcome in worst(outcomes)),
        element("h2", "What produced this"),
        table(("what", "value"), list(_flat(result["provenance"]))),
    )


def worst(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return at most 20 wrong outcomes, those first whose confidence was furthest off.

    Wrong is an answer to an unanswerable question, an answer whose quotes hit no right text, and
    the refusal of an answerable question.
    """
    wrong = [outcome for outcome in outcomes if _off(outcome) > 0]
    return sorted(wrong, key=lambda o: (-_off(o), o.case.question_id))[:WORST]


def _off(outcome: Outcome) -> float:
    """Return how far the confidence was from what would have been right, 0 for a right outcome."""
    judged = outcome.judged
    if not judged.answered:
        return 1 - judged.confidence if judged.answerable else 0.0
    right = judged.answerable and judged.evidence_hit is not False
    return 0.0 if right else judged.confidence


def _measures(result: Mapping[str, Any]) -> Element:
    rows = [
        (group, name, shown(value, group), DEFINITIONS[name])
        for group in GROUPS
        for name, value in (result[group] or {}).items()
    ]
    return table(("group", "measure", "value", "meaning"), rows)


def _kinds(by_kind: Mapping[str, Mapping[str, Any]]) -> Iterator[Element]:
    if by_kind:
        rows = [(kind, *map(shown, values.values())) for kind, values in by_kind.items()]
        yield element("h2", "By kind of question")
        yield table(("kind", *next(iter(by_kind.values()))), rows)


def _risk(points: Sequence[tuple[float, float]]) -> Iterator[Element]:
    if not points:
        yield element("p", "No question of this set tells a right answer from a wrong one.")
        return
    every = max(1, len(points) // PLOT_POINTS)
    yield element(
        "p",
        "Upwards, from 0 to 1: the share of wrong answers if only the most confident share of all "
        "questions, to the right from 0 to 1, were answered. The area under the line is aurc.",
    )
    yield curve([*points[:-1:every], points[-1]], x="coverage", y="risk")


def _case(outcome: Outcome) -> Element:
    case, judged = outcome.case, outcome.judged
    within = outcome.asked_within or "the whole library"
    said = f"answerable: {judged.answerable}; answered: {judged.answered}; "
    return element(
        "section",
        element("h3", f"{case.question_id}: {case.question}"),
        *(element("p", f"asked before: {turn}") for turn in case.history),
        element("p", f"{said}confidence {judged.confidence:.3f}; asked of {within}"),
        element("h4", "Shown"),
        *_what_was_shown(outcome.answer),
        element("h4", "Right"),
        *_what_was_right(case),
    )


def _what_was_shown(answer: Answer) -> Iterator[Element]:
    if answer.refusal is not None:
        yield element("p", f"Refused ({answer.refusal.reason}). Nearest:")
        for near in answer.refusal.nearest:
            yield element("blockquote", f"{near.document_id}: {near.quote}")
    for statement in answer.statements:
        yield element("p", statement.text)
        for citation in statement.citations:
            yield element("blockquote", f"{citation.document_id}: {citation.quote}")


def _what_was_right(case: Case) -> Iterator[Element]:
    if not case.answerable:
        yield element("p", "To refuse.")
    for gold in case.evidence:
        text = gold.text or "anywhere in this document"
        yield element("blockquote", f"{gold.doc or 'any document'}: {text}")
    if case.reference_answer is not None:
        yield element("p", f"Reference answer: {case.reference_answer}")


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value of nested mappings under its dotted name."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
