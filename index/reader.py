"""Hits to evidence: which sentence of the retrieved passages answers, and how likely it is that.

The trained reader reads the question with each passage and judges every sentence in its place.
Its verdicts are weighed against plainer ones: coverage, which is how much of the question, weighed
by how rare each of its words is here, the sentence and its lead-ins hold; the nearness of the
sentence's meaning; and the score that retrieval gave the passage.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.records import Document, Span, Unit, units_of
from index.embedder import Embedder
from index.evidence_model import EvidenceModel, PairScores
from index.lexical import LexicalIndex, terms
from index.pairs import Pair
from index.retriever import CARRIED_WEIGHT, Hit, Query, Retrieval

PASSAGES_READ = 20
# Ten sentences are all that need a vector; the others cannot come first any more.
SENTENCES_EMBEDDED = 10
# What a vector is made of at most: a wide table row costs as much as a whole passage otherwise.
MAX_SENTENCE_CHARS = 500
# How the verdicts are weighed, fitted on the development sets (docs/evaluation.md). The trained
# reader's are taken as probabilities: far outside of what it learnt from it can be very sure and
# wrong, and no verdict should outvote all others.
SENTENCE_WEIGHT = 2.6
PASSAGE_WEIGHT = 3.0
COVERAGE_WEIGHT = 3.7
COSINE_WEIGHT = 4.3
RETRIEVAL_WEIGHT = 2.7
# A sentence that the reader had no room for counts as one that it found hardly likely.
UNREAD = -6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One sentence as read against a question.

    `coverage` and `context_coverage` are shares (0 to 1) of the question's rarity found in the
    sentence with its lead-ins, and also counting its section path and title; `lead_in_coverage`
    is what the lead-ins hold alone. `relevance` and `passage_relevance` are the trained reader's
    log odds for the sentence and for its passage; `cosine` is the nearness of meaning (-1 to 1).
    `score`, the weighed sum, orders readings.
    """

    unit: Unit
    document: Document
    hit: Hit
    coverage: float
    context_coverage: float
    lead_in_coverage: float
    relevance: float
    passage_relevance: float
    cosine: float
    score: float

    @property
    def span(self) -> Span:
        """Where the sentence lies in its document."""
        return Span(start=self.unit.start, end=self.unit.end)

    @property
    def text(self) -> str:
        """The sentence as stored."""
        return self.span.of(self.document.text)


class SentenceReader:
    """Reads the sentences of the best hits."""

    def __init__(self, lexical: LexicalIndex, embedder: Embedder, model: EvidenceModel) -> None:
        self._lexical = lexical
        self._embedder = embedder
        self._model = model
        self._units: dict[str, tuple[Unit, ...]] = {}

    def read(
        self, query: Query, retrieval: Retrieval, documents: Mapping[str, Document]
    ) -> tuple[Reading, ...]:
        """Return the best sentences of the best hits, best first.

        `documents` holds every document that a hit comes from, by id. At most SENTENCES_EMBEDDED
        readings come back. Ties are broken by document id and position; a sentence that two
        passages share is returned once, as read in the better one.
        """
        hits = retrieval.hits[:PASSAGES_READ]
        units = [self._inside(hit, documents[hit.passage.document_id]) for hit in hits]
        pairs = [
            _pair(query, hit, documents[hit.passage.document_id], inside)
            for hit, inside in zip(hits, units, strict=True)
        ]
        said = self._model.read_batch(pairs)
        weights = self.weights(query)
        readings = [
            reading
            for hit, inside, scores in zip(hits, units, said, strict=True)
            for reading in _readings(
                weights, hit, documents[hit.passage.document_id], inside, scores
            )
        ]
        best: dict[tuple[str, int], Reading] = {}
        for reading in sorted(readings, key=_order):
            best.setdefault((reading.document.document_id, reading.unit.start), reading)
        drafts = list(best.values())[:SENTENCES_EMBEDDED]
        texts = [_alone(draft) for draft in drafts]
        cosines = self._embedder.embed_batch(texts) @ retrieval.query_vector
        pairs_read = zip(drafts, cosines.tolist(), strict=True)
        return tuple(sorted((_with_cosine(d, c) for d, c in pairs_read), key=_order))

    def weights(self, query: Query) -> dict[str, float]:
        """Return the question's terms with their rarity, in order of appearance."""
        carried = {t: CARRIED_WEIGHT * self._lexical.rarity(t) for t in terms(query.carried)}
        return carried | {t: self._lexical.rarity(t) for t in terms(query.own)}

    def _inside(self, hit: Hit, document: Document) -> tuple[Unit, ...]:
        if document.document_id not in self._units:
            self._units[document.document_id] = tuple(units_of(document))
        passage = hit.passage
        return tuple(
            unit
            for unit in self._units[document.document_id]
            if unit.start < passage.end and unit.end > passage.start
        )


def reranked(hits: Sequence[Hit], readings: Sequence[Reading]) -> tuple[Hit, ...]:
    """Return the hits in the order of the best sentence of each, with its score for theirs.

    Hits without a reading come after them in their order, with no more than the least score.
    """
    best: dict[str, float] = {}
    for reading in readings:
        key = reading.hit.passage.passage_id
        best[key] = max(best.get(key, reading.score), reading.score)
    least = min(best.values(), default=math.inf)
    scored = [
        replace(hit, score=best.get(hit.passage.passage_id, min(hit.score, least))) for hit in hits
    ]
    order = sorted(
        scored,
        key=lambda h: (h.passage.passage_id not in best, -round(h.score, 5), h.rank),
    )
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(order, start=1))


def _pair(query: Query, hit: Hit, document: Document, units: Sequence[Unit]) -> Pair:
    passage = hit.passage
    return Pair(
        question=query.text,
        heading=" ".join([passage.title, *passage.section_path]),
        sentences=tuple(_readable(document, unit, passage.start) for unit in units),
    )


def _readable(document: Document, unit: Unit, start: int) -> str:
    """Return a sentence, behind those of its lead-ins that its passage does not show."""
    lead_ins = [span.of(document.text) for span in unit.lead_ins if span.start < start]
    return " ".join(" ".join([*lead_ins, document.text[unit.start : unit.end]]).split())


def _readings(
    weights: Mapping[str, float],
    hit: Hit,
    document: Document,
    units: Sequence[Unit],
    said: PairScores,
) -> Iterable[Reading]:
    passage = hit.passage
    for unit, sentence in zip(units, said.sentences, strict=True):
        own = document.text[unit.start : unit.end]
        lead_ins = " ".join(span.of(document.text) for span in unit.lead_ins)
        context = " ".join([passage.title, *passage.section_path, lead_ins, own])
        coverage = coverage_of(weights, f"{lead_ins} {own}")
        relevance = UNREAD if sentence is None else sentence
        yield Reading(
            unit=unit,
            document=document,
            hit=hit,
            coverage=coverage,
            context_coverage=coverage_of(weights, context),
            lead_in_coverage=coverage_of(weights, lead_ins),
            relevance=relevance,
            passage_relevance=said.passage,
            cosine=0.0,
            score=SENTENCE_WEIGHT * probability(relevance)
            + PASSAGE_WEIGHT * probability(said.passage)
            + COVERAGE_WEIGHT * coverage
            + RETRIEVAL_WEIGHT * hit.score,
        )


def _alone(reading: Reading) -> str:
    """Return the sentence behind its lead-ins, as it must be understood by itself."""
    lead_ins = (span.of(reading.document.text) for span in reading.unit.lead_ins)
    return " ".join([*lead_ins, reading.text])[:MAX_SENTENCE_CHARS]


def _with_cosine(draft: Reading, cosine: float) -> Reading:
    return replace(draft, cosine=cosine, score=draft.score + COSINE_WEIGHT * cosine)


def probability(odds: float) -> float:
    """Return the probability (0 to 1) of log odds.

    >>> probability(0.0)
    0.5
    """
    return 0.5 * (1 + math.tanh(odds / 2))


def _order(reading: Reading) -> tuple[float, str, int, int]:
    return (
        -round(reading.score, 5),
        reading.document.document_id,
        reading.unit.start,
        reading.hit.rank,
    )


def coverage_of(weights: Mapping[str, float], text: str) -> float:
    """Return the share of the question's rarity that `text` holds, 0 for an empty question."""
    total = sum(weights.values())
    if total <= 0:
        return 0.0
    held = set(terms(text))
    return sum(weight for term, weight in weights.items() if term in held) / total
