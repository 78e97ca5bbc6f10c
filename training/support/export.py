"""The weights as shipped: `python -m training.support.export WORK [--output FILE]`."""

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
    help="Default: index/support/support.safetensors.",
)
def main(work: Path, *, output: Path | None) -> None:
    """Write what training reached in WORK as bfloat16 safetensors and tell its SHA-256."""
    from index.support_model import BUILT_IN, MiniLMSupport

    path = output or BUILT_IN
    try:
        export(work, path)
        model = MiniLMSupport(path)
        model.warm_up()
    except ModelError as error:
        click.echo(f"export: {error}", err=True)
        sys.exit(2)
    size = path.stat().st_size / 1e6
    click.echo(f"{path.name}: {size:.1f} MB, SHA-256 {model.weights_sha256}")


def export(work: Path, path: Path) -> None:
    """Write the trained tensors of the network that `work` holds to `path`.

    Raises ModelError when they are missing, of another network, or too large.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from index import minilm
    from training.support.network import SupportNetwork

    trained = work / "network.safetensors"
    if not trained.is_file():
        raise ModelError(f"{trained}: not found; has the training run?")
    network = SupportNetwork.from_base(minilm.folder())
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
