"""What a language model may use up in a day (UTC): tokens, and money where prices are set.

The count is kept in memory and, with a `file`, across restarts and among several processes. It is
the endpoint's own count where it sends one, an estimate by characters elsewhere.
"""

import datetime as dt
import json
import logging
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import GenerationError
from corpus.library import write_json

FORMAT = 1
# English runs to about four characters per token, numbers and drug names to fewer.
CHARS_PER_TOKEN = 3.5
PER_PRICE = 1_000_000
LOCK_S = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens read and written."""

    input_tokens: int = 0
    output_tokens: int = 0

    def plus(self, other: "Usage", sign: int = 1) -> "Usage":
        """Return the sum with another, or the difference with `sign` -1."""
        return Usage(
            input_tokens=self.input_tokens + sign * other.input_tokens,
            output_tokens=self.output_tokens + sign * other.output_tokens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a day may cost; 0 is no limit. Prices are per million tokens, in any one currency."""

    daily_tokens: int = 0
    daily_cost: float = 0.0
    price_input: float = 0.0
    price_output: float = 0.0

    @property
    def is_limited(self) -> bool:
        """True when there is anything to count."""
        return self.daily_tokens > 0 or self.daily_cost > 0

    def cost(self, usage: Usage) -> float:
        """Return what the tokens cost, in the currency of the prices."""
        priced = usage.input_tokens * self.price_input + usage.output_tokens * self.price_output
        return priced / PER_PRICE

    def holds(self, usage: Usage) -> bool:
        """Tell whether so much is within a day's limits."""
        tokens = usage.input_tokens + usage.output_tokens
        return not (
            (self.daily_tokens and tokens > self.daily_tokens)
            or (self.daily_cost and self.cost(usage) > self.daily_cost)
        )


class Receipt:
    """Collects what one call used; `foreseen` is what was set aside for it."""

    def __init__(self, foreseen: Usage) -> None:
        self._foreseen = foreseen
        self._chars = 0
        self._reported: Usage | None = None

    def note(self, *, chars: int, usage: Usage | None = None) -> None:
        """Add characters that were written, and the endpoint's own count when it comes."""
        self._chars += chars
        if usage is not None:
            self._reported = usage

    @property
    def used(self) -> Usage:
        """The endpoint's count, or an estimate; nothing when no text came."""
        if self._reported is not None:
            return self._reported
        if not self._chars:
            return Usage()
        output_tokens = math.ceil(self._chars / CHARS_PER_TOKEN)
        return Usage(input_tokens=self._foreseen.input_tokens, output_tokens=output_tokens)


class Spending:
    """Counts one endpoint's day; may be used by several threads."""

    def __init__(
        self,
        allowance: Allowance | None = None,
        *,
        file: Path | None = None,
        today: Callable[[], dt.date] = lambda: dt.datetime.now(dt.UTC).date(),
    ) -> None:
        self._allowance = allowance or Allowance()
        self._file = file
        self._today = today
        self._lock = threading.Lock()
        self._day = today()
        self._used = Usage()
        self._set_aside = Usage()

    @contextmanager
    def reserved(self, foreseen: Usage) -> Iterator[Receipt]:
        """Set tokens aside for the block, then count those that its receipt names.

        Raises GenerationError when the day's limit does not hold what is foreseen.
        """
        receipt = Receipt(foreseen)
        if not self._allowance.is_limited:
            yield receipt
            return
        with self._lock:
            self._refresh()
            wanted = self._used.plus(self._set_aside).plus(foreseen)
            if not self._allowance.holds(wanted):
                raise GenerationError("spent", "the limit of the day is reached")
            self._set_aside = self._set_aside.plus(foreseen)
        try:
            yield receipt
        finally:
            with self._lock:
                self._set_aside = self._set_aside.plus(foreseen, -1)
                self._add(receipt.used)

    def _refresh(self) -> None:
        if self._day != self._today():
            self._day, self._used = self._today(), Usage()
        if self._file is not None and self._file.is_file():
            self._used = _larger(self._used, _read(self._file, self._day))

    def _add(self, used: Usage) -> None:
        """Count; a file that cannot be written costs no answer, only the memory of a restart."""
        from filelock import FileLock, Timeout

        if self._file is None:
            self._refresh()
            self._used = self._used.plus(used)
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self._file}.lock", timeout=LOCK_S):
                self._refresh()
                self._used = self._used.plus(used)
                write_json(self._file, _record(self._day, self._used))
        except (OSError, Timeout) as error:
            _log.warning("the day's use of the model is kept in memory alone: %s", error)
            self._file = None
            self._used = self._used.plus(used)


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text takes, rather too many than too few.

    >>> estimated_tokens("seven characters more")
    6
    """
    return math.ceil(len(text) / CHARS_PER_TOKEN)


def _larger(one: Usage, other: Usage) -> Usage:
    return Usage(
        input_tokens=max(one.input_tokens, other.input_tokens),
        output_tokens=max(one.output_tokens, other.output_tokens),
    )


def _record(day: dt.date, used: Usage) -> dict[str, object]:
    return {
        "format": FORMAT,
        "day": day.isoformat(),
        "input_tokens": used.input_tokens,
        "output_tokens": used.output_tokens,
    }


def _read(file: Path, day: dt.date) -> Usage:
    """Return what the file counts for the day; nothing for another day or a damaged file."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        if record["format"] != FORMAT or record["day"] != day.isoformat():
            return Usage()
        return Usage(
            input_tokens=int(record["input_tokens"]), output_tokens=int(record["output_tokens"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        _log.warning("the day's use of the model could not be read; counting starts anew")
        return Usage()
