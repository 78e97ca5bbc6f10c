from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.records import BlockKind, Callout, Document, Reference, units_of
from ingest.assemble import assemble
from ingest.drafts import Draft
from tests.fakes import document_of, heading, item, paragraph
from tests.ingest.parser_contract import assert_document_consistent
from tests.ingest.random_drafts import cited_drafts, drafts

random_documents = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def draft(kind: BlockKind, text: str) -> Draft:
    """Return a draft of any kind."""
    return Draft(kind=kind, text=text)


def laid_out(found: Sequence[Draft]) -> Document:
    """Assemble drafts under a fixed name."""
    return assemble(document_id="d", kind="text", title="T", drafts=found)


def led_in(document: Document, words: str) -> list[str]:
    """Return what introduces the block that begins with `words`, outermost first, as text."""
    block = next(b for b in document.blocks if document.text.startswith(words, b.start))
    return [span.of(document.text) for span in document.lead_ins(block)]


# --- text and blocks ----------------------------------------------------------------------------


def test_the_text_is_laid_out_for_reading() -> None:
    """Blank lines part the blocks, a list keeps together, and an inner item is indented."""
    document = document_of(
        "d",
        heading("Drugs"),
        "They are:",
        item("one"),
        item("two", depth=2),
        item("three", depth=3),
        draft("caption", "Table 1"),
        draft("row", "a; b"),
        "The end.",
    )
    assert document.text == (
        "Drugs\n\nThey are:\none\n  two\n    three\n\nTable 1\na; b\n\nThe end."
    )


@given(drafts)
@random_documents
def test_each_draft_becomes_a_block_with_its_text(found: Sequence[Draft]) -> None:
    """Blocks are the drafts in order; their slices are the drafts' texts, nothing else is words."""
    document = laid_out(found)
    blocks = document.blocks
    assert [document.text[b.start : b.end] for b in blocks] == [d.text for d in found]
    assert [(b.kind, b.depth, b.marker) for b in blocks] == [
        (d.kind, d.depth, d.marker) for d in found
    ]
    assert document.text.split() == " ".join(d.text for d in found).split()


@given(cited_drafts)
@random_documents
def test_what_is_assembled_is_consistent(found: Sequence[Draft]) -> None:
    """Every span of every record is what the record's definition promises."""
    assert_document_consistent(laid_out(found))


@pytest.mark.parametrize("found", [[], [heading("A")], [paragraph(" \n ")], [heading("A")] * 3])
def test_a_document_without_text_is_refused_by_name(found: Sequence[Draft]) -> None:
    """Headings alone are no text."""
    with pytest.raises(InputError, match="empty-one"):
        document_of("empty-one", *found)


def test_blank_drafts_leave_no_trace() -> None:
    """A draft without a word makes neither a block nor a gap."""
    whole = document_of("d", "It fell.", "It rose.")
    assert document_of("d", paragraph(""), "It fell.", paragraph("\n"), "It rose.") == whole


def test_what_is_known_of_the_document_is_kept() -> None:
    """Id, kind, title, reference and note are those given."""
    reference = Reference(title="T", pmid="1")
    document = assemble(
        document_id="pmid:1",
        kind="abstract",
        title="T",
        drafts=[paragraph("It fell.")],
        reference=reference,
        note="A summary.",
    )
    assert (document.document_id, document.kind, document.title) == ("pmid:1", "abstract", "T")
    assert (document.reference, document.note) == (reference, "A summary.")


@pytest.mark.parametrize(
    ("kind", "sentences"),
    [("paragraph", 2), ("item", 2), ("caption", 1), ("row", 1), ("heading", 1)],
)
def test_only_running_text_is_split_into_sentences(kind: BlockKind, sentences: int) -> None:
    """A heading, a caption and a row are one unit, whatever stops they hold."""
    document = document_of("d", "First.", draft(kind, "Table 1. Doses."))
    assert len(document.blocks[1].sentences) == sentences


# --- sections -----------------------------------------------------------------------------------


def test_sections_nest_by_level_and_end_where_the_next_one_starts() -> None:
    """A section ends with its last block, sub-sections included; the last one with the text."""
    document = document_of(
        "d",
        "Before.",
        heading("A"),
        "In A.",
        heading("B", 2),
        "In B.",
        heading("C", 3),
        heading("D", 2),
        "In D.",
        heading("E", 1),
        "In E.",
    )
    found = {s.title: document.text[s.start : s.end] for s in document.sections}
    assert found == {
        "A": "A\n\nIn A.\n\nB\n\nIn B.\n\nC\n\nD\n\nIn D.",
        "B": "B\n\nIn B.\n\nC",
        "C": "C",
        "D": "D\n\nIn D.",
        "E": "E\n\nIn E.",
    }
    assert [s.parent for s in document.sections] == [None, 0, 1, 0, None]
    assert document.blocks[0].section is None
    assert [b.section for b in document.blocks[1:]] == [0, 0, 1, 1, 2, 3, 3, 4, 4]


@given(drafts)
@random_documents
def test_the_section_tree_agrees_with_its_definition(found: Sequence[Draft]) -> None:
    """A heading belongs under the nearest one above it of a lower level, with none between.

    Its section ends before the next heading of the same or a lower level.
    """
    document = laid_out(found)
    levels = [d.level for d in found if d.kind == "heading"]
    opening = [b for b in document.blocks if b.kind == "heading"]
    assert [s.level for s in document.sections] == levels
    assert [s.start for s in document.sections] == [b.start for b in opening]
    for i, section in enumerate(document.sections):
        above = [j for j in range(i) if levels[j] < levels[i]]
        assert section.parent == (max(above) if above else None)
        after = [b for b, level in zip(opening, levels, strict=True) if b.start > section.start]
        closing = [b for b in after if levels[opening.index(b)] <= levels[i]]
        end = closing[0].start if closing else len(document.text)
        assert (
            document.text[section.start : end].rstrip()
            == (document.text[section.start : section.end])
        )


# --- lead-ins -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([paragraph("It may be:")], ["It may be:"]),
        ([paragraph("Beware. It may be:")], ["It may be:"]),
        ([paragraph("それは：")], ["それは："]),
        ([paragraph("It may not be.")], []),
        ([heading("Drugs")], ["Drugs"]),
        ([draft("caption", "Table 1. Doses. All.")], ["Table 1. Doses. All."]),
        ([paragraph("Rather:"), heading("Drugs")], ["Drugs"]),
        ([paragraph("Rather:"), paragraph("No.")], []),
        ([], []),
    ],
)
@pytest.mark.parametrize("kind", ["item", "row"])
def test_a_list_or_table_is_introduced_by_what_stands_before_it(
    before: Sequence[Draft], expected: list[str], kind: BlockKind
) -> None:
    """A sentence that ends in a colon, a caption or a heading introduces; other text does not."""
    depth = 1 if kind == "item" else 0
    rows = [Draft(kind=kind, text=text, depth=depth) for text in ("first", "second")]
    document = laid_out([*before, *rows])
    assert led_in(document, "first") == led_in(document, "second") == expected


def test_an_inner_item_carries_the_whole_chain() -> None:
    """Every item is introduced by those around it, and by what introduces the list."""
    document = document_of(
        "d",
        "Causes are:",
        item("drugs"),
        item("interferon", 2),
        item("beta", 3),
        item("amiodarone", 2),
        item("infections"),
        item("mumps", 2),
    )
    assert led_in(document, "drugs") == ["Causes are:"]
    assert led_in(document, "interferon") == ["Causes are:", "drugs"]
    assert led_in(document, "beta") == ["Causes are:", "drugs", "interferon"]
    assert led_in(document, "amiodarone") == ["Causes are:", "drugs"]
    assert led_in(document, "infections") == ["Causes are:"]
    assert led_in(document, "mumps") == ["Causes are:", "infections"]


def test_a_list_that_begins_or_jumps_deep_still_hangs_together() -> None:
    """Depths that skip a step, up or down, lead to the nearest item that is less deep."""
    document = document_of(
        "d", "These:", item("deep", 3), item("one"), item("three", 3), item("two", 2)
    )
    assert led_in(document, "deep") == ["These:"]
    assert led_in(document, "three") == led_in(document, "two") == ["These:", "one"]


def test_a_new_list_owes_nothing_to_the_one_before() -> None:
    """After a paragraph an inner item has no item of the earlier list above it."""
    document = document_of("d", "These:", item("one"), "And those:", item("inner", 2))
    assert led_in(document, "inner") == ["And those:"]
    document = document_of("d", "These:", item("one"), "Nothing more.", item("inner", 2))
    assert led_in(document, "inner") == []


def test_paragraphs_are_not_introduced() -> None:
    """A colon introduces a list or a table, not the next paragraph."""
    assert led_in(document_of("d", "These:", "Another paragraph."), "Another") == []


def test_units_carry_the_lead_ins_of_their_block() -> None:
    """Both sentences of an item need the item's lead-ins."""
    document = document_of("d", "These:", item("One fell. Two rose."))
    texts = [[s.of(document.text) for s in u.lead_ins] for u in units_of(document)]
    assert texts == [[], ["These:"], ["These:"]]


# --- callouts -----------------------------------------------------------------------------------


def test_a_callout_moves_with_its_block() -> None:
    """A number printed at a sentence's end belongs to that sentence in the whole text."""
    first = Draft(kind="paragraph", text="It fell.", callouts=(Callout(at=8, numbers=(3, 1)),))
    second = Draft(
        kind="paragraph",
        text="It rose. It stayed.",
        callouts=(Callout(at=8, numbers=(2,)), Callout(at=19, numbers=(4,))),
    )
    document = document_of("d", heading("A"), first, second)
    sentences = [s for b in document.blocks[1:] for s in b.sentences]
    assert [(s.of(document.text), document.numbers_cited_in(s)) for s in sentences] == [
        ("It fell.", (3, 1)),
        ("It rose.", (2,)),
        ("It stayed.", (4,)),
    ]


@given(cited_drafts)
@random_documents
def test_callouts_stand_as_far_into_their_block_as_before(found: Sequence[Draft]) -> None:
    """Every callout of every draft is kept, shifted by where its block starts."""
    document = laid_out(found)
    expected = [
        Callout(at=block.start + callout.at, numbers=callout.numbers)
        for block, d in zip(document.blocks, found, strict=True)
        for callout in d.callouts
    ]
    assert list(document.callouts) == expected


@given(drafts, st.integers(0, 3))
@random_documents
def test_assembling_is_a_function_of_the_drafts(found: Sequence[Draft], more: int) -> None:
    """The same drafts give the same document, and blank ones between them change nothing."""
    blank = [paragraph(" ")] * more
    assert laid_out(found) == laid_out([*blank, *found, *blank])
