import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Callout, Span
from ingest.bare_citations import candidates, citable, take_bare
from ingest.citations import Cut, Taken, expand, take, take_bracketed

PIECES = (
    "relapse was in type stage months week 3 5 12 1, 2 1-3 60% <3 (n=4) IPF 3. No. and. drug. mg "
    "[1] [2, 3] [sic] ([4]) [1]–[3] COVID-19 The Gy 2012 1,000 1. 2."
)
WORDS = st.lists(st.sampled_from(PIECES.split()), max_size=25).map(" ".join)
NUMBERS = st.lists(st.integers(1, 999), max_size=3, unique=True)


@pytest.mark.parametrize(
    ("text", "kept", "numbers"),
    [
        ("It relapses [1].", "It relapses.", (1,)),
        ("It relapses.[1] Then", "It relapses. Then", (1,)),
        ("It relapses [1, 2]", "It relapses", (1, 2)),
        ("It relapses [1-3]", "It relapses", (1, 2, 3)),
        ("It relapses [1–3, 5]", "It relapses", (1, 2, 3, 5)),
        ("It relapses [1] [2].", "It relapses.", (1, 2)),
        ("It relapses [1], [2].", "It relapses.", (1, 2)),
        ("It relapses [1]–[3].", "It relapses.", (1, 2, 3)),
        ("It relapses ([1, 2]) often", "It relapses often", (1, 2)),
        ("It relapses [[1]]", "It relapses", (1,)),
        ("Rate [95% CI 1-3] [2]", "Rate [95% CI 1-3]", (2,)),
    ],
)
def test_bracketed_numbers_are_taken_out(text: str, kept: str, numbers: tuple[int, ...]) -> None:
    """The numbers go with their brackets and the white space before them."""
    taken = take_bracketed(text)
    assert taken.text == kept
    assert [c.numbers for c in taken.callouts] == [numbers]


@pytest.mark.parametrize(
    "text",
    [
        "He wrote [sic] so",
        "Ratio 2 [95% CI 1-3]",
        "Ratio 2 (95% CI [1, 3])",
        "a range [1-3]",
        "benzo[1]pyrene",
        "[1] opens the line",
        "backwards [3-1]",
        "in [2020] and [0]",
        "empty [] and [,]",
    ],
)
def test_other_brackets_stay(text: str) -> None:
    """Words, intervals, years and a bracket with nothing to cite for are text."""
    assert take_bracketed(text) == Taken(text=text)


def test_protected_stretches_stay() -> None:
    """Code keeps its brackets."""
    text = "see x [1] and y [2]"
    taken = take_bracketed(text, protected=[Span(start=4, end=9)])
    assert taken == Taken(text="see x [1] and y", callouts=(Callout(at=15, numbers=(2,)),))


@pytest.mark.parametrize(
    ("text", "kept", "numbers"),
    [
        ("triggers can be identified. 1, 2", "triggers can be identified.", (1, 2)),
        ("distal airspaces 2", "distal airspaces", (2,)),
        ("bone marrow (or organ) 5, 4", "bone marrow (or organ)", (5, 4)),
        ("foci in IPF 3.", "foci in IPF.", (3,)),
        ("short (median <3 months) 1", "short (median <3 months)", (1,)),
        ("approximately 60% of cases 5", "approximately 60% of cases", (5,)),
        ("seen in 60% 5", "seen in 60%", (5,)),
        ("effusions in 10-30% of cases 1", "effusions in 10-30% of cases", (1,)),
        ("needed for several months 5", "needed for several months", (5,)),
        ("lasting weeks to months 1, 4", "lasting weeks to months", (1, 4)),
        ("many risk factors 1, 4", "many risk factors", (1, 4)),
        ("usual at this stage 3", "usual at this stage", (3,)),
        ("one large study 2", "one large study", (2,)),
        ("after COVID-19 3", "after COVID-19", (3,)),
        ("shown by Smith et al. 5", "shown by Smith et al.", (5,)),
        ("20 mg daily 1–3", "20 mg daily", (1, 2, 3)),
        ("It heals. 2 Relapse follows", "It heals. Relapse follows", (2,)),
        ("It fell by 12%. 1, 2", "It fell by 12%.", (1, 2)),
        ("grew since 2012. 5", "grew since 2012.", (5,)),
        ("Several drugs do so 4:", "Several drugs do so:", (4,)),
    ],
)
def test_bare_citations_are_taken_out(text: str, kept: str, numbers: tuple[int, ...]) -> None:
    """At the end of a finished statement a small number cites."""
    taken = take_bare(text, highest=6)
    assert taken.text == kept
    assert [c.numbers for c in taken.callouts] == [numbers]


@pytest.mark.parametrize(
    "text",
    [
        "The dose was 5",
        "The dose was 5.",
        "it lasted 3 weeks",
        "frequent in type 2",
        "antibodies of grade 3",
        "Stage 4",
        "on day 3",
        "at weeks 2, 4",
        "given in phase 3.",
        "a lack of factor 5",
        "as shown in Table 2",
        "see Fig. 3",
        "Patient No. 5",
        "in study 2",
        "interleukin 6",
        "SARS-CoV 2",
        "vitamin D 3",
        "p < 5",
        "n = 4",
        "a score of 4",
        "ratio: 2",
        "between 3 and 5",
        "in about 5",
        "since 2012 5",
        "a cost of 1,200",
        "a value of 1.5",
        "aged 2-5",
        "It fell. 5 Gy were given",
        "Do this: 1. Wash 2. Dry 3. Go",
        "Causes include 1. Infection 2. Drugs",
        "cases 60",
        "5",
        "5, 4",
    ],
)
def test_quantities_and_labels_stay(text: str) -> None:
    """A number that belongs to the word before it is never taken for a citation."""
    assert take_bare(text, highest=6) == Taken(text=text)


def test_the_range_grows_by_numbers_that_the_page_cites_in_turn() -> None:
    """A list of five and a cited 6 make 6 citable; a lone 60 stays a quantity."""
    found = [c for text in ("It is. 1, 2", "so 6", "then 60") for c in candidates(text)]
    assert citable(found, listed=5) == 6
    assert citable(found, listed=0) == 2


@pytest.mark.parametrize(
    "texts", [(), ("He bought apples 5",), ("apples 1",), ("apples 1", "pears 2")]
)
def test_a_page_that_shows_no_house_style_cites_nothing(texts: tuple[str, ...]) -> None:
    """One or two lone numbers at the end of a line are no proof of citing."""
    assert citable((c for text in texts for c in candidates(text)), listed=9) == 0


def test_a_numbered_list_makes_every_number_of_it_citable() -> None:
    """Where the list prints numbers, even one cited number follows the house style."""
    assert citable(candidates("apples 1"), listed=9, numbered=True) == 9


def test_ranges_run_forwards() -> None:
    """`1–3` is three numbers, `3-1` is no citation."""
    assert expand("1–3, 5,2") == (1, 2, 3, 5)
    assert expand("3-1") is None


def test_neighbours_at_one_place_become_one_callout() -> None:
    """Each number is named once there, in the printed order."""
    cuts = [Cut(start=1, end=3, numbers=(2,)), Cut(start=3, end=5, numbers=(1, 2))]
    assert take("a 2 1.", cuts) == Taken(text="a.", callouts=(Callout(at=1, numbers=(2, 1)),))


@given(text=st.text() | WORDS)
def test_taking_brackets_loses_nothing_else(text: str) -> None:
    """All characters that no citation is made of stay, in order."""
    taken = take_bracketed(text)
    signs = re.compile(r"[\d\s,;()\[\]–—-]")
    assert signs.sub("", taken.text) == signs.sub("", text)
    assert all(0 < c.at <= len(taken.text) for c in taken.callouts)


@given(
    pieces=st.lists(
        st.tuples(st.from_regex(r"[a-z]{1,6}[.%]?", fullmatch=True), NUMBERS), min_size=1
    )
)
def test_every_bracketed_citation_is_found_where_it_stood(
    pieces: list[tuple[str, list[int]]],
) -> None:
    """Words and citations in turn come back as the words and their callouts."""
    printed = " ".join(f"{word} {numbers}" if numbers else word for word, numbers in pieces)
    taken = take_bracketed(printed)
    assert taken.text == " ".join(word for word, _ in pieces)
    assert [c.numbers for c in taken.callouts] == [tuple(n) for _, n in pieces if n]


@given(text=st.text() | WORDS, highest=st.integers(0, 999))
def test_taking_bare_numbers_loses_nothing_else(text: str, highest: int) -> None:
    """What is taken is digits, commas, dashes and white space; each callout says which."""
    taken = take_bare(text, highest=highest)
    signs = re.compile(r"[\d\s,–-]")
    assert signs.sub("", taken.text) == signs.sub("", text)
    assert all(number <= highest for c in taken.callouts for number in c.numbers)
    removed = "".join(text[c.start : c.end] for c in candidates(text) if max(c.numbers) <= highest)
    assert len(taken.text) + len(removed) == len(text)
    assert re.fullmatch(r"(\s\d{1,3}([-–]\d{1,3})?(,\s?\d{1,3}([-–]\d{1,3})?)*)*", removed)


@given(text=WORDS, numbers=st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True))
def test_citations_after_a_full_stop_come_back_whole(text: str, numbers: list[int]) -> None:
    """Numbers printed after a sentence's end are exactly the last callout."""
    sentence = f"{text} is well known."
    taken = take_bare(f"{sentence} {', '.join(map(str, numbers))}", highest=6)
    assert taken.text.endswith("is well known.")
    assert taken.callouts[-1] == Callout(at=len(taken.text), numbers=tuple(numbers))
