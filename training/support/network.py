"""The support model's network: MiniLM with a head that says what a passage says of a claim."""

from pathlib import Path
from typing import TYPE_CHECKING, Self

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from index.support_model import BACKBONE, VERDICTS

if TYPE_CHECKING:
    from transformers import BertModel

# The one tensor that training leaves as it was; it is taken from the base model, not shipped.
UNTRAINED = "backbone.embeddings.word_embeddings.weight"


class SupportNetwork(nn.Module):
    """BERT (`backbone`) with a `verdict` taken from the last state of its first token.

    The word embeddings are not trained: the data are small, the vocabulary is not, and a third of
    a training step would go into them.
    """

    def __init__(self, backbone: "BertModel") -> None:
        super().__init__()
        self.backbone = backbone
        backbone.embeddings.word_embeddings.requires_grad_(requires_grad=False)
        width = backbone.config.hidden_size
        self.verdict = nn.Sequential(
            nn.Linear(width, width), nn.Tanh(), nn.Linear(width, len(VERDICTS))
        )

    @classmethod
    def from_base(cls, folder: Path) -> Self:
        """Start from the MiniLM in a sentence-transformers folder.

        No dropout: drawing its masks would cost two thirds of a training step on a CPU.
        """
        from transformers import BertModel
        from transformers.utils.logging import disable_progress_bar, set_verbosity_error

        disable_progress_bar()  # type: ignore[no-untyped-call]
        set_verbosity_error()  # type: ignore[no-untyped-call]  # the base has a head more
        backbone = BertModel.from_pretrained(
            str(folder),
            add_pooling_layer=False,
            attn_implementation="eager",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            local_files_only=True,
        )
        return cls(backbone)

    def take_backbone(self, path: Path) -> None:
        """Begin with the backbone in a safetensors file, whatever heads it was trained with.

        Raises ValueError when it holds another one.
        """
        tensors = {k: v for k, v in load_file(path).items() if k.startswith(BACKBONE)}
        missing, unexpected = self.load_state_dict(tensors, strict=False)
        lacking = {name for name in missing if name.startswith(BACKBONE)} - {UNTRAINED}
        if unexpected or lacking:
            raise ValueError(f"holds another backbone: {sorted({*lacking, *unexpected})}")

    def write_trained(self, path: Path) -> None:
        """Write the trained tensors in bfloat16."""
        tensors = {k: v.to(torch.bfloat16) for k, v in self.state_dict().items() if k != UNTRAINED}
        save_file({k: v.contiguous() for k, v in tensors.items()}, path)

    def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> Tensor:
        """Return the logits of VERDICTS, float (n, 3).

        `ids`, `mask` (1 for a token, 0 for padding) and `segments` are integer (n, length).
        """
        read = self.backbone(input_ids=ids, attention_mask=mask, token_type_ids=segments)
        logits: Tensor = self.verdict(read.last_hidden_state[:, 0])
        return logits
