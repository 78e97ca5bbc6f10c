"""Where the terms of a text stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import stems, terms
from index.term_spans import term_spans

WORDS = st.sampled_from(
    "Shortness short of breath dyspnoea febrile fever heart attack myocardial infarction the and "
    "KL-6 haemoglobin İstanbul β-blocker ΟΔΟΣ 5 mg/kg naïve".split()
)
GAPS = st.sampled_from([" ", "  ", ", ", "\n", "-", "/", " (", ") ", "’", "."])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=12).map(lambda p: "".join(w + g for w, g in p))


@given(TEXTS | st.text())
def test_the_terms_are_those_that_a_text_is_searched_by(text: str) -> None:
    """Same terms, same order: a word that is marked is one that counted."""
    assert [found.term for found in term_spans(text)] == terms(text)


# A capital sigma is written in lower case by what stands around it, so it does not read alone.
@given((TEXTS | st.text()).filter(lambda text: "Σ" not in text))
def test_a_span_is_what_its_term_was_read_from(text: str) -> None:
    """Inside the text, and reading the span alone gives the term again."""
    for found in term_spans(text):
        assert 0 <= found.span.start < found.span.end <= len(text)
        alone = found.span.of(text)
        assert found.term in [*terms(alone), *stems(alone)]


@pytest.mark.parametrize(
    ("text", "term", "words"),
    [
        ("Severe SHORTNESS of  breath at rest", "=dyspnoea", "SHORTNESS of  breath"),
        ("Is dyspnoea new?", "=dyspnoea", "dyspnoea"),
        ("İİ breath", "breath", "breath"),
    ],
)
def test_phrases_and_odd_characters_keep_their_place(text: str, term: str, words: str) -> None:
    """A phrase reaches from first word to last; a letter that grows in lower case is one."""
    (span,) = [found.span for found in term_spans(text) if found.term == term]
    assert span.of(text) == words
