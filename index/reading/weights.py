"""The reader's weights: which files are shipped, and reading them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from corpus.errors import ModelError
from index.tensors import Stored, read_stored

FOLDER = Path(__file__).parent
# What is shipped; `python -m training.export` and `python -m training.late` print the digests of
# what they wrote.
READER = ("encoder.safetensors", "late.safetensors", "judge.safetensors")
CHECKER = ("encoder.safetensors", "checker.safetensors")
DIGESTS: Mapping[str, str] = {
    "encoder.safetensors": "dbfd5f5479ffc6e9613e95b08440439c84803bc59d6792819fea48b93f391ed2",
    "late.safetensors": "b84d896591998f019ffcc8695d45f676a44092b76f74e2ac8303f19be4c73c68",
    "judge.safetensors": "61075f2f5f4527ada882c866fe83c0b8e61dc514eb00882610e545c55c2f8888",
    "checker.safetensors": "660b1aa05ba4d8b9316b58b5d10c7c2766c3d384c64a1d6e191607f73541b58c",
}


def digest_of(name: str, folder: Path = FOLDER) -> str:
    """Return a file's SHA-256: of a shipped one the digest without which it is not read."""
    if folder == FOLDER:
        return DIGESTS[name]
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


def stored_weights(name: str, folder: Path = FOLDER) -> Stored:
    """Return a file's tensors as they are stored.

    Raises ModelError where it is missing or not the shipped one.
    """
    try:
        return read_stored(folder / name, DIGESTS[name] if folder == FOLDER else None)
    except ModelError as error:
        raise ModelError(f"reader: {error}") from error
