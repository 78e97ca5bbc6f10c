"""Checking a sentence against the evidence that it cites: the product's promise.

For each sentence the spans that it may rest on are found among the sentences of the cited
passages. Rules compare numbers, units, negations, directions, hedges, drugs, diseases and
populations; where they find no difference, a trained model reads claim and evidence together. A
sentence is supported only when the rules have nothing against a span and the model agrees.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.support_model import SupportModel, SupportPair, SupportScores
from service.differences import Difference, DifferenceKind
from service.entities import Entities
from service.evidence_spans import Candidate, candidates, verbatim
from service.facts import Facts, differences, facts_of
from service.same_words import in_words_of
from service.verdicts import CheckedSpan, EvidenceText, Judgement, Verdict

__all__ = ["CheckedSpan", "EvidenceText", "Judgement", "Thresholds", "Verdict", "Verifier"]

# The probability of the support model from which on a sentence is supported. At 0.7 it lets 4 of
# 109 wrong claims of SciFact pass that it must find in an abstract, at 0.85 none; true sentences in
# slightly other words are hardly lost by it (docs/verification.md).
SUPPORTED_AT = 0.85
# Share of a claim's terms that a span must hold before a difference makes it partly supported.
MATCHES_AT = 0.5
# Below this share of the claim's terms no span is read at all.
NEAR_AT = 0.2
# Spans that the rules compare, and of those that pass, the spans that the model reads.
MAX_COMPARED = 12
MAX_READ = 3
MAX_REASONS = 4
MAX_CLAIM_CHARS = 2000
MIN_CLAUSE_WORDS = 4
# A span that holds this much less of the claim than the likest sentence is about something else.
LIKENESS_MARGIN = 0.1
# A sentence that holds this much of the claim is about the same thing.
SAME_THING_AT = 0.6
# In a lead-in these deny the items that follow.
_FORBIDS = frozenset(("no", "not", "never", "neither", "avoid", "avoided", "contraindicated"))
_WORD_KINDS = (
    DifferenceKind.NEGATION,
    DifferenceKind.DIRECTION,
    DifferenceKind.COMPARISON,
    DifferenceKind.COMPARATOR,
)
_ASKS = re.compile(
    r"\b(?:whether|aims?|aimed|objectives?|hypothes[ei]s(?:ed|zed)?|purpose|to (?:determine|assess|"
    r"evaluate|investigate|examine|compare|test|study|explore))\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r",?\s(?:and|but|whereas|while)\s|;\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where a sentence counts as supported (a probability of the model) and as near (a share)."""

    supported: float = SUPPORTED_AT
    matches: float = MATCHES_AT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """A span with what the rules have against it."""

    candidate: Candidate
    against: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A sentence or clause with the spans that were compared; `settled` needs no model."""

    text: str
    compared: tuple[_Compared, ...]
    settled: Candidate | None = None

    @property
    def passed(self) -> tuple[Candidate, ...]:
        """The spans that the rules have nothing against, best first."""
        likest = max((c.candidate.overlap for c in self.compared if _alone(c.candidate)), default=0)
        return tuple(
            c.candidate
            for c in self.compared
            if not c.against and c.candidate.overlap >= likest - LIKENESS_MARGIN
        )[:MAX_READ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A claim with the model's scores of the spans that passed, in their order."""

    claim: _Claim
    scores: tuple[SupportScores, ...]


class Verifier:
    """Judges sentences; the same input always gives the same judgement.

    `thresholds` overrides where the model's probabilities decide.
    """

    def __init__(
        self, model: SupportModel, entities: Entities, thresholds: Thresholds | None = None
    ) -> None:
        self.model = model
        self.entities = entities
        self.thresholds = thresholds or Thresholds()

    def verify(self, sentence: str, evidence: Sequence[EvidenceText]) -> Judgement:
        """Judge one sentence, given without its markers, against the passages that it cites."""
        return self.verify_batch([(sentence, evidence)])[0]

    def verify_batch(
        self, cases: Sequence[tuple[str, Sequence[EvidenceText]]]
    ) -> tuple[Judgement, ...]:
        """Judge several sentences, each with its own evidence, in order.

        The model is called at most twice: for the sentences, then for clauses of those that no
        span supports as a whole.
        """
        whole = self._read([self._compare(text, evidence) for text, evidence in cases])
        split = {
            place: self._clauses(cases[place], read)
            for place, read in enumerate(whole)
            if self._best(read) is None
        }
        parts = iter(self._read([claim for clauses in split.values() for claim in clauses]))
        judged = []
        for place, read in enumerate(whole):
            clauses = tuple(next(parts) for _ in split.get(place, ()))
            judged.append(self._judgement(read, clauses))
        return tuple(judged)

    def _compare(self, text: str, evidence: Sequence[EvidenceText]) -> _Claim:
        """Find the spans of a sentence and compare it with each by rule."""
        text = " ".join(text.split())
        repeated = verbatim(text, evidence) if text else None
        if repeated is not None or not text or len(text) > MAX_CLAIM_CHARS:
            return _Claim(text=text, compared=(), settled=repeated)
        claim = facts_of(self.entities.expanded(text))
        near = [c for c in candidates(text, evidence) if c.overlap >= NEAR_AT][:MAX_COMPARED]
        compared: list[_Compared] = []
        for candidate in sorted(near, key=lambda c: len(c.units)):  # parts before wholes
            facts = facts_of(self.entities.expanded(candidate.text))
            against = (
                *differences(claim, facts),
                *self.entities.differences(text, candidate.text, candidate.context),
                *_turned_within(candidate, compared),
                *_forbidden(claim, candidate),
            )
            compared.append(_Compared(candidate=candidate, against=tuple(dict.fromkeys(against))))
        order = {id(candidate): place for place, candidate in enumerate(near)}
        return _Claim(
            text=text, compared=tuple(sorted(compared, key=lambda c: order[id(c.candidate)]))
        )

    def _clauses(self, case: tuple[str, Sequence[EvidenceText]], read: _Read) -> tuple[_Claim, ...]:
        """Return the clauses of a sentence, compared each for itself; none of a single one."""
        clauses = [part.strip(" ,") for part in _CLAUSES.split(read.claim.text)]
        told = [part for part in clauses if len(part.split()) >= MIN_CLAUSE_WORDS]
        if len(told) < 2 or len(told) != len(clauses) or not read.claim.compared:  # noqa: PLR2004
            return ()
        return tuple(self._compare(part, case[1]) for part in told)

    def _read(self, claims: Sequence[_Claim]) -> list[_Read]:
        """Let the model read each claim, in the words of a span that passed the rules, with it."""
        pairs = [
            SupportPair(claim=in_words_of(candidate.text, claim.text), evidence=candidate.sentences)
            for claim in claims
            for candidate in claim.passed
        ]
        scores = iter(self.model.judge_batch(pairs) if pairs else ())
        return [
            _Read(claim=claim, scores=tuple(next(scores) for _ in claim.passed)) for claim in claims
        ]

    def _best(self, read: _Read) -> tuple[Candidate, float] | None:
        """Return the span that supports a claim best and how well, if any does."""
        if read.claim.settled is not None:
            return read.claim.settled, 1.0
        supporting = self._supporting(read)
        return supporting[0] if supporting else None

    def _supporting(self, read: _Read) -> list[tuple[Candidate, float]]:
        """Return the spans that support a claim: the best of each document, best first."""
        found = [
            (candidate, scores.supported)
            for candidate, scores in zip(read.claim.passed, read.scores, strict=True)
            if scores.supported >= self.thresholds.supported
        ]
        best: dict[str, tuple[Candidate, float]] = {}
        for candidate, support in sorted(found, key=lambda f: -f[1]):
            best.setdefault(candidate.evidence.document_id, (candidate, support))
        return list(best.values())

    def _judgement(self, read: _Read, clauses: Sequence[_Read]) -> Judgement:
        if read.claim.settled is not None:
            return Judgement(
                verdict=Verdict.SUPPORTED, spans=read.claim.settled.spans(), support=1.0
            )
        supporting = self._supporting(read)
        if supporting:
            spans = tuple(dict.fromkeys(span for found, _ in supporting for span in found.spans()))
            return Judgement(verdict=Verdict.SUPPORTED, spans=spans, support=supporting[0][1])
        return self._in_parts(clauses) or self._unsupported(read, clauses)

    def _in_parts(self, clauses: Sequence[_Read]) -> Judgement | None:
        """Judge a sentence supported whose clauses are, each by a different document."""
        found = [self._best(clause) for clause in clauses]
        best = [f for f in found if f is not None]
        documents = {candidate.evidence.document_id for candidate, _ in best}
        if not best or len(best) < len(clauses) or len(documents) < len(clauses):
            return None
        spans = tuple(dict.fromkeys(span for found, _ in best for span in found.spans()))
        return Judgement(
            verdict=Verdict.SUPPORTED, spans=spans, support=min(support for _, support in best)
        )

    def _unsupported(self, read: _Read, clauses: Sequence[_Read]) -> Judgement:
        """Say why a sentence is not supported, and by what it came nearest."""
        support = max((s.supported for s in read.scores), default=0.0)
        nearest = _nearest(read.claim)
        if nearest is not None and nearest.against and not read.claim.passed:
            turned = _turned(read.claim)
            shown = turned or nearest
            near = shown.candidate.overlap >= self.thresholds.matches
            verdict = Verdict.PARTLY if near else Verdict.NOT_FOUND
            reasons = tuple(dict.fromkeys(d.reason for d in shown.against))[:MAX_REASONS]
            verdict = verdict if turned is None else Verdict.CONTRADICTED
            judged = self._judged(verdict, shown.candidate, support, reasons)
            return replace(judged, turned=near and any(d.turned for d in shown.against))
        if any(self._best(clause) is not None for clause in clauses):
            best = next(b for b in map(self._best, clauses) if b is not None)
            return self._judged(
                Verdict.PARTLY, best[0], support, ("only a part of it is in the cited sentence",)
            )
        candidate = nearest.candidate if nearest is not None else None
        return self._judged(Verdict.NOT_FOUND, candidate, support, ("no cited sentence says this",))

    def _judged(
        self,
        verdict: Verdict,
        candidate: Candidate | None,
        support: float,
        reasons: tuple[str, ...],
    ) -> Judgement:
        spans = candidate.spans() if candidate is not None else ()
        return Judgement(verdict=verdict, spans=spans, support=support, reasons=reasons)


def _nearest(claim: _Claim) -> _Compared | None:
    """Return the span that says nearly this: the one with the fewest differences for its score."""
    if not claim.compared:
        return None
    return max(
        enumerate(claim.compared),
        key=lambda c: (c[1].candidate.score - 0.2 * len(c[1].against), -c[0]),
    )[1]


def _turned(claim: _Claim) -> _Compared | None:
    """Return the sentence that says the opposite: about the same thing, with a fact turned.

    A sentence that differs in more than what is turned speaks of something else, and one that only
    asks ("to find out whether …") says nothing.
    """
    opposed = [
        one
        for one in claim.compared
        if _alone(one.candidate)
        and one.candidate.overlap >= SAME_THING_AT
        and one.against
        and all(d.turned for d in one.against)
        and not _ASKS.search(one.candidate.text)
    ]
    return max(opposed, key=lambda one: one.candidate.overlap, default=None)


def _alone(candidate: Candidate) -> bool:
    return len(candidate.units) == 1


def _forbidden(claim: Facts, candidate: Candidate) -> Iterator[Difference]:
    """Give the denial of a lead-in ("Never give:") that a claim on its item drops."""
    if any(cue.kind == "negation" for cue in claim.cues):
        return
    for lead_in in candidate.lead_ins:
        for cue in facts_of(lead_in).cues:
            if cue.kind == "negation" and cue.printed.lower() in _FORBIDS:
                yield Difference(
                    kind=DifferenceKind.NEGATION,
                    claimed="",
                    found=cue.printed,
                    turned=True,
                    reason=f"the cited sentence says “{cue.printed}”",
                )


def _turned_within(candidate: Candidate, compared: Sequence[_Compared]) -> Iterator[Difference]:
    """Give what a sentence of a longer span turns; sentences beside it do not take it back."""
    if _alone(candidate):
        return
    for other in compared:
        part = other.candidate
        inside = part.evidence is candidate.evidence and part.units[0] in candidate.units
        if _alone(part) and inside and part.overlap >= SAME_THING_AT:
            yield from (d for d in other.against if d.turned and d.kind in _WORD_KINDS)
