"""The pace at which NCBI is asked, on a clock of the test."""

import pytest

from ingest.ncbi_pace import Pace, Patience
from tests.ingest.ncbi_server import FakeClock


@pytest.mark.parametrize("per_second", [3, 10])
def test_no_second_sees_more_requests_than_allowed(per_second: int) -> None:
    """In any window of one second as many requests start as NCBI allows, and no more."""
    clock, starts = FakeClock(), []
    pace = clock.pace(per_second)
    for _ in range(40):
        pace.wait_turn()
        starts.append(clock.now)
    assert all(later - one > 1 for one, later in zip(starts, starts[per_second:], strict=False))
    assert starts[-1] < 40 / per_second * 1.1


def test_slow_work_needs_no_waiting() -> None:
    """Time that passed by itself counts."""
    clock = FakeClock()
    pace = clock.pace()
    for _ in range(5):
        pace.wait_turn()
        clock.now += 1
    assert clock.slept == []


def test_waits_double_and_stay_within_their_limit() -> None:
    """1, 2, 4, 8 seconds, and never more than the longest wait."""
    clock = FakeClock()
    pace = clock.pace(patience=Patience(longest_wait_s=6))
    assert [pace.waits(n) for n in (1, 2, 3, 4, 5)] == [True] * 5
    assert clock.slept == [1, 2, 4, 6, 6]


def test_chance_spreads_the_waits() -> None:
    """Up to a half is added, so that programs that failed together come back apart."""
    clock = FakeClock()
    pace = Pace(3, now=lambda: clock.now, sleep=clock.sleep, chance=lambda: 0.9)
    assert pace.waits(1)
    assert clock.slept == [pytest.approx(1.45)]


def test_what_the_server_asks_for_is_waited() -> None:
    """Retry-After counts when it is longer than the own wait, and is never cut short."""
    clock = FakeClock()
    pace = clock.pace()
    assert pace.waits(1, 20.0)
    assert pace.waits(2, 0.0)
    assert not pace.waits(1, 3600.0)
    assert clock.slept == [20, 2]


def test_all_waits_together_are_bounded() -> None:
    """A run ends, however often it fails."""
    clock = FakeClock()
    pace = clock.pace(patience=Patience(whole_wait_s=100))
    while pace.waits(6):
        assert clock.now <= 100
    assert sum(clock.slept) <= 100
