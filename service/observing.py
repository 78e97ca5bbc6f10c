"""Who watches while a question is being answered, for answers that are shown as they come."""

from collections.abc import Sequence
from typing import Protocol

from corpus.answers import Source, Statement
from index.retriever import Retrieval


class Observer(Protocol):
    """Is told how far an answer has come, in the thread that works on it.

    What is told is final: a statement that was stated stands in the answer, in the same order.
    An exception that an observer raises ends the work; so a question is given up half-way.
    """

    def waiting(self, place: int) -> None:
        """Take the place in the line of questions, 1 for the next; told when it changes.

        It must not block: the line waits for it.
        """

    def found(self, hits: Retrieval) -> None:
        """Take the passages as they were found, before they are read; told at most once."""

    def stated(self, statement: Statement, sources: Sequence[Source]) -> None:
        """Take a statement of the answer and the sources that its citations name."""


class Unobserved:
    """Watches nothing."""

    def waiting(self, place: int) -> None:
        """Let it pass."""

    def found(self, hits: Retrieval) -> None:
        """Let it pass."""

    def stated(self, statement: Statement, sources: Sequence[Source]) -> None:
        """Let it pass."""


def sources_named(statement: Statement, sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return those sources that the statement's citations name, in the order of the sources."""
    markers = {citation.marker for citation in statement.citations}
    return tuple(source for source in sources if source.marker in markers)
