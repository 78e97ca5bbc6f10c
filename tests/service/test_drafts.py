"""A model's text becomes sentences with their evidence numbers; nothing printed is lost."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.drafts import MAX_SENTENCE_CHARS, DraftReader, DraftSentence, drafted


def read(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """Return texts and numbers."""
    return [(s.text, s.markers) for s in drafted(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It fell [1].", [("It fell.", (1,))]),
        ("It fell. [1] It rose. [2]", [("It fell.", (1,)), ("It rose.", (2,))]),
        ("It fell.[1] It rose.[2]", [("It fell.", (1,)), ("It rose.", (2,))]),
        ("It fell.[1]It rose.", [("It fell.", (1,)), ("It rose.", ())]),
        ("It fell [1][2][1].", [("It fell.", (1, 2))]),
        ("It fell [1, 3].", [("It fell.", (1, 3))]),
        ("It fell [1], [3] and [4].", [("It fell.", (1, 3, 4))]),
        ("It fell [1-3].", [("It fell.", (1, 2, 3))]),
        ("It fell [1–3; 7].", [("It fell.", (1, 2, 3, 7))]),
        ("It fell [1] and rose [2].", [("It fell and rose.", (1, 2))]),
        ("It fell.\n[1]\n[2]\nIt rose.", [("It fell.", (1, 2)), ("It rose.", ())]),
        ("[2] It fell.", [("It fell.", (2,))]),
        ("It fell (see [1]).", [("It fell.", (1,))]),
        ("It **fell** [1].", [("It fell.", (1,))]),
        ("It fell [1](https://example.org/a).", [("It fell.", (1,))]),
    ],
)
def test_markers_are_taken_out_and_kept(text: str, expected: list[tuple[str, object]]) -> None:
    """A marker belongs to the sentence that it stands in or follows, however it is written."""
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The ratio was 1.2 (95% CI [1.2, 3.4]).",
        "The ratio was 1.2 (95% CI [1, 3]).",
        "The median was 4 (IQR [2-6]).",
        "The smaller group [n = 12] did well.",
        "Free calcium [Ca2+] and [18F]FDG rose.",
        "One option (1) is rest, another (2) is heat.",
        "Give 2.5 mg, e.g. with water, as in Fig. 2 of Smith et al. in that paper.",
    ],
)
def test_other_brackets_and_stops_are_words(text: str) -> None:
    """Intervals, counts, ions, decimals and abbreviations neither cite nor end a sentence."""
    assert drafted(text) == (DraftSentence(text=text),)


@pytest.mark.parametrize(
    "marker",
    [
        "[0]",
        "[123456]",
        "[3-1]",
        "[1-500]",
        "[Evidence 2]",
        "[source: 2]",
        "【1†a】",
        "[٣]",
        "[１]",
        "[-1]",
        "[citation needed]",
        "[]",
        "[^2]",
    ],
)
def test_what_names_no_evidence_is_reported(marker: str) -> None:
    """A marker that cannot be resolved leaves the text and is kept as printed."""
    (sentence,) = drafted(f"It fell {marker}.")
    assert (sentence.text, sentence.markers, sentence.foreign) == ("It fell.", (), (marker,))


def test_numbers_beyond_the_evidence_are_reported() -> None:
    """With three pieces of evidence, 4 is foreign and 3 is not."""
    (sentence,) = drafted("It fell [3, 4].", known=3)
    assert (sentence.markers, sentence.foreign) == ((3,), ("[3, 4]",))


def test_a_list_item_stands_behind_what_introduces_it() -> None:
    """An item alone says nothing; it takes the line before, and its numbers when it has none."""
    text = "Warning signs include [1]:\n\n- old age\n2. anaemia [2].\n\nRest helps [3]."
    assert read(text) == [
        ("Warning signs include: old age", (1,)),
        ("Warning signs include: anaemia.", (2,)),
        ("Rest helps.", (3,)),
    ]


def test_a_lead_in_without_a_list_is_a_sentence_when_it_cites() -> None:
    """What carries a number is never lost."""
    assert read("It includes [1]:\n\nRest.") == [("It includes:", (1,)), ("Rest.", ())]


def test_what_is_no_statement_is_left_out() -> None:
    """Greetings, headings, rules and code fences are not sentences of an answer."""
    text = (
        "Sure! Here is the answer:\n\n## Dose\n\n**Treatment**\n---\n```text\n"
        "Answer: It fell [1].\n"
        "```\nI hope this helps!"
    )
    assert read(text) == [("It fell.", (1,))]


@pytest.mark.parametrize(
    "line", ["NOT IN THE EVIDENCE", "**Not in the evidence.**\n", "- NOT IN THE EVIDENCE [1]"]
)
def test_that_the_evidence_does_not_answer_is_a_value(line: str) -> None:
    """The agreed line is recognised, and is no text to show."""
    (sentence,) = drafted(line)
    assert sentence.declines
    assert sentence.text == ""


def test_a_line_break_within_a_sentence_is_white_space() -> None:
    """A sentence that goes on in small letters is one sentence."""
    assert read("Apixaban is not\nsuitable here [1].") == [("Apixaban is not suitable here.", (1,))]


def test_a_model_that_never_stops_is_cut() -> None:
    """No sentence grows without bound, and none of its words is lost."""
    sentences = drafted("word " * 3000)
    assert max(len(s.text) for s in sentences) <= MAX_SENTENCE_CHARS
    assert sum(s.text.count("word") for s in sentences) >= 2999


def test_a_sentence_is_given_as_soon_as_it_is_complete() -> None:
    """A stream shows the first sentence when the second begins, not at the end."""
    reader = DraftReader()
    assert reader.feed("It fell [1]. ") == ()
    assert [s.text for s in reader.feed("It")] == ["It fell."]
    assert [s.text for s in (*reader.feed(" rose [2]."), *reader.finish())] == ["It rose."]


PIECES = st.sampled_from(
    [
        "It fell",
        " by 2.5 mg",
        ".",
        ". ",
        " [1]",
        "[2]",
        "[1, 3]",
        "[0]",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "## Head",
        "**",
        "```\n",
        "e.g. ",
        "Fig. 2",
        " [n = 12]",
        "CI [1, 2]",
        "NOT IN THE EVIDENCE",
        "Signs are:",
        "| a | b |",
        "|---|",
        " and",
        "a) ",
        "[",
        "]",
        "(",
        ")",
        "A",
        "b",
        "Sure! ",
        "【1】",
        "> ",
        "!",
        "…",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), st.lists(st.integers(0, 120), max_size=8))
def test_any_division_of_the_stream_reads_the_same(text: str, cuts: list[int]) -> None:
    """Where the pieces of a stream begin and end changes nothing."""
    places = sorted({0, len(text), *(min(c, len(text)) for c in cuts)})
    reader = DraftReader(known=3)
    found = [s for a, b in pairwise(places) for s in reader.feed(text[a:b])]
    found += reader.finish()
    assert tuple(found) == drafted(text, known=3)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_letter_by_letter_reads_the_same(text: str) -> None:
    """The smallest pieces give what the whole gives."""
    reader = DraftReader()
    found = [s for letter in text for s in reader.feed(letter)] + list(reader.finish())
    assert tuple(found) == drafted(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.integers(1, 999))
def test_no_marker_is_lost(words: str, number: int) -> None:
    """Whatever stands around it, a marker at the end of a line is found."""
    found = drafted(f"{words.replace('[', '').replace('【', '')}\nIt fell [{number}].")
    assert any(number in s.markers for s in found) or any(s.declines for s in found)
