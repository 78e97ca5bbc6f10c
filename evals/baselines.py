"""What simpler rankings reach on the same index: `python -m evals.baselines SET…`.

Every ranking is over the passages that the product itself searches, for the stand-alone question
that the product makes, within the article that the question is asked in, and is measured as
`sequitur evaluate` measures: documents by their best passage, evidence by its first passages.
Below them stand the product's own retrieval, the same with an ingredient switched off, and the
product as a whole, whose reader puts the retrieved passages into its own order.
"""

import copy
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from tqdm import tqdm

from corpus.errors import SequiturError
from corpus.library import Scope, write_json
from corpus.records import Passage
from evals import measures
from evals.gold import GoldFinder, Place, Target
from evals.measures import Judged, Metrics
from evals.running import asked_within, question_of
from evals.sets import Case, QuestionSet, read_set
from index.dense import Positions
from index.embedder import Vectors
from index.lexical import LexicalIndex, Scores
from index.retriever import CARRIED_WEIGHT, HybridRetriever, Query, Retrieval

if TYPE_CHECKING:
    from service.assistant import Assistant

RRF_K = 60
DEPTH = 20
COLUMNS = ("nDCG@10", "R@10", "hit@1", "hit@3")
RETRIEVAL = "retrieval"
PRODUCT = "product"

Ranking = Callable[[Scores, Scores], Scores]


def words_alone(bm25: Scores, _: Scores) -> Scores:
    """Return BM25 with what shares no word left out (minus infinity)."""
    return np.where(bm25 > 0, bm25, -np.inf).astype(np.float32)


def meaning_alone(_: Scores, cosine: Scores) -> Scores:
    """Return the nearness of meaning."""
    return cosine


def reciprocal_ranks(bm25: Scores, cosine: Scores) -> Scores:
    """Return the sum of 1 / (60 + rank) over both rankings; Cormack, Clarke & Büttcher (2009).

    What shares no word with the question has no rank among the words.

    >>> fused = reciprocal_ranks(np.float32([2, 1, 0]), np.float32([0.1, 0.9, 0.5]))
    >>> bool(np.argmax(fused) == 1)
    True
    """
    by_words = np.where(bm25 > 0, 1.0 / (RRF_K + _ranks(bm25)), 0.0)
    return np.asarray(by_words + 1.0 / (RRF_K + _ranks(cosine)), dtype=np.float32)


def z_scores(bm25: Scores, cosine: Scores) -> Scores:
    """Return the sum of both scores after each was given mean 0 and spread 1."""
    return _standardised(bm25) + _standardised(cosine)


BASELINES: Mapping[str, Ranking] = {
    "BM25": words_alone,
    "embedding": meaning_alone,
    "reciprocal ranks": reciprocal_ranks,
    "z-scores": z_scores,
}


def _ranks(scores: Scores) -> Positions:
    """Return the rank of every score from 1, equal ones in the order given."""
    ranks = np.empty(len(scores), dtype=np.int64)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return ranks


def _standardised(scores: Scores) -> Scores:
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that can be answered, with its right texts and what it is answered from."""

    case: Case
    query: Query
    targets: tuple[Target, ...]
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The n passages of one index, their float32 (n, dimension) vectors, and their places."""

    passages: Sequence[Passage]
    lexical: LexicalIndex
    vectors: Vectors
    positions: Mapping[str, Positions]

    @classmethod
    def of(cls, retriever: HybridRetriever) -> "Searched":
        """Take out of a retriever what it searches, by position."""
        places: dict[str, list[int]] = {}
        for position, passage in enumerate(retriever.passages):
            places.setdefault(passage.document_id, []).append(position)
        everything = np.arange(len(retriever.passages), dtype=np.int64)
        return cls(
            passages=retriever.passages,
            lexical=retriever.lexical,
            # a yardstick has to look inside what it is laid against
            vectors=retriever._dense.vectors(everything),  # noqa: SLF001
            positions={d: np.asarray(p, dtype=np.int64) for d, p in places.items()},
        )

    def rankings(self, asked: Asked, vector: Vectors) -> Iterator[tuple[str, list[Passage]]]:
        """Give the first passages by each of BASELINES; `vector` is the question's."""
        places = [self.positions[d] for d in asked.scope.document_ids if d in self.positions]
        pool = np.sort(np.concatenate(places)) if places else np.zeros(0, dtype=np.int64)
        bm25 = self.lexical.scores(asked.query.own)
        bm25 = (bm25 + CARRIED_WEIGHT * self.lexical.scores(asked.query.carried))[pool]
        cosine = self.vectors[pool] @ vector
        for name, ranking in BASELINES.items():
            scores = ranking(bm25, cosine)
            best = np.argsort(-scores, kind="stable")[:DEPTH]
            yield name, [self.passages[pool[i]] for i in best if np.isfinite(scores[i])]


def ablations(retriever: HybridRetriever) -> dict[str, HybridRetriever]:
    """Return the product's retriever and, beneath it, the same with one ingredient switched off."""
    bare = copy.copy(retriever)
    bare.lexical = LexicalIndex.build([passage.text for passage in retriever.passages])
    return {RETRIEVAL: retriever, "without headings in BM25": bare}


def measure(
    question_set: QuestionSet, assistant: "Assistant", *, whole_library: bool = False
) -> dict[str, Metrics]:
    """Return COLUMNS for every ranking, in order; None where a set has nothing to judge by."""
    searched = Searched.of(assistant.index.retriever)
    variants = ablations(assistant.index.retriever)
    judged: dict[str, list[Judged]] = {}
    for asked in _asked(question_set, assistant, whole_library=whole_library):
        found = {
            name: variant.retrieve(asked.query, documents=asked.scope.document_ids, limit=DEPTH)
            for name, variant in variants.items()
        }
        ranked = dict(searched.rankings(asked, found[RETRIEVAL].query_vector))
        found[PRODUCT] = _read(asked, assistant)
        ranked |= {name: [h.passage for h in one.hits] for name, one in found.items()}
        for name, passages in ranked.items():
            judged.setdefault(name, []).append(_judged(asked, passages))
    return {name: _metrics(rows, question_set) for name, rows in judged.items()}


def _read(asked: Asked, assistant: "Assistant") -> Retrieval:
    """Return what the product retrieves, in the order in which its reader puts it."""
    from service.assistant import Stopwatch

    return assistant.find(asked.query, asked.scope, Stopwatch()).hits


def _asked(
    question_set: QuestionSet, assistant: "Assistant", *, whole_library: bool
) -> Iterator[Asked]:
    """Give the questions that retrieval can be judged by, with a bar on stderr."""
    finder = GoldFinder(assistant.library)
    cases = [case for case in question_set.cases if case.answerable]
    for case in tqdm(cases, desc=question_set.name, delay=2, mininterval=1, file=sys.stderr):
        within = None if whole_library else asked_within(case, assistant.library)
        scope = assistant.library.scope(within)
        yield Asked(
            case=case,
            query=assistant.understand(question_of(case, within), scope),
            targets=tuple(finder.find(gold) for gold in case.evidence),
            scope=scope,
        )


def _judged(asked: Asked, passages: Sequence[Passage]) -> Judged:
    return Judged(
        question_id=asked.case.question_id,
        answerable=True,
        answered=True,
        confidence=0.0,
        documents=tuple(dict.fromkeys(p.document_id for p in passages)),
        has_gold=bool(asked.targets),
        first_hit=_first_hit(asked.targets, passages),
    )


def _first_hit(targets: Sequence[Target], passages: Sequence[Passage]) -> int | None:
    for rank, passage in enumerate(passages, start=1):
        place = Place(document_id=passage.document_id, start=passage.start, end=passage.end)
        if any(target.is_hit(place, passage.text) for target in targets):
            return rank
    return None


def _metrics(judged: Sequence[Judged], question_set: QuestionSet) -> Metrics:
    found = (measures.retrieval(judged, question_set.qrels) or {}) | (
        measures.evidence(judged) or {}
    )
    return {column: found.get(column) for column in COLUMNS}


@click.command()
@click.argument("sets", metavar="SET...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"
)
@click.option("--whole-library", is_flag=True, help="Ask of all texts, not of the article.")
@click.option(
    "--as-published",
    is_flag=True,
    help="Also rank whole texts as BEIR does; embeds every text once (minutes).",
)
def main(
    sets: tuple[Path, ...], *, json_file: Path | None, whole_library: bool, as_published: bool
) -> None:
    """Measure simpler rankings and the product's on each SET."""
    from evals.libraries import open_assistant
    from service.settings import load_settings

    try:
        # nothing is refused here, so no calibration has to fit
        settings = replace(load_settings(), confidence_threshold=0.0)
        records = []
        for question_set in [read_set(path) for path in sets]:
            assistant = open_assistant(question_set, None, settings)
            systems = measure(question_set, assistant, whole_library=whole_library)
            if as_published:
                systems |= _published(question_set, assistant, settings.embedding_model)
            records.append({"set": question_set.name, "systems": systems})
            click.echo("\n".join(_table(question_set.name, systems)))
        if json_file is not None:
            write_json(json_file, {"whole_library": whole_library, "sets": records})
    except SequiturError as error:
        click.echo(f"baselines: {error}", err=True)
        sys.exit(2)


def _published(question_set: QuestionSet, assistant: "Assistant", model: str) -> dict[str, Metrics]:
    from evals.published import as_published
    from index.embedder import embedder_of

    found = as_published(question_set, assistant.library, embedder_of(model))
    return {name: {c: (values or {}).get(c) for c in COLUMNS} for name, values in found.items()}


def _table(name: str, systems: Mapping[str, Metrics]) -> Iterator[str]:
    yield f"{name:<32}" + "".join(f"{column:>9}" for column in COLUMNS)
    for system, values in systems.items():
        shown = ("-" if values[c] is None else f"{values[c]:.3f}" for c in COLUMNS)
        yield f"  {system:<30}" + "".join(f"{text:>9}" for text in shown)


if __name__ == "__main__":
    main()
