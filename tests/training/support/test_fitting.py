"""Tests of fitting the support model, with a network of two small layers."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from corpus.errors import InputError, ModelError
from evals.support_cases import Claim
from index import minilm
from index.pairs import PairEncoder
from index.support_model import SupportPair, SupportScores
from tests.training.support.networks import tiny
from training.support import export as export_command
from training.support import fitting
from training.support.batches import Batch, batches
from training.support.examples import ClaimExample, Says
from training.support.fitting import Plan, keep_plan, loss_of, train
from training.support.measure import measured
from training.support.network import UNTRAINED, SupportNetwork

PLAN = Plan(epochs=2, seed=1)
WORDS = "lung steroid relapse fever rash dose children women higher lower 12 30 not seen".split()


class Broken(Exception):  # noqa: N818 - it stands for a machine that goes off
    """What ends a training half-way."""


@pytest.fixture(scope="module")
def encoder() -> PairEncoder:
    """Return an encoder over the built-in model's vocabulary."""
    return PairEncoder(minilm.tokenizer(minilm.folder()))


def examples(count: int = 24) -> list[ClaimExample]:
    """Return exercises of drawn words, with the labels in turn."""
    rng = random.Random(7)
    return [
        ClaimExample(
            claim=" ".join(rng.choices(WORDS, k=rng.randint(2, 9))),
            evidence=(" ".join(rng.choices(WORDS, k=rng.randint(2, 30))),),
            says=Says(place % 3),
        )
        for place in range(count)
    ]


def made_batches(encoder: PairEncoder, number: int) -> list[Batch]:
    """Return six small batches of an epoch."""
    mixed = examples()
    random.Random(number).shuffle(mixed)
    return [
        batch
        for start in range(0, 24, 4)
        for batch in batches(mixed[start : start + 4], encoder, random.Random(number))
    ]


def fitted(encoder: PairEncoder, folder: Path) -> SupportNetwork:
    """Return the network trained, as far as a run in `folder` was not broken off."""
    network = tiny()
    train(network, lambda number: made_batches(encoder, number), PLAN, folder)
    return network


def breaking(after: int) -> Callable[[SupportNetwork, Batch], torch.Tensor]:
    """Return the loss of so many batches, and then an end."""
    left = [after]

    def loss(network: SupportNetwork, batch: Batch) -> torch.Tensor:
        left[0] -= 1
        if left[0] < 0:
            raise Broken
        return loss_of(network, batch)

    return loss


def test_a_resumed_training_equals_an_uninterrupted_one(
    encoder: PairEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off in the middle of either epoch, it ends at the very same weights."""
    monkeypatch.setattr(fitting, "CHECKPOINT_STEPS", 2)
    whole = fitted(encoder, tmp_path / "whole").state_dict()
    for after in (5, 4):  # in the first epoch; then, going on, in the second
        with monkeypatch.context() as patch:
            patch.setattr(fitting, "loss_of", breaking(after))
            with pytest.raises(Broken):
                fitted(encoder, tmp_path / "broken")
    resumed = fitted(encoder, tmp_path / "broken").state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert any(not torch.equal(whole[n], t) for n, t in tiny().state_dict().items())


def test_word_embeddings_are_not_trained(encoder: PairEncoder, tmp_path: Path) -> None:
    """They are not shipped, so they must stay the base's."""
    after = fitted(encoder, tmp_path).state_dict()[UNTRAINED]
    assert torch.equal(after, tiny().state_dict()[UNTRAINED])


def test_batches_hold_every_example_once_with_its_label(encoder: PairEncoder) -> None:
    """Padding is masked, and a row's tokens, segments and label belong together."""
    made = list(batches(examples(), encoder, random.Random(1)))
    rows = {
        tuple(ids[: mask.sum()].tolist()): Says(int(says))
        for batch in made
        for ids, mask, says in zip(batch.ids, batch.mask, batch.says, strict=True)
    }
    assert rows == {encoder.encode(e.claim, e.evidence).ids: e.says for e in examples()}
    assert all(bool((batch.ids[batch.mask == 0] == 0).all()) for batch in made)


def test_batches_are_the_same_for_the_same_seed(encoder: PairEncoder) -> None:
    """Training can be repeated."""
    one, other = (list(batches(examples(), encoder, random.Random(2))) for _ in range(2))
    assert all(torch.equal(a.ids, b.ids) for a, b in zip(one, other, strict=True))


def test_the_loss_is_lower_for_the_right_label(encoder: PairEncoder) -> None:
    """A network that says "contradicted" of everything is right about what contradicts."""
    network = tiny()
    with torch.no_grad():
        network.get_parameter("verdict.2.weight").zero_()
        network.get_parameter("verdict.2.bias").copy_(torch.tensor([0.0, 5.0, 0.0]))
    losses = {}
    for says in Says:
        (batch,) = batches([replace(examples(1)[0], says=says)], encoder, random.Random(0))
        losses[says] = float(loss_of(network, batch).detach())
    assert losses[Says.CONTRADICTED] < 0.5 < min(losses[Says.SUPPORTED], losses[Says.NOT_FOUND])


def test_another_plan_does_not_go_on_from_a_folder(tmp_path: Path) -> None:
    """A try with a few examples is not taken for half of the real training."""
    keep_plan(tmp_path, PLAN, limit=10)
    keep_plan(tmp_path, PLAN, limit=10)
    with pytest.raises(InputError, match="another plan"):
        keep_plan(tmp_path, PLAN, limit=None)
    with pytest.raises(InputError, match="another plan"):
        keep_plan(tmp_path, replace(PLAN, seed=2), limit=10)


def test_export_writes_what_the_model_reads(tmp_path: Path) -> None:
    """The command writes the file and prints the digest that its card must name."""
    from safetensors.torch import save_file

    network = SupportNetwork.from_base(minilm.folder())
    save_file(network.state_dict(), tmp_path / "network.safetensors")
    path = tmp_path / "support.safetensors"
    result = CliRunner().invoke(export_command.main, [str(tmp_path), "--output", str(path)])
    assert result.exit_code == 0, result.output
    assert "SHA-256 " in result.output
    assert set(load_file(path)) == set(network.state_dict()) - {UNTRAINED}
    save_file({"other": torch.zeros(2)}, tmp_path / "network.safetensors")
    with pytest.raises(ModelError, match=r"network\.safetensors"):
        export_command.export(tmp_path, path)


def test_exporting_without_a_training_is_told(tmp_path: Path) -> None:
    """One line and exit status 2."""
    result = CliRunner().invoke(
        export_command.main, [str(tmp_path), "--output", str(tmp_path / "x")]
    )
    assert result.exit_code == 2
    assert "has the training run?" in result.output


class ByLength:
    """Believes short claims, denies long ones."""

    name = "length"
    digest = "1" * 64

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return a little doubt."""
        short = [len(pair.claim) < 6 for pair in pairs]
        return [
            SupportScores(
                supported=0.8 if s else 0.1, contradicted=0.1 if s else 0.8, not_found=0.1
            )
            for s in short
        ]


def test_measures_by_hand() -> None:
    """Two of three labels found: F1 of 1, 2/3 and 0; every supported one ranked above."""
    claims = [
        Claim(claim="Yes.", label="SUPPORT", evidence=("It is.",), sentences=("It is.",)),
        Claim(claim="Not at all.", label="CONTRADICT", evidence=("It is.",), sentences=("It is.",)),
        Claim(claim="Who knows it?", label="NOT_ENOUGH_INFO", evidence=(), sentences=("It is.",)),
    ]
    found = measured(claims, ByLength())
    assert found["auroc, supported against the rest"] == 1
    assert found["macro-F1"] == pytest.approx((1 + 2 / 3 + 0) / 3)
