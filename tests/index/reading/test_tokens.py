"""Questions and windows as tokens."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.tokens import END, MOST_QUESTION, MOST_WINDOW, START, Line, ReaderTokens

TOKENS = ReaderTokens()
words = st.text(alphabet="abc ,.é5%", max_size=60)


def test_a_question_stands_behind_the_title_and_the_earlier_ones() -> None:
    """`<s> title </s> earlier </s> question </s>`; without a title it is left out."""
    alone = TOKENS.question("", [], "gout?")
    assert (alone[0], alone[-1]) == (START, END)
    full = TOKENS.question("title", ["before"], "gout?")
    assert full.count(END) == 3
    assert full[-len(alone) + 1 :] == alone[1:]


def test_the_oldest_questions_give_way() -> None:
    """A long conversation is cut at its beginning, and never in the question itself."""
    turns = [f"question number {n} about something quite long" for n in range(20)]
    read = TOKENS.question("", turns, "and now?")
    assert len(read) <= MOST_QUESTION
    assert read == TOKENS.question("", turns[-read.count(END) + 1 :], "and now?")


@given(words, st.lists(words, max_size=5), words)
def test_a_question_never_grows_too_long(title: str, earlier: list[str], question: str) -> None:
    """Whatever is asked, at most MOST_QUESTION tokens, from START to END."""
    read = TOKENS.question(title, earlier, question)
    assert len(read) <= MOST_QUESTION
    assert (read[0], read[-1]) == (START, END)


@given(st.lists(st.builds(Line, text=words, judged=st.booleans()), max_size=12))
def test_every_judged_line_has_its_place(lines: list[Line]) -> None:
    """Places are in order, apart, end in a separator, and there is one for each judged line."""
    window = TOKENS.window(lines)
    assert len(window.units) == sum(line.judged for line in lines)
    places = [place for place in window.units if place is not None]
    assert places == sorted(places)
    assert all(a[1] <= b[0] for a, b in pairwise(places))
    assert all(window.ids[end - 1] == END for _, end in places)


def test_lines_without_room_are_left_out_from_the_first_on() -> None:
    """A window of ten lines of 80 tokens keeps three and says so of the others."""
    window = TOKENS.window([Line(text="word " * 80)] * 10)
    assert len(window.ids) <= MOST_WINDOW
    assert [place is not None for place in window.units] == [True] * 3 + [False] * 7


@pytest.mark.parametrize("text", ["</s>", "<mask>", "<s> a </s>"])
def test_no_text_can_forge_a_separator(text: str) -> None:
    """What looks like a special token in a source stays words."""
    assert TOKENS.window([Line(text=text)]).ids.count(END) == 1
    assert TOKENS.question("", [], text).count(END) == 1
