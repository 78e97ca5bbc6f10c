"""Kinds, pairs and contrasts with numbers worked out by hand."""

from typing import Any

import pytest

from evals.kinds import by_kind, contrasts, pairs
from evals.measures import Judged


def judged(*, answerable: bool = True, **values: Any) -> Judged:
    defaults: dict[str, Any] = {"question_id": "q", "answered": True, "confidence": 0.5}
    return Judged(answerable=answerable, **(defaults | values))


def version(kind: str, confidence: float, pair: str = "p") -> Judged:
    can = kind.removeprefix("follow_up_") in ("answered", "added")
    return judged(answerable=can, kind=kind, confidence=confidence, pair=pair)


def test_kinds_are_counted_apart() -> None:
    """Each kind has its own shares, by name; questions without a kind are in none."""
    run = [
        judged(kind="hostile", answerable=False, answered=False, confidence=0.25),
        judged(kind="clinician", has_gold=True, statement_hits=(True,), first_unit_hits=True),
        judged(kind="clinician", answered=False, confidence=0.0),
        judged(kind="clinician", has_gold=True, answered=False, confidence=0.25),
        judged(),
    ]
    found = by_kind(run)
    assert list(found) == ["clinician", "hostile"]
    assert found["clinician"] == {
        "n": 3,
        "answerable": 3,
        "answered": 1 / 3,
        "right": 1 / 2,
        "first_unit_hit": 1 / 2,
        "mean_confidence": (0.5 + 0.0 + 0.25) / 3,
        "correct_evidence_when_answered": 1.0,
        "auroc": None,
    }
    assert found["hostile"]["answered"] == 0.0
    assert found["hostile"]["right"] is None
    assert found["hostile"]["mean_confidence"] == 0.25


def test_a_kind_is_ranked_against_all_answerable_questions() -> None:
    """Near misses and nonsense each have the chance of standing below what can be answered."""
    run = [
        judged(confidence=0.6, kind="clinician"),
        judged(confidence=0.2),
        judged(confidence=0.4, kind="near_miss", answerable=False),
        judged(confidence=0.1, kind="senseless", answerable=False),
    ]
    found = by_kind(run)
    assert [found[kind]["auroc"] for kind in ("near_miss", "senseless")] == [0.5, 1.0]


def test_a_version_is_ranked_against_its_contrast_alone() -> None:
    """A written sentence shows by its style: no text of another make is set against it."""
    run = [
        version("answered", 0.5),
        version("follow_up_answered", 0.2),
        version("added", 0.9),
        version("follow_up_cut", 0.3),
        version("added_other", 0.95),
        version("near_miss", 0.1),
        judged(answerable=False, kind="senseless", confidence=0.7),
    ]
    found = {kind: shares["auroc"] for kind, shares in by_kind(run).items()}
    assert found["follow_up_cut"] == 0.5
    assert found["added_other"] == 0.0
    assert found["near_miss"] == 1.0
    assert found["senseless"] == 0.0


def test_contrasts_by_hand() -> None:
    """Two answered (0.8, 0.4) against two cut (0.4, 0.2): 3.5 of 4; follow-ups count with them."""
    run = [
        version("answered", 0.8),
        version("follow_up_answered", 0.4),
        version("cut", 0.4),
        version("follow_up_cut", 0.2),
        version("added", 0.3),
        version("added_other", 0.9),
        version("near_miss", 0.6),
        judged(kind="plain", confidence=0.0),
    ]
    assert contrasts(run) == {
        "answered_against_cut": 3.5 / 4,
        "added_against_added_other": 0.0,
        "answered_against_near_miss": 0.5,
    }


@pytest.mark.parametrize("kinds", [("added", "near_miss"), ("added", "cut"), ("answered",), ()])
def test_what_is_made_otherwise_is_no_contrast(kinds: tuple[str, ...]) -> None:
    """An added sentence is never compared with a natural text."""
    run = [version(kind, 0.5) for kind in kinds]
    assert contrasts([*run, judged()]) is None


def test_pairs_by_hand() -> None:
    """One won, one lost, a tie and a follow-up won: 2.5 of 4, whatever the other pairs reach."""
    run = [
        *(version("answered", 0.6, "a"), version("cut", 0.5, "a")),
        *(version("answered", 0.1, "b"), version("cut", 0.2, "b")),
        *(
            version("added", 0.3, "c"),
            version("added_other", 0.3, "c"),
            version("near_miss", 0, "c"),
        ),
        *(version("follow_up_added", 0.9, "d"), version("follow_up_added_other", 0.8, "d")),
        *(version("added", 0.1, "e"), version("near_miss", 0.9, "e")),
        version("answered", 0.0, "f"),
        judged(confidence=0.0),
    ]
    assert pairs(run) == {"right": 2.5 / 4, "n": 4}
    assert pairs(run[::-1]) == pairs(run)


def test_natural_and_added_versions_of_one_pair_stay_apart() -> None:
    """Of all versions of one question two comparisons are made, not four."""
    run = [
        version("answered", 0.4),
        version("added", 0.8),
        version("cut", 0.6),
        version("added_other", 0.7),
    ]
    assert pairs(run) == {"right": 0.5, "n": 2}


@pytest.mark.parametrize("kinds", [("as_is", "changed"), (None, None), ("answered", "changed")])
def test_versions_of_other_words_are_all_compared(kinds: tuple[str | None, str | None]) -> None:
    """Two that answer (0.7, 0.3) against two that do not (0.5, 0.1): three of four."""
    run = [
        judged(pair="p", confidence=confidence, answerable=answerable, kind=kinds[not answerable])
        for confidence, answerable in ((0.7, True), (0.3, True), (0.5, False), (0.1, False))
    ]
    assert pairs(run) == {"right": 3 / 4, "n": 4}


def test_without_pairs_nothing_is_said_of_them() -> None:
    """None where there is no pair; a share of None where no two versions can be compared."""
    assert pairs([judged(), judged(answerable=False)]) is None
    assert pairs([version("added", 0.5)]) == {"right": None, "n": 0}
