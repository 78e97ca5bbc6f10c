"""Parts of question sets: what one part decides is tested on the other.

The confidence model is fitted on part 0 of the development sets; their threshold is certified on
part 1, which the model has not seen.
"""

import hashlib
from dataclasses import replace

from evals.sets import Case, QuestionSet
from evals.training.papers import is_trained_on

PARTS = 2
# The sets of COVID-QA's papers, half of which the reader was trained on.
PAPER_SETS = ("covidqa", "covidqa_near")
FITTING, CERTIFYING = 0, 1


def part_of(case: Case, parts: int = PARTS) -> int:
    """Return which of `parts` a question belongs to, from 0: its id alone decides.

    It is the same in every set, order and version, so that a question that two sets ask in two
    settings under one id never stands on both sides.

    >>> [part_of(Case(question_id=name, question="?", answerable=True)) for name in "abcd"]
    [1, 1, 0, 0]
    """
    digest = hashlib.sha256(case.question_id.encode()).digest()
    return int.from_bytes(digest, "big") % parts


def unseen(question_set: QuestionSet) -> QuestionSet:
    """Return the set without the questions on papers that the built-in reader learnt from.

    What is fitted or measured on those would take the reader for better than it is.
    """
    if question_set.name not in PAPER_SETS:
        return question_set
    kept = [c for c in question_set.cases if c.article is None or not is_trained_on(c.article)]
    return replace(question_set, cases=tuple(kept))
