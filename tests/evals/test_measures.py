"""Every measure against numbers worked out by hand, and against a second implementation."""

import math
import subprocess
import sys
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import Qrel

from evals import kinds, measures, reliability
from evals.measures import DEFINITIONS, Judged
from evals.question_only import question_only
from evals.sets import Case


def judged(question_id: str = "q", *, answerable: bool = True, **values: Any) -> Judged:
    defaults: dict[str, Any] = {"answered": True, "confidence": 0.5}
    return Judged(question_id=question_id, answerable=answerable, **(defaults | values))


def test_retrieval_by_hand() -> None:
    """One judged document second of two, and a question without results, which counts 0."""
    run = [
        judged("q1", documents=("x", "a")),
        judged("q2", documents=()),
        judged("q3", answerable=False, documents=("c",)),
        judged("q4", documents=("d",)),
    ]
    qrels = [Qrel("q1", "a", 1), Qrel("q1", "b", 1), Qrel("q2", "b", 1), Qrel("q3", "c", 1)]
    found = measures.retrieval(run, qrels)
    assert found is not None
    ideal = 1 + 1 / math.log2(3)
    assert found["nDCG@10"] == pytest.approx((1 / math.log2(3)) / ideal / 2)
    assert found["R@10"] == pytest.approx(0.5 / 2)
    assert found["RR@10"] == pytest.approx(0.5 / 2)


def test_retrieval_without_judged_answerable_questions_is_undefined() -> None:
    """There is no mean over nothing."""
    assert measures.retrieval([judged("q1")], []) is None
    assert measures.retrieval([judged("q1", answerable=False)], [Qrel("q1", "a", 1)]) is None


DOCUMENTS = [f"d{i}" for i in range(14)]


@settings(deadline=None)  # the first use reads scikit-learn in
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(DOCUMENTS), unique=True, max_size=12),
            st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(0, 2), max_size=5),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_retrieval_agrees_with_the_definitions(
    cases: list[tuple[list[str], dict[str, int]]],
) -> None:
    """The numbers are those of the textbook formulas, for any ranking and any grades."""
    run = [judged(str(i), documents=tuple(ranked)) for i, (ranked, _) in enumerate(cases)]
    qrels = [
        Qrel(str(i), doc, g) for i, (_, grades) in enumerate(cases) for doc, g in grades.items()
    ]
    counted = [(ranked[:10], grades) for ranked, grades in cases if grades]
    found = measures.retrieval(run, qrels)
    if not counted:
        assert found is None
        return
    assert found is not None
    for name, oracle in (("nDCG@10", ndcg), ("R@10", recall), ("RR@10", reciprocal_rank)):
        expected = sum(oracle(ranked, grades) for ranked, grades in counted) / len(counted)
        assert found[name] == pytest.approx(expected, abs=1e-6), name


def ndcg(ranked: list[str], grades: dict[str, int]) -> float:
    def dcg(gains: list[int]) -> float:
        return sum(g / math.log2(rank + 1) for rank, g in enumerate(gains, start=1))

    ideal = dcg(sorted(grades.values(), reverse=True)[:10])
    return dcg([grades.get(d, 0) for d in ranked]) / ideal if ideal else 0.0


def recall(ranked: list[str], grades: dict[str, int]) -> float:
    wanted = {d for d, g in grades.items() if g > 0}
    return len(wanted & set(ranked)) / len(wanted) if wanted else 0.0


def reciprocal_rank(ranked: list[str], grades: dict[str, int]) -> float:
    ranks = [rank for rank, d in enumerate(ranked, start=1) if grades.get(d, 0) > 0]
    return 1 / ranks[0] if ranks else 0.0


def test_evidence_by_hand() -> None:
    """Hits at ranks 1, 3 and 4 and no hit: one of four at 1, two of four at 3.

    The first statement hits in the first two of four, the second of which was refused.
    """
    run = [
        judged(has_gold=True, first_hit=1, first_unit_hits=True),
        judged(has_gold=True, first_hit=3, first_unit_hits=True, answered=False),
        judged(has_gold=True, first_hit=4, statement_hits=(False, True), best_hits=True),
        judged(has_gold=True),
        judged(first_hit=1, first_unit_hits=True),
        judged(answerable=False, has_gold=True, first_hit=1, first_unit_hits=True),
    ]
    assert measures.evidence(run) == {"hit@1": 0.25, "hit@3": 0.5, "first_unit_hit": 0.5}
    assert measures.evidence([judged()]) is None


def test_answers_by_hand() -> None:
    """Only answered answerable questions with gold texts count for the citations.

    Of three with gold texts, one of them refused, one is right.
    """
    run = [
        judged(
            has_gold=True,
            statement_hits=(True, False),
            unit_hits=(True, True, False),
            gold_hits=(True, True, False, False),
        ),
        judged(has_gold=True, statement_hits=(False,), unit_hits=(False,), gold_hits=(False,)),
        judged(has_gold=True, answered=False, gold_hits=(False,)),
        judged(statement_hits=(False,)),
        judged(answerable=False, statement_hits=(False,)),
    ]
    assert measures.answers(run) == {
        "answered_when_answerable": 3 / 4,
        "correct_evidence_when_answered": 1 / 2,
        "right_when_answerable": 1 / 3,
        "citation_precision": (1 / 2 + 0) / 2,
        "citation_recall": (2 / 4 + 0) / 2,
        "unit_precision": (2 / 3 + 0) / 2,
        "unit_recall": (2 / 4 + 0) / 2,
    }


def test_evidence_hit_of_one_question() -> None:
    """One hitting statement is enough; a refusal hits nothing; without gold it is undefined."""
    assert judged(has_gold=True, statement_hits=(False, True)).evidence_hit is True
    assert judged(has_gold=True, answered=False).evidence_hit is False
    assert judged(statement_hits=(True,)).evidence_hit is None


def test_refusal_by_hand() -> None:
    """Two of three unanswerable refused, one of two answers wrong, and the areas."""
    run = [
        judged(confidence=0.9, has_gold=True, best_hits=True),
        judged(confidence=0.7, answerable=False),
        judged(confidence=0.4, answered=False, has_gold=True, best_hits=False),
        judged(confidence=0.4, answerable=False, answered=False),
        judged(confidence=0.1, answerable=False, answered=False),
    ]
    found = measures.refusal(run)
    assert found["refused_when_unanswerable"] == pytest.approx(2 / 3)
    assert found["wrongly_answered"] == pytest.approx(1 / 2)
    # of six pairs the answerable question wins 3 (0.9), 1 (0.4 over 0.1) and half a tie
    assert found["auroc"] == pytest.approx(4.5 / 6)
    assert found["aurc"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4 + 4 / 5) / 5)
    assert found["coverage"] == pytest.approx(2 / 5)
    assert found["risk"] == pytest.approx(1 / 2)
    assert found["near_misses_answered"] is None


def test_near_misses_are_counted_by_themselves() -> None:
    """One of two was answered, follow-ups included; what is answerable is no near miss."""
    run = [
        judged(answerable=False, kind="near_miss", answered=False),
        judged(answerable=False, kind="follow_up_near_miss"),
        judged(answerable=False, kind="cut"),
        judged(kind="near_miss"),
    ]
    assert measures.refusal(run)["near_misses_answered"] == 1 / 2


def test_the_operating_point_leaves_out_what_nothing_can_judge() -> None:
    """An answer without gold texts is neither right nor wrong; wrong evidence is wrong."""
    run = [
        judged(has_gold=True, best_hits=True),
        judged(has_gold=True, best_hits=False),
        judged(),
        judged(answerable=False, answered=False),
    ]
    coverage, risk = measures.operating_point(run)
    assert coverage == pytest.approx(2 / 3)
    assert risk == pytest.approx(1 / 2)
    assert measures.operating_point([judged(), judged(answerable=False)]) == (None, None)


def test_what_is_undefined_is_none() -> None:
    """A set without unanswerable questions has no refusal share and no area, and so on."""
    answerable = measures.refusal([judged()])
    assert answerable == {
        "auroc": None,
        "aurc": None,
        "refused_when_unanswerable": None,
        "wrongly_answered": 0.0,
        "coverage": None,
        "risk": None,
        "near_misses_answered": None,
    }
    unanswerable = [judged(answerable=False, answered=False)]
    assert measures.refusal(unanswerable)["wrongly_answered"] is None
    assert measures.refusal(unanswerable)["aurc"] is None
    assert set(measures.answers(unanswerable).values()) == {None}


@settings(deadline=None)  # the first use reads scikit-learn in
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=12))
def test_auroc_is_the_share_of_pairs_in_order(pairs: list[tuple[bool, int]]) -> None:
    """Counted pair by pair, ties one half."""
    right = [score for label, score in pairs if label]
    wrong = [score for label, score in pairs if not label]
    found = measures.auroc([label for label, _ in pairs], [score / 4 for _, score in pairs])
    if not right or not wrong:
        assert found is None
        return
    won = sum((r > w) + (r == w) / 2 for r, w in product(right, wrong))
    assert found == pytest.approx(won / len(right) / len(wrong))


@settings(deadline=None)  # the first use reads scikit-learn in
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=5))
def test_aurc_is_the_mean_over_all_orders_of_ties(cases: list[tuple[bool, int]]) -> None:
    """The curve is the average of the curves of every order that the confidences allow."""
    run = [judged(confidence=c / 2, has_gold=True, best_hits=hit) for hit, c in cases]
    areas = [
        sum(sum(not hit for hit, _ in order[:k]) / k for k in range(1, len(order) + 1)) / len(order)
        for order in permutations(cases)
        if [c for _, c in order] == sorted((c for _, c in order), reverse=True)
    ]
    assert measures.refusal(run)["aurc"] == pytest.approx(sum(areas) / len(areas))
    assert measures.refusal(run)["aurc"] == measures.refusal(run[::-1])["aurc"]


def test_latency_by_hand() -> None:
    """Percentiles lie between ranks: of 1 to 5 the 95th is 4.8."""
    run = [judged(latency_ms=ms) for ms in (5, 1, 4, 2, 3)]
    assert measures.latency(run) == {"p50": 3.0, "p95": 4.8}


def test_confusion_by_hand() -> None:
    """Every question is in one place; an answer that nothing can judge is in neither half."""
    run = [
        judged(has_gold=True, statement_hits=(True,)),
        judged(has_gold=True, statement_hits=(False,)),
        judged(),
        judged(has_gold=True, answered=False),
        judged(answerable=False),
        judged(answerable=False, answered=False),
    ]
    assert measures.confusion(run) == {
        "answerable": {
            "answered": 3,
            "refused": 1,
            "n": 4,
            "right_evidence": 1,
            "wrong_evidence": 1,
        },
        "unanswerable": {"answered": 1, "refused": 1, "n": 2},
    }


def test_the_gains_of_the_questions_make_the_mean() -> None:
    """One question found second, one not at all; one that is not judged has no gain."""
    run = [judged("q1", documents=("x", "a")), judged("q2"), judged("q3", documents=("a",))]
    qrels = [Qrel("q1", "a", 1), Qrel("q2", "b", 1)]
    gains = measures.gains(run, qrels)
    assert gains == {"q1": pytest.approx(1 / math.log2(3)), "q2": 0.0}
    whole = measures.retrieval(run, qrels)
    assert whole is not None
    assert whole["nDCG@10"] == pytest.approx(sum(gains.values()) / 2)
    assert measures.gains(run, []) == {}


def test_every_measure_is_defined() -> None:
    """The report has words for each measure that there is."""
    run = [judged("q", has_gold=True, first_hit=1, documents=("a",), kind="answered", pair="p")]
    run += [judged(answerable=False, kind=kind, pair="p") for kind in ("cut", "near_miss")]
    case = Case(question_id="q", question="?", answerable=True, pair="p")
    groups: dict[str, Any] = {
        "retrieval": measures.retrieval(run, [Qrel("q", "a", 1)]),
        "evidence": measures.evidence(run),
        "answers": measures.answers(run),
        "refusal": measures.refusal(run),
        "calibration": reliability.calibration(run),
        "pairs": kinds.pairs(run),
        "contrasts": kinds.contrasts(run),
        "question_only": question_only([case]),
        "latency_ms": measures.latency(run),
    }
    assert {group: list(found) for group, found in groups.items()} == {
        group: list(names) for group, names in DEFINITIONS.items()
    }


def test_measures_need_no_model() -> None:
    """Importing the measures, the sets and the command loads neither torch nor faiss."""
    code = (
        "import sys, evals.command, evals.libraries, evals.report, evals.running, evals.sets; "
        "heavy = ('torch', 'onnxruntime', 'faiss', 'sentence_transformers', 'matplotlib'); "
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_docs_define_every_measure() -> None:
    """The page docs/evaluation.md names each measure as the result does."""
    docs = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text()
    names = [name for group in DEFINITIONS.values() for name in group]
    assert [name for name in names if f"`{name}`" not in docs] == []
