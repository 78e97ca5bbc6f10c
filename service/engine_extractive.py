"""The default engine: an answer made of what the sources say, word for word."""

from collections.abc import Mapping

from corpus.library import Library
from service.citing import cite
from service.engines import Asking, Composed
from service.extractive import select
from service.observing import Observer, sources_named
from service.wording import Wordings


class ExtractiveEngine:
    """Quotes the best sentences; deterministic, and needs no model beside those that read."""

    name = "extractive"
    reads_near = False
    models: Mapping[str, str] = {}
    prompts: Mapping[str, str] = {}

    def __init__(self, library: Library, wordings: Wordings, *, max_statements: int) -> None:
        self._library = library
        self._wordings = wordings
        self._max_statements = max_statements

    def over(self, library: Library, wordings: Wordings) -> "ExtractiveEngine":
        """Return the same over another library."""
        return ExtractiveEngine(library, wordings, max_statements=self._max_statements)

    def compose(self, asked: Asking, observer: Observer) -> Composed:
        """Return the answer; `observer` is told each statement."""
        selections = select(asked.evidence.readings, limit=self._max_statements)
        said, sources = cite(selections, self._library, asked.article)
        statements = self._wordings.of(asked.article).explain(said)
        for statement in statements:
            observer.stated(statement, sources_named(statement, sources))
        return Composed(statements=statements, sources=sources)
