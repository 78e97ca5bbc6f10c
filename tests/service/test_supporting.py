"""The words of a quote that the question asks about."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Span
from index.lexical import terms
from index.retriever import Query
from service.supporting import supporting

QUESTIONS = st.sampled_from(
    [
        "How much prednisone is given, and when?",
        "Is shortness of breath typical?",
        "What is the incidence of relapse?",
        "Which drugs?",
        "",
    ]
)
PIECES = st.sampled_from(
    "Prednisone dyspnoea short breath of shortness relapses drugs 5 0.5 mg/kg/day mg % twelve "
    "months per 100,000 a day KL-6 β2 10 twice daily -".split()
)
GAPS = st.sampled_from([" ", "\n", "-", "; ", " to ", "", "/", "\u00a0"])
TEXTS = st.lists(st.tuples(PIECES, GAPS), min_size=1, max_size=15).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


def marked(question: str, text: str, *, carried: str = "") -> list[str]:
    """Return the words marked in the whole of a text."""
    query = Query(own=question, carried=carried)
    return [span.of(text) for span in supporting(query, text, Span(start=0, end=len(text)))]


@given(QUESTIONS, TEXTS | st.text(min_size=1), st.data())
def test_spans_are_whole_words_of_the_quote_in_order(
    question: str, text: str, data: st.DataObject
) -> None:
    """Inside the quote, sorted, not overlapping, and never a part of a word of the quote."""
    start = data.draw(st.integers(0, len(text) - 1))
    quote = Span(start=start, end=data.draw(st.integers(start + 1, len(text))))
    spans = supporting(Query(own=question), text, quote)
    words = quote.of(text)
    for span in spans:
        assert quote.start <= span.start < span.end <= quote.end
        for place in (span.start - quote.start, span.end - quote.start):
            assert not words[place - 1 : place + 1].isalnum() or not 0 < place < len(words)
    assert all(one.end < two.start for one, two in pairwise(spans))


@given(QUESTIONS, TEXTS)
def test_every_shared_term_is_marked(question: str, text: str) -> None:
    """What the question and the quote share is found again in the words that are marked."""
    shared = set(terms(question)) & set(terms(text))
    assert shared <= set(terms(" ; ".join(marked(question, text))))


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("Does prednisone help?", "Prednisone helps; it works.", ["Prednisone helps"]),
        (
            "Is dyspnoea typical?",
            "Shortness of breath, dyspnea.",
            ["Shortness of breath", "dyspnea"],
        ),
        ("Is it short of breath?", "She had dyspnoea.", ["dyspnoea"]),
        ("What is a buffalo hump?", "Nothing of that is here.", []),
    ],
)
def test_shared_words_are_marked_in_any_form(question: str, text: str, words: list[str]) -> None:
    """Stems, spellings and synonyms count; neighbours are one span."""
    assert marked(question, text) == words


def test_words_of_earlier_turns_count() -> None:
    """What a follow-up question leaves out is marked as if it had been said."""
    text = "Prednisone is tapered."
    assert marked("And tapered?", text) == ["tapered"]
    assert marked("And tapered?", text, carried="prednisone") == ["Prednisone", "tapered"]


@pytest.mark.parametrize(
    ("question", "quantities"),
    [
        ("How long is it given?", True),
        ("What dose of prednisone?", True),
        ("When does it end?", True),
        ("Which drug is given?", False),
        ("Does prednisone work?", False),
    ],
)
def test_numbers_are_marked_when_a_quantity_is_asked_for(question: str, quantities: bool) -> None:  # noqa: FBT001
    """A number with its unit bears on "how long" or "what dose", and on nothing else."""
    text = "It starts at 0.5–1 mg/kg/day and lasts six to twelve months."
    found = {"0.5–1 mg/kg/day", "six to twelve months"} & set(marked(question, text))
    assert len(found) == (2 if quantities else 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("6 to 7 per 100,000 admissions", ["6 to 7 per 100,000"]),
        ("in 34% (13 of 38)", ["34%"]),
        ("10 mg twice daily", ["10 mg twice daily"]),
        ("a 5-year span", ["5-year"]),
        ("KL-6 and IL-2 mgs", []),
        ("seen in 2020 and in 5 mice", []),
        ("the 12 relapses", ["12 relapses"]),
    ],
)
def test_a_number_needs_a_unit_or_a_word_of_the_question(text: str, words: list[str]) -> None:
    """Years and names with numbers are no quantities; a count stands before what was asked for."""
    assert marked("How many relapses?", text) == words
