"""Tests of the evidence readers: one contract, the shipped weights, and what damages them."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import ModelError
from index.evidence_model import BUILT_IN, EvidenceModel, MiniLMReader
from index.pairs import Pair
from tests.evals.fakes import WordReader

QUESTION = "How many patients relapsed when prednisone was stopped?"
ANSWER = "Relapses were seen in 13 of 48 patients after prednisone was stopped."
BESIDE = "Prednisone is given by mouth once a day."
APART = "The museum opens at nine."
MAX_BYTES = 50_000_000


def pair(*sentences: str, question: str = QUESTION) -> Pair:
    """Return a pair under one heading."""
    return Pair(question=question, heading="Treatment", sentences=sentences)


class EvidenceModelContract:
    """What every reader keeps to."""

    @pytest.fixture
    def model(self) -> EvidenceModel:
        """Return the reader under test."""
        raise NotImplementedError

    def test_nothing_to_read_gives_nothing(self, model: EvidenceModel) -> None:
        """No pairs, no scores."""
        assert model.read_batch([]) == []

    def test_every_sentence_gets_its_scores_in_order(self, model: EvidenceModel) -> None:
        """As many scores as sentences, for every pair, in the order given."""
        found = model.read_batch([pair(ANSWER), pair(BESIDE, ANSWER, APART), pair()])
        assert [len(scores.sentences) for scores in found] == [1, 3, 0]
        assert [len(scores.exact) for scores in found] == [1, 3, 0]

    def test_the_same_again_is_the_same(self, model: EvidenceModel) -> None:
        """Reading is deterministic."""
        pairs = [pair(BESIDE, ANSWER), pair(APART)]
        assert model.read_batch(pairs) == model.read_batch(pairs)

    def test_a_batch_equals_one_by_one(self, model: EvidenceModel) -> None:
        """What stands beside a pair changes its scores by no more than rounding."""
        pairs = [pair(BESIDE, ANSWER, APART), pair(APART), pair(*[BESIDE] * 12)]
        alone = [model.read_batch([one])[0] for one in pairs]
        for one, other in zip(model.read_batch(pairs), alone, strict=True):
            assert one.passage == pytest.approx(other.passage, abs=0.25)
            assert one.sentences == pytest.approx(other.sentences, abs=0.25)

    def test_what_answers_stands_above_what_does_not(self, model: EvidenceModel) -> None:
        """The sentence that answers is the likeliest, and its passage likelier than one without."""
        with_answer, without = model.read_batch([pair(BESIDE, ANSWER, APART), pair(BESIDE, APART)])
        values = [value or 0.0 for value in with_answer.sentences]
        assert max(values) == values[1]
        assert with_answer.passage > without.passage

    def test_it_has_a_name_and_a_digest(self, model: EvidenceModel) -> None:
        """Provenance can tell which reader it was."""
        assert model.name
        assert len(model.digest) == 64


class TestWordReader(EvidenceModelContract):
    """The tests' own reader."""

    @pytest.fixture
    def model(self) -> EvidenceModel:
        """Return the reader under test."""
        return WordReader()


@pytest.fixture(scope="module")
def shipped() -> MiniLMReader:
    """Return the shipped reader, read once."""
    return MiniLMReader()


class TestShippedReader(EvidenceModelContract):
    """The built-in weights."""

    @pytest.fixture
    def model(self, shipped: MiniLMReader) -> EvidenceModel:
        """Return the reader under test."""
        return shipped

    def test_a_sentence_without_room_is_told(self, shipped: MiniLMReader) -> None:
        """A passage that is too long gets None for its end, not a made-up score."""
        (found,) = shipped.read_batch([pair(*[ANSWER * 5] * 9)])
        assert found.sentences[0] is not None
        assert found.sentences[-1] is None


def test_the_weights_are_small_and_no_pickle() -> None:
    """At most 50 MB of safetensors, and nothing else beside the card."""
    assert BUILT_IN.stat().st_size <= MAX_BYTES
    assert sorted(path.name for path in BUILT_IN.parent.iterdir()) == [
        "README.md",
        "reader.safetensors",
    ]
    size = struct.unpack("<Q", BUILT_IN.read_bytes()[:8])[0]
    header = json.loads(BUILT_IN.read_bytes()[8 : 8 + size])
    assert {value["dtype"] for key, value in header.items() if key != "__metadata__"} == {"BF16"}


def test_the_card_names_the_weights(shipped: MiniLMReader) -> None:
    """The model card is of these weights and not of others."""
    assert shipped.weights_sha256 in (BUILT_IN.parent / "README.md").read_text(encoding="utf-8")


def test_missing_weights_are_named(tmp_path: Path) -> None:
    """The message says which file."""
    with pytest.raises(ModelError, match=r"none\.safetensors"):
        MiniLMReader(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    "damage", [lambda data: data[:1000], lambda _: b"not weights", lambda _: b""]
)
def test_damaged_weights_are_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """A file cut short or of something else ends in one line, not in scores."""
    path = tmp_path / "reader.safetensors"
    path.write_bytes(damage(BUILT_IN.read_bytes()))
    with pytest.raises(ModelError, match=r"reader\.safetensors"):
        MiniLMReader(path).warm_up()
