"""Training the evidence reader: `python -m evals.training DATA [--abstracts FILE] [--work DIR]`.

DATA is a folder with the files that `evals.training.data.FILES` names. A run that was broken off
goes on where it was. `python -m evals.training.export` then writes the weights that are shipped.
"""

import os
import sys
from pathlib import Path

import click

from corpus.errors import SequiturError


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--abstracts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A corpus.jsonl in which BioASQ's abstracts are looked up.",
)
@click.option(
    "--papers",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with corpus.jsonl and questions.jsonl of COVID-QA; half of it is learnt from.",
)
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reader-training"),
    show_default=True,
    help="Folder for what is reached; a broken run goes on from there.",
)
@click.option("--epochs", type=int, default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(
    data: Path,
    *,
    abstracts: Path | None,
    papers: tuple[Path, ...],
    work: Path,
    epochs: int,
    seed: int,
) -> None:
    """Train on DATA; on two cores with AMX about twenty minutes an epoch, without several times."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch

    from evals.training.data import sources
    from evals.training.fitting import Plan, fit, keep_plan
    from index.embedder import SentenceTransformerEmbedder
    from index.network import ReaderNetwork
    from index.pairs import PairEncoder

    plan = Plan(epochs=epochs, seed=seed)
    torch.manual_seed(seed)
    try:
        folder = SentenceTransformerEmbedder().folder
        encoder = PairEncoder.load(folder / "tokenizer.json")
        network = ReaderNetwork.from_base(folder)
        keep_plan(work, plan)
        fit(network, sources(data, abstracts, papers), encoder, plan, work)
    except SequiturError as error:
        click.echo(f"training: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
