"""SQuAD 2.0: paragraphs of encyclopaedia articles, half of the questions near misses by people."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.examples import Example, cut, read_rows, sentences_of

# Whole titles that the reader never sees: what it is measured on.
HELD_OUT = frozenset(("Immune_system", "Packet_switching", "Huguenot"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph in sentences with its questions and their answers (none: unanswerable)."""

    title: str
    sentences: tuple[str, ...]
    questions: tuple[tuple[str, tuple[str, ...]], ...]

    def example(self, question: str, answers: Sequence[str]) -> Example:
        """Return the exercise of one of its questions."""
        holding = _holding(self.sentences, answers)
        return Example(
            question=question,
            heading=self.title,
            sentences=self.sentences,
            relevant=tuple(i == holding for i in range(len(self.sentences))),
        )


def paragraphs(path: Path) -> list[Paragraph]:
    """Return the paragraphs of all titles that are not held out."""
    return [
        Paragraph(
            title=row["title"].replace("_", " "),
            sentences=tuple(sentences_of(row["text"])),
            questions=tuple((q["question"], tuple(q["answers"])) for q in row["questions"]),
        )
        for row in read_rows(path)
        if row["title"] not in HELD_OUT
    ]


class Squad:
    """Every question against its paragraph, and half of the answerable ones with the answer cut."""

    def __init__(self, path: Path) -> None:
        self._paragraphs = paragraphs(path)

    def epoch(self, rng: random.Random) -> Iterator[Example]:
        """Yield one round of examples."""
        for paragraph in self._paragraphs:
            for question, answers in paragraph.questions:
                example = paragraph.example(question, answers)
                if answers and not example.answers:
                    continue  # an answer that runs over a sentence's end
                yield example
                if answers and rng.random() < 0.4:  # noqa: PLR2004
                    missed = cut(example)
                    if missed is not None:
                        yield missed


def _holding(sentences: Sequence[str], answers: Sequence[str]) -> int | None:
    """Return which sentence holds the first answer that is found; questions are about one place."""
    for answer in answers:
        text = " ".join(answer.split())
        for position, sentence in enumerate(sentences):
            if text in sentence:
                return position
    return None
