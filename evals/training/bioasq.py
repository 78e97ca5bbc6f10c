"""BioASQ: experts' questions with the snippets of abstracts that answer them."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evals.training.examples import Example, cut, read_rows, sentences_of, window_around
from index.lexical import stems

SNIPPETS_A_QUESTION = 3
NEIGHBOURS = 30
COMMON = 400


class BioASQ:
    """Snippets within their abstract where it is known, else between snippets of near questions."""

    name = "bioasq"

    def __init__(self, path: Path, abstracts: Mapping[str, tuple[str, str]]) -> None:
        """Read the questions; `abstracts` are (title, text) by document id, as far as known."""
        rows = read_rows(path)
        self._questions = [row["question"] for row in rows]
        self._evidence = [[(e["doc"], e["text"]) for e in row["evidence"]] for row in rows]
        self._abstracts = {
            doc: (title, sentences_of(text)) for doc, (title, text) in sorted(abstracts.items())
        }
        self._near = _near_questions(self._questions)

    def epoch(self, rng: random.Random) -> Iterator[Example]:
        """Yield one round of examples."""
        for position, question in enumerate(self._questions):
            evidence = self._evidence[position]
            chosen = rng.sample(evidence, min(len(evidence), SNIPPETS_A_QUESTION))
            texts = [text for _, text in evidence]
            for doc, text in chosen:
                example = self._within_abstract(question, doc, texts, text, rng)
                example = example or self._between(question, position, text, rng)
                yield example
                missed = cut(example)
                if missed is not None and rng.random() < 0.6:  # noqa: PLR2004
                    yield missed
            others = self._distractors(position, rng, 4)
            if others:
                yield _of_pieces(question, [(sentence, False) for sentence in others])

    def _within_abstract(
        self, question: str, doc: str, texts: Sequence[str], text: str, rng: random.Random
    ) -> Example | None:
        title, sentences = self._abstracts.get(doc, ("", []))
        squeezed = ["".join(t.split()) for t in texts]
        relevant = [_lies_in("".join(s.split()), squeezed) for s in sentences]
        own = "".join(text.split())
        at = [i for i, s in enumerate(sentences) if _lies_in("".join(s.split()), [own])]
        if not at:
            return None
        first, last = window_around(sentences, rng.choice(at), rng)
        return Example(
            question=question,
            heading=title,
            sentences=tuple(sentences[first:last]),
            relevant=tuple(relevant[first:last]),
            answers=True,
            source="bioasq",
        )

    def _between(self, question: str, position: int, text: str, rng: random.Random) -> Example:
        snippet = [(sentence, True) for sentence in sentences_of(text)[:5]]
        around = [(s, False) for s in self._distractors(position, rng, rng.randint(0, 3))]
        before = rng.randint(0, len(around))
        return _of_pieces(question, [*around[:before], *snippet, *around[before:]])

    def _distractors(self, position: int, rng: random.Random, count: int) -> list[str]:
        """Return sentences of snippets of near questions, none of a document that answers."""
        own = {doc for doc, _ in self._evidence[position]}
        pool = [
            text
            for other in self._near[position]
            for doc, text in self._evidence[other][:4]
            if doc not in own
        ]
        found: list[str] = []
        for text in rng.sample(pool, min(len(pool), count)):
            found += sentences_of(text)[:2]
        return found[: count + 1] if count else []


def _of_pieces(question: str, pieces: Sequence[tuple[str, bool]]) -> Example:
    return Example(
        question=question,
        heading="",
        sentences=tuple(sentence for sentence, _ in pieces),
        relevant=tuple(relevant for _, relevant in pieces),
        answers=any(relevant for _, relevant in pieces),
        source="bioasq",
    )


def _lies_in(sentence: str, texts: Sequence[str]) -> bool:
    """Tell whether a sentence, without white space, lies in a gold text or holds one."""
    return bool(sentence) and any(sentence in text or text in sentence for text in texts if text)


def _near_questions(questions: Sequence[str]) -> list[list[int]]:
    """Return for each question the others that share most of its rare words, nearest first."""
    words = [set(stems(question)) for question in questions]
    holders: dict[str, list[int]] = defaultdict(list)
    for position, held in enumerate(words):
        for word in sorted(held):
            holders[word].append(position)
    near: list[list[int]] = []
    for position, held in enumerate(words):
        shared: dict[int, float] = defaultdict(float)
        for word in sorted(held):
            if len(holders[word]) <= COMMON:
                for other in holders[word]:
                    shared[other] += 1 / len(holders[word])
        shared.pop(position, None)
        # the very same question in other words has the same answers, and is no distractor
        ranked = sorted(
            (o for o in shared if len(words[o] & held) < 0.7 * len(words[o] | held)),
            key=lambda o: (-shared[o], o),
        )
        near.append(ranked[:NEIGHBOURS])
    return near
