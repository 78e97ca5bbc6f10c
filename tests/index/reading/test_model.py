"""The built-in reader, and the reader of the tests: one contract."""

import shutil
from functools import cache
from pathlib import Path

import pytest

from corpus.errors import ModelError
from index.reading import weights
from index.reading.model import Asked, BuiltInReader
from index.reading.tokens import Line
from index.reading.weights import stored_weights
from tests.evals.fakes import WordReader
from tests.index.reading.model_contract import ReaderModelContract

TREATMENT = [
    Line(text="Gout in adults. Treatment", judged=False),
    Line(text="Most attacks settle within two weeks even without treatment."),
    Line(text="Colchicine 0.5 mg twice daily, naproxen or prednisolone are used for the attack."),
    Line(text="Allopurinol is started at 100 mg daily once the attack has settled."),
]
CAUSES = [
    Line(text="Gout in adults. Causes", judged=False),
    Line(text="Urate crystals in the joint set off the attack."),
    Line(text="Beer, liver and thiazides raise urate."),
]

# of the shipped weights: a new judge has others
SCORES = [(-0.068, (-0.29, 1.547, 1.046)), (-5.402, (-4.224, -2.968))]


@cache
def built_in() -> BuiltInReader:
    """Return the shipped reader, read once a run."""
    return BuiltInReader()


class TestWordReader(ReaderModelContract):
    """The reader of the tests."""

    model = WordReader()


class TestBuiltInReader(ReaderModelContract):
    """The shipped reader."""

    @pytest.fixture(autouse=True)
    def _shipped(self) -> None:
        self.model = built_in()

    def test_the_unit_that_answers_comes_before_one_that_does_not(self) -> None:
        """By at least one in log odds, in a window that answers and is told so."""
        for question, at in (("How is gout treated?", 0), ("what causes it?", 1)):
            asked = Asked(question=question, title="Gout in adults")
            scores = self.model.read_windows(asked, [TREATMENT, CAUSES])
            right, wrong = scores[at], scores[1 - at]
            assert right.answers > wrong.answers + 1
            assert max(u for u in right.units if u) > max(u for u in wrong.units if u) + 1

    def test_a_follow_up_is_read_with_what_was_asked_before(self) -> None:
        """The same words mean another drug's dose after another question.

        By three in log odds for the sentence of three drugs, by one for that of the other drug.
        """
        said = {}
        for drug, place in (("colchicine", 1), ("allopurinol", 2)):
            asked = Asked(question="what dose?", earlier=(f"does {drug} help?",))
            units = self.model.read_windows(asked, [TREATMENT])[0].units
            assert max(range(3), key=lambda i: units[i] or -9.0) == place
            said[drug] = [score or 0.0 for score in units]
        assert said["colchicine"][1] > said["allopurinol"][1] + 3
        assert said["allopurinol"][2] > said["colchicine"][2] + 1


def test_what_was_asked_before_tells_which_window_is_near() -> None:
    """A follow-up that names nothing is near to the window on what it is about."""
    for earlier, nearest in (("how is gout treated?", 0), ("what causes gout?", 1)):
        asked = Asked(question="and what else?", earlier=(earlier,), title="Gout in adults")
        near = built_in().nearness(asked, [TREATMENT, CAUSES])
        assert near[nearest] > near[1 - nearest]


def has_avx2() -> bool:
    """Tell whether this is a processor for which the scores below hold."""
    flags = Path("/proc/cpuinfo")
    return flags.exists() and {"avx2", "fma"} <= set(flags.read_text(encoding="utf-8").split())


@pytest.mark.skipif(not has_avx2(), reason="scores differ a little without AVX2 and FMA")
def test_every_processor_with_avx2_comes_to_these_scores() -> None:
    """To the last place: with AVX-512 or without, whatever a matrix is multiplied with."""
    asked = Asked(question="How is gout treated?", earlier=("what is it?",), title="Gout in adults")
    found = built_in().read_windows(asked, [TREATMENT, CAUSES])
    assert [(one.answers, one.units) for one in found] == SCORES


def test_weights_with_a_changed_byte_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is named, with the digest found and the one expected."""
    shutil.copy(weights.FOLDER / "judge.safetensors", tmp_path)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    data = bytearray((tmp_path / "judge.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "judge.safetensors").write_bytes(bytes(data))
    with pytest.raises(ModelError, match=r"judge.safetensors has SHA-256 [0-9a-f]{64}, expected"):
        stored_weights("judge.safetensors", tmp_path)


@pytest.mark.parametrize("name", ["encoder.safetensors", "late.safetensors", "judge.safetensors"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """Before anything is read, and by whoever reads it."""
    for other in set(weights.DIGESTS) - {name}:
        (tmp_path / other).write_bytes(b"")
    with pytest.raises(ModelError, match=f"{name} is missing"):
        BuiltInReader(tmp_path)
    with pytest.raises(ModelError, match=f"{name} is missing"):
        stored_weights(name, tmp_path)


def test_what_is_no_safetensors_file_is_refused(tmp_path: Path) -> None:
    """A foreign file is an error that names it."""
    (tmp_path / "judge.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ModelError, match=r"judge\.safetensors"):
        stored_weights("judge.safetensors", tmp_path)
