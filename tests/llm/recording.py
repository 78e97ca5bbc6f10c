"""What a language model wrote and what the verifier made of it, kept beside the answer.

An assistant that is recorded answers as it would unrecorded.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from prompts.messages import Message
from service.assistant import Assistant
from service.drafts import DraftReader, DraftSentence
from service.llm import LanguageModel
from service.verdicts import EvidenceText, Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A sentence as it came to the verifier, with the evidence that it was held against."""

    text: str
    evidence: tuple[EvidenceText, ...]
    judgement: Judgement


@dataclass(slots=True, kw_only=True)
class Recording:
    """Everything since the last `clear`.

    `first_piece_s` is seconds after the first request; `ended` tells that the text came to its
    end, rather than that it broke off or was read no further.
    """

    requests: list[tuple[Message, ...]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    first_piece_s: float | None = None
    ended: bool = False

    def clear(self) -> None:
        """Forget it."""
        self.requests, self.pieces, self.judged = [], [], []
        self.first_piece_s, self.ended = None, False

    @property
    def sentences(self) -> tuple[DraftSentence, ...]:
        """The sentences that were complete, in their order; what broke off is left out."""
        reader = DraftReader()
        complete = [sentence for piece in self.pieces for sentence in reader.feed(piece)]
        return (*complete, *(reader.finish() if self.ended else ()))


class RecordingModel:
    """Writes what another model writes."""

    def __init__(self, model: LanguageModel, recording: Recording) -> None:
        self._model = model
        self._recording = recording
        self.name = model.name

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Give the pieces of the other model."""
        recording, asked = self._recording, time.perf_counter()
        recording.requests.append(tuple(messages))
        with closing(self._model.stream(messages)) as pieces:
            for piece in pieces:
                if recording.first_piece_s is None:
                    recording.first_piece_s = time.perf_counter() - asked
                recording.pieces.append(piece)
                yield piece
        recording.ended = True


class RecordingVerifier:
    """Judges as another verifier judges."""

    def __init__(self, verifier: Any, recording: Recording) -> None:
        self._verifier = verifier
        self._recording = recording

    def verify(self, sentence: str, evidence: Sequence[EvidenceText]) -> Judgement:
        """Return the other's judgement."""
        judgement: Judgement = self._verifier.verify(sentence, evidence)
        self._recording.judged.append(
            Judged(text=sentence, evidence=tuple(evidence), judgement=judgement)
        )
        return judgement


def recorded(assistant: Assistant) -> tuple[Assistant, Recording]:
    """Return an assistant like one whose engine is the generative one, and its recording."""
    recording, same = Recording(), copy(assistant)
    engine: Any = copy(assistant.engine)
    engine._model = RecordingModel(engine._model, recording)
    engine._verifier = RecordingVerifier(engine._verifier, recording)
    same.engine = engine
    return same, recording
