"""Training the reader: `python -m training DATA [--work DIR]`.

DATA is a folder with asked.jsonl, unansq.jsonl, squad2_dev.jsonl and trials.jsonl. A run that was
broken off goes on where it was. `python -m training.export` writes the weights that are shipped.
"""

import os
import random
import sys
from pathlib import Path

import click

from corpus.errors import SequiturError


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--tokens", type=int, default=3_400_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--rate", type=float, default=6e-5, show_default=True)
def main(data: Path, *, work: Path, tokens: int, seed: int, rate: float) -> None:
    """Train on DATA: about 600 tokens a second on two AVX2 cores."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch

    from index.embedder import SentenceTransformerEmbedder
    from index.reading.tokens import ReaderTokens
    from training.base import networks
    from training.batches import batches
    from training.fitting import Plan, fit
    from training.probe import Probe
    from training.sources import Mixture, asked_texts, cached, split

    torch.manual_seed(seed)
    try:
        work.mkdir(parents=True, exist_ok=True)
        texts = asked_texts(data)
        near = cached(work / "near.safetensors", texts, SentenceTransformerEmbedder())
        learnt, held = split(texts)
        mixture = Mixture(learnt, near, data, seed)
        reading = ReaderTokens()
        encoder, judge = networks()
        probe = Probe(held, near, reading, encoder, judge)
        fit(
            (encoder, judge),
            lambda number: batches(mixture.round(number), reading, random.Random(number)),  # noqa: S311
            Plan(tokens=tokens, seed=seed, rate=rate),
            work,
            probe.report,
        )
    except SequiturError as error:
        click.echo(f"training: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
