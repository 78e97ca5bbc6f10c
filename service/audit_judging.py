"""One sentence against one text, read as an editor needs it (see `service.audit_support`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.records import Document, Passage, Span
from index.lexical import terms
from index.reading.checker import Checked, CheckerModel
from index.reading.lines import under_headings
from service.audit_claims import missing_words
from service.verdicts import Verdict
from service.writing.checking import NOT_ALL, vetoed
from service.writing.units import EvidenceUnit, units_within

# The checker's probabilities from which on a text is said to support a sentence, to deny it, and
# from which on one of its units bears on it. An editor is shown the spans and judges; answers,
# which nobody checks, are held to more.
SUPPORTED_AT = 0.5
CONTRADICTED_AT = 0.8
PARTLY_AT = 0.5
DOUBTFUL_AT = 0.5
PASSAGES = 8
# Units that are read together: more has seldom room.
MOST_UNITS = 6
_RANK = (Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.PARTLY, Verdict.NOT_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportOptions:
    """Where a sentence is called supported, contradicted, partly supported; all from 0 to 1.

    Of a long text at most `passages` passages are read for a sentence.
    """

    supported: float = SUPPORTED_AT
    contradicted: float = CONTRADICTED_AT
    partly: float = PARTLY_AT
    passages: int = PASSAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A claim and the passages that it is held against, each with its document."""

    claim: str
    evidence: tuple[tuple[Document, Passage], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of it.

    `overlap` is the share of the claim's terms that the `spans` hold; `turned` says that they may
    say otherwise.
    """

    verdict: Verdict
    support: float
    overlap: float
    spans: tuple[tuple[Document, Span], ...]
    reasons: tuple[str, ...]
    turned: bool = False

    @property
    def rank(self) -> tuple[int, float, float]:
        """Its place among several: the verdict that decides first."""
        return _RANK.index(self.verdict), -self.support, -self.overlap


def better(whole: Told, alone: Told) -> Told:
    """Return what to tell of an item that was read with its lead-in and alone.

    Alone it can make a sentence supported or partly so, never contradicted.
    """
    helps = alone.verdict in (Verdict.SUPPORTED, Verdict.PARTLY) and not alone.turned
    if whole.verdict is Verdict.SUPPORTED:
        return whole
    if whole.verdict is Verdict.CONTRADICTED and alone.verdict is not Verdict.SUPPORTED:
        return whole
    return alone if helps and alone.rank < whole.rank else whole


class Judge:
    """Finds what bears on claims by the trained checker, and lets it judge that together."""

    def __init__(self, model: CheckerModel, options: SupportOptions) -> None:
        self._model = model
        self._options = options

    def told(self, asked: Sequence[Asked]) -> list[Told]:
        """Judge each claim against its passages, in order."""
        found = self._bearing(asked)
        again = [
            (one.claim, under_headings(unit.placed() for unit in units))
            for one, units in zip(asked, found, strict=True)
        ]
        said = iter(self._model.check([pair for pair in again if pair[1]]))
        return [
            self._read(one.claim, units, next(said) if units else Checked.nothing())
            for one, units in zip(asked, found, strict=True)
        ]

    def _bearing(self, asked: Sequence[Asked]) -> list[list[EvidenceUnit]]:
        """Return for each claim the units that bear on it, in the order of their texts."""
        windows = [
            [list(units_within(passage, document)) for document, passage in one.evidence]
            for one in asked
        ]
        said = iter(
            self._model.check(
                [
                    (one.claim, under_headings(unit.placed() for unit in window))
                    for one, every in zip(asked, windows, strict=True)
                    for window in every
                ]
            )
        )
        found = []
        for every in windows:
            ranked = [
                (bears or 0.0, unit)
                for window in every
                for unit, bears in zip(window, next(said).bears, strict=True)
            ]
            order = sorted(range(len(ranked)), key=lambda i: -ranked[i][0])
            kept = [i for i in order if ranked[i][0] >= self._options.partly][:MOST_UNITS]
            found.append([ranked[i][1] for i in sorted(kept)])
        return found

    def _read(self, claim: str, units: Sequence[EvidenceUnit], said: Checked) -> Told:
        spans = tuple((unit.document, unit.span) for unit in units)
        evidence = "\n".join(unit.text for unit in units)
        faults = vetoed(claim, evidence) if units else ()
        turned = said.denies >= DOUBTFUL_AT
        verdict = Verdict.PARTLY if units else Verdict.NOT_FOUND
        if said.supports >= self._options.supported and not faults:
            verdict = Verdict.SUPPORTED
        elif said.denies >= self._options.contradicted:
            verdict = Verdict.CONTRADICTED
        return Told(
            verdict=verdict,
            support=said.supports,
            overlap=_overlap(claim, evidence),
            spans=spans,
            reasons=_reasons(claim, evidence, faults, verdict),
            turned=turned and verdict is not Verdict.SUPPORTED,
        )


def _overlap(claim: str, evidence: str) -> float:
    wanted = frozenset(terms(claim))
    return len(wanted & frozenset(terms(evidence))) / len(wanted) if wanted else 0.0


def _reasons(
    claim: str, evidence: str, faults: tuple[str, ...], verdict: Verdict
) -> tuple[str, ...]:
    """Return why a sentence is not supported, with the words that the nearest units lack."""
    if verdict is Verdict.SUPPORTED:
        return ()
    if verdict is Verdict.NOT_FOUND:
        return ("no cited sentence says this",)
    missing = missing_words(claim, evidence)
    lacking = (f"not in the nearest sentences: {', '.join(missing)}",) if missing else ()
    return (*faults, *lacking) or (NOT_ALL,)
