import pytest

from corpus.errors import InputError, NotFoundError
from corpus.records import Article, Reference
from corpus.stored_documents import Card
from ingest.doubts import (
    PREFIX,
    Candidates,
    Confirmed,
    confirmed,
    doubts,
    tie_confirmed,
    with_findings,
)
from ingest.matching import compare
from tests.fakes import article_of

LISTED = Reference(number=3, title="Relapses after steroids", year=2001)


def card(document_id: str, title: str, **more: object) -> Card:
    """Return what is known of a stored abstract."""
    reference = Reference(title=title, **more)  # type: ignore[arg-type]
    return Card(document_id=document_id, title=title, reference=reference)


def article(*references: Reference) -> Article:
    """Return an article with this list."""
    return article_of("lungs", "Text.", references=references)


@pytest.mark.parametrize(
    ("entry", "document", "why"),
    [
        (LISTED, card("pmid:1", "Relapses after steroids", year=2002), "years 2001 and 2002"),
        (LISTED, card("pmid:1", "Relapses after steroids: a cohort", year=2001), "similar title"),
        (
            Reference(number=3, title="Relapses", pmid="9", doi="10.1000/x"),
            card("pmid:1", "Relapses", pmid="1", doi="10.1000/X"),
            "DOI agrees, but PMID differs",
        ),
        (
            Reference(number=3, title="Relapses", year=2001, pmid="9"),
            card("pmid:1", "Relapses", year=2001, pmid="1"),
            "same title and year, but PMID differs",
        ),
        (
            Reference(number=3, title="Editorial", year=2001, authors=("Roe A",)),
            card("pmid:1", "Editorial", year=2001, authors=("Doe B",)),
            "another first author",
        ),
    ],
)
def test_what_merely_looks_alike_is_listed_with_score_and_reason(
    entry: Reference, document: Card, why: str
) -> None:
    """Each kind of doubt names entry, candidate, score, reason and the way to confirm it."""
    (doubt,) = doubts(article(entry), Candidates([document]))
    assert (doubt.entry, doubt.document_id) == ("3", "pmid:1")
    assert why in str(doubt)
    assert f"score {doubt.match.score:.2f}" in str(doubt)
    assert "--tie lungs:3=pmid:1" in str(doubt)


def test_a_work_of_another_subject_is_not_listed() -> None:
    """Nothing alike, nothing said; nor of an entry that has its abstract."""
    other = card("pmid:1", "Treatment of gout", year=2001)
    assert doubts(article(LISTED), Candidates([other])) == ()
    tied = Reference(number=3, title="Relapses after steroids", document_id="pmid:5")
    near = card("pmid:1", "Relapses after steroids", year=2002)
    assert doubts(article(tied), Candidates([near])) == ()


def test_several_that_fit_are_all_listed_best_first() -> None:
    """Two certain candidates are no certainty."""
    cards = [card(f"pmid:{n}", "Relapses after steroids", year=2001) for n in (2, 1)]
    found = doubts(article(LISTED), Candidates(cards))
    assert [doubt.document_id for doubt in found] == ["pmid:1", "pmid:2"]
    assert all("not the only one" in str(doubt) for doubt in found)


def test_findings_are_renewed_not_piled_up() -> None:
    """Told again they stand once; when the doubt is gone, so are they; others stay."""
    before = with_findings(article(LISTED), ())
    near = Candidates([card("pmid:1", "Relapses after steroids", year=2002)])
    found = doubts(before, near)
    once = with_findings(with_findings(before, found), found)
    assert [f.startswith(PREFIX) for f in once.findings] == [True]
    assert with_findings(once, ()).findings == ()


def test_a_confirmed_match_is_tied_and_listed_once() -> None:
    """The entry takes the document and keeps its own words; the unnumbered double goes."""
    added = Reference(title="Relapses", document_id="pmid:1")
    near = card("pmid:1", "Relapses", year=2002, journal="J Air")
    tied = tie_confirmed(article(LISTED, added), confirmed("lungs:3=pmid:1"), near)
    (entry,) = tied.references
    assert (entry.number, entry.title, entry.year) == (3, "Relapses after steroids", 2001)
    assert (entry.document_id, entry.journal) == ("pmid:1", "J Air")


def test_an_entry_without_a_number_is_named_by_its_position() -> None:
    """`#2` is the second entry of a list that prints no numbers."""
    bare = [Reference(title=t, as_listed=t) for t in ("One", "Two")]
    tied = tie_confirmed(article(*bare), confirmed("lungs:#2=pmid:1"), card("pmid:1", "Two"))
    assert [r.document_id for r in tied.references] == [None, "pmid:1"]


@pytest.mark.parametrize("entry", ["4", "#2", "#0"])
def test_an_entry_that_is_not_there_is_named(entry: str) -> None:
    """Neither a number nor a position that the list lacks ties anything."""
    with pytest.raises(NotFoundError, match=f"no entry {entry}"):
        tie_confirmed(article(LISTED), confirmed(f"lungs:{entry}=pmid:1"), card("pmid:1", "Two"))


def test_ties_are_read_and_refused() -> None:
    """Slugs and ids may hold colons; anything else is told with an example."""
    assert confirmed("a:b:12=doi:10.1/x=y") == Confirmed(
        slug="a:b", entry="12", document_id="doi:10.1/x=y"
    )
    for text in ("", "lungs", "lungs:3", "lungs=pmid:1", "lungs:x=pmid:1", "lungs:3="):
        with pytest.raises(InputError, match="SLUG:NUMBER=ID"):
            confirmed(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "https://doi.org/10.1002/(SICI)1097-0258(19980815/30)17:15/16%3C1661::AID-SIM968%3E3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2",
        ),
        (
            "10.1002/(SICI)1097-0258(19980815/30)17:15/16%3C1661::AID-SIM968%3E3.0.CO;2-2",
            "doi:10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
        ),
        ("10.1016/S0140-6736(05)17709-5", "https://doi.org/10.1016/s0140-6736(05)17709-5"),
    ],
)
def test_one_doi_in_two_spellings_is_one(one: str, other: str) -> None:
    """An address, escapes, capitals, brackets and angle brackets make no other DOI."""
    match = compare(Reference(title="A", doi=one), Reference(title="B", doi=other))
    assert match.kind == "same"


def test_a_pmcid_in_the_place_of_a_pmid_is_a_pmcid() -> None:
    """`PMC12` listed as PMID is found by its PMCID, and is not the PMID 12."""
    mixed = Reference(title="A", pmid="PMC12")
    assert compare(mixed, Reference(title="B", pmcid="PMC12")).kind == "same"
    assert compare(mixed, Reference(title="B", pmid="12")).kind == "other"
