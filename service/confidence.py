"""How likely it is that the best evidence answers the question.

A logistic model over a few features of the evidence. Its coefficients are fitted on the
development sets by `python -m evals.fit_confidence` and stand in confidence.json with what they
were fitted on.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import resources

from corpus.library import fingerprint
from index.lexical import LexicalIndex
from index.reader import Reading, SentenceReader, coverage_of
from index.retriever import Query, Retrieval


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the evidence looks like; all lie between 0 and 1 but for the cosines (-1 to 1).

    `coverage` and `context_coverage` are those of the best reading; `read_coverage` is the share
    of the question's rarity found in any passage that was read, `known` that found in the
    library at all.
    """

    passage_cosine: float
    sentence_cosine: float
    best_cosine: float
    coverage: float
    context_coverage: float
    read_coverage: float
    known: float


def features(
    query: Query,
    retrieval: Retrieval,
    readings: Sequence[Reading],
    reader: SentenceReader,
    lexical: LexicalIndex,
) -> Features:
    """Measure the evidence; `readings` are best first and not empty."""
    weights = reader.weights(query)
    total = sum(weights.values()) or 1.0
    passages = [hit.passage for hit in retrieval.hits[:5]]
    read = " ".join(" ".join([p.title, *p.section_path, *p.lead_ins, p.text]) for p in passages)
    known = sum(w for term, w in weights.items() if term in lexical.document_frequency)
    best = readings[0]
    return Features(
        passage_cosine=max(hit.cosine for hit in retrieval.hits),
        sentence_cosine=best.cosine,
        best_cosine=max(reading.cosine for reading in readings),
        coverage=best.coverage,
        context_coverage=best.context_coverage,
        read_coverage=coverage_of(weights, read),
        known=known / total,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticModel:
    """`weights` by feature name, and the intercept."""

    weights: dict[str, float]
    intercept: float

    @property
    def digest(self) -> str:
        """SHA-256 of the coefficients."""
        return fingerprint({"weights": self.weights, "intercept": self.intercept})

    def probability(self, measured: Features) -> float:
        """Return the estimated probability (0 to 1) that the evidence answers, to 4 places."""
        values = asdict(measured)
        total = self.intercept + sum(w * values[name] for name, w in self.weights.items())
        return round(1 / (1 + math.exp(-total)), 4)


@lru_cache(maxsize=1)
def shipped_model() -> LogisticModel:
    """Return the model in confidence.json."""
    stored = json.loads(resources.files("service").joinpath("confidence.json").read_text())
    return LogisticModel(weights=stored["weights"], intercept=stored["intercept"])
