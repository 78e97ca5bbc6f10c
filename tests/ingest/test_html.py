"""HTML pages: what is kept of pages of many makes, and what of their citations and lists."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.records import ReviewStatus
from ingest.drafts import SourceFile
from ingest.html import HtmlParser
from ingest.html_tree import MAX_DEPTH
from tests.ingest.html_examples import (
    ANSWER_PAGE,
    EXAMPLES,
    FOOTNOTES,
    GUIDELINE,
    PMC,
    PUBLISHER,
    TABLES,
    WIKIPEDIA,
    WORDPRESS,
    Example,
    article_of,
    blocks_of,
    body_of,
    cited,
)
from tests.ingest.jats_examples import jats
from tests.ingest.parser_contract import ParserContract, assert_consistent


class TestHtml(ParserContract):
    parser = HtmlParser()
    good_sources = (FOOTNOTES.source, GUIDELINE.source)


def named(example: Example) -> str:
    return example.name


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
class TestPages:
    def test_the_text_is_kept_and_the_rest_left_out(self, example: Example) -> None:
        """What the page says is stored; what stands around it is not."""
        text = HtmlParser().parse(example.source).articles[0].document.text
        assert [phrase for phrase in example.kept if phrase not in text] == []
        assert [phrase for phrase in example.dropped if phrase in text] == []

    def test_citations_leave_the_text_where_they_stood(self, example: Example) -> None:
        """Every citation is a callout behind its word, with the numbers that it names."""
        document = HtmlParser().parse(example.source).articles[0].document
        expected = [(phrase.split()[-1], numbers) for phrase, numbers in example.cited]
        assert cited(document) == expected

    def test_title_and_list_are_found(self, example: Example) -> None:
        """The title is the article's, not the site's; every entry is listed."""
        parsed = HtmlParser().parse(example.source)
        assert parsed.articles[0].title == example.title
        assert len(parsed.articles[0].references) == example.references
        assert_consistent(parsed)

    def test_the_page_is_recognised(self, example: Example) -> None:
        """Name and content tell the format; without its suffix the content alone may."""
        assert HtmlParser().recognises(example.source)


class TestReferences:
    def test_links_give_the_identifiers_that_words_do_not(self) -> None:
        """DOI in brackets, PMID of a query, PMCID of a path; the first link with a DOI counts."""
        one, two, three, four = HtmlParser().parse(PUBLISHER.source).articles[0].references
        assert (one.doi, one.pmid) == ("10.1000/s0140-6736(05)17709-5", "12345678")
        assert (two.doi, three.pmcid, four.doi) == ("10.1000/two", "PMC3333", None)
        assert one.as_listed == "Doe J, Roe R. How long flares last. J Joints. 2019;1:2–3."
        assert [r.number for r in (one, two, three, four)] == [1, 2, 3, 4]

    def test_labels_and_link_names_are_no_words_of_an_entry(self) -> None:
        """Neither the printed number, nor "[DOI]", nor a way back stays in the entry."""
        first, second, _ = HtmlParser().parse(PMC.source).articles[0].references
        assert first.as_listed == "Doe J. Hospitals. Sleep. 2001;1:1–2. doi: 10.1000/sleep(1)2."
        assert (second.as_listed, second.pmcid, second.pmid) == (
            "Roe R. Transport. 2002.",
            "PMC999",
            "555",
        )
        wiki = HtmlParser().parse(WIKIPEDIA.source).articles[0].references
        assert wiki[1].as_listed == "Roe R. Hands. 2017."

    def test_a_heading_over_part_of_the_list_gives_the_kind(self) -> None:
        """Entries under "Guidelines" are guidelines; numbering goes on over the sub-headings."""
        references = HtmlParser().parse(GUIDELINE.source).articles[0].references
        assert [(r.number, r.kind) for r in references] == [(1, "guideline"), (2, "research")]
        assert references[0].url == "https://www.fever.example/ng1"

    def test_entries_of_several_lines_have_title_and_journal(self) -> None:
        """Kind, title, and journal with year on lines of their own are told apart."""
        article = HtmlParser().parse(ANSWER_PAGE.source).articles[0]
        first, second = article.references
        assert (first.kind, first.title) == ("guideline", "Potassium in Practice")
        assert (second.journal, second.year, second.pmid, second.number) == (
            "Journal of Invented Nephrology",
            2020,
            "4444",
            None,
        )
        assert "no cited number is tied to an entry" in " ".join(article.findings)

    def test_a_script_address_never_becomes_a_references_address(self) -> None:
        """Only http and https addresses are taken from links."""
        article = article_of(
            "<main><p>Salt is bad for most of us [1].</p><h2>References</h2><ol><li>"
            '<a href="javascript:alert(1)">Doe J. 2001.</a> <a href="data:text/html,x">x</a>'
            '<a href="http://[bad">y</a></li></ol></main>'
        )
        assert article.references[0].url is None

    def test_a_number_that_leads_elsewhere_is_told(self) -> None:
        """Where the printed number and the linked entry differ, the printed one is kept."""
        article = article_of(
            '<main><p>Salt is bad [<a href="#b">1</a>].</p><h2>References</h2>'
            '<ol><li id="a">A. 2001.</li><li id="b">B. 2002.</li></ol></main>'
        )
        assert cited(article.document) == [("bad", (1,))]
        told = "The text prints 1 where its link leads to reference 2."
        assert told in article.findings

    def test_what_is_cited_and_what_is_listed_are_compared(self) -> None:
        """A number without an entry and an entry without a number are findings."""
        article = article_of(
            "<main><h1>Salt</h1><p>Salt is bad [1, 3].</p><h2>References</h2>"
            "<ol><li>A. 2001.</li><li>B. 2002.</li></ol></main>"
        )
        assert article.findings == (
            "Cited in the text but not in the reference list: 3.",
            "In the reference list but never cited: 2.",
        )

    def test_notes_beside_a_list_are_no_references(self) -> None:
        """A footnote mark is not taken for a citation when the page has a reference list."""
        article = article_of(
            '<main><p>Salt<sup><a href="#fn1">1</a></sup> is bad [1].</p>'
            "<h2>References</h2><ol><li>A. 2001.</li></ol>"
            '<div class="footnotes"><ol><li id="fn1">Sodium chloride.</li></ol></div></main>'
        )
        assert cited(article.document) == [("bad", (1,))]
        assert "Sodium chloride." in article.document.text
        assert article.document.text.startswith("Salt is bad.")


class TestFront:
    def test_dates_come_from_the_page_then_from_its_head(self) -> None:
        """A printed date wins; else JSON-LD before meta; else the time element."""
        updated = [
            HtmlParser().parse(example.source).articles[0].updated
            for example in (GUIDELINE, PUBLISHER, WORDPRESS, PMC)
        ]
        assert updated == [
            dt.date(2024, 3, 4),
            dt.date(2024, 2, 3),
            dt.date(2023, 3, 4),
            dt.date(2021, 3, 9),
        ]

    def test_a_saved_answer_page_keeps_its_status(self) -> None:
        """Review steps, pending review, policy, board and disclaimer are read and not text."""
        article = HtmlParser().parse(ANSWER_PAGE.source).articles[0]
        assert article.review_status is ReviewStatus.UNDER_REVIEW
        assert article.policy_url == "https://example.org/policy"
        assert "Clinical Advisory Board" in (article.editorial_board or "")
        assert article.disclaimer == (
            "This text is intended for healthcare professionals. It replaces no judgement."
        )
        assert "healthcare professionals" in (article.audience_note or "")

    def test_broken_metadata_is_passed_over(self) -> None:
        """JSON-LD that is no JSON, or nests without end, and impossible dates give nothing."""
        deep = "[" * 100_000
        article = article_of(
            '<head><script type="application/ld+json">{"dateModified": </script>'
            f'<script type="application/ld+json">{deep}</script>'
            '<script type="application/ld+json">{"dateModified": ["2020-01-01"]}</script>'
            '<meta property="article:modified_time" content="2020-13-45"></head>'
            "<main><p>Salt is bad for most people who eat it.</p></main>"
        )
        assert article.updated is None
        assert article.title == "page"

    def test_back_matter_and_hidden_text_are_told(self) -> None:
        """What was left out inside the article is a finding, not a silence."""
        findings = HtmlParser().parse(PUBLISHER.source).articles[0].findings
        assert findings == (
            "Left out as no part of the text: “Funding”, “Rights and permissions”.",
        )
        hidden = HtmlParser().parse(GUIDELINE.source).articles[0].findings
        assert "Hidden on the page" in hidden[0]


class TestBlocks:
    def test_lists_keep_depth_and_markers(self) -> None:
        """Nested items have depth and the markers that the page prints."""
        document = body_of(
            '<p>Causes:</p><ol type="a" start="3"><li>Drugs<ul><li><p>Aspirin</p><p>Others</p>'
            '</li></ul></li><li value="7">Infection</li></ol><ol reversed><li>x</li><li>y</li></ol>'
        )
        assert blocks_of(document) == [
            ("paragraph", 0, "", "Causes:"),
            ("item", 1, "c.", "Drugs"),
            ("item", 2, "•", "Aspirin"),
            ("item", 2, "", "Others"),
            ("item", 1, "g.", "Infection"),
            ("item", 1, "2.", "x"),
            ("item", 1, "1.", "y"),
        ]

    def test_rows_follow_their_caption(self) -> None:
        """A caption stands before its rows even where the page sets it below."""
        document = HtmlParser().parse(TABLES.source).articles[0].document
        kinds = [b.kind for b in document.blocks]
        assert kinds == ["paragraph", "caption", "row", "row", "row", "caption", "row"]
        assert document.lead_ins(document.blocks[-1])[0].of(document.text) == "Table 2. Drugs"

    def test_a_first_row_in_bold_heads_its_table(self) -> None:
        """Columns whose heads are marked by bold type alone are explained in each row."""
        document = body_of(
            "<table><tr><td><b>Drug</b></td><td><strong>Dose</strong></td></tr>"
            "<tr><td>A</td><td>1 mg</td></tr></table>"
        )
        assert document.text == "A 1 mg (Drug: A; Dose: 1 mg)"

    def test_a_label_set_as_a_heading_opens_no_section(self) -> None:
        """What follows a table stands under the section, not under the table's number."""
        document = body_of(
            "<h2>Results</h2><h4>Table 1.</h4><div class='caption'><p>Doses</p></div>"
            "<table><tr><th>A</th></tr><tr><td>1</td></tr></table><p>Most took it.</p>"
        )
        assert [s.title for s in document.sections] == ["Results"]
        assert document.text.startswith("Results\n\nTable 1: Doses")

    def test_deleted_text_and_scripts_are_not_read(self) -> None:
        """Struck-out words, scripts, styles, templates and controls are no text."""
        document = body_of(
            "<p>Give <del>20</del><ins>10</ins> mg.<script>alert('x')</script></p><template><p>No"
            "</p></template><style>p{}</style><p>Then <s>not</s> stop.<input value=z></p>"
            "<svg><text>s</text></svg>"
        )
        assert document.text == "Give 10 mg.\n\nThen stop."

    def test_malformed_markup_loses_no_words(self) -> None:
        """Unclosed and crossed tags, bare ampersands and entities are read as browsers do."""
        document = body_of(
            "<p>One <b>two <i>three</b> four</i> & five &amp;lt; &ge;6 &#8804;&nbsp;7<p>Eight"
            "<ul><li>nine<li>ten</ul></div></span>eleven<br>twelve"
        )
        assert [text for _, _, _, text in blocks_of(document)] == [
            "One two three four & five &lt; ≥6 ≤ 7",
            "Eight",
            "nine",
            "ten",
            "eleven twelve",
        ]

    def test_a_small_part_named_main_does_not_hide_the_rest(self) -> None:
        """Running text decides where the article stands, not a name alone."""
        prose = (
            "The kidney keeps the salt of the body in balance, and it does so all day long. " * 4
        )
        document = article_of(
            f"<body><main><p>Welcome.</p></main><div><p>{prose}</p><p>{prose}</p></div></body>"
        ).document
        assert document.text.count("all day long") == 8


class TestBadInput:
    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"<p>caf\xe9</p>", "not UTF-8"),
            (b'<meta charset="hex"><p>x</p>', "not supported"),
            (b'<meta charset="shift_jis"><p>\x81</p>', "not cp932"),
            (b"<p>a\x00b</p>", "NUL"),
            (b"<html><body></body></html>", "no text"),
            (b"<script>var x = 'words';</script>", "no text"),
            (b"<div>" * 5000 + b"deep", "nested more than"),
            (b"<p>" + b"word " * 40_000 + b"</p>", "paragraph"),
            (b"\xff\xfe<\x00p", "not utf-16"),
        ],
    )
    def test_a_page_that_cannot_be_read_is_refused(self, data: bytes, reason: str) -> None:
        """One line says why, whatever is wrong with the bytes."""
        with pytest.raises(FileInputError, match=reason) as caught:
            HtmlParser().parse(SourceFile(name="bad.html", data=data))
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "utf-8-sig"])
    def test_the_declared_encoding_is_followed(self, encoding: str) -> None:
        """Byte-order mark and meta tag tell the encoding; the text is the same."""
        page = "<html><head><meta charset=windows-1252></head><p>Ménière’s 5 µg</p></html>"
        page = page if encoding == "cp1252" else page.replace("windows-1252", "utf-8")
        source = SourceFile(name="a.html", data=page.encode(encoding))
        assert HtmlParser().recognises(source)
        assert HtmlParser().parse(source).articles[0].document.text == "Ménière’s 5 µg"

    def test_nesting_up_to_the_limit_is_read(self) -> None:
        """The deepest page that is accepted does not exhaust the stack."""
        inner = MAX_DEPTH - 5
        for tag in ("div", "ul><li", "span", "sup"):
            closing = "".join(f"</{t}>" for t in reversed(tag.split("><")))
            times = inner // (2 if "li" in tag else 1)
            page = f"<p>x</p>{f'<{tag}>' * times}deep{closing * times}"
            assert "deep" in article_of(page).document.text

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.xml", jats("<p>x</p>").data),
            ("a.html", jats("<p>x</p>").data),
            ("a.html", b"<?xml version='1.0'?><PubmedArticleSet/>"),
            ("a.md", b"<html><p>x</p></html>"),
            ("a.md", b"# Title\n\n<p>x</p>"),
            ("a.txt", b"Title\n\nA paragraph with <b>no</b> page around it."),
            ("a.html", b"Only words"),
            ("a.json", b'{"_id": "<html>"}'),
        ],
    )
    def test_other_formats_are_left_to_their_parsers(self, name: str, data: bytes) -> None:
        """JATS, PubMed XML, Markdown, plain text and JSON are not claimed."""
        assert not HtmlParser().recognises(SourceFile(name=name, data=data))


tags = st.sampled_from(
    "p div ul ol li h1 h2 table tr td th sup a b span dl dt dd figure figcaption br section".split()
)
words = st.text(st.sampled_from("abc 123[],.<>&;-–µ\u00a0\x01\ud800"), max_size=12)
trees = st.recursive(
    words,
    lambda inner: st.builds(
        lambda tag, href, parts: f"<{tag} id='r1' href='#{href}'>{''.join(parts)}</{tag}>",
        tags,
        st.sampled_from(("r1", "ref-2", "x", "")),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_any_nesting_of_any_tags_gives_consistent_records(markup: str) -> None:
    """Whatever the markup, every span lies in its text or the page is refused."""
    data = f"<h2>References</h2>{markup}<h2>Text</h2>{markup}<p>End.</p>".encode(errors="replace")
    try:
        parsed = HtmlParser().parse(SourceFile(name="any.html", data=data))
    except FileInputError:
        return
    assert_consistent(parsed)
