import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.records import Article, Document, GlossaryEntry, ReviewStatus
from ingest.drafts import Parsed, SourceFile
from ingest.markdown import MarkdownParser
from tests.ingest.parser_contract import ParserContract, assert_consistent

ARTICLE = """---
slug: potassium
title: What raises serum potassium?
review_status: under review
updated: 2024-03-04
audience_note: For healthcare professionals.
editorial_board: Invented Board
policy_url: https://example.org/policy
disclaimer: |
  No advice.

  None at all.
glossary:
  - term: ECG
    written_out: electrocardiogram
    variants: [EKG]
  - term: potassium
    meaning: |
      A salt that the heart
      needs.
references:
  - number: 1
    kind: guideline
    title: Potassium in Practice
    authors: [Roe A, "Doe, B"]
    journal: Renal Board Press
    year: 2019
    volume: 012
    issue: 3
    pages: 1-9
    doi: https://doi.org/10.1000/ABC(1)2
    pmid: 4242
    pmcid: pmc77
    url: https://example.org/guide
    abstract: |
      Potassium matters. It can
      kill.

      Treat it.
    abstract_note: A summary in our own words.
  - number: 2
    title: Drugs and potassium
    doi: doi:10.1000/XYZ.
    abstract: Drugs raise it.
  - title: Unnumbered
    abstract: Nothing new.
---

# What raises serum potassium?

Potassium rises when the *kidney* [fails](https://example.org) [1, 2]. Rarely [sic].

## Drugs

These drugs raise it:

* ACE inhibitors [1]
* Diuretics:
  1) Amiloride
  2) Spironolactone [2]

     Seldom alone.

Table 1. Doses

| Drug | Dose | Remark [2] |
|------|------|------------|
| Amiloride | 5 mg [1] | |
| Spironolactone | 25 mg | with *food* |

> Quoted words [95% CI 1-3].

### Deeper

    code[1] = 2

<div>Plain <b>bo</b>ld &amp; text</div> 10<sup>9</sup>/L
"""

PLAIN = """# Gout

Gout hurts [1]. It heals [2-3].

## References

1. First A. Gout today. doi:10.1000/J(1)2.
2. Second B. Gout tomorrow.

### Guideline

4. Third C. Gout guide.

## Professional Disclaimer

No advice.

## After all

It ends.
"""


def parse(text: str, name: str = "article.md") -> Parsed:
    """Parse an article given as text."""
    return MarkdownParser().parse(SourceFile(name=name, data=text.encode()))


def read(text: str) -> Article:
    """Return the article of a text."""
    return parse(text).articles[0]


def lines_of(document: Document) -> list[str]:
    """Return every block in short: kind, depth, marker, text."""
    return [
        f"{b.kind}{b.depth or ''} {b.marker}|{document.text[b.start : b.end]}"
        for b in document.blocks
    ]


def cited(document: Document) -> list[tuple[str, tuple[int, ...]]]:
    """Return each callout as the last word before it and its numbers."""
    return [(document.text[: c.at].split()[-1], c.numbers) for c in document.callouts]


class TestMarkdownParser(ParserContract):
    parser = MarkdownParser()
    good_sources = (
        SourceFile(name="potassium.md", data=ARTICLE.encode()),
        SourceFile(name="gout.txt", data=PLAIN.encode()),
    )


def test_front_matter_says_what_stands_around_the_text() -> None:
    """Every key has its place in the article."""
    article = read(ARTICLE)
    assert article.slug == "potassium"
    assert article.title == "What raises serum potassium?"
    assert article.review_status is ReviewStatus.UNDER_REVIEW
    assert article.updated == dt.date(2024, 3, 4)
    assert article.audience_note == "For healthcare professionals."
    assert article.editorial_board == "Invented Board"
    assert article.policy_url == "https://example.org/policy"
    assert article.disclaimer == "No advice.\n\nNone at all."


def test_the_glossary_keeps_its_order() -> None:
    """Terms, what is written out, meanings on one line, and other spellings; none is no error."""
    assert read(ARTICLE).glossary == (
        GlossaryEntry(term="ECG", written_out="electrocardiogram", variants=("EKG",)),
        GlossaryEntry(term="potassium", meaning="A salt that the heart needs."),
    )
    assert read(PLAIN).glossary == ()
    assert read("---\nglossary:\n---\n# T\n\nText.\n").glossary == ()


def test_references_are_read_as_they_are_printed() -> None:
    """Identifiers come in their normal forms; `012` is no octal number."""
    first = read(ARTICLE).references[0]
    assert (first.number, first.kind, first.authors) == (1, "guideline", ("Roe A", "Doe, B"))
    assert (first.journal, first.year, first.volume) == ("Renal Board Press", 2019, "012")
    assert (first.issue, first.pages, first.pmid, first.pmcid) == ("3", "1-9", "4242", "PMC77")
    assert (first.doi, first.url) == ("10.1000/abc(1)2", "https://example.org/guide")
    assert first.document_id == "pmid:4242"


def test_a_reference_may_be_marked_as_retracted() -> None:
    """Publication types are a list of PubMed's words; without one a paper stands."""
    types = "publication_types: [Journal Article, Retracted Publication]"
    (marked, plain) = read(
        f"---\nreferences:\n- title: a\n  {types}\n- title: b\n---\n# T\n\nText.\n"
    ).references
    assert marked.publication_types == ("Journal Article", "Retracted Publication")
    assert (marked.retracted, plain.retracted) == (True, False)


def test_abstracts_become_documents() -> None:
    """Each is known by PMID, DOI or place, and carries its reference without a number."""
    parsed = parse(ARTICLE)
    assert [d.document_id for d in parsed.documents] == [
        "pmid:4242",
        "doi:10.1000/xyz",
        "potassium#ref-3",
    ]
    assert [r.document_id for r in parsed.articles[0].references] == [
        d.document_id for d in parsed.documents
    ]
    abstract = parsed.documents[0]
    assert abstract.kind == "abstract"
    assert abstract.title == "Potassium in Practice"
    assert abstract.text == "Potassium matters. It can kill.\n\nTreat it."
    assert abstract.note == "A summary in our own words."
    assert abstract.reference is not None
    assert (abstract.reference.number, abstract.reference.pmid) == (None, "4242")


def test_a_reference_without_an_abstract_has_no_document() -> None:
    """`document_id` names stored text only."""
    parsed = parse("---\nreferences:\n- title: A\n  pmid: 1\n---\n# T\n\nText.\n")
    assert parsed.documents == ()
    assert parsed.articles[0].references[0].document_id is None


def test_the_body_becomes_blocks_of_plain_text() -> None:
    """Headings, nested lists, tables, quotes, code and HTML leave their text, nothing else."""
    assert lines_of(read(ARTICLE).document) == [
        "paragraph |Potassium rises when the kidney fails. Rarely [sic].",
        "heading |Drugs",
        "paragraph |These drugs raise it:",
        "item1 •|ACE inhibitors",
        "item1 •|Diuretics:",
        "item2 1)|Amiloride",
        "item2 2)|Spironolactone",
        "item3 |Seldom alone.",
        "caption |Table 1. Doses",
        "row |Amiloride; Dose: 5 mg",
        "row |Spironolactone; Dose: 25 mg; Remark: with food",
        "paragraph |Quoted words [95% CI 1-3].",
        "heading |Deeper",
        "paragraph |code[1] = 2",
        "paragraph |Plain bold & text 10⁹/L",
    ]


def test_citations_are_taken_out_of_the_text() -> None:
    """Numbers in brackets become callouts, in a table's head too; code keeps its brackets."""
    assert cited(read(ARTICLE).document) == [
        ("fails", (1, 2)),
        ("inhibitors", (1,)),
        ("Spironolactone", (2,)),
        ("mg", (1,)),
        ("Remark", (2,)),
    ]


def test_rows_and_items_are_introduced() -> None:
    """A row by its caption, an item by the lines above it, a second paragraph by its item."""
    document = read(ARTICLE).document
    introduced = {
        document.text[b.start : b.end]: [s.of(document.text) for s in document.lead_ins(b)]
        for b in document.blocks
        if b.lead_in is not None
    }
    assert introduced["Amiloride; Dose: 5 mg"] == ["Table 1. Doses"]
    assert introduced["Seldom alone."] == ["These drugs raise it:", "Diuretics:", "Spironolactone"]


def test_the_title_stands_once_and_sections_begin_at_level_one() -> None:
    """The heading that repeats the title is no section; what is below moves up."""
    sections = read(ARTICLE).document.sections
    assert [(s.title, s.level, s.parent) for s in sections] == [
        ("Drugs", 1, None),
        ("Deeper", 2, 0),
    ]


def test_another_first_heading_stays_a_section() -> None:
    """Only the title's own repetition is dropped."""
    article = read("---\ntitle: One\n---\n# Two\n\nText.\n")
    assert article.title == "One"
    assert lines_of(article.document) == ["heading |Two", "paragraph |Text."]


def test_the_body_may_hold_the_reference_list_and_the_disclaimer() -> None:
    """Entries keep their printed numbers and kinds; neither section is part of the text."""
    article = read(PLAIN)
    assert article.slug == "article"
    assert article.document.text == "Gout hurts. It heals.\n\nAfter all\n\nIt ends."
    assert article.disclaimer == "No advice."
    assert [(r.number, r.kind, r.title, r.doi) for r in article.references] == [
        (1, "research", "First A. Gout today. doi:10.1000/J(1)2.", "10.1000/j(1)2"),
        (2, "research", "Second B. Gout tomorrow.", None),
        (4, "guideline", "Third C. Gout guide.", None),
    ]
    assert article.references[1].as_listed == "Second B. Gout tomorrow."
    assert article.findings == (
        "Cited in the text but not in the reference list: 3.",
        "In the reference list but never cited: 4.",
    )


def test_front_matter_wins_over_sections_of_the_body() -> None:
    """The section is left out of the text, and that is said."""
    head = "---\ndisclaimer: Ours.\nreferences:\n- title: A\n  number: 1\n---\n"
    article = read(f"{head}# T\n\nText [1].\n\n# References\n\n1. B\n\n# Disclaimer\n\nTheirs.\n")
    assert article.document.text == "Text."
    assert [r.title for r in article.references] == ["A"]
    assert article.disclaimer == "Ours."
    assert article.findings == (
        "The section 'References' is left out: the front matter has references.",
        "The section 'Disclaimer' is left out: the front matter has disclaimer.",
    )


def test_a_numeric_link_label_is_a_citation() -> None:
    """`[1]: https://…` makes no link of `[1]`; escaped brackets cite as well."""
    article = read(
        "# T\n\nSo [1][2] and \\[3\\], [see [4] there](https://a.b).\n\n[1]: https://a.b\n"
    )
    assert article.document.text == "So and, see there."
    assert [c.numbers for c in article.document.callouts] == [(1, 2), (3,), (4,)]


def test_link_text_and_image_text_stay() -> None:
    """A link whose text is a number is not a citation in brackets."""
    document = read("# T\n\nSee [5](https://a.b), ![a scan](x.png) and <https://c.d>.\n").document
    assert document.text == "See 5, a scan and https://c.d."
    assert document.callouts == ()


def test_html_leaves_its_text_as_text() -> None:
    """Tags and comments go, nothing runs, and a superscript does not join a number."""
    page = (
        "# T\n\nA <b>bo</b>ld 10<sup>9</sup>/L and H<sub>2</sub>O, x<br>y, &lt;3 < 4.\n\n"
        "<script>alert(1)</script>\n\n<!-- hidden -->\n\n<p>One</p><p>Two &lt;2</p>\n"
    )
    assert lines_of(read(page).document) == [
        "paragraph |A bold 10⁹/L and H2O, x y, <3 < 4.",
        "paragraph |alert(1)",
        "paragraph |One Two <2",
    ]


def test_a_table_without_caption_or_rows_keeps_its_words() -> None:
    """A head alone is a row; very long column names are said once."""
    long = "n" * 201
    page = f"# T\n\n| A | B |\n|---|---|\n\nText.\n\n| A | {long} |\n|---|---|\n| 1 | 2 |\n"
    assert lines_of(read(page).document) == [
        "row |A; B",
        "paragraph |Text.",
        f"row |A; {long}",
        "row |1; 2",
    ]


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("tilte: x", "line 2: front matter: unknown key 'tilte'"),
        ("title: x\ntitle: y", "line 3: front matter: the key 'title' stands here twice"),
        ("title: [a]", "line 2: title: expected text"),
        ("title: true", "line 2: title: expected text"),
        ("title: {a: b}", "line 2: title: expected text"),
        ('title: "a\\u0000b"', "line 2: title: holds a control character"),
        ('title: "\\ud800"', "line 2: title: holds a control character"),
        ("updated: soon", "line 2: updated: expected a date as YYYY-MM-DD"),
        ("updated: 2025-13-45", "line 2: updated: expected a date"),
        ("updated: 2025-02-30", "line 2: updated: expected a date"),
        ("review_status: done", "line 2: review_status: expected one of submitted, under-review"),
        ("policy_url: javascript:alert(1)", "line 2: policy_url: expected a web address"),
        ("references: none", "line 2: references: expected a list"),
        ("references:\n- one", "line 3: references, entry 1: expected keys"),
        ("references:\n- number: 1", "line 3: references, entry 1: has no title"),
        ("references:\n- title: a\n  nr: 1", "line 4: references, entry 1: unknown key 'nr'"),
        ("references:\n- title: a\n  number: one", "line 4: references, entry 1, number: expected"),
        ("references:\n- title: a\n  number: 0", "entry 1, number: expected a whole number from 1"),
        ("references:\n- title: a\n  year: 20", "line 4: references, entry 1, year: expected"),
        ("references:\n- title: a\n  kind: blog", "entry 1, kind: expected guideline or research"),
        ("references:\n- title: a\n  doi: b", "line 4: references, entry 1, doi: expected a DOI"),
        ("references:\n- title: a\n  pmid: x1", "entry 1, pmid: expected digits"),
        ("references:\n- title: a\n  pmcid: x1", "entry 1, pmcid: expected PMC and digits"),
        ("references:\n- title: a\n  authors: b", "entry 1, authors: expected a list"),
        (
            "references:\n- title: a\n  abstract_note: b",
            "abstract_note: stands without an abstract",
        ),
        (
            "references:\n- title: a\n  number: 1\n- title: b\n  number: 1",
            "line 5: references, entry 2: the number 1 is given to another reference already",
        ),
        (
            "references:\n- {title: a, pmid: 1, abstract: a}\n- {title: b, pmid: 1, abstract: b}",
            "references 1 and 2 are both pmid:1",
        ),
        ("glossary: none", "line 2: glossary: expected a list"),
        ("glossary:\n- word", "line 3: glossary, entry 1: expected keys"),
        ("glossary:\n- meaning: a", "line 3: glossary, entry 1: has no term"),
        ("glossary:\n- term: ' '\n  meaning: a", "line 3: glossary, entry 1: has no term"),
        (
            "glossary:\n- term: a\n  meaning: ' '",
            "line 3: glossary, entry 1: has neither a meaning nor what is written out",
        ),
        ("glossary:\n- {term: a, sense: b}", "line 3: glossary, entry 1: unknown key 'sense'"),
        ("glossary:\n- {term: a, meaning: [b]}", "glossary, entry 1, meaning: expected text"),
        ("glossary:\n- {term: a, meaning: b, variants: c}", "entry 1, variants: expected a list"),
        (
            "glossary:\n- {term: a, meaning: b}\n- {term: c, meaning: d, variants: [a]}",
            "line 4: glossary, entry 2: 'a' stands in the glossary already",
        ),
        ("- a\n- b", "line 2: front matter: expected keys with values"),
        ("just words", "line 2: front matter: expected keys with values"),
        ("title: [", "front matter is not valid YAML: "),
        ("title: \x07", "front matter is not valid YAML: a character"),
        ("!!python/object/apply:os.system ['true']", "front matter: expected keys with values"),
        ("a: &a [x]\nb: [*a, *a]", "line 3: front matter is not valid YAML: aliases"),
        ("title: &t x\nslug: *t", "line 3: front matter is not valid YAML: aliases"),
        ("title: " + "[" * 5000, "line 2: front matter is not valid YAML: nested more than"),
        ("title: " + "{a: " * 5000, "line 2: front matter is not valid YAML: nested more than"),
        ("slug: a/b", "slug 'a/b' cannot be an id"),
        ("slug: .a", "slug '.a' cannot be an id"),
        ("slug: ..", "slug '..' cannot be an id"),
        ('slug: "a\\nb"', "slug 'a\\nb' cannot be an id"),
        ('slug: "a\\tb"', "slug 'a\\tb' cannot be an id"),
        ('slug: " "', "no slug"),
    ],
)
def test_front_matter_that_cannot_be_used_is_refused(yaml: str, expected: str) -> None:
    """The error is one line that names file, line, key and reason."""
    with pytest.raises(FileInputError) as caught:
        parse(f"---\n{yaml}\n---\n# T\n\nText.\n")
    assert expected in str(caught.value)
    assert str(caught.value).startswith("article.md")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["---", "---\n", "---\ntitle: x\n", "---\ntitle: x\n# T\n\nText\n"]
)
def test_front_matter_that_is_not_closed_is_refused(text: str) -> None:
    """A forgotten closing line does not swallow the article."""
    with pytest.raises(FileInputError, match="line 1: front matter opens here and is never closed"):
        parse(text)


@pytest.mark.parametrize("head", ["", "---\n---\n", "---\n# nothing\n---\n", "---\ntitle:\n...\n"])
def test_front_matter_may_be_empty_or_absent(head: str) -> None:
    """The first heading is the title then, and the file's stem the slug."""
    article = read(f"{head}# T\n\nText.\n")
    assert (article.slug, article.title, article.document.text) == ("article", "T", "Text.")
    assert article.review_status is ReviewStatus.SUBMITTED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Text without a title.\n", "no title"),
        ("# T\n", "holds no text"),
        ("# T\n\n## S\n", "no text"),
    ],
)
def test_an_article_needs_a_title_and_text(text: str, reason: str) -> None:
    """Headings alone are no article."""
    with pytest.raises(FileInputError, match=reason):
        parse(text)


@pytest.mark.parametrize(
    "body",
    [
        "> " * 5000 + "x",
        "- " * 5000 + "x",
        "1. " * 5000 + "x",
        "\n".join("  " * i + "- x" for i in range(300)),
    ],
)
def test_nesting_beyond_all_bounds_is_refused(body: str) -> None:
    """Text that the Markdown reader would silently drop is reported with its line."""
    with pytest.raises(FileInputError, match=r"^article\.md, line \d+: nested more than 60 deep$"):
        parse(f"# T\n\n{body}\n")


def test_lists_of_twenty_five_levels_are_read() -> None:
    """What a person may write is not refused."""
    body = "\n".join("  " * i + f"- x{i}" for i in range(25))
    assert max(b.depth for b in read(f"# T\n\n{body}\n").document.blocks) == 25


@pytest.mark.parametrize("body", ["x" * 2_000_000, "[" * 2_000_000, "A b. " * 400_000])
def test_a_line_of_two_megabytes_is_refused_at_once(body: str) -> None:
    """No article has such a paragraph; the error names its line."""
    with pytest.raises(FileInputError, match=r"^article\.md, line 5: a paragraph of \d+ char"):
        parse(f"# T\n\nText.\n\n{body}\n")


def test_an_abstract_or_a_title_of_two_megabytes_is_refused() -> None:
    """Front matter is held to the same bounds."""
    for yaml in (
        "title: " + "x" * 200_000,
        "references:\n- {title: a, abstract: " + "b " * 100_000 + "}",
    ):
        with pytest.raises(FileInputError, match=r"of \d+ characters \(at most \d+\)"):
            parse(f"---\n{yaml}\n---\n# T\n\nText.\n")


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.md", b"anything", True),
        ("a.markdown", b"", True),
        ("a.txt", b"---\ntitle: x\n---\n", True),
        ("a", b"\xef\xbb\xbf---\r\n# note\r\ntitle: x\r\n---\r\n", True),
        ("a.txt", b"# Title\n\nText", True),
        ("a.txt", b"Title\n\nText", False),
        ("a.txt", b"---\nno key here\n", False),
        ("a.xml", b"---\ntitle: x\n---\n", False),
    ],
)
def test_markdown_is_recognised_by_name_or_head(name: str, data: bytes, *, expected: bool) -> None:
    """A suffix of Markdown, or front matter or a `# Title` in a text file."""
    assert MarkdownParser().recognises(SourceFile(name=name, data=data)) is expected


PIECES = (
    *("# H\n\n", "## References\n\n", "## Disclaimer\n\n", "text [1]. ", "- item [2]\n", "\n\n"),
    *(
        "  1. sub\n",
        "> quote\n",
        "| a | b |\n|---|---|\n| 1 | [3] |\n",
        "<b>x</b>",
        "`c[1]`",
        "***",
    ),
    *("[a](b)", "[1]: c\n", "&#0;", "    code\n", "```\n", "<!--", "\\", "\t", "![i](j)", "<sup>2"),
)


@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25))
@settings(max_examples=150, deadline=None)
def test_any_body_is_read_or_refused(pieces: list[str]) -> None:
    """Whatever stands in the body, spans are consistent or there is one clear error."""
    source = SourceFile(name="p.md", data=("# T\n\n" + "".join(pieces)).encode())
    try:
        parsed = MarkdownParser().parse(source)
    except FileInputError:
        return
    assert_consistent(parsed)


@given(words=st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=40))
def test_plain_words_all_arrive(words: list[str]) -> None:
    """A paragraph of words is stored word for word."""
    assert read("# T\n\n" + " ".join(words) + "\n").document.text == " ".join(words)
