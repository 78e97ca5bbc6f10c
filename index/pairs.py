"""A question and a passage as the tokens that the evidence reader reads together.

`[CLS] question [SEP] heading [SEP] sentence [SEP] sentence [SEP] …`: every sentence ends in a
separator of its own, from which the reader's verdict on that sentence is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_TOKENS = 256
MAX_QUESTION_TOKENS = 64
MAX_HEADING_TOKENS = 24
MAX_SENTENCE_TOKENS = 120


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

    def __init__(self, tokenizer: "Tokenizer") -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        marks = [tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]", "[MASK]")]
        self._cls, self._sep, self.mask_id = (mark or 0 for mark in marks)

    @classmethod
    def load(cls, path: Path) -> "PairEncoder":
        """Read a `tokenizer.json`."""
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_file(str(path)))

    def encode(self, pair: Pair) -> EncodedPair:
        """Return the tokens of a pair, at most MAX_TOKENS of them.

        A sentence that does not fit in whole is left out, and so are those after it; only the
        first one of a passage is cut short.
        """
        head, *sentences = self._tokenizer.encode_batch(
            [pair.question, *pair.sentences], add_special_tokens=False
        )
        heading = self._tokenizer.encode(pair.heading, add_special_tokens=False)
        ids = [self._cls, *head.ids[:MAX_QUESTION_TOKENS], self._sep]
        asked = len(ids)
        ids += [*heading.ids[:MAX_HEADING_TOKENS], self._sep]
        slots: list[tuple[int, int] | None] = []
        characters: list[tuple[tuple[int, int], ...]] = []
        full = False
        for position, sentence in enumerate(sentences):
            tokens = sentence.ids[:MAX_SENTENCE_TOKENS]
            full = full or (position > 0 and len(ids) + len(tokens) + 1 > MAX_TOKENS)
            if full:
                slots.append(None)
                characters.append(())
                continue
            tokens = tokens[: MAX_TOKENS - len(ids) - 1]
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
