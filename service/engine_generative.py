"""Prose by a language model, held to the sources: what they do not support is not shown.

    readings ──> numbered evidence ──> model ──> sentences, as they are complete
                                                    │ each held against what it cites
                            statements  <──supported┴not──>  struck, and counted in a notice

When nothing is left to show, the best sentences are quoted, as the default engine does, and a
notice says why. Whether a question is answered at all was decided before: a model that finds no
answer turns no answerable question into silence.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from corpus.errors import GenerationError, InputError
from corpus.library import Library
from prompts.loader import digests
from prompts.messages import Message, repair_messages
from service.drafts import DraftReader, DraftSentence
from service.engine_checking import Checker, Verifying
from service.engine_evidence import Brief, brief_of
from service.engine_notices import BROKE_OFF, DECLINED, counted, nothing_held, quoted_instead
from service.engines import AnswerEngine, Asking, Composed, Stoppable, moved
from service.llm import LanguageModel
from service.llm_spending import CHARS_PER_TOKEN
from service.observing import Observer
from service.settings import Settings
from service.wording import Wordings

# The endpoint's text is read no further after so many sentences, whatever became of them.
SENTENCES_READ = 40
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is asked of a model and shown of its answer.

    `max_prompt_chars` is the room of all messages; `repairs` the further requests when nothing
    was supported; `show_struck` whether sentences that are not shown are kept.
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


class GenerativeEngine:
    """Lets a language model write, and a verifier decide; `quoting` answers when that fails."""

    name = "generative"

    def __init__(
        self,
        library: Library,
        wordings: Wordings,
        *,
        model: LanguageModel,
        verifier: Verifying,
        quoting: AnswerEngine,
        limits: Limits,
        verified_by: str,
    ) -> None:
        self._library = library
        self._wordings = wordings
        self._model = model
        self._verifier = verifier
        self._quoting = quoting
        self._limits = limits
        self.models: Mapping[str, str] = {"writer": model.name, "support": verified_by}
        self.prompts: Mapping[str, str] = digests()

    def over(self, library: Library, wordings: Wordings) -> "GenerativeEngine":
        """Return the same over another library: its model goes on counting what it uses."""
        return GenerativeEngine(
            library,
            wordings,
            model=self._model,
            verifier=_verifier_over(self._verifier, library),
            quoting=moved(self._quoting, library, wordings),
            limits=self._limits,
            verified_by=self.models["support"],
        )

    def compose(self, asked: Asking, observer: Observer) -> Composed:
        """Return the answer; `observer` is told each statement as soon as it is verified.

        Raises what the observer raises; the connection to the model is closed then.
        """
        try:
            brief = brief_of(
                asked,
                self._library,
                max_sentences=self._limits.max_statements,
                max_chars=self._limits.max_prompt_chars,
            )
        except GenerationError as error:
            _log.warning("%s; quoted instead", error)
            return self._quoted(asked, observer, quoted_instead(error.kind))
        checker = Checker(
            asked,
            brief.evidence,
            verifier=self._verifier,
            library=self._library,
            wording=self._wordings.of(asked.article),
            observer=observer,
        )
        failure = self._written(brief, checker, observer)
        struck = tuple(checker.checked.struck) if self._limits.show_struck else ()
        told = counted(checker.checked)
        if checker.checked.statements:
            return Composed(
                statements=tuple(checker.checked.statements),
                sources=checker.sources,
                notices=(*told, *((BROKE_OFF,) if failure else ())),
                struck=struck,
            )
        why = _why(checker, failure)
        return replace(self._quoted(asked, observer, why, *told), struck=struck)

    def _quoted(self, asked: Asking, observer: Observer, *notices: str) -> Composed:
        composed = self._quoting.compose(asked, observer)
        return replace(composed, notices=(*notices, *composed.notices))

    def _written(
        self, brief: Brief, checker: Checker, observer: Observer
    ) -> GenerationError | None:
        """Let the model write, once more when nothing held; return how it failed, if it did."""
        messages, checked = brief.messages, checker.checked
        for left in reversed(range(1 + self._limits.repairs)):
            draft: list[str] = []
            try:
                self._read(messages, checker, observer, draft)
                if checked.statements or checked.declined or not checked.struck or not left:
                    break
                problems = [f"{s.text} ({'; '.join(s.reasons)})" for s in checked.struck]
                messages = repair_messages(brief.task, "".join(draft), problems)
            except GenerationError as error:
                _log.warning("%s; %d sentences shown", error, len(checked.statements))
                return error
            except InputError:  # no room for the draft beside the evidence
                break
        return None

    def _read(
        self,
        messages: Sequence[Message],
        checker: Checker,
        observer: Observer,
        draft: list[str],
    ) -> None:
        """Check each sentence when it is complete; read no further when enough can be shown.

        What stands after the last complete sentence of a text that broke off is never checked:
        half a sentence may say what the whole one did not.
        """
        reader, read = DraftReader(), 0
        with closing(self._model.stream(messages)) as pieces:
            for piece in pieces:
                if isinstance(observer, Stoppable):
                    observer.check()
                draft.append(piece)
                sentences = reader.feed(piece)
                if self._is_enough(sentences, checker):
                    return
                read += len(sentences)
                if read > SENTENCES_READ:
                    raise GenerationError("endless", "more sentences came than are read")
        self._is_enough(reader.finish(), checker)

    def _is_enough(self, sentences: Iterable[DraftSentence], checker: Checker) -> bool:
        """Check the sentences; return True as soon as there are as many as an answer may have."""
        for sentence in sentences:
            checker.take(sentence)
            if len(checker.checked.statements) >= self._limits.max_statements:
                return True
        return False


def _verifier_over(verifier: Verifying, library: Library) -> Verifying:
    """Return a verifier that knows the drugs and diseases of another library."""
    from service.entities import Entities
    from service.verification import Verifier

    if not isinstance(verifier, Verifier):
        return verifier
    return Verifier(verifier.model, Entities.of(library), verifier.thresholds)


def _why(checker: Checker, failure: GenerationError | None) -> str:
    """Return why nothing that was written is shown."""
    if failure is not None:
        return quoted_instead(failure.kind)
    if checker.checked.declined:
        return DECLINED
    return nothing_held() if checker.checked.struck else quoted_instead("empty")
