"""Files that are read a second time: unchanged, changed, renamed, gone."""

import json
import sqlite3
from pathlib import Path

import pytest

from corpus.errors import FileInputError, LibraryError
from corpus.library import Library
from ingest import planning
from ingest.fetching import mark_library
from ingest.jobs import FileReport
from ingest.reading import ingest
from ingest.retraction_watch import RetractionWatch
from tests.fakes import contents
from tests.ingest.ncbi_server import RECORDINGS

ARTICLE = """---
title: How do lungs heal?
references:
  - {number: 1, title: Buds in the alveoli, year: 2001}
  - {number: 2, title: Steroids, doi: 10.1000/steroids, abstract: They help the lungs.}
  - {number: 3, title: A summary, abstract: Air comes back., abstract_note: Ours.}
---
Lungs heal by buds [1]. Steroids help [2]. Air returns [3].
"""
OTHER = ARTICLE.replace("How do lungs heal?", "Do lungs heal?").replace("  - {number: 3", "#")


def record(pmid: int, title: str = "A title", abstract: str = "It fell.", year: int = 2001) -> str:
    """Return one MEDLINE record."""
    return f"PMID- {pmid}\nTI  - {title}\nDP  - {year}\nAB  - {abstract}\n\n"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return an empty library."""
    return Library.create(tmp_path / "library")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Return an empty folder for files to read."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def again(library: Library) -> Library:
    """Return the library as the next process opens it."""
    return Library(library.folder)


def ids(library: Library) -> list[str]:
    """Return the ids of all documents, articles included, as the next process sees them."""
    return list(again(library).document_ids())


def said(reports: tuple[FileReport, ...]) -> str:
    """Return all notes of a run."""
    return "\n".join(note for report in reports for note in report.notes)


# --- unchanged ----------------------------------------------------------------------------------


def test_an_unchanged_file_is_not_parsed_again(
    inbox: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Article, abstracts and texts: the second time no parser is asked, and no byte changes."""
    (inbox / "a.md").write_text(ARTICLE)
    (inbox / "b.nbib").write_text(record(1) + "PMID- 2\nTI  - Bare\n\n")
    (inbox / "c.jsonl").write_text(json.dumps({"_id": "x", "title": "T", "text": "It rose."}))
    ingest([inbox], library)
    before = contents(library.folder)
    for name in ("parser_for", "reader_for"):
        monkeypatch.setattr(planning, name, lambda *_, **__: pytest.fail("a file was parsed"))
    reports = ingest([inbox], again(library))
    assert [report.unchanged for report in reports] == [True, True, True]
    assert [report.left_out for report in reports] == [0, 1, 0]
    assert contents(library.folder) == before


@pytest.mark.parametrize("change", ["code", "name", "document"])
def test_what_decides_the_reading_is_part_of_unchanged(
    inbox: Path, library: Library, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Other code, another name asked for, or a document that is gone: the file is read again."""
    (inbox / "a.md").write_text(ARTICLE)
    ingest([inbox], library)
    slug = None
    if change == "code":
        monkeypatch.setattr(planning, "code_digest", lambda *_: "newer")
    elif change == "name":
        slug = "chosen"
    else:
        library.delete_document("a#ref-3")
    (report,) = ingest([inbox], again(library), slug=slug)
    assert not report.unchanged
    assert "a#ref-3" in ids(library)


def test_only_the_records_that_changed_are_written(inbox: Path, library: Library) -> None:
    """Of three records in one file one is new text: one file of the library changes."""
    path = inbox / "b.nbib"
    path.write_text(record(1) + record(2) + record(3))
    ingest([path], library)
    before = {p.name: p.stat().st_mtime_ns for p in (library.folder / "documents").iterdir()}
    path.write_text(record(1) + record(2, abstract="It rose.") + record(3))
    ingest([path], again(library))
    after = {p.name: p.stat().st_mtime_ns for p in (library.folder / "documents").iterdir()}
    assert [name for name in after if after[name] != before[name]] == ["pmid%3A2.json"]
    assert again(library).document("pmid:2").text == "It rose."


def test_unchanged_abstracts_are_tied_to_an_article_that_comes_anew(
    inbox: Path, library: Library
) -> None:
    """The article was deleted and read again: its abstracts need no second reading to be tied."""
    (inbox / "a.md").write_text(ARTICLE)
    (inbox / "b.nbib").write_text(record(1, "Buds in the alveoli"))
    ingest([inbox], library, slug="a")
    library.delete_article("a")
    ingest([inbox], again(library), slug="a")
    assert again(library).article("a").references[0].document_id == "pmid:1"


# --- changed ------------------------------------------------------------------------------------


def test_an_article_that_is_read_anew_tells_what_changed(inbox: Path, library: Library) -> None:
    """The first time there is nothing to tell; then the sentence is told, and only that."""
    path = inbox / "a.md"
    path.write_text(ARTICLE)
    (first,) = ingest([path], library)
    assert first.changes == ()
    path.write_text(ARTICLE.replace("Air returns", "Air comes back soon"))
    (second,) = ingest([path], again(library))
    assert "Air comes back soon" in "\n".join(second.changes)
    assert "Lungs heal by buds" not in "\n".join(second.changes)


def test_an_abstract_that_is_deleted_from_an_article_is_gone(inbox: Path, library: Library) -> None:
    """Its document is removed and told; the article does not answer from it any more."""
    path = inbox / "a.md"
    path.write_text(ARTICLE)
    ingest([path], library)
    assert ids(library) == ["a", "a#ref-3", "doi:10.1000/steroids"]
    path.write_text(
        ARTICLE.replace(", abstract: They help the lungs.", "").replace(
            ", abstract: Air comes back., abstract_note: Ours.", ""
        )
    )
    reports = ingest([path], again(library))
    assert ids(library) == ["a"]
    assert "a#ref-3: no longer in the file, removed" in said(reports)
    assert [r.document_id for r in again(library).article("a").references] == [None, None, None]


def test_a_deleted_abstract_that_another_article_gives_stays(inbox: Path, library: Library) -> None:
    """Two articles bring the same abstract: one of them alone cannot take it away."""
    (inbox / "a.md").write_text(ARTICLE)
    (inbox / "b.md").write_text(OTHER)
    ingest([inbox], library)
    (inbox / "a.md").write_text(ARTICLE.replace(", abstract: They help the lungs.", ""))
    ingest([inbox], again(library))
    assert "doi:10.1000/steroids" in ids(library)
    assert again(library).article("b").references[1].document_id == "doi:10.1000/steroids"


def test_an_entry_that_leaves_the_list_takes_its_tie_with_it(inbox: Path, library: Library) -> None:
    """The abstract stays in the library but not in the article's scope, and this is told."""
    (inbox / "a.md").write_text(ARTICLE)
    (inbox / "b.nbib").write_text(record(1, "Buds in the alveoli"))
    ingest([inbox], library, slug="a")
    (inbox / "a.md").write_text(ARTICLE.replace("  - {number: 1,", "#"))
    reports = ingest([inbox / "a.md"], again(library))
    assert "pmid:1" in ids(library)
    assert "pmid:1" not in again(library).scope("a").document_ids
    assert "pmid:1: its entry is gone from the list" in said(reports)


def test_a_confirmed_match_survives_the_next_reading(inbox: Path, library: Library) -> None:
    """What an editor tied by hand stays tied while the entry stays as printed."""
    from ingest.doubts import confirmed

    (inbox / "a.md").write_text(ARTICLE)
    (inbox / "b.nbib").write_text(record(1, "Buds in the alveoli", year=2002))
    reports = ingest([inbox], library, slug="a")
    assert "entry 1 “Buds in the alveoli” may be pmid:1" in said(reports)
    assert any("--tie a:1=pmid:1" in f for f in again(library).article("a").findings)
    ingest([], again(library), ties=[confirmed("a:1=pmid:1")])
    article = again(library).article("a")
    assert (article.references[0].document_id, article.findings) == ("pmid:1", ())
    assert len(article.references) == 3
    (inbox / "a.md").write_text(ARTICLE.replace("Air returns", "Air is back"))
    ingest([inbox], again(library))
    assert again(library).article("a").references[0].document_id == "pmid:1"


# --- renamed ------------------------------------------------------------------------------------


def test_a_renamed_file_is_recognised_and_its_article_keeps_its_slug(
    inbox: Path, library: Library
) -> None:
    """The same bytes under another name are no second article, now and after a change."""
    (inbox / "a.md").write_text(ARTICLE)
    ingest([inbox], library)
    (inbox / "a.md").rename(inbox / "renamed.md")
    reports = ingest([inbox], again(library))
    assert "renamed from ../inbox/a.md; its article keeps the slug a" in said(reports)
    assert [a.slug for a in again(library).articles()] == ["a"]
    (inbox / "renamed.md").write_text(ARTICLE.replace("Air returns", "Air is back"))
    ingest([inbox], again(library))
    assert [a.slug for a in again(library).articles()] == ["a"]
    assert "Air is back" in again(library).article("a").document.text


def test_a_copy_is_no_renamed_file(inbox: Path, library: Library) -> None:
    """While the first file is there, the same bytes elsewhere are an article of their own."""
    (inbox / "a.md").write_text("---\ntitle: A\n---\nIt fell.\n")
    ingest([inbox], library)
    (inbox / "b.md").write_bytes((inbox / "a.md").read_bytes())
    ingest([inbox], again(library))
    assert [a.slug for a in again(library).articles()] == ["a", "b"]


# --- gone ---------------------------------------------------------------------------------------


def test_what_is_gone_is_removed_only_when_asked(inbox: Path, library: Library) -> None:
    """Without `prune` nothing goes; with it the article, its abstracts and its ties go."""
    (inbox / "a.md").write_text(ARTICLE)
    (inbox / "keep.md").write_text("---\ntitle: K\n---\nIt rose.\n")
    (inbox / "b.nbib").write_text(record(1, "Buds in the alveoli"))
    ingest([inbox], library, slug=None)
    (inbox / "a.md").unlink()
    ingest([inbox], again(library))
    assert "a" in ids(library)
    reports = ingest([inbox], again(library), prune=True)
    assert ids(library) == ["keep", "pmid:1"]
    assert "the file is gone; removed: a, " in said(reports)
    assert "gone" not in said(ingest([inbox], again(library), prune=True))


def test_files_elsewhere_are_not_pruned(inbox: Path, library: Library) -> None:
    """Only the folders that are named are cleared; what was given by other files stays too."""
    for name in ("one", "two", "two-b"):
        (inbox / name).mkdir()
    (inbox / "one" / "x.nbib").write_text(record(1) + record(2))
    (inbox / "two" / "y.nbib").write_text(record(2) + record(3))
    (inbox / "two-b" / "z.nbib").write_text(record(4))
    ingest([inbox], library)
    (inbox / "two" / "y.nbib").unlink()
    (inbox / "two-b" / "z.nbib").unlink()
    (inbox / "two" / "new.nbib").write_text(record(5))
    ingest([inbox / "two"], again(library), prune=True)
    assert ids(library) == ["pmid:1", "pmid:2", "pmid:4", "pmid:5"]


def test_a_text_that_another_file_gives_too_is_read_from_that_one(
    inbox: Path, library: Library
) -> None:
    """The newer of two versions is gone with its file: the older file's text stands again."""
    (inbox / "a.nbib").write_text(record(1, abstract="The older text."))
    (inbox / "b.nbib").write_text(record(1, abstract="The newer text."))
    ingest([inbox], library)
    assert again(library).document("pmid:1").text == "The newer text."
    (inbox / "b.nbib").unlink()
    ingest([inbox], again(library), prune=True)
    assert again(library).document("pmid:1").text == "The older text."


def test_records_that_leave_a_file_are_told_and_pruned_when_asked(
    inbox: Path, library: Library
) -> None:
    """An export under the same name loses nothing by itself."""
    path = inbox / "x.nbib"
    path.write_text(record(1) + record(2))
    ingest([path], library)
    path.write_text(record(1))
    assert "1 record(s) no longer in the file are kept" in said(ingest([path], again(library)))
    assert ids(library) == ["pmid:1", "pmid:2"]
    path.write_text(record(1) + record(3))
    ingest([path], again(library), prune=True)
    assert ids(library) == ["pmid:1", "pmid:3"]


# --- cited works that are articles --------------------------------------------------------------


def test_articles_can_be_read_as_references(inbox: Path, library: Library) -> None:
    """A JATS article of a cited work is tied to the entry with its DOI, and is no article here."""
    (inbox / "a.md").write_text(ARTICLE.replace(", abstract: They help the lungs.", ""))
    ingest([inbox], library)
    jats = """<article><front><article-meta>
    <article-id pub-id-type="doi">10.1000/steroids</article-id>
    <title-group><article-title>Steroids</article-title></title-group>
    <abstract><p>They help the lungs.</p></abstract></article-meta></front>
    <body><p>Body text.</p></body></article>"""
    (inbox / "cited.nxml").write_text(jats)
    ingest([inbox / "cited.nxml"], again(library), slug="a", as_references=True)
    assert [a.slug for a in again(library).articles()] == ["a"]
    assert again(library).article("a").references[1].document_id == "doi:10.1000/steroids"


# --- the memory itself --------------------------------------------------------------------------


def test_a_library_without_its_memory_is_read_anew(inbox: Path, library: Library) -> None:
    """Both files may be removed: the next run reads everything, with the same result."""
    (inbox / "a.md").write_text(ARTICLE)
    ingest([inbox], library)
    before = again(library).fingerprint
    (library.folder / "sources.sqlite").unlink()
    (library.folder / "catalogue.json").unlink()
    (report,) = ingest([inbox], again(library))
    assert not report.unchanged
    assert again(library).fingerprint == before


@pytest.mark.parametrize("damage", ["garbage", "version"])
def test_a_damaged_memory_is_refused_by_name(inbox: Path, library: Library, damage: str) -> None:
    """The error names the file and says that it may be removed."""
    (inbox / "a.md").write_text(ARTICLE)
    ingest([inbox], library)
    path = library.folder / "sources.sqlite"
    if damage == "garbage":
        path.write_bytes(b"garbage" * 1000)
    else:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    with pytest.raises(LibraryError, match=r"sources\.sqlite.*remove it"):
        ingest([inbox], again(library))


def test_an_empty_folder_can_be_pruned_but_not_read(inbox: Path, library: Library) -> None:
    """The last file is gone: `prune` clears what it gave, without it there is nothing to read."""
    (inbox / "a.md").write_text(ARTICLE)
    ingest([inbox], library)
    (inbox / "a.md").unlink()
    with pytest.raises(FileInputError, match="no files here"):
        ingest([inbox], again(library))
    ingest([inbox], again(library), prune=True)
    assert ids(library) == []


def test_a_mark_of_retraction_outlives_a_new_reading(inbox: Path, library: Library) -> None:
    """What the database said of a work stays when the list and the record are read anew."""
    listed = (
        "---\ntitle: Do drugs help?\nreferences:\n  - {number: 1, title: A study, pmid: '102'}\n"
    )
    article, records = inbox / "drugs.md", inbox / "abstracts.nbib"
    article.write_text(f"{listed}---\nDrugs help [1].\n", encoding="utf-8")
    records.write_text(record(102), encoding="utf-8")
    ingest([inbox], library)
    mark_library(library, RetractionWatch.read(RECORDINGS / "retraction_watch.csv"))
    marked = library.article("drugs").references[0].notices
    assert [notice.kind for notice in marked] == ["retraction"]
    article.write_text(f"{listed}---\nDrugs help a little [1].\n", encoding="utf-8")
    records.write_text(record(102, abstract="It fell further."), encoding="utf-8")
    ingest([inbox], library)
    assert library.article("drugs").references[0].notices == marked
    abstract = library.document("pmid:102")
    assert "further" in abstract.text
    assert abstract.reference is not None
    assert abstract.reference.notices == marked
