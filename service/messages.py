"""What somebody typed: a question, their own emergency, an order to the program, or small talk.

A linear model over the built-in embedding and the words themselves, hashed: the one knows what a
text is about, the other who speaks of whom. It is trained by `python -m training.messages`; its
card stands in docs/messages.md.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from corpus.errors import ModelError
from index.embedder import Embedder, embedder_of
from index.tensors import Floats, read_tensors

MessageKind = Literal["question", "emergency", "self_harm", "instruction", "chatter"]
EmergencyKind = Literal["body", "self_harm"]
KINDS: tuple[MessageKind, ...] = get_args(MessageKind)
EMERGENCIES: Mapping[MessageKind, EmergencyKind] = {"emergency": "body", "self_harm": "self_harm"}
WEIGHTS = Path(__file__).with_name("messages.safetensors")
WEIGHTS_SHA256 = "f149791ff929af33b791ec7c96f14fa40231b93c5c430a6ef5775174bca209a6"
# Words and pairs of neighbours share so many places.
HASHED = 1024
# An emergency and an order have to be likelier than all else together; what asks nothing has to be
# surer, since a question that is turned away costs more than one that is looked up for nothing.
SURE, SURE_OF_CHATTER = 0.5, 0.8
# A long text is read in pieces of so many characters that overlap: a cry for help is short.
PIECE_CHARS, PIECE_STEP_CHARS = 120, 60
# As much is also read as a whole, which then decides: it is what the embedding can read at once.
WHOLE_CHARS = 1000
# Of the longest texts so many pieces are read, from their beginning and their end.
MOST_PIECES = 200
_SENTENCE_END = re.compile(r"(?<=[.!?;\n])\s+")
_TOKEN = re.compile(r"\w+|[?!]")


def plain(text: str) -> str:
    """Return a text with look-alike letters made plain, invisible signs left out, on one line.

    >>> plain("I can’t   breathe")
    "I can't breathe"
    """
    read = unicodedata.normalize("NFKC", text).replace("’", "'")
    kept = (c for c in read if unicodedata.category(c) not in ("Cf", "Cs"))
    return " ".join("".join(kept).split())


def hashed(text: str) -> Floats:
    """Return the words of a plain text and their pairs, counted, float32 (HASHED,) of length 1."""
    words = ["", *_TOKEN.findall(text.lower().replace("'", "")), ""]
    counts = np.zeros(HASHED, dtype=np.float32)
    for word, after in pairwise(words):
        for feature in (word, f"{word} {after}"):
            counts[zlib.crc32(feature.encode()) % HASHED] += 1.0
    return counts / np.linalg.norm(counts)


def features_of(texts: Sequence[str], embedder: Embedder) -> Floats:
    """Return float32 (texts, 1 + embedding + HASHED); the first column is 1.0."""
    read = [plain(text) for text in texts]
    words = np.array([hashed(text) for text in read])
    ones = np.ones((len(read), 1), dtype=np.float32)
    return np.hstack([ones, embedder.embed_batch(read), words])


def kinds_of(features: Floats, weights: Floats) -> list[MessageKind]:
    """Return what each row of features (n, features) is by weights (kinds, features)."""
    return [_kind(odds) for odds in _odds(features, weights)]


def _odds(features: Floats, weights: Floats) -> list[dict[MessageKind, float]]:
    logits = features.astype(np.float64) @ weights.T
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = (raised / raised.sum(axis=1, keepdims=True)).round(4)  # no last digit decides
    return [dict(zip(KINDS, row, strict=True)) for row in shares.tolist()]


def _alarm(odds: dict[MessageKind, float]) -> float:
    # both kinds of emergency together decide whether it is one
    return odds["emergency"] + odds["self_harm"]


def _kind(odds: dict[MessageKind, float]) -> MessageKind:
    if _alarm(odds) >= SURE:
        return "self_harm" if odds["self_harm"] > odds["emergency"] else "emergency"
    if odds["instruction"] >= SURE:
        return "instruction"
    return "chatter" if odds["chatter"] >= SURE_OF_CHATTER else "question"


@lru_cache(maxsize=1)
def shipped_weights() -> Floats:
    """Return the shipped weights, float32 (kinds, features), checked against their digest."""
    try:
        return read_tensors(WEIGHTS, WEIGHTS_SHA256)["weights"]
    except ModelError as error:
        raise ModelError(f"messages: {error}") from error


@lru_cache(maxsize=1)
def _embedder() -> Embedder:
    return embedder_of()


def message_kinds(texts: Sequence[str]) -> list[MessageKind]:
    """Return what each text is; raises ModelError when the weights are not the shipped ones."""
    return kinds_of(features_of(texts, _embedder()), shipped_weights())


@lru_cache(maxsize=256)
def message_kind(text: str) -> MessageKind:
    """Return what a text of a question's length is.

    >>> message_kind("My father can't breathe and his lips are blue")
    'emergency'
    >>> message_kind("What should be done when a patient cannot breathe after bronchoscopy?")
    'question'
    """
    return message_kinds([text])[0] if text.strip() else "chatter"


# Each door asks again on the way to a refusal; a long text is read once for all of them.
@lru_cache(maxsize=16)
def emergency_within(text: str) -> EmergencyKind | None:
    """Return what kind of emergency a text tells of, or the piece of it that most tells of one.

    For texts that are answered in no case, since they are too long or were told to be one.
    """
    whole = EMERGENCIES.get(message_kind(text)) if len(text) <= WHOLE_CHARS else None
    if whole is not None:
        return whole
    pieces = list(dict.fromkeys(_pieces(text)))
    if len(pieces) > MOST_PIECES:
        pieces = [*pieces[: MOST_PIECES // 2], *pieces[-MOST_PIECES // 2 :]]
    if not pieces:
        return None
    surest = max(_odds(features_of(pieces, _embedder()), shipped_weights()), key=_alarm)
    return EMERGENCIES.get(_kind(surest))


def _pieces(text: str) -> Iterator[str]:
    """Give sentences, and what runs on in pieces that overlap."""
    for sentence in _SENTENCE_END.split(text):
        last = max(len(sentence) - PIECE_CHARS + PIECE_STEP_CHARS, 1)
        for start in range(0, last, PIECE_STEP_CHARS):
            piece = sentence[start : start + PIECE_CHARS]
            if piece.strip():
                yield piece
