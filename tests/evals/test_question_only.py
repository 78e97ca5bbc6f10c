"""What the question alone gives away, on sets that leak and on sets that do not."""

import pytest

from evals.question_only import notes, question_only
from evals.sets import Case

DRUGS = ("aspirin", "zinc", "colchicine", "heparin", "insulin", "lithium", "digoxin", "morphine")


def case(kind: str, question: str, pair: str | None) -> Case:
    answerable = kind.endswith("answered")
    name = f"{pair}-{kind}-{question}"
    return Case(question_id=name, question=question, answerable=answerable, kind=kind, pair=pair)


def versions(cut: str, near_miss: str = "Which dose of {}?") -> list[Case]:
    """Return for each drug what it does, answered and with `cut` asked of the cut text."""
    return [
        case(kind, words.format(drug), drug if kind != "near_miss" else f"near {drug}")
        for drug in DRUGS
        for kind, words in (
            ("follow_up_answered", "What does {} do?"),
            ("cut", cut),
            ("near_miss", near_miss),
        )
    ]


def test_the_same_question_of_both_versions_tells_nothing() -> None:
    """Chance against the cut text; other words give near misses away."""
    assert question_only(versions("What does {} do?")) == {
        "answered_against_cut": 0.5,
        "answered_against_near_miss": 1.0,
    }


def test_a_set_with_other_questions_for_the_cut_text_leaks() -> None:
    """The output says so; what near misses give away is a warning, not a fault."""
    found = question_only(versions("Is {} cheap?", "What does {} do?"))
    assert found == {"answered_against_cut": 1.0, "answered_against_near_miss": 0.5}
    assert [line.partition(":")[0] for line in notes(found)] == ["this set leaks"]
    (warning,) = notes({"answered_against_cut": 0.55, "answered_against_near_miss": 0.56})
    assert "near misses (0.56)" in warning


def test_a_question_is_never_learnt_and_judged() -> None:
    """Each is of a word of its own, so that only having learnt it would tell its label.

    Each is asked twice in one pair, once with another word, and once in a pair of its own.
    """
    cases = [
        case(kind, asked.format(letter * 2), f"{pair} {letter}")
        for kind, letters in (("answered", "abcdefgh"), ("near_miss", "stuvwxyz"))
        for letter in letters
        for pair, asked in (("one", "{}?"), ("one", "{}, then?"), ("other", " {}? ".upper()))
    ]
    found = question_only(cases)
    assert found is not None
    told = found["answered_against_near_miss"]
    assert told is not None
    assert told < 0.6


@pytest.mark.parametrize("left", [4, 0])
def test_too_few_questions_tell_nothing(left: int) -> None:
    """With fewer than five different ones on a side nothing could be learnt."""
    cases = versions("What does {} do?")
    kept = [c for c in cases if c.kind != "near_miss"]
    near = [c for c in cases if c.kind == "near_miss"][:left]
    wordless = [case("near_miss", "?", f"empty {n}") for n in range(5)]
    found = question_only([*kept, *near, *near, *wordless])
    assert found == {"answered_against_cut": 0.5, "answered_against_near_miss": None}


def test_sets_without_pairs_are_left_alone() -> None:
    """Nothing is fitted, and nothing is said."""
    assert question_only([case("answered", "Why?", None), case("cut", "Why?", None)]) is None
    assert list(notes({})) == []
