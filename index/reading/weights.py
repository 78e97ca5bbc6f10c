"""The reader's weights: which files are shipped, and reading them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from corpus.errors import ModelError
from index.tensors import Stored, read_stored

FOLDER = Path(__file__).parent
# What is shipped; `python -m training.export` prints the digests of what it wrote.
DIGESTS: Mapping[str, str] = {
    "encoder.safetensors": "dbfd5f5479ffc6e9613e95b08440439c84803bc59d6792819fea48b93f391ed2",
    "judge.safetensors": "aa5095a459bebcdfd1c032e10d83013a588668368ec1ccb3382abaf0b902ebfc",
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
