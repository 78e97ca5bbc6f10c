"""Which questions lean on earlier ones, and what they take from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.conversation import MAX_CARRIED_WORDS, leans, stand_alone

LEANING = [
    "And when it is stopped?",
    "and children?",
    "What about children?",
    "How about patients with renal failure on dialysis?",
    "But does smoking matter for pulmonary fibrosis?",
    "Which one is better for long-term treatment of patients?",
    "Does it relapse after successful treatment?",
    "How long should they be treated with prednisone?",
    "Why is this condition often mistaken for pneumonia?",
    "What are its radiological features on a chest scan?",
    "Are there any other drugs with such side effects?",
    "Why?",
    "How much?",
    "Which dose?",
    "In children?",
]
STANDING_ALONE = [
    "How is gout treated with colchicine?",
    "Does methotrexate cause organizing pneumonia?",
    "What CT findings suggest cryptogenic organizing pneumonia?",
    "How long is anticoagulation continued after unprovoked pulmonary embolism?",
    "Italian guidelines for iron infusion thresholds",
    "Does vitamin B12 deficiency raise homocysteine?",
]
# "There" that points at nothing: it only opens a clause.
EXISTENTIAL = [
    "Is there a benefit of colchicine in acute pericarditis?",
    "Are there known side effects of methotrexate in children?",
]


@pytest.mark.parametrize("question", LEANING)
def test_a_question_that_points_or_says_too_little_leans(question: str) -> None:
    """Pronouns, openings that go on, and questions of one or two words need what was before."""
    assert leans(question)
    assert stand_alone(question, ["Does prednisone cure sarcoidosis?"]).carried


@pytest.mark.parametrize("question", STANDING_ALONE)
def test_a_question_that_names_its_subject_stands_alone(question: str) -> None:
    """A new subject carries nothing over, whatever was talked about."""
    assert not leans(question)
    query = stand_alone(question, ["Does prednisone cure sarcoidosis?", "And when it is stopped?"])
    assert (query.own, query.carried, query.text) == (question, "", question)


@pytest.mark.parametrize("question", EXISTENTIAL)
def test_an_existential_there_points_at_nothing(question: str) -> None:
    """With a subject of its own, "Is there …" is a new question and not a follow-up."""
    assert stand_alone(question, ["Does prednisone cure sarcoidosis?"]).carried == ""


def test_a_first_question_carries_nothing() -> None:
    """Without a history there is nothing to lean on."""
    query = stand_alone("And when it is stopped?", [])
    assert (query.own, query.carried) == ("And when it is stopped?", "")


def test_the_first_follow_up_carries_the_question_before() -> None:
    """The words of the turn before come along, in their order, in brackets behind the question."""
    query = stand_alone("And when it is stopped?", ["How much prednisone is given at the start?"])
    assert query.carried == "prednisone given start"
    assert query.text == "And when it is stopped? (prednisone given start)"


def test_words_that_the_question_has_are_not_carried_again() -> None:
    """Not even in another form of the word."""
    query = stand_alone("And the tapering of prednisone?", ["Is prednisone tapered slowly?"])
    assert query.carried == "slowly"


def test_a_chain_of_follow_ups_reaches_back_to_its_subject() -> None:
    """Turns that lean need those before them, in their order, and none before the subject."""
    history = ["Does zinc shorten colds?", "Does prednisone cure sarcoidosis?", "How fast?"]
    assert stand_alone("And in children?", history).carried == "prednisone cure sarcoidosis fast"


def test_the_latest_subject_counts() -> None:
    """A conversation that moved on takes the new subject along, not the old."""
    history = ["Does prednisone cure sarcoidosis?", "Does zinc shorten common colds?"]
    assert stand_alone("And in children?", history).carried == "zinc shorten common colds"


def test_only_so_many_words_are_carried_and_the_latest_of_them() -> None:
    """A long question before does not drown the question asked now."""
    earlier = "Compare " + " ".join(f"drug{n}" for n in range(30)) + " daily?"
    carried = stand_alone("Why is it so?", [earlier]).carried.split()
    assert len(carried) == MAX_CARRIED_WORDS
    assert carried[-2:] == ["drug29", "daily"]


def test_white_space_is_folded() -> None:
    """A question is one line."""
    assert stand_alone("  Why\n is\tit so? ", []).text == "Why is it so?"


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=4))
def test_any_conversation_is_understood(question: str, history: list[str]) -> None:
    """Whatever was said: words carried come from the history, at most so many, in one line."""
    query = stand_alone(question, history)
    carried = query.carried.split()
    assert len(carried) <= MAX_CARRIED_WORDS
    assert all(any(word in earlier for earlier in history) for word in carried)
    assert query.own == " ".join(question.split())
    assert not query.carried or leans(query.own)
