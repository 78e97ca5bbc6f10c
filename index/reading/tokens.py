"""Questions and windows as the reader's tokens.

A question is `<s> article's title </s> earlier question </s> … question </s>`, a window
`<s> title. section </s> unit </s> unit </s> …`: every unit ends in a separator of its own. Lines
that only introduce (the lead-in of a list that began earlier) are read and not judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

BUILT_IN = Path(__file__).with_name("tokenizer.json")
START, PADDING, END, MASK = 0, 1, 2, 30526
SPECIAL = frozenset((START, PADDING, END, MASK))
MOST_QUESTION = 96
MOST_CLAIM = 128
MOST_TITLE = 24
MOST_EARLIER = 40
MOST_WINDOW = 320
MOST_LINE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a window: a unit to be judged, or what introduces units."""

    text: str
    judged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedWindow:
    """Token ids, and [first, end) of each judged line's tokens, its separator the last of them.

    None for a judged line that found no room.
    """

    ids: tuple[int, ...]
    units: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowScores:
    """Log odds: that the window `answers`, and that each of its judged lines does.

    None for a line that found no room. A judge of claims says beside that the window `denies` one.
    """

    answers: float
    units: tuple[float | None, ...]
    denies: float | None = None


class ReaderTokens:
    """Makes tokens with the reader's vocabulary."""

    def __init__(self, path: Path = BUILT_IN) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def question(self, title: str, earlier: Sequence[str], question: str) -> tuple[int, ...]:
        """Return the tokens of a question, at most MOST_QUESTION; the oldest turns give way."""
        own = [*self._of(question)[: MOST_QUESTION - MOST_TITLE - 2], END]
        for turn in reversed(earlier):
            before = [*self._of(turn)[:MOST_EARLIER], END]
            if len(own) + len(before) > MOST_QUESTION - MOST_TITLE - 2:
                break
            own = before + own
        about = [*self._of(title)[:MOST_TITLE], END] if title else []
        return (START, *about, *own)

    def claim(self, text: str) -> tuple[int, ...]:
        """Return the tokens of a claim, at most MOST_CLAIM."""
        return (START, *self._of(text)[: MOST_CLAIM - 2], END)

    def window(self, lines: Sequence[Line]) -> EncodedWindow:
        """Return the tokens of a window, at most MOST_WINDOW; whole lines at its end give way."""
        ids = [START]
        units: list[tuple[int, int] | None] = []
        full = False
        for line, encoded in zip(lines, self._encoded([line.text for line in lines]), strict=True):
            tokens = encoded[:MOST_LINE]
            full = full or len(ids) + len(tokens) + 1 > MOST_WINDOW
            if line.judged:
                units.append(None if full else (len(ids), len(ids) + len(tokens) + 1))
            if not full:
                ids += [*tokens, END]
        return EncodedWindow(ids=tuple(ids), units=tuple(units))

    def _of(self, text: str) -> list[int]:
        return self._encoded([text])[0]

    def _encoded(self, texts: Sequence[str]) -> list[list[int]]:
        read = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        # a text that spells out a special token must not be able to end its line
        return [[token for token in one.ids if token not in SPECIAL] for one in read]
