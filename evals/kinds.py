"""Measures by kind of question, and between the versions of one question.

A contrast set asks each question of several versions of its text, which differ in whether they
answer. Only versions that are made alike are compared, so that nothing but the answer tells them
apart: see CONTRASTS, and docs/evaluation.md for why.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from evals.measures import (
    NEAR_MISS,
    Judged,
    Metrics,
    answers,
    auroc,
    evidence,
    mean,
    share,
    version_of,
)

# versions of one question that may be compared: one that is not answered, and one that is
PAIRED: Mapping[str, str] = {"cut": "answered", "added_other": "added"}
# and kinds: a near miss is another question, asked of the natural text
CONTRASTS: Mapping[str, str] = {**PAIRED, NEAR_MISS: "answered"}
VERSIONS = {*CONTRASTS, *CONTRASTS.values()}


def by_kind(judged: Sequence[Judged]) -> dict[str, Metrics]:
    """Return for each kind, by name, its questions, how many are answerable, and shares.

    `answered` is over all questions of the kind, `right` and `first_unit_hit` over its answerable
    ones with gold texts, refused ones included, and `correct_evidence_when_answered` over the
    answered of these; `auroc` sets the kind's unanswerable questions against the answerable ones
    of its contrast, where it has one, else against all of the set but `added` ones.
    """
    kinds = sorted({j.kind for j in judged if j.kind is not None})
    return {
        kind: kind_shares([j for j in judged if j.kind == kind], _answerable_beside(kind, judged))
        for kind in kinds
    }


def _answerable_beside(kind: str, judged: Sequence[Judged]) -> list[Judged]:
    """Return the answerable questions that those of a kind may be ranked against."""
    answerable = [j for j in judged if j.answerable]
    wanted = CONTRASTS.get(version_of(kind) or "", "")
    contrast = [j for j in answerable if j.version == wanted]
    return contrast or [j for j in answerable if j.version != PAIRED["added_other"]]


def kind_shares(group: Sequence[Judged], answerable: Sequence[Judged]) -> Metrics:
    """Return what `by_kind` says of the questions of one kind."""
    shares = answers(group)
    return {
        "n": len(group),
        "answerable": sum(j.answerable for j in group),
        "answered": share(group, lambda j: j.answered),
        "right": shares["right_when_answerable"],
        "first_unit_hit": (evidence(group) or {}).get("first_unit_hit"),
        "mean_confidence": mean([j.confidence for j in group]),
        "correct_evidence_when_answered": shares["correct_evidence_when_answered"],
        "auroc": _ranked([*answerable, *(j for j in group if not j.answerable)]),
    }


def contrasts(judged: Sequence[Judged]) -> Metrics | None:
    """Return the AUROC of each contrast over the whole set; None when it has none."""
    found = {
        f"{yes}_against_{no}": _ranked(
            [j for j in judged if j.version == (yes if j.answerable else no)]
        )
        for no, yes in CONTRASTS.items()
    }
    return found if any(value is not None for value in found.values()) else None


def _ranked(judged: Sequence[Judged]) -> float | None:
    return auroc([j.answerable for j in judged], [j.confidence for j in judged])


def pairs(judged: Sequence[Judged]) -> Metrics | None:
    """Return in what share of pairs the answerable version has more confidence, ties half.

    `n` counts the comparisons. None when no question belongs to a pair.

    >>> yes, no = (Judged(question_id=kind, answerable=kind == "answered", answered=True, pair="p",
    ...                   kind=kind, confidence=0.5) for kind in ("answered", "cut"))
    >>> pairs([yes, no])
    {'right': 0.5, 'n': 1}
    """
    versions: dict[str, list[Judged]] = {}
    for j in judged:
        if j.pair is not None:
            versions.setdefault(j.pair, []).append(j)
    if not versions:
        return None
    gaps = [
        yes.confidence - no.confidence
        for group in versions.values()
        for yes, no in _compared(group)
    ]
    return {"right": mean([(gap > 0) + (gap == 0) / 2 for gap in gaps]), "n": len(gaps)}


def _compared(group: Sequence[Judged]) -> Iterator[tuple[Judged, Judged]]:
    """Yield the versions of one question that may be compared, the answerable one first.

    Where a kind is none of VERSIONS, each answerable version stands against each other one.
    """
    ours = all(j.version in VERSIONS for j in group)
    answerable = [j for j in group if j.answerable]
    for yes, no in product(answerable, (j for j in group if not j.answerable)):
        if not ours or PAIRED.get(no.version or "") == yes.version:
            yield yes, no
