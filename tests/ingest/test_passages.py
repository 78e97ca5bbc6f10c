import re
from collections.abc import Iterator, Sequence

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.records import Block, Document, PassageSpan, Span, passages_of, units_of
from ingest.drafts import Draft
from ingest.passages import MAX_LIST_WORDS, TARGET_WORDS
from tests.fakes import document_of, heading, item, paragraph
from tests.ingest.random_drafts import drafts

random_documents = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def words(count: int, word: str = "cough") -> str:
    """Return so many words with a full stop at the end."""
    return " ".join([word] * count) + "."


def texts_of(document: Document) -> list[str]:
    """Return the passages as text."""
    return [document.text[p.start : p.end] for p in document.passages]


def holding(document: Document, span: Span) -> list[PassageSpan]:
    """Return the passages that hold the whole of a span."""
    return [p for p in document.passages if p.start <= span.start and span.end <= p.end]


def introduced_lists(document: Document) -> Iterator[tuple[Span, Sequence[Block]]]:
    """Give each list or table with the sentence, or the caption, that introduces it.

    Worked out from the kinds of the blocks alone, not from the lead-ins that `assemble` found.
    """
    blocks = document.blocks
    for first in range(1, len(blocks)):
        before, kind = blocks[first - 1], blocks[first].kind
        if kind not in ("item", "row") or before.kind == kind:
            continue
        open_sentence = document.text[before.start : before.end].endswith(":")
        if before.kind == "caption" or (before.kind == "paragraph" and open_sentence):
            last = first
            while last < len(blocks) and blocks[last].kind == kind:
                last += 1
            yield before.sentences[-1], blocks[first:last]


# --- every word once ----------------------------------------------------------------------------


@given(drafts)
@random_documents
def test_every_word_but_those_of_headings_is_in_one_passage(found: Sequence[Draft]) -> None:
    """No word is lost, none is cut, and none stands in two passages."""
    document = document_of("d", *found)
    for block in document.blocks:
        for word in re.finditer(r"\S+", document.text[block.start : block.end]):
            span = Span(start=block.start + word.start(), end=block.start + word.end())
            touching = [p for p in document.passages if p.start < span.end and span.start < p.end]
            assert touching == holding(document, span)
            assert len(touching) == (block.kind != "heading")


@given(drafts)
@random_documents
def test_passages_are_stripped_and_in_text_order(found: Sequence[Draft]) -> None:
    """Passages follow each other without overlap and begin and end with a character."""
    document = document_of("d", *found)
    edges = [edge for p in document.passages for edge in (p.start, p.end)]
    assert edges == sorted(edges)
    assert all(text and text.strip() == text for text in texts_of(document))


@given(drafts)
@random_documents
def test_a_passage_record_is_a_slice_of_the_text(found: Sequence[Draft]) -> None:
    """`passages_of` adds ids and context, and never changes a character of the text."""
    document = document_of("d", *found)
    records = passages_of(document)
    assert [p.text for p in records] == texts_of(document)
    assert [document.text[p.start : p.end] for p in records] == texts_of(document)
    assert len({p.passage_id for p in records}) == len(records)
    assert [p.section_path for p in records] == [
        document.section_path(span.section) for span in document.passages
    ]


# --- sections -----------------------------------------------------------------------------------


@given(drafts)
@random_documents
def test_no_passage_crosses_a_section(found: Sequence[Draft]) -> None:
    """All sentences of a passage belong to the section that it names."""
    document = document_of("d", *found)
    for passage in document.passages:
        inside = [
            document.blocks[u.block].section
            for u in units_of(document)
            if u.start < passage.end and passage.start < u.end
        ]
        assert set(inside) == {passage.section}


def test_short_sections_are_passages_of_their_own() -> None:
    """Two sections of one sentence are two passages; two paragraphs of one section are one."""
    document = document_of("d", heading("A"), "It fell.", "It rose.", heading("B"), "It stayed.")
    assert texts_of(document) == ["It fell.\n\nIt rose.", "It stayed."]
    assert [p.section for p in document.passages] == [0, 1]


# --- size ---------------------------------------------------------------------------------------


@given(drafts)
@random_documents
def test_no_passage_is_longer_than_twice_the_target(found: Sequence[Draft]) -> None:
    """However long a sentence, an item or a row is, a passage stays readable."""
    document = document_of("d", *found)
    assert all(len(text.split()) <= 2 * TARGET_WORDS for text in texts_of(document))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_sentences_are_packed_up_to_about_the_target(lengths: Sequence[int]) -> None:
    """Prose of ordinary sentences is neither left in crumbs nor heaped up, and not cut inside."""
    document = document_of("d", " ".join("It " + words(n) for n in lengths))
    found = texts_of(document)
    assert all(text.endswith(".") for text in found)
    counts = [len(text.split()) for text in found]
    assert max(counts) <= TARGET_WORDS + 60
    if len(counts) > 1:
        assert min(counts[:-1]) >= TARGET_WORDS / 4


def test_the_words_of_a_section_are_spread_evenly() -> None:
    """A section just over the target gives two halves, not a passage and a crumb."""
    document = document_of("d", " ".join("It " + words(9) for _ in range(17)))
    counts = [len(text.split()) for text in texts_of(document)]
    assert sum(counts) == 170
    assert len(counts) == 2
    assert abs(counts[0] - counts[1]) <= 10


def test_a_text_without_a_full_stop_is_cut_between_words() -> None:
    """Ten thousand words in one breath become passages of whole words, in order, none lost."""
    said = [f"word{n}" for n in range(10_000)]
    found = texts_of(document_of("d", " ".join(said)))
    assert [word for text in found for word in text.split()] == said
    assert all(TARGET_WORDS <= len(text.split()) <= 2 * TARGET_WORDS for text in found)


def test_a_repeated_word_is_cut_at_its_own_place() -> None:
    """Equal words, words inside words and wide gaps do not lead the cut astray."""
    said = " \n ".join(["a", "aa", "a.a", "(a"] * 200)
    found = texts_of(document_of("d", said))
    assert len(found) > 2
    assert [word for text in found for word in text.split()] == said.split()


# --- lists --------------------------------------------------------------------------------------


@given(drafts)
@random_documents
def test_a_short_list_is_never_split_nor_parted_from_its_lead_in(found: Sequence[Draft]) -> None:
    """A list or table that fits with its lead-in stands in one passage together with it."""
    document = document_of("d", *found)
    for lead_in, blocks in introduced_lists(document):
        whole = Span(start=lead_in.start, end=blocks[-1].end)
        if len(whole.of(document.text).split()) <= MAX_LIST_WORDS:
            assert len(holding(document, whole)) == 1, whole.of(document.text)


def test_a_short_list_stays_whole_where_packing_would_split_it() -> None:
    """Long prose on both sides does not pull a list apart."""
    for before in range(0, 120, 7):
        document = document_of(
            "d",
            f"It {words(before)} It may be:",
            *(item(words(8, f"cause{n}")) for n in range(9)),
            " ".join("So " + words(20) for _ in range(8)),
        )
        listed = document.blocks[0].sentences[-1].start, document.blocks[9].end
        assert len(holding(document, Span(start=listed[0], end=listed[1]))) == 1


def test_a_short_table_is_not_split_because_a_list_follows_it() -> None:
    """A table and a list that follow each other directly are two things."""
    rows = [Draft(kind="row", text=words(20, f"row{n}")) for n in range(3)]
    document = document_of(
        "d",
        paragraph("So " + words(60)),
        Draft(kind="caption", text="Table 1. Doses."),
        *rows,
        *(item(words(25, f"item{n}")) for n in range(8)),
    )
    table = Span(start=document.blocks[1].start, end=document.blocks[4].end)
    assert len(holding(document, table)) == 1


def test_a_passage_that_begins_inside_a_long_list_carries_its_lead_in() -> None:
    """Of a list over several passages, all but the first say what the list is about."""
    document = document_of("d", "Causes are:", *(item(words(9, f"cause{n}")) for n in range(40)))
    first, *others = passages_of(document)
    assert first.text.startswith("Causes are:")
    assert first.lead_ins == ()
    assert len(others) > 1
    assert all(p.lead_ins == ("Causes are:",) for p in others)
    assert all(p.text.startswith("cause") for p in others)


def test_a_passage_that_begins_at_an_inner_item_carries_the_whole_chain() -> None:
    """What introduces the item around the first one is carried too, outermost first."""
    inner = [item(words(9, f"drug{n}"), depth=2) for n in range(40)]
    document = document_of("d", "Beware. Causes are:", item("These drugs:"), *inner)
    others = passages_of(document)[1:]
    assert len(others) > 1
    assert all(p.lead_ins == ("Causes are:", "These drugs:") for p in others)


def test_a_list_directly_under_a_heading_carries_the_heading() -> None:
    """A heading that introduces a list is never inside a passage, and so always carried."""
    document = document_of("d", heading("Causes"), item("a drug"), item("a germ"))
    (passage,) = passages_of(document)
    assert (passage.text, passage.lead_ins) == ("a drug\na germ", ("Causes",))


LONG_ROW = [
    Draft(kind="caption", text="Table 1. Doses."),
    Draft(kind="row", text=words(230)),
    paragraph("So " + words(30)),
]


@given(drafts)
@example(LONG_ROW)
@random_documents
def test_a_passage_carries_the_lead_ins_of_where_it_begins(found: Sequence[Draft]) -> None:
    """Wherever a passage begins, even inside a long item, it says what introduces that place."""
    document = document_of("d", *found)
    for passage in document.passages:
        unit = next(u for u in units_of(document) if u.start <= passage.start < u.end)
        assert passage.lead_ins == unit.lead_ins
