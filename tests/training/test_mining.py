"""The reader's own candidates, renewed and kept."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evals.fakes import WordReader
from tests.training.texts import asked, gout
from training import mining
from training.asked import Unit
from training.examples import WINDOW_WORDS
from training.mining import Miner, windows_of

NEAR = {"gout": [np.linspace(0.1, 0.8, 8, dtype=np.float32)]}


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 150)), min_size=1, max_size=30))
def test_windows_hold_every_unit_once_in_order(shapes: list[tuple[str, int]]) -> None:
    """One section each, and no more than WINDOW_WORDS unless one unit alone is longer."""
    units = [Unit(section=s, kind="s", text=" ".join(["word"] * n)) for s, n in shapes]
    windows = windows_of(units)
    assert [i for window in windows for i in window] == list(range(len(units)))
    for window in windows:
        assert len({units[i].section for i in window}) == 1
        words = sum(len(units[i].text.split()) for i in window)
        assert words <= WINDOW_WORDS or len(window) == 1


def test_what_is_read_stands_before_what_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Odds of units in the two nearest windows, less than 0 for the third one's."""
    monkeypatch.setattr(mining, "WINDOWS", 2)
    miner = Miner([gout(asked("allopurinol?", 6))], WordReader())
    (row,) = miner.renewed(NEAR, {"gout": [0]}, tmp_path / "near")["gout"]
    assert row[6] == pytest.approx(1 / (1 + np.exp(-2.8)), abs=1e-5)
    assert row[7] == row[3] == pytest.approx(1 / (1 + np.exp(3.2)), abs=1e-5)
    assert row[:3].tolist() == pytest.approx([-0.9, -0.8, -0.7])


def test_only_what_is_drawn_is_renewed_and_taken_up_again(tmp_path: Path) -> None:
    """Whoever goes on later reads the same from the file."""
    text = gout(*[asked(f"allopurinol {n}?", 6) for n in range(5)])
    near = {"gout": NEAR["gout"] * 5}
    made = Miner([text], WordReader()).renewed(near, {"gout": [1, 4]}, tmp_path / "near")
    renewed = [i for i, row in enumerate(made["gout"]) if (row != NEAR["gout"][0]).any()]
    assert renewed == [1, 4]
    again = Miner([], WordReader()).renewed({}, {}, tmp_path / "near")
    assert all(np.array_equal(a, b) for a, b in zip(made["gout"], again["gout"], strict=True))
