"""Files of many records: one by one, in batches, stopped and gone on with."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest

from corpus.errors import FileInputError, InputError
from corpus.library import Library
from corpus.records import Document
from ingest import streaming
from ingest.drafts import Rejection
from ingest.reading import ingest
from tests.fakes import clinic, contents

HEAD, TAIL = "<PubmedArticleSet>", "</PubmedArticleSet>"


def element(pmid: int, abstract: str = "It fell.") -> str:
    """Return one PubMed record."""
    text = f"<Abstract><AbstractText>{abstract}</AbstractText></Abstract>" if abstract else ""
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article>"
        f"<ArticleTitle>Title {pmid}</ArticleTitle>{text}</Article></MedlineCitation>"
        "</PubmedArticle>"
    )


def pubmed(pmids: Iterable[int], *more: str) -> str:
    """Return a file of these records and whatever else."""
    return HEAD + "\n".join((*map(element, pmids), *more)) + TAIL


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write after every fourth document."""
    monkeypatch.setattr(streaming, "BATCH_DOCUMENTS", 4)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return an empty library."""
    return Library.create(tmp_path / "library")


def stored(library: Library) -> set[str]:
    """Return the ids of all documents as the next process sees them."""
    return set(Library(library.folder).document_ids())


def expected(pmids: Iterable[int]) -> set[str]:
    """Return the ids of these records."""
    return {f"pmid:{n}" for n in pmids}


def test_records_are_written_in_batches_and_not_held(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No write holds more than a batch, and none of the documents stays in memory."""
    path = tmp_path / "x.xml"
    path.write_text(pubmed(range(10)))
    sizes: list[int] = []
    put = library.put

    def counted(*, documents: Iterable[Document] = (), **more: object) -> None:
        sizes.append(len(list(documents)))
        put(documents=documents, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(library, "put", counted)
    ingest([path], library)
    assert sizes == [4, 4, 2]
    assert stored(library) == expected(range(10))
    assert library._documents._loaded == {}


def test_a_zipped_file_is_read_like_the_plain_one(tmp_path: Path, library: Library) -> None:
    """A zip is told by its first bytes; the limit holds for what comes out."""
    path = tmp_path / "x.xml.gz"
    path.write_bytes(gzip.compress(pubmed(range(3)).encode()))
    ingest([path], library)
    assert stored(library) == expected(range(3))
    bomb = tmp_path / "bomb.xml.gz"
    bomb.write_bytes(gzip.compress(HEAD.encode() + b" " * 3_000_000))
    with pytest.raises(FileInputError, match=r"bomb.*limit"):
        ingest([bomb], library, max_bytes=1_000_000)


def test_every_rejection_is_heard_with_file_place_and_reason(
    tmp_path: Path, library: Library
) -> None:
    """No abstract, no PMID, replaced by a later record: the listener hears each, in order."""
    path = tmp_path / "x.xml"
    broken = "<PubmedArticle><MedlineCitation/></PubmedArticle>"
    path.write_text(pubmed([1], element(2, ""), broken, element(1, "It rose.")))
    heard: list[tuple[str, Rejection]] = []
    (report,) = ingest([path], library, rejected=lambda *said: heard.append(said))
    assert [name for name, _ in heard] == [str(path)] * 3
    reasons = [rejection.reason for _, rejection in heard]
    assert reasons[:2] == ["no abstract", "no PMID"]
    assert "replaced by a later record of pmid:1" in reasons[2]
    assert (report.left_out, len(report.rejections)) == (3, 3)
    assert Library(library.folder).document("pmid:1").text == "It rose."


def test_an_id_that_is_an_articles_slug_leaves_out_its_record_alone(tmp_path: Path) -> None:
    """A record cannot take an article's place, nor stop those beside it."""
    library = clinic(tmp_path / "library")
    ingest([_article(tmp_path, "pmid:7")], library, slug="pmid:7")
    path = tmp_path / "x.xml"
    path.write_text(pubmed([6, 7, 8]))
    (report,) = ingest([path], library)
    assert "is an article's slug" in report.rejections[0].reason
    assert stored(library) >= expected([6, 8])


def _article(folder: Path, name: str) -> Path:
    path = folder / f"{name.replace(':', '-')}.md"
    path.write_text("---\ntitle: T\n---\nIt fell.\n")
    return path


def test_a_file_that_breaks_off_keeps_what_stood_before(tmp_path: Path, library: Library) -> None:
    """The report says where; mended, the same file brings the rest."""
    path = tmp_path / "x.xml"
    path.write_text(pubmed(range(6))[: -len(TAIL) - 20])
    (report,) = ingest([path], library)
    assert report.broken is not None
    assert str(path) in report.broken
    assert stored(library) == expected(range(5))
    path.write_text(pubmed(range(8)))
    (report,) = ingest([path], Library(library.folder))
    assert report.broken is None
    assert stored(library) == expected(range(8))


def test_a_file_without_any_record_stops_the_run(tmp_path: Path, library: Library) -> None:
    """What cannot be read at all is found before anything is written."""
    (tmp_path / "a.xml").write_text(pubmed(range(6)))
    (tmp_path / "b.xml").write_text("<PubmedArticleSet><PubmedArticle>")
    before = contents(library.folder)
    with pytest.raises(FileInputError, match=r"b\.xml"):
        ingest([tmp_path / "a.xml", tmp_path / "b.xml"], library)
    assert contents(library.folder) == before


class Interrupting:
    """Raises KeyboardInterrupt after so many records, and counts them."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.records = 0

    def begin(self, size_bytes: int) -> None:
        """Hear how much there is."""

    def advance(self, *, size_bytes: int = 0, records: int = 0) -> None:  # noqa: ARG002
        """Count, and stop when it is enough."""
        self.records += records
        if self.records >= self.after:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [1, 5, 9, 20])
def test_an_interrupted_run_goes_on_where_it_was(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Stopped anywhere the library opens; the second run builds only what is missing.

    What comes out is what one run would have brought.
    """
    path = tmp_path / "x.xml"
    path.write_text(pubmed(range(20)))
    with pytest.raises(KeyboardInterrupt):
        ingest([path], library, watch=Interrupting(after))
    there = stored(library)
    assert there == expected(range((after - 1) // 4 * 4))
    built: list[object] = []
    make = streaming.cited_document
    monkeypatch.setattr(streaming, "cited_document", lambda r: built.append(r) or make(r))
    (report,) = ingest([path], Library(library.folder))
    assert len(built) == 20 - len(there)
    assert set(report.document_ids) == stored(library) == expected(range(20))
    whole = Library.create(tmp_path / "whole")
    ingest([path], whole)
    assert Library(library.folder).fingerprint == whole.fingerprint


def test_an_interrupted_run_leaves_articles_out(tmp_path: Path, library: Library) -> None:
    """Articles come after the records, all together: stopped before, none is in."""
    path = tmp_path / "x.xml"
    path.write_text(pubmed(range(9)))
    article = _article(tmp_path, "lungs")
    with pytest.raises(KeyboardInterrupt):
        ingest([article, path], library, watch=Interrupting(8))
    assert Library(library.folder).articles() == ()
    ingest([article, path], Library(library.folder))
    assert [a.slug for a in Library(library.folder).articles()] == ["lungs"]


def test_a_taken_id_is_found_before_records_are_written(tmp_path: Path) -> None:
    """An article named as a stored document stops the run while nothing is written."""
    library = clinic(tmp_path / "library")
    path = tmp_path / "x.xml"
    path.write_text(pubmed(range(9)))
    before = contents(library.folder)
    with pytest.raises(InputError, match="alone"):
        ingest([path, _article(tmp_path, "alone")], library)
    assert contents(library.folder) == before


def test_many_small_files_are_one_run(tmp_path: Path, library: Library) -> None:
    """A file a record: all are in, and the second time all are unchanged."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for n in range(30):
        (inbox / f"{n:02}.xml").write_text(pubmed([n]))
    ingest([inbox], library)
    assert stored(library) == expected(range(30))
    assert all(report.unchanged for report in ingest([inbox], Library(library.folder)))
