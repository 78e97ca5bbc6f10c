"""The measures, each a function of how the questions went; defined in docs/evaluation.md.

A share over no questions is None, never 0. Importing this loads no model.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG

Metrics = dict[str, float | None]
RETRIEVAL = (nDCG @ 10, R @ 10, RR @ 10)
# the kind of an unanswerable question whose subject the texts do treat; it is reported apart
NEAR_MISS = "near_miss"
# before the kind of a question that follows on others; what is compared is the same
FOLLOW_UP = "follow_up_"

# what each measure is, by the group of the result that it stands in
DEFINITIONS: Mapping[str, Mapping[str, str]] = {
    "retrieval": {
        "nDCG@10": "how high the judged documents stand among the first ten, discounted by rank",
        "R@10": "share of the judged documents among the first ten",
        "RR@10": "1 over the rank of the first judged document, 0 beyond ten",
    },
    "evidence": {
        "hit@1": "share of questions whose first passage hits the right text",
        "hit@3": "share of questions with the right text hit by one of the first three passages",
        "first_unit_hit": "share of questions whose first statement, shown or held back, hits",
    },
    "answers": {
        "answered_when_answerable": "share of the answerable questions that were answered",
        "correct_evidence_when_answered": "share of these with a quote that hits a right text",
        "right_when_answerable": "share of all answerable questions with a quote that hits",
        "citation_precision": "mean share of an answer's statements with a quote that hits",
        "citation_recall": "mean share of a question's right texts that a quote hits",
        "unit_precision": "mean share of the spans that an answer cites that hit a right text",
        "unit_recall": "mean share of a question's right texts that a cited span hits",
    },
    "refusal": {
        "auroc": "chance that an answerable question has more confidence than an unanswerable one",
        "aurc": "mean risk of a wrong answer over all coverages, most confident first (0 is best)",
        "refused_when_unanswerable": "share of the unanswerable questions that were refused",
        "wrongly_answered": "share of the answers given to unanswerable questions",
        "coverage": "share of the questions that were answered, of those where right can be told",
        "risk": "share of these answers that their evidence does not answer",
        "near_misses_answered": "share of the near misses that were answered",
    },
    "pairs": {
        "right": "share of pairs whose answerable version has more confidence, a tie one half",
        "n": "pairs of an answerable and an unanswerable version of one question",
    },
    "contrasts": {
        "answered_against_cut": "auroc of texts that answer against the same with that cut out",
        "added_against_added_other": "auroc of a sentence added that answers against another one",
        "answered_against_near_miss": "auroc of questions that a text answers against near misses",
    },
    "question_only": {
        "answered_against_cut": "the same by the question alone: above 0.55 the set leaks",
        "answered_against_near_miss": "the same: what the kind of question gives away",
    },
    "calibration": {
        "ece": "mean distance of the confidence from how often it was right, over equal bins",
        "brier": "mean squared distance of the confidence from what was right (0 is best)",
    },
    "latency_ms": {
        "p50": "median time to answer, in milliseconds",
        "p95": "time within which 95 of 100 were answered, in milliseconds",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How one question went, as far as the measures need to know.

    `documents` are the retrieved ids, best first. The rest holds for answerable questions with
    gold texts: `first_hit` is the rank (from 1) of the first passage that hits one, None when
    none does; `statement_hits` says for each statement shown whether a quote of it hits,
    `unit_hits` for each cited span whether it hits, and `gold_hits` for each gold text whether a
    quote hits it; `best_hits` says whether the evidence hits that is shown, or that would be shown
    if nothing were ever refused, and `first_unit_hits` whether the first statement of it does.
    """

    question_id: str
    answerable: bool
    answered: bool
    confidence: float
    latency_ms: float = 0.0
    kind: str | None = None
    pair: str | None = None
    documents: tuple[str, ...] = ()
    has_gold: bool = False
    first_hit: int | None = None
    statement_hits: tuple[bool, ...] = ()
    unit_hits: tuple[bool, ...] = ()
    gold_hits: tuple[bool, ...] = ()
    best_hits: bool = False
    first_unit_hits: bool = False

    @property
    def version(self) -> str | None:
        """The kind without the prefix of follow-ups."""
        return version_of(self.kind)

    @property
    def evidence_hit(self) -> bool | None:
        """Whether a cited quote hits a gold text; None when there is none to hit."""
        return any(self.statement_hits) if self.has_gold else None

    @property
    def is_right(self) -> bool:
        """Whether the evidence answers that is shown, or was held back by a refusal."""
        return self.answerable and self.best_hits


def version_of(kind: str | None) -> str | None:
    """Return a kind without the prefix of follow-ups.

    >>> version_of("follow_up_cut"), version_of("cut"), version_of(None)
    ('cut', 'cut', None)
    """
    return None if kind is None else kind.removeprefix(FOLLOW_UP)


def retrieval(judged: Sequence[Judged], qrels: Iterable[Qrel]) -> Metrics | None:
    """Return nDCG@10, R@10 and RR@10 over the answerable questions that are judged.

    Every such question counts, and one without results counts 0. None when none is judged.
    """
    counted, run = _judged_documents(judged, qrels)
    if not counted:
        return None
    found = ir_measures.calc_aggregate(RETRIEVAL, counted, run)
    return {str(measure): float(found[measure]) for measure in RETRIEVAL}


def _judged_documents(
    judged: Sequence[Judged], qrels: Iterable[Qrel]
) -> tuple[list[Qrel], list[ScoredDoc]]:
    asked = {j.question_id for j in judged if j.answerable}
    run = [
        ScoredDoc(j.question_id, document_id, -rank)
        for j in judged
        for rank, document_id in enumerate(j.documents)
    ]
    return [q for q in qrels if q.query_id in asked], run


def gains(judged: Sequence[Judged], qrels: Iterable[Qrel]) -> dict[str, float]:
    """Return nDCG@10 of each question that `retrieval` counts, by its id."""
    counted, run = _judged_documents(judged, qrels)
    found = ir_measures.iter_calc([nDCG @ 10], counted, run)
    without = dict.fromkeys((q.query_id for q in counted), 0.0)
    return without | {metric.query_id: float(metric.value) for metric in found}


def evidence(judged: Sequence[Judged]) -> Metrics | None:
    """Return the hits over the answerable questions with gold texts; None without any."""
    counted = [j for j in judged if j.answerable and j.has_gold]
    if not counted:
        return None
    ranks = [j.first_hit or float("inf") for j in counted]
    return {
        **{f"hit@{k}": mean([float(rank <= k) for rank in ranks]) for k in (1, 3)},
        "first_unit_hit": share(counted, lambda j: j.first_unit_hits),
    }


def answers(judged: Sequence[Judged]) -> Metrics:
    """Return how many answerable questions were answered, and how well the answers are cited."""
    answerable = [j for j in judged if j.answerable]
    with_gold = [j for j in answerable if j.has_gold]
    counted = [j for j in with_gold if j.answered]
    recall = mean([_part(j.gold_hits) for j in counted])
    return {
        "answered_when_answerable": share(answerable, lambda j: j.answered),
        "correct_evidence_when_answered": share(counted, lambda j: any(j.statement_hits)),
        "right_when_answerable": share(with_gold, lambda j: bool(j.evidence_hit)),
        "citation_precision": mean([_part(j.statement_hits) for j in counted]),
        "citation_recall": recall,
        "unit_precision": mean([_part(j.unit_hits) for j in counted]),
        "unit_recall": recall,
    }


def refusal(judged: Sequence[Judged]) -> Metrics:
    """Return how well what cannot be answered is told from what can."""
    unanswerable = [j for j in judged if not j.answerable]
    answered = [j for j in judged if j.answered]
    coverage, risk = operating_point(judged)
    return {
        "auroc": auroc([j.answerable for j in judged], [j.confidence for j in judged]),
        "aurc": mean([risk for _, risk in risk_coverage(judged)]),
        "refused_when_unanswerable": share(unanswerable, lambda j: not j.answered),
        "wrongly_answered": share(answered, lambda j: not j.answerable),
        "coverage": coverage,
        "risk": risk,
        "near_misses_answered": share(
            [j for j in unanswerable if j.version == NEAR_MISS], lambda j: j.answered
        ),
    }


def outcomes_known(judged: Sequence[Judged]) -> list[Judged]:
    """Return the questions where a right answer can be told from a wrong one, in their order.

    Answerable questions without gold texts are left out. Empty when no answerable question has
    gold texts: what remains could only be wrong.
    """
    counted = [j for j in judged if j.has_gold or not j.answerable]
    return counted if any(j.answerable for j in counted) else []


def operating_point(judged: Sequence[Judged]) -> tuple[float | None, float | None]:
    """Return what was answered of the questions whose outcome is known, and how much was wrong.

    The first is the coverage, the second the risk, both at the threshold in use.
    """
    counted = outcomes_known(judged)
    answered = [j for j in counted if j.answered]
    return share(counted, lambda j: j.answered), share(answered, lambda j: not j.is_right)


def auroc(labels: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Return the area under the ROC curve, a tie counting one half; None with one class only.

    >>> auroc([True, True, False], [0.9, 0.5, 0.5])
    0.75
    """
    if len(set(labels)) < 2:  # noqa: PLR2004  both classes
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


def risk_coverage(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    """Return (coverage, risk) after each question, in order of falling confidence.

    The risk at a coverage is the share of wrong answers if the assistant answered just that
    many, its most confident: wrong is an answer to an unanswerable question, and one whose
    evidence does not hit. Answerable questions without gold texts are left out, since nothing
    tells a wrong answer there. Empty when no answerable question has gold texts.
    Geifman & El-Yaniv (2017), "Selective classification for deep neural networks".

    subtle: among equal confidences no order is better than another, so each of them counts with
    their mean error; that is the expected curve over all orders.

    >>> right, wrong = (Judged(question_id="q", answerable=True, answered=True, confidence=c,
    ...                 has_gold=True, best_hits=c > 0.5) for c in (0.9, 0.2))
    >>> risk_coverage([wrong, right])
    [(0.5, 0.0), (1.0, 0.5)]
    """
    counted = outcomes_known(judged)
    if not counted:
        return []
    confidence = np.asarray([j.confidence for j in counted])
    wrong = np.asarray([not j.is_right for j in counted], dtype=float)
    _, group = np.unique(-confidence, return_inverse=True)
    expected = (np.bincount(group, weights=wrong) / np.bincount(group))[np.sort(group)]
    covered = np.arange(1, len(counted) + 1)
    risks = np.cumsum(expected) / covered
    return list(zip((covered / len(counted)).tolist(), risks.tolist(), strict=True))


def latency(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds, interpolated between ranks."""
    times = [j.latency_ms for j in judged]
    return {f"p{p}": round(float(np.percentile(times, p)), 2) for p in (50, 95)}


def confusion(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """Count the answered and the refused, of answerable and of unanswerable questions.

    Of the answered answerable ones, also those with right and with wrong evidence; the rest of
    them has no gold text to tell by.
    """
    counts = {
        name: {"answered": sum(j.answered for j in group), "refused": 0, "n": len(group)}
        for name, group in (
            ("answerable", [j for j in judged if j.answerable]),
            ("unanswerable", [j for j in judged if not j.answerable]),
        )
    }
    for row in counts.values():
        row["refused"] = row["n"] - row["answered"]
    hits = [j.evidence_hit for j in judged if j.answerable and j.answered]
    counts["answerable"] |= {
        "right_evidence": hits.count(True),
        "wrong_evidence": hits.count(False),
    }
    return counts


def share(judged: Sequence[Judged], holds: Callable[[Judged], bool]) -> float | None:
    """Return the share of questions for which something holds, None of none."""
    return mean([float(holds(j)) for j in judged])


def _part(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return sum(values) / len(values) if values else None
