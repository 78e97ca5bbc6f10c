"""All sources of the support model from one folder, and one epoch of them mixed.

The first epoch is mostly of changed sentences: it teaches what a changed fact looks like. In
later ones most claims are in other words than their evidence.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import InputError
from training.examples import read_rows, sentences_of
from training.support.claims import Answers, SciFactClaims, Statements
from training.support.effects import Effects
from training.support.examples import ClaimExample, ClaimSource
from training.support.true_sentences import TrueSentences
from training.trials import read_trials

FILES = (
    "bioasq.jsonl",
    "medquad.jsonl",
    "scifact_claims.jsonl",
    "squad2_dev.jsonl",
    "trials.jsonl",
)
SCIFACT = "scifact_claims.jsonl"
PAGES_AN_EPOCH = 1200
SNIPPETS = 4
# In later epochs, changed sentences for each example of the other sources.
CHANGED_SHARE = 0.35
# A source with how many rounds of it are read.
Rounds = Sequence[tuple[ClaimSource, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What an epoch is mixed of: `whole` all, `thinned` at most CHANGED_SHARE of their number."""

    whole: Rounds
    thinned: Rounds = ()


def recipes(folder: Path, held_out: frozenset[str] = frozenset()) -> tuple[Recipe, Recipe]:
    """Return the mixtures of the first and of every later epoch from `folder`.

    It must hold the files that FILES names; `held_out` are abstracts of SciFact to leave out.
    Raises InputError naming a file that is missing.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: not found")
    scifact = SciFactClaims(folder / SCIFACT, held_out)
    answers = Answers(folder / "bioasq.jsonl")
    statements = Statements(folder / "squad2_dev.jsonl")
    reports = list(_reports(folder / "trials.jsonl"))
    abstracts = scifact.abstracts()
    pages = [sentences_of(row["answer"]) for row in read_rows(folder / "medquad.jsonl")]
    first = Recipe(
        whole=(
            (scifact, 2),
            (answers, 1),
            (statements, 1),
            (TrueSentences(reports, per_text=12), 1),
            (TrueSentences(abstracts, per_text=5), 1),
            (TrueSentences(pages, per_text=2, texts_a_round=PAGES_AN_EPOCH), 1),
            (TrueSentences(list(_snippets(folder / "bioasq.jsonl")), per_text=1), 1),
        )
    )
    later = Recipe(
        whole=(
            (scifact, 6),
            (Effects(folder / "trials.jsonl"), 3),
            (answers, 2),
            (statements, 2),
        ),
        thinned=(
            (TrueSentences(reports, per_text=6), 1),
            (TrueSentences(abstracts, per_text=3), 1),
        ),
    )
    return first, later


def epoch(mixtures: tuple[Recipe, Recipe], seed: int, number: int) -> list[ClaimExample]:
    """Return the examples of one epoch in their mixed order; the same seed gives the same."""
    recipe = mixtures[min(number, 1)]
    rng = random.Random(f"{seed}-{number}")  # noqa: S311
    examples = list(_read(recipe.whole, rng))
    changed = list(_read(recipe.thinned, rng))
    examples += rng.sample(changed, min(len(changed), int(CHANGED_SHARE * len(examples))))
    rng.shuffle(examples)
    return examples


def held_out_of(claims: Iterable[Path]) -> frozenset[str]:
    """Return the ids of the abstracts that files of claims are about."""
    return frozenset(row["doc"] for path in claims for row in read_rows(path))


def _read(rounds: Rounds, rng: random.Random) -> Iterator[ClaimExample]:
    for source, count in rounds:
        for _ in range(count):
            yield from source.epoch(rng)


def _reports(path: Path) -> Iterator[list[str]]:
    for trial in read_trials(path):
        yield [sentence for part in trial.parts for sentence in part.sentences]


def _snippets(path: Path) -> Iterator[list[str]]:
    for row in read_rows(path):
        yield sentences_of(" ".join(e["text"] for e in row["evidence"][:SNIPPETS]))
