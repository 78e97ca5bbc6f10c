"""Training the reader: `python -m training DATA [--work DIR]`.

DATA is a folder with asked.jsonl, unansq.jsonl, squad2_dev.jsonl and trials.jsonl. A run that was
broken off goes on where it was. `python -m training.export` writes the weights that are shipped.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import SequiturError
from training.memory import keep_memory

if TYPE_CHECKING:
    from training.fitting import Plan

# The first round, counted from 0, whose candidates are the reader's own: one that starts from the
# base has to learn first. One that goes on takes its own for the first round, and keeps them.
RENEWED_FROM = 3


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--tokens", type=int, default=14_000_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--rate", type=float, default=8e-5, show_default=True)
@click.option("--again", is_flag=True, help="Start from the shipped judge, not from the base.")
@click.option("--bf16/--fp32", default=None, help="By default what the processor is best at.")
def main(
    data: Path,
    work: Path,
    tokens: int,
    seed: int,
    rate: float,
    *,
    again: bool,
    bf16: bool | None,
) -> None:
    """Train on DATA.

    About 400 tokens a second on two AVX2 cores, 1,000 where AVX-512 multiplies bfloat16, 1,700
    with AMX.
    """
    keep_memory()
    from index.reading.weights import DIGESTS
    from training.fitting import Plan, multiplies_bfloat16

    plan = Plan(
        start=DIGESTS["judge.safetensors"] if again else "base",
        tokens=tokens,
        seed=seed,
        rate=rate,
        bf16=multiplies_bfloat16() if bf16 is None else bf16,
    )
    try:
        _train(data, work, plan, again=again)
    except SequiturError as error:
        click.echo(f"training: {error}", err=True)
        sys.exit(2)


def _train(data: Path, work: Path, plan: "Plan", *, again: bool) -> None:
    import torch

    from index.embedder import embedder_of
    from index.reading.tokens import ReaderTokens
    from training.base import networks, reader_of
    from training.batches import Batch, asked, batches
    from training.fitting import fit
    from training.mining import Miner
    from training.probe import Probe
    from training.sources import Mixture, asked_texts, cached, split

    torch.manual_seed(plan.seed)
    work.mkdir(parents=True, exist_ok=True)
    texts, embedder = asked_texts(data), embedder_of()
    near = cached(work / "near.safetensors", texts, embedder)
    learnt, held = split(texts)
    mixture = Mixture(learnt, near, data, embedder, plan.seed)
    reading = ReaderTokens()
    encoder, judge = networks(again=again)
    probe = Probe(held, near, reading, encoder, judge, bf16=plan.bf16)

    def batches_of(number: int) -> Iterator[Batch]:
        if number == 0 if again else number >= RENEWED_FROM:
            kept, drawn = work / f"near-{number}.safetensors", mixture.drawn(number)
            mixture.near = Miner(learnt, reader_of(judge)).renewed(mixture.near, drawn, kept)
        return batches(mixture.round(number), asked(reading), random.Random(number))  # noqa: S311

    fit((encoder, judge), batches_of, plan, work, probe.report)


if __name__ == "__main__":
    main()
