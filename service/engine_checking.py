"""From a model's sentences to statements: only what the evidence supports becomes one.

Nothing that the model says of its sources is taken over. Which span a statement cites, and how
well that supports it, is what the verifier found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from corpus.answers import Citation, Source, Statement, Struck
from corpus.library import Library
from corpus.records import Span
from service.citing import citation_of, source_of
from service.drafts import DraftSentence
from service.engines import Asking
from service.observing import Observer, sources_named
from service.verdicts import EvidenceText, Judgement, Verdict
from service.wording import Wording


class Verifying(Protocol):
    """Judges a sentence by the passages that it cites."""

    def verify(self, sentence: str, evidence: Sequence[EvidenceText]) -> Judgement:
        """Return the verdict, and the spans that it rests on."""
        ...


@dataclass(slots=True, kw_only=True)
class Checked:
    """What became of the sentences so far.

    `astray` counts sentences that cited a number that no evidence has, `unknown` are those
    numbers; `unread` counts sentences with a citation that is no number. `declined` tells that
    the model said that the evidence does not answer.
    """

    statements: list[Statement] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    astray: int = 0
    unknown: set[int] = field(default_factory=set)
    unread: int = 0
    declined: bool = False


class Checker:
    """Takes the sentences of one answer in their order and tells each statement at once."""

    def __init__(
        self,
        asked: Asking,
        evidence: Mapping[int, EvidenceText],
        *,
        verifier: Verifying,
        library: Library,
        wording: Wording,
        observer: Observer,
    ) -> None:
        self.checked = Checked()
        self._asked = asked
        self._evidence = evidence
        self._verifier = verifier
        self._library = library
        self._wording = wording
        self._observer = observer
        self._markers: dict[str, int] = {}
        self._seen: set[str] = set()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that the statements cite, numbered by first use."""
        return tuple(
            source_of(self._library.document(key), marker, self._library, self._asked.article)
            for key, marker in self._markers.items()
        )

    def take(self, sentence: DraftSentence) -> None:
        """Judge a sentence; it is told when it is supported and struck when it is not."""
        checked = self.checked
        checked.declined = checked.declined or sentence.declines
        text = " ".join(sentence.text.split())
        if not text or sentence.declines or text.casefold() in self._seen:
            return
        self._seen.add(text.casefold())
        unknown = [number for number in sentence.markers if number not in self._evidence]
        checked.unknown.update(unknown)
        checked.astray += bool(unknown)
        checked.unread += bool(sentence.foreign)
        cited = [self._evidence[n] for n in sentence.markers if n in self._evidence]
        # without a citation that can be followed, it may rest on any of the evidence
        judgement = self._verifier.verify(text, cited or tuple(self._evidence.values()))
        if judgement.verdict is Verdict.SUPPORTED and judgement.spans:
            self._state(text, judgement)
        else:
            self._strike(text, judgement)

    def _state(self, text: str, judgement: Judgement) -> None:
        citations = tuple(self._citations(judgement))
        (statement,) = self._wording.explain([Statement(text=text, citations=citations)])
        self.checked.statements.append(statement)
        self._observer.stated(statement, sources_named(statement, self.sources))

    def _citations(self, judgement: Judgement) -> list[Citation]:
        """Return a citation per span, in the order of the verifier, each span once."""
        citations = []
        for found in dict.fromkeys(judgement.spans):
            document = self._library.document(found.document_id)
            marker = self._markers.setdefault(document.document_id, len(self._markers) + 1)
            citation = citation_of(
                document,
                Span(start=found.start, end=found.end),
                self._library,
                self._asked.article,
            )
            citations.append(replace(citation, marker=marker, support=judgement.support))
        return citations

    def _strike(self, text: str, judgement: Judgement) -> None:
        verdict = judgement.verdict
        if verdict is Verdict.SUPPORTED:  # by nothing that could be shown
            verdict = Verdict.NOT_FOUND
        self.checked.struck.append(
            Struck(text=text, verdict=verdict.value, reasons=judgement.reasons)
        )
