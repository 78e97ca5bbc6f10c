"""SciFact's claims against abstracts, and MedQuAD's health questions against answers."""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from evals.training.examples import Example, cut, read_rows, sentences_of, windows

MEDQUAD_QUESTIONS = 4000


class SciFact:
    """Claims: the abstract's windows with its evidence marked, cut, or without any."""

    name = "scifact"

    def __init__(self, path: Path) -> None:
        self._rows = read_rows(path)

    def epoch(self, rng: random.Random) -> Iterator[Example]:
        """Yield one round of examples."""
        for row in self._rows:
            sentences = [" ".join(s.split()) for s in row["sentences"]]
            sentences = [s for s in sentences if s]
            gold = {" ".join(text.split()) for text in row["evidence"]}
            for first, last in windows(sentences):
                inside = tuple(sentences[first:last])
                relevant = tuple(s in gold for s in inside)
                if gold and not any(relevant) and rng.random() < 0.5:  # noqa: PLR2004
                    continue
                example = Example(
                    question=row["claim"],
                    heading="",
                    sentences=inside,
                    relevant=relevant,
                    answers=any(relevant),
                    source="scifact",
                )
                yield example
                if any(relevant) and rng.random() < 0.5:  # noqa: PLR2004
                    missed = cut(example)
                    if missed is not None:
                        yield missed


class MedQuAD:
    """Questions against passages of their own answer, and of others about the same disease."""

    name = "medquad"

    def __init__(self, path: Path) -> None:
        self._by_focus: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
        for row in read_rows(path):
            sentences = sentences_of(row["answer"])
            if sentences:
                question = " ".join(row["question"].replace(" ?", "?").split())
                self._by_focus[row["focus"]].append((question, sentences))
        self._focuses = sorted(self._by_focus)

    def epoch(self, rng: random.Random) -> Iterator[Example]:
        """Yield one round of examples."""
        asked = [(focus, i) for focus in self._focuses for i in range(len(self._by_focus[focus]))]
        for focus, position in rng.sample(asked, min(len(asked), MEDQUAD_QUESTIONS)):
            question, answer = self._by_focus[focus][position]
            inside = answer[slice(*windows(answer)[0])]
            others = [a for q, a in self._by_focus[focus] if q != question and a != answer]
            heading = focus if rng.random() < 0.5 else ""  # noqa: PLR2004
            yield self._mixed(question, heading, inside, others, rng)
            wrong = rng.choice(others) if others else self._elsewhere(focus, rng)
            first, last = rng.choice(windows(wrong))
            yield Example(
                question=question,
                heading=heading,
                sentences=tuple(wrong[first:last]),
                relevant=(False,) * (last - first),
                answers=False,
                source="medquad",
            )

    def _mixed(
        self,
        question: str,
        heading: str,
        answer: list[str],
        others: list[list[str]],
        rng: random.Random,
    ) -> Example:
        """Return the answer's first sentences between sentences of another answer."""
        shown = answer[: rng.randint(1, 4)]
        around = rng.choice(others)[: rng.randint(0, 3)] if others else []
        before = rng.randint(0, len(around))
        sentences = (*around[:before], *shown, *around[before:])
        relevant = tuple(before <= i < before + len(shown) for i in range(len(sentences)))
        return Example(
            question=question,
            heading=heading,
            sentences=sentences,
            relevant=relevant,
            answers=True,
            source="medquad",
        )

    def _elsewhere(self, focus: str, rng: random.Random) -> list[str]:
        other = focus
        while other == focus:
            other = rng.choice(self._focuses)
        return rng.choice(self._by_focus[other])[1]
