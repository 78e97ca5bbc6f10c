"""COVID-QA: experts' questions on whole papers; half of the papers, the other half measures.

The second form of the set holds the same papers with the answers to some questions cut out:
near misses of the hardest kind.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.training.examples import Example, cut, read_rows, sentences_of, window_around, windows
from index.lexical import stems

NEAR_PASSAGES = 2
HARD_POOL = 6
ABSTRACT = "Abstract: "


def is_trained_on(document_id: str) -> bool:
    """Tell whether a paper is one of the half that the reader learns from.

    subtle: the two forms of a paper have ids that differ in their first letter alone, and fall
    into the same half.
    """
    return hashlib.sha256(document_id[1:].encode()).digest()[-1] % 2 == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question within a paper; `answers` are texts that stand in it, none when cut out."""

    title: str
    sentences: tuple[str, ...]
    question: str
    answers: tuple[str, ...]


class Papers:
    """Evidence in its place, evidence cut out, and the passages of the paper that come nearest."""

    name = "papers"

    def __init__(self, folders: Sequence[Path]) -> None:
        self._asked = [asked for folder in folders for asked in _read(folder)]

    def epoch(self, rng: random.Random) -> Iterator[Example]:
        """Yield one round of examples."""
        for asked in self._asked:
            holding = [_holds(sentence, asked.answers) for sentence in asked.sentences]
            for position in [i for i, held in enumerate(holding) if held][:2]:
                example = _around(asked, holding, position, rng)
                yield example
                missed = cut(example)
                if missed is not None and rng.random() < 0.5:  # noqa: PLR2004
                    yield missed
            yield from _near(asked, holding, rng)


def _read(folder: Path) -> Iterator[Asked]:
    papers = {r["_id"]: r for r in read_rows(folder / "corpus.jsonl") if is_trained_on(r["_id"])}
    sentences = {key: tuple(sentences_of(_body(row))) for key, row in papers.items()}
    answers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in read_rows(folder / "questions.jsonl"):
        key = (row.get("article", ""), row["question"])
        if key[0] in papers:
            answers[key] += [e["text"] for e in row["evidence"]]
    for (paper, question), texts in answers.items():
        yield Asked(
            title=papers[paper]["title"],
            sentences=sentences[paper],
            question=question,
            answers=tuple(texts),
        )


def _body(row: Mapping[str, Any]) -> str:
    """Return a paper's text without the lines about it that stand before the abstract."""
    text = str(row["text"])
    start = text.find(ABSTRACT)
    return text[start + len(ABSTRACT) :] if start >= 0 else text


def _around(
    asked: Asked, holding: Sequence[tuple[int, int] | None], position: int, rng: random.Random
) -> Example:
    first, last = window_around(asked.sentences, position, rng)
    found = holding[first:last]
    return Example(
        question=asked.question,
        heading=asked.title,
        sentences=asked.sentences[first:last],
        relevant=tuple(held is not None for held in found),
        spans=tuple((i, *held) for i, held in enumerate(found) if held is not None),
        answers=True,
        source="papers",
    )


def _near(
    asked: Asked, holding: Sequence[tuple[int, int] | None], rng: random.Random
) -> Iterator[Example]:
    """Yield passages of the paper that do not answer, drawn from those nearest to the question."""
    words = set(stems(asked.question))
    ranked: list[tuple[int, int, tuple[str, ...]]] = []
    for first, last in windows(asked.sentences):
        if not any(holding[first:last]):
            inside = asked.sentences[first:last]
            overlap = len(words & {t for sentence in inside for t in stems(sentence)})
            ranked.append((-overlap, first, inside))
    hard = sorted(ranked)[:HARD_POOL]
    for _, _, inside in rng.sample(hard, min(len(hard), NEAR_PASSAGES)):
        yield Example(
            question=asked.question,
            heading=asked.title,
            sentences=inside,
            relevant=(False,) * len(inside),
            spans=(),
            answers=False,
            source="papers",
        )


def _holds(sentence: str, answers: Sequence[str]) -> tuple[int, int] | None:
    """Return where a sentence holds an answer or a part of a longer one; None when it does not."""
    for answer in answers:
        text = " ".join(answer.split())
        at = sentence.find(text)
        if at >= 0 and text:
            return at, at + len(text)
        if len(sentence) > 20 and sentence in text:  # noqa: PLR2004  not "Fig. 1."
            return 0, len(sentence)
    return None
