"""Questions while they are being answered: each in a thread of its own, few at once, stoppable.

Those that wait stand in a line, first come, first served; but a conversation's further questions
let those of others pass. Each is told its place.

A question goes on when nobody listens any more; what it comes to is remembered. Whoever stops it
is answered at once, while its thread gives up at the next step that it reports (`Observer`).

    waiting ──a place is free──> working ──keep()──> kept ──> result
       └────────── stop() ──────────┴──> stopped: nothing is kept, the result is a problem
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from corpus.answers import Answer, Source, Statement
from index.retriever import Retrieval
from service.assistant import Findings
from service.observing import Observer, Unobserved
from service.problems import BUSY, NOT_READY, STOPPED, ProblemError
from service.wire import Record

# For each question that is being answered, so many may wait for their turn.
WAITING_PER_PLACE = 6
BUSY_RETRY_S = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question answered: the record as it is stored and sent, and what it was made from."""

    record: Record
    answer: Answer
    findings: Findings


Answering = Callable[["Running"], Exchange]


class Running:
    """One question being answered; an Observer that ends the work once it was stopped."""

    def __init__(self, conversation_id: str | None, observer: Observer | None) -> None:
        self.conversation_id = conversation_id
        self._observer = observer or Unobserved()
        self._lock = threading.Lock()
        self._stopped: ProblemError | None = None
        self._kept = False
        self.future: Future[Exchange] = Future()
        self.future.set_running_or_notify_cancel()  # nobody who waits for it can cancel it

    def waiting(self, place: int) -> None:
        """Pass on which place in the line it has, 1 for the next; raises once it was stopped."""
        self.check()
        self._observer.waiting(place)

    def found(self, hits: Retrieval) -> None:
        """Pass the passages on; raises ProblemError once it was stopped."""
        self.check()
        self._observer.found(hits)

    def stated(self, statement: Statement, sources: Sequence[Source]) -> None:
        """Pass a statement on; raises ProblemError once it was stopped."""
        self.check()
        self._observer.stated(statement, sources)

    def check(self) -> None:
        """Go on, or raise the ProblemError that it was stopped with."""
        if self._stopped is not None:
            raise self._stopped

    def keep(self, remember: Callable[[], None]) -> None:
        """Remember the answer, unless it was stopped: then raise ProblemError and keep nothing."""
        with self._lock:
            self.check()
            remember()
            self._kept = True

    def stop(self, problem: ProblemError) -> bool:
        """Give the question up; False when it was answered, has failed or was stopped before."""
        with self._lock:
            if self._kept or self.future.done():
                return False
            self._stopped = problem
            self.future.set_exception(problem)
            return True

    def run(self, answer: Answering) -> None:
        """Answer, unless it was stopped before, and set the future's result."""
        result: Exchange | None = None
        failure: Exception | None = None
        try:
            self.check()
            result = answer(self)
        except Exception as error:  # noqa: BLE001 - whoever waits for the result gets it
            failure = error
        with self._lock:
            if self.future.done():  # stopped: its end has been told already
                return
            if result is not None:
                self.future.set_result(result)
            else:
                self.future.set_exception(failure)


class Line:
    """Few places to work at, and whoever waits for one; from any thread.

    A question stands where it came, but for each one of its conversation before it (waiting or
    being answered) so many further back as may wait.
    """

    def __init__(self, places: int, waiting: int) -> None:
        self._places, self._further = places, waiting
        self._moved = threading.Condition()
        self._came = 0
        self._waiting: dict[Running, int] = {}  # by which they are served, the least first
        self._working: set[Running] = set()

    @contextmanager
    def place(self, running: Running) -> Iterator[None]:
        """Wait for a place and hold it; raises ProblemError once the question was stopped."""
        with self._moved:
            self._waiting[running] = self._turn_of(running)
            self._moved.notify_all()
            try:
                self._wait(running)
                self._working.add(running)
            finally:
                del self._waiting[running]
                self._moved.notify_all()
        try:
            yield
        finally:
            with self._moved:
                self._working.remove(running)
                self._moved.notify_all()

    def wake(self) -> None:
        """Let all that wait see whether they were stopped."""
        with self._moved:
            self._moved.notify_all()

    def _wait(self, running: Running) -> None:
        told = None
        while True:
            running.check()
            place = sorted(self._waiting.values()).index(self._waiting[running]) + 1
            if place <= self._places - len(self._working):
                return
            if place != told:
                told = place
                running.waiting(place)
            self._moved.wait()

    def _turn_of(self, running: Running) -> int:
        self._came += 1
        of = running.conversation_id
        before = [r for r in (*self._waiting, *self._working) if r.conversation_id == of]
        return self._came + (self._further * len(before) if of is not None else 0)


class RunningQuestions:
    """All questions of this process that are being answered or wait for it; from any thread."""

    def __init__(self, at_once: int) -> None:
        self._line = Line(at_once, WAITING_PER_PLACE * at_once)
        self._limit = at_once * (1 + WAITING_PER_PLACE)
        self._lock = threading.Lock()
        self._threads: dict[Running, threading.Thread] = {}
        self._closed = False

    def begin(
        self,
        conversation_id: str | None,
        answer: Answering,
        observer: Observer | None = None,
        *,
        urgent: Callable[[], bool] = lambda: False,
    ) -> Running:
        """Begin to answer in a thread of its own; raises ProblemError (503) when too many wait.

        What is `urgent` waits for no place and is never too much; it is found out in its thread,
        or here where too many wait.
        """
        running = Running(conversation_id, observer)
        thread = threading.Thread(
            target=self._work, args=(running, answer, urgent), name="sequitur-question", daemon=True
        )
        if not self._started(thread, running, self._limit):
            if _waits(urgent):
                raise ProblemError(
                    BUSY,
                    "Many questions are being answered at the moment; ask again shortly.",
                    headers={"Retry-After": str(BUSY_RETRY_S)},
                )
            self._started(thread, running, None)
        return running

    def _started(self, thread: threading.Thread, running: Running, limit: int | None) -> bool:
        """Start a question's thread, unless as many as `limit` are there already."""
        with self._lock:
            if self._closed:
                raise ending()
            if limit is not None and len(self._threads) >= limit:
                return False
            thread.start()
            self._threads[running] = thread
            return True

    @property
    def busy(self) -> bool:
        """Whether any question is being answered or waits for it."""
        return bool(self._threads)

    def stop(self, conversation_id: str) -> int:
        """Give up the questions of a conversation; return how many there were.

        When this returns, nothing of them will be remembered any more, and what they had
        remembered before is there to be erased.
        """
        problem = ProblemError(STOPPED, "The question was given up; nothing of it is kept.")
        stopped = sum(running.stop(problem) for running in self._of(conversation_id))
        self._line.wake()
        return stopped

    def count(self, conversation_id: str) -> int:
        """Return how many questions of a conversation are not answered yet."""
        return sum(not running.future.done() for running in self._of(conversation_id))

    def close(self, timeout_s: float) -> None:
        """Take no more questions, give up those that there are, and wait for their threads."""
        with self._lock:
            self._closed = True
            threads = dict(self._threads)
        for running in threads:
            running.stop(ending())
        self._line.wake()
        deadline = time.monotonic() + timeout_s
        for thread in threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        left = sum(thread.is_alive() for thread in threads.values())
        if left:
            _log.warning("%d question(s) were left unanswered", left)

    def _of(self, conversation_id: str) -> list[Running]:
        with self._lock:
            return [r for r in self._threads if r.conversation_id == conversation_id]

    def _work(self, running: Running, answer: Answering, urgent: Callable[[], bool]) -> None:
        def in_turn(running: Running) -> Exchange:
            with self._line.place(running):
                return answer(running)

        try:
            running.run(in_turn if _waits(urgent) else answer)
        finally:
            with self._lock:
                del self._threads[running]


def _waits(urgent: Callable[[], bool]) -> bool:
    try:
        return not urgent()
    except Exception:  # noqa: BLE001 - its answer will fail, too, and tell why
        return True


def ending() -> ProblemError:
    """Return the problem of a question that meets the end of the server."""
    return ProblemError(NOT_READY, "The server is being stopped; ask again shortly.")
