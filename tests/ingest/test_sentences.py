import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.records import Span
from ingest.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    """Return the sentences of a text as text."""
    return [span.of(text) for span in sentence_spans(text)]


@pytest.mark.parametrize(
    "parts",
    [
        # a plain end
        ("It fell.", "It rose."),
        ("Did it fall?", "It did!", "Good."),
        ("It fell ...", "It rose."),
        ("It fell…", "It rose."),
        ("It fell.", "5 patients died."),
        ("Counts fell.", "≥5 rose.", "±3 stayed."),
        ("It fell.", "mRNA rose.", "pH fell."),
        ("It fell.", "Évian rose.", "Ωmega fell."),
        ("Item one.", "• Item two."),
        # abbreviations
        ("Lee et al. Reported it first.", "It fell."),
        ("Lee et al. reported it first.", "It fell."),
        ("Steroids vs. Placebo were compared.", "They won."),
        ("Some drugs, e.g. Amiodarone, harm.", "Others (e.g. Interferon) do too."),
        ("The cause, i.e. The trigger, is unknown.", "It may be a drug."),
        ("See Fig. 1.", "It shows buds."),
        ("See Figs. 1 and 2.", "They show buds."),
        ("See Fig. A.", "It shows buds."),
        ("Ask Dr. Smith.", "He knows."),
        ("Prof. Doe and Mrs. Roe agree.", "We do not."),
        ("See No. 5 of the list.", "It is short."),
        ("See pp. 5 to 9.", "They are short."),
        ("The answer was no.", "Five patients died."),
        ("The dose was at its max.", "Then it was cut."),
        ("Give max. 5 mg.", "Then wait."),
        ("Given i.v. Furosemide helps.", "It is quick."),
        ("Dose approx. 5 mg.", "Two are enough."),
        ("Several spp. Of fungi grow.", "They are rare."),
        ("At St. John it fell.", "Here it rose."),
        # numbers
        ("It fell (P = .05).", "It rose (p<.001)."),
        ("The difference was P = .05.", "It was small."),
        ("Effusions occur in 10-30% of cases.", "Fever is rarer."),
        ("It weighed 3.5 mg.", "The other weighed 4.5.", "A third did not."),
        ("The ratio was 1.2 (95% CI 0.9-1.5).", "It was no effect."),
        ("Version 2.0.", "Next."),
        # initials and names that end in a letter
        ("Take vitamin D.", "The dose is small."),
        ("Grown was S. aureus.", "It is common."),
        ("Grown was S. Aureus.", "It is common."),
        ("E. coli grew in two.", "They got well."),
        ("J. H. Smith wrote it.", "We read it."),
        ("Type B.", "It is rare."),
        ("This is hepatitis C.", "Treat it."),
        # citation numbers after the stop
        ("It fell.1", "It rose.2,3", "It stayed.4-6", "It ended."),
        ("It fell.[1]", "It rose.[2, 3]", "It stayed.[4–6]", "It ended."),
        ("It fell. [1]", "It rose. [2, 3]", "It stayed."),
        ("It fell.", "It rose. [4]"),
        ("“It fell.” [4]",),
        ("It fell by 5%.3", "It rose."),
        ("It fell (a lot).12", "It rose."),
        # quotes and brackets
        ("He said “it fell.”", "“It rose,” she said."),
        ('He said "it fell."', '"It rose," she said.'),
        ("It fell (see below.)", "(It rose.)", "[It stayed.]"),
        ("«It fell.»", "«It rose.»"),
        ("It fell (“a lot.”)", "It rose."),
        # no end
        ("It fell.it rose.",),
        ("It fell. it rose.",),
        ("No stop at all",),
        ("www.example.org is an address.", "Read it."),
    ],
)
@pytest.mark.parametrize("gap", [" ", "  ", "\n", "\t\n "])
def test_sentences_end_where_a_reader_ends_them(parts: tuple[str, ...], gap: str) -> None:
    """Joined by any white space, the sentences come apart exactly where they were joined."""
    assert sentences(gap.join(parts)) == list(parts)


@pytest.mark.parametrize("text", ["", " ", "\n\t \u00a0\n"])
def test_white_space_holds_no_sentence(text: str) -> None:
    """Where there is no word there is no sentence."""
    assert sentence_spans(text) == ()


@pytest.mark.parametrize("text", [".", "...", "?!", "A", "\u00a0A.\u2003"])
def test_whatever_is_not_white_space_is_in_a_sentence(text: str) -> None:
    """Stops without words are not lost, and no span has white space at its ends."""
    assert sentences(text) == [text.strip()]


medical = st.lists(
    st.sampled_from(
        "fell rose Dr. et al. e.g. Fig. No. 5 .05 10-30% vitamin D. S. aureus (see “so.” i.v. mg. "
        "end.1 end.2,3 [4] stop. stop? stop! … A B. α ≥ -- \n \n\n \t ) ] ” ...".split(" ")
    ),
    max_size=30,
).map(" ".join)
texts = st.one_of(medical, st.text(), st.text(alphabet='.!? \n"”)]1,A[a(b%…–'))


@given(texts)
@example("a. \x1cB")
@example("It fell.\u2003\u3000It rose.")
def test_spans_are_ordered_apart_and_stripped(text: str) -> None:
    """Each sentence starts after the one before it ends, and at both ends stands a character."""
    spans = sentence_spans(text)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(span.start < span.end for span in spans)
    assert all(span.of(text) == span.of(text).strip() for span in spans)


@given(texts)
@example("a. \x1cB")
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    """Every character that is not white space lies in a sentence."""
    covered = {i for span in sentence_spans(text) for i in range(span.start, span.end)}
    assert all(i in covered for i, character in enumerate(text) if not character.isspace())


@given(texts, st.integers(0, 10_000))
def test_an_offset_shifts_every_span(text: str, offset: int) -> None:
    """With an offset the same sentences lie that many characters further on."""
    shifted = tuple(Span(start=s.start + offset, end=s.end + offset) for s in sentence_spans(text))
    assert sentence_spans(text, offset=offset) == shifted


@given(texts)
@example("“It fell.” [4] It rose.")
def test_a_sentence_is_one_sentence(text: str) -> None:
    """What was split off has no further end inside, so splitting again changes nothing."""
    for sentence in sentences(text):
        assert len(sentences(sentence)) == 1


def seconds(text: str) -> float:
    """Return the least processor time of some runs, which other programs disturb least."""
    times = []
    for _ in range(5):
        before = time.thread_time()
        sentence_spans(text)
        times.append(time.thread_time() - before)
    return min(times)


HOSTILE: dict[str, Callable[[int], str]] = {
    "stops": lambda n: "." * n,
    "mixed stops": lambda n: ".!?…" * (n // 4) + " A",
    "short ends": lambda n: "a. " * n,
    "initials": lambda n: "A. " * n,
    "initials without gaps": lambda n: "A." * n,
    "abbreviations": lambda n: "Fig. " * n,
    "one wide gap": lambda n: "a." + " " * n + "b",
    "wide gaps": lambda n: ("a." + " " * 50) * (n // 50),
    "closing brackets": lambda n: "a." + ")" * n,
    "an open citation": lambda n: "a.[1" + " 1" * n,
    "open citations": lambda n: "a.[1 " * n,
    "citation numbers": lambda n: "a.1" + ",1" * n,
    "numbers and stops": lambda n: "a.1," * n,
    "quotes": lambda n: '. "' * n,
    "opening brackets": lambda n: ". " + "(" * n,
    "a long word": lambda n: "w" * n + ". A",
    "line breaks": lambda n: "\n" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_time_grows_with_the_length_of_a_hostile_text(kind: str) -> None:
    """Four times the text takes about four times as long; sixteen times would be quadratic."""
    make = HOSTILE[kind]
    assert seconds(make(4000)) < 10 * seconds(make(1000)) + 0.001
