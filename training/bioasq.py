"""BioASQ: experts' questions with the sentences of abstracts that answer them."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.embedder import Embedder
from index.reading.tokens import Line
from training.asked import Contrast, Exercise
from training.examples import read_rows, sentences_of

# The abstracts of so many questions that are nearest to one are those that do not answer it.
NEIGHBOURS = 5
# Neighbours are looked for among so many, since those that share an abstract do not count.
NEAREST = 40
MOST_SENTENCES = 5


class Bioasq:
    """Each question beside what answers it, and beside what answers a neighbouring one."""

    def __init__(self, path: Path, embedder: Embedder) -> None:
        self._questions: list[str] = []
        self._snippets: list[dict[str, list[str]]] = []
        for row in read_rows(path):
            found: dict[str, list[str]] = {}
            for piece in row["evidence"]:
                if sentences := sentences_of(piece["text"]):
                    found.setdefault(piece["doc"], []).extend(sentences)
            if found:
                self._questions.append(str(row["question"]))
                self._snippets.append(found)
        vectors = embedder.embed_batch(self._questions)
        order = np.argsort(-(vectors @ vectors.T), axis=1, kind="stable")
        self._near = [
            [int(i) for i in near if i != own] for own, near in enumerate(order[:, :NEAREST])
        ]

    def epoch(self, rng: random.Random) -> Iterator[Contrast]:
        """Yield every question once: the window that answers, and the one that does not."""
        for own, question in enumerate(self._questions):
            others = [
                i for i in self._near[own] if not self._snippets[i].keys() & self._snippets[own]
            ]
            if others:
                answering, lacking = (
                    rng.choice(list(self._snippets[i].values()))[:MOST_SENTENCES]
                    for i in (own, rng.choice(others[:NEIGHBOURS]))
                )
                yield (
                    _exercise(question, answering, answers=True),
                    _exercise(question, lacking, answers=False),
                )


def _exercise(question: str, sentences: list[str], *, answers: bool) -> Exercise:
    return Exercise(
        title="",
        earlier=(),
        question=question,
        lines=tuple(Line(text=sentence) for sentence in sentences),
        answers=answers,
        relevant=(answers,) * len(sentences),
    )
