"""Claims that people wrote, and claims made of questions and answers that people wrote."""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evals.perturbing_names import Names
from training.examples import read_rows, sentences_of
from training.squad import HELD_OUT
from training.support.changes import KINDS, changed
from training.support.examples import ClaimExample, Says, capital, covered

# Of a sentence of an ideal answer: so much of it must stand in the snippet that is its evidence.
SAID = 0.5
UNSAID = 0.3
SNIPPET_WORDS = 110
ANSWER_WORDS = range(5, 51)
SENTENCES_AN_ANSWER = 3
# Of SciFact's abstracts that decide nothing, the sentences nearest to the claim.
NEAREST = 2
_SUBJECT_ASKED = re.compile(
    r"(?:Who|What|Which(?: \w+){1,2}) "
    r"((?:is|are|was|were|has|have|had|can|may|[a-z]+ed|[a-z]+s)\b .*)\?$"
)
_LABELS = {"SUPPORT": Says.SUPPORTED, "CONTRADICT": Says.CONTRADICTED}


def _by_nearness(claim: str, texts: Sequence[str]) -> list[str]:
    return sorted(texts, key=lambda text: -covered(claim, text))


class SciFactClaims:
    """Claims against the sentences that decide, one of them, other near ones; and changed claims.

    `held_out` are ids of abstracts to leave alone, with all claims on them.
    """

    def __init__(self, path: Path, held_out: frozenset[str] = frozenset()) -> None:
        self._rows = [row for row in read_rows(path) if row["doc"] not in held_out]

    def abstracts(self) -> list[tuple[str, ...]]:
        """Return the sentences of each abstract, once each."""
        found = {row["doc"]: _on_lines(row["sentences"]) for row in self._rows}
        return [sentences for sentences in found.values() if sentences]

    def epoch(self, rng: random.Random) -> Iterator[ClaimExample]:
        """Yield one round of examples."""
        for row in self._rows:
            claim, sentences = row["claim"], _on_lines(row["sentences"])
            says = _LABELS.get(row["label"])
            gold = _on_lines(row["evidence"]) if says is not None else ()
            near = _by_nearness(claim, [s for s in sentences if s not in gold])
            for sentence in near[: 1 if gold else NEAREST]:
                yield ClaimExample(claim=claim, evidence=(sentence,), says=Says.NOT_FOUND)
            if says is None or not gold:
                continue
            yield ClaimExample(claim=claim, evidence=gold, says=says)
            if len(gold) > 1:
                yield ClaimExample(claim=claim, evidence=gold[:1], says=says)
            yield from _turned(claim, gold, says, rng)


def _turned(
    claim: str, gold: tuple[str, ...], says: Says, rng: random.Random
) -> Iterator[ClaimExample]:
    """Yield the claim changed: a true one becomes false, the denial of a false one true."""
    kinds = ("direction", "negation", "population", "number")
    for kind in kinds if says is Says.SUPPORTED else ("negation",):
        found = changed(claim, kind, rng)
        if found is not None:
            text, after = found
            after = after if says is Says.SUPPORTED else Says.SUPPORTED
            yield ClaimExample(claim=text, evidence=gold, says=after)


def _on_lines(sentences: Sequence[str]) -> tuple[str, ...]:
    lines = (" ".join(sentence.split()) for sentence in sentences)
    return tuple(line for line in lines if line)


class Answers:
    """Sentences of BioASQ's ideal answers against the snippet that says most of them."""

    def __init__(self, path: Path) -> None:
        self._rows = [
            (
                [
                    s
                    for s in sentences_of(row["reference_answer"])
                    if len(s.split()) in ANSWER_WORDS
                ],
                [" ".join(e["text"].split()) for e in row["evidence"]],
            )
            for row in read_rows(path)
        ]

    def epoch(self, rng: random.Random) -> Iterator[ClaimExample]:
        """Yield one round of examples."""
        for sentences, snippets in self._rows:
            names = Names.of(snippets)
            for sentence in sentences[:SENTENCES_AN_ANSWER] if snippets else ():
                best = _by_nearness(sentence, snippets)[0]
                if covered(sentence, best) < SAID or len(best.split()) > SNIPPET_WORDS:
                    continue
                yield ClaimExample(claim=sentence, evidence=(best,), says=Says.SUPPORTED)
                yield from _one_change(sentence, best, names, rng)
                apart = [s for s in snippets if covered(sentence, s) < UNSAID]
                apart = [s for s in apart if len(s.split()) < SNIPPET_WORDS]
                if apart:
                    yield ClaimExample(
                        claim=sentence, evidence=(rng.choice(apart),), says=Says.NOT_FOUND
                    )


def _one_change(
    sentence: str, evidence: str, names: Names, rng: random.Random
) -> Iterator[ClaimExample]:
    for kind in rng.sample(KINDS, len(KINDS)):
        found = changed(sentence, kind, rng, names)
        if found is not None:
            yield ClaimExample(claim=found[0], evidence=(evidence,), says=found[1])
            return


class Statements:
    """SQuAD's questions for a subject as statements, with the answer and with another one."""

    def __init__(self, path: Path) -> None:
        self._paragraphs = [
            (sentences_of(row["text"]), _asked(row))
            for row in read_rows(path)
            if row["title"] not in HELD_OUT
        ]

    def epoch(self, rng: random.Random) -> Iterator[ClaimExample]:
        """Yield one round of examples."""
        for sentences, asked in self._paragraphs:
            for question, answer in asked:
                match = _SUBJECT_ASKED.match(question)
                holding = [s for s in sentences if answer in s]
                if match is None or not holding:
                    continue
                said = match[1]
                best = _by_nearness(said, holding)[0]
                if covered(said, best) < UNSAID:
                    continue
                yield _statement(answer, said, best, Says.SUPPORTED)
                others = [o for _, o in asked if o not in best and answer not in o]
                if others:
                    yield _statement(rng.choice(others), said, best, Says.NOT_FOUND)


def _asked(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (q["question"], " ".join(q["answers"][0].split())) for q in row["questions"] if q["answers"]
    ]


def _statement(subject: str, said: str, evidence: str, says: Says) -> ClaimExample:
    return ClaimExample(claim=f"{capital(subject)} {said}.", evidence=(evidence,), says=says)
