"""Prose by a language model that points at units, each sentence held against exactly these.

    readings ──> numbered units ──> model ──> sentences with unit ids, as they are complete
                                                 │ checked against these units
                          statements  <──holds───┴──fails──>  the quote of these units, in its place

A sentence that fails is replaced by what its units say, where the reader holds that they answer.
When nothing holds, the best units are quoted, as the default engine does: an answer is never less
than without the model. A model that declines is believed, unless the reader is sure.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from corpus.answers import Struck
from corpus.errors import GenerationError, InputError
from corpus.library import Library
from prompts.loader import digests
from prompts.messages import AnswerTask, Message, Prompt, answer_prompt, repair_prompt
from service.engines import AnswerEngine, Asking, Composed, NoAnswer, Stoppable, moved
from service.llm import LanguageModel
from service.llm_spending import CHARS_PER_TOKEN
from service.observing import Observer
from service.settings import Settings
from service.wording import Wordings
from service.writing.checking import Checks
from service.writing.draft import Draft
from service.writing.notices import BROKE_OFF, DECLINED, nothing_held, quoted_instead
from service.writing.reply import ReplyReader
from service.writing.units import EvidenceUnit, evidence_of

# A reply is read no further after so many sentences, whatever became of them.
SENTENCES_READ = 40
# So many of the last questions tell what the question is about.
EARLIER_SHOWN = 4
REPLY_FORM = {
    "type": "object",
    "properties": {
        "answered": {"type": "boolean"},
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "units": {"type": "array", "items": {"type": "string"}},
                    "quotes": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["text", "units", "quotes"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["answered", "sentences"],
    "additionalProperties": False,
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is asked of a model and shown of its answer.

    `max_prompt_chars` is the room of all messages; `repairs` the further requests when a sentence
    failed; `show_struck` whether sentences that are not shown are kept.
    """

    max_statements: int
    max_prompt_chars: int
    repairs: int = 0
    show_struck: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return what the settings say."""
        return cls(
            max_statements=settings.max_statements,
            max_prompt_chars=int(settings.llm_max_prompt_tokens * CHARS_PER_TOKEN),
            repairs=settings.llm_repairs,
            show_struck=settings.show_struck,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a model is asked, and by their ids the units that it was shown."""

    task: AnswerTask
    prompt: Prompt
    units: Mapping[str, EvidenceUnit]


class GenerativeEngine:
    """Lets a language model write, and checks decide; `quoting` answers when that fails."""

    name = "generative"
    reads_near = True

    def __init__(
        self,
        library: Library,
        wordings: Wordings,
        *,
        model: LanguageModel,
        checks: Checks,
        quoting: AnswerEngine,
        limits: Limits,
    ) -> None:
        self._library = library
        self._wordings = wordings
        self._model = model
        self._checks = checks
        self._quoting = quoting
        self._limits = limits
        checker = f"{checks.model.name}@{checks.model.digest[:16]}"
        judge = {"judge": checks.judged_by} if checks.judged_by else {}
        self.models: Mapping[str, str] = {"writer": model.name, "support": checker, **judge}
        self.prompts: Mapping[str, str] = digests()

    def over(self, library: Library, wordings: Wordings) -> "GenerativeEngine":
        """Return the same over another library: its model goes on counting what it uses."""
        return GenerativeEngine(
            library,
            wordings,
            model=self._model,
            checks=self._checks,
            quoting=moved(self._quoting, library, wordings),
            limits=self._limits,
        )

    def compose(self, asked: Asking, observer: Observer) -> Composed | NoAnswer:
        """Return the answer; `observer` is told each statement as soon as it is final.

        Raises what the observer raises; the connection to the model is closed then.
        """
        try:
            brief = self._brief(asked)
        except GenerationError as error:
            _log.warning("%s; quoted instead", error)
            return self._quoted(asked, observer, quoted_instead(error.kind))
        draft = Draft(
            asked,
            brief.units,
            checks=self._checks,
            library=self._library,
            wording=self._wordings.of(asked.article),
            observer=observer,
            most=self._limits.max_statements,
        )
        failure = self._written(brief, draft, observer)
        struck = tuple(draft.struck) if self._limits.show_struck else ()
        told = draft.counts.notices()
        if draft.holds:
            return Composed(
                statements=tuple(draft.statements),
                sources=draft.sources,
                notices=(*told, *((BROKE_OFF,) if failure else ())),
                struck=struck,
            )
        if draft.declined and not asked.sure:
            return NoAnswer(struck=struck)
        return self._quoted(asked, observer, _why(draft, failure), *told, struck=struck)

    def _brief(self, asked: Asking) -> Brief:
        """Return what the model is asked, with as many of the best passages as have room.

        Raises GenerationError when there is no room for a single one.
        """
        units, blocks = evidence_of(asked, self._library)
        task = AnswerTask(
            question=asked.query.own,
            earlier=asked.query.earlier[-EARLIER_SHOWN:],
            article_title=asked.article.title if asked.article is not None else "",
            audience=asked.audience,
            evidence=blocks,
            max_sentences=self._limits.max_statements,
            max_chars=self._limits.max_prompt_chars,
        )
        try:
            prompt = answer_prompt(task)
        except InputError:
            raise GenerationError("too_large", "the evidence has no room in the prompt") from None
        shown = {line.unit for block in blocks[: prompt.kept] for line in block.lines}
        kept = {name: unit for name, unit in units.items() if name in shown}
        return Brief(task=task, prompt=prompt, units=kept)

    def _quoted(
        self, asked: Asking, observer: Observer, *notices: str, struck: tuple[Struck, ...] = ()
    ) -> Composed | NoAnswer:
        """Return what the default engine answers, if it does; `notices` say why it is asked."""
        if not asked.quotable:
            return NoAnswer(struck=struck)
        composed = self._quoting.compose(asked, observer)
        if isinstance(composed, NoAnswer):
            return composed
        return replace(composed, notices=(*notices, *composed.notices), struck=struck)

    def _written(self, brief: Brief, draft: Draft, observer: Observer) -> GenerationError | None:
        """Let the model write, once more when nothing held; return how it failed, if it did."""
        messages = brief.prompt.messages
        for left in reversed(range(1 + self._limits.repairs)):
            written: list[str] = []
            try:
                self._read(messages, draft, observer, written)
                if draft.holds or draft.declined or not draft.failed or not left:
                    break
                messages = repair_prompt(brief.task, "".join(written), draft.problems).messages
                draft.begin_again()
            except GenerationError as error:
                _log.warning("%s; %d sentences shown", error, len(draft.statements))
                return error
            except InputError:  # no room for the draft beside the evidence
                break
        return None

    def _read(
        self,
        messages: Sequence[Message],
        draft: Draft,
        observer: Observer,
        written: list[str],
    ) -> None:
        """Check each sentence when it is complete; read no further when enough can be shown."""
        reader, read = ReplyReader(), 0
        try:
            with closing(self._model.stream(messages, form=REPLY_FORM)) as pieces:
                for piece in pieces:
                    if isinstance(observer, Stoppable):
                        observer.check()
                    written.append(piece)
                    for sentence in reader.feed(piece):
                        read += 1
                        draft.take(sentence)
                        if len(draft.statements) >= self._limits.max_statements:
                            return
                    if read > SENTENCES_READ:
                        raise GenerationError("endless", "more sentences came than are read")
        finally:
            draft.declined = reader.declined
        for sentence in reader.finish()[:SENTENCES_READ]:
            if len(draft.statements) < self._limits.max_statements:
                draft.take(sentence)


def _why(draft: Draft, failure: GenerationError | None) -> str:
    """Return why nothing that was written is shown."""
    if failure is not None:
        return quoted_instead(failure.kind)
    if draft.declined:
        return DECLINED
    return nothing_held() if draft.failed else quoted_instead("empty")
