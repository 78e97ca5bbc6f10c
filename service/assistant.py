"""The assistant: one question in, one answer or one refusal out."""

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from corpus.answers import Answer, Audience, Provenance, Refusal, RefusalReason
from corpus.library import Library, Scope
from corpus.records import Article
from corpus.reviews import Standing
from index.embedder import Embedder, embedder_of
from index.reading.model import Asked, ReaderModel
from index.reading.reading import NOTHING_READ, Evidence, Reader, with_room
from index.retriever import Hit, Query, Retrieval
from index.saved import LoadedIndex, load_index
from service.askable import askable, is_approved
from service.calibration import operating_point
from service.citing import notices
from service.confidence import Features, features, shipped_model
from service.engine_extractive import ExtractiveEngine
from service.engines import AnswerEngine, Asking, Composed, NoAnswer, moved, open_engine
from service.observing import Observer, Unobserved
from service.refusal import deals_with, rare_in, refuse, unsupported_words
from service.screening import screen
from service.settings import Settings
from service.suggesting import Suggestions
from service.wording import Wordings

# Passages that are found at most.
HITS = 400
# Characters of those that the reader chooses from: of an article, where one is asked, of what it
# cites, and otherwise of the whole library.
ARTICLE_CHARS, CITED_CHARS, LIBRARY_CHARS = 16_800, 5_600, 11_200
# From this confidence on an answer is not called partial, and a model that declines not believed.
SURE_AT = 0.75
# From this confidence on an engine that may itself decline is asked: 96 of 100 questions that are
# answered lie above it (docs/generative.md).
NEAR_AT = 0.05
DOCUMENTS_SHOWN = 10
UNREAD = ("empty", "too_long", "emergency")
UNSEARCHED = (*UNREAD, "not_approved")
NOTHING = Retrieval(hits=(), query_vector=np.zeros(0, dtype=np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks: `history` holds their earlier questions, oldest first.

    `article` is an article's slug or a document's id; None asks the whole library.
    """

    text: str
    article: str | None = None
    history: tuple[str, ...] = ()
    audience: Audience = "clinician"


@dataclass(slots=True)
class Stopwatch:
    """Wall-clock milliseconds per stage of one question."""

    timings_ms: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what stands in the block."""
        start = time.perf_counter()
        yield
        self.timings_ms[name] = round((time.perf_counter() - start) * 1000, 2)

    def total(self) -> dict[str, float]:
        """Return all stages and their total so far."""
        elapsed = round((time.perf_counter() - self._started) * 1000, 2)
        return self.timings_ms | {"total": elapsed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found for a query before anything is said; `confidence` is a probability."""

    query: Query
    hits: Retrieval = NOTHING
    evidence: Evidence = NOTHING_READ
    features: Features | None = None
    confidence: float = 0.0


Outcome = Refusal | Composed


class Assistant:
    """Answers from one library and its index; holds no state between questions.

    `model` reads the evidence; None: the built-in reader. `engine` composes the answers; None: the
    one that the settings name. Raises ModelError or SettingsError.
    """

    def __init__(
        self,
        library: Library,
        index: LoadedIndex,
        embedder: Embedder,
        settings: Settings,
        model: ReaderModel | None = None,
        *,
        engine: AnswerEngine | None = None,
    ) -> None:
        from index.reading.model import BuiltInReader

        model = model or BuiltInReader()
        self.library = library
        self.index = index
        self.settings = settings
        self._embedder = embedder
        self._model = model
        self._lexical = index.retriever.lexical
        self._reader = Reader(model, settings.read_tokens)
        self._confidence = shipped_model()
        models = {
            "embedding": f"{embedder.name}@{embedder.digest[:16]}",
            "reader": f"{model.name}@{model.digest[:16]}",
            "confidence": f"logistic@{self._confidence.digest[:16]}",
        }
        self._point = operating_point(settings, models)
        self._is_rare = rare_in(self._lexical)
        # every text is held: what is served stays as it is when its files change (swapping.py)
        self._documents = {d.document_id: d for d in library.documents()}
        self.wordings = Wordings(library)
        self.engine = engine or open_engine(settings, library, self.wordings)
        self.provenance = Provenance(
            corpus_fingerprint=index.manifest.corpus_fingerprint,
            index_fingerprint=index.manifest.fingerprint,
            engine=self.engine.name,
            models=models | dict(self.engine.models),
            prompts=dict(self.engine.prompts),
            settings={
                **settings.shaping(),
                "confidence_threshold": self._point.threshold,
                "calibration": self._point.record(),
            },
        )
        # what can be asked is found by quoting, whatever engine words the answers
        self._by_quoting = replace(
            self.provenance, engine=ExtractiveEngine.name, models=models, prompts={}
        )
        self._suggestions = self._suggested()

    @classmethod
    def open(cls, folder: Path, settings: Settings) -> "Assistant":
        """Open a library folder with its index and model.

        Raises LibraryError, IndexingError or ModelError.
        """
        library = Library(folder)
        embedder = embedder_of(settings.embedding_model)
        return cls(library, load_index(library, embedder), embedder, settings)

    def reopened(self) -> "Assistant":
        """Return an assistant over the same folder as it is now, with the models of this one.

        This one stays as it is. Raises LibraryError or IndexingError.
        """
        library = Library(self.library.folder)
        index = load_index(library, self._embedder)
        engine = moved(self.engine, library, Wordings(library))
        fresh = Assistant(library, index, self._embedder, self.settings, self._model, engine=engine)
        fresh._suggestions.follow(self._suggestions)
        return fresh

    def warm(self) -> None:
        """Do beforehand what the first question would have to wait for; nothing is written."""
        self.quoting().ask(Question(text="Is everything ready?"))

    def quoting(self) -> "Assistant":
        """Return this assistant as it quotes: what asks a lot needs no model that writes.

        It quotes from articles in any state of review, for those who prepare what is shown later.
        """
        quotes = self.engine.name == ExtractiveEngine.name
        if quotes and self.settings.ask_unreviewed:
            return self
        same = copy(self)
        same.settings = replace(self.settings, ask_unreviewed=True)
        if quotes:
            return same
        limit = self.settings.max_statements
        same.engine = ExtractiveEngine(self.library, self.wordings, max_statements=limit)
        same.provenance = self._by_quoting
        return same

    def opening_questions(self, within: str) -> tuple[str, ...]:
        """Return questions to begin with; raises NotFoundError when there is no such text."""
        if not self.may_be_asked(within):
            return ()
        return self._suggestions.opening(within)

    def may_be_asked(self, within: str | None) -> bool:
        """Tell whether the settings and the state of review allow it; raises NotFoundError."""
        return self._askable(self.library.scope(within)) is not None

    def review_of(self, article: Article | None) -> Standing | None:
        """Return the review of an article as readers may see it; None where none was logged."""
        standing = self.library.standing(article.slug) if article else None
        if standing is None or standing.why == "declared":
            return None
        return standing if self.settings.show_reviewers else standing.nameless()

    def ask(self, question: Question) -> Answer:
        """Answer or refuse; raises NotFoundError when the article is not in the library."""
        return self.ask_with_findings(question)[0]

    def ask_with_findings(
        self, question: Question, observer: Observer | None = None
    ) -> tuple[Answer, Findings]:
        """Answer or refuse, and return what the answer was judged by.

        `observer` is told on the way what was found and what is stated; raises what it raises.
        """
        watch, watcher = Stopwatch(), observer or Unobserved()
        scope = self.library.scope(question.article)
        with watch.stage("understand"):
            reason = self._screen(question.text)
            unread = reason in UNREAD  # whatever its length, no more work is done on it
            query = Query(own=question.text) if unread else self.understand(question, scope)
        allowed = self._askable(scope)
        if allowed is None and not unread:  # help in an emergency comes before
            reason = "not_approved"
        if reason in UNSEARCHED:
            nothing = Findings(query=query)
            refusal = refuse(reason, question=question.text)
            return self._record(question, scope, watch, nothing, refusal), nothing
        found = self.find(query, allowed or scope, watch, watcher)
        if reason is not None:  # whatever its words came near to, this asks nothing about it
            found = replace(found, confidence=0.0)
            refusal = refuse(reason, found.evidence.readings)
            return self._record(question, scope, watch, found, refusal), found
        composed: Composed | NoAnswer = NoAnswer()
        if found.confidence >= self._least():
            with watch.stage("answer"):
                composed = self.engine.compose(self._asking(question, scope, found), watcher)
        if isinstance(composed, NoAnswer):
            refusal = self._refusal(question, found)
            answer = self._record(question, scope, watch, found, refusal)
            return replace(answer, struck=composed.struck), found
        answer = self._record(question, scope, watch, found, composed)
        return replace(answer, missing=self._missing(found)), found

    def understand(self, question: Question, scope: Scope) -> Query:
        """Return the question with the earlier ones and the title that it is read with."""
        turns = question.history[-self.settings.max_history_turns :]
        # a turn that asked nothing is not what "it" means
        earlier = tuple(" ".join(turn.split()) for turn in turns if self._screen(turn) is None)
        title = scope.article.title if scope.article is not None else ""
        return Query(own=" ".join(question.text.split()), earlier=earlier, title=title)

    def find(
        self, query: Query, scope: Scope, watch: Stopwatch, observer: Observer | None = None
    ) -> Findings:
        """Retrieve, read and weigh, within the scope."""
        with watch.stage("retrieve"):
            hits = self.index.retriever.retrieve(query, documents=scope.document_ids, limit=HITS)
            hits = replace(hits, hits=_to_choose_from(hits.hits, scope))
        (observer or Unobserved()).found(hits)
        with watch.stage("read"):
            asked = Asked(question=query.own, earlier=query.earlier, title=query.title)
            evidence = self._reader.read(asked, hits.hits, self._documents)
            if not evidence.readings:
                return Findings(query=query, hits=hits)
            hits = replace(hits, hits=reordered(hits.hits, evidence))
            measured = features(evidence, hits.hits)
            confidence = self._confidence.probability(measured)
        return Findings(
            query=query, hits=hits, evidence=evidence, features=measured, confidence=confidence
        )

    def _suggested(self) -> Suggestions:
        every = self.settings.ask_unreviewed
        return Suggestions(
            self.library,
            self._by_quoting,
            threshold=self._point.threshold,
            may_be_asked=lambda article: every or is_approved(article),
        )

    def _askable(self, scope: Scope) -> Scope | None:
        return scope if self.settings.ask_unreviewed else askable(scope, self.library)

    def _screen(self, text: str) -> RefusalReason | None:
        return screen(text, max_chars=self.settings.max_question_chars)

    def _least(self) -> float:
        """Return the confidence from which on the engine is asked."""
        threshold = self._point.threshold
        return min(NEAR_AT, threshold) if self.engine.reads_near else threshold

    def _asking(self, question: Question, scope: Scope, found: Findings) -> Asking:
        return Asking(
            query=found.query,
            audience=question.audience,
            article=scope.article,
            hits=found.hits.hits,
            evidence=found.evidence,
            quotable=found.confidence >= self._point.threshold,
            sure=found.confidence >= SURE_AT,
        )

    def _refusal(self, question: Question, found: Findings) -> Refusal:
        """Return the refusal of a question that the evidence does not answer."""
        hits = found.hits.hits
        return refuse(
            "not_in_these_sources" if deals_with(hits) else "beyond_corpus",
            found.evidence.readings,
            self._suggestions.after_refusal(
                question.article, (*question.history, question.text), hits
            ),
            unsupported_words(found.query, hits, self._is_rare),
        )

    def _missing(self, found: Findings) -> tuple[str, ...]:
        """Return the words of a question that no passage found holds, where its answer is not sure.

        A sure answer may well hold them in other words: a drug for its brand.
        """
        if found.confidence >= SURE_AT:
            return ()
        return unsupported_words(found.query, found.hits.hits, self._is_rare)

    def _record(
        self,
        question: Question,
        scope: Scope,
        watch: Stopwatch,
        found: Findings,
        outcome: Outcome,
    ) -> Answer:
        refusal = outcome if isinstance(outcome, Refusal) else None
        said = Composed(statements=(), sources=()) if isinstance(outcome, Refusal) else outcome
        statements, sources = said.statements, said.sources
        ranked = dict.fromkeys(h.passage.document_id for h in found.hits.hits)
        article = scope.article
        suggestions: tuple[str, ...] = ()
        if refusal is None:
            asked = (*question.history, question.text)
            suggestions = self._suggestions.after_answer(question.article, asked, statements)
        return Answer(
            answer_id=uuid.uuid4().hex,
            question=question.text,
            standalone_question=found.query.text,
            article=question.article,
            audience=question.audience,
            statements=statements,
            sources=sources,
            refusal=refusal,
            confidence=found.confidence,
            notices=(*notices(statements, sources, self.library), *said.notices),
            suggestions=suggestions,
            documents=tuple(ranked)[:DOCUMENTS_SHOWN],
            review_status=article.review_status if article else None,
            corpus_date=article.updated if article else None,
            review=self.review_of(article),
            provenance=self.provenance,
            timings_ms=watch.total(),
            struck=said.struck,
        )


def _to_choose_from(hits: Sequence[Hit], scope: Scope) -> tuple[Hit, ...]:
    """Return the hits that the reader chooses from: an article's all where it is small enough."""
    if scope.article is None:
        return tuple(_first(hits, LIBRARY_CHARS))
    own = [hit for hit in hits if hit.passage.document_id == scope.article.slug]
    cited = [hit for hit in hits if hit.passage.document_id != scope.article.slug]
    found = (*_first(own, ARTICLE_CHARS), *_first(cited, CITED_CHARS))
    return tuple(sorted(found, key=lambda hit: hit.rank))


def _first(hits: Sequence[Hit], chars: int) -> Sequence[Hit]:
    return hits[: with_room([len(hit.passage.text) for hit in hits], chars)]


def reordered(hits: tuple[Hit, ...], evidence: Evidence) -> tuple[Hit, ...]:
    """Return the hits in the order of the best unit read in each, those without one last."""
    best: dict[str, int] = {}
    for place, reading in enumerate(evidence.readings):
        best.setdefault(reading.hit.passage.passage_id, place)
    last = len(evidence.readings)
    order = sorted(hits, key=lambda h: (best.get(h.passage.passage_id, last), h.rank))
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(order, start=1))
