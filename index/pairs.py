"""A question and a passage as the tokens that a trained network reads together.

`[CLS] question [SEP] heading [SEP] sentence [SEP] sentence [SEP] …`: every sentence ends in a
separator of its own, from which the reader's verdict on that sentence is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The most tokens of a pair and of its parts; the defaults are the evidence reader's."""

    tokens: int = 256
    question: int = 64
    heading: int = 24
    sentence: int = 120


READER_ROOM = Room()
MAX_TOKENS = READER_ROOM.tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One question with one passage: what is read at once."""

    question: str
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPair:
    """Token ids, their segment (0 question, 1 passage), and where each sentence stands.

    `slots[i]` is [first, last] of sentence i, `last` being its separator; None for a sentence that
    found no room. `characters[i]` gives for each token of the slot but the separator its [start,
    end) in the sentence.
    """

    ids: tuple[int, ...]
    segments: tuple[int, ...]
    slots: tuple[tuple[int, int] | None, ...]
    characters: tuple[tuple[tuple[int, int], ...], ...]


class PairEncoder:
    """Makes tokens of pairs; `tokenizer` is a WordPiece tokenizer with [CLS] and [SEP]."""

    def __init__(self, tokenizer: "Tokenizer", room: Room = READER_ROOM) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._room = room
        marks = [tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]", "[MASK]")]
        self._cls, self._sep, self.mask_id = (mark or 0 for mark in marks)

    @classmethod
    def load(cls, path: Path, room: Room = READER_ROOM) -> "PairEncoder":
        """Read a `tokenizer.json`."""
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_file(str(path)), room)

    def encode(self, pair: Pair) -> EncodedPair:
        """Return the tokens of a pair, at most `room.tokens` of them.

        A sentence that does not fit in whole is left out, and so are those after it; only the
        first one of a passage is cut short.
        """
        room = self._room
        head, *sentences = self._tokenizer.encode_batch(
            [pair.question, *pair.sentences], add_special_tokens=False
        )
        heading = self._tokenizer.encode(pair.heading, add_special_tokens=False)
        ids = [self._cls, *head.ids[: room.question], self._sep]
        asked = len(ids)
        ids += [*heading.ids[: room.heading], self._sep]
        slots: list[tuple[int, int] | None] = []
        characters: list[tuple[tuple[int, int], ...]] = []
        full = False
        for position, sentence in enumerate(sentences):
            tokens = sentence.ids[: room.sentence]
            full = full or (position > 0 and len(ids) + len(tokens) + 1 > room.tokens)
            if full:
                slots.append(None)
                characters.append(())
                continue
            tokens = tokens[: room.tokens - len(ids) - 1]
            slots.append((len(ids), len(ids) + len(tokens)))
            characters.append(tuple(sentence.offsets[: len(tokens)]))
            ids += [*tokens, self._sep]
        segments = (0,) * asked + (1,) * (len(ids) - asked)
        return EncodedPair(
            ids=tuple(ids), segments=segments, slots=tuple(slots), characters=tuple(characters)
        )

    def encode_batch(self, pairs: Sequence[Pair]) -> list[EncodedPair]:
        """Return the tokens of each pair, in order."""
        return [self.encode(pair) for pair in pairs]
