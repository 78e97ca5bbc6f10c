"""Asking every question of a set, and judging what came back."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.answers import Answer, Citation
from corpus.errors import NotFoundError
from corpus.library import Library
from evals.gold import GoldFinder, Place, Target
from evals.measures import Judged
from evals.sets import Case, QuestionSet

if TYPE_CHECKING:
    from service.assistant import Assistant, Findings, Question
    from service.confidence import Features

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One question, what it was asked within (None: the whole library), and what came of it."""

    case: Case
    asked_within: str | None
    targets: tuple[Target, ...]
    answer: Answer
    judged: Judged
    features: "Features | None" = None


def run(
    question_set: QuestionSet,
    assistant: "Assistant",
    *,
    whole_library: bool = False,
    progress: Progress | None = None,
) -> tuple[Outcome, ...]:
    """Ask all questions in the set's order.

    `whole_library` leaves every question's article out of account. `progress` is called with 1
    after each question. The first question is asked once beforehand and not timed, since the
    model's weights are read at the first use.
    """
    finder = GoldFinder(assistant.library)
    assistant.ask(question_of(question_set.cases[0], None))
    outcomes: list[Outcome] = []
    for case in question_set.cases:
        within = None if whole_library else asked_within(case, assistant.library)
        outcomes.append(_outcome(case, within, assistant, finder))
        if progress is not None:
            progress(1)
    return tuple(outcomes)


def asked_within(case: Case, library: Library) -> str | None:
    """Return the article a question is asked within; None where the library does not hold it."""
    try:
        library.scope(case.article)
    except NotFoundError:
        return None
    return case.article


def _outcome(case: Case, within: str | None, assistant: "Assistant", finder: GoldFinder) -> Outcome:
    start = time.perf_counter()
    answer, found = assistant.ask_with_findings(question_of(case, within))
    elapsed_ms = round((time.perf_counter() - start) * 1000, 2)
    targets = tuple(finder.find(gold) for gold in case.evidence) if case.answerable else ()
    shown = [[(_place(c), c.quote) for c in s.citations] for s in answer.statements]
    statement_hits = _any_hits(shown, targets)
    best = statement_hits if answer.answered else _held_back(found, targets, assistant)
    units = list(dict.fromkeys(unit for statement in shown for unit in statement))
    judged = Judged(
        question_id=case.question_id,
        answerable=case.answerable,
        answered=answer.answered,
        confidence=answer.confidence,
        latency_ms=elapsed_ms,
        kind=case.kind,
        pair=case.pair,
        documents=answer.documents,
        has_gold=bool(targets),
        first_hit=_first_hit(found, targets),
        statement_hits=statement_hits,
        unit_hits=_any_hits([[unit] for unit in units], targets),
        gold_hits=tuple(any(_any_hits([units], [target])) for target in targets),
        best_hits=any(best),
        first_unit_hits=any(best[:1]),
    )
    return Outcome(
        case=case,
        asked_within=within,
        targets=targets,
        answer=answer,
        judged=judged,
        features=found.features,
    )


def question_of(case: Case, within: str | None) -> "Question":
    """Return what the assistant is asked for a case."""
    from service.assistant import Question

    return Question(text=case.question, article=within, history=case.history)


def _place(citation: Citation) -> Place:
    return Place(document_id=citation.document_id, start=citation.start, end=citation.end)


def _any_hits(
    statements: Iterable[Iterable[tuple[Place, str]]], targets: Sequence[Target]
) -> tuple[bool, ...]:
    """Tell for each statement whether one of its quotes hits one of the gold texts."""
    return tuple(
        any(target.is_hit(*shown) for shown in statement for target in targets)
        for statement in statements
    )


def _first_hit(found: "Findings", targets: Sequence[Target]) -> int | None:
    for hit in found.hits.hits:
        passage = hit.passage
        place = Place(document_id=passage.document_id, start=passage.start, end=passage.end)
        if any(target.is_hit(place, passage.text) for target in targets):
            return hit.rank
    return None


def _held_back(
    found: "Findings", targets: Sequence[Target], assistant: "Assistant"
) -> tuple[bool, ...]:
    """Tell for each statement whether it hits that was held back by the refusal."""
    from service.extractive import Selection, select

    def quotes(selection: Selection) -> Iterator[tuple[Place, str]]:
        document = selection.document
        for span in selection.spans:
            place = Place(document_id=document.document_id, start=span.start, end=span.end)
            yield place, span.of(document.text)

    selected = select(found.evidence.readings, limit=assistant.settings.max_statements)
    return _any_hits(map(quotes, selected), targets)
