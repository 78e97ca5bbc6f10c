"""What the HTTP doors share: the assistant once it is loaded, the store, and how one asks.

The model and the index are read in a thread of their own, so that the server answers at once and
says when it is ready. From then on the library is watched, and exchanged when its index is another
one (`service/swapping.py`); a request works with `at_hand()`, which stays as it is.
"""

import logging
import re
import threading
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import partial

from corpus.answers import Audience
from corpus.errors import NotFoundError, SequiturError
from service.assistant import Assistant, Question
from service.http_running import Exchange, Running, RunningQuestions
from service.observing import Observer
from service.preparing import Preparing
from service.problems import EMPTY, INVALID, NOT_READY, TOO_LONG, ProblemError
from service.refusal import refuse
from service.screening import screen
from service.settings import Settings
from service.store import AnswerStore
from service.swapping import Swaps, Watched
from service.wire import Record, answer_record

RETRY_AFTER_S = 2
# an opening that has begun ends by itself soon after
ENDING_WATCH_S = 2.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it came in.

    `within` is an article's slug or a document's id, None the whole library. `history` None means:
    the earlier questions of the conversation, where one is named.
    """

    within: str | None
    text: str
    conversation_id: str | None = None
    history: tuple[str, ...] | None = None
    audience: Audience = "clinician"


class Reception:
    """Holds the assistant while the server runs; every method may be called from any thread."""

    def __init__(self, settings: Settings, store: AnswerStore) -> None:
        self.settings = settings
        self.store = store
        self.running = RunningQuestions(settings.questions_at_once)
        self._loaded = threading.Event()
        self._watched: Watched | None = None
        self._fixed: Assistant | None = None
        self._preparing: Preparing | None = None
        self._failure = ""
        self._closed = False

    def load(
        self, open_assistant: Callable[[], Assistant], *, prepare: bool = False
    ) -> threading.Thread:
        """Begin to load in the background; return the thread that does it.

        `prepare`: then make suggestions while nobody asks.
        """
        thread = threading.Thread(
            target=self._load, args=(open_assistant, prepare), name="sequitur-load", daemon=True
        )
        thread.start()
        return thread

    def wait(self, timeout_s: float) -> bool:
        """Wait until loading has ended, well or badly; False when it has not by then."""
        return self._loaded.wait(timeout_s)

    @property
    def assistant(self) -> Assistant:
        """The assistant; raises ProblemError (503) while there is none."""
        if self._fixed is not None:
            return self._fixed
        if self._watched is not None:
            return self._watched.assistant
        if self._failure:
            raise ProblemError(NOT_READY, self._failure)
        raise ProblemError(
            NOT_READY,
            "The library and its model are still being loaded; try again shortly.",
            headers={"Retry-After": str(RETRY_AFTER_S)},
        )

    @property
    def swaps(self) -> Swaps | None:
        """What has come of watching the library; None while there is no assistant."""
        return self._watched.swaps if self._watched is not None else None

    def at_hand(self) -> "Reception":
        """Return this reception for one request: its assistant is not exchanged any more."""
        fixed: Reception = copy(self)
        fixed._fixed = self._watched.assistant if self._watched is not None else None
        return fixed

    def close(self, timeout_s: float) -> None:
        """Watch no more, take no more questions, and give up those that there are."""
        self._closed = True
        asides = [a for a in (self._watched, self._preparing) if a is not None]
        for aside in asides:
            aside.stop(0)
        self.running.close(timeout_s)
        for aside in asides:
            aside.stop(ENDING_WATCH_S)

    def begin(self, asked: Asked, observer: Observer | None = None) -> Running:
        """Check a question and begin to answer it in a thread of its own.

        Raises ProblemError (422, 503) and NotFoundError. `observer` is told of the answer as it
        comes, in that thread. Whoever knows the id of a conversation can go on with it; an id
        that is not known begins one. Whoever writes of an emergency of their own waits for nobody,
        and is told whom to call when there is no library to ask, too.
        """
        assistant = self.ready_for(asked.text)
        self._check(asked)
        assistant.library.scope(asked.within)  # an unknown article is told before anything begins
        answer = partial(self._answer, assistant, asked)
        urgent = partial(self._is_urgent, asked.text)
        return self.running.begin(asked.conversation_id, answer, observer, urgent=urgent)

    def ready_for(self, text: str) -> Assistant:
        """Return the assistant; raises ProblemError (503), which helps who needs help now."""
        try:
            return self.assistant
        except ProblemError as problem:
            if not self._is_urgent(text):
                raise
            told = refuse("emergency", question=text).message
            raise ProblemError(problem.kind, told, headers=problem.headers) from problem

    def ask(self, asked: Asked) -> Exchange:
        """Answer and remember; blocks, so never on the event loop; raises as `begin` does."""
        return self.begin(asked).future.result()

    def conversation(self, conversation_id: str) -> Record:
        """Return a conversation to read again; raises NotFoundError when nothing is known of it.

        `running` is how many of its questions are not answered yet.
        """
        running = self.running.count(conversation_id)
        turns = self.store.turns(conversation_id)
        if not turns and not running:
            raise NotFoundError(f"no conversation {conversation_id[:80]!r} is kept here")
        return {"conversation_id": conversation_id, "turns": list(turns), "running": running}

    def forget(self, conversation_id: str) -> None:
        """Erase a conversation: what it holds, and what is still being answered in it."""
        self.running.stop(conversation_id)
        self.store.erase(conversation_id)

    def _answer(self, assistant: Assistant, asked: Asked, running: Running) -> Exchange:
        conversation, history = asked.conversation_id, asked.history
        urgent = self._is_urgent(asked.text)
        if history is None:
            history = () if urgent else self._earlier(conversation)
        question = Question(
            text=asked.text, article=asked.within, history=history, audience=asked.audience
        )
        answer, findings = assistant.ask_with_findings(question, running)
        record = answer_record(answer)
        if conversation is not None:
            record["conversation_id"] = conversation
        try:
            running.keep(partial(self.store.remember, record, conversation_id=conversation))
        except ProblemError:
            raise
        except Exception as error:
            if not urgent:  # help is named, whether or not the disk is well
                raise
            _log.warning("an answer was not kept (%s)", type(error).__name__)
        return Exchange(record=record, answer=answer, findings=findings)

    def _earlier(self, conversation_id: str | None) -> tuple[str, ...]:
        if conversation_id is None:
            return ()
        limit = self.settings.max_history_turns
        return self.store.earlier_questions(conversation_id, limit=limit)

    def _is_urgent(self, text: str) -> bool:
        try:
            return screen(text, max_chars=self.settings.max_question_chars) == "emergency"
        except SequiturError:  # what cannot be told is answered, or fails, like any question
            return False

    def _check(self, asked: Asked) -> None:
        limit, length = self.settings.max_question_chars, len(asked.text.strip())
        if length == 0:
            raise ProblemError(EMPTY, "Write a question.")
        # somebody in need writes as long as it takes: what to do comes before any limit
        if length > limit and not self._is_urgent(asked.text):
            detail = f"The question has {length} characters; the limit is {limit}."
            raise ProblemError(TOO_LONG, detail)
        if asked.conversation_id is not None and not _TOKEN.fullmatch(asked.conversation_id):
            detail = "conversation_id: 1 to 64 letters, digits, hyphens or underscores."
            raise ProblemError(INVALID, detail)

    def _load(self, open_assistant: Callable[[], Assistant], prepare: bool) -> None:  # noqa: FBT001
        try:
            watched = Watched(open_assistant())
            preparing = Preparing(lambda: watched.assistant, lambda: self.running.busy)
            if not self._closed:
                watched.start()
            if prepare and not self._closed:
                preparing.start()
            self._watched, self._preparing = watched, preparing
        except SequiturError as error:
            self._failure = " ".join(str(error).split())
            _log.error("loading failed: %s", self._failure)
        except Exception as error:  # noqa: BLE001 - whatever it is, `readyz` has to say it
            self._failure = f"Loading failed ({type(error).__name__}); the operator can see why."
            _log.exception("loading failed")
        finally:
            self._loaded.set()
