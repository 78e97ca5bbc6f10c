"""A network that is small enough to be trained in a test."""

import torch
from transformers import BertConfig, BertModel

from training.support.network import SupportNetwork


def tiny() -> SupportNetwork:
    """Return a network of two layers, eight wide; the same every time."""
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return SupportNetwork(BertModel(config, add_pooling_layer=False))
