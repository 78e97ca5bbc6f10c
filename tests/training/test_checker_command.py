"""The checker's training: its probe reads in order, and what it is told is told."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from index.reading.lines import Placed
from index.reading.tokens import ReaderTokens
from tests.training.files import written
from training.batches import Batch
from training.checker import PROBED_AT_ONCE, Probe, main
from training.claims import Claim
from training.fitting import read
from training.network import Encoder, Judge, Scores, Shape

TOKENS = ReaderTokens()
TINY = Shape(width=24, inner=24, lower=1, upper=1, positions=514, first=2, epsilon=1e-5, heads=12)


def claims(count: int) -> list[Claim]:
    """Return claims of all lengths, in no order: every third is true, the others of two kinds."""
    kinds = ("close", "number", "beyond")
    made = [
        Claim(
            claim_id=str(n),
            text_id="gout",
            text="gout " * (1 + n * 7 % count),
            evidence={i: Placed(text="beer " * (1 + n % 5)) for i in range(1 + n % 3)},
            bears=frozenset({0}),
            supported=n % 3 == 0,
            denied=n % 3 == 1,
            kind=kinds[n % 3],
        )
        for n in range(count)
    ]
    random.Random(0).shuffle(made)
    return made


def knowing(_encoder: Encoder, _judge: Judge, batch: Batch, *, bf16: bool) -> Scores:
    """Return the targets of a batch as its scores, and a "beyond" claim's like a true one's."""
    assert not bf16
    neither = (1 - batch.answers) * (1 - batch.denies)
    return Scores(
        answers=batch.answers + neither, units=torch.zeros_like(batch.relevant), denies=batch.denies
    )


def test_the_probe_reads_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Scores come back to their claims through batches of many lengths.

    By hand: denied claims are told apart wholly, the others of the false ones not at all; so of
    all pairs of a true and a false claim three quarters are right.
    """
    assert PROBED_AT_ONCE == 16
    monkeypatch.setattr("training.checker.read", knowing)
    probe = Probe("held out", claims(60), TOKENS, bf16=False)
    probe.report(1_234_567, Encoder(TINY), Judge(TINY, denying=True))
    assert capsys.readouterr().err == (
        "\n1,234,567 tokens, held out: all 0.750, beyond 0.50, number 1.00, denied 1.000\n"
    )


def test_the_probe_hides_no_word_and_gives_the_same_each_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two probes of one untrained network tell the same, whatever order the claims came in."""
    torch.manual_seed(0)
    networks = Encoder(TINY).eval(), Judge(TINY, denying=True).eval()
    for given in (claims(20), claims(20)[::-1]):
        Probe("a", given, TOKENS, bf16=False).report(0, *networks)
    first, second = capsys.readouterr().err.strip().split("\n\n")
    assert first == second
    assert first.startswith("0 tokens, a: all 0.")


def test_a_second_output_is_learnt_beside_the_first() -> None:
    """A judge that denies has two; one that does not tells nothing of it."""
    seen: list[Batch] = []

    def keep(encoder: Encoder, judge: Judge, batch: Batch, *, bf16: bool) -> Scores:
        seen.append(batch)
        return read(encoder, judge, batch, bf16=bf16)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.checker.read", keep)
        Probe("a", claims(5), TOKENS, bf16=False).report(
            0, Encoder(TINY), Judge(TINY, denying=True)
        )
    (batch,) = seen
    with torch.inference_mode():
        both = read(Encoder(TINY), Judge(TINY, denying=True), batch)
        one = read(Encoder(TINY), Judge(TINY), batch)
    assert both.denies is not None
    assert both.answers.shape == both.denies.shape == (5,)
    assert one.denies is None


def test_a_broken_line_of_the_data_is_named(tmp_path: Path) -> None:
    """Exit 2 with one line, before any network is made."""
    written(tmp_path / "claims.jsonl")
    (tmp_path / "scifact_claims.jsonl").write_text("{\n", encoding="utf-8")
    done = CliRunner().invoke(main, [str(tmp_path), "--work", str(tmp_path / "work")])
    assert done.exit_code == 2
    assert "scifact_claims.jsonl, line 1" in done.stderr
    assert not (tmp_path / "work").exists()


def test_memory_is_kept_before_torch_is_there() -> None:
    """torch reads the setting when it is imported; one that is set already stays."""
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
