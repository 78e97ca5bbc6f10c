"""The reader on paragraphs that it was not trained on: `python -m evals.training.measure FILE`.

FILE is SQuAD 2.0 as in training; only its held-out titles are read.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
from tqdm import tqdm

from evals.measures import auroc
from index.evidence_model import EvidenceModel, MiniLMReader, PairScores
from index.pairs import Pair

QUESTIONS_AT_ONCE = 64


@click.command()
@click.argument("squad", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--weights",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Default: the shipped ones.",
)
def main(squad: Path, *, weights: Path | None) -> None:
    """Print how well near misses that people wrote are told from questions with an answer."""
    model = MiniLMReader(weights) if weights is not None else MiniLMReader()
    for name, value in measured(squad, model).items():
        click.echo(f"{name:<32}{value:>10.3f}")


def measured(squad: Path, model: EvidenceModel) -> dict[str, float]:
    """Return AUROC of each verdict, and how often the best sentence is the one that answers."""
    from evals.training.squad import paragraphs

    asked = [
        paragraph.example(question, answers)
        for paragraph in paragraphs(squad, held_out=True)
        for question, answers in paragraph.questions
    ]
    pairs = [Pair(question=e.question, heading=e.heading, sentences=e.sentences) for e in asked]
    started = time.perf_counter()
    said: list[PairScores] = []
    for start in tqdm(range(0, len(pairs), QUESTIONS_AT_ONCE), delay=2, file=sys.stderr):
        said += model.read_batch(pairs[start : start + QUESTIONS_AT_ONCE])
    seconds = time.perf_counter() - started
    labels = [e.answers for e in asked]
    right = [
        bool(e.relevant and e.relevant[_best(s)])
        for e, s in zip(asked, said, strict=True)
        if e.answers
    ]
    return {
        "questions": float(len(asked)),
        "auroc, passage": auroc(labels, [s.passage for s in said]) or 0.0,
        "auroc, best sentence": auroc(labels, [_highest(s.sentences) for s in said]) or 0.0,
        "auroc, exact answer": auroc(labels, [_highest(s.exact) for s in said]) or 0.0,
        "auroc, passage and sentence": auroc(
            labels, [s.passage + _highest(s.sentences) for s in said]
        )
        or 0.0,
        "best sentence answers": sum(right) / max(1, len(right)),
        "milliseconds a pair": 1000 * seconds / max(1, len(pairs)),
    }


def _highest(values: Sequence[float | None]) -> float:
    return max((v for v in values if v is not None), default=float("-inf"))


def _best(scores: PairScores) -> int:
    values = [float("-inf") if v is None else v for v in scores.sentences]
    return values.index(max(values))


if __name__ == "__main__":
    main()
