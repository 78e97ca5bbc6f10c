"""The support model on labelled claims: `python -m training.support.measure FILE`.

FILE holds claims as `evals.support_cases` reads them. Each is judged by the sentences that decide
it; one that nothing decides, by the sentence of its abstract that is nearest to it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from tqdm import tqdm

from corpus.errors import SequiturError
from evals.measures import auroc
from evals.support_cases import LABELS, Claim, read_claims, shared
from index.support_model import MiniLMSupport, SupportModel, SupportPair, SupportScores

CLAIMS_AT_ONCE = 64


@click.command()
@click.argument("claims", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--weights",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Default: the shipped ones.",
)
def main(claims: Path, *, weights: Path | None) -> None:
    """Print how well supported claims are told from the others."""
    model = MiniLMSupport(weights) if weights is not None else MiniLMSupport()
    try:
        tell(measured(read_claims(claims), model))
    except SequiturError as error:
        click.echo(f"measure: {error}", err=True)
        sys.exit(2)


def tell(figures: dict[str, float]) -> None:
    """Print figures, one a line."""
    for name, value in figures.items():
        click.echo(f"{name:<36}{value:>10.3f}")


def measured(claims: Sequence[Claim], model: SupportModel) -> dict[str, float]:
    """Return AUROC of supported against the rest and each other label, and macro-F1."""
    pairs = [SupportPair(claim=claim.claim, evidence=_evidence(claim)) for claim in claims]
    said: list[SupportScores] = []
    for start in tqdm(range(0, len(pairs), CLAIMS_AT_ONCE), delay=2, file=sys.stderr):
        said += model.judge_batch(pairs[start : start + CLAIMS_AT_ONCE])
    labels = [claim.label for claim in claims]
    found = [_likeliest(scores) for scores in said]
    figures = {"claims": float(len(claims))}
    for name, others in (
        ("the rest", LABELS[1:]),
        ("contradicted", LABELS[1:2]),
        ("not found", LABELS[2:]),
    ):
        ranked = [
            (label == LABELS[0], scores.supported)
            for label, scores in zip(labels, said, strict=True)
            if label == LABELS[0] or label in others
        ]
        area = auroc([is_true for is_true, _ in ranked], [score for _, score in ranked])
        figures[f"auroc, supported against {name}"] = float("nan") if area is None else area
    figures["macro-F1"] = sum(_f1(labels, found, label) for label in LABELS) / len(LABELS)
    return figures


def _evidence(claim: Claim) -> tuple[str, ...]:
    return claim.evidence or (max(claim.sentences, key=lambda s: shared(claim.claim, s)),)


def _likeliest(scores: SupportScores) -> str:
    values = (scores.supported, scores.contradicted, scores.not_found)
    return LABELS[values.index(max(values))]


def _f1(labels: Sequence[str], found: Sequence[str], label: str) -> float:
    right = sum(a == b == label for a, b in zip(labels, found, strict=True))
    return 2 * right / max(1, labels.count(label) + found.count(label))


if __name__ == "__main__":
    main()
