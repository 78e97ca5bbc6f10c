"""Answers as text for chat clients: what stands in them, and that nothing of it comes to life."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from service.chat_texts import answer_text, closing, inert, statement_text

ALIVE = {"image", "link_open", "html_inline", "html_block", "softbreak", "hardbreak"}
# Texts made of what means something to Markdown, besides any text at all.
PIECES = [
    "!",
    "[",
    "]",
    "(",
    ")",
    ":",
    "<",
    ">",
    "\\",
    "a",
    "img",
    "/",
    "!--",
    "http://x",
    "\n",
    "?",
]
MARKED = st.lists(st.sampled_from([*PIECES, " ", "1"]), max_size=14).map("".join)


def refusal(**more: Any) -> dict[str, Any]:
    """Return a record that refuses."""
    said = {"reason": "beyond_corpus", "message": "Nothing.", "nearest": [], "try_asking": []}
    return {"audience": "clinician", "statements": [], "references": [], "notices": []} | {
        "refusal": said | more
    }


@settings(deadline=None)
@example("\\<img>")
@example("\\\\<img>")
@example("\\![a](b)")
@given(st.one_of(MARKED, st.text()))
def test_nothing_in_a_text_comes_to_life(text: str) -> None:
    """A Markdown reader finds no image, link or HTML, and no link that a later line defines."""
    source = f"{inert(text)} [1]\n\n{inert(text)}\n\n[a]"
    tokens = MarkdownIt("commonmark").parse(source)
    inside = [child for token in tokens for child in token.children or ()]
    assert not ALIVE & {token.type for token in (*tokens, *inside)}


@settings(deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "N"]) | st.sampled_from(" .,;%-/=()[]≥<")))
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    """Only a bracket behind a bracket, and a sign before a letter, are touched."""
    untouched = not any(sign in text for sign in ("](", "<")) and text == " ".join(text.split())
    assert not untouched or inert(text) == text


def test_a_list_keeps_its_lines_and_gets_its_markers() -> None:
    """Items stand below their lead-in, and the markers, each once, behind the last."""
    cited = [{"marker": 2}, {"marker": 1}, {"marker": 2}]
    text = "Triggers include:\n- amiodarone\n  - <b>interferon</b> beta"
    found = statement_text({"text": text, "citations": cited}, "clinician")
    shown = "Triggers include:\n- amiodarone\n  - \\<b>interferon\\</b> beta [1][2]"
    assert found == shown


def test_the_words_of_an_abbreviation_are_for_those_who_need_them() -> None:
    """A patient reads what it stands for, and finds it in the list of words; a clinician not."""
    use = {
        "start": 0,
        "end": 3,
        "text": "COP",
        "kind": "abbreviation",
        "meaning": "A lung disease.",
    }
    use["written_out"] = "cryptogenic organizing pneumonia"
    statement = {"text": "COP heals.", "citations": [{"marker": 1}], "terms": [use]}
    record = refusal() | {"refusal": None, "statements": [statement]}
    assert answer_text(record) == "COP heals. [1]"
    assert answer_text(record | {"audience": "patient"}) == (
        "COP (cryptogenic organizing pneumonia) heals. [1]\n\nWords explained:\n\n"
        "- COP (cryptogenic organizing pneumonia): A lung disease."
    )


def test_references_and_notices_follow() -> None:
    """In their order; an article of ours has its address where the site is known."""
    article = {
        "marker": 1,
        "kind": "article",
        "formatted": "Lungs. 2024.",
        "url": "/articles/lungs",
    }
    paper = {
        "marker": 2,
        "kind": "research",
        "formatted": "Ay B. Buds. 2020.",
        "url": "https://x.y",
    }
    record = refusal() | {"refusal": None, "references": [article, paper], "notices": ["[2] Gone."]}
    assert closing(record, "https://s.example") == (
        "References:\n\n1. Lungs. 2024. Available from: https://s.example/articles/lungs\n"
        "2. Ay B. Buds. 2020.\n\nNote: [2] Gone."
    )
    assert "Available" not in closing(record)


def test_how_sure_an_answer_is_stands_below_its_statements() -> None:
    """A line for that and one for what is missing, above the references; nothing comes to life."""
    paper = {"marker": 1, "kind": "research", "formatted": "Ay B. Buds. 2020."}
    record = refusal() | {
        "refusal": None,
        "statements": [{"text": "It heals.", "citations": [{"marker": 1}]}],
        "references": [paper],
        "confidence": 0.8,
        "missing": ["children", "<b>dose"],
    }
    assert answer_text(record) == (
        "It heals. [1]\n\n"
        "●●○ Likely the answer: about 80 in 100 such answers rest on the right text.\n\n"
        "Partly answered: nothing here on children, \\<b>dose.\n\n"
        "References:\n\n1. Ay B. Buds. 2020."
    )


def test_a_refusal_shows_what_came_near() -> None:
    """Each passage with its place, cut where it is long, and the questions to ask instead."""
    near = [
        {"passage_id": "a@0-5", "quote": "word " * 100, "title": "Lungs", "section": "Repair"},
        {"passage_id": "b@0-5", "quote": "short", "title": "", "section": None},
    ]
    text = closing(refusal(nearest=near, try_asking=["What heals?", "How long?"]))
    assert text.startswith(
        "Nothing.\n\n○○○ The sources do not deal with this.\n\n"
        "Nearest passages (they do not answer the question):\n\n"
    )
    assert "word …”\n> — Lungs, Repair (a@0-5)\n\n> “short”\n> — b@0-5\n\n" in text
    assert text.endswith("Try asking:\n\n- What heals?\n- How long?")


@pytest.mark.parametrize("audience", ["clinician", "patient"])
def test_an_emergency_is_its_message_alone(audience: str) -> None:
    """Whatever else a record might hold, only help is named."""
    near = [{"passage_id": "a@0-5", "quote": "x", "title": "", "section": None}]
    record = refusal(reason="emergency", message="Call 112.", nearest=near, try_asking=["Why?"])
    record |= {"notices": ["Note"], "audience": audience}
    assert answer_text(record) == "Call 112."
