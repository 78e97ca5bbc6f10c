"""The sentences of one written answer: judged as they come, stated, replaced or struck."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from corpus.answers import Citation, Source, Statement, Struck
from corpus.library import Library
from corpus.records import Document, Span
from service.citing import citation_of, source_of
from service.engines import Asking
from service.extractive import answering, points_back, select
from service.observing import Observer, sources_named
from service.wording import Wording
from service.writing.checking import Checks
from service.writing.notices import Counts
from service.writing.reply import Sentence
from service.writing.units import EvidenceUnit, distinct_spans

# A text that may become a statement, what it cites, and how far that supports it.
Said = tuple[str, list[tuple[Document, Span]], float]


class Draft:
    """The sentences of one answer, taken in their order; each statement is told at once.

    Quotes that stand for failed sentences wait for the first sentence that holds: when none does,
    the answer is not theirs to give. Of `most` statements they leave it one. `failed` are the
    sentences that were not shown as written.
    """

    def __init__(
        self,
        asked: Asking,
        units: Mapping[str, EvidenceUnit],
        *,
        checks: Checks,
        library: Library,
        wording: Wording,
        observer: Observer,
        most: int,
    ) -> None:
        self.statements: list[Statement] = []
        self.struck: list[Struck] = []
        self.failed: list[tuple[str, tuple[str, ...]]] = []
        self.counts = Counts()
        self.declined = False
        self.holds = False
        self._waiting: list[Said] = []
        self._most = most
        self._asked = asked
        self._units = units
        self._checks = checks
        self._library = library
        self._wording = wording
        self._observer = observer
        self._markers: dict[str, int] = {}
        self._seen: set[str] = set()
        self._before: tuple[str, Sequence[EvidenceUnit]] | None = None
        self._is_first = True

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that the statements cite, numbered by first use."""
        return tuple(
            source_of(self._library.document(key), marker, self._library, self._asked.article)
            for key, marker in self._markers.items()
        )

    def take(self, sentence: Sentence) -> None:
        """Judge a sentence: it is told, or its units' quote in its place, or it is struck."""
        if sentence.text.casefold() in self._seen:
            return
        self._seen.add(sentence.text.casefold())
        self.counts.note(sentence, self._units)
        units = [self._units[name] for name in sentence.units if name in self._units]
        support, faults = self._judged(sentence, units)
        self._before = None if faults else (sentence.text, units)
        self._is_first = False
        if faults:
            self._replace(sentence, units, faults)
            return
        self.holds = True
        self._state((sentence.text, distinct_spans(units), support))

    @property
    def problems(self) -> list[str]:
        """What failed, with its faults, a line each."""
        return [f"{text} ({'; '.join(faults)})" for text, faults in self.failed]

    def begin_again(self) -> None:
        """Forget what failed."""
        self.failed, self.counts, self._waiting = [], Counts(), []
        self._seen, self._before, self._is_first = set(), None, True

    def _judged(
        self, sentence: Sentence, units: Sequence[EvidenceUnit]
    ) -> tuple[float, tuple[str, ...]]:
        if not units:
            return 0.0, ("it names no unit that was shown",)
        if points_back(sentence.text) and not self._is_first:
            if self._before is None:
                return 0.0, ("it points back to a sentence that is not shown",)
            text, others = self._before  # judged as it is read: behind the one before it
            sentence = replace(sentence, text=f"{text} {sentence.text}")
            units = list(dict.fromkeys((*others, *units)))
        judged = self._checks.judge(sentence, units)
        return judged.support, judged.faults

    def _replace(
        self, sentence: Sentence, units: Sequence[EvidenceUnit], faults: tuple[str, ...]
    ) -> None:
        """Put in a failed sentence's place what its units say, if they answer the question."""
        self.failed.append((sentence.text, faults))
        self.struck.append(Struck(text=sentence.text, verdict="not_found", reasons=faults))
        pointed = {(unit.passage.document_id, unit.unit.start) for unit in units}
        readings = [
            reading
            for reading in answering(self._asked.evidence.readings)
            if (reading.document.document_id, reading.unit.start) in pointed
        ]
        quote = next(iter(select(readings, limit=1)), None)
        self.counts.struck += 1
        if quote is None or len(self._waiting) + 1 >= self._most:
            return
        self._waiting.append((quote.text, [(quote.document, span) for span in quote.spans], 1.0))
        if self.holds:
            self._state()

    def _cited(self, document: Document, span: Span, support: float) -> Citation:
        marker = self._markers.setdefault(document.document_id, len(self._markers) + 1)
        return citation_of(
            document, span, self._library, self._asked.article, marker=marker, support=support
        )

    def _state(self, *said: Said) -> None:
        """State the quotes that wait and tell something new, and then what was written."""
        waiting, self._waiting = self._waiting, []
        for quote in waiting:
            if not self._repeats(quote):
                self.counts.struck -= 1
                self.counts.replaced += 1
                self._add(quote)
        for one in said:
            self._add(one)

    def _repeats(self, quote: Said) -> bool:
        """Tell whether all of a quote is cited already by what is stated."""
        cited = [citation for told in self.statements for citation in told.citations]
        return all(
            any(
                c.document_id == document.document_id
                and c.start <= span.start
                and span.end <= c.end
                for c in cited
            )
            for document, span in quote[1]
        )

    def _add(self, said: Said) -> None:
        text, spans, support = said
        if text.casefold() in (told.text.casefold() for told in self.statements):
            return  # nor are its sources those of the answer
        citations = tuple(self._cited(document, span, support) for document, span in spans)
        (one,) = self._wording.explain([Statement(text=text, citations=citations)])
        self.statements.append(one)
        self._observer.stated(one, sources_named(one, self.sources))
