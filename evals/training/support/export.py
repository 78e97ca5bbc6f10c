"""The weights as shipped: `python -m evals.training.support.export WORK [--output FILE]`."""

import sys
from pathlib import Path

import click

from corpus.errors import ModelError
from evals.training.export import export, tell


@click.command()
@click.argument("work", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Default: index/support/support.safetensors.",
)
def main(work: Path, *, output: Path | None) -> None:
    """Write what training reached in WORK as bfloat16 safetensors and tell its SHA-256."""
    from index.network import SupportNetwork
    from index.support_model import BUILT_IN, MiniLMSupport

    path = output or BUILT_IN
    try:
        export(SupportNetwork, work, path)
        model = MiniLMSupport(path)
        model.warm_up()
    except ModelError as error:
        click.echo(f"export: {error}", err=True)
        sys.exit(2)
    tell(path, model.weights_sha256)


if __name__ == "__main__":
    main()
