"""The weights as they are shipped: `python -m evals.training.export WORK [--output FILE]`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import ModelError

if TYPE_CHECKING:
    from index.network import MiniLMNetwork

MAX_BYTES = 50_000_000


@click.command()
@click.argument("work", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Default: index/reader/reader.safetensors.",
)
def main(work: Path, *, output: Path | None) -> None:
    """Write what training reached in WORK as bfloat16 safetensors and tell its SHA-256."""
    from index.evidence_model import BUILT_IN, MiniLMReader
    from index.network import ReaderNetwork

    path = output or BUILT_IN
    try:
        export(ReaderNetwork, work, path)
        reader = MiniLMReader(path)
        reader.warm_up()
    except ModelError as error:
        click.echo(f"export: {error}", err=True)
        sys.exit(2)
    tell(path, reader.weights_sha256)


def tell(path: Path, sha256: str) -> None:
    """Print what was written."""
    click.echo(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256}")


def export(kind: "type[MiniLMNetwork]", work: Path, path: Path) -> None:
    """Write the trained tensors of a network that `work` holds to `path`.

    Raises ModelError when they are missing, of another network, or too large.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from index.embedder import SentenceTransformerEmbedder

    trained = work / "network.safetensors"
    if not trained.is_file():
        raise ModelError(f"{trained}: not found; has the training run?")
    network = kind.from_base(SentenceTransformerEmbedder().folder)
    try:
        network.load_state_dict(load_file(trained))
    except (SafetensorError, RuntimeError) as error:
        first_line = str(error).partition("\n")[0]
        raise ModelError(f"{trained}: {first_line}") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    network.write_trained(new)
    if new.stat().st_size > MAX_BYTES:
        raise ModelError(f"{new}: {new.stat().st_size} bytes, at most {MAX_BYTES} may be shipped")
    new.replace(path)


if __name__ == "__main__":
    main()
