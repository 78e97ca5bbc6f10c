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
@click.option("--averaged", is_flag=True, help="Average it with the one that is shipped.")
@click.option("--checker", is_flag=True, help="WORK is a training of the checker.")
def main(work: Path, output: Path, *, averaged: bool, checker: bool) -> None:
    """Write the judge, with the encoder, which is the base's, or the checker; print digests."""
    name = "checker.safetensors" if checker else "judge.safetensors"
    judge = load_file(work / "judge.safetensors")
    if averaged:
        shipped = unpacked(stored_weights(name))
        judge = {part: (tensor + shipped[part]) / 2 for part, tensor in judge.items()}
    if not checker:
        encoder, _ = networks()
        tensors = {part: tensor.numpy() for part, tensor in encoder.state_dict().items()}
        write(tensors, output / "encoder.safetensors")
    write(judge, output / name)


def write(tensors: Mapping[str, Floats], path: Path) -> None:
    """Write tensors as they are shipped, and print the digest that is pinned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(packed(tensors), path)
    click.echo(f'    "{path.name}": "{hashlib.sha256(path.read_bytes()).hexdigest()}",')


if __name__ == "__main__":
    main()
