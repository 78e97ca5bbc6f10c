import hashlib
from dataclasses import FrozenInstanceError

import pytest

from corpus.records import (
    Article,
    Block,
    Callout,
    Document,
    PassageSpan,
    Reference,
    ReviewStatus,
    Section,
    Span,
    passages_of,
    units_of,
)

TEXT = "Drugs\nWatch out. It may be:\nNerve\nGut pain. Often\nEnd."
DRUGS, WATCH, MAY_BE, NERVE, GUT, OFTEN, END = (
    Span(start=TEXT.index(words), end=TEXT.index(words) + len(words))
    for words in ("Drugs", "Watch out.", "It may be:", "Nerve", "Gut pain.", "Often", "End.")
)


def listed() -> Document:
    """Return a document with a heading, a lead-in, an item, an item inside it, and an end."""
    return Document(
        document_id="d",
        kind="text",
        title="Harm",
        text=TEXT,
        sections=(
            Section(title="Drugs", level=1, parent=None, start=0, end=len(TEXT)),
            Section(title="Harms", level=2, parent=0, start=NERVE.start, end=len(TEXT)),
            Section(title="Rare", level=3, parent=1, start=END.start, end=len(TEXT)),
        ),
        blocks=(
            Block(kind="heading", start=0, end=DRUGS.end, section=0, sentences=(DRUGS,)),
            Block(
                kind="paragraph",
                start=WATCH.start,
                end=MAY_BE.end,
                section=0,
                sentences=(WATCH, MAY_BE),
            ),
            Block(
                kind="item",
                start=NERVE.start,
                end=NERVE.end,
                section=1,
                lead_in=1,
                depth=1,
                sentences=(NERVE,),
            ),
            Block(
                kind="item",
                start=GUT.start,
                end=OFTEN.end,
                section=1,
                lead_in=2,
                depth=2,
                sentences=(GUT, OFTEN),
            ),
            Block(kind="paragraph", start=END.start, end=END.end, section=2, sentences=(END,)),
        ),
        callouts=(
            Callout(at=WATCH.end, numbers=(4, 2)),
            Callout(at=MAY_BE.end, numbers=(2, 7)),
            Callout(at=MAY_BE.end, numbers=(1,)),
        ),
        passages=(
            PassageSpan(start=WATCH.start, end=MAY_BE.end, section=0),
            PassageSpan(start=GUT.start, end=OFTEN.end, section=1, lead_ins=(MAY_BE, NERVE)),
        ),
    )


def test_a_span_is_a_slice() -> None:
    """A span names the characters from its start up to its end."""
    assert Span(start=2, end=5).of("abcdefg") == "cde"
    assert Span(start=0, end=3).of("abc") == "abc"


def test_a_section_path_runs_from_the_outermost_title() -> None:
    """The path holds every enclosing section's title, outermost first."""
    document = listed()
    assert document.section_path(2) == ("Drugs", "Harms", "Rare")
    assert document.section_path(0) == ("Drugs",)
    assert document.section_path(None) == ()


def test_lead_ins_are_the_whole_chain_outermost_first() -> None:
    """An inner item is introduced by its lead-in's lead-in, then by the item around it."""
    document = listed()
    assert document.lead_ins(document.blocks[3]) == (MAY_BE, NERVE)
    assert document.lead_ins(document.blocks[2]) == (MAY_BE,)
    assert document.lead_ins(document.blocks[1]) == ()


def test_only_the_last_sentence_of_a_block_introduces() -> None:
    """Of "Watch out. It may be:" only the second sentence leads in."""
    document = listed()
    assert [s.of(TEXT) for s in document.lead_ins(document.blocks[2])] == ["It may be:"]


def test_numbers_at_a_sentences_end_belong_to_it_and_not_to_the_next() -> None:
    """A callout belongs to the span that it ends, never to the span that starts there."""
    document = listed()
    assert document.numbers_cited_in(WATCH) == (4, 2)
    assert document.numbers_cited_in(Span(start=WATCH.end, end=MAY_BE.end)) == (2, 7, 1)
    assert document.numbers_cited_in(Span(start=WATCH.start, end=WATCH.end - 1)) == ()
    assert document.numbers_cited_in(NERVE) == ()


def test_numbers_come_in_printed_order_once_each() -> None:
    """A number printed twice in a span is given once, at its first place."""
    whole = Span(start=WATCH.start, end=MAY_BE.end)
    assert listed().numbers_cited_in(whole) == (4, 2, 7, 1)


def test_units_are_all_sentences_but_headings() -> None:
    """Units come in text order, each with its block and its lead-ins."""
    units = units_of(listed())
    spans = [Span(start=u.start, end=u.end) for u in units]
    assert spans == [WATCH, MAY_BE, NERVE, GUT, OFTEN, END]
    assert [u.block for u in units] == [1, 1, 2, 3, 3, 4]
    assert [u.lead_ins for u in units] == [
        (),
        (),
        (MAY_BE,),
        (MAY_BE, NERVE),
        (MAY_BE, NERVE),
        (),
    ]


def test_a_passage_is_a_slice_with_all_that_makes_it_readable() -> None:
    """A passage has its span's text, an id made of the span, and its context as text."""
    first, second = passages_of(listed())
    assert first.text == TEXT[first.start : first.end] == "Watch out. It may be:"
    assert first.passage_id == f"d@{WATCH.start}-{MAY_BE.end}"
    assert (first.document_id, first.title) == ("d", "Harm")
    assert first.section_path == ("Drugs",)
    assert first.lead_ins == ()
    assert second.text == "Gut pain. Often"
    assert second.section_path == ("Drugs", "Harms")
    assert second.lead_ins == ("It may be:", "Nerve")


def test_an_untitled_documents_id_is_not_shown_as_a_title() -> None:
    """A document that is called by its id gives its passages no title."""
    document = Document(
        document_id="d1",
        kind="text",
        title="d1",
        text="It fell.",
        passages=(PassageSpan(start=0, end=8, section=None),),
    )
    assert passages_of(document)[0].title == ""


def test_the_digest_is_of_the_text_in_utf8() -> None:
    """`sha256` can be had again with nothing but the stored text."""
    document = Document(document_id="d", kind="text", title="t", text="β-blockers ≥ 5 µg")
    assert document.sha256 == hashlib.sha256("β-blockers ≥ 5 µg".encode()).hexdigest()


def test_a_reference_is_found_by_its_printed_number_alone() -> None:
    """A number finds the entry that prints it; a position in the list never stands in."""
    document = Document(document_id="a", kind="article", title="t", text="x")
    unnumbered, seventh = Reference(title="First"), Reference(title="Second", number=7)
    article = Article(slug="a", document=document, references=(unnumbered, seventh))
    assert article.reference_numbered(7) == seventh
    assert article.reference_numbered(1) is None
    assert article.reference_numbered(2) is None


def test_an_article_is_called_as_its_document_and_waits_for_review() -> None:
    """The title is the document's; nothing is approved unless somebody said so."""
    article = Article(
        slug="a", document=Document(document_id="a", kind="article", title="T", text="x")
    )
    assert article.title == "T"
    assert article.review_status is ReviewStatus.SUBMITTED


@pytest.mark.parametrize(
    "record", [Span(start=0, end=1), Reference(title="t"), listed(), listed().blocks[0]]
)
def test_a_record_cannot_be_changed(record: object) -> None:
    """Records are frozen."""
    name = "start" if hasattr(record, "start") else "title"
    with pytest.raises(FrozenInstanceError):
        setattr(record, name, 5)


@pytest.mark.parametrize(
    ("types", "retracted"),
    [
        (("Journal Article", "Retracted Publication"), True),
        (("retracted publication",), True),
        (("Retraction of Publication",), False),
        (("Published Erratum", "Expression of Concern"), False),
        (("Retracted Publication, Partly",), False),
        ((), False),
    ],
)
def test_only_the_retracted_paper_is_retracted(types: tuple[str, ...], retracted: bool) -> None:  # noqa: FBT001
    """A notice of retraction, an erratum and an expression of concern stand on their own."""
    assert Reference(title="T", publication_types=types).retracted is retracted
