"""Terms on an article's page: where they are marked, and what is added to an unchanged text."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Article, GlossaryEntry
from ingest.assemble import assemble
from ingest.drafts import Draft
from service.http_parts import Sentence, parts_of
from service.http_parts import Words as Block
from service.http_words import Words, words_of_text
from service.wording import Wording

GLOSSARY = (
    GlossaryEntry(term="COP", written_out="cryptogenic organizing pneumonia", meaning="Scars."),
    GlossaryEntry(term="CT", written_out="computed tomography"),
    GlossaryEntry(term="lavage", meaning="Rinsing with fluid."),
)


def article_with(*drafts: Draft) -> Article:
    """Return an article of these blocks with the glossary."""
    document = assemble(document_id="a", kind="article", title="On COP", drafts=drafts)
    return Article(slug="a", document=document, glossary=GLOSSARY)


def words_in(article: Article) -> Words:
    """Return the words of an article's own text."""
    return words_of_text(article.document, Wording.of(article))


def test_each_stretch_writes_out_once() -> None:
    """Between two headings an abbreviation is written out once and marked once; then anew."""
    article = article_with(
        Draft(kind="paragraph", text="CT shows COP. COP fades on CT."),
        Draft(kind="item", text="lavage and CT", depth=1, marker="•"),
        Draft(kind="heading", text="More on CT", level=1),
        Draft(kind="paragraph", text="COP fades. COP and lavage."),
    )
    text = article.document.text
    marks = words_in(article).marks
    assert [(text[mark.start : mark.end], mark.added) for mark in marks] == [
        ("CT", " (computed tomography)"),
        ("COP", " (cryptogenic organizing pneumonia)"),
        ("lavage", ""),
        ("COP", " (cryptogenic organizing pneumonia)"),
        ("lavage", ""),
    ]


def test_the_list_is_in_alphabetical_order_and_every_mark_leads_to_it() -> None:
    """Each entry stands there once, with its meaning or what it stands for."""
    article = article_with(Draft(kind="paragraph", text="Lavage and CT for COP; lavage again."))
    words = words_in(article)
    assert [(w.term, w.written_out, w.meaning) for w in words.listed] == [
        ("COP", "cryptogenic organizing pneumonia", "Scars."),
        ("CT", "computed tomography", ""),
        ("Lavage", "", "Rinsing with fluid."),
    ]
    assert {mark.anchor for mark in words.marks} == {word.anchor for word in words.listed}


def test_a_text_without_a_glossary_has_no_words() -> None:
    """Neither marks nor a list."""
    article = article_with(Draft(kind="paragraph", text="COP."))
    assert words_of_text(article.document, Wording.of(None)) == Words(marks=(), listed=())


PARTS = st.lists(
    st.tuples(
        st.sampled_from(["heading", "paragraph", "item", "row"]),
        st.lists(st.sampled_from(["COP", "CT", "lavage", "é😀", "no", "COP."]), min_size=1),
    ),
    min_size=1,
    max_size=8,
)


@given(blocks=PARTS)
def test_marks_are_sorted_and_change_no_text(blocks: list[tuple[str, list[str]]]) -> None:
    """Marks do not overlap, and the text of the page's parts stays the stored text."""
    drafts = [
        Draft(
            kind=kind,  # type: ignore[arg-type]
            text=" ".join(words),
            level=1 if kind == "heading" else 0,
            depth=1 if kind == "item" else 0,
        )
        for kind, words in blocks
    ]
    article = article_with(Draft(kind="paragraph", text="Start."), *drafts)
    marks = words_in(article).marks
    assert all(a.end <= b.start for a, b in pairwise(marks))
    plain = parts_of(article.document, article)
    marked = parts_of(article.document, article, marks)
    for one, other in zip(plain, marked, strict=True):
        if isinstance(one, Block) and isinstance(other, Block):
            assert list(map(_text, one.sentences)) == list(map(_text, other.sentences))


def _text(sentence: Sentence) -> str:
    return "".join(run.text for run in sentence.runs)
