"""The Retraction Watch file: what each row says, reinstatements, dates, and damaged files."""

import csv
import datetime as dt
import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.records import Article, Notice, Reference
from ingest.assemble import assemble
from ingest.drafts import Draft
from ingest.retraction_watch import RetractionWatch, marked, marked_document
from tests.ingest.ncbi_server import RECORDINGS

TODAY = dt.date(2026, 1, 31)
RECORDED = (RECORDINGS / "retraction_watch.csv").read_bytes()
HEADER = RECORDED.decode().splitlines()[0].split(",")
ROW = {
    "Record ID": "9",
    "RetractionDate": "6/1/2018 0:00",
    "RetractionDOI": "10.1000/a.r",
    "RetractionPubMedID": "0",
    "OriginalPaperDOI": "10.1000/a",
    "OriginalPaperPubMedID": "0",
    "RetractionNature": "Retraction",
    "Reason": "+Error in Data;",
}


def csv_of(*rows: dict[str, str] | Sequence[str]) -> bytes:
    """Return a file with these rows; a row of cells stands as it is."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for row in rows:
        cells = [{**ROW, **row}.get(name, "") for name in HEADER] if isinstance(row, dict) else row
        writer.writerow(cells)
    return text.getvalue().encode()


def read(folder: Path, data: bytes) -> RetractionWatch:
    """Read bytes as a file."""
    path = folder / "retraction_watch.csv"
    path.write_bytes(data)
    return RetractionWatch.read(path, today=TODAY)


def kinds(watch: RetractionWatch, **identity: str) -> list[str]:
    """Return the kinds of notices about a work."""
    notices = watch.notices_for(Reference(title="T", **identity))  # type: ignore[arg-type]
    return [notice.kind for notice in notices]


def test_each_nature_is_kept_apart(tmp_path: Path) -> None:
    """A retraction, a correction and a concern, by DOI in any case or by PMID."""
    watch = read(tmp_path, RECORDED)
    assert watch.notices_for(Reference(title="T", doi="10.1000/IMAGINOL")) == (
        Notice(
            kind="retraction",
            source="Retraction Watch",
            date=dt.date(2016, 1, 4),
            identifier="pmid:150",
            text="+Unreliable Results;+Error in Data;",
        ),
    )
    assert kinds(watch, pmid="102") == ["retraction"]
    assert kinds(watch, doi="https://doi.org/10.1000/Taper(19)101-2") == ["correction"]
    assert kinds(watch, pmid="500") == ["concern"]
    assert kinds(watch, pmid="501", doi="10.1000/other") == []
    assert (watch.rows, watch.nameless, watch.rejections) == (6, 1, ())


def test_a_work_without_identifiers_matches_nothing(tmp_path: Path) -> None:
    """Neither the rows without identifiers nor `0` and `unavailable` are names."""
    watch = read(tmp_path, RECORDED)
    assert kinds(watch) == []
    assert kinds(watch, doi="unavailable", pmid="0") == []


def test_a_reinstatement_takes_earlier_retractions_away(tmp_path: Path) -> None:
    """And no later one, and no concern or correction."""
    back = {"RetractionNature": "Reinstatement", "RetractionDate": "7/1/2018 0:00"}
    concern = {"RetractionNature": "Expression of concern", "RetractionDate": "1/1/2018 0:00"}
    later = {"RetractionDate": "8/1/2018 0:00"}
    assert kinds(read(tmp_path, RECORDED), doi="10.1000/back") == []
    assert kinds(read(tmp_path, csv_of(back, {})), doi="10.1000/a") == []
    assert kinds(read(tmp_path, csv_of({}, concern, back)), doi="10.1000/a") == ["concern"]
    assert kinds(read(tmp_path, csv_of({}, back, later)), doi="10.1000/a") == ["retraction"]
    same_day = {**back, "RetractionDate": ROW["RetractionDate"]}
    assert kinds(read(tmp_path, csv_of({}, same_day)), doi="10.1000/a") == []


@pytest.mark.parametrize("undated", ["Retraction", "Reinstatement"])
def test_without_a_date_nothing_is_taken_away(tmp_path: Path, undated: str) -> None:
    """What came first cannot be told: the retraction stands."""
    rows = [
        {"RetractionNature": nature, **({"RetractionDate": ""} if nature == undated else {})}
        for nature in ("Retraction", "Reinstatement")
    ]
    assert kinds(read(tmp_path, csv_of(*rows)), doi="10.1000/a") == ["retraction"]


def test_contradicting_identifiers_are_doubts(tmp_path: Path) -> None:
    """The PMID of one work and the DOI of another mark neither."""
    watch = read(tmp_path, csv_of({"OriginalPaperPubMedID": "77"}))
    other = Reference(title="T", pmid="77", doi="10.1000/b")
    assert watch.notices_for(other) == ()
    assert [n.kind for n in watch.doubtful_for(other)] == ["retraction"]
    assert kinds(watch, pmid="77") == kinds(watch, doi="10.1000/a") == ["retraction"]
    assert watch.doubtful_for(Reference(title="T", pmid="77")) == ()


def test_the_file_is_dated_by_its_newest_notice(tmp_path: Path) -> None:
    """A date in the future is a slip, and counts for nothing."""
    watch = read(
        tmp_path, csv_of({}, {"RetractionDate": "2026-01-30"}, {"RetractionDate": "1/1/2062 0:00"})
    )
    assert (watch.dated, watch.dated_by) == (dt.date(2026, 1, 30), "newest notice")
    assert watch.shown == "Retraction Watch (newest notice 2026-01-30)"


def test_without_dates_the_file_itself_is_dated(tmp_path: Path) -> None:
    """The day on which it was last written, and it says so."""
    path = tmp_path / "rw.csv"
    path.write_bytes(csv_of({"RetractionDate": ""}))
    os.utime(path, (86_400 * 365, 86_400 * 365))
    watch = RetractionWatch.read(path, today=TODAY)
    assert (watch.dated, watch.dated_by) == (dt.date(1971, 1, 1), "file")
    assert watch.shown == "Retraction Watch (file of 1971-01-01)"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"RetractionNature": "Reaction"}, "unknown nature of notice: 'Reaction'"),
        ({"OriginalPaperDOI": "a doi"}, "no DOI and no PMID: 'a doi'"),
        ({"OriginalPaperPubMedID": "x1", "OriginalPaperDOI": ""}, "no DOI and no PMID: 'x1'"),
        ({"Reason": "a\x00b"}, "holds a NUL"),
        (["1", "2"], "2 columns where 21 are expected"),
        ([*"x" * 25], "25 columns where 21 are expected"),
        ({"Reason": "x" * 200_000}, "not CSV: field larger than field limit (131072)"),
    ],
)
def test_a_bad_row_is_reported_with_its_line(
    tmp_path: Path, row: dict[str, str] | list[str], reason: str
) -> None:
    """The line where it begins, though the row before has two lines; the others are read."""
    before = {"Title": "two\nlines", "OriginalPaperDOI": "10.1000/b"}
    watch = read(tmp_path, csv_of(before, row, {}))
    assert [(r.place, r.reason) for r in watch.rejections] == [("line 4", reason)]
    assert watch.rows == 2
    assert kinds(watch, doi="10.1000/a") == ["retraction"]


def test_a_bad_date_is_reported_and_the_notice_kept(tmp_path: Path) -> None:
    """That a work was retracted matters more than when."""
    watch = read(tmp_path, csv_of({"RetractionDate": "13/45/2018"}, {"RetractionDate": "=1+1"}))
    assert [r.place for r in watch.rejections] == ["line 2", "line 3"]
    assert all("kept without its date" in r.reason for r in watch.rejections)
    assert kinds(watch, doi="10.1000/a") == ["retraction"]


def test_names_in_another_encoding_do_no_harm(tmp_path: Path) -> None:
    """The file is not UTF-8 throughout; identifiers are ASCII and are read all the same."""
    data = csv_of({"Title": "M__ller"}).replace(b"M__ller", b"M\xfcller")
    assert kinds(read(tmp_path, data), doi="10.1000/a") == ["retraction"]
    assert kinds(read(tmp_path, b"\xef\xbb\xbf" + data), doi="10.1000/a") == ["retraction"]


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    """They are found by their names, with or without spaces and capitals."""
    names = [name for name in reversed(HEADER) if name]
    spaced = [name.replace("OriginalPaperDOI", "Original Paper DOI") for name in names]
    text = io.StringIO()
    csv.writer(text).writerows([spaced, [ROW.get(name, "") for name in names]])
    assert kinds(read(tmp_path, text.getvalue().encode()), doi="10.1000/a") == ["retraction"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not the Retraction Watch CSV: no column RetractionDate"),
        (b"a,b\n1,2\n", "no column"),
        (b"<!DOCTYPE html><html></html>", "no column"),
        (RECORDED.decode().encode("utf-16"), "line 1: holds a NUL"),
        (b"\x1f\x8b\x08" + b"\x00" * 50, "line 1: holds a NUL"),
        (b'"' + b"x" * 200_000, "not CSV"),
        (csv_of(), "holds no row that can be used"),
        (csv_of({"RetractionNature": "?"}), "line 2: unknown nature of notice: '?'"),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, data: bytes, words: str) -> None:
    """The error names the file and what is missing."""
    with pytest.raises(FileInputError) as refused:
        read(tmp_path, data)
    assert words in str(refused.value)
    assert str(tmp_path) in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_files_that_are_no_files_are_refused(tmp_path: Path) -> None:
    """A missing file, a folder, and one that is too large."""
    (tmp_path / "big.csv").write_bytes(RECORDED)
    with pytest.raises(FileInputError, match="No such file"):
        RetractionWatch.read(tmp_path / "none.csv")
    with pytest.raises(FileInputError, match="is a folder"):
        RetractionWatch.read(tmp_path)
    with pytest.raises(FileInputError, match="more than the limit of 100"):
        RetractionWatch.read(tmp_path / "big.csv", max_bytes=100)


def test_marking_an_article_replaces_what_the_database_said_before(tmp_path: Path) -> None:
    """A reinstated work loses its old mark; what others said stays; twice is once."""
    own = Notice(kind="correction", source="PubMed")
    old = Notice(kind="retraction", source="Retraction Watch")
    references = (
        Reference(title="A", doi="10.1000/back", notices=(own, old)),
        Reference(title="B", pmid="102"),
        Reference(title="C"),
    )
    text = [Draft(kind="paragraph", text="A text.")]
    identity = Reference(title="Own", doi="10.1000/imaginol")
    document = assemble(document_id="a", kind="article", title="A", drafts=text, reference=identity)
    watch = read(tmp_path, RECORDED)
    new = marked(Article(slug="a", document=document, references=references), watch)
    assert new.references[0].notices == (own,)
    assert new.references[1].retracted
    assert new.references[2] == references[2]
    assert new.document.reference is not None
    assert new.document.reference.retracted
    assert marked(new, watch) == new
    assert marked_document(replace(document, reference=None), watch).reference is None


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_damage_raises_nothing_but_our_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A file cut or overwritten anywhere is read or refused; every notice is of a known kind."""
    start = data.draw(st.integers(0, len(RECORDED)))
    end = data.draw(st.integers(start, len(RECORDED)))
    patch = data.draw(st.one_of(st.just(b""), st.binary(max_size=30), st.just(b'"')))
    folder = tmp_path_factory.getbasetemp()
    try:
        watch = read(folder, RECORDED[:start] + patch + RECORDED[end:])
    except FileInputError as error:
        lines = str(error).splitlines()
    else:
        lines = [watch.shown]
        assert watch.dated <= TODAY or watch.dated_by == "file"
        assert set(kinds(watch, pmid="102")) <= {"retraction", "concern", "correction"}
        assert all(r.place.startswith("line ") and r.reason.isprintable() for r in watch.rejections)
    assert len(lines) == 1
