"""Which part of the development sets a question belongs to."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from evals.sets import Case, GoldText
from evals.splits import CERTIFYING, FITTING, PARTS, part_of

CASE = Case(question_id="567", question="What is gout?", answerable=True)


NAMES = st.text(min_size=1)


@given(st.lists(NAMES, min_size=2, max_size=2), NAMES, st.none() | NAMES)
def test_versions_of_one_question_are_on_one_side(
    ids: list[str], pair: str, article: str | None
) -> None:
    """Whatever else tells them apart, a common pair keeps them together."""
    one, other = (replace(CASE, question_id=i, pair=pair, article=i) for i in ids)
    assert part_of(one) == part_of(replace(other, article=article, answerable=False))


@given(NAMES, NAMES, NAMES)
def test_questions_without_a_pair_stay_with_their_article(
    one: str, other: str, article: str
) -> None:
    """What was fitted on an article is not certified on it."""
    parts = {part_of(replace(CASE, question_id=i, article=article)) for i in (one, other)}
    assert parts == {part_of(replace(CASE, question_id=article))}


def test_the_id_decides_where_there_is_nothing_else() -> None:
    """One question in two sets, asked otherwise, is on one side."""
    gold = (GoldText(doc="gout", text="Urate."),)
    other = Case(question_id="567", question="?", answerable=False, evidence=gold)
    assert part_of(other) == part_of(CASE)


def test_parts_never_change() -> None:
    """A model that was fitted once and a threshold of later years meet no common question."""
    ids = ["a", "b", "c", "d", "567", "q-1", ""]
    parts = [part_of(replace(CASE, question_id=question_id)) for question_id in ids]
    assert parts == [1, 1, 0, 0, 1, 0, 1]
    assert {FITTING, CERTIFYING} == set(range(PARTS))


@given(st.text(), st.integers(1, 7))
def test_every_id_has_a_part(question_id: str, parts: int) -> None:
    """Whatever an id is made of, it belongs to one of the parts."""
    assert part_of(replace(CASE, question_id=question_id), parts) in range(parts)


def test_parts_are_about_equal() -> None:
    """Numbered ids do not fall on one side."""
    counts = [0, 0]
    for number in range(2000):
        counts[part_of(replace(CASE, question_id=str(number)))] += 1
    assert min(counts) > 900
