"""Making suggestions: what is asked of every article, kept where it was answered.

Each question is asked within the article by the assistant that will answer it later. Of two with
the same answer the surer one is kept. Articles whose texts, code and models are unchanged keep what
was found before, although the rarity of words in the rest of the library may have moved since.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from corpus.answers import Answer, Provenance
from corpus.errors import IndexingError
from corpus.library import Library, write_json
from service.assistant import Question
from service.suggesting import (
    OfArticle,
    Saved,
    Suggestion,
    as_json,
    file_of,
    maker_digest,
    places_of,
    read,
    scope_of,
    titled,
)

Progress = Callable[[int], object]
SAVE_EVERY_S = 30.0
# What clinicians ask of an article first of all, and readers of a study.
QUESTIONS = (
    "What causes it?",
    "Who gets it?",
    "What are the symptoms?",
    "How is it diagnosed?",
    "What does imaging show?",
    "What else could it be?",
    "How is it treated?",
    "What is the dose?",
    "For what duration?",
    "What if that fails?",
    "What are the side effects?",
    "What are the complications?",
    "What is the prognosis?",
    "Does it come back?",
    "How is it followed up?",
    "Can it be prevented?",
    "What about pregnancy?",
    "What about children?",
    "Who was studied?",
    "What did it find?",
    "What are the limits of the evidence?",
)


class Asker(Protocol):
    """Who is asked: the assistant."""

    library: Library
    provenance: Provenance

    def ask(self, question: Question) -> Answer:
        """Answer or refuse."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionReport:
    """What was made: articles, questions asked now, questions kept in all.

    `reused` are the articles that were not asked again.
    """

    articles: int
    reused: int
    asked: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What there is to do: articles to ask with their scopes, and what is taken over as it is."""

    made_by: str
    to_ask: dict[str, str]
    kept: dict[str, OfArticle]
    up_to_date: bool

    @property
    def questions(self) -> int:
        """The number of questions to ask."""
        return len(self.to_ask) * len(QUESTIONS)


def plan_suggestions(assistant: Asker) -> Plan:
    """Return what has to be asked; nothing for a library without articles."""
    library = assistant.library
    made_by = maker_digest(assistant.provenance)
    old = read(file_of(library))
    known = old.articles if old is not None and old.made_by == made_by else {}
    scopes = {article.slug: scope_of(library, article) for article in library.articles()}
    kept = {s: known[s] for s in scopes if s in known and known[s].scope == scopes[s]}
    to_ask = {slug: scope for slug, scope in scopes.items() if slug not in kept}
    complete = not to_ask and (old is not None or not scopes)
    current = complete and (old is None or old.belongs_to(assistant.provenance))
    return Plan(made_by=made_by, to_ask=to_ask, kept=kept, up_to_date=current)


def build_suggestions(
    assistant: Asker,
    plan: Plan,
    *,
    progress: Progress | None = None,
) -> SuggestionReport:
    """Ask what the plan holds, and save what is answered beside the index.

    It is saved now and then, and whenever the asking ends, by an error too. `progress` is called
    with the number of questions asked since its last call. Raises IndexingError when the file
    cannot be written, and what the assistant raises.
    """
    found, saved_at = dict(plan.kept), time.monotonic()
    try:
        for slug, scope in sorted(plan.to_ask.items()):
            kept = _answered(assistant, slug, progress)
            found[slug] = OfArticle(scope=scope, asked=len(QUESTIONS), suggestions=kept)
            if time.monotonic() - saved_at > SAVE_EVERY_S:
                _save(assistant, plan, found)
                saved_at = time.monotonic()
    finally:
        if not plan.up_to_date:
            _save(assistant, plan, found)
    return SuggestionReport(
        articles=len(found),
        reused=len(plan.kept),
        asked=plan.questions,
        kept=sum(len(of.suggestions) for of in found.values()),
    )


def _save(assistant: Asker, plan: Plan, found: dict[str, OfArticle]) -> None:
    saved = Saved(
        made_by=plan.made_by,
        corpus_fingerprint=assistant.provenance.corpus_fingerprint,
        index_fingerprint=assistant.provenance.index_fingerprint,
        articles={slug: found[slug] for slug in sorted(found)},
    )
    path = file_of(assistant.library)
    try:
        write_json(path, as_json(saved))
    except OSError as error:
        raise IndexingError(f"{path}: cannot be written ({error.strerror})") from error


def _answered(assistant: Asker, slug: str, progress: Progress | None) -> tuple[Suggestion, ...]:
    """Return what an article answers, in the order of its text."""
    found: list[Suggestion] = []
    for text in QUESTIONS:
        found += _tried(assistant, slug, text)
        if progress is not None:
            progress(1)
    kept: list[Suggestion] = []
    for one in sorted(found, key=lambda s: (-s.confidence, QUESTIONS.index(s.text))):
        if not any(one.shown[-1].meets(other.shown[-1]) for other in kept):
            kept.append(replace(one, in_library=_in_library(assistant, slug, one)))
    return tuple(sorted(kept, key=lambda s: (s.at, s.text)))


def _tried(assistant: Asker, slug: str, text: str) -> Iterator[Suggestion]:
    """Yield the suggestion when the question is answered, in part at least by the article."""
    answer = assistant.ask(Question(text=text, article=slug))
    quoted = places_of(answer.statements)
    at = next((place.start for place in quoted if place.document_id == slug), None)
    if not answer.answered or at is None:
        return
    sections = assistant.library.document(slug).sections
    outermost = [s.title for s in sections if s.parent is None and s.start <= at < s.end]
    yield Suggestion(
        text=text,
        confidence=answer.confidence,
        at=at,
        section=outermost[0] if outermost else "",
        shown=places_of(answer.statements[:1]),
        in_library=False,
    )


def _in_library(assistant: Asker, slug: str, suggestion: Suggestion) -> bool:
    """Tell whether the whole library, asked with the article's title, quotes the same words."""
    title = assistant.library.document(slug).title
    answer = assistant.ask(Question(text=titled(title, suggestion.text)))
    quoted = places_of(answer.statements)
    return any(place.meets(other) for place in quoted for other in suggestion.shown)
