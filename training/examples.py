"""Questions with passages in which the sentences that answer are known.

A source turns one data set into examples. It is asked anew for every round, so that the windows,
cuts and distractors that it draws differ; the same random state gives the same examples.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from index.lexical import stems
from ingest.sentences import sentence_spans

WINDOW_WORDS = 110
# Of two sentences that share this much of their words, one says again what the other says.
RESTATES = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One reading exercise; `relevant[i]` tells whether `sentences[i]` answers."""

    question: str
    heading: str
    sentences: tuple[str, ...]
    relevant: tuple[bool, ...]

    @property
    def answers(self) -> bool:
        """Whether the passage answers."""
        return any(self.relevant)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text, each on one line."""
    return [" ".join(span.of(text).split()) for span in sentence_spans(text)]


def windows(sentences: Sequence[str], words: int = WINDOW_WORDS) -> list[tuple[int, int]]:
    """Return [first, last) of consecutive windows of about `words` words, covering all.

    >>> windows(["a b c", "d e", "f g h i"], words=5)
    [(0, 2), (2, 3)]
    """
    found: list[tuple[int, int]] = []
    first = length = 0
    for position, sentence in enumerate(sentences):
        count = len(sentence.split())
        if length and length + count > words:
            found.append((first, position))
            first, length = position, 0
        length += count
    if first < len(sentences):
        found.append((first, len(sentences)))
    return found


def window_around(
    sentences: Sequence[str], position: int, rng: random.Random, words: int = WINDOW_WORDS
) -> tuple[int, int]:
    """Return [first, last) of a window of at most about `words` words with `position` inside.

    It grows to either side at random, so that a sentence is met at every place of a passage.
    """
    first, last = position, position + 1
    length = len(sentences[position].split())
    while length < words and (first > 0 or last < len(sentences)):
        before = first > 0 and (last >= len(sentences) or rng.random() < 0.5)  # noqa: PLR2004
        new = first - 1 if before else last
        length += len(sentences[new].split())
        if length > words:
            break
        first, last = min(first, new), max(last, new + 1)
    return first, last


def cut(example: Example) -> Example | None:
    """Return the near miss: the same passage without what answers; None when nothing is left.

    Sentences that restate an answering one are cut too, so that the verdict stays true.
    """
    pairs = list(zip(example.sentences, example.relevant, strict=True))
    gold = [set(stems(s)) for s, relevant in pairs if relevant]
    left = tuple(s for s, relevant in pairs if not relevant and not restates(s, gold))
    if not left:
        return None
    return replace(example, sentences=left, relevant=(False,) * len(left))


def restates(sentence: str, gold: Sequence[set[str]]) -> bool:
    """Tell whether a sentence shares at least half of its and a gold sentence's words."""
    words = set(stems(sentence))
    return any(len(words & other) >= RESTATES * max(1, len(words | other)) for other in gold)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON lines; raises InputError naming a line that is none.

    subtle: lines end at a line feed alone; texts hold other characters that `splitlines` ends at.
    """
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise InputError(f"{path}, line {number}: {error.msg}") from error
    return rows
