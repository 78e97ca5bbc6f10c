"""Training the support model: `python -m training.support DATA [--work DIR]`.

DATA is a folder with the files that `training.support.data.FILES` names. It begins with MiniLM, or
with a backbone that is given; a run that was broken off goes on where it was. `python -m
training.support.export` then writes the weights that are shipped.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import ModelError, SequiturError

if TYPE_CHECKING:
    from training.support.fitting import Plan
    from training.support.network import SupportNetwork


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("support-training"),
    show_default=True,
    help="Folder for what is reached; a broken run goes on from there.",
)
@click.option(
    "--begin-with",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of safetensors with the backbone to begin with. Default: MiniLM as it is.",
)
@click.option("--epochs", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--measure",
    "claims",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of labelled claims on which to measure at the end.",
)
@click.option(
    "--hold-out",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of claims whose abstracts are not learnt from. May be repeated.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), help="Most examples of an epoch, to try the command."
)
def main(
    data: Path,
    *,
    work: Path,
    begin_with: Path | None,
    epochs: int,
    seed: int,
    claims: Path | None,
    hold_out: tuple[Path, ...],
    limit: int | None,
) -> None:
    """Train on DATA; on two cores with AMX about half an hour an epoch, without several times."""
    from training.support.fitting import Plan

    try:
        _train(
            data, work, begin_with, Plan(epochs=epochs, seed=seed), hold_out=hold_out, limit=limit
        )
        if claims is not None:
            _measure(data, work, claims, hold_out)
    except SequiturError as error:
        click.echo(f"training: {error}", err=True)
        sys.exit(2)


def _train(
    data: Path,
    work: Path,
    begin_with: Path | None,
    plan: "Plan",
    *,
    hold_out: tuple[Path, ...],
    limit: int | None,
) -> None:
    import torch

    from index import minilm
    from index.pairs import PairEncoder
    from training.support.data import held_out_of, recipes
    from training.support.fitting import fit_support, keep_plan
    from training.support.network import SupportNetwork

    held_out = held_out_of(hold_out)
    keep_plan(
        work, plan, held_out=len(held_out), limit=limit, begin_with=begin_with and begin_with.name
    )
    mixtures = recipes(data, held_out)
    torch.manual_seed(plan.seed)
    folder = minilm.folder()
    network = SupportNetwork.from_base(folder)
    if begin_with is not None:
        _begin(network, begin_with)
    encoder = PairEncoder(minilm.tokenizer(folder))
    fit_support(network, mixtures, encoder, plan, work, limit=limit)


def _begin(network: "SupportNetwork", path: Path) -> None:
    from safetensors import SafetensorError

    try:
        network.take_backbone(path)
    except (OSError, SafetensorError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path.name}: {error}") from error


def _measure(data: Path, work: Path, claims: Path, hold_out: tuple[Path, ...]) -> None:
    """Measure what would be shipped; where abstracts were learnt from, also without these."""
    from evals.support_cases import read_claims
    from index.support_model import MiniLMSupport
    from training.support.claims import SciFactClaims
    from training.support.data import SCIFACT, held_out_of
    from training.support.export import export
    from training.support.measure import measured, tell

    weights = work / "support.safetensors"
    export(work, weights)
    model = MiniLMSupport(weights)
    learnt = set(SciFactClaims(data / SCIFACT, held_out_of(hold_out)).abstracts())
    asked = read_claims(claims)
    unseen = [claim for claim in asked if claim.sentences not in learnt]
    tell(measured(asked, model))
    if len(unseen) < len(asked):
        click.echo("\nonly claims on abstracts that were not learnt from:")
        tell(measured(unseen, model))


if __name__ == "__main__":
    main()
