"""The weights as they are shipped: `python -m evals.training.export WORK [--output FILE]`."""

import sys
from pathlib import Path

import click

from corpus.errors import ModelError

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

    path = output or BUILT_IN
    try:
        export(work, path)
        reader = MiniLMReader(path)
        reader.warm_up()
    except ModelError as error:
        click.echo(f"export: {error}", err=True)
        sys.exit(2)
    click.echo(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {reader.weights_sha256}")


def export(work: Path, path: Path) -> None:
    """Write the trained tensors to `path`; raises ModelError when they are missing or too large."""
    from safetensors.torch import load_file

    from index.embedder import SentenceTransformerEmbedder
    from index.network import ReaderNetwork

    trained = work / "network.safetensors"
    if not trained.is_file():
        raise ModelError(f"{trained}: not found; has the training run?")
    network = ReaderNetwork.from_base(SentenceTransformerEmbedder().folder)
    network.load_state_dict(load_file(trained))
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    network.write_trained(new)
    if new.stat().st_size > MAX_BYTES:
        raise ModelError(f"{new}: {new.stat().st_size} bytes, at most {MAX_BYTES} may be shipped")
    new.replace(path)


if __name__ == "__main__":
    main()
