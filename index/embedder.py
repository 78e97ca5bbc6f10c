"""Text to vectors: the built-in model, or any sentence-transformers model in a folder."""

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
from corpus.library import fingerprint
from index import minilm
from index.transformer import DIGESTS, Embeddings, Layers, side_by_side

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
Progress = Callable[[int], object]

BUILT_IN = "all-MiniLM-L6-v2"
BATCH_TEXTS = 32
# all-MiniLM-L6-v2 was made for so many tokens: what is behind them is not read.
MOST_TOKENS = 256


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


def embedder_of(model: str = BUILT_IN) -> Embedder:
    """Return the embedder of a model: the built-in one, or one in a folder; nothing is fetched.

    The weights are read at the first use. Raises ModelError where there is no such model.
    """
    return BuiltInEmbedder() if model == BUILT_IN else SentenceTransformerEmbedder(model)


class BuiltInEmbedder:
    """all-MiniLM-L6-v2: the mean of the last states, of length 1.

    Raises ModelError, at use, when its weights are missing or not the published ones.
    """

    name = BUILT_IN
    dimension = 384

    def __init__(self) -> None:
        self._folder = minilm.folder()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the digests of weights, vocabulary and graph."""
        minilm.encoder(self._folder)  # no other weights are read
        return fingerprint(
            {
                "weights": minilm.SHA256,
                "vocabulary": minilm.VOCABULARY_SHA256,
                "graph": DIGESTS[minilm.GRAPH],
            }
        )

    def warm_up(self) -> None:
        """Read the weights now, so that the first question does not wait for them."""
        self.embed_batch(["ready"])

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), 384), each row of length 1, in the order given."""
        tokenizer, embeddings, layers = _built_in(self._folder)

        def embedded(text: str) -> Vectors:
            states = layers(embeddings(tokenizer.encode(text).ids)).mean(axis=0)
            found: Vectors = states / np.linalg.norm(states)
            return found

        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack(side_by_side(embedded, texts))


@lru_cache(maxsize=1)
def _built_in(folder: Path) -> "tuple[Tokenizer, Embeddings, Layers]":
    tokenizer = minilm.tokenizer(folder)
    tokenizer.enable_truncation(MOST_TOKENS)
    return tokenizer, *minilm.encoder(folder)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model in a folder; needs the extra `models`.

    The weights are read at the first use, once for all embedders of one model. Raises ModelError
    when the files are missing or no such model's.
    """

    _lock = threading.Lock()

    def __init__(self, model: str) -> None:
        self.name = model
        self.folder = Path(model)
        if not (self.folder / "modules.json").is_file():
            raise ModelError(
                f"embedding model {model!r}: not a sentence-transformers folder "
                "(modules.json is missing); models are never fetched from a hub"
            )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and contents of the model's files."""
        whole = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if _matters(p)):
            whole.update(f"{path.relative_to(self.folder)} {_sha256(path)}\n".encode())
        return whole.hexdigest()

    @cached_property
    def model(self) -> "SentenceTransformer":
        """The model itself, read at first use; raises ModelError."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            return _loaded(self.folder, self.digest)
        except ImportError as error:
            raise ModelError(
                f"embedding model {self.name!r}: sentence-transformers is not installed: "
                "pip install 'sequitur[models]'"
            ) from error
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


def _matters(path: Path) -> bool:
    """Tell the files that decide the vectors from readmes and caches."""
    return path.is_file() and path.suffix in {".json", ".safetensors", ".txt", ".model", ".bin"}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
