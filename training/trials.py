"""Trial reports (Evidence Inference 2.0): the effect of an intervention on an outcome."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.lexical import stems
from training.examples import (
    Example,
    cut,
    read_rows,
    restates,
    sentences_of,
    window_around,
    windows,
)

_SECTION = re.compile(r"^(?:ABSTRACT|BODY)\.([^\n:]{1,100}):[ ]*$", re.MULTILINE)
NEAR_PASSAGES = 4
HARD_POOL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of an article in sentences, under the words of its heading."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An article with its questions and the texts that answer each."""

    parts: tuple[Part, ...]
    questions: tuple[tuple[str, tuple[str, ...]], ...]


def read_trials(path: Path) -> list[Trial]:
    """Return the articles of a file of trial reports."""
    return [_trial(row) for row in read_rows(path)]


def _trial(row: Mapping[str, Any]) -> Trial:
    front, *pieces = _SECTION.split(row["text"])
    title, _, unnamed = front.removeprefix("TITLE:").strip().partition("\n")
    named = [("", unnamed), *zip(pieces[::2], pieces[1::2], strict=True)]
    parts = [
        Part(heading=f"{title} {name.capitalize()}".strip(), sentences=tuple(sentences_of(text)))
        for name, text in named
    ]
    return Trial(
        parts=tuple(part for part in parts if part.sentences),
        questions=tuple((q["question"], tuple(q["evidence"])) for q in row["questions"]),
    )


class Trials:
    """Evidence in its section, evidence cut out of it, and other passages of the same article."""

    def __init__(self, path: Path) -> None:
        self._trials = read_trials(path)

    def epoch(self, rng: random.Random) -> Iterator[Example]:
        """Yield one round of examples."""
        for trial in self._trials:
            for question, evidence in trial.questions:
                yield from _exercises(trial, question, evidence, rng)
            if len(self._trials) > 1:  # a question about another trial
                question, _ = rng.choice(rng.choice(self._trials).questions)
                if all(question != own for own, _ in trial.questions):
                    yield _negative(question, *_any_window(trial, rng))


def _exercises(
    trial: Trial, question: str, evidence: Sequence[str], rng: random.Random
) -> Iterator[Example]:
    gold = [set(stems(text)) for text in evidence]
    held = [_holding(part.sentences, evidence) for part in trial.parts]
    for part, relevant in zip(trial.parts, held, strict=True):
        for position in [i for i, r in enumerate(relevant) if r][:2]:
            first, last = window_around(part.sentences, position, rng)
            example = Example(
                question=question,
                heading=part.heading,
                sentences=part.sentences[first:last],
                relevant=tuple(relevant[first:last]),
            )
            yield example
            missed = cut(example)
            if missed is not None and rng.random() < 0.5:  # noqa: PLR2004
                yield missed
    for part, (first, last) in _near(trial, question, gold, rng):
        yield _negative(question, part, (first, last))


def _negative(question: str, part: Part, window: tuple[int, int]) -> Example:
    sentences = part.sentences[slice(*window)]
    return Example(
        question=question,
        heading=part.heading,
        sentences=sentences,
        relevant=(False,) * len(sentences),
    )


def _near(
    trial: Trial, question: str, gold: Sequence[set[str]], rng: random.Random
) -> list[tuple[Part, tuple[int, int]]]:
    """Return windows of the article without the evidence, most of them close to the question."""
    asked = set(stems(question))
    found: list[tuple[int, int, Part, tuple[int, int]]] = []
    for part in trial.parts:
        for window in windows(part.sentences):
            sentences = part.sentences[slice(*window)]
            if not any(restates(s, gold) or _inside(s, gold) for s in sentences):
                overlap = len(asked & {t for s in sentences for t in stems(s)})
                found.append((-overlap, len(found), part, window))
    hard = sorted(found, key=lambda f: f[:2])[:HARD_POOL]
    chosen = rng.sample(hard, min(len(hard), NEAR_PASSAGES - 1))
    rest = [f for f in found if f not in hard]
    chosen += rng.sample(rest, min(len(rest), 1))
    return [(part, window) for _, _, part, window in chosen]


def _any_window(trial: Trial, rng: random.Random) -> tuple[Part, tuple[int, int]]:
    part = rng.choice(trial.parts)
    return part, rng.choice(windows(part.sentences))


def _inside(sentence: str, gold: Sequence[set[str]]) -> bool:
    """Tell whether nearly all words of a sentence stand in a gold text of several sentences."""
    words = set(stems(sentence))
    return len(words) > 3 and any(len(words & g) >= 0.8 * len(words) for g in gold)  # noqa: PLR2004


def _holding(sentences: Sequence[str], evidence: Sequence[str]) -> list[bool]:
    """Tell for each sentence whether it lies in, or holds, one of the gold texts."""
    texts = ["".join(text.split()) for text in evidence]
    squeezed = ["".join(sentence.split()) for sentence in sentences]
    return [any(s in t or t in s for t in texts if t) if s else False for s in squeezed]
