"""Replies of language models, in every form that was seen."""

import json
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.writing.reply import (
    MAX_REPLY_CHARS,
    MAX_SENTENCE_CHARS,
    ReplyReader,
    Sentence,
    read_reply,
)

PLAIN = '{"answered": true, "sentences": [{"text": "It relapses.", "units": ["u3", "u4"]}]}'
RELAPSES = Sentence(text="It relapses.", units=("u3", "u4"))


def replied(*texts: str) -> str:
    """Return a reply with these sentences, of which the first points at u1, and so on."""
    sentences = [{"text": text, "units": [f"u{n}"]} for n, text in enumerate(texts, start=1)]
    return json.dumps({"answered": True, "sentences": sentences})


def in_pieces(pieces: Sequence[str]) -> tuple[tuple[Sentence, ...], bool]:
    """Return what is read of a reply that comes in these pieces."""
    reader = ReplyReader()
    found = [sentence for piece in pieces for sentence in reader.feed(piece)]
    return (*found, *reader.finish()), reader.declined


@pytest.mark.parametrize(
    "reply",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"Here is the answer:\n\n{PLAIN}\n\nI hope that this helps [u9].",
        f"<think>The first one says so. [u7]</think>\n{PLAIN}",
        f'<reasoning>{{"answered": false, "sentences": []}}</reasoning>{PLAIN}',
        '{"sentences": [{"text": "It relapses.", "units": [3, "4"]}]}',
        '{"sentences": [{"text": "It relapses.", "units": "u3, u4"}]}',
        '{"sentences": [{"text": "It relapses.", "units": ["[u3]", "U04", "u3"]}]}',
        '{"sentences": [{"text": "It relapses. [u3][u4]", "units": []}]}',
        '{"sentences": [{"text": "It  relapses\\n(u3, u4).", "quotes": null}]}',
        '{"sentences": ["It relapses [u3, u4]."]}',
        '{"sentences" : [{"units": ["u3", "u4"], "text": "It relapses."}',
        "It relapses. [u3, u4]",
        "It relapses [u3][u4].",
        "It relapses 【u3】 (u4).",
        "It relapses. [3][4]",
        "It relapses. [u3 and u4]",
        "- It relapses. [u3, u4]",
        "> 2. **Nothing here.**\n> 3. It relapses. [u3; u4]",
        "```\nIt relapses. [u3, u4]\n```",
        "<think>Is it so? It heals. [u5]</think>It relapses. [u3, u4]",
    ],
)
def test_one_sentence_in_many_forms(reply: str) -> None:
    """However it is printed, it is the same sentence with the same ids."""
    assert read_reply(reply) == ((RELAPSES,), False)


def test_a_sentence_comes_as_soon_as_it_is_complete() -> None:
    """With the piece that ends it, not with the one that ends the reply."""
    reader = ReplyReader()
    first, second = PLAIN.split(', "units"')
    assert reader.feed(first) == []
    assert reader.feed(f', "units"{second[:-2]}') == [RELAPSES]
    assert reader.feed(', {"text": "It heals.", "units": ["u5"]}') == [
        Sentence(text="It heals.", units=("u5",))
    ]
    assert reader.feed("]}") == reader.finish() == []


def test_a_sentence_that_is_not_complete_does_not_come() -> None:
    """A reply that breaks off keeps those before it."""
    cut = replied("It relapses.", "It heals.")[:-12]
    assert [sentence.text for sentence in read_reply(cut)[0]] == ["It relapses."]
    assert read_reply("<think>It relapses. [u3]") == ((), False)


@pytest.mark.parametrize(
    "reply",
    [
        '{"answered": false, "sentences": []}',
        '{"answered":false}',
        '```json\n{"answered": false, "sentences": [{"text": "It heals.", "units": ["u1"]}]}\n```',
    ],
)
def test_what_declines_says_nothing(reply: str) -> None:
    """Sentences behind it are not read, and that it declines is told."""
    assert read_reply(reply) == ((), True)


def test_who_declines_at_the_end_has_said_the_sentences() -> None:
    """They may have been shown already; both are told."""
    reply = '{"sentences": [{"text": "It relapses.", "units": ["u3", "u4"]}], "answered": false}'
    assert read_reply(reply) == ((RELAPSES,), True)
    said = replied('They wrote "answered": false, no more.')
    assert read_reply(said)[1] is False


def test_quotes_come_with_their_sentence() -> None:
    """What is no text among them is left out."""
    row = {"text": "It heals.", "units": ["u1"], "quotes": ["it  heals", " ", 3]}
    (sentence,), _ = read_reply(json.dumps({"sentences": [row]}))
    assert sentence.quotes == ("it  heals",)


def test_words_that_name_no_unit_are_no_statement() -> None:
    """Of a line the last sentence before the ids is theirs."""
    said = "Let me see.\nIt is rare. It relapses [u3, u4]. That is all."
    assert read_reply(said) == ((RELAPSES,), False)


@pytest.mark.parametrize(
    "text",
    [
        "Give 5 - not 6 - mg at once.",
        "In (12) patients of 2019) it helped.",
        "It fell by 5 (95% CI [1, 2]) to 7.",
        "Since (2019) it is seldom given.",
        "Type u3 is a name.",
    ],
)
def test_words_stay_as_they_are_written(text: str) -> None:
    """Dashes, numbers in brackets and intervals are neither bullets nor ids."""
    wanted = ((Sentence(text=text, units=("u7",)),), False)
    assert read_reply(f"* {text} [u7]") == wanted
    assert read_reply(json.dumps({"sentences": [{"text": text, "units": ["u7"]}]})) == wanted


def test_ids_between_words_leave_a_space() -> None:
    """The words around them do not grow together."""
    reply = replied("Prednisone [u2] is given [u3] [u4] now.")
    assert read_reply(reply)[0] == (
        Sentence(text="Prednisone is given now.", units=("u1", "u2", "u3", "u4")),
    )


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"5 \mug of {it} \mu", r"5 \mug of {it} \mu"),
        (r"from a \uparrow b", r"from a \uparrow b"),
        (r"half: \\frac{1}{2}", r"half: \frac{1}{2}"),
        (r"it ends so \}", r"it ends so \}"),
        (r"\u00b5g", "µg"),
        (r"half a \ud83d face", "half a ? face"),
        ("a <think> b", "a <think> b"),
        ("two\nlines", "two lines"),
    ],
)
def test_odd_escapes_do_not_end_a_reply(written: str, text: str) -> None:
    """What JSON does not know is taken as written, and the next sentence comes."""
    reply = f'{{"sentences": [{{"text": "{written}", "units": ["u1"]}}, "It heals [u2]."]}}'
    found, _ = read_reply(reply)
    assert [(s.text, s.units) for s in found] == [(text, ("u1",)), ("It heals.", ("u2",))]
    assert in_pieces(list(reply))[0] == found


def test_what_is_too_long_is_not_read() -> None:
    """A sentence of 2,000 characters is one, one more is none; a reply ends at its limit."""
    longest = "x" * MAX_SENTENCE_CHARS
    assert MAX_SENTENCE_CHARS == 2000
    assert len(read_reply(replied(longest))[0]) == 1
    assert read_reply(replied(f"{longest}x", "It heals."))[0] == (
        Sentence(text="It heals.", units=("u2",)),
    )
    late = replied(*["y" * 1900] * 60, "It heals.")
    assert len(late) > MAX_REPLY_CHARS == 100_000
    assert len(read_reply(late)[0]) == 51
    assert in_pieces([late[:70_000], late[70_000:]]) == read_reply(late)


@pytest.mark.parametrize(
    "reply",
    [
        replied("It is" + " " * 90_000 + "so."),
        "It is" + " " * 90_000 + "so. [u1]",
        "It is" + "\n" * 90_000 + "so. [u1]",
        "[u1" + " " * 90_000 + "[u2",
        '{"sentences": [{"text": ' + "[" * 90_000,
        '{"sentences": [{"text": "' + "}" * 90_000,
        "{" * 90_000,
    ],
)
def test_a_reply_without_sense_is_read_in_no_time(reply: str) -> None:
    """Under a second, where a model repeats itself to its limit; it took minutes."""
    started = time.monotonic()
    read_reply(reply)
    assert time.monotonic() - started < 1.0


SNIPPETS = (
    '{"answered": true, "sentences": [',
    '{"answered": false, "sentences": [',
    '"sentences": [',
    '{"text": "It relapses.", "units": ["u3"]}',
    '{"text": "It \\mu {heals}", "units": [4], "quotes": ["it"]}',
    '{"text": "',
    '"units": ["u1"]}',
    '"It heals [u5]."',
    '], "answered": false}',
    "]}",
    ", ",
    "<think>",
    "</think>",
    "```json\n",
    "```",
    "- It relapses. [u3, u4]\n",
    "It heals. Yes [5].",
    "[u1",
    "\\",
    "\\\\",
    '\\"',
    "\\u00",
    "\ud83d",
    "\n",
)
REPLIES = st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=5), max_size=12).map("".join)


@given(REPLIES, st.lists(st.integers(0, 400), max_size=12))
def test_however_a_reply_is_cut_the_same_sentences_come(reply: str, cuts: list[int]) -> None:
    """Whole, character by character, or anyhow; nothing that a model writes raises."""
    whole = read_reply(reply)
    places = sorted({0, len(reply), *(cut for cut in cuts if cut < len(reply))})
    pieces = [reply[start:end] for start, end in pairwise(places)]
    assert in_pieces(pieces) == whole
    assert in_pieces(list(reply)) == whole
    for sentence in whole[0]:
        assert sentence.text == sentence.text.strip() != ""
        assert all(name[0] == "u" and name[1:].isdigit() for name in sentence.units)


WORDS = st.text(st.sampled_from("ab é“”\"'\\{}[],:µ-"), min_size=1, max_size=20).map(str.strip)


@given(st.lists(WORDS.filter(bool), min_size=1, max_size=4))
def test_what_is_written_in_the_form_is_read_back(texts: list[str]) -> None:
    """Any words, in order, each with its unit, white space aside."""
    found, declined = read_reply(replied(*texts))
    assert [s.text for s in found] == [" ".join(text.split()) for text in texts]
    assert [s.units for s in found] == [(f"u{n}",) for n in range(1, len(texts) + 1)]
    assert not declined
