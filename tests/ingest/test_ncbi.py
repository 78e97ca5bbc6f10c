"""Bringing cited works: every way to a record, never more than was asked, and partial success."""

from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import FetchError
from ingest.ncbi import bring
from ingest.ncbi_client import NcbiClient
from ingest.ncbi_ids import read_identifiers
from ingest.ncbi_ledger import Brought
from ingest.ncbi_pace import Patience
from tests.ingest.ncbi_server import (
    FakeNcbi,
    Reply,
    efetched,
    plays,
    recording,
    unused_port,
)

FAILED = Reply(status=500)


def brought(ncbi: FakeNcbi, *ids: str, full_text: bool = False) -> list[Brought]:
    """Return all batches that some identifiers bring."""
    return list(bring(ncbi.client(), read_identifiers(ids), full_text=full_text))


def found(batches: Iterable[Brought]) -> dict[str, str]:
    """Return the document ids by the identifier that was asked."""
    return {str(i): key for batch in batches for i, key in batch.found}


def failures(batches: Iterable[Brought]) -> dict[str, str]:
    """Return the reasons by identifier."""
    return {str(f.identifier): f.reason for batch in batches for f in batch.failures}


def stored(batches: Iterable[Brought]) -> list[str]:
    """Return the ids of all documents that came."""
    return [d.document_id for batch in batches for d in batch.documents]


def test_a_pmid_brings_its_abstract() -> None:
    """One request, one record, sections and identity as PubMed has them."""
    with plays() as ncbi:
        batches = brought(ncbi, "101")
    assert ncbi.services() == ["efetch"]
    (document,) = batches[0].documents
    assert document.document_id == "pmid:101"
    assert [s.title for s in document.sections] == ["RESULTS", "CONCLUSIONS"]
    assert "31 improved within four weeks" in document.text
    assert document.reference is not None
    assert document.reference.doi == "10.1000/taper(19)101-2"
    assert found(batches) == {"pmid:101": "pmid:101"}


def test_a_retraction_comes_with_the_record() -> None:
    """PubMed's notice is part of what is stored."""
    with plays() as ncbi:
        (document,) = brought(ncbi, "102")[0].documents
    assert document.reference is not None
    assert document.reference.retracted
    assert [n.identifier for n in document.reference.notices] == ["pmid:150"]


def test_a_doi_in_pmc_is_converted() -> None:
    """PMC's converter knows the PMID; no search is needed."""
    with plays() as ncbi:
        batches = brought(ncbi, "https://doi.org/10.1000/Taper(19)101-2")
    assert ncbi.services() == ["articles", "efetch"] or ncbi.services() == ["idconv", "efetch"]
    assert found(batches) == {"doi:10.1000/taper(19)101-2": "pmid:101"}


def test_a_doi_outside_pmc_is_searched_for() -> None:
    """Brackets, angle brackets and semicolons survive the way there and back."""
    doi = "10.1000/SI<1::AID>3.0.CO;2-A"
    with plays() as ncbi:
        batches = brought(ncbi, "10.1000/imaginol", doi)
    assert ncbi.services() == ["idconv", "esearch", "efetch"]
    assert found(batches) == {"doi:10.1000/imaginol": "pmid:102", f"doi:{doi.lower()}": "pmid:1200"}


def test_strangers_that_a_search_finds_are_not_taken() -> None:
    """For an unknown DOI PubMed searches its parts; nothing of that is stored, the rest is."""
    with plays() as ncbi:
        batches = brought(ncbi, "10.1000/unheard-of", "10.1000/imaginol")
    assert found(batches) == {"doi:10.1000/imaginol": "pmid:102"}
    assert stored(batches) == ["pmid:102"]
    assert failures(batches) == {"doi:10.1000/unheard-of": "PubMed knows no work with this DOI"}


def test_a_doi_that_cannot_be_asked_is_told() -> None:
    """A comma has no place in the converter's list, a quotation mark none in a search."""
    with plays() as ncbi:
        batches = brought(ncbi, '10.1000/a"b', "10.1000/a,b")
    assert set(failures(batches)) == {'doi:10.1000/a"b', "doi:10.1000/a,b"}
    assert not any('a"b' in seen.fields.get("term", "") for seen in ncbi.seen)
    assert not any("a,b" in seen.fields.get("ids", "") for seen in ncbi.seen)


def test_a_pmcid_brings_pubmeds_record() -> None:
    """The abstract of PubMed first: it tells of retractions."""
    with plays() as ncbi:
        batches = brought(ncbi, "PMC9101.1")
    assert ncbi.services() == ["idconv", "efetch"]
    assert found(batches) == {"pmcid:PMC9101": "pmid:101"}


def test_pmc_helps_where_pubmed_has_no_abstract() -> None:
    """The text of PMC, under the PMID, asked for by number."""
    with plays() as ncbi:
        batches = brought(ncbi, "104")
    assert [s.fields.get("db") for s in ncbi.seen] == ["pubmed", "pmc"]
    assert ncbi.seen[1].fields["id"] == "9104"
    assert found(batches) == {"pmid:104": "pmid:104"}
    (document,) = [d for batch in batches for d in batch.documents]
    assert "Night cough ended" in document.text


def test_a_work_that_only_pmc_knows_is_brought() -> None:
    """A preprint without a PMID, by its DOI."""
    with plays() as ncbi:
        batches = brought(ncbi, "10.1000/preprint")
    assert found(batches) == {"doi:10.1000/preprint": "doi:10.1000/preprint"}
    (document,) = [d for batch in batches for d in batch.documents]
    assert document.title == "A preprint that PubMed does not know"


def test_a_work_without_any_text_is_known_but_fails() -> None:
    """Its record still tells that it was retracted."""
    with plays() as ncbi:
        batches = brought(ncbi, "103")
    assert failures(batches) == {"pmid:103": "PubMed has no abstract of it"}
    assert [r.pmid for r in batches[0].bare] == ["103"]
    assert batches[0].bare[0].retracted


def test_full_texts_are_taken_where_pmc_gives_them() -> None:
    """The text replaces the abstract under its id; where there is none the abstract stays."""
    with plays() as ncbi:
        batches = brought(ncbi, "101", "104", full_text=True)
    by_id = {d.document_id: d for batch in batches for d in batch.documents}
    assert "went on for a year" in by_id["pmid:104"].text
    assert "A taper over six months" in by_id["pmid:101"].text
    notes = [n for batch in batches for n in batch.notes]
    assert notes == ["PMC9101: PMC does not give its full text away; its abstract is stored"]


def test_unknown_ids_fail_and_the_others_come() -> None:
    """Partial success: each identifier is settled exactly once."""
    with plays() as ncbi:
        batches = brought(ncbi, "7", "101", "PMC1", "103", "10.1000/no")
    assert found(batches) == {"pmid:101": "pmid:101"}
    assert failures(batches) == {
        "pmid:7": "PubMed knows no work with this PMID",
        "pmcid:PMC1": "PMC has no such article",
        "pmid:103": "PubMed has no abstract of it",
        "doi:10.1000/no": "PubMed knows no work with this DOI",
    }


def test_records_that_nobody_asked_for_are_left_out() -> None:
    """A reply may hold anything; only what was asked is given."""
    with plays(Reply(parts=[efetched("pubmed", ["101", "102", "1500"])])) as ncbi:
        assert stored(brought(ncbi, "102")) == ["pmid:102"]


def test_a_record_of_another_work_is_not_taken() -> None:
    """The converter may be wrong: a record that names another DOI is told, not stored."""
    wrong = b'{"records": [{"requested-id": "10.1000/x", "pmid": 101, "pmcid": "PMC9101"}]}'
    with plays(Reply(parts=[wrong], content_type="application/json")) as ncbi:
        batches = list(bring(ncbi.client(), read_identifiers(["10.1000/x"])))
    assert stored(batches) == []
    (reason,) = failures(batches).values()
    assert reason == "what was found for it is 10.1000/taper(19)101-2, another work"


def test_many_ids_go_in_batches() -> None:
    """200 at a time, all of them, each once."""
    ids = [str(1000 + n) for n in range(450)]
    with plays() as ncbi:
        batches = brought(ncbi, *ids)
    assert [len(seen.fields["id"].split(",")) for seen in ncbi.seen] == [200, 200, 50]
    assert stored(batches) == [f"pmid:{i}" for i in ids]
    assert [len(b.found) for b in batches][:3] == [200, 200, 50]


def test_many_dois_go_in_batches() -> None:
    """40 at a time; one that is unknown costs some more searches and nothing else."""
    known = ["10.1000/taper(19)101-2", "10.1000/imaginol", "10.1000/si<1::aid>3.0.co;2-a"]
    with plays() as ncbi:
        batches = brought(ncbi, *known, *(f"10.1000/u{n}" for n in range(60)))
    assert set(found(batches)) == {f"doi:{doi}" for doi in known}
    assert len(failures(batches)) == 60


def test_one_batch_that_fails_leaves_the_others() -> None:
    """Its ids are told with the reason; what came before and after is kept."""
    ids = [str(1000 + n) for n in range(450)]
    good = Reply(parts=[efetched("pubmed", ids[:200])])
    with plays(good, *[FAILED] * 5) as ncbi:
        batches = brought(ncbi, *ids)
    assert len(found(batches)) == 250
    assert set(failures(batches)) == {f"pmid:{i}" for i in ids[200:400]}
    assert all("failed (status 500)" in reason for reason in failures(batches).values())


def test_after_two_failures_in_a_row_nothing_more_is_asked() -> None:
    """A server in trouble is left alone; the rest is told as not asked."""
    ids = [str(1000 + n) for n in range(900)]
    with plays(*[FAILED] * 50) as ncbi:
        batches = brought(ncbi, *ids)
    assert len(ncbi.seen) == 10
    assert len(failures(batches)) == 900
    assert "not asked any more" in failures(batches)["pmid:1899"]


def test_without_the_converter_there_are_other_ways() -> None:
    """DOIs are searched for and PMC is asked itself; what failed is a note."""
    with plays(FAILED, FAILED) as ncbi:
        batches = brought(ncbi, "PMC9104", "10.1000/imaginol")
    assert found(batches) == {"pmcid:PMC9104": "pmid:104", "doi:10.1000/imaginol": "pmid:102"}
    (note,) = [n for batch in batches for n in batch.notes]
    assert note.startswith("without PMC's converter of identifiers: ")


def test_no_network_is_one_error() -> None:
    """Where nothing ever answered there is no partial success to tell."""
    with plays() as ncbi:
        access = ncbi.access()
    assert access.eutils_url  # the server has ended
    with pytest.raises(FetchError, match="cannot reach"):
        list(bring(NcbiClient(access, ncbi.clock.pace()), read_identifiers(["1", "PMC2"])))
    assert unused_port()


def test_a_network_that_goes_keeps_what_came() -> None:
    """The first batch is given before the second is asked for."""
    ids = [str(1000 + n) for n in range(500)]
    client: Callable[[FakeNcbi], NcbiClient] = lambda ncbi: NcbiClient(  # noqa: E731
        ncbi.access(), ncbi.clock.pace(patience=Patience(attempts=2))
    )
    with plays() as ncbi:
        batches = bring(client(ncbi), read_identifiers(ids))
        first = next(batches)
        assert len(first.documents) == 200
    rest = list(batches)
    assert len(failures(rest)) == 300
    assert all("cannot reach" in reason for reason in failures(rest).values())


def test_a_page_of_maintenance_is_told_as_such() -> None:
    """Neither its text nor its tags are shown or stored."""
    page = Reply(parts=[recording("maintenance.html")], content_type="text/html")
    with plays(*[page] * 5) as ncbi:
        batches = brought(ncbi, "101")
    assert "perhaps it is being mended" in failures(batches)["pmid:101"]
    assert "back soon" not in failures(batches)["pmid:101"]


@pytest.fixture(scope="module")
def server() -> Iterable[FakeNcbi]:
    """Return one server for many small runs."""
    with plays() as ncbi:
        yield ncbi


ANY_ID = st.sampled_from(
    "101 102 103 104 7 1001 1200 PMC9101 PMC9104 PMC9200 PMC1 10.1000/imaginol 10.1000/letter "
    "10.1000/preprint 10.1000/pmc-only 10.1000/none".split()
)


@given(st.lists(ANY_ID, max_size=6), st.booleans())
@settings(max_examples=25, deadline=None)
def test_each_identifier_is_settled_once(
    server: FakeNcbi,
    ids: Sequence[str],
    full_text: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    """Whatever is asked: found or failed, never both, never neither, and nothing else comes."""
    batches = brought(server, *ids, full_text=full_text)
    asked = [str(i) for i in read_identifiers(ids)]
    settled = [str(i) for b in batches for i, _ in b.found]
    settled += [str(f.identifier) for b in batches for f in b.failures]
    assert sorted(settled) == sorted(asked)
    assert set(stored(batches)) == set(found(batches).values())
