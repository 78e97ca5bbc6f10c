"""All sources from one folder, and one epoch of them mixed."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from corpus.errors import InputError
from evals.training.bioasq import BioASQ
from evals.training.claims import MedQuAD, SciFact
from evals.training.cloze import Cloze, Text
from evals.training.examples import Example, Source, read_rows, sentences_of
from evals.training.papers import Papers
from evals.training.squad import Squad
from evals.training.trials import Trial, Trials

FILES = (
    "bioasq.jsonl",
    "medquad.jsonl",
    "scifact_claims.jsonl",
    "squad2_dev.jsonl",
    "trials.jsonl",
)
CLOZE_EXAMPLES = 24_000
THINNED = 0.35
# SQuAD holds the only near misses that people wrote, and is small: it is read twice an epoch.
SQUAD_ROUNDS = 2
# As SQuAD, and nearer to what is read in earnest.
PAPER_ROUNDS = 2


def sources(folder: Path, abstracts: Path | None, papers: Sequence[Path]) -> list[Source]:
    """Return the sources of `folder`, which must hold FILES.

    `abstracts` is a corpus.jsonl (BEIR's layout) in which abstracts that BioASQ's questions point
    to are looked up; `papers` are folders of COVID-QA's papers with their questions. Raises
    InputError naming a file that is missing.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: not found")
    known = _abstracts(abstracts) if abstracts is not None else {}
    trials = Trials(folder / "trials.jsonl")
    squad = Squad(folder / "squad2_dev.jsonl")
    texts = [text for trial in trials.trials for text in _texts_of(trial)]
    texts += [
        Text(heading=title, sentences=tuple(sentences_of(text)))
        for _, (title, text) in sorted(known.items())
    ]
    return [
        *[squad] * SQUAD_ROUNDS,
        *[Papers(papers)] * PAPER_ROUNDS,
        trials,
        BioASQ(folder / "bioasq.jsonl", known),
        SciFact(folder / "scifact_claims.jsonl"),
        MedQuAD(folder / "medquad.jsonl"),
        Cloze(texts, CLOZE_EXAMPLES),
    ]


def epoch(chosen: list[Source], seed: int, number: int) -> list[Example]:
    """Return the examples of one epoch in their mixed order; the same seed gives the same."""
    examples: list[Example] = []
    for position, source in enumerate(chosen):
        examples += source.epoch(random.Random(f"{seed}-{number}-{position}"))  # noqa: S311
    rng = random.Random(f"{seed}-{number}")  # noqa: S311
    examples = [_thinned(example, rng) for example in examples]
    rng.shuffle(examples)
    return examples


def _thinned(example: Example, rng: random.Random) -> Example:
    """Return some answering passages without one of their other sentences.

    A passage whose evidence was cut out is short; without this its length would betray it.
    """
    if not example.answers or example.relevant is None or rng.random() > THINNED:
        return example
    others = [i for i, relevant in enumerate(example.relevant) if not relevant]
    if len(others) < 2:  # noqa: PLR2004  what is left should still be a passage
        return example
    lost = rng.choice(others)
    kept = [i for i in range(len(example.sentences)) if i != lost]
    spans = example.spans and tuple((i - (i > lost), a, b) for i, a, b in example.spans)
    return replace(
        example,
        sentences=tuple(example.sentences[i] for i in kept),
        relevant=tuple(example.relevant[i] for i in kept),
        spans=spans,
    )


def _abstracts(path: Path) -> Mapping[str, tuple[str, str]]:
    return {row["_id"]: (row["title"], row["text"]) for row in read_rows(path)}


def _texts_of(trial: Trial) -> Iterator[Text]:
    for part in trial.parts:
        yield Text(heading=part.heading, sentences=part.sentences)
