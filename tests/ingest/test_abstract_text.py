"""Texts of reference files."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.abstract_text import abstract_drafts, plain_line

PIECES = (
    "BACKGROUND: ",
    "Methods: ",
    "RESULTS: ",
    "COPD: ",
    "It fell. ",
    "<p>",
    "</p>",
    "\n\n",
    "5 ",
)


def drafts(text: str) -> list[tuple[str, str]]:
    return [(draft.kind, draft.text) for draft in abstract_drafts(text)]


@pytest.mark.parametrize(
    "text",
    [
        "BACKGROUND: One label is no structure.",
        "We saw this. METHODS: Late. RESULTS: Labels that do not open the text.",
        "AIM: Mixed. Results: writing is a sentence's colon.",
        "We had these results: three fell. Then methods: none.",
        "FEV1: low. COPD: high. These are no labels.",
        "Methods: a. methods: b is a word of the sentence.",
    ],
)
def test_an_uncertain_label_parts_nothing(text: str) -> None:
    """One paragraph stays one, as it was written."""
    assert drafts(text) == [("paragraph", text)]


def test_certain_labels_become_headings() -> None:
    """In capitals or with one capital; what no journal uses stays in its paragraph."""
    assert drafts("Background/Aims: One. COPD: two. Conclusions : Three.") == [
        ("heading", "Background/Aims"),
        ("paragraph", "One. COPD: two."),
        ("heading", "Conclusions"),
        ("paragraph", "Three."),
    ]


def test_titles_of_a_tagged_abstract_are_headings() -> None:
    """Any title is one, but for the title of the whole."""
    text = "<title>Abstract</title><p>First.</p><jats:title>What we add</jats:title>Second."
    assert drafts(text) == [
        ("paragraph", "First."),
        ("heading", "What we add"),
        ("paragraph", "Second."),
    ]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_word_is_lost(text: str) -> None:
    """Headings and paragraphs together hold every word in its order."""
    words = re.findall(r"\w+", re.sub(r"</?p>", " ", text))
    stored = " ".join(draft.text for draft in abstract_drafts(text))
    assert re.findall(r"\w+", stored) == words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("&alpha; &#946; &unknown; R&D", "α β &unknown; R&D"),
        ("&amp;lt;", "&lt;"),
        ("a\x00b\x1b[31m\u202ec", "a b[31mc"),
    ],
)
def test_only_inline_markup_is_resolved(text: str, plain: str) -> None:
    """What is no tag of a reference file is text, and nothing in it steers a terminal."""
    assert plain_line(text) == plain


@pytest.mark.parametrize("hostile", ["<i ", "<title>", "&#9", "\n ", "<sup>", "A: "])
def test_long_broken_markup_is_read_in_no_time(hostile: str) -> None:
    """No text makes the patterns slow."""
    assert isinstance(abstract_drafts(hostile * 30_000), tuple)
