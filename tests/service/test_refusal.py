"""How a refusal is worded, and what it shows."""

from dataclasses import replace
from typing import get_args

import pytest

from corpus.answers import RefusalReason
from corpus.records import passages_of
from index.lexical import LexicalIndex
from index.reading.reading import Reading
from index.retriever import Hit, Query
from service.refusal import (
    NEAR_AT,
    RARE_COUNT,
    UNSUPPORTED_SHOWN,
    deals_with,
    rare_in,
    refuse,
    unsupported_words,
)
from tests.fakes import document_of
from tests.service.cases import reading_of

REASONS: tuple[RefusalReason, ...] = get_args(RefusalReason)


def readings(count: int) -> list[Reading]:
    """Return this many readings, the best first."""
    documents = [document_of(f"text-{n}", f"Fact number {n}.") for n in range(count)]
    return [reading_of(d, "Fact", score=1 / (n + 3)) for n, d in enumerate(documents)]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_worded(reason: RefusalReason) -> None:
    """Each reason has one line of its own."""
    refusal = refuse(reason)
    assert refusal.reason == reason
    assert refusal.message.endswith(".")
    assert "\n" not in refusal.message
    assert [refuse(other).message for other in REASONS].count(refusal.message) == 1


def test_at_most_three_units_are_shown_best_first() -> None:
    """The nearest are the first readings, each with its own text and score."""
    refusal = refuse("beyond_corpus", readings(5))
    assert [near.quote for near in refusal.nearest] == [f"Fact number {n}." for n in range(3)]
    assert [near.passage_id for near in refusal.nearest] == [f"text-{n}@0-14" for n in range(3)]
    assert [near.score for near in refusal.nearest] == [0.3333, 0.25, 0.2]


def test_nothing_near_is_nothing_shown() -> None:
    """Without readings, or without a search, nothing is near."""
    assert refuse("beyond_corpus", readings(0)).nearest == ()
    assert refuse("empty").nearest == ()


def test_what_to_ask_instead_is_passed_on() -> None:
    """The questions that would be answered come with the refusal."""
    assert refuse("beyond_corpus", readings(1), ("What is zinc?",)).try_asking == ("What is zinc?",)


# What found no support


def hits(*texts: str) -> tuple[Hit, ...]:
    """Return hits with these texts."""
    documents = [document_of(f"text-{n}", text) for n, text in enumerate(texts)]
    passages = [passages_of(document)[0] for document in documents]
    return tuple(
        Hit(passage=passage, rank=n, score=1.0, bm25=1.0, cosine=1.0)
        for n, passage in enumerate(passages, start=1)
    )


def unsupported(own: str, *texts: str, rare: bool = True) -> tuple[str, ...]:
    """Return the words of a question that none of these texts holds."""
    return unsupported_words(Query(own=own), hits(*texts), lambda _term: rare)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Does inhaled budesonide help in gout?", ("inhaled budesonide",)),
        ("Is Zinc or Copper used for gout?", ("Zinc", "Copper")),
        ("What dose of colchicine is usually recommended in gout?", ("dose",)),
        ("How does colchicine calm gout?", ()),
        ("Does colchicine, zinc and gold calm gout?", ("zinc", "gold")),
        ("Zinc or zinc in gout?", ("Zinc", "zinc")),
        ("Which blood pressure in gout?", ("blood pressure",)),
        ("How long?", ()),
    ],
)
def test_words_without_support_are_named_as_typed(question: str, named: tuple[str, ...]) -> None:
    """In order, neighbours together; words that only ask and words that stand there are not."""
    assert unsupported(question, "Colchicine calms gout.", "Blood was drawn.") == named


def test_a_synonym_is_support() -> None:
    """What the passage says in other words, or spells otherwise, is there."""
    assert unsupported("Is there dyspnoea?", "Shortness of breath is common.") == ()
    assert unsupported("Is there an oedema?", "Edema is common.") == ()


def test_a_common_word_is_not_named() -> None:
    """What many passages of the library hold may well stand further down."""
    assert unsupported("Does zinc help?", "Colchicine calms gout.", rare=False) == ()


def test_only_so_many_words_are_named() -> None:
    """The message stays short."""
    metals = "zinc, copper, gold, silver, tin, nickel, cobalt"
    assert len(unsupported(f"Do {metals} help?", "Gout.")) == UNSUPPORTED_SHOWN


def test_a_term_is_rare_up_to_a_count() -> None:
    """In a small library a count decides; a term that nothing holds is rare."""
    lexical = LexicalIndex.build(["zinc"] * RARE_COUNT + ["gout"] * (RARE_COUNT + 1))
    is_rare = rare_in(lexical)
    assert [is_rare(term) for term in ("zinc", "gout", "gold")] == [True, False, True]


@pytest.mark.parametrize("reason", ["beyond_corpus", "not_in_these_sources"])
def test_the_message_names_the_words(reason: RefusalReason) -> None:
    """The reader is told what was not found, in the record and in the message."""
    refusal = refuse(reason, readings(1), (), ("inhaled budesonide", "zinc"))
    assert refusal.unsupported == ("inhaled budesonide", "zinc")
    assert refusal.message.endswith("Nothing here was found on: inhaled budesonide, zinc.")
    assert refusal.nearest


def test_without_such_words_the_message_does_not_claim_any() -> None:
    """Where every word is there, only the missing sentence is spoken of."""
    message = refuse("not_in_these_sources", readings(1)).message
    assert message.endswith("but no sentence was found that answers this.")


@pytest.mark.parametrize(("cosine", "deals"), [(NEAR_AT, True), (NEAR_AT - 0.001, False)])
def test_sources_deal_with_a_subject_that_a_passage_comes_near_to(
    cosine: float,
    deals: bool,  # noqa: FBT001
) -> None:
    """The nearest passage decides; without one nothing is dealt with."""
    far = replace(hits("Zinc.")[0], cosine=0.0)
    assert deals_with([far, replace(far, cosine=cosine)]) is deals
    assert not deals_with([])


# Emergencies


def test_an_emergency_gets_nothing_but_words_of_help() -> None:
    """No passages, no questions to try, whatever was found."""
    refusal = refuse("emergency", readings(3), ("What is zinc?",), ("zinc",), question="Help!")
    assert (refusal.nearest, refusal.try_asking, refusal.unsupported) == ((), (), ())
    assert "emergency number now" in refusal.message


def test_self_harm_is_answered_in_its_own_words() -> None:
    """Somebody who wants to die is spoken to otherwise than somebody with chest pain."""
    body = refuse("emergency", question="I have crushing chest pain").message
    life = refuse("emergency", question="I want to kill myself").message
    assert body == refuse("emergency").message
    assert "crisis line" in life
    assert "emergency number" in life
    assert "crisis line" not in body
    # its first sentence alone is an accident
    both = "She took all her pills. She says she wants to be gone."
    assert refuse("emergency", question=both).message == life
