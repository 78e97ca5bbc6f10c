"""Citations, the list of sources, and what a reader must know about them."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.answers import Citation, Source, Statement
from corpus.library import Library
from corpus.records import (
    Article,
    Callout,
    Document,
    Notice,
    NoticeKind,
    Reference,
    ReviewStatus,
)
from ingest.reading import ingest
from service.assistant import Question
from service.citing import cite, notices, source_record
from service.extractive import select
from service.wire import answer_record
from tests.fakes import document_of, heading, item
from tests.service.cases import citations_in, over, reading_of
from tests.service.conftest import cited

SUMMARY_NOTE = "A summary, not the abstract."

# An article as a reader saves it: it cites 1 to 3, and lists two works without numbers.
UNNUMBERED_PAGE = """What raises serum potassium?

Article Review Status
Submitted
Under Review
Approved

Causes of raised serum potassium

Potassium rises when the kidney excretes less than is eaten. 1, 2

Drugs that raise potassium include:

  • Amiloride 3
  • Heparin

References

Guideline

Potassium in practice

Renal Board Press, 2019

Research

Potassium and drugs.

Journal of Invented Nephrology, 2020
"""


def gout() -> Article:
    """Return an article that cites two listed abstracts, one bare entry and two unknown ones."""
    document = document_of(
        "gout",
        heading("Care"),
        heading("Attack", level=2),
        cited("paragraph", "Colchicine calms an attack of gout.", 2, 1),
        cited("paragraph", "Ice numbs the joint.", 9, 40),
        cited("paragraph", "Rest helps.", 9, 3),
        "Attacks end by themselves.",
        kind="article",
    )
    return Article(
        slug="gout",
        document=document,
        references=(
            Reference(number=1, title="Colchicine", journal="J Joint", document_id="pmid:1"),
            Reference(number=2, title="Care", kind="guideline", document_id="gout#ref-2"),
            Reference(number=3, title="On rest"),
        ),
        review_status=ReviewStatus.APPROVED,
        updated=dt.date(2024, 5, 17),
    )


def colchicine() -> Document:
    """Return an abstract that two articles cite."""
    own = Reference(title="Colchicine", pmid="1")
    return document_of("pmid:1", "Colchicine works within a day.", kind="abstract", reference=own)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return two articles that number one abstract differently; the second waits for review."""
    summary = document_of("gout#ref-2", "Urate is lowered slowly. Beer raises it.", kind="abstract")
    heart = Article(
        slug="heart",
        document=document_of("heart", "Pericarditis hurts. It also rubs.", kind="article"),
        references=(Reference(number=7, title="Colchicine", document_id="pmid:1"),),
    )
    made = Library.create(tmp_path_factory.mktemp("cited"))
    made.put(
        articles=(gout(), heart),
        documents=(colchicine(), replace(summary, note=SUMMARY_NOTE)),
    )
    return made


def cited_as(
    library: Library, asked: str | None, *sentences: tuple[str, str]
) -> tuple[tuple[Statement, ...], tuple[Source, ...]]:
    """Cite one selection for each (document id, words of the sentence), asked within `asked`."""
    article = library.article(asked) if asked else None
    selections = [
        select([reading_of(library.document(key), words)], limit=1)[0] for key, words in sentences
    ]
    return cite(selections, library, article)


def only_citation(library: Library, asked: str | None, key: str, words: str) -> Citation:
    """Return the one citation of one sentence."""
    ((statement,), _) = cited_as(library, asked, (key, words))
    (citation,) = statement.citations
    return citation


def test_a_quote_is_its_span_of_the_stored_text(library: Library) -> None:
    """Quote, offsets, digest, passage and section all name the same place."""
    citation = only_citation(library, "gout", "gout", "Ice")
    document = library.document("gout")
    assert citation.quote == document.text[citation.start : citation.end] == "Ice numbs the joint."
    assert citation.sha256 == document.sha256
    assert citation.passage_id in {p.passage_id for p in library.passages()}
    assert citation.section == "Care > Attack"
    assert citation.support == 1.0


def test_a_text_without_headings_has_no_section(library: Library) -> None:
    """The section is None, not an empty string."""
    assert only_citation(library, "gout", "pmid:1", "Colchicine").section is None


def test_markers_count_from_one_by_first_use(library: Library) -> None:
    """Each document has one marker, without gaps, and the list names them in that order."""
    statements, sources = cited_as(
        library,
        "gout",
        ("pmid:1", "Colchicine"),
        ("gout", "Ice"),
        ("pmid:1", "Colchicine"),
        ("gout#ref-2", "Beer"),
    )
    assert [c.marker for s in statements for c in s.citations] == [1, 2, 1, 3]
    assert [(s.marker, s.document_id) for s in sources] == [
        (1, "pmid:1"),
        (2, "gout"),
        (3, "gout#ref-2"),
    ]


def test_a_list_item_cites_each_of_its_lead_ins(tmp_path: Path) -> None:
    """Lead-ins are citations of their own, with the numbers that the article prints at each."""
    listed = document_of(
        "listed",
        "Triggers include:",
        cited("item", "medicines, namely:", 5, depth=1),
        cited("item", "interferon", 6, depth=2),
        kind="article",
    )
    library = Library.create(tmp_path / "library")
    library.put(articles=[Article(slug="listed", document=listed)])
    ((statement,), _) = cited_as(library, "listed", ("listed", "interferon"))
    assert [(c.quote, c.article_references) for c in statement.citations] == [
        ("Triggers include:", ()),
        ("medicines, namely:", (5,)),
        ("interferon", (6,)),
    ]


def test_the_number_is_the_first_printed_one_that_resolves(library: Library) -> None:
    """Numbers come as printed; one that the list lacks is kept, and never becomes the reference."""
    for words, reference, printed in (
        ("Colchicine", 2, (2, 1)),
        ("Rest", 3, (9, 3)),
        ("Ice", None, (9, 40)),
        ("Attacks", None, ()),
    ):
        citation = only_citation(library, "gout", "gout", words)
        assert (citation.reference, citation.article_references) == (reference, printed)


def test_an_abstract_has_its_number_in_the_article_asked_about(library: Library) -> None:
    """The same abstract is 1 in one article, 7 in another, and has no number without either."""
    for asked, number in (("gout", 1), ("heart", 7), (None, None)):
        citation = only_citation(library, asked, "pmid:1", "Colchicine")
        assert (citation.reference, citation.article_references) == (number, ())


def test_an_abstract_of_a_foreign_article_has_no_number(library: Library) -> None:
    """What the article asked about does not list cannot have a number in it."""
    assert only_citation(library, "heart", "gout#ref-2", "Beer").reference is None


def test_a_page_whose_list_prints_no_numbers_resolves_none(tmp_path: Path) -> None:
    """Printed numbers are kept as printed; none is tied to an entry by its position."""
    page = tmp_path / "potassium.txt"
    page.write_text(UNNUMBERED_PAGE, encoding="utf-8")
    library = Library.create(tmp_path / "library")
    ingest([page], library)
    assert [r.number for r in library.article("potassium").references] == [None, None]
    question = Question(text="When does potassium rise in the kidney?", article="potassium")
    record = answer_record(over(library, max_statements=9).ask(question))
    printed = {c["quote"]: c["article_references"] for c in citations_in(record)}
    assert printed["Potassium rises when the kidney excretes less than is eaten."] == [1, 2]
    assert {c["reference"] for c in citations_in(record)} == {None}
    assert sum("1, 2" in notice for notice in record["notices"]) == 1
    assert all(entry["number"] is None for entry in record["references"])


def test_an_article_is_a_source_with_its_date_and_status(library: Library) -> None:
    """The reference list says of an article when it was updated and how far its review is."""
    _, (source,) = cited_as(library, "gout", ("gout", "Ice"))
    assert (source.kind, source.reference.year) == ("article", 2024)
    assert source.reference.url == "/articles/gout"
    assert "2024-05-17" in source.formatted
    assert "approved" in source.formatted


def test_a_source_is_the_entry_of_the_article_asked_about(library: Library) -> None:
    """Kind and wording are those of the list entry; elsewhere the abstract's own."""
    _, (within,) = cited_as(library, "gout", ("pmid:1", "Colchicine"))
    _, (anywhere,) = cited_as(library, None, ("pmid:1", "Colchicine"))
    assert (within.reference.journal, within.reference.number) == ("J Joint", 1)
    assert anywhere.reference.pmid == "1"
    _, (guideline,) = cited_as(library, "gout", ("gout#ref-2", "Beer"))
    assert (guideline.kind, guideline.note) == ("guideline", SUMMARY_NOTE)


def test_a_text_without_any_reference_is_listed_by_its_title(tmp_path: Path) -> None:
    """Even a bare text has an entry that says what it is."""
    library = Library.create(tmp_path / "library")
    library.put(documents=[document_of("note", "Zinc shortens colds.", title="On zinc")])
    _, (source,) = cited_as(library, None, ("note", "Zinc"))
    assert source.formatted == "On zinc."
    assert source.kind == "research"


def noticed(library: Library, *sentences: tuple[str, str]) -> tuple[str, ...]:
    """Return the notices of an answer made of these sentences."""
    return notices(*cited_as(library, "gout", *sentences), library)


def test_a_pending_review_is_noticed_once(library: Library) -> None:
    """However often an article that is not approved is quoted, the reader is told once."""
    (notice,) = noticed(library, ("heart", "Pericarditis"), ("heart", "rubs"))
    assert "On heart" in notice
    assert "review pending" in notice
    assert noticed(library, ("gout", "Attacks")) == (), "an approved article needs no notice"


def test_numbers_that_do_not_resolve_are_noticed_once_and_in_order(library: Library) -> None:
    """One notice names every number at the quotes that the list lacks, and no other."""
    (notice,) = noticed(library, ("gout", "Rest"), ("gout", "Ice"), ("gout", "Colchicine"))
    assert "9, 40" in notice
    assert "3" not in notice
    assert noticed(library, ("gout", "Colchicine")) == ()


def test_a_summary_is_noticed_once_with_its_marker(library: Library) -> None:
    """A quote from a summary is never taken for one from the abstract."""
    quoted = noticed(library, ("pmid:1", "Colchicine"), ("gout#ref-2", "Urate"))
    assert quoted == (f"[2] {SUMMARY_NOTE}",)
    assert noticed(library, ("gout#ref-2", "Urate"), ("gout#ref-2", "Beer")) == (
        f"[1] {SUMMARY_NOTE}",
    )


RETRACTED = ("Journal Article", "Retracted Publication")


@pytest.mark.parametrize("known_to", ["article", "abstract"])
def test_a_retraction_is_noticed_first(tmp_path: Path, known_to: str) -> None:
    """A retracted paper is marked, and told of before anything else, whoever knows of it."""
    cited_paper = Reference(title="On zinc", number=1, document_id="pmid:9")
    own = Reference(title="On zinc", pmid="9")
    if known_to == "article":
        cited_paper = replace(cited_paper, publication_types=RETRACTED)
    else:
        own = replace(own, publication_types=RETRACTED)
    paper = document_of("pmid:9", "Zinc shortens colds.", kind="abstract", reference=own)
    colds = Article(
        slug="colds",
        document=document_of("colds", "Colds pass by themselves.", kind="article"),
        references=(cited_paper,),
    )
    library = Library.create(tmp_path / "library")
    library.put(articles=[colds], documents=[paper])
    statements, sources = cited_as(library, "colds", ("colds", "Colds"), ("pmid:9", "Zinc"))
    assert [source.retracted for source in sources] == [False, True]
    first, *others = notices(statements, sources, library)
    assert first.startswith("[2] has been retracted")
    assert [("pending" in notice, "retracted" in notice) for notice in others] == [(True, False)]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("concern", "bears an expression of concern"), ("correction", ""), ("update", "")],
)
def test_a_concern_is_noticed_and_a_correction_is_marked(
    tmp_path: Path, kind: NoticeKind, said: str
) -> None:
    """Doubts about a whole paper stand in the answer's notices, an erratum at its reference."""
    notice = Notice(kind=kind, source="PubMed", text="J Ex. 2010")
    own = Reference(title="On zinc", pmid="9", notices=(notice,))
    paper = document_of("pmid:9", "Zinc shortens colds.", kind="abstract", reference=own)
    library = Library.create(tmp_path / "library")
    library.put(documents=[paper])
    statements, sources = cited_as(library, None, ("pmid:9", "Zinc"))
    assert (sources[0].concern, sources[0].corrected) == (kind == "concern", kind == "correction")
    assert not sources[0].retracted
    found = notices(statements, sources, library)
    assert len(found) == bool(said)
    assert all(said in line and line.startswith("[1] ") for line in found)


def test_a_notice_that_is_quoted_is_called_one(tmp_path: Path) -> None:
    """What retracts another paper is neither retracted nor evidence."""
    types = ("Retraction of Publication", "Randomized Controlled Trial")
    own = Reference(title="Retraction: On zinc", pmid="9", publication_types=types)
    paper = document_of("pmid:9", "Zinc is withdrawn.", kind="abstract", reference=own)
    library = Library.create(tmp_path / "library")
    library.put(documents=[paper])
    statements, sources = cited_as(library, None, ("pmid:9", "Zinc"))
    assert (sources[0].retracted, sources[0].evidence_label) == (False, None)
    (said,) = notices(statements, sources, library)
    assert said == "[1] is itself a notice about another work (notice of retraction)."


def test_the_kind_of_evidence_is_given(tmp_path: Path) -> None:
    """The record has the label, null where nothing certain tells it."""
    own = Reference(title="On zinc", pmid="9", publication_types=("Randomized Controlled Trial",))
    paper = document_of("pmid:9", "Zinc shortens colds.", kind="abstract", reference=own)
    other = document_of("pmid:8", "Zinc is a metal.", kind="abstract", reference=None)
    library = Library.create(tmp_path / "library")
    library.put(documents=[paper, other])
    _, sources = cited_as(library, None, ("pmid:9", "Zinc"), ("pmid:8", "Zinc"))
    labels = [source_record(source)["evidence_label"] for source in sources]
    assert labels == ["randomised trial", None]


def test_a_source_says_what_it_is_stored_as(library: Library) -> None:
    """Only an article of ours has a review status and a date of its own."""
    _, (article, abstract) = cited_as(library, "gout", ("gout", "Ice"), ("pmid:1", "Colchicine"))
    assert (article.stored, article.review_status) == ("article", ReviewStatus.APPROVED)
    assert article.updated == dt.date(2024, 5, 17)
    assert (abstract.stored, abstract.review_status, abstract.updated) == ("abstract", None, None)


def test_a_refusal_has_no_notices(library: Library) -> None:
    """Nothing is said of sources that are not quoted."""
    assert notices((), (), library) == ()


def test_a_number_belongs_to_its_own_item(tmp_path: Path) -> None:
    """A number at the next item's end does not reach back, nor one at the end before it."""
    first = item("rest")
    second = replace(item("ice"), callouts=(Callout(at=3, numbers=(4,)),))
    document = document_of("x", "Care:", first, second, kind="article")
    library = Library.create(tmp_path / "library")
    library.put(articles=[Article(slug="x", document=document)])
    ((statement,), _) = cited_as(library, "x", ("x", "rest"))
    assert [c.article_references for c in statement.citations] == [(), ()]
    ((statement,), _) = cited_as(library, "x", ("x", "ice"))
    assert statement.citations[-1].article_references == (4,)
