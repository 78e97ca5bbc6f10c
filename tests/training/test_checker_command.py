"""The checker's training: its probe reads in order, and what it is told is told."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import Tensor

from index.reading.lines import Placed
from index.reading.tokens import ReaderTokens
from tests.training.files import written
from training.checker import PROBED_AT_ONCE, Probe, main
from training.claims import Claim
from training.network import Encoder, Judge, Scores, Shape, padded

TOKENS = ReaderTokens()
(_, TRUE, _), (_, NEVER, _) = TOKENS.claim("true"), TOKENS.claim("never")
TINY = Shape(width=24, inner=24, lower=1, upper=1, positions=514, first=2, epsilon=1e-5, heads=12)


class Echo(Encoder):
    """Gives each token's id for its state."""

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return float (tokens, 1)."""
        return ids[mask][:, None].float()


class Reading(Judge):
    """Is sure of what a claim says of itself: "true" is true, "never" is denied."""

    def forward(self, states: Tensor, mask: Tensor, asked: Tensor, parts: Tensor) -> Scores:
        """Return 1.0 or 0.0 for each pair; a claim with neither word is taken for a true one."""
        ids = padded(states, mask)[..., 0] * asked
        true, never = ((ids == token).any(dim=1).float() for token in (TRUE, NEVER))
        answers = torch.maximum(true, 1 - never)
        return Scores(answers=answers, units=torch.zeros(parts.shape[:2]), denies=never)


def claims(count: int) -> list[Claim]:
    """Return claims of all lengths, in no order: every third is true, the others of two kinds."""
    words, kinds = ("true", "never", "neither"), ("close", "number", "beyond")
    made = [
        Claim(
            claim_id=str(n),
            text_id="gout",
            text=f"{words[n % 3]} " + "gout " * (1 + n * 7 % count),
            evidence={i: Placed(text="true never " * (1 + n % 5)) for i in range(1 + n % 3)},
            bears=frozenset({0}),
            supported=n % 3 == 0,
            denied=n % 3 == 1,
            kind=kinds[n % 3],
        )
        for n in range(count)
    ]
    random.Random(0).shuffle(made)
    return made


def test_the_probe_reads_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Scores come back to their claims through batches of many lengths.

    By hand: denied claims are told apart wholly, the others of the false ones not at all; so of
    all pairs of a true and a false claim three quarters are right.
    """
    assert PROBED_AT_ONCE == 16
    probe = Probe("held out", claims(60), TOKENS, bf16=False)
    probe.report(1_234_567, Echo(TINY), Reading(TINY, denying=True))
    assert capsys.readouterr().err == (
        "\n1,234,567 tokens, held out: all 0.750, beyond 0.50, number 1.00, denied 1.000\n"
    )


def test_the_probe_tells_the_same_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    """No word is hidden, and the order in which claims came makes no difference."""
    torch.manual_seed(0)
    networks = Encoder(TINY).eval(), Judge(TINY, denying=True).eval()
    for given in (claims(20), claims(20)[::-1]):
        Probe("a", given, TOKENS, bf16=False).report(0, *networks)
    first, second = capsys.readouterr().err.strip().split("\n\n")
    assert first == second
    assert first.startswith("0 tokens, a: all 0.")


def test_a_broken_line_of_the_data_is_named(tmp_path: Path) -> None:
    """Exit 2 with one line, before any network is made."""
    written(tmp_path / "claims.jsonl")
    (tmp_path / "scifact_claims.jsonl").write_text("{\n", encoding="utf-8")
    done = CliRunner().invoke(main, [str(tmp_path), "--work", str(tmp_path / "work")])
    assert done.exit_code == 2
    assert "scifact_claims.jsonl, line 1" in done.stderr
    assert not (tmp_path / "work").exists()


def test_memory_is_kept_before_torch_is_there() -> None:
    """The setting is read when torch is imported; one that is set already stays."""
    code = (
        "import os, sys; from training.memory import keep_memory; keep_memory(); "
        "print(os.environ['THP_MEM_ALLOC_ENABLE'], 'torch' in sys.modules)"
    )
    for given, wanted in (({}, "1 False"), ({"THP_MEM_ALLOC_ENABLE": "0"}, "0 False")):
        left = {k: v for k, v in os.environ.items() if k != "THP_MEM_ALLOC_ENABLE"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=left | given,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == wanted
