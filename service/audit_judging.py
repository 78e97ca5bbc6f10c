"""One sentence against one text, read as an editor needs it (see `service.audit_support`)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.lexical import terms
from index.support_model import SupportModel, SupportPair, SupportScores
from service.audit_claims import missing_words
from service.entities import Entities
from service.evidence_spans import Candidate, candidates
from service.verdicts import CheckedSpan, EvidenceText, Judgement, Verdict
from service.verification import Thresholds, Verifier

# An editor is shown the span and judges; answers, which nobody checks, are held to more.
SUPPORTED_AT = 0.5
CONTRADICTED_AT = 0.8
PARTLY_AT = 0.4
PASSAGES = 8
# With rules alone: the share of a claim's words that its span must hold, to support it and to
# contradict it.
RULES_SUPPORT_AT = 0.7
RULES_CONTRADICT_AT = 0.85
# Spans that the model reads again before a sentence is called contradicted.
MAX_CONFIRMED_BY = 3
_NO_SENTENCE = "no cited sentence says this"
_FIGURE = re.compile(r"\d")
_RANK = (Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.PARTLY, Verdict.NOT_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportOptions:
    """Where a sentence is called supported, contradicted, partly supported; all from 0 to 1.

    The first two are probabilities of the support model, the third a share of words. Of a long
    text at most `passages` passages are read for a sentence.
    """

    supported: float = SUPPORTED_AT
    contradicted: float = CONTRADICTED_AT
    partly: float = PARTLY_AT
    passages: int = PASSAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A claim and the passages that it is held against."""

    claim: str
    evidence: tuple[EvidenceText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of it; `turned` says that a rule saw a fact turned."""

    verdict: Verdict
    support: float
    overlap: float
    spans: tuple[CheckedSpan, ...]
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


class RulesAlone:
    """A support model for when there is none: the share of the claim's words that a span holds.

    It never calls anything contradicted; the rules do.
    """

    name = "rules"
    digest = "0" * 64

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return the scores of each pair, in the order given."""
        return [_shared(pair) for pair in pairs]


def _shared(pair: SupportPair) -> SupportScores:
    wanted, held = frozenset(terms(pair.claim)), frozenset(terms(" ".join(pair.evidence)))
    share = len(wanted & held) / len(wanted) if wanted else 0.0
    return SupportScores(supported=share, contradicted=0.0, not_found=1 - share)


class Judge:
    """Judges claims by the verifier, and reads its judgement for an editor."""

    def __init__(
        self, entities: Entities, model: SupportModel | None, options: SupportOptions
    ) -> None:
        self._model = model
        self._options = options
        supported = options.supported if model is not None else RULES_SUPPORT_AT
        thresholds = Thresholds(supported=supported)
        self._verifier = Verifier(model or RulesAlone(), entities, thresholds)

    def told(self, asked: Sequence[Asked]) -> list[Told]:
        """Judge each claim against its passages, in order."""
        judged = self._verifier.verify_batch([(a.claim, a.evidence) for a in asked])
        near = [
            () if j.verdict is Verdict.SUPPORTED else candidates(a.claim, a.evidence)
            for a, j in zip(asked, judged, strict=True)
        ]
        denied = [place for place, j in enumerate(judged) if j.turned]
        sure = self._confirmed([(asked[p].claim, near[p][:MAX_CONFIRMED_BY]) for p in denied])
        confirmed = dict(zip(denied, sure, strict=True))
        return [
            self._read(a.claim, j, near[place], confirmed=confirmed.get(place, False))
            for place, (a, j) in enumerate(zip(asked, judged, strict=True))
        ]

    def _confirmed(self, cases: Sequence[tuple[str, Sequence[Candidate]]]) -> list[bool]:
        """Tell of each claim whether the model, too, is sure that one of its spans denies it."""
        if self._model is None:
            return [
                max((c.overlap for c in near), default=0.0) >= RULES_CONTRADICT_AT
                for _, near in cases
            ]
        pairs = [
            SupportPair(claim=claim, evidence=c.sentences) for claim, near in cases for c in near
        ]
        denied = iter([self._denies(s) for s in self._model.judge_batch(pairs)] if pairs else [])
        # subtle: every answer is taken, also those after the first yes
        return [sum(next(denied) for _ in near) > 0 for _, near in cases]

    def _denies(self, scores: SupportScores) -> bool:
        return scores.contradicted >= self._options.contradicted

    def _read(
        self, claim: str, judged: Judgement, near: Sequence[Candidate], *, confirmed: bool
    ) -> Told:
        if judged.verdict is Verdict.SUPPORTED:
            return Told(
                verdict=Verdict.SUPPORTED,
                support=judged.support,
                overlap=1.0,
                spans=judged.spans,
                reasons=(),
            )
        best = max(near[:MAX_CONFIRMED_BY], key=lambda c: c.overlap, default=None)
        overlap = best.overlap if best is not None else 0.0
        verdict = judged.verdict
        if judged.turned:
            sure = confirmed and self._weighs(judged)
            verdict = Verdict.CONTRADICTED if sure else Verdict.PARTLY
        if verdict is Verdict.NOT_FOUND and overlap >= self._options.partly:
            verdict = Verdict.PARTLY
        spans = judged.spans or (best.spans() if best is not None else ())
        return Told(
            verdict=verdict,
            support=judged.support,
            overlap=overlap,
            spans=spans,
            reasons=_reasons(claim, judged, spans),
            turned=judged.turned,
        )

    def _weighs(self, judged: Judgement) -> bool:
        """With rules alone only a figure weighs; words are turned in too many innocent ways."""
        return self._model is not None or any(map(_FIGURE.search, judged.reasons))


def _reasons(claim: str, judged: Judgement, spans: Sequence[CheckedSpan]) -> tuple[str, ...]:
    """Return why a sentence is not supported, with the words that the nearest span lacks."""
    told = [reason for reason in judged.reasons if reason != _NO_SENTENCE]
    missing = missing_words(claim, " ".join((*told, *(span.quote for span in spans))))
    if missing and spans and not judged.turned:
        told.append(f"not in the nearest sentences: {', '.join(missing)}")
    return tuple(told) or (_NO_SENTENCE,)
