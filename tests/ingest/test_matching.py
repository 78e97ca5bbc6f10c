from dataclasses import replace

import pytest

from corpus.records import Document, Reference
from ingest.matching import same_work, tie
from tests.fakes import article_of, document_of


def abstract(document_id: str, reference: Reference) -> Document:
    """Return a cited abstract with this identity."""
    return document_of(document_id, "It fell.", kind="abstract", reference=reference)


LUNGS = Reference(title="On lungs", year=2020)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # identifiers
        (Reference(title="A", pmid="1"), Reference(title="B", pmid="1"), True),
        (Reference(title="A", pmid="1"), Reference(title="A", pmid="2"), False),
        (Reference(title="A", doi="10.1/X"), Reference(title="B", doi="10.1/x"), True),
        (Reference(title="A", doi="10.1/x"), Reference(title="A", doi="10.1/y"), False),
        (Reference(title="A", pmcid="PMC1"), Reference(title="B", pmcid="pmc1"), True),
        (Reference(title="A", pmcid="PMC1"), Reference(title="A", pmcid="PMC2"), False),
        # a contradiction rules a match out, whatever agrees beside it
        (
            Reference(title="On lungs", year=2020, pmid="1"),
            Reference(title="On lungs", year=2020, pmid="2"),
            False,
        ),
        (
            Reference(title="A", pmid="1", doi="10.1/x"),
            Reference(title="A", pmid="2", doi="10.1/x"),
            False,
        ),
        (
            Reference(title="A", pmid="1", doi="10.1/x"),
            Reference(title="A", pmid="1", doi="10.1/y"),
            False,
        ),
        # identifiers of different kinds say nothing about each other
        (
            Reference(title="On lungs", year=2020, pmid="1"),
            Reference(title="On lungs", year=2020, doi="10.1/x"),
            True,
        ),
        (Reference(title="A", year=2020, pmid="1"), Reference(title="B", year=2020), False),
        # title and year
        (LUNGS, Reference(title="On lungs", year=2020), True),
        (LUNGS, Reference(title="ON  LUNGS.", year=2020), True),
        (LUNGS, Reference(title="On «lungs»?", year=2020), True),
        (LUNGS, Reference(title="On lungs", year=2021), False),
        (LUNGS, Reference(title="On lungs"), True),
        (LUNGS, Reference(title="On lungs: a review", year=2020), False),
        (LUNGS, Reference(title="lungs On", year=2020), False),
        (Reference(title="On lungs"), Reference(title="On lungs"), False),
        # no title at all
        (Reference(title="", year=2020), Reference(title="", year=2020), False),
        (Reference(title="?!", year=2020), Reference(title="...", year=2020), False),
    ],
)
def test_only_what_identifies_a_work_decides(one: Reference, other: Reference, same: bool) -> None:  # noqa: FBT001
    """Identifiers decide, then the whole title with the year; doubt is no match."""
    assert same_work(one, other) is same
    assert same_work(other, one) is same


def test_an_abstract_is_tied_to_the_entry_of_its_work() -> None:
    """The entry keeps what it prints and takes what it lacks from the record."""
    listed = Reference(number=2, title="on LUNGS", year=2020, journal="J Air", as_listed="2. …")
    record = Reference(
        title="On lungs", year=2020, journal="Journal of Air", pmid="1", authors=("Roe A",)
    )
    article = article_of("a", "Text.", references=[Reference(number=1, title="Other"), listed])
    tied = tie(article, [abstract("pmid:1", record)])
    assert (tied.tied, tied.added) == (("pmid:1",), ())
    first, second = tied.article.references
    assert first == article.references[0]
    assert (second.number, second.title, second.journal) == (2, "on LUNGS", "J Air")
    assert second.as_listed == "2. …"
    assert (second.pmid, second.authors, second.document_id) == ("1", ("Roe A",), "pmid:1")


def test_a_retraction_that_the_abstract_knows_reaches_the_list() -> None:
    """Publication types of both sides stay: an entry that has its own hides no retraction."""
    entry = Reference(title="On lungs", year=2020, publication_types=("Review",))
    record = replace(entry, publication_types=("Review", "Retracted Publication"))
    tied = tie(article_of("a", "Text.", references=[entry]), [abstract("pmid:1", record)])
    (reference,) = tied.article.references
    assert reference.publication_types == ("Review", "Retracted Publication")
    assert reference.retracted


def test_a_position_never_decides() -> None:
    """As many abstracts as entries, in the same order, tie nothing by that."""
    references = [Reference(number=n, title=f"Entry {n}", year=2020) for n in (1, 2)]
    article = article_of("a", "Text.", references=references)
    records = [abstract(f"pmid:{n}", Reference(title=f"Record {n}", year=2020)) for n in (1, 2)]
    tied = tie(article, records)
    assert tied.tied == ()
    assert tied.added == ("pmid:1", "pmid:2")
    assert tied.article.references[:2] == tuple(references)


def test_an_unlisted_abstract_becomes_an_entry_without_a_number() -> None:
    """It can be quoted within the article, but no printed number leads to it."""
    article = article_of("a", "Text.", references=[Reference(number=1, title="Entry")])
    record = Reference(title="Record", number=1, pmid="9")
    tied = tie(article, [abstract("pmid:9", record)])
    assert tied.added == ("pmid:9",)
    added = tied.article.references[1]
    assert (added.number, added.title, added.document_id) == (None, "Record", "pmid:9")
    assert tied.article.reference_numbered(1) == article.references[0]


def test_an_ambiguous_title_ties_nothing() -> None:
    """Two entries of one title and year: neither may claim the abstract."""
    twins = [Reference(number=n, title="Annual report", year=2020) for n in (1, 2)]
    article = article_of("a", "Text.", references=twins)
    tied = tie(article, [abstract("x", Reference(title="Annual report", year=2020))])
    assert tied.tied == ()
    assert tied.article.references[:2] == tuple(twins)


def test_an_abstract_without_a_reference_is_known_by_its_title() -> None:
    """A title without a year names no work for certain, so an entry of its own is made."""
    article = article_of("a", "Text.", references=[Reference(number=1, title="On x")])
    tied = tie(article, [document_of("x", "It fell.", title="On x")])
    assert tied.added == ("x",)
    assert tied.article.references[1] == Reference(title="On x", document_id="x")


def test_tying_twice_changes_nothing() -> None:
    """The same abstracts again, tied or added, are found where they are."""
    references = [
        Reference(number=1, title="On lungs", year=2020),
        Reference(number=2, title="On bones", doi="10.1/b"),
        Reference(number=3, title="Twin", year=2020),
        Reference(number=4, title="Twin", year=2020),
    ]
    documents = [
        abstract("pmid:1", Reference(title="On lungs", year=2020, pmid="1")),
        abstract("doi:10.1/b", Reference(title="Bones", doi="10.1/B")),
        abstract("pmid:3", Reference(title="Unlisted", pmid="3")),
        document_of("plain", "It fell."),
        abstract("twin", Reference(title="Twin", year=2020)),
    ]
    once = tie(article_of("a", "Text.", references=references), documents).article
    assert tie(once, documents).article == once


def test_a_work_listed_twice_does_not_multiply_its_abstract() -> None:
    """Two numbers for one PMID: the abstract is tied or added, but not once per number."""
    twice = [Reference(number=n, title="On lungs", pmid="1") for n in (1, 5)]
    article = article_of("a", "Text.", references=twice)
    record = abstract("pmid:1", Reference(title="On lungs", pmid="1"))
    tied = tie(article, [record, record])
    assert len([r for r in tied.article.references if r.number is None]) <= 1
