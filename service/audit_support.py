"""Whether the cited text supports the sentence that cites it, for every citing sentence.

The checker's probabilities are read as an editor needs them:

* supported: the units that bear on the sentence say it, of the sentence with its lead-ins or, for
  an item that is a statement by itself, of the item alone;
* contradicted: the checker is sure that they say otherwise;
* partly: units bear on it and do not say all of it; doubtful where they may say otherwise;
* not found: nothing of the kind. An abstract leaves much out, so this is a question, no verdict.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from corpus.findings import Against, Where
from corpus.library import Library
from corpus.records import Article, Document, Passage, Span, Unit, passages_of, units_of
from index.lexical import terms
from index.reading.checker import CheckerModel
from service.audit_claims import readings, speaks_of_authors
from service.audit_judging import Asked, Judge, SupportOptions, Told, better
from service.verdicts import Verdict

__all__ = ["CitationCheck", "CitationChecker", "SupportOptions", "score_of"]

# Sentences judged between two reports of progress; the model reads their pairs together.
AT_ONCE = 16
# A text of no more sentences is read whole.
WHOLE_SENTENCES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationCheck:
    """A citing sentence and what the texts that it cites say of it.

    `claim` is the sentence as it was read, behind its lead-ins. `verdict` and `support` are those
    of all its references together, `against` those of each. `unread` are the numbers that it
    cites and that have no stored text. `doubtful` says that a cited text may say otherwise. `own`
    says that the sentence speaks of what its authors did.
    """

    where: Where
    claim: str
    numbers: tuple[int, ...]
    verdict: Verdict
    support: float
    overlap: float
    against: tuple[Against, ...]
    unread: tuple[int, ...] = ()
    doubtful: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A text that a sentence cites, by one of its numbers."""

    number: int
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Citing:
    """A sentence with the texts that it cites; `unread` have none."""

    unit: Unit
    readings: tuple[str, ...]
    cited: tuple[Cited, ...]
    unread: tuple[int, ...]


def score_of(told: CitationCheck | Told) -> float:
    """Return how well a text supports a sentence, 0 to 1: above one half only where it does."""
    if told.verdict is Verdict.SUPPORTED:
        return 0.5 + told.support / 2
    return told.overlap / 2


class CitationChecker:
    """Checks the citing sentences of a library's articles."""

    def __init__(self, library: Library, model: CheckerModel, options: SupportOptions) -> None:
        self._documents = {d.document_id: d for d in library.documents()}
        self._judge = Judge(model, options)
        self._passages = options.passages

    def check(
        self, article: Article, *, progress: Callable[[int], object] | None = None
    ) -> tuple[CitationCheck, ...]:
        """Judge every sentence that cites a stored text, in text order.

        `progress` is called with the number of sentences judged since its last call. Raises
        ModelError when the model's weights are missing or damaged.
        """
        found: list[CitationCheck] = []
        waiting = list(self.citing(article))
        for start in range(0, len(waiting), AT_ONCE):
            batch = waiting[start : start + AT_ONCE]
            found += self._checked(article.document, batch)
            if progress is not None:
                progress(len(batch))
        return tuple(found)

    def citing(self, article: Article) -> Iterator[Citing]:
        """Yield the sentences that `check` will judge: those that cite a stored text."""
        document = article.document
        for unit in units_of(document):
            cited, unread = [], []
            for number in document.numbers_cited_in(Span(start=unit.start, end=unit.end)):
                reference = article.reference_numbered(number)
                text = self._documents.get((reference and reference.document_id) or "")
                if text is None:
                    unread.append(number)
                else:
                    cited.append(Cited(number=number, document=text))
            if cited:
                yield Citing(
                    unit=unit,
                    readings=readings(document, unit),
                    cited=tuple(cited),
                    unread=tuple(unread),
                )

    def _checked(self, document: Document, batch: Sequence[Citing]) -> Iterator[CitationCheck]:
        each = iter(self._read([(c, (one,)) for c in batch for one in c.cited]))
        told = [tuple(next(each) for _ in c.cited) for c in batch]
        open_ones = [
            place
            for place, (c, single) in enumerate(zip(batch, told, strict=True))
            if len(c.cited) > 1 and all(t.verdict is not Verdict.SUPPORTED for t in single)
        ]
        both = self._read([(batch[place], batch[place].cited) for place in open_ones])
        together = dict(zip(open_ones, both, strict=True))
        for place, (citing, single) in enumerate(zip(batch, told, strict=True)):
            yield self._check(document, citing, single, together.get(place))

    def _read(self, asked: Sequence[tuple[Citing, Sequence[Cited]]]) -> list[Told]:
        """Judge sentences against texts: the fullest reading first, then, if need be, the others.

        An item read alone can only be supported or partly so: what it leaves out may matter.
        """
        first = self._judge.told([self._asked(c.readings[0], cited) for c, cited in asked])
        again = [
            place
            for place, told in enumerate(first)
            if told.verdict is not Verdict.SUPPORTED and len(asked[place][0].readings) > 1
        ]
        alone = ((asked[place][0].readings[1], asked[place][1]) for place in again)
        second = self._judge.told([self._asked(claim, cited) for claim, cited in alone])
        for place, told in zip(again, second, strict=True):
            first[place] = better(first[place], told)
        return first

    def _asked(self, claim: str, cited: Sequence[Cited]) -> Asked:
        texts = (nearest_passages(claim, c.document, self._passages) for c in cited)
        return Asked(claim=claim, evidence=tuple(chain.from_iterable(texts)))

    def _check(
        self, document: Document, citing: Citing, single: Sequence[Told], together: Told | None
    ) -> CitationCheck:
        best = min((*single, *((together,) if together else ())), key=lambda told: told.rank)
        unit = citing.unit
        text = document.text[unit.start : unit.end]
        return CitationCheck(
            where=Where(
                section=document.section_path(document.blocks[unit.block].section),
                start=unit.start,
                end=unit.end,
                text=text,
            ),
            claim=citing.readings[0],
            numbers=(*(c.number for c in citing.cited), *citing.unread),
            verdict=best.verdict,
            support=best.support,
            overlap=best.overlap,
            against=tuple(
                _against(cited, told, self._passages)
                for cited, told in zip(citing.cited, single, strict=True)
            ),
            unread=citing.unread,
            doubtful=best.verdict is Verdict.PARTLY and best.turned,
            own=speaks_of_authors(text),
        )


def nearest_passages(
    claim: str, document: Document, most: int
) -> tuple[tuple[Document, Passage], ...]:
    """Return what of a text is read for a claim: all of a short one, else its nearest passages.

    At most `most` passages, those that share most words with the claim, in the text's order.
    """
    passages = passages_of(document)
    if is_long(document, most):
        wanted = frozenset(terms(claim))
        shared = [(-len(wanted & _terms(p.text)), place) for place, p in enumerate(passages)]
        passages = tuple(passages[place] for place in sorted(p for _, p in sorted(shared)[:most]))
    return tuple((document, passage) for passage in passages)


def is_long(document: Document, most: int) -> bool:
    """Tell whether a text is too long to be read whole for every sentence."""
    return len(document.passages) > most and len(units_of(document)) > WHOLE_SENTENCES


@lru_cache(maxsize=20_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _against(cited: Cited, told: Told, passages: int) -> Against:
    own = [span for document, span in told.spans if document is cited.document]
    return Against(
        number=cited.number,
        document_id=cited.document.document_id,
        verdict=told.verdict.value,
        support=round(told.support, 4),
        overlap=round(told.overlap, 4),
        spans=tuple((s.start, s.end) for s in own),
        reasons=told.reasons,
        note=cited.document.note,
        bounded=is_long(cited.document, passages),
    )
