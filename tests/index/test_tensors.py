"""Files of weights: what comes back of what was stored, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save
from safetensors.torch import save as save_torch

from corpus.errors import ModelError
from index.tensors import Rows, packed, read_tensors, tensors_of, unpacked


def test_weights_come_back_within_half_a_step() -> None:
    """Eight bits a row hold a matrix to half of its row's largest value over 127."""
    matrix = np.linspace(-1, 3, 12, dtype=np.float32).reshape(3, 4)
    stored = packed({"w": matrix, "b": np.array([0.1, 0.2], dtype=np.float32)})
    assert stored["w"].dtype == np.int8
    back = unpacked(stored)
    steps = np.abs(matrix).max(axis=1, keepdims=True) / 127
    assert bool((np.abs(back["w"] - matrix) <= steps / 2 + 1e-7).all())
    assert back["b"].tolist() == pytest.approx([0.1, 0.2])
    assert set(back) == {"w", "b"}


def test_a_few_rows_are_those_of_the_whole_matrix() -> None:
    """In the order asked for, one of them twice."""
    stored = packed({"w": np.linspace(-1, 3, 12, dtype=np.float32).reshape(3, 4)})
    whole = unpacked(stored)["w"]
    assert Rows(stored, "w")[[2, 0, 2]].tolist() == whole[[2, 0, 2]].tolist()


def test_bfloat16_is_read_as_torch_reads_it() -> None:
    """Exactly: its numbers are among those of float32, negative, tiny and huge ones too."""
    given = torch.tensor([[1.0, -2.5, 3e-39], [0.0, 3.1e38, 1 / 3]]).to(torch.bfloat16)
    (found,) = tensors_of(save_torch({"x": given}), "x").values()
    assert found.dtype == np.float32
    assert found.tolist() == given.float().tolist()


def test_another_kind_of_number_is_refused() -> None:
    """Float64 is no kind that weights are stored in; the file is named."""
    with pytest.raises(ModelError, match=r"some\.safetensors: holds tensors of kind F64"):
        tensors_of(save({"x": np.zeros(2)}), "some.safetensors")


@pytest.mark.parametrize("data", [b"", b"no tensors", b"\xff" * 40])
def test_what_is_no_safetensors_file_is_refused_in_one_line(data: bytes) -> None:
    """A foreign file is an error that names it."""
    with pytest.raises(ModelError, match=r"^x\.safetensors: .+$"):
        tensors_of(data, "x.safetensors")


def test_a_file_with_another_digest_is_refused(tmp_path: Path) -> None:
    """Both digests are told; the right one lets it pass."""
    path = tmp_path / "x.safetensors"
    path.write_bytes(save({"x": np.ones(1, dtype=np.float32)}))
    with pytest.raises(ModelError, match=r"has SHA-256 [0-9a-f]{64}, expected 00"):
        read_tensors(path, "00")
    assert read_tensors(path)["x"].tolist() == [1.0]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """It is missing before it has a wrong digest."""
    with pytest.raises(ModelError, match="none is missing"):
        read_tensors(tmp_path / "none", "00")
