"""What the HTTP doors share: the assistant once it is loaded, the store, and how one asks.

The model and the index are read in a thread of their own, so that the server answers at once and
says when it is ready.
"""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from corpus.answers import Answer, Audience
from corpus.errors import SequiturError
from service.assistant import Assistant, Findings, Question
from service.problems import EMPTY, INVALID, NOT_READY, TOO_LONG, ProblemError
from service.settings import Settings
from service.store import AnswerStore
from service.wire import Record, answer_record

RETRY_AFTER_S = 2
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it came in.

    `within` is an article's slug or a document's id. `history` None means: the earlier questions
    of the conversation, where one is named.
    """

    within: str
    text: str
    conversation_id: str | None = None
    history: tuple[str, ...] | None = None
    audience: Audience = "clinician"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question answered: the record as it is stored and sent, and what it was made from."""

    record: Record
    answer: Answer
    findings: Findings


class Reception:
    """Holds the assistant while the server runs; every method may be called from any thread."""

    def __init__(self, settings: Settings, store: AnswerStore) -> None:
        self.settings = settings
        self.store = store
        self._loaded = threading.Event()
        self._assistant: Assistant | None = None
        self._failure = ""

    def load(self, open_assistant: Callable[[], Assistant]) -> threading.Thread:
        """Begin to load in the background; return the thread that does it."""
        thread = threading.Thread(
            target=self._load, args=(open_assistant,), name="sequitur-load", daemon=True
        )
        thread.start()
        return thread

    def wait(self, timeout_s: float) -> bool:
        """Wait until loading has ended, well or badly; False when it has not by then."""
        return self._loaded.wait(timeout_s)

    @property
    def assistant(self) -> Assistant:
        """The assistant; raises ProblemError (503) while there is none."""
        if self._assistant is not None:
            return self._assistant
        if self._failure:
            raise ProblemError(NOT_READY, self._failure)
        raise ProblemError(
            NOT_READY,
            "The library and its model are still being loaded; try again shortly.",
            headers={"Retry-After": str(RETRY_AFTER_S)},
        )

    def ask(self, asked: Asked) -> Exchange:
        """Answer and remember; blocks, so never on the event loop.

        Raises ProblemError (422, 503) and NotFoundError. An id of a conversation that is not
        known begins a conversation of that name; whoever knows the id can go on with it.
        """
        assistant = self.assistant
        self._check(asked)
        conversation, history = asked.conversation_id, asked.history
        if history is None:
            history = self._earlier(conversation)
        question = Question(
            text=asked.text, article=asked.within, history=history, audience=asked.audience
        )
        answer, findings = assistant.ask_with_findings(question)
        record = answer_record(answer)
        if conversation is not None:
            record["conversation_id"] = conversation
        self.store.remember(record, conversation_id=conversation)
        return Exchange(record=record, answer=answer, findings=findings)

    def _earlier(self, conversation_id: str | None) -> tuple[str, ...]:
        if conversation_id is None:
            return ()
        limit = self.settings.max_history_turns
        return self.store.earlier_questions(conversation_id, limit=limit)

    def _check(self, asked: Asked) -> None:
        limit, length = self.settings.max_question_chars, len(asked.text.strip())
        if length == 0:
            raise ProblemError(EMPTY, "Write a question.")
        if length > limit:
            detail = f"The question has {length} characters; the limit is {limit}."
            raise ProblemError(TOO_LONG, detail)
        if asked.conversation_id is not None and not _TOKEN.fullmatch(asked.conversation_id):
            detail = "conversation_id: 1 to 64 letters, digits, hyphens or underscores."
            raise ProblemError(INVALID, detail)

    def _load(self, open_assistant: Callable[[], Assistant]) -> None:
        try:
            self._assistant = open_assistant()
        except SequiturError as error:
            self._failure = " ".join(str(error).split())
            _log.error("loading failed: %s", self._failure)
        except Exception as error:  # noqa: BLE001 - whatever it is, `readyz` has to say it
            self._failure = f"Loading failed ({type(error).__name__}); the operator can see why."
            _log.exception("loading failed")
        finally:
            self._loaded.set()
