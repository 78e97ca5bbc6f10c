"""What the question alone tells of whether it can be answered, by a model that sees no text.

A bag of words over the questions of a contrast set, with a logistic regression. What it reaches
takes no reading: the versions of a question must not be told apart so, and what it tells of near
misses is the kind of question that people ask where a text has nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from evals.measures import NEAR_MISS, Metrics, auroc, version_of
from evals.sets import Case

FOLDS = 5
WORD = re.compile(r"\b\w\w+\b")  # what TfidfVectorizer takes for one
MOST = 0.55  # more than this by chance is unlikely


def question_only(cases: Sequence[Case]) -> Metrics | None:
    """Return the AUROC of each contrast; None when no case belongs to a pair."""
    if all(case.pair is None for case in cases):
        return None
    return {f"answered_against_{kind}": _told(cases, kind) for kind in ("cut", NEAR_MISS)}


def _told(cases: Sequence[Case], kind: str) -> float | None:
    """Return the AUROC of answered cases against those of a kind, each judged by the others.

    Neither the versions of a question nor equal questions are ever parted between learning and
    judging. None with fewer than five different questions on either side; those without a word
    are left out.
    """
    counted = [
        c
        for c in cases
        if version_of(c.kind) == ("answered" if c.answerable else kind) and WORD.search(c.question)
    ]
    labels, groups = [c.answerable for c in counted], _groups(counted)
    sides = [{g for g, can in zip(groups, labels, strict=True) if can == side} for side in (1, 0)]
    if min(map(len, sides)) < FOLDS:
        return None
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    chances = cross_val_predict(
        make_pipeline(TfidfVectorizer(), LogisticRegression(class_weight="balanced")),
        [case.question for case in counted],
        labels,
        groups=groups,
        cv=StratifiedGroupKFold(FOLDS),
        method="predict_proba",
    )
    return auroc(labels, chances[:, 1])


def _groups(cases: Sequence[Case]) -> list[str]:
    """Name each case's group: its pair, or the first pair in which the same was asked."""
    first: dict[str, str] = {}
    return [
        first.setdefault(" ".join(c.question.casefold().split()), c.pair or c.question_id)
        for c in cases
    ]


def notes(found: Mapping[str, float | None]) -> Iterator[str]:
    """Yield what must be known before believing the contrasts, one line each."""
    cut, near = (found.get(f"answered_against_{kind}") for kind in ("cut", NEAR_MISS))
    if cut is not None and cut > MOST:
        yield (
            f"this set leaks: the question alone, no text read, tells answered from cut ({cut:.2f})"
        )
    if near is not None and near > MOST:
        yield (
            f"the question alone, no text read, tells answered from near misses ({near:.2f}): "
            "people ask for other things where a text has nothing"
        )
