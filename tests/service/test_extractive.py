"""Which words of the sources make a statement."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.library import Library
from corpus.records import Document, units_of
from index.reading.reading import Reading
from ingest.drafts import Draft
from service.citing import cite
from service.extractive import MAX_LIST_CHARS, select
from tests.fakes import document_of, heading, item, paragraph
from tests.service.cases import quotes, reading_at, reading_of

TRIGGERS = document_of(
    "triggers",
    heading("Causes"),
    "It is rare. Recognised triggers include:",
    item("infection"),
    item("medicines, particularly:"),
    item("amiodarone", depth=2),
    item("interferon", depth=2),
    item("radiotherapy"),
    heading("Advice"),
    item("Think of it early."),
    item("Ask about every medicine."),
    "Most recover.",
)


def test_a_list_item_stands_behind_all_its_lead_ins() -> None:
    """The chain from the outermost lead-in down is said and cited, and nothing else is."""
    (chosen,) = select([reading_of(TRIGGERS, "interferon")], limit=4)
    expected = ["Recognised triggers include:", "medicines, particularly:", "interferon"]
    assert chosen.text == " ".join(expected)
    assert quotes(chosen) == expected


def test_a_heading_that_introduces_is_said_but_not_cited() -> None:
    """A list directly under a heading is shown behind it; the citation's section names it."""
    (chosen,) = select([reading_of(TRIGGERS, "every medicine")], limit=4)
    assert chosen.text == "Advice: Ask about every medicine."
    assert quotes(chosen) == ["Ask about every medicine."]


def test_items_of_one_list_are_one_statement_in_text_order() -> None:
    """Whatever their ranks, items of a list come together behind their common lead-ins."""
    ranked = [reading_of(TRIGGERS, word) for word in ("radiotherapy", "infection")]
    (chosen,) = select(ranked, limit=4)
    assert chosen.text == "Recognised triggers include: (2 of 5)\n- infection\n- radiotherapy"
    assert quotes(chosen) == ["Recognised triggers include:", "infection", "radiotherapy"]


def test_items_of_an_inner_list_stand_behind_the_whole_chain() -> None:
    """All items of an inner list are that list, whole."""
    ranked = [reading_of(TRIGGERS, word) for word in ("interferon", "amiodarone")]
    (chosen,) = select(ranked, limit=4)
    assert chosen.text.split("\n") == [
        "Recognised triggers include: medicines, particularly:",
        "- amiodarone",
        "- interferon",
    ]


def test_items_of_two_levels_stand_under_the_outer_lead_in() -> None:
    """An inner item brings the item that introduces it, and all are counted."""
    ranked = [reading_of(TRIGGERS, word) for word in ("interferon", "infection")]
    (chosen,) = select(ranked, limit=4)
    assert chosen.text.split("\n") == [
        "Recognised triggers include: (3 of 5)",
        "- infection",
        "- medicines, particularly:",
        "  - interferon",
    ]


def test_items_of_different_lists_stay_apart() -> None:
    """An item under another lead-in is a statement of its own."""
    ranked = [reading_of(TRIGGERS, word) for word in ("every medicine", "infection")]
    texts = [chosen.text for chosen in select(ranked, limit=4)]
    assert texts == [
        "Advice: Ask about every medicine.",
        "Recognised triggers include: infection",
    ]


def test_a_list_of_which_four_in_five_answer_is_shown_whole() -> None:
    """Where nearly all of a list answers, what is left out would be missed."""
    drugs = document_of("drugs", "Avoid:", *(item(name) for name in "abcde"))
    units = units_of(drugs)[1:]
    for shown, lines in ((4, 6), (3, 4)):
        (chosen,) = select([reading_at(drugs, unit) for unit in units[:shown]], limit=4)
        assert len(chosen.text.split("\n")) == lines
    assert chosen.text.startswith("Avoid: (3 of 5)")


def test_a_lead_in_brings_the_whole_list_with_its_nesting() -> None:
    """The sentence that introduces a list is shown with every item, inner ones indented."""
    (chosen,) = select([reading_of(TRIGGERS, "Recognised")], limit=4)
    assert chosen.text.split("\n") == [
        "Recognised triggers include:",
        "- infection",
        "- medicines, particularly:",
        "  - amiodarone",
        "  - interferon",
        "- radiotherapy",
    ]
    (quote,) = quotes(chosen)
    assert quote.startswith("Recognised triggers include:")
    assert quote.endswith("radiotherapy")


def test_a_whole_list_takes_in_its_items() -> None:
    """An item that is found beside what introduces it is one answer with it."""
    single = reading_of(TRIGGERS, "radiotherapy")
    (chosen,) = select([reading_of(TRIGGERS, "Recognised"), single], limit=4)
    assert chosen.text == "Recognised triggers include: radiotherapy"


def long_list() -> Document:
    """Return a document whose list is longer than a reader should be given."""
    drugs = [item(f"drug number {n} of a rather long list of drugs") for n in range(80)]
    return document_of("long", "These drugs are blamed:", *drugs)


def test_of_a_list_that_is_too_long_only_what_answers_is_shown() -> None:
    """Beside an item that answers, what introduces it does not bring all of a very long list."""
    document = long_list()
    assert len(document.text) > MAX_LIST_CHARS
    item, lead_in = (reading_of(document, words) for words in ("number 7 ", "blamed"))
    for readings in ([item], [lead_in, item]):
        (chosen,) = select(readings, limit=4)
        assert "number 7 " in chosen.text
        assert "number 79 " not in chosen.text


def test_a_long_list_with_nothing_beside_it_is_shown_whole() -> None:
    """Part of a list would say less than the source does; its lead-in alone would say nothing."""
    document = long_list()
    (chosen,) = select([reading_of(document, "blamed")], limit=4)
    assert "number 3 " in chosen.text
    assert "number 79 " in chosen.text


@pytest.mark.parametrize(
    ("document", "words"),
    [(TRIGGERS, "medicines, particularly"), (long_list(), "blamed")],
    ids=["an item that introduces", "a list that is too long"],
)
def test_no_statement_stops_at_the_colon_of_its_list(document: Document, words: str) -> None:
    """A lead-in that nothing follows answers nothing."""
    for chosen in select([reading_of(document, words)], limit=4):
        assert not chosen.text.endswith(":")


COURSE = document_of(
    "course",
    "Colchicine calms gout. This takes a day. They say so. Itching is rare. Theories differ.",
    "It can come back.",
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("This takes", "Colchicine calms gout. This takes a day."),
        ("They say", "Colchicine calms gout. This takes a day. They say so."),
        ("Itching", "Itching is rare."),
        ("Theories", "Theories differ."),
        ("come back", "It can come back."),
    ],
)
def test_a_sentence_that_points_back_takes_what_is_before_it(words: str, expected: str) -> None:
    """All sentences back to the one meant are quoted as one stretch, never past the block."""
    (chosen,) = select([reading_of(COURSE, words)], limit=4)
    assert chosen.text == expected
    assert quotes(chosen) == [expected]


def test_a_sentence_is_said_once() -> None:
    """What a sentence that points back has taken along is not shown again on its own."""
    ranked = [reading_of(COURSE, "This takes"), reading_of(COURSE, "Colchicine")]
    assert len(select(ranked, limit=4)) == 1


def test_an_item_of_several_sentences_is_taken_whole() -> None:
    """The sentences of an item lean on each other."""
    document = document_of("x", "Note:", item("Weigh daily. Report a gain at once."))
    (chosen,) = select([reading_of(document, "Report")], limit=4)
    assert chosen.text == "Note: Weigh daily. Report a gain at once."


def test_a_table_row_carries_its_caption() -> None:
    """A row is read behind what its table is called."""
    rows = [Draft(kind="caption", text="Table 1. Doses"), Draft(kind="row", text="Start; 40 mg")]
    (chosen,) = select([reading_of(document_of("x", *rows), "40 mg")], limit=4)
    assert chosen.text == "Table 1. Doses: Start; 40 mg"
    assert quotes(chosen) == ["Table 1. Doses", "Start; 40 mg"]


def test_nearly_the_same_words_are_said_once() -> None:
    """An abstract that repeats the article's sentence adds nothing; a different one does."""
    ours = document_of("a", "Relapses are common when prednisone is stopped early.")
    theirs = document_of("b", "When prednisone is stopped early, relapses are common.")
    other = document_of("c", "Relapses respond to twenty milligrams.")
    ranked = [reading_of(d, "elapses") for d in (ours, theirs, other)]
    assert [s.document.document_id for s in select(ranked, limit=4)] == ["a", "c"]


FACTS = document_of(
    "facts", "Zinc shortens colds. Iron reddens blood. Iodine feeds thyroids. Gold calms joints."
)


def test_the_best_comes_first_and_the_others_in_order_of_the_text() -> None:
    """A reader meets the answer, and then its surroundings as the author ordered them."""
    ranked = [reading_of(FACTS, word) for word in ("Iodine", "Gold", "Zinc", "Iron")]
    first_words = [s.text.split()[0] for s in select(ranked, limit=4)]
    assert first_words == ["Iodine", "Zinc", "Iron", "Gold"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_there_are_at_most_limit_statements(limit: int) -> None:
    """The best readings are kept when there are more than can be shown."""
    words = ("Gold", "Iodine", "Zinc", "Iron")
    chosen = select([reading_of(FACTS, word) for word in words], limit=limit)
    assert {s.text.split()[0] for s in chosen} == set(words[:limit])


def test_units_that_do_not_answer_are_left_out_and_the_best_never_is() -> None:
    """All units from -1 on are shown; where there is none, the best alone."""
    ranked = [
        reading_of(FACTS, "Gold", score=0.4),
        reading_of(FACTS, "Zinc", score=-1.0),
        reading_of(FACTS, "Iron", score=-1.001),
    ]
    assert [s.text.split()[0] for s in select(ranked, limit=4)] == ["Gold", "Zinc"]
    assert [s.text.split()[0] for s in select(ranked[2:], limit=4)] == ["Iron"]


def test_beside_a_sure_answer_a_doubtful_one_is_not_shown() -> None:
    """From 1.5 in log odds below the best on, whatever it came to by itself."""
    ranked = [
        reading_of(FACTS, "Gold", score=3.0),
        reading_of(FACTS, "Zinc", score=1.5),
        reading_of(FACTS, "Iron", score=1.499),
    ]
    assert [s.text.split()[0] for s in select(ranked, limit=4)] == ["Gold", "Zinc"]


def test_nothing_read_is_nothing_selected() -> None:
    """Without readings there is no statement."""
    assert select([], limit=4) == ()


WORDS = "This They gout pain urate crystal joint swelling rest ice 10 mg daily 10-30% also".split()
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Draw a block of any kind; paragraphs and items may end as lead-ins do."""
    parts = draw(st.lists(sentences, min_size=1, max_size=3))
    running = ". ".join(parts) + draw(st.sampled_from([".", ":", ""]))
    return draw(
        st.sampled_from(
            [
                paragraph(running),
                item(running, depth=draw(st.integers(1, 3))),
                heading(parts[0], level=draw(st.integers(1, 2))),
                Draft(kind="caption", text=parts[0]),
                Draft(kind="row", text=parts[0]),
            ]
        )
    )


@st.composite
def read_documents(draw: st.DrawFn, document_id: str) -> list[Reading]:
    """Draw a document and return readings of some of its sentences, in any order."""
    held = [*draw(st.lists(drafts(), max_size=12)), paragraph("Gout hurts.")]
    document = document_of(document_id, *held)
    units = draw(st.lists(st.sampled_from(units_of(document)), max_size=6, unique=True))
    return [reading_at(document, unit, score=draw(st.floats(-1, 1))) for unit in units]


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r" \(\d+ of \d+\)$", "", text, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return a library to store drawn documents in."""
    return Library.create(tmp_path_factory.mktemp("drawn"))


@settings(max_examples=150, deadline=None)
@given(one=read_documents("one"), two=read_documents("two"), limit=st.integers(1, 5))
def test_every_word_of_a_statement_is_quoted_or_a_heading(
    library: Library, one: list[Reading], two: list[Reading], limit: int
) -> None:
    """A statement is its quotes one after the other, at most behind words of its section path."""
    ranked = sorted([*one, *two], key=lambda r: -r.score)
    library.put(documents=(r.document for r in ranked))
    chosen = select(ranked, limit=limit)
    assert len(chosen) <= limit
    if ranked:
        assert any(ranked[0].text in quote for quote in quotes(chosen[0])), "the best comes first"
    for statement in cite(chosen, library, None)[0]:
        said = words_of(statement.text)
        quoted = [word for c in statement.citations for word in words_of(c.quote)]
        before = len(said) - len(quoted)
        assert said[before:] == quoted
        assert set(said[:before]) <= set(words_of(statement.citations[-1].section or ""))
