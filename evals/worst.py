"""The worst cases of a run: which they are, what was shown and what was right."""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from corpus.answers import Statement
from evals.page import element, flag
from evals.running import Outcome
from evals.sets import Case

WORST = 20
QUOTE_CHARS = 700


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


def worst_case(outcome: Outcome) -> Element:
    """Return a wrong outcome as a section to read: what went wrong, what was shown, what was right.

    Quotes are cut after 700 characters.
    """
    case = outcome.case
    shown = element("div", element("h4", "Shown"), *_what_was_shown(outcome))
    right = element("div", element("h4", "Right"), *_what_was_right(case))
    return element(
        "section",
        element("h3", case.question or "(an empty question)"),
        element("p", flag(_fault(outcome), good=False), f" {_about(outcome)}"),
        *(element("p", f"asked before: {turn}") for turn in case.history),
        element("div", shown, right, class_="beside"),
    )


def _fault(outcome: Outcome) -> str:
    if not outcome.judged.answered:
        return "refused, though it can be answered"
    if not outcome.judged.answerable:
        return "answered, though the texts do not say"
    return "answered with another text"


def _about(outcome: Outcome) -> str:
    case, answer = outcome.case, outcome.answer
    parts = [case.question_id, *([case.kind] if case.kind else [])]
    parts += [f"confidence {outcome.judged.confidence:.3f}"]
    parts += [f"asked of {outcome.asked_within or 'the whole library'}"]
    if case.history:
        parts += [f"understood as: {answer.standalone_question}"]
    return " · ".join(parts)


def _what_was_shown(outcome: Outcome) -> Iterator[Element]:
    answer, judged = outcome.answer, outcome.judged
    if answer.refusal is not None:
        yield element("p", f"Refused ({answer.refusal.reason}). Nearest:")
        for near in answer.refusal.nearest:
            yield _quote(near.document_id, near.quote)
    for statement, hits in zip(answer.statements, judged.statement_hits, strict=True):
        yield from _statement(statement)
        if judged.has_gold:
            text = "hits a right text" if hits else "hits no right text"
            yield element("small", flag(text, good=hits))


def _statement(statement: Statement) -> Iterator[Element]:
    """Yield its quotes, and its own words where they are others."""
    if statement.text not in [citation.quote for citation in statement.citations]:
        yield element("p", _cut(statement.text))
    for citation in statement.citations:
        yield _quote(citation.document_id, citation.quote)


def _what_was_right(case: Case) -> Iterator[Element]:
    if not case.answerable:
        yield element("p", "To refuse.")
    elif not case.evidence:
        yield element("p", "To answer; the set does not say with which text.")
    for gold in case.evidence if case.answerable else ():
        yield _quote(gold.doc or "any document", gold.text or "anywhere in this document")
    if case.reference_answer is not None:
        yield element("p", f"Reference answer: {case.reference_answer}")


def _quote(document_id: str, text: str) -> Element:
    return element("blockquote", element("small", document_id), _cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= QUOTE_CHARS else text[:QUOTE_CHARS].rstrip() + " …"
