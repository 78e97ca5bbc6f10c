"""What a training reached, as it is shipped: `python -m training.export WORK [--output DIR]`."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import click
from safetensors.numpy import load_file, save_file

from index.reading.weights import FOLDER, stored_weights
from index.tensors import Floats, packed, unpacked
from training.base import networks


@click.command()
@click.argument("work", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=FOLDER)
@click.option("--averaged", is_flag=True, help="Average the judge with the one that is shipped.")
@click.option("--checker", is_flag=True, help="WORK is a training of the checker.")
def main(work: Path, output: Path, *, averaged: bool, checker: bool) -> None:
    """Write the encoder, which is the base's, and the judge (or the checker); print digests."""
    judge = load_file(work / "judge.safetensors")
    if checker:
        write(judge, output / "checker.safetensors")
        return
    encoder, _ = networks()
    if averaged:
        shipped = unpacked(stored_weights("judge.safetensors"))
        judge = {name: (tensor + shipped[name]) / 2 for name, tensor in judge.items()}
    write({n: t.numpy() for n, t in encoder.state_dict().items()}, output / "encoder.safetensors")
    write(judge, output / "judge.safetensors")


def write(tensors: Mapping[str, Floats], path: Path) -> None:
    """Write tensors as they are shipped, and print the digest that is pinned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(packed(tensors), path)
    click.echo(f'    "{path.name}": "{hashlib.sha256(path.read_bytes()).hexdigest()}",')


if __name__ == "__main__":
    main()
