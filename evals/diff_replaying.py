"""The same questions on two libraries: what became of each answer, and why.

A change is *explained* when the library itself changed where the answer rests: a document that it
cites, before or after, was added, removed, edited, cut otherwise, retracted or otherwise noticed,
or came into or fell out of what the article cites. For a refusal on both sides the documents of
its nearest passages stand for the cited ones. All else is unexplained: an answer that moved
although nothing that it rests on did, because the rest of the library weighs on the ranking.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from corpus.answers import Answer
from evals.diff_libraries import ComparedLibraries, Why
from evals.running import asked_within, question_of
from evals.sets import Case, QuestionSet

if TYPE_CHECKING:
    from service.assistant import Assistant

Change = Literal[
    "unchanged",
    "reworded",
    "citation_changed",
    "now_refused",
    "newly_answered",
    "reason_changed",
    "notice_changed",
    "confidence_moved",
]
CHANGES: dict[Change, str] = {
    "unchanged": "the same statements and citations, or the same refusal",
    "reworded": "the same places are cited, in other words or another order",
    "citation_changed": "another document, section or sentence is cited",
    "now_refused": "was answered, is refused",
    "newly_answered": "was refused, is answered",
    "reason_changed": "refused as before, for another reason",
    "notice_changed": "the same answer, with other notices about its sources",
    "confidence_moved": "the same answer or refusal, with another confidence",
}
# A probability that moved less is no news.
CONFIDENCE_MOVED = 0.1

Progress = Callable[[int], object]
# document, section, quote
Cited = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One question on both libraries: what became of it, and why.

    `within` is what it was asked within on each; None is the whole library. `hints` are changes
    of documents that were found but not cited: they explain nothing, and may help to see it.
    """

    case: Case
    within: tuple[str | None, str | None]
    old: Answer
    new: Answer
    change: Change
    why: tuple[Why, ...] = ()
    hints: tuple[Why, ...] = ()

    @property
    def unexplained(self) -> bool:
        """True for a change with no changed source behind it."""
        return self.change != "unchanged" and not self.why


def replay(
    question_set: QuestionSet,
    old: "Assistant",
    new: "Assistant",
    *,
    least_move: float = CONFIDENCE_MOVED,
    progress: Progress | None = None,
) -> tuple[Replayed, ...]:
    """Ask every question of both, in the set's order; `progress` gets 1 after each question."""
    compared = ComparedLibraries(old.library, new.library)
    found: list[Replayed] = []
    for case in question_set.cases:
        found.append(_replayed(case, old, new, compared, least_move))
        if progress is not None:
            progress(1)
    return tuple(found)


def change_of(
    old: Answer, new: Answer, compared: ComparedLibraries, *, least_move: float = CONFIDENCE_MOVED
) -> Change:
    """Return what became of an answer; the first of the changes in their order counts."""
    if old.answered != new.answered:
        return "now_refused" if old.answered else "newly_answered"
    if _reason(old) != _reason(new):
        return "reason_changed"
    before, after = _cited(old), _cited(new)
    if before != after or _said(old) != _said(new):
        return "reworded" if _same_places(before, after, compared) else "citation_changed"
    if Counter(old.notices) != Counter(new.notices):
        return "notice_changed"
    # to nine places: a difference of floats is not the difference of what is shown
    moved = round(abs(old.confidence - new.confidence), 9) >= least_move
    return "confidence_moved" if moved else "unchanged"


def _replayed(
    case: Case,
    old: "Assistant",
    new: "Assistant",
    compared: ComparedLibraries,
    least_move: float,
) -> Replayed:
    within = (asked_within(case, old.library), asked_within(case, new.library))
    before = old.ask(question_of(case, within[0]))
    after = new.ask(question_of(case, within[1]))
    answers = (before, after)
    change = change_of(before, after, compared, least_move=least_move)
    changed = change != "unchanged"
    return Replayed(
        case=case,
        within=within,
        old=before,
        new=after,
        change=change,
        why=tuple(_why(case, answers, within, compared)) if changed else (),
        hints=tuple(_hints(case, answers, compared)) if changed else (),
    )


def _why(
    case: Case,
    answers: Sequence[Answer],
    within: Sequence[str | None],
    compared: ComparedLibraries,
) -> Iterator[Why]:
    """Yield the changes behind a changed answer, in the order of its citations."""
    rests_on = _rests_on(answers)
    article = case.article
    if article is not None and within[0] != within[1]:
        yield from compared.changes_of(article, article)
    for key in rests_on:
        if key != article or within[0] == within[1]:
            yield from compared.changes_of(key, article)
    asked_about = [article] if article is not None else []
    for slug in dict.fromkeys((*asked_about, *rests_on)):
        if _review_counts(answers):
            yield from compared.review_changed(slug)


def _hints(case: Case, answers: Sequence[Answer], compared: ComparedLibraries) -> Iterator[Why]:
    rests_on = _rests_on(answers)
    for key in dict.fromkeys(key for answer in answers for key in answer.documents):
        if key not in rests_on:
            yield from compared.changes_of(key, case.article)


def _rests_on(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return the documents cited on either side; of two refusals, those that came nearest."""
    cited = [key for answer in answers for key, _, _ in _cited(answer)]
    near = [n.document_id for a in answers if a.refusal is not None for n in a.refusal.nearest]
    return tuple(dict.fromkeys(cited or near))


def _review_counts(answers: Sequence[Answer]) -> bool:
    """Tell whether review decides: what is refused, or what a reader is told of the sources."""
    refused = any(_reason(answer) == "not_approved" for answer in answers)
    return refused or Counter(answers[0].notices) != Counter(answers[1].notices)


def _reason(answer: Answer) -> str | None:
    return answer.refusal.reason if answer.refusal is not None else None


def _said(answer: Answer) -> tuple[str, ...]:
    return tuple(statement.text for statement in answer.statements)


def _cited(answer: Answer) -> tuple[Cited, ...]:
    return tuple(
        (c.document_id, c.section, c.quote) for s in answer.statements for c in s.citations
    )


def _same_places(
    before: Sequence[Cited], after: Sequence[Cited], compared: ComparedLibraries
) -> bool:
    """Tell whether the same sections are cited, and no other sentence was chosen in them.

    A quote that differs is the same place in other words where the old one is gone from the new
    text and the new one was not in the old text.
    """
    places = [Counter((key, section) for key, section, _ in one) for one in (before, after)]
    if places[0] != places[1]:
        return False
    lost, won = Counter(before) - Counter(after), Counter(after) - Counter(before)
    chosen_otherwise = any(quote in compared.new[key].text for key, _, quote in lost) or any(
        quote in compared.old[key].text for key, _, quote in won
    )
    return not chosen_otherwise
