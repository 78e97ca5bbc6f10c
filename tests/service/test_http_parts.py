"""A document's text as parts of a page: nothing lost, nothing invented."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Article, Callout, Document
from ingest.assemble import assemble
from ingest.drafts import Draft
from ingest.jats import JatsParser
from ingest.markdown import MarkdownParser
from ingest.reading import read_file
from service.http_parts import Item, ItemList, Mark, Sentence, Table, Words, parts_of
from tests.service.conftest import lungs

SAMPLES = Path(__file__).resolve().parents[2] / "corpus" / "sample" / "articles"


def sentences_of(parts: Any) -> Iterator[Sentence]:
    """Yield every sentence of parts, in order."""
    for part in parts:
        match part:
            case Words() | Item():
                yield from part.sentences
                yield from sentences_of(getattr(part, "items", ()))
            case ItemList():
                yield from sentences_of(part.items)
            case Table():
                yield from sentences_of([part.caption] if part.caption else [])
                for row in part.rows:
                    yield from row.cells


def text_of(sentence: Sentence) -> str:
    return "".join(run.text for run in sentence.runs)


def assert_faithful(
    document: Document, article: Article | None, marks: Sequence[Mark] = ()
) -> None:
    """Check that every sentence is its slice, in order, and every citation number is shown."""
    sentences = list(sentences_of(parts_of(document, article, marks)))
    for sentence in sentences:
        assert text_of(sentence) == document.text[sentence.start : sentence.end]
    assert all(a.end <= b.start for a, b in pairwise(sentences))
    shown = [n.number for s in sentences for run in s.runs for n in run.numbers]
    assert shown == [n for callout in document.callouts for n in callout.numbers]
    anchors = [n.anchor for s in sentences for run in s.runs for n in run.numbers]
    assert len(anchors) == len(set(anchors))
    for sentence in sentences:
        at = sentence.start
        for run in sentence.runs:
            assert run.mark is None or (run.mark.start, run.mark.end) == (at, at + len(run.text))
            at += len(run.text)


def test_lists_tables_and_headings_are_told_apart() -> None:
    """Items nest by depth, a caption joins its rows, headings follow the depth of sections."""
    article, _ = lungs()
    parts = parts_of(article.document, article)
    headings = [(p.level, text_of(p.sentences[0])) for p in parts if p.kind == "heading"]
    assert headings == [(2, "Repair"), (2, "Triggers"), (3, "Medicines"), (2, "Doses")]
    (items,) = (p.items for p in parts if isinstance(p, ItemList))
    assert [text_of(i.sentences[0]) for i in items] == ["amiodarone", "interferon"]
    assert [text_of(i.sentences[0]) for i in items[1].items] == ["interferon beta"]
    (table,) = (p for p in parts if isinstance(p, Table))
    assert table.caption is not None
    assert table.columns == ("Dose", "Duration")
    cells = [[text_of(cell) for cell in row.cells] for row in table.rows]
    assert cells == [["Start", "1 mg/kg", "one month"], ["Taper", "10 mg", "a year"]]


def test_a_marked_term_is_a_run_of_its_own() -> None:
    """The text around it stays, numbers stay at its end; a term that a number cuts is left out."""
    article, _ = lungs()
    text = article.document.text
    start = text.index("a pattern of repair")
    marks = [
        Mark(start=start, end=start + len("a pattern of repair"), anchor="w1", added=" (x)"),
        Mark(start=text.index("amiodarone"), end=text.index("amiodarone") + 10, anchor="w2"),
    ]
    runs = [run for s in sentences_of(parts_of(article.document, article, marks)) for run in s.runs]
    (marked,) = (run for run in runs if run.mark is not None)
    assert (marked.text, marked.mark) == ("a pattern of repair", marks[0])
    assert [number.number for number in marked.numbers] == [1, 2]


def test_each_place_of_a_number_has_its_name() -> None:
    """The nth place where a number is printed is its nth anchor, in text order."""
    article, _ = lungs()
    anchors = [
        number.anchor
        for sentence in sentences_of(parts_of(article.document, article))
        for run in sentence.runs
        for number in run.numbers
    ]
    assert anchors == ["cite-1-1", "cite-2-1", "cite-9-1", "cite-1-2", "cite-2-2", "cite-2-3"]


def test_numbers_are_resolved_by_the_articles_own_list() -> None:
    """A number that the list does not have is marked so."""
    article, _ = lungs()
    numbers = {
        n.number: n.resolved
        for sentence in sentences_of(parts_of(article.document, article))
        for run in sentence.runs
        for n in run.numbers
    }
    assert numbers == {1: True, 2: True, 9: False}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.md")), ids=lambda path: path.stem[:20])
def test_the_sample_articles_are_shown_whole(path: Path) -> None:
    """Of the built-in articles no sentence and no citation is lost."""
    (article,) = MarkdownParser().parse(read_file(path)).articles
    parts = parts_of(article.document, article)
    assert_faithful(article.document, article)
    shown = [text_of(s) for s in sentences_of(parts)]
    tables = [p for p in parts if isinstance(p, Table)]
    said_in_head = sum(len(t.rows) * len(c.split()) for t in tables for c in t.columns)
    assert sum(len(s.split()) for s in shown) + said_in_head == len(article.document.text.split())


@pytest.mark.shared
def test_published_articles_are_shown_whole(shared: Path) -> None:
    """Of articles in JATS no sentence and no citation is lost; rows that repeat stay whole."""
    for path in sorted((shared / "samples" / "jats").glob("*.nxml"))[:4]:
        for article in JatsParser().parse(read_file(path)).articles:
            assert_faithful(article.document, article)
            shown = sentences_of(parts_of(article.document, article))
            words = sum(len(text_of(s).split()) for s in shown)
            assert words == len(article.document.text.split())


blocks = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["paragraph", "caption", "row"]), st.just(0)),
        st.tuples(st.just("item"), st.integers(1, 4)),
        st.tuples(st.just("heading"), st.integers(1, 7)),
    ),
    max_size=12,
)
texts = st.sampled_from(
    [
        "One. Two three. Four",
        "A; B: c; D: e",
        "x; B: y; D: z (1; 2)",
        "p (Q: r; B: s)",
        "; B: ",
        "é",
    ]
)


@given(shapes=blocks, words=st.data())
def test_any_document_is_shown_whole(shapes: list[tuple[Any, int]], words: st.DataObject) -> None:
    """Whatever the blocks and wherever the numbers, sentences are slices and numbers are shown."""
    drafts = [Draft(kind="paragraph", text="Start.")]
    for kind, number in shapes:
        text = words.draw(texts).strip()
        ats = sorted(words.draw(st.sets(st.integers(1, len(text)), max_size=3)))
        drafts.append(
            Draft(
                kind=kind,
                text=text,
                level=number if kind == "heading" else 0,
                depth=number if kind == "item" else 0,
                callouts=tuple(Callout(at=at, numbers=(at,)) for at in ats),
            )
        )
    document = assemble(document_id="d", kind="article", title="t", drafts=drafts)
    cuts = sorted(words.draw(st.sets(st.integers(0, len(document.text)), max_size=8)))
    marks = [Mark(start=a, end=b, anchor="w") for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    assert_faithful(document, None, marks)
