"""The built-in checker, and a checker by words: one contract."""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from corpus.errors import ModelError
from index.reading.checker import BuiltInChecker, Checked, CheckerModel
from index.reading.tokens import MOST_CLAIM, MOST_WINDOW, Line, ReaderTokens
from index.reading.weights import CHECKER, FOLDER, stored_weights
from index.tensors import packed, unpacked

GOUT = [
    Line(text="Gout in adults. Treatment", judged=False),
    Line(text="Colchicine calmed most attacks of gout within two days."),
    Line(text="Beer raises urate."),
]
COLDS = [Line(text="Colds", judged=False), Line(text="Zinc shortens a cold by one day.")]
CLAIM = "Colchicine calmed most attacks of gout within two days."
PAIRS = [(CLAIM, GOUT), (CLAIM, COLDS), ("Zinc shortens a cold.", COLDS)]


class CheckerModelContract:
    """What every checker must do: inherit, and give `model`."""

    model: CheckerModel

    def test_each_claim_gets_probabilities(self) -> None:
        """In the order given; each judged line has one, lines that are only read have none."""
        found = self.model.check(PAIRS)
        assert [len(one.bears) for one in found] == [2, 1, 1]
        for one in found:
            assert all(0 <= said <= 1 for said in (one.supports, one.denies))
            assert all(said is not None and 0 <= said <= 1 for said in one.bears)

    def test_no_claims_are_no_error(self) -> None:
        """Nor is evidence without a unit, or without a line."""
        assert self.model.check([]) == []
        found = self.model.check([(CLAIM, COLDS[:1]), (CLAIM, [])])
        assert [one.bears for one in found] == [(), ()]

    def test_the_same_claim_gets_the_same(self) -> None:
        """Asked again, and after another one."""
        first = self.model.check(PAIRS)
        self.model.check([("Beer?", GOUT)])
        assert self.model.check(PAIRS) == first

    def test_claims_are_judged_alike_alone_and_together(self) -> None:
        """A neighbour moves no probability by more than 0.002."""
        together = self.model.check(PAIRS)
        alone = [self.model.check([pair])[0] for pair in PAIRS]
        for one, other in zip(together, alone, strict=True):
            sides = zip((one.supports, *one.bears), (other.supports, *other.bears), strict=True)
            assert all(abs((left or 0) - (right or 0)) <= 0.002 for left, right in sides)

    def test_a_line_without_room_has_no_probability(self) -> None:
        """The lines that were read keep theirs, in their places."""
        long = [Line(text="gout " * 127) for _ in range(4)]
        assert MOST_WINDOW == 320
        (found,) = self.model.check([(CLAIM, long)])
        assert [said is None for said in found.bears] == [False, False, True, True]

    def test_a_claim_that_is_cut_is_not_supported(self) -> None:
        """What is not read of it may say anything."""
        assert MOST_CLAIM == 128
        for words in (126, 127, 600):
            claim = " ".join(["the"] * words)
            (found,) = self.model.check([(claim, [Line(text=claim)])])
            assert found.supports == 0.0

    def test_it_has_a_name_and_a_digest(self) -> None:
        """Provenance names the model by both."""
        assert self.model.name
        assert re.fullmatch("[0-9a-f]{64}", self.model.digest)


class UnderstandsContract(CheckerModelContract):
    """What a checker must do that was trained, or can be worked out."""

    def test_evidence_that_says_it_comes_before_other(self) -> None:
        """And the unit that says it before its neighbour."""
        said, elsewhere, _ = self.model.check(PAIRS)
        assert said.supports > 0.5 > elsewhere.supports
        assert (said.bears[0] or 0.0) > 0.5 > (said.bears[1] or 0.0)


class WordChecker:
    """A claim is supported by the share of its words that the evidence holds; see `share`.

    A unit bears on it by the share that the unit holds. One tells "not" where the other does not:
    that is a denial. It reads as many tokens as the built-in one.
    """

    name = "words"
    digest = hashlib.sha256(b"word checker").hexdigest()

    def check(self, pairs: Sequence[tuple[str, Sequence[Line]]]) -> list[Checked]:
        """Return what each claim's evidence says of it, in the order given."""
        return [self._one(text, lines) for text, lines in pairs]

    def _one(self, text: str, lines: Sequence[Line]) -> Checked:
        slots = tokens().window(lines).units
        judged = [line.text for line in lines if line.judged]
        read = [unit for unit, slot in zip(judged, slots, strict=True) if slot is not None]
        cut = len(tokens().claim(text)) >= MOST_CLAIM
        evidence = " ".join(read)
        return Checked(
            supports=0.0 if cut else share(text, evidence),
            denies=float(("not" in words(text)) != ("not" in words(evidence))),
            bears=tuple(
                None if slot is None else share(text, unit)
                for unit, slot in zip(judged, slots, strict=True)
            ),
        )


@cache
def tokens() -> ReaderTokens:
    """Return the reader's tokens, read once a run."""
    return ReaderTokens()


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def share(claim: str, evidence: str) -> float:
    """Return which share of a claim's words the evidence holds."""
    return len(words(claim) & words(evidence)) / max(1, len(words(claim)))


class TestWordChecker(UnderstandsContract):
    """The checker of the tests."""

    model = WordChecker()


@cache
def built_in() -> BuiltInChecker:
    """Return the shipped checker, read once a run."""
    return BuiltInChecker()


@pytest.mark.skipif(
    not (FOLDER / "checker.safetensors").is_file(), reason="the checker's weights are not there"
)
class TestBuiltInChecker(UnderstandsContract):
    """The shipped checker."""

    @pytest.fixture(autouse=True)
    def _shipped(self) -> None:
        self.model = built_in()

    def test_what_was_changed_in_a_claim_is_less_supported(self) -> None:
        """Another drug hardly at all; a turned sense and another time less than what stands there.

        That is not enough for the time: an exact veto stands before it.
        """
        changed = (
            "Allopurinol calmed most attacks of gout within two days.",
            "Colchicine did not calm attacks of gout within two days.",
            "Colchicine calmed most attacks of gout within two weeks.",
        )
        said, drug, sense, time = self.model.check([(text, GOUT) for text in (CLAIM, *changed)])
        assert said.supports > max(sense.supports, time.supports)
        assert said.supports > 0.95
        assert drug.supports < 0.5
        assert sense.denies > said.denies


@pytest.fixture(scope="module")
def before_training(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the checker as its training begins: the judge, and a new output."""
    folder = tmp_path_factory.mktemp("checker")
    tensors = unpacked(stored_weights("judge.safetensors"))
    for name in ("whole.2.weight", "whole.2.bias"):
        tensors[name] = np.concatenate([tensors[name], np.zeros_like(tensors[name])])
    save_file(packed(tensors), folder / "checker.safetensors")
    (folder / "encoder.safetensors").symlink_to(FOLDER / "encoder.safetensors")
    return folder


class TestUntrainedChecker(CheckerModelContract):
    """The shipped code with weights that were not trained on claims."""

    @pytest.fixture(autouse=True)
    def _untrained(self, before_training: Path) -> None:
        self.model = BuiltInChecker(before_training)

    def test_a_new_output_tells_nothing(self) -> None:
        """Of weights of zero a denial is as likely as none."""
        assert [one.denies for one in self.model.check(PAIRS)] == [0.5] * 3

    def test_the_longest_claim_that_is_read_may_be_supported(self) -> None:
        """Of 127 tokens; one more, and something might be cut."""
        said = {n: self.model.check([(f"{CLAIM} " + "the " * n, GOUT)])[0] for n in range(100, 127)}
        room = [n for n, one in said.items() if one.supports > 0.0]
        assert room == list(range(100, 100 + len(room)))
        longest = f"{CLAIM} " + "the " * room[-1]
        assert len(tokens().claim(longest)) == 127


def test_other_weights_have_another_digest(before_training: Path, tmp_path: Path) -> None:
    """Of either file, and the weights are not read for it."""
    first = BuiltInChecker(before_training).digest
    for changed in CHECKER:
        for name in CHECKER:
            data = (before_training / name).read_bytes()
            (tmp_path / name).write_bytes(data + b"x" * (name == changed))
        assert BuiltInChecker(tmp_path).digest not in ("", first)
    (tmp_path / changed).write_bytes(data)
    assert BuiltInChecker(tmp_path).digest == first


@pytest.mark.parametrize("name", ["encoder.safetensors", "checker.safetensors"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """When the checker is opened, not at the first claim."""
    for other in set(CHECKER) - {name}:
        (tmp_path / other).write_bytes(b"")
    with pytest.raises(ModelError, match=f"checker: {name} is missing"):
        BuiltInChecker(tmp_path)


def test_foreign_weights_are_refused_when_they_are_read(before_training: Path) -> None:
    """Warming up reads them; the file is named."""
    folder = before_training / "foreign"
    folder.mkdir()
    (folder / "encoder.safetensors").symlink_to(FOLDER / "encoder.safetensors")
    (folder / "checker.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ModelError, match=r"checker\.safetensors"):
        BuiltInChecker(folder).warm_up()
    BuiltInChecker(before_training).warm_up()
