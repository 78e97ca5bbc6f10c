"""JATS articles: front matter, sections, blocks, references and findings."""

import datetime as dt
import time

import pytest

from corpus.errors import FileInputError
from corpus.records import ReviewStatus
from ingest.drafts import SourceFile
from ingest.jats import JatsParser
from ingest.xml import MAX_DEPTH
from tests.ingest.jats_examples import META, article_of, blocks_of, cite, document_of, jats, ref
from tests.ingest.parser_contract import ParserContract

BODY = f"""<sec><title>Methods</title><p>We gave X [{cite(1)},{cite(2)}]. It was mild.</p>
<sec><title>Dose</title><p>Two steps:<list list-type="order">
<list-item><p>10 mg {cite(2)}</p><list><list-item><p>at night</p></list-item></list></list-item>
<list-item><p>20 mg</p></list-item></list></p>
<table-wrap><label>Table 1</label><caption><p>Doses</p></caption><table>
<thead><tr><th>Arm</th><th>mg</th></tr></thead><tbody>
<tr><td>A</td><td>10 {cite(1)}</td></tr></tbody></table></table-wrap></sec></sec>"""


class TestContract(ParserContract):
    parser = JatsParser()
    good_sources = (
        jats(BODY, refs=ref(1) + ref(2)),
        jats("<p>Only text.</p>", abstract=""),
    )


def test_front_matter_is_read() -> None:
    """Slug, title, status, date and the article's own identity come from file name and front."""
    article = article_of(jats(BODY, refs=ref(1) + ref(2)))
    assert article.slug == article.document.document_id == "PMC77"
    assert article.title == "Effect of X: a trial"
    assert article.review_status is ReviewStatus.SUBMITTED
    assert article.updated == dt.date(2020, 5, 5)
    reference = article.document.reference
    assert reference is not None
    assert reference.authors == ("Roe JA", "X Group")
    assert (reference.journal, reference.year, reference.pages) == ("J Ex", 2020, "101-109")
    assert (reference.doi, reference.pmid, reference.pmcid) == ("10.1000/ex.1", "123", "PMC77")
    assert reference.publication_types == ("research-article",)
    assert article.findings == ()


@pytest.mark.parametrize("name", ["1472-6831-8-11.nxml", "pone.0046493.nxml", "a b.xml"])
def test_the_slug_is_the_files_stem_as_it_stands(name: str) -> None:
    """Only the last suffix is dropped; a given slug wins."""
    source = SourceFile(name=name, data=jats(BODY).data)
    assert article_of(source).slug == name.rpartition(".")[0]
    assert JatsParser().parse(source, slug="mine").articles[0].slug == "mine"


def test_a_date_without_a_day_is_no_date() -> None:
    """`updated` needs day, month and year; the year is known all the same."""
    article = article_of(jats(BODY, meta=META.replace("<day>5</day>", "")))
    assert article.updated is None
    assert article.document.reference is not None
    assert article.document.reference.year == 2020


def test_sections_nest_under_the_abstract_and_the_body() -> None:
    """Section paths carry every title from the outermost in."""
    document = article_of(jats(BODY)).document
    paths = [" > ".join(document.section_path(i)) for i in range(len(document.sections))]
    assert paths == ["Abstract", "Abstract > Results", "Methods", "Methods > Dose"]


def test_text_before_the_first_section_is_not_the_abstracts() -> None:
    """A body that opens without a heading gets one, so that it does not fall to the abstract."""
    document = article_of(jats("<p>Opening.</p><sec><title>Aim</title><p>A.</p></sec>")).document
    opening = next(b for b in document.blocks if "Opening" in document.text[b.start : b.end])
    assert document.section_path(opening.section) == ("Main text",)


def test_abstracts_keep_their_own_titles() -> None:
    """A summary for authors or readers stands under its title, an untitled one under Abstract."""
    abstract = """<abstract><p>First.</p></abstract>
    <abstract abstract-type="summary"><title>Author Summary</title><p>Second.</p></abstract>"""
    document = article_of(jats(BODY, abstract=abstract)).document
    assert [s.title for s in document.sections[:2]] == ["Abstract", "Author Summary"]


def test_lists_keep_depth_number_and_lead_in() -> None:
    """An item knows what introduces it: the colon before the list, or the item above."""
    document = document_of(BODY)
    items = [b for b in document.blocks if b.kind == "item"]
    texts = [document.text[b.start : b.end] for b in items]
    assert list(zip(texts, [b.depth for b in items], [b.marker for b in items], strict=True)) == [
        ("10 mg", 1, "1."),
        ("at night", 2, ""),
        ("20 mg", 1, "2."),
    ]
    lead_ins = [tuple(s.of(document.text) for s in document.lead_ins(b)) for b in items]
    assert lead_ins == [("Two steps:",), ("Two steps:", "10 mg"), ("Two steps:",)]


@pytest.mark.parametrize(
    ("style", "markers"),
    [
        ("bullet", ["•", "•"]),
        ("order", ["1.", "2."]),
        ("alpha-lower", ["a.", "b."]),
        ("roman-upper", ["I.", "II."]),
        ("simple", ["", ""]),
    ],
)
def test_list_styles_give_their_markers(style: str, markers: list[str]) -> None:
    """The marker is the one that the style prints, unless the item prints its own."""
    item = "<list-item><p>x</p></list-item>"
    document = document_of(f'<list list-type="{style}">{item * 2}</list>')
    assert [b.marker for b in document.blocks] == markers
    labelled = document_of(
        f'<list list-type="{style}"><list-item><label>(i)</label><p>x</p></list-item></list>'
    )
    assert [(b.marker, b.end) for b in labelled.blocks] == [("(i)", 1)]


def test_definitions_are_items() -> None:
    """A definition list gives `term: definition` under its title."""
    document = document_of(
        "<def-list><title>Terms</title><def-item><term>BP</term><def><p>blood pressure</p></def>"
        "</def-item></def-list>"
    )
    assert blocks_of(document) == [("caption", "Terms"), ("item", "BP: blood pressure")]


def test_an_item_of_several_paragraphs_is_one_block() -> None:
    """Its paragraphs run together, so that the list is not broken."""
    document = document_of(
        "<list><list-item><p>One.</p><p>Two.</p></list-item><list-item><p>B</p></list-item></list>"
    )
    assert blocks_of(document) == [("item", "One. Two."), ("item", "B")]


def test_figures_and_tables_inside_a_paragraph_follow_it() -> None:
    """The sentence around them stays whole."""
    figure = '<fig id="f1"><label>Fig. 1</label><caption><title>Flow</title><p>A. B.</p></caption>'
    figure += "<graphic/></fig>"
    xref = '<xref ref-type="fig" rid="f1">1</xref>'
    document = document_of(f"<p>As shown (Fig. {xref}{figure}), it <bold>rose</bold>.</p>")
    assert blocks_of(document) == [
        ("paragraph", "As shown (Fig. 1), it rose."),
        ("caption", "Fig. 1: Flow"),
        ("caption", "A. B."),
    ]


def test_a_list_divides_its_paragraph() -> None:
    """What follows the list inside the same paragraph is a paragraph of its own."""
    document = document_of("<p>Both:<list><list-item><p>x</p></list-item></list>and more.</p>")
    assert [kind for kind, _ in blocks_of(document)] == ["paragraph", "item", "paragraph"]


def test_boxes_quotes_and_formulas_are_text() -> None:
    """A box's titles are captions and never open sections; formulas keep their characters."""
    document = document_of(
        "<sec><title>Aim</title><boxed-text><caption><title>Key</title></caption>"
        "<sec><title>Sub</title><p>In box.</p></sec></boxed-text>"
        "<disp-quote><p>Quoted.</p><attrib>Somebody</attrib></disp-quote>"
        "<p>So <disp-formula><label>(1)</label>y = x</disp-formula> holds.</p></sec>"
    )
    assert blocks_of(document) == [
        ("heading", "Aim"),
        ("caption", "Key"),
        ("caption", "Sub"),
        ("paragraph", "In box."),
        ("paragraph", "Quoted."),
        ("paragraph", "Somebody"),
        ("paragraph", "So (1) y = x holds."),
    ]
    assert [s.title for s in document.sections] == ["Aim"]


def test_floating_figures_and_tables_stand_at_the_end_under_a_heading() -> None:
    """Floats outside the body belong to the text, and to no section of the body."""
    floats = "<floats-group><fig><label>F1</label><caption><p>C.</p></caption></fig></floats-group>"
    document = document_of("<sec><title>End</title><p>x</p></sec>", floats=floats)
    assert blocks_of(document)[-2:] == [("heading", "Figures and tables"), ("caption", "F1: C.")]


def test_back_matter_is_no_text() -> None:
    """Thanks, funding notes and the reference list are left out; displayed objects are not."""
    back = "<fn-group><fn><p>Funded.</p></fn></fn-group><notes><p>Note.</p></notes>"
    shown = '<sec sec-type="display-objects"><title>Tables</title><fig><caption><p>Shown.</p>'
    article = article_of(
        jats(BODY, refs=ref(1) + ref(2), back=f"{back}{shown}</caption></fig></sec>")
    )
    text = article.document.text
    assert all(word not in text for word in ("Thanks", "Funded", "Note", "Work 1", "References"))
    assert text.endswith("Tables\n\nShown.")


def test_markup_adds_no_spaces_and_glues_no_words() -> None:
    """Inline elements join, breaks and line ends part; choices among formats are made once."""
    document = document_of(
        "<p>H<sub>2</sub>O\n  and<break/>10<sup>5</sup>\u2009mg <inline-formula><alternatives>"
        "<tex-math>\\begin{document}$$z$$\\end{document}</tex-math>"
        '<mml:math xmlns:mml="urn:m"><mml:mfrac><mml:mi>a</mml:mi><mml:mi>b</mml:mi></mml:mfrac>'
        "<mml:msup><mml:mn>10</mml:mn><mml:mn>2</mml:mn></mml:msup></mml:math>"
        "</alternatives></inline-formula>.</p>"
    )
    assert document.text == "H2O and 10⁵ mg a/b10²."


def test_pmcs_download_wrapper_is_read() -> None:
    """One article inside `pmc-articleset` is read; several are refused."""
    inner = jats(BODY).data.decode()
    wrapped = SourceFile(name="x.xml", data=f"<pmc-articleset>{inner}</pmc-articleset>".encode())
    assert JatsParser().recognises(wrapped)
    assert article_of(wrapped).document.text == article_of(jats(BODY)).document.text
    double = SourceFile(name="x.xml", data=f"<pmc-articleset>{inner * 2}</pmc-articleset>".encode())
    with pytest.raises(FileInputError, match=r"x\.xml: holds 2 articles"):
        JatsParser().parse(double)


@pytest.mark.parametrize(
    "data", ["<html><article><p>x</p></article></html>", "<article><para>x</para></article>"]
)
def test_other_articles_are_not_taken_for_jats(data: str) -> None:
    """HTML and DocBook have an element of that name as well."""
    assert not JatsParser().recognises(SourceFile(name="x.xml", data=data.encode()))


def test_an_article_without_text_is_refused() -> None:
    """Headings alone are no text."""
    with pytest.raises(FileInputError, match=r"PMC77\.nxml: the article holds no text"):
        article_of(jats("<sec><title>Empty</title></sec>", abstract=""))


def test_an_article_without_a_title_is_named_by_its_slug() -> None:
    """No title is made up, and the editor is told."""
    article = article_of(
        jats(BODY, refs=ref(1) + ref(2), meta="<article-meta>{abstract}</article-meta>")
    )
    assert article.title == "PMC77"
    assert article.findings == ("The article has no title; its slug stands for it.",)


@pytest.mark.parametrize(
    "tags",
    [["sec"], ["disp-quote"], ["sup"], ["list", "list-item"], ["boxed-text", "p"], ["p", "list"]],
)
def test_the_deepest_nesting_that_is_read_can_be_walked(tags: list[str]) -> None:
    """No structure within the limit on depth runs out of stack."""
    levels = (MAX_DEPTH - 4) // len(tags)
    opening = "".join(f"<{tag}>" for tag in tags)
    closing = "".join(f"</{tag}>" for tag in reversed(tags))
    document = document_of(f"<p>Top.</p>{opening * levels}<p>deep</p>{closing * levels}")
    assert document.text.startswith("Top.")


def test_hostile_runs_of_marks_are_read_in_linear_time() -> None:
    """Tens of thousands of brackets, numbers and spans take no more than seconds."""
    started = time.perf_counter()
    document_of(f"<p>x {'[(' * 20_000}{cite(1)}{'1,' * 20_000}</p>", refs=ref(1))
    document_of(f"<p>x {(cite(1) + ',') * 20_000}</p>", refs=ref(1))
    wide = '<td colspan="100" rowspan="100">w</td>' * 20
    document_of(f"<table-wrap><table><tr>{wide}</tr>{'<tr/>' * 200}</table></table-wrap>")
    assert time.perf_counter() - started < 20
