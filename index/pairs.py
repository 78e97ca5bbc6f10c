"""A claim and its evidence as the tokens that the support model reads together.

`[CLS] claim [SEP] [SEP] sentence [SEP] sentence [SEP] …`: between the first two separators stood a
passage's heading, in the reader that the shipped weights began with; evidence has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# The most tokens of a pair and of its parts; a claim always leaves room for one sentence.
MAX_TOKENS = 320
MAX_CLAIM_TOKENS = 100
MAX_SENTENCE_TOKENS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPair:
    """Token ids and their segments (0 claim, 1 evidence), as many of one as of the other."""

    ids: tuple[int, ...]
    segments: tuple[int, ...]


class PairEncoder:
    """Makes tokens of pairs.

    `tokenizer` is a WordPiece tokenizer with [CLS] and [SEP] that neither truncates nor pads.
    """

    def __init__(self, tokenizer: "Tokenizer") -> None:
        self._tokenizer = tokenizer
        self._cls, self._sep = (tokenizer.token_to_id(mark) or 0 for mark in ("[CLS]", "[SEP]"))

    def encode(self, claim: str, evidence: Sequence[str]) -> EncodedPair:
        """Return the tokens of a claim with its sentences of evidence, at most MAX_TOKENS.

        A long claim or sentence is cut short; a sentence for which there is no room is left out,
        and so are those after it.
        """
        head, *sentences = self._tokenizer.encode_batch(
            [claim, *evidence], add_special_tokens=False
        )
        ids = [self._cls, *head.ids[:MAX_CLAIM_TOKENS], self._sep]
        claimed = len(ids)
        ids.append(self._sep)
        for sentence in sentences:
            tokens = [*sentence.ids[:MAX_SENTENCE_TOKENS], self._sep]
            if len(ids) + len(tokens) > MAX_TOKENS:
                break
            ids += tokens
        return EncodedPair(ids=tuple(ids), segments=(0,) * claimed + (1,) * (len(ids) - claimed))
