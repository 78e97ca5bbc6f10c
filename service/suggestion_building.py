"""Making suggestions: candidates are asked, and kept when their own text answers them.

Each candidate is asked within its article by the assistant that will answer it later. It is kept
when it is answered and the answer quotes the text that raised it; of two with the same answer
one is kept. Articles whose texts, code and models are unchanged keep what was found before,
although the rarity of words in the rest of the library may have moved since.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from corpus.answers import Answer, Provenance
from corpus.errors import IndexingError
from corpus.library import Library, write_json
from service.assistant import Question
from service.question_headings import Candidate
from service.question_phrasing import Candidates, candidates_of
from service.suggesting import (
    OfArticle,
    Place,
    Saved,
    Suggestion,
    as_json,
    file_of,
    maker_digest,
    place_of,
    read,
    scope_of,
)

Progress = Callable[[int], object]


class Asker(Protocol):
    """Who is asked: the assistant."""

    library: Library
    provenance: Provenance

    def ask(self, question: Question) -> Answer:
        """Answer or refuse."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionReport:
    """What was made: articles, candidates asked now, questions kept in all, those over the limit.

    `reused` are the articles that were not asked again.
    """

    articles: int
    reused: int
    asked: int
    kept: int
    left_out: int
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What there is to do: candidates by slug, and what is taken over as it is."""

    made_by: str
    scopes: dict[str, str]
    to_ask: dict[str, Candidates]
    kept: dict[str, OfArticle]
    up_to_date: bool

    @property
    def questions(self) -> int:
        """The number of candidates to ask."""
        return sum(len(candidates.questions) for candidates in self.to_ask.values())


def plan_suggestions(assistant: Asker) -> Plan:
    """Return what has to be asked; nothing for a library without articles."""
    library = assistant.library
    made_by = maker_digest(assistant.provenance)
    old = read(file_of(library))
    known = old.articles if old is not None and old.made_by == made_by else {}
    scopes = {article.slug: scope_of(library, article) for article in library.articles()}
    kept = {slug: known[slug] for slug in scopes if _is_same(known.get(slug), scopes[slug])}
    to_ask = {
        article.slug: candidates_of(article.document)
        for article in library.articles()
        if article.slug not in kept
    }
    complete = not to_ask and (old is not None or not scopes)
    current = complete and (old is None or old.belongs_to(assistant.provenance))
    return Plan(made_by=made_by, scopes=scopes, to_ask=to_ask, kept=kept, up_to_date=current)


def build_suggestions(
    assistant: Asker, plan: Plan, *, progress: Progress | None = None
) -> SuggestionReport:
    """Ask what the plan holds, and save what is answered beside the index.

    `progress` is called with the number of candidates asked since its last call. Raises
    IndexingError when the file cannot be written.
    """
    found = dict(plan.kept)
    for slug, candidates in plan.to_ask.items():
        kept = _answered(assistant, slug, candidates.questions, progress)
        found[slug] = OfArticle(
            scope=plan.scopes[slug],
            asked=len(candidates.questions),
            left_out=candidates.left_out,
            suggestions=tuple(sorted(kept, key=lambda s: (s.at, s.text))),
        )
    if not plan.up_to_date:
        saved = Saved(
            made_by=plan.made_by,
            corpus_fingerprint=assistant.provenance.corpus_fingerprint,
            index_fingerprint=assistant.provenance.index_fingerprint,
            articles={slug: found[slug] for slug in sorted(found)},
        )
        _write(file_of(assistant.library), saved)
    return SuggestionReport(
        articles=len(found),
        reused=len(plan.kept),
        asked=plan.questions,
        kept=sum(len(of.suggestions) for of in found.values()),
        left_out=sum(of.left_out for of in found.values()),
        changed=not plan.up_to_date,
    )


def _write(path: Path, saved: Saved) -> None:
    try:
        write_json(path, as_json(saved))
    except OSError as error:
        raise IndexingError(f"{path}: cannot be written ({error.strerror})") from error


def _is_same(old: OfArticle | None, scope: str) -> bool:
    return old is not None and old.scope == scope


def _answered(
    assistant: Asker, slug: str, questions: Sequence[Candidate], progress: Progress | None
) -> list[Suggestion]:
    kept: list[Suggestion] = []
    for candidate in questions:
        for suggestion in _checked(assistant, slug, candidate):
            if not any(_same_answer(suggestion, other) for other in kept):
                in_library = candidate.names_subject and _in_library(assistant, suggestion)
                kept.append(replace(suggestion, in_library=in_library))
        if progress is not None:
            progress(1)
    return kept


def _checked(assistant: Asker, slug: str, candidate: Candidate) -> Iterator[Suggestion]:
    """Yield the suggestion when the candidate's own text is quoted in its answer."""
    answer = assistant.ask(Question(text=candidate.text, article=slug))
    at = _answered_at(answer, slug, candidate)
    if at is None:
        return
    document = assistant.library.document(slug)
    outermost = [s.title for s in document.sections if s.parent is None and s.start <= at < s.end]
    first = answer.statements[0]
    yield Suggestion(
        text=candidate.text,
        confidence=answer.confidence,
        at=at,
        section=outermost[0] if outermost else "",
        shown=tuple(place_of(c) for c in first.citations),
        answer=hashlib.sha256(first.text.encode()).hexdigest(),
        in_library=False,
    )


def _answered_at(answer: Answer, slug: str, candidate: Candidate) -> int | None:
    """Return where the article answers: the first quote from where the candidate came from.

    None when the answer begins with a sentence that the article has elsewhere; a cited abstract
    may come first.
    """
    if not answer.answered:
        return None
    origins = [
        Place(document_id=slug, start=span.start, end=span.end)
        for span in (candidate.origin, *candidate.others)
    ]
    quoted = [[place_of(c) for c in statement.citations] for statement in answer.statements]
    fitting = [[p for p in places if any(p.meets(o) for o in origins)] for places in quoted]
    begins_elsewhere = not fitting[0] and any(p.document_id == slug for p in quoted[0])
    if begins_elsewhere:
        return None
    return next((place.start for places in fitting for place in places), None)


def _same_answer(one: Suggestion, two: Suggestion) -> bool:
    """Tell whether two questions are answered by the same sentence first."""
    return one.answer == two.answer or one.shown[-1].meets(two.shown[-1])


def _in_library(assistant: Asker, suggestion: Suggestion) -> bool:
    """Tell whether the question is answered by the same words when the whole library is asked."""
    answer = assistant.ask(Question(text=suggestion.text))
    quoted = [place_of(c) for statement in answer.statements for c in statement.citations]
    return any(place.meets(other) for place in quoted for other in suggestion.shown)
