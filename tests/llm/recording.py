"""What a language model wrote and what the checks made of it, kept beside the answer.

An assistant that is recorded answers as it would unrecorded. One that is led has its model shown an
example: the tiny model, asked as others are, declines or copies what it was sent.
"""

import re
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

EXAMPLE = (
    Message(role="system", content="Answer from the units. Reply in JSON, with their ids."),
    Message(
        role="user",
        content="[u1] Aspirin thins the blood.\n[u2] It is taken once a day.\n\n"
        "How often is aspirin taken?",
    ),
    Message(
        role="assistant",
        content='{"answered": true, "sentences": [{"text": "Aspirin is taken once a day.", '
        '"units": ["u2"], "quotes": []}]}',
    ),
)
_UNIT = re.compile(r"^\[(u\d+)\] (.+)$", re.MULTILINE)
_QUESTION = re.compile(r"<question-\w+>\n(.*)\n</question-", re.DOTALL)


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
    def shown(self) -> dict[str, str]:
        """The units of the first prompt by their ids, each on one line."""
        return dict(_UNIT.findall(self.requests[0][-1].content)) if self.requests else {}

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


class LedModel:
    """Has another model write after an example, from nothing but the units and the question."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.name = model.name

    def stream(
        self, messages: Sequence[Message], *, form: Mapping[str, Any] | None = None
    ) -> Generator[str, None, None]:
        """Give the pieces of the other model."""
        prompt = messages[-1].content
        asked = _QUESTION.search(prompt)
        units = "\n".join(match[0] for match in _UNIT.finditer(prompt))
        content = f"{units}\n\n{asked[1] if asked else ''}"
        return self._model.stream([*EXAMPLE, Message(role="user", content=content)], form=form)


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


def led(assistant: Assistant, *, checks: Checks | None = None) -> Assistant:
    """Return an assistant like one whose engine is the generative one; `checks` may be others."""
    same, engine = _with_engine_of_its_own(assistant)
    engine._model = LedModel(engine._model)
    engine._checks = checks or engine._checks
    return same


def recorded(assistant: Assistant) -> tuple[Assistant, Recording]:
    """Return an assistant like one whose engine is the generative one, and its recording."""
    recording = Recording()
    same, engine = _with_engine_of_its_own(assistant)
    engine._model = RecordingModel(engine._model, recording)
    engine._checks = RecordingChecks(engine._checks, recording)
    return same, recording


def _with_engine_of_its_own(assistant: Assistant) -> tuple[Assistant, Any]:
    same = copy(assistant)
    engine: Any = copy(assistant.engine)
    same.engine = engine
    return same, engine
