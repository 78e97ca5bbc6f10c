"""A question's words as typed, and what passages hold of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Passage
from index.retriever import Hit
from service.question_words import held_by, is_asking, words_of


def hit(text: str, *, title: str = "", section: str = "", lead_in: str = "") -> Hit:
    """Return a passage that was found."""
    passage = Passage(
        passage_id="x@0-1",
        document_id="x",
        start=0,
        end=1,
        text=text,
        title=title,
        section_path=(section,) if section else (),
        lead_ins=(lead_in,) if lead_in else (),
    )
    return Hit(passage=passage, rank=1, score=1.0, bm25=1.0, cosine=1.0)


def test_words_are_as_typed_and_in_order() -> None:
    """Hyphens and apostrophes stay inside a word; a stop word and a number have no terms."""
    words = words_of("Is Cushing's high-dose KL-6 of 30?")
    assert [word.text for word in words] == ["Is", "Cushing's", "high-dose", "KL-6", "of", "30"]
    assert [bool(word.terms) for word in words] == [False, True, True, True, False, False]


def test_words_adjoin_where_only_white_space_is_between() -> None:
    """A comma parts; a line break does not."""
    words = words_of("zinc, iron\nsalt")
    assert [word.adjoins for word in words] == [False, False, True]


def test_a_word_of_a_known_phrase_stands_for_the_phrase() -> None:
    """Half a phrase is something else: blood is not blood pressure."""
    blood, pressure = words_of("blood pressure")
    assert blood.terms == pressure.terms == ("=blood pressure",)
    assert held_by([hit("Blood was drawn.")]).isdisjoint(blood.terms)
    assert not held_by([hit("The blood pressure rose.")]).isdisjoint(blood.terms)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("which", True),
        ("usually", True),
        ("recommended", True),
        ("30", True),
        ("dose", False),
        ("prednisone", False),
        ("KL-6", False),
    ],
)
def test_words_that_only_ask_are_told_from_the_others(text: str, *, asks: bool) -> None:
    """Words that only ask are never what a source must hold."""
    (word,) = words_of(text)
    assert is_asking(word) == asks


def test_a_passage_holds_its_title_section_and_lead_ins() -> None:
    """What makes a passage readable on its own counts as said by it."""
    held = held_by([hit("zinc", title="Gout", section="Colchicine", lead_in="Beer:")])
    for text in ("zinc", "gout", "colchicine", "beer"):
        assert held.issuperset(words_of(text)[0].terms)
    assert held_by([]) == frozenset()


def test_a_percent_sign_is_read() -> None:
    """A passage with "12 %" holds a percentage."""
    (word,) = words_of("percentage")
    assert held_by([hit("It was 12 %.")]).issuperset(word.terms)
    assert held_by([hit("It was 12.")]).isdisjoint(word.terms)


@given(st.text(max_size=200))
def test_words_come_back_as_they_stand(text: str) -> None:
    """Every word is a piece of the text, in order."""
    at = 0
    for word in words_of(text):
        at = text.index(word.text, at) + len(word.text)
