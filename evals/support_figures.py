"""What a verifier is worth in figures, with its rules alone, with the model alone and with both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from corpus.records import Document, units_of
from evals.measures import auroc
from evals.support_cases import (
    LABELS,
    Claim,
    Label,
    Trial,
    gold_evidence,
    passage_of,
    shared,
    text_of,
)
from index.support_model import SupportModel, SupportPair, SupportScores
from service.verdicts import EvidenceText, Judgement, Verdict

PLACES = 4
BATCH = 64
MAX_MODEL_SENTENCES = 3
Figures = dict[str, Any]
LABEL_OF: Mapping[Verdict, Label] = {
    Verdict.SUPPORTED: "SUPPORT",
    Verdict.PARTLY: "NOT_ENOUGH_INFO",
    Verdict.CONTRADICTED: "CONTRADICT",
    Verdict.NOT_FOUND: "NOT_ENOUGH_INFO",
}


class Verifies(Protocol):
    """Judges sentences against the passages that they cite; `service.verification.Verifier`."""

    def verify_batch(
        self, cases: Sequence[tuple[str, Sequence[EvidenceText]]]
    ) -> tuple[Judgement, ...]:
        """Return a judgement for each case, in order."""
        ...


class Assenting:
    """A support model that believes everything: a verifier with it has its rules alone."""

    name = "none"
    digest = "0" * 64

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return certainty for every pair."""
        return [SupportScores(supported=1.0, contradicted=0.0, not_found=0.0) for _ in pairs]


class ModelAlone:
    """A verifier without rules: the likeliest of the model's three is the verdict.

    Of a passage with more than three sentences it reads the one nearest to the claim.
    """

    def __init__(self, model: SupportModel) -> None:
        self._model = model

    def verify_batch(
        self, cases: Sequence[tuple[str, Sequence[EvidenceText]]]
    ) -> tuple[Judgement, ...]:
        """Return a judgement, without spans, for each case."""
        pairs = [SupportPair(claim=claim, evidence=_read(claim, given)) for claim, given in cases]
        return tuple(_likeliest(scores) for scores in self._model.judge_batch(pairs))


def _read(claim: str, evidence: Sequence[EvidenceText]) -> tuple[str, ...]:
    sentences = [
        text_of(given.document, unit)
        for given in evidence
        for unit in units_of(given.document)
        if given.start <= unit.start and unit.end <= given.end
    ]
    if len(sentences) <= MAX_MODEL_SENTENCES:
        return tuple(sentences)
    return (max(sentences, key=lambda sentence: shared(claim, sentence)),)


def _likeliest(scores: SupportScores) -> Judgement:
    ranked = (
        (scores.supported, Verdict.SUPPORTED),
        (scores.contradicted, Verdict.CONTRADICTED),
        (scores.not_found, Verdict.NOT_FOUND),
    )
    _, verdict = max(ranked, key=lambda pair: pair[0])
    return Judgement(verdict=verdict, spans=(), support=scores.supported)


def systems(
    model: SupportModel | None,
    documents: Sequence[Document],
    *,
    supported_at: float | None = None,
) -> dict[str, Verifies]:
    """Return what is compared, by name; without a model only the rules.

    `documents` are those that the names of drugs and diseases are learnt from; `supported_at` is
    the model's probability from which on a sentence is supported, None for the verifier's own.
    """
    from service.entities import Entities
    from service.verification import Thresholds, Verifier

    thresholds = Thresholds() if supported_at is None else Thresholds(supported=supported_at)
    entities = Entities.of(documents)
    rules: dict[str, Verifies] = {"rules": Verifier(Assenting(), entities)}
    if model is None:
        return rules
    return {**rules, "model": ModelAlone(model), "both": Verifier(model, entities, thresholds)}


def claim_figures(claims: Sequence[Claim], verifier: Verifies, *, whole: bool) -> Figures:
    """Return macro-F1, AUROC of supported against the rest, and the confusion table.

    `whole`: the verifier is given the whole abstract, else the sentences that decide. A verifier
    that gives no probabilities is ranked by its verdicts. Rows of the table are the labels.
    """
    given = [(c.claim, (passage_of(c.sentences) if whole else gold_evidence(c),)) for c in claims]
    judged = _judged(verifier, given)
    found = [LABEL_OF[judgement.verdict] for judgement in judged]
    table = Counter(zip((c.label for c in claims), found, strict=True))
    support = [j.support if j.verdict is Verdict.SUPPORTED else min(j.support, 0.5) for j in judged]
    return {
        "n": len(claims),
        "macro_f1": round(sum(_f1(table, label) for label in LABELS) / len(LABELS), PLACES),
        "auroc": _rounded(auroc([c.label == "SUPPORT" for c in claims], support)),
        "confusion": {gold: {said: table[gold, said] for said in LABELS} for gold in LABELS},
    }


def _f1(table: Mapping[tuple[Label, Label], int], label: Label) -> float:
    right = table[label, label]
    said = sum(table[gold, label] for gold in LABELS)
    gold = sum(table[label, other] for other in LABELS)
    return 2 * right / max(1, said + gold)


def change_figures(trials: Sequence[Trial], verifier: Verifies) -> Figures:
    """Return per kind how many changed sentences were caught and how many true ones lost.

    Caught and lost are both: not judged supported, and so not shown.
    """
    judged = _judged(verifier, [(t.sentence, (t.evidence,)) for t in trials])
    stopped = [judgement.verdict is not Verdict.SUPPORTED for judgement in judged]
    pairs = list(zip(trials, stopped, strict=True))
    return {
        "verbatim": _share("lost", [s for t, s in pairs if t.treatment == "verbatim"]),
        "varied": _by_kind("lost", [(t.kind, s) for t, s in pairs if t.treatment == "varied"]),
        "changed": _by_kind("caught", [(t.kind, s) for t, s in pairs if t.treatment == "changed"]),
    }


def _by_kind(name: str, stopped: Sequence[tuple[str, bool]]) -> Figures:
    """Return the share of each kind, in order of first appearance, after the share of all."""
    kinds = sorted({kind for kind, _ in stopped})
    shares = {kind: _share(name, [s for k, s in stopped if k == kind]) for kind in kinds}
    return {"all": _share(name, [s for _, s in stopped]), **shares}


def _share(name: str, stopped: Sequence[bool]) -> Figures:
    return {
        "n": len(stopped),
        name: round(sum(stopped) / len(stopped), PLACES) if stopped else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, PLACES)


def _judged(
    verifier: Verifies, cases: Sequence[tuple[str, Sequence[EvidenceText]]]
) -> list[Judgement]:
    """Judge in batches of a bounded size, so that memory does not grow with the set."""
    found: list[Judgement] = []
    for start in range(0, len(cases), BATCH):
        found += verifier.verify_batch(cases[start : start + BATCH])
    return found
