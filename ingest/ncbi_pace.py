"""How fast NCBI may be asked, and how patiently it is asked again.

NCBI allows 3 requests a second from one place, 10 with a key, and shuts out who asks more
(https://www.ncbi.nlm.nih.gov/books/NBK25497/). One pace serves a whole run: further attempts
count like first ones.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

PER_SECOND, PER_SECOND_WITH_KEY = 3, 10
# A little slower than allowed: requests bunch up on their way.
MARGIN = 1.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long to try: `attempts` per request, waits in seconds.

    `whole_wait_s` is the longest that one run waits for further attempts, all waits together;
    `longest_wait_s` the longest single one, also when the other side asks for more.
    """

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    whole_wait_s: float = 300.0


class Pace:
    """Keeps requests apart, and waits before further attempts within one budget.

    `now` and `sleep` are in seconds; `chance` gives a number in [0, 1).
    """

    def __init__(
        self,
        per_second: float = PER_SECOND,
        patience: Patience | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.patience = patience or Patience()
        self._interval_s = MARGIN / per_second
        self._now = now
        self._sleep = sleep
        self._chance = chance
        self._next: float | None = None
        self._left_s = self.patience.whole_wait_s

    def wait_turn(self) -> None:
        """Wait until the next request may start."""
        now = self._now()
        if self._next is not None and now < self._next:
            self._sleep(self._next - now)
            now = max(self._now(), self._next)
        self._next = now + self._interval_s

    def waits(self, failed: int, asked_s: float | None = None) -> bool:
        """Wait after the `failed`-th failure (from 1); return False at once when that is too long.

        The wait doubles each time, with up to a half of it added by chance so that programs
        that failed together do not come back together. `asked_s` is what the other side asked
        for: never less than that is waited.
        """
        doubled = self.patience.first_wait_s * 2 ** (failed - 1)
        wait_s = min(self.patience.longest_wait_s, doubled * (1 + self._chance() / 2))
        if asked_s is not None:
            wait_s = max(wait_s, asked_s)
        if wait_s > min(self.patience.longest_wait_s, self._left_s):
            return False
        self._left_s -= wait_s
        self._sleep(wait_s)
        return True
