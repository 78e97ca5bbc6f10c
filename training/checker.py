"""Training the checker: `python -m training.checker DATA --work DIR [--measure FILE]`.

DATA is a folder with claims.jsonl and scifact_claims.jsonl. A run that was broken off goes on where
it was. `python -m training.export DIR --checker` writes the weights that are shipped.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import torch

from corpus.errors import SequiturError
from evals.measures import auroc
from index.reading.tokens import ReaderTokens
from index.reading.weights import DIGESTS
from training.base import networks
from training.batches import Batch, batches, claimed
from training.claims import (
    SCIFACT_SHARE,
    Claim,
    contrasts,
    exercise,
    read_claims,
    read_scifact,
    split,
)
from training.examples import read_rows
from training.fitting import Plan, fit, multiplies_bfloat16, read
from training.memory import keep_memory
from training.network import Encoder, Judge

PROBED_AT_ONCE = 16


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--tokens", type=int, default=4_000_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--rate", type=float, default=1e-4, show_default=True)
@click.option(
    "--hold-out",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="SciFact's claims on whose abstracts nothing is learnt.",
)
@click.option(
    "--measure",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Claims that are measured on beside those held out.",
)
def main(
    data: Path,
    *,
    work: Path,
    tokens: int,
    seed: int,
    rate: float,
    hold_out: Path | None,
    measure: Path | None,
) -> None:
    """Train on DATA, from the shipped judge; half an hour on two cores with AMX."""
    keep_memory()
    plan = Plan(
        start=DIGESTS["judge.safetensors"],
        tokens=tokens,
        seed=seed,
        rate=rate,
        bf16=multiplies_bfloat16(),
    )
    try:
        _train(data, work, plan, hold_out, measure)
    except SequiturError as error:
        click.echo(f"training: {error}", err=True)
        sys.exit(2)


def _train(data: Path, work: Path, plan: Plan, hold_out: Path | None, measure: Path | None) -> None:
    torch.manual_seed(plan.seed)
    abstracts = frozenset(row["doc"] for row in read_rows(hold_out)) if hold_out else frozenset()
    learnt, held = split(read_claims(data / "claims.jsonl"))
    scifact = read_scifact(data / "scifact_claims.jsonl", abstracts)
    reading = ReaderTokens()
    encoder, judge = networks(again=True, denying=True)
    probed = {"held out": held} | ({"measured": read_claims(measure)} if measure else {})
    probes = [Probe(name, claims, reading, bf16=plan.bf16) for name, claims in probed.items()]

    def batches_of(number: int) -> Iterator[Batch]:
        rng = random.Random(f"{plan.seed}-{number}")  # noqa: S311
        some = rng.sample(scifact, int(SCIFACT_SHARE * len(scifact)))
        made = [*contrasts(learnt, rng), *contrasts(some, rng)]
        rng.shuffle(made)
        return batches(made, claimed(reading), rng, hidden=0.0)

    def report(tokens: int) -> None:
        for probe in probes:
            probe.report(tokens, encoder, judge)

    fit((encoder, judge), batches_of, plan, work, report)


class Probe:
    """Claims that are not learnt from: how well the true ones are told from the false ones."""

    def __init__(
        self, name: str, claims: Sequence[Claim], tokens: ReaderTokens, *, bf16: bool
    ) -> None:
        self._name = name
        self._claims = sorted(claims, key=lambda claim: len(str(claim)))
        encode, rng = claimed(tokens), random.Random(0)  # noqa: S311
        self._batches: list[Batch] = []
        for start in range(0, len(claims), PROBED_AT_ONCE):  # one batch each: in this order
            some = tuple(map(exercise, self._claims[start : start + PROBED_AT_ONCE]))
            self._batches += batches([some], encode, rng, hidden=0.0)
        self._bf16 = bf16

    def report(self, tokens: int, encoder: Encoder, judge: Judge) -> None:
        """Write the AUROC of all claims, and of each kind of false ones beside all true ones."""
        with torch.inference_mode():
            scores = [read(encoder, judge, batch, bf16=self._bf16) for batch in self._batches]
        answers = torch.cat([said.answers for said in scores]).tolist()
        denies = torch.cat([said.denies for said in scores if said.denies is not None]).tolist()
        kinds = sorted({claim.kind for claim in self._claims if not claim.supported})
        told = [f"all {self._auroc(answers, kinds):.3f}"]
        told += [f"{kind} {self._auroc(answers, [kind]):.2f}" for kind in kinds]
        area = auroc([claim.denied for claim in self._claims], denies)
        told.append(f"denied {float('nan') if area is None else area:.3f}")
        sys.stderr.write(f"\n{tokens:,} tokens, {self._name}: {', '.join(told)}\n")

    def _auroc(self, scores: Sequence[float], kinds: Sequence[str]) -> float:
        chosen = [
            (claim.supported, score)
            for claim, score in zip(self._claims, scores, strict=True)
            if claim.supported or claim.kind in kinds
        ]
        area = auroc([supported for supported, _ in chosen], [score for _, score in chosen])
        return float("nan") if area is None else area


if __name__ == "__main__":
    main()
