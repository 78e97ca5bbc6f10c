"""What a language model wrote and what the checks made of it, kept beside the answer.

An assistant that is recorded answers as it would unrecorded.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from prompts.messages import Message
from service.assistant import Assistant
from service.llm import LanguageModel
from service.writing.checking import Checks, Judgement
from service.writing.reply import ReplyReader, Sentence
from service.writing.units import EvidenceUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A sentence as it came to the checks, with the units that it was held against.

    One that points back comes behind the sentence that it points at, with the units of both.
    """

    sentence: Sentence
    units: tuple[EvidenceUnit, ...]
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
    def written(self) -> str:
        """The text that came."""
        return "".join(self.pieces)

    @property
    def declined(self) -> bool:
        """True when the text says that the evidence does not answer."""
        return self._read()[1]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences that were complete, in their order; what broke off is left out."""
        return self._read()[0]

    def _read(self) -> tuple[tuple[Sentence, ...], bool]:
        reader = ReplyReader()
        complete = [sentence for piece in self.pieces for sentence in reader.feed(piece)]
        return (*complete, *(reader.finish() if self.ended else ())), reader.declined


class RecordingModel:
    """Writes what another model writes."""

    def __init__(self, model: LanguageModel, recording: Recording) -> None:
        self._model = model
        self._recording = recording
        self.name = model.name

    def stream(
        self, messages: Sequence[Message], *, form: Mapping[str, Any] | None = None
    ) -> Generator[str, None, None]:
        """Give the pieces of the other model."""
        recording, asked = self._recording, time.perf_counter()
        recording.requests.append(tuple(messages))
        with closing(self._model.stream(messages, form=form)) as pieces:
            for piece in pieces:
                if recording.first_piece_s is None:
                    recording.first_piece_s = time.perf_counter() - asked
                recording.pieces.append(piece)
                yield piece
        recording.ended = True


class RecordingChecks:
    """Judges as other checks judge."""

    def __init__(self, checks: Checks, recording: Recording) -> None:
        self._checks = checks
        self._recording = recording

    def judge(self, sentence: Sentence, units: Sequence[EvidenceUnit]) -> Judgement:
        """Return the others' judgement."""
        judgement = self._checks.judge(sentence, units)
        self._recording.judged.append(
            Judged(sentence=sentence, units=tuple(units), judgement=judgement)
        )
        return judgement


def recorded(assistant: Assistant) -> tuple[Assistant, Recording]:
    """Return an assistant like one whose engine is the generative one, and its recording."""
    recording, same = Recording(), copy(assistant)
    engine: Any = copy(assistant.engine)
    engine._model = RecordingModel(engine._model, recording)
    engine._checks = RecordingChecks(engine._checks, recording)
    same.engine = engine
    return same, recording
