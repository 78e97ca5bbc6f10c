"""Asking every question of a set, and judging what came back."""

import time
from collections.abc import Callable, Iterator, Sequence
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
    shown = [[_hits(c, targets) for c in s.citations] for s in answer.statements]
    quotes = [hits for statement in shown for hits in statement]
    statement_hits = tuple(any(any(hits) for hits in statement) for statement in shown)
    judged = Judged(
        question_id=case.question_id,
        answerable=case.answerable,
        answered=answer.answered,
        confidence=answer.confidence,
        latency_ms=elapsed_ms,
        kind=case.kind,
        documents=answer.documents,
        has_gold=bool(targets),
        first_hit=_first_hit(found, targets),
        statement_hits=statement_hits,
        gold_hits=tuple(any(hits[i] for hits in quotes) for i in range(len(targets))),
        best_hits=any(statement_hits) if answer.answered else _would_hit(found, targets, assistant),
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


def _hits(citation: Citation, targets: Sequence[Target]) -> list[bool]:
    """Tell for each gold text whether the quote hits it."""
    place = Place(document_id=citation.document_id, start=citation.start, end=citation.end)
    return [target.is_hit(place, citation.quote) for target in targets]


def _first_hit(found: "Findings", targets: Sequence[Target]) -> int | None:
    for hit in found.hits.hits:
        passage = hit.passage
        place = Place(document_id=passage.document_id, start=passage.start, end=passage.end)
        if any(target.is_hit(place, passage.text) for target in targets):
            return hit.rank
    return None


def _would_hit(found: "Findings", targets: Sequence[Target], assistant: "Assistant") -> bool:
    """Tell whether the evidence hits that was held back by the refusal."""
    from service.extractive import select

    def places() -> Iterator[tuple[Place, str]]:
        for selection in select(found.readings, limit=assistant.settings.max_statements):
            document = selection.document
            for span in selection.spans:
                place = Place(document_id=document.document_id, start=span.start, end=span.end)
                yield place, span.of(document.text)

    return any(target.is_hit(*shown) for shown in places() for target in targets)
