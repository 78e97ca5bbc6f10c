"""Tests of the support models: one contract, the built-in network, and what damages its file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save, save_file

from corpus.errors import ModelError
from index import minilm
from index.support_model import (
    BUILT_IN,
    MiniLMSupport,
    SupportModel,
    SupportPair,
    SupportScores,
)
from training.support.network import UNTRAINED, VERDICTS, SupportNetwork

CLAIM = "Relapses were seen in 13 of 48 patients."
EVIDENCE = "Relapses were seen in 13 of the 48 patients within the first year."
APART = "The museum opens at nine."
MAX_BYTES = 50_000_000


def pair(*evidence: str, claim: str = CLAIM) -> SupportPair:
    """Return a claim with its evidence."""
    return SupportPair(claim=claim, evidence=evidence)


PAIRS = (
    pair(APART),
    pair(EVIDENCE),
    pair(APART, EVIDENCE, APART),
    pair(EVIDENCE, claim="No patient relapsed."),
)


def values(scores: SupportScores) -> tuple[float, float, float]:
    """Return the three probabilities."""
    return scores.supported, scores.contradicted, scores.not_found


class WordSupport:
    """Believes a claim by the share of its words that the evidence has."""

    name = "words"
    digest = "5" * 64

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return no contradiction, ever."""
        found = []
        for one in pairs:
            words = set(one.claim.lower().split())
            share = len(words & set(" ".join(one.evidence).lower().split())) / len(words)
            found.append(SupportScores(supported=share, contradicted=0.0, not_found=1 - share))
        return found


class SupportModelContract:
    """What every support model keeps to."""

    @pytest.fixture
    def model(self) -> SupportModel:
        """Return the model under test."""
        raise NotImplementedError

    def test_nothing_to_judge_gives_nothing(self, model: SupportModel) -> None:
        """No pairs, no scores."""
        assert model.judge_batch([]) == []

    def test_the_three_sum_to_one(self, model: SupportModel) -> None:
        """They are probabilities, of every pair."""
        found = model.judge_batch(PAIRS)
        assert len(found) == len(PAIRS)
        for scores in found:
            assert all(0 <= value <= 1 for value in values(scores))
            assert sum(values(scores)) == pytest.approx(1, abs=1e-9)

    def test_scores_come_in_the_order_of_the_pairs(self, model: SupportModel) -> None:
        """Turning the pairs round turns the scores round, however long each is."""
        found = [values(scores) for scores in model.judge_batch(PAIRS)]
        turned = [values(scores) for scores in model.judge_batch(PAIRS[::-1])]
        assert len(set(found)) > 1
        for one, other in zip(found, turned[::-1], strict=True):
            assert one == other

    def test_a_batch_equals_one_by_one(self, model: SupportModel) -> None:
        """What stands beside a pair changes no digit of its scores."""
        pairs = [*PAIRS, pair(*[EVIDENCE] * 8), *PAIRS, pair(APART, APART)]
        alone = [model.judge_batch([one])[0] for one in pairs]
        for one, other in zip(model.judge_batch(pairs), alone, strict=True):
            assert values(one) == values(other)

    def test_the_same_again_is_the_same(self, model: SupportModel) -> None:
        """Judging is deterministic."""
        assert model.judge_batch(PAIRS) == model.judge_batch(PAIRS)

    def test_a_long_claim_and_long_evidence_are_judged(self, model: SupportModel) -> None:
        """Nothing that a text may hold is too long to get its scores."""
        (found,) = model.judge_batch([pair(*[EVIDENCE * 40] * 9, claim=CLAIM * 60)])
        assert sum(values(found)) == pytest.approx(1, abs=1e-9)

    def test_it_has_a_name_and_a_digest(self, model: SupportModel) -> None:
        """Provenance can tell which model it was."""
        assert model.name
        assert len(model.digest) == 64


class TestWordSupport(SupportModelContract):
    """The tests' own model."""

    @pytest.fixture
    def model(self) -> SupportModel:
        """Return the model under test."""
        return WordSupport()


def network() -> SupportNetwork:
    """Return a network with a random head that tells its inputs apart."""
    torch.manual_seed(3)
    made = SupportNetwork.from_base(minilm.folder())
    with torch.no_grad():
        for parameter in made.verdict.parameters():
            parameter.mul_(4)
    return made


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of weights with a random head, which a test leaves as it found it."""
    path = tmp_path_factory.mktemp("weights") / "support.safetensors"
    network().write_trained(path)
    return path


@pytest.fixture(scope="module")
def untrained(weights: Path) -> MiniLMSupport:
    """Return the built-in model over random weights, read once."""
    return MiniLMSupport(weights)


class TestMiniLMSupport(SupportModelContract):
    """The built-in model, whatever its weights are."""

    @pytest.fixture
    def model(self, untrained: MiniLMSupport) -> SupportModel:
        """Return the model under test."""
        return untrained

    def test_the_end_of_a_claim_is_read(self, untrained: MiniLMSupport) -> None:
        """A claim of eighty words is not judged by its first sixty."""
        long = "The patients of the first group were well. " * 9
        one, other = untrained.judge_batch(
            [pair(EVIDENCE, claim=f"{long}{end}") for end in ("None died.", "All died.")]
        )
        assert values(one) != values(other)

    def test_what_has_no_room_changes_nothing(self, untrained: MiniLMSupport) -> None:
        """Evidence beyond the room is left out; it cannot fail the judging."""
        full = [EVIDENCE * 4] * 8
        one, other = untrained.judge_batch([pair(*full), pair(*full, APART)])
        assert values(one) == values(other)


def test_the_file_holds_only_what_training_changes(weights: Path) -> None:
    """In bfloat16, small, and without the base's word embeddings."""
    tensors = load_file(weights)
    assert UNTRAINED not in tensors
    assert {tensor.dtype for tensor in tensors.values()} == {torch.bfloat16}
    assert weights.stat().st_size <= MAX_BYTES


def test_the_scores_are_named_in_the_order_of_the_network(weights: Path, tmp_path: Path) -> None:
    """A head that only ever says one thing is heard to say that and nothing else."""
    made = network()
    for place, name in enumerate(VERDICTS):
        with torch.no_grad():
            made.get_parameter("verdict.2.weight").zero_()
            made.get_parameter("verdict.2.bias").copy_(20.0 * torch.eye(3)[place])
        path = tmp_path / f"{name}.safetensors"
        made.write_trained(path)
        (found,) = MiniLMSupport(path).judge_batch([pair(EVIDENCE)])
        assert getattr(found, name) > 0.99
    assert MiniLMSupport(path).digest != MiniLMSupport(weights).digest


def test_a_network_can_begin_with_another_backbone() -> None:
    """Its backbone is that of the file, its head stays as drawn."""
    made = network()
    head = made.get_parameter("verdict.0.weight").clone()
    made.take_backbone(BUILT_IN)
    name = "backbone.encoder.layer.5.output.dense.weight"
    assert torch.equal(made.state_dict()[name], load_file(BUILT_IN)[name].float())
    assert torch.equal(made.get_parameter("verdict.0.weight"), head)


def test_a_file_without_a_backbone_is_not_begun_with(tmp_path: Path) -> None:
    """What is missing is told; the network would silently begin with the base otherwise."""
    save_file({"backbone.embeddings.LayerNorm.bias": torch.zeros(384)}, tmp_path / "x.safetensors")
    with pytest.raises(ValueError, match="another backbone"):
        network().take_backbone(tmp_path / "x.safetensors")


def test_missing_weights_are_told_at_use(tmp_path: Path) -> None:
    """Opening the model reads nothing; each use says which file is missing."""
    model = MiniLMSupport(tmp_path / "none.safetensors")
    uses: tuple[Callable[[], object], ...] = (
        lambda: model.digest,
        model.warm_up,
        lambda: model.judge_batch([pair(EVIDENCE)]),
    )
    for use in uses:
        with pytest.raises(ModelError, match=r"support model: none\.safetensors"):
            use()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:1000],
        lambda _: b"not weights",
        lambda _: b"",
        lambda _: save({"passage.0.weight": torch.zeros(2, 2)}),
    ],
    ids=["cut short", "text", "empty", "another network's"],
)
def test_damaged_weights_are_refused(
    weights: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """A file cut short or of something else ends in one line, not in scores."""
    path = tmp_path / "support.safetensors"
    path.write_bytes(damage(weights.read_bytes()))
    with pytest.raises(ModelError, match=r"support\.safetensors") as caught:
        MiniLMSupport(path).warm_up()
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def shipped() -> MiniLMSupport:
    """Return the shipped model, read once."""
    return MiniLMSupport()


class TestShipped(SupportModelContract):
    """The built-in weights."""

    @pytest.fixture
    def model(self, shipped: MiniLMSupport) -> SupportModel:
        """Return the model under test."""
        return shipped

    def test_the_plainest_cases_come_out_right(self, shipped: MiniLMSupport) -> None:
        """What is said, what is denied, and what is not spoken of."""
        said, denied, silent = shipped.judge_batch(
            [
                pair(EVIDENCE),
                pair(EVIDENCE, claim="Relapses were not seen in 13 of the 48 patients."),
                pair(APART),
            ]
        )
        assert said.supported > 0.5 > max(denied.supported, silent.supported)
        assert denied.contradicted > denied.not_found
        assert silent.not_found > silent.contradicted

    def test_they_are_small_and_their_card_names_them(self, shipped: MiniLMSupport) -> None:
        """At most 50 MB, nothing else beside the card, and the card is of these weights."""
        assert BUILT_IN.stat().st_size <= MAX_BYTES
        names = sorted(path.name for path in BUILT_IN.parent.iterdir())
        assert names == ["README.md", "support.safetensors"]
        assert shipped.weights_sha256 in (BUILT_IN.parent / "README.md").read_text("utf-8")
