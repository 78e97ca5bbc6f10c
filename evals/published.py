"""The check that the yardstick is right: figures that others have published, measured again.

BEIR (Thakur et al., 2021) ranks whole texts, title and all, by one score each. Its two plainest
systems are made here without any of the product's searching, so that agreement with the
published figures says that sets, judgements and measures are read as everybody reads them.
"""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import Stemmer
from tqdm import tqdm

from corpus.library import Library
from evals.measures import Judged, Metrics, retrieval
from evals.sets import QuestionSet
from index.embedder import Embedder, Vectors
from index.lexical import Scores

# What the field calls "BM25 flat": Lucene's English analysis over one field of title and text,
# with these k1 and b.
K1, B = 0.9, 0.4
DEPTH = 10
EMBED_AT_ONCE = 64
_WORD = re.compile(r"\d+(?:[.,]\d+)*\w*|\w+(?:['’.]\w+)*")
_STOP = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then "
    "there these they this to was will with".split()
)


class PlainBM25:
    """BM25 by the textbook over n texts: a second implementation, to judge the first one by.

    A word w adds idf(w) · tf / (tf + k1 · (1 - b + b · length / mean length)) to a text's score,
    with idf(w) = ln(1 + (n - df + 0.5) / (df + 0.5)); Robertson & Zaragoza (2009), in the form
    of Lucene.

    >>> found = PlainBM25(["fever falls", "fever stays high"]).scores("Falls?")
    >>> [round(float(score), 2) for score in found]
    [0.38, 0.0]
    """

    def __init__(self, texts: Sequence[str], *, k1: float = K1, b: float = B) -> None:
        counts = [Counter(words(text)) for text in texts]
        lengths = np.asarray([count.total() for count in counts], dtype=np.float32)
        self._saturation = k1 * (1 - b + b * lengths / max(float(lengths.mean()), 1.0))
        self._postings: dict[str, list[tuple[int, int]]] = {}
        for position, count in enumerate(counts):
            for word, times in count.items():
                self._postings.setdefault(word, []).append((position, times))

    def scores(self, query: str) -> Scores:
        """Return float32 (n,), 0 where no word is shared."""
        found = np.zeros(len(self._saturation), dtype=np.float32)
        for word in words(query):
            posting = np.asarray(self._postings.get(word, []), dtype=np.int64).reshape(-1, 2)
            positions, times = posting[:, 0], posting[:, 1]
            rarity = np.log1p((len(found) - len(posting) + 0.5) / (len(posting) + 0.5))
            found[positions] += rarity * times / (times + self._saturation[positions])
        return found


def words(text: str) -> list[str]:
    """Return the words of a text as Lucene's English analysis does, nearly: Porter's stems.

    >>> words("The patient's fevers rose to 39.5")
    ['patient', 'fever', 'rose', '39.5']
    """
    found = (word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text.lower()))
    return [_stem(word) for word in found if word not in _STOP]


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    return str(_porter().stemWord(word))


@lru_cache(maxsize=1)
def _porter() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("porter")


def as_published(
    question_set: QuestionSet, library: Library, embedder: Embedder
) -> dict[str, Metrics | None]:
    """Return nDCG@10, R@10 and RR@10 of BM25 and of the embedder, each over whole texts.

    Every question is asked of the whole library, by its own words alone.
    """
    documents = library.documents()
    ids = [document.document_id for document in documents]
    texts = [f"{document.title} {document.text}" for document in documents]
    questions = [case.question for case in question_set.cases]
    bm25 = PlainBM25(texts)
    vectors = _embedded(texts, embedder)
    asked = embedder.embed_batch(questions)
    return {
        "BM25, whole texts": _judged(question_set, ids, [bm25.scores(q) for q in questions]),
        "embedding, whole texts": _judged(question_set, ids, list(asked @ vectors.T)),
    }


def _embedded(texts: Sequence[str], embedder: Embedder) -> Vectors:
    starts = tqdm(
        range(0, len(texts), EMBED_AT_ONCE),
        desc="embedding whole texts",
        delay=2,
        mininterval=1,
        file=sys.stderr,
    )
    return np.concatenate([embedder.embed_batch(texts[s : s + EMBED_AT_ONCE]) for s in starts])


def _judged(
    question_set: QuestionSet, ids: Sequence[str], scores: Sequence[Scores]
) -> Metrics | None:
    """Measure the first ten texts of every question; one with the score 0 was not found."""
    judged = []
    for case, found in zip(question_set.cases, scores, strict=True):
        best = np.argsort(-found, kind="stable")[:DEPTH]
        judged.append(
            Judged(
                question_id=case.question_id,
                answerable=case.answerable,
                answered=True,
                confidence=0.0,
                documents=tuple(ids[position] for position in best if found[position] > 0),
            )
        )
    return retrieval(judged, question_set.qrels)
