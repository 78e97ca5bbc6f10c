"""What the reader was trained on is not what it is measured on."""

from dataclasses import replace

from evals.sets import Case, QuestionSet
from evals.splits import PAPER_SETS, unseen
from evals.training.papers import is_trained_on

CASES = tuple(
    Case(question_id=str(number), question="?", answerable=True, article=f"c{number}")
    for number in range(30)
)
ASKED_OF_ALL = Case(question_id="x", question="?", answerable=False)


def test_questions_on_papers_learnt_from_are_left_out() -> None:
    """The others stay in their order, and so does what is asked of no paper."""
    whole = QuestionSet(name=PAPER_SETS[0], sha256="", cases=(*CASES, ASKED_OF_ALL), qrels=())
    kept = unseen(whole).cases
    assert kept == (*(c for c in CASES if not is_trained_on(c.article or "")), ASKED_OF_ALL)
    assert 5 < len(kept) < 26


def test_other_sets_stay_as_they_are() -> None:
    """No other set has papers that the reader learnt from."""
    other = QuestionSet(name="another", sha256="", cases=CASES, qrels=())
    assert unseen(other) == other
    assert unseen(replace(other, cases=())) == replace(other, cases=())
