"""What to ask next is found out while nobody asks: suggestions, made beside a running server."""

import logging
from collections.abc import Callable

from corpus.answers import Answer
from corpus.errors import SequiturError
from service.assistant import Assistant, Question
from service.beside import Beside
from service.suggestion_building import Asker, build_suggestions, plan_suggestions

LOOK_EVERY_S = 1.0
WAIT_S = 0.05

_log = logging.getLogger(__name__)


class Preparing(Beside):
    """Makes the suggestions of the assistant in use, and of every one that takes its place.

    It asks only while `busy` says that nobody else does; between two of its questions a reader
    waits for one of them at most.
    """

    def __init__(self, assistant: Callable[[], Assistant], busy: Callable[[], bool]) -> None:
        super().__init__("sequitur-prepare")
        self._assistant, self._busy = assistant, busy

    def _work(self) -> None:
        done: Assistant | None = None
        while not self._ended.is_set():
            now = self._assistant()
            if now is not done:
                done = now
                self._prepare(now)
            self._ended.wait(LOOK_EVERY_S)

    def _prepare(self, assistant: Assistant) -> None:
        def wait() -> None:
            """Return when nobody asks; raises _OverError when there is nothing to wait for."""
            while not self._ended.wait(0.0) and self._assistant() is assistant:
                if not self._busy():
                    return
                self._ended.wait(WAIT_S)
            raise _OverError

        try:
            quoting = assistant.quoting()
            build_suggestions(_Patient(quoting, wait), plan_suggestions(quoting))
        except _OverError:
            return
        except SequiturError as error:
            _log.warning("no suggestions: %s", error)
        except Exception as error:  # noqa: BLE001 - whatever it is, questions go on
            # only its kind: its text may hold what a text said
            _log.warning("no suggestions (%s)", type(error).__name__)


class _OverError(Exception):
    """The server ends, or another library has taken this one's place."""


class _Patient(Asker):
    """Asks when it is its turn."""

    def __init__(self, assistant: Assistant, wait: Callable[[], None]) -> None:
        self.library, self.provenance = assistant.library, assistant.provenance
        self._assistant, self._wait = assistant, wait

    def ask(self, question: Question) -> Answer:
        """Answer or refuse."""
        self._wait()
        return self._assistant.ask(question)
