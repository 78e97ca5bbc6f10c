"""Hits to evidence: which sentence of the retrieved passages answers, and how well.

The lexical half of a score is coverage: how much of the question, weighed by how rare each of
its words is here, the sentence and its lead-ins hold. The other half is the nearness of meaning
of the sentence to the question.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from corpus.records import Document, Span, Unit, units_of
from index.embedder import Embedder
from index.lexical import LexicalIndex, terms
from index.retriever import CARRIED_WEIGHT, Hit, Query, Retrieval

# Chosen on the development sets (docs/evaluation.md): evidence in the first five passages is
# nearly always there, and ten sentences are all that need a vector.
PASSAGES_READ = 5
SENTENCES_EMBEDDED = 10
COSINE_WEIGHT = 0.8
PASSAGE_WEIGHT = 0.3
# What a vector is made of at most: a wide table row costs as much as a whole passage otherwise.
MAX_SENTENCE_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One sentence as read against a question.

    `coverage` and `context_coverage` are shares (0 to 1) of the question's rarity found in the
    sentence with its lead-ins, and also counting its section path and title; `lead_in_coverage`
    is what the lead-ins hold alone. `cosine` is the nearness of meaning, `score` the sum that
    orders readings.
    """

    unit: Unit
    document: Document
    hit: Hit
    coverage: float
    context_coverage: float
    lead_in_coverage: float
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
    """Reads the sentences of the best hits; needs no model beyond the embedder."""

    def __init__(self, lexical: LexicalIndex, embedder: Embedder) -> None:
        self._lexical = lexical
        self._embedder = embedder

    def read(
        self, query: Query, retrieval: Retrieval, documents: Mapping[str, Document]
    ) -> tuple[Reading, ...]:
        """Return the best sentences of the best hits, best first.

        `documents` holds every document that a hit comes from, by id. At most
        SENTENCES_EMBEDDED readings come back; ties are broken by document id and position.
        """
        weights = self.weights(query)
        drafts = [
            draft
            for hit in retrieval.hits[:PASSAGES_READ]
            for draft in self._lexically(weights, hit, documents[hit.passage.document_id])
        ]
        drafts = sorted(drafts, key=_order)[:SENTENCES_EMBEDDED]
        vectors = self._embedder.embed_batch([_readable(draft) for draft in drafts])
        cosines = vectors @ retrieval.query_vector
        pairs = zip(drafts, cosines.tolist(), strict=True)
        readings = [_with_cosine(draft, cosine) for draft, cosine in pairs]
        return tuple(sorted(readings, key=_order))

    def weights(self, query: Query) -> dict[str, float]:
        """Return the question's terms with their rarity, in order of appearance."""
        carried = {t: CARRIED_WEIGHT * self._lexical.rarity(t) for t in terms(query.carried)}
        return carried | {t: self._lexical.rarity(t) for t in terms(query.own)}

    def _lexically(
        self, weights: Mapping[str, float], hit: Hit, document: Document
    ) -> Iterable[Reading]:
        passage = hit.passage
        for unit in units_of(document):
            if unit.start >= passage.end or unit.end <= passage.start:
                continue
            own = document.text[unit.start : unit.end]
            lead_ins = [span.of(document.text) for span in unit.lead_ins]
            with_lead_ins = " ".join([*lead_ins, own])
            coverage = coverage_of(weights, with_lead_ins)
            context = " ".join([passage.title, *passage.section_path, with_lead_ins])
            yield Reading(
                unit=unit,
                document=document,
                hit=hit,
                coverage=coverage,
                context_coverage=coverage_of(weights, context),
                lead_in_coverage=coverage_of(weights, " ".join(lead_ins)),
                cosine=0.0,
                score=coverage + PASSAGE_WEIGHT * hit.score,
            )


def _readable(reading: Reading) -> str:
    """Return the sentence behind its lead-ins, as it must be understood."""
    lead_ins = (span.of(reading.document.text) for span in reading.unit.lead_ins)
    return " ".join([*lead_ins, reading.text])[:MAX_SENTENCE_CHARS]


def _with_cosine(draft: Reading, cosine: float) -> Reading:
    return replace(draft, cosine=cosine, score=draft.score + COSINE_WEIGHT * cosine)


def _order(reading: Reading) -> tuple[float, str, int]:
    return (-round(reading.score, 5), reading.document.document_id, reading.unit.start)


def coverage_of(weights: Mapping[str, float], text: str) -> float:
    """Return the share of the question's rarity that `text` holds, 0 for an empty question."""
    total = sum(weights.values())
    if total <= 0:
        return 0.0
    held = set(terms(text))
    return sum(weight for term, weight in weights.items() if term in held) / total
