"""The command that trains the support model, with a network of two small layers."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import load_file, save_file

from tests.training.support.networks import tiny
from tests.training.support.test_data import folder_of_all
from training.support.__main__ import main
from training.support.network import SupportNetwork

NAME = "backbone.encoder.layer.1.output.LayerNorm.weight"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the small network in MiniLM's place."""
    monkeypatch.setattr(SupportNetwork, "from_base", classmethod(lambda _, __: tiny()))


def trained(folder: Path, work: Path, *more: str) -> Result:
    """Return what a training of one epoch on few examples ends with."""
    few = ("--epochs", "1", "--limit", "6")
    return CliRunner().invoke(main, [str(folder), "--work", str(work), *few, *more])


def test_a_training_reaches_the_end_of_its_epochs(tmp_path: Path) -> None:
    """What it reached and how it was asked for is in the folder."""
    result = trained(folder_of_all(tmp_path), tmp_path / "work")
    assert result.exit_code == 0, result.output
    reached = json.loads((tmp_path / "work" / "reached.json").read_text("utf-8"))
    assert reached["epoch"] == 1
    plan = json.loads((tmp_path / "work" / "plan.json").read_text("utf-8"))
    assert (plan["limit"], plan["begin_with"]) == (6, None)


def test_it_begins_with_the_backbone_that_is_given(tmp_path: Path) -> None:
    """So few steps change little of it."""
    given = {k: v for k, v in tiny().state_dict().items() if k.startswith("backbone.")}
    given[NAME] = torch.full_like(given[NAME], 5.0)
    save_file(given, tmp_path / "begin.safetensors")
    begin = ("--begin-with", str(tmp_path / "begin.safetensors"))
    result = trained(folder_of_all(tmp_path), tmp_path / "work", *begin)
    assert result.exit_code == 0, result.output
    found = load_file(tmp_path / "work" / "network.safetensors")[NAME]
    assert found == pytest.approx(5.0, abs=0.1)


@pytest.mark.parametrize("stored", [b"not weights", b""])
def test_a_file_without_a_backbone_is_told(tmp_path: Path, stored: bytes) -> None:
    """One line and exit status 2."""
    (tmp_path / "x.safetensors").write_bytes(stored)
    begin = ("--begin-with", str(tmp_path / "x.safetensors"))
    result = trained(folder_of_all(tmp_path), tmp_path / "work", *begin)
    assert result.exit_code == 2
    assert "training: x.safetensors: " in result.output
