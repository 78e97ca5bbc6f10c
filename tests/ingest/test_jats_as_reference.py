"""A JATS article that stands for a cited work."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.evidence_levels import evidence_label, notice_role
from corpus.records import Article, Notice
from ingest.drafts import SourceFile
from ingest.jats import JatsParser
from ingest.jats_as_reference import document_of
from tests.ingest.jats_examples import ABSTRACT, META
from tests.ingest.parser_contract import assert_document_consistent

LINK = (
    '<related-article related-article-type="{kind}" ext-link-type="doi" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="10.1000/Notice"/>'
)
BODY = (
    '<body><sec><title>Methods</title><p>We looked <xref ref-type="bibr" rid="r1">1</xref>.</p>'
    "</sec></body>"
)


def article(*, body: str = BODY, kind: str = "research-article", extra: str = "") -> Article:
    meta = META.format(abstract=ABSTRACT).replace("</article-meta>", f"{extra}</article-meta>")
    text = f'<article article-type="{kind}"><front>{meta}</front>{body}</article>'
    (found,) = JatsParser().parse(SourceFile(name="PMC77.nxml", data=text.encode())).articles
    return found


def test_the_whole_text_is_kept_under_the_pmid() -> None:
    """Abstract and body can be quoted; the numbers of its own list are gone."""
    document = document_of(article())
    assert (document.document_id, document.kind) == ("pmid:123", "text")
    assert "X helped." in document.text
    assert "We looked" in document.text
    assert document.callouts == ()
    assert document.reference is not None
    assert document.reference.document_id == "pmid:123"
    assert (document.reference.pmcid, document.reference.year) == ("PMC77", 2020)
    assert_document_consistent(document)


def test_an_article_with_nothing_but_an_abstract_is_an_abstract() -> None:
    """A reader is told that the whole paper is not stored."""
    assert document_of(article(body="")).kind == "abstract"


@pytest.mark.parametrize(
    ("missing", "document_id"),
    [(("pmid",), "doi:10.1000/ex.1"), (("pmid", "doi"), "pmcid:PMC77")],
)
def test_the_id_is_the_best_that_the_article_names(
    missing: tuple[str, ...], document_id: str
) -> None:
    """PMID, then DOI, then PMCID."""
    assert document_of(without(article(), missing)).document_id == document_id


def test_an_article_without_an_id_cannot_stand_for_a_work() -> None:
    """Its slug is named."""
    with pytest.raises(InputError, match="PMC77: names no PMID, DOI or PMCID"):
        document_of(without(article(), ("pmid", "doi", "pmcid")))


def without(given: Article, names: tuple[str, ...]) -> Article:
    reference = given.document.reference
    assert reference is not None
    bare = replace(
        reference,
        pmid=None if "pmid" in names else reference.pmid,
        doi=None if "doi" in names else reference.doi,
        pmcid=None if "pmcid" in names else reference.pmcid,
    )
    return replace(given, document=replace(given.document, reference=bare))


@pytest.mark.parametrize(
    ("article_type", "link", "kind"),
    [
        ("research-article", "retraction-forward", "retraction"),
        ("research-article", "correction-forward", "correction"),
        ("research-article", "concern-forward", "concern"),
        ("research-article", "partial-retraction", "correction"),
        ("research-article", "commentary", None),
        ("research-article", "corrected-article", None),
        ("retraction", "retracted-article", None),
        ("retraction", "retraction-forward", None),
        ("correction", "corrected-article", None),
    ],
)
def test_notices_of_related_articles_are_told_apart(
    article_type: str, link: str, kind: str | None
) -> None:
    """A work's link to its notice counts; a notice's link to the work says nothing of it."""
    found = document_of(article(kind=article_type, extra=LINK.format(kind=link))).reference
    assert found is not None
    assert [notice.kind for notice in found.notices] == ([kind] if kind else [])
    assert found.retracted is (kind == "retraction")
    if kind:
        assert isinstance(found.notices[0], Notice)
        assert found.notices[0].identifier == "doi:10.1000/notice"


def test_types_are_the_articles_own_and_its_headings() -> None:
    """Both may tell what kind of evidence it is, and what a guideline is."""
    groups = (
        '<article-categories><subj-group subj-group-type="heading"><subject>Practice Guideline'
        "</subject></subj-group><subj-group><subject>Lungs</subject></subj-group>"
        "</article-categories>"
    )
    reference = article(extra=groups).document.reference
    assert reference is not None
    assert reference.publication_types == ("research-article", "Practice Guideline")
    assert reference.kind == "guideline"


@pytest.mark.shared
def test_every_real_article_can_stand_for_a_cited_work(shared: Path) -> None:
    """All 38 give a consistent text with an id; the one correction among them is called so."""
    paths = [
        *sorted((shared / "eval" / "trials" / "articles").glob("*.nxml")),
        *sorted((shared / "samples" / "jats").glob("*.nxml")),
    ]
    ids, roles = set(), []
    for path in paths:
        source = SourceFile(name=str(path), data=path.read_bytes())
        (found,) = JatsParser().parse(source).articles
        document = document_of(found)
        assert_document_consistent(document)
        assert document.text == found.document.text
        reference = document.reference
        assert reference is not None
        assert not reference.retracted
        assert reference.notices == ()
        ids.add(document.document_id)
        role = notice_role(reference)
        roles += [(path.name, role)] if role else []
        assert role is None or evidence_label(reference) is None
    assert len(ids) == len(paths) == 38
    assert roles == [("PMC3626633.nxml", "correction notice")]
