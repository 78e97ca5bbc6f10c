import json
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import FileInputError, InputError, NotFoundError
from corpus.library import Library
from corpus.records import Reference
from ingest.drafts import SourceFile
from ingest.reading import PARSERS, files_under, ingest, parser_for, read_file
from tests.fakes import article_of, clinic, contents

ARTICLE = """---
slug: lungs
title: How do lungs heal?
references:
  - {number: 1, title: Buds in the alveoli, year: 2001}
  - {number: 2, title: Steroids, doi: 10.1000/steroids}
  - {number: 3, title: Relapses, pmid: "33"}
---
Lungs heal by buds [1]. Steroids help [2], but relapses come [3].
"""
PAGE = "How do bones heal?\n\nA broken bone heals in twelve weeks, and sooner in a child. 1\n"


def nbib(pmid: str, title: str, year: int, *, doi: str = "", abstract: str = "It fell.") -> str:
    """Return one MEDLINE record."""
    lines = [f"PMID- {pmid}", f"TI  - {title}", f"DP  - {year} Jan", "FAU - Roe, Ann"]
    lines += [f"LID - {doi} [doi]"] if doi else []
    lines += [f"AB  - {abstract}"] if abstract else []
    return "\n".join(lines) + "\n\n"


BUDS = nbib("11", "Buds in the alveoli.", 2001, abstract="Buds fill the alveoli.")
STEROIDS = nbib("22", "Quite another title", 1999, doi="10.1000/STEROIDS", abstract="They help.")
RELAPSES = nbib("33", "Relapses after treatment", 1998, abstract="They are common.")


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


def written(folder: Path, name: str, text: str) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# --- reading a file -----------------------------------------------------------------------------


def test_a_file_is_its_name_and_bytes(inbox: Path) -> None:
    """Nothing is decoded or changed on the way in."""
    path = written(inbox, "a.md", "# β\r\n")
    assert read_file(path) == SourceFile(name=str(path), data="# β\r\n".encode())


@pytest.mark.parametrize("make", [Path.exists, Path.mkdir, Path.touch])
def test_what_is_no_file_with_content_is_refused_by_name(inbox: Path, make: object) -> None:
    """A missing file, a folder and an empty file are refused."""
    path = inbox / "a.md"
    make(path)  # type: ignore[operator]
    with pytest.raises(FileInputError) as caught:
        read_file(path)
    assert caught.value.name == str(path)
    assert caught.value.reason


def test_a_file_over_the_limit_is_refused_without_being_read(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 MB are refused by the size that the file system gives; both sizes are named."""
    path = inbox / "huge.md"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the file was read"))
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("the file was opened"))
    with pytest.raises(FileInputError, match=r"200,000,000 .* 100,000,000"):
        read_file(path)


def test_the_limit_itself_is_allowed(inbox: Path, library: Library) -> None:
    """A file of exactly `max_bytes` is read, one byte more is not."""
    path = written(inbox, "a.md", ARTICLE)
    size = path.stat().st_size
    assert len(read_file(path, max_bytes=size).data) == size
    with pytest.raises(FileInputError):
        ingest([path], library, max_bytes=size - 1)
    assert library.articles() == ()


# --- which parser -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "format_name"),
    [
        ("a.md", ARTICLE, "Markdown"),
        ("a.txt", PAGE, "article page"),
        ("a.nbib", BUDS, "MEDLINE"),
        ("a.txt", BUDS, "MEDLINE"),
        ("c.jsonl", '{"_id": "d", "title": "T", "text": "It fell."}\n', "corpus JSONL"),
        ("a.nxml", "<article><front><article-meta/></front></article>", "JATS"),
        ("a.xml", "<PubmedArticleSet></PubmedArticleSet>", "PubMed XML"),
    ],
)
def test_the_content_tells_the_format(name: str, text: str, format_name: str) -> None:
    """Each format finds its parser, also under a name that says little."""
    parser = parser_for(SourceFile(name=name, data=text.encode()))
    assert parser.name.startswith(format_name)


def test_an_unknown_format_is_refused_with_the_known_ones(inbox: Path, library: Library) -> None:
    """The error names the file and every format."""
    path = written(inbox, "scan.djvu", "AT&TFORM\n")
    with pytest.raises(FileInputError) as caught:
        ingest([path], library)
    assert str(path) in str(caught.value)
    assert all(parser.name in str(caught.value) for parser in PARSERS)


# --- folders ------------------------------------------------------------------------------------


def test_folders_are_read_in_order_without_hidden_files(inbox: Path) -> None:
    """All files below a folder come sorted; what begins with a dot, folder or file, is left out."""
    for name in ("b.md", "a.md", "sub/c.md", ".hidden.md", ".git/config", "sub/.cache/x.md"):
        written(inbox, name, "x")
    found = [str(path.relative_to(inbox)) for path in files_under([inbox])]
    assert found == ["a.md", "b.md", "sub/c.md"]


def test_a_file_named_twice_is_read_once(inbox: Path) -> None:
    """Files keep the order in which they were named, and come once."""
    a, b = written(inbox, "a.md", "x"), written(inbox, "b.md", "x")
    assert files_under([b, inbox, a, b]) == (b, a)


def test_a_hidden_file_can_be_named(inbox: Path) -> None:
    """What the caller names is read, whatever its name; missing files are left to `read_file`."""
    hidden, missing = written(inbox, ".a.md", "x"), inbox / "missing.md"
    assert files_under([hidden, missing]) == (hidden, missing)


def test_a_folder_is_ingested_whole(inbox: Path, library: Library) -> None:
    """Each file of a folder has its report: format, articles and documents."""
    written(inbox, "a.md", ARTICLE)
    written(inbox, "sub/bones.txt", PAGE)
    written(inbox, "x.nbib", BUDS + RELAPSES)
    reports = ingest([inbox], library)
    assert [Path(r.name).name for r in reports] == ["a.md", "bones.txt", "x.nbib"]
    assert [r.format for r in reports] == ["Markdown", "article page", "MEDLINE"]
    assert [[a.slug for a in r.articles] for r in reports] == [["lungs"], ["bones"], []]
    assert list(reports[2].document_ids) == ["pmid:11", "pmid:33"]
    assert [a.slug for a in Library(library.folder).articles()] == ["bones", "lungs"]


def test_a_file_that_is_no_format_is_left_alone_in_a_folder_and_refused_by_name(
    inbox: Path, library: Library
) -> None:
    """Who names a folder does not vouch for everything that lies in it; it is told all the same."""
    written(inbox, "lungs.md", ARTICLE)
    other = written(inbox, "LICENSE.bin", "\x01\x02 no text of any kind")
    reports = ingest([inbox], library)
    assert [(report.name, report.notes) for report in reports if not report.articles] == [
        (str(other), ("no known format: left alone",))
    ]
    assert [article.slug for article in library.articles()] == ["lungs"]
    with pytest.raises(FileInputError, match="unknown format"):
        ingest([inbox, other], library)
    other.rename(inbox.parent / "alone.bin")
    (inbox / "lungs.md").unlink()
    (inbox.parent / "alone.bin").rename(other)
    with pytest.raises(FileInputError, match="no file of a known format here"):
        ingest([inbox], library)


def test_an_empty_folder_is_said_to_be_empty(inbox: Path, library: Library) -> None:
    """Nothing to read is a mistake to be told; the library stays as it was."""
    before = contents(library.folder)
    with pytest.raises(FileInputError, match="no files here"):
        ingest([inbox], library)
    assert contents(library.folder) == before


# --- all or nothing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bad.md", ""),
        ("bad.md", "---\ntitle: [\n---\nText.\n"),
        ("bad.xml", "<PubmedArticleSet>"),
        ("bad.bin", "\x00\x01"),
        ("bad.nbib", "PMID- 1\nnonsense\n"),
        ("lungs.txt", PAGE),
    ],
)
def test_a_bad_file_leaves_the_library_as_it_was(tmp_path: Path, name: str, text: str) -> None:
    """One file that cannot be used, and none is: not a byte of the library changes."""
    library = clinic(tmp_path / "library")
    before = contents(tmp_path / "library")
    good = written(tmp_path / "inbox", "a.md", ARTICLE)
    bad = written(tmp_path / "inbox", name, text)
    with pytest.raises(FileInputError) as caught:
        ingest([good, bad], library)
    assert bad.name in str(caught.value)
    assert contents(tmp_path / "library") == before
    assert [a.slug for a in library.articles()] == ["fever", "gout"]


def test_an_id_that_is_taken_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    """An article named as a stored document is refused, and the files beside it with it."""
    library = clinic(tmp_path / "library")
    before = contents(tmp_path / "library")
    good = written(tmp_path / "inbox", "a.md", ARTICLE)
    taken = written(tmp_path / "inbox", "alone.txt", PAGE)
    with pytest.raises(InputError, match="alone"):
        ingest([good, taken], library)
    assert contents(tmp_path / "library") == before


def test_two_articles_of_one_slug_are_refused(inbox: Path, library: Library) -> None:
    """Neither of two files may silently win; both are named."""
    one, other = written(inbox, "one.md", ARTICLE), written(inbox, "other.md", ARTICLE)
    with pytest.raises(FileInputError, match="lungs") as caught:
        ingest([one, other], library)
    assert str(one) in str(caught.value)
    assert str(other) in str(caught.value)
    assert library.articles() == ()


def test_one_name_cannot_be_given_to_two_articles(inbox: Path, library: Library) -> None:
    """`--article` names one article; two files under it are refused."""
    one, other = written(inbox, "one.md", ARTICLE), written(inbox, "other.txt", PAGE)
    with pytest.raises(FileInputError, match="--article"):
        ingest([one, other], library, slug="chosen")
    assert library.articles() == ()


def test_an_article_is_named_as_asked(inbox: Path, library: Library) -> None:
    """`--article` overrides the file's name and its front matter."""
    ingest([written(inbox, "a.md", ARTICLE)], library, slug="chosen")
    ingest([written(inbox, "a.txt", PAGE)], library, slug="bones-2")
    assert [a.slug for a in library.articles()] == ["bones-2", "chosen"]


def test_what_a_file_leaves_out_is_reported(inbox: Path, library: Library) -> None:
    """A record without an abstract is no error; it is rejected with its place and noted."""
    path = written(inbox, "x.nbib", BUDS + nbib("44", "Bare", 2000, abstract=""))
    (report,) = ingest([path], library)
    assert list(report.document_ids) == ["pmid:11"]
    (rejection,) = report.rejections
    assert "44" in rejection.place
    assert any("without an abstract" in note for note in report.notes)


# --- tying abstracts to an article --------------------------------------------------------------


def numbered(library: Library, slug: str = "lungs") -> dict[int | None, str | None]:
    """Return the stored document of each numbered reference."""
    references = Library(library.folder).article(slug).references
    return {r.number: r.document_id for r in references if r.number is not None}


def unnumbered(library: Library, slug: str = "lungs") -> list[str | None]:
    """Return the stored documents of the references without a number, in order."""
    references = Library(library.folder).article(slug).references
    return [r.document_id for r in references if r.number is None]


TIED = {1: "pmid:11", 2: "pmid:22", 3: "pmid:33"}


def test_abstracts_are_tied_by_pmid_doi_and_title_with_year(inbox: Path, library: Library) -> None:
    """In whatever order they come, each abstract finds the entry that names the same work."""
    ingest([written(inbox, "a.md", ARTICLE)], library)
    path = written(inbox, "x.nbib", RELAPSES + BUDS + STEROIDS)
    (report,) = ingest([path], library, slug="lungs")
    assert numbered(library) == TIED
    assert unnumbered(library) == []
    assert library.scope("lungs").document_ids == ("lungs", "pmid:11", "pmid:22", "pmid:33")
    assert any("3 abstract(s)" in note for note in report.notes)


def test_abstracts_come_together_with_their_article(inbox: Path, library: Library) -> None:
    """The article and its abstracts in one call, in either order of the files."""
    paths = [written(inbox, "a.md", ARTICLE), written(inbox, "x.nbib", BUDS + STEROIDS + RELAPSES)]
    for order in (paths, paths[::-1]):
        ingest(order, library, slug="lungs")
        assert numbered(library) == TIED
        assert unnumbered(library) == []


def test_a_position_in_the_file_ties_nothing(inbox: Path, library: Library) -> None:
    """Three abstracts for three entries, none of the same work: no number resolves."""
    ingest([written(inbox, "a.md", ARTICLE)], library)
    others = "".join(nbib(f"9{n}", f"Other work {n}", 2001) for n in range(3))
    (report,) = ingest([written(inbox, "x.nbib", others)], library, slug="lungs")
    assert numbered(library) == {1: None, 2: None, 3: None}
    assert unnumbered(library) == ["pmid:90", "pmid:91", "pmid:92"]
    assert library.scope("lungs").document_ids == ("lungs", "pmid:90", "pmid:91", "pmid:92")
    assert sum("without a number" in note for note in report.notes) == 3


def test_a_title_of_another_year_ties_nothing(inbox: Path, library: Library) -> None:
    """The same title in another year is another work."""
    ingest([written(inbox, "a.md", ARTICLE)], library)
    path = written(inbox, "x.nbib", nbib("11", "Buds in the alveoli", 2002))
    ingest([path], library, slug="lungs")
    assert numbered(library)[1] is None
    assert unnumbered(library) == ["pmid:11"]


def test_ambiguous_titles_are_not_tied(inbox: Path, library: Library) -> None:
    """Two entries with the title and year of an abstract: neither number resolves."""
    twin = "  - {number: 4, title: Buds in the alveoli, year: 2001}\n---\nLungs"
    ingest([written(inbox, "a.md", ARTICLE.replace("---\nLungs", twin))], library)
    ingest([written(inbox, "x.nbib", BUDS)], library, slug="lungs")
    assert numbered(library) == {1: None, 2: None, 3: None, 4: None}


def test_the_same_abstracts_again_change_nothing(inbox: Path, library: Library) -> None:
    """Reading a reference file twice leaves the library byte for byte as after the first time."""
    records = {"_id": "guide", "title": "A guide", "text": "Rest helps."}
    medline = written(inbox, "x.nbib", BUDS + nbib("99", "Unlisted", 2001))
    jsonl = written(inbox, "corpus.jsonl", json.dumps(records) + "\n")
    ingest([written(inbox, "a.md", ARTICLE)], library)
    ingest([medline, jsonl], library, slug="lungs")
    before = contents(library.folder)
    ingest([medline, jsonl], library, slug="lungs")
    assert contents(library.folder) == before


def test_the_article_again_keeps_the_abstracts_that_were_tied_to_it(
    inbox: Path, library: Library
) -> None:
    """A corrected article does not lose the abstracts that it was given."""
    path = written(inbox, "a.md", ARTICLE)
    ingest([path], library)
    ingest([written(inbox, "x.nbib", BUDS + STEROIDS + RELAPSES)], library, slug="lungs")
    ingest([written(inbox, "a.md", ARTICLE.replace("heal by buds", "heal by many buds"))], library)
    assert "many buds" in library.article("lungs").document.text
    assert numbered(library) == TIED


def test_abstracts_may_come_before_their_article(inbox: Path, library: Library) -> None:
    """An abstract that is stored already is tied by its PMID when the article comes."""
    ingest([written(inbox, "x.nbib", RELAPSES)], library)
    ingest([written(inbox, "a.md", ARTICLE)], library)
    assert numbered(library) == {1: None, 2: None, 3: "pmid:33"}
    assert unnumbered(library) == []


def test_an_abstract_known_by_pmid_is_found_by_its_doi(inbox: Path, library: Library) -> None:
    """The article lists a DOI; the stored PubMed record of that DOI bears its PMID as its id."""
    ingest([written(inbox, "x.nbib", STEROIDS)], library)
    ingest([written(inbox, "a.md", ARTICLE)], library)
    assert numbered(library) == {1: None, 2: "pmid:22", 3: None}
    assert unnumbered(library) == []


@pytest.mark.parametrize("metadata", [{}, {"doi": "10.1000/steroids"}])
def test_an_abstract_known_by_doi_is_found_by_its_doi(
    inbox: Path, library: Library, metadata: dict[str, str]
) -> None:
    """A stored text whose id is the DOI that the article lists is that reference's abstract."""
    line = {"_id": "doi:10.1000/steroids", "title": "S", "text": "Good.", "metadata": metadata}
    ingest([written(inbox, "c.jsonl", json.dumps(line) + "\n")], library)
    ingest([written(inbox, "a.md", ARTICLE)], library)
    assert numbered(library) == {1: None, 2: "doi:10.1000/steroids", 3: None}
    assert unnumbered(library) == []


def test_an_article_keeps_its_own_words_about_a_reference(inbox: Path, library: Library) -> None:
    """Number and title stay as listed; what the list lacks comes from the record."""
    ingest([written(inbox, "a.md", ARTICLE)], library)
    ingest([written(inbox, "x.nbib", RELAPSES)], library, slug="lungs")
    entry = library.article("lungs").reference_numbered(3)
    assert entry is not None
    assert (entry.title, entry.year, entry.authors) == ("Relapses", 1998, ("Roe A",))


def test_a_work_listed_twice_is_not_multiplied(library: Library, inbox: Path) -> None:
    """Two numbers for one PMID, its abstract stored: no entry appears more than once."""
    ingest([written(inbox, "x.nbib", RELAPSES)], library)
    again = '  - {number: 4, title: Relapses again, pmid: "33"}\n---\nLungs'
    ingest([written(inbox, "a.md", ARTICLE.replace("---\nLungs", again))], library)
    assert len(unnumbered(library)) <= 1


def test_abstracts_for_an_unknown_article_are_refused(inbox: Path, library: Library) -> None:
    """`--article` with a slug that is not there is an error, and nothing is stored."""
    path = written(inbox, "x.nbib", BUDS)
    with pytest.raises(NotFoundError, match="lungs"):
        ingest([path], library, slug="lungs")
    assert library.documents() == ()


def test_abstracts_without_an_article_stand_alone(inbox: Path, library: Library) -> None:
    """Without `--article` an abstract is a document, and changes no article that is there."""
    library.put(articles=[article_of("other", "T.", references=[Reference(title="R", number=1)])])
    before = library.article("other")
    ingest([written(inbox, "x.nbib", BUDS)], library)
    assert library.scope("pmid:11").document_ids == ("pmid:11",)
    assert library.article("other") == before


def test_what_an_editor_did_to_another_article_stays(tmp_path: Path) -> None:
    """Reading one article changes no other file of the library."""
    library = clinic(tmp_path / "library")
    library.put(articles=[replace(library.article("gout"), editorial_board="Board")])
    before = contents(library.folder)
    ingest([written(tmp_path / "inbox", "a.md", ARTICLE)], library)
    after = contents(library.folder)
    assert {name: after[name] for name in before} == before
    memory = {"catalogue.json", "sources.sqlite"}
    assert after.keys() - before.keys() - memory == {"articles/lungs.json"}


# --- the real page ------------------------------------------------------------------------------


@pytest.mark.shared
def test_the_real_page_is_usable_and_resolves_no_number(shared: Path, library: Library) -> None:
    """A page that cites numbers but prints none in its list ties no number to any entry."""
    (report,) = ingest([shared / "samples" / "article" / "cop_page.txt"], library)
    article = Library(library.folder).article("cop_page")
    assert article.title.startswith("What causes Cryptogenic Organizing Pneumonia")
    assert len(article.document.passages) >= 5
    assert len(article.references) == 5
    cited = {n for callout in article.document.callouts for n in callout.numbers}
    assert cited == {1, 2, 3, 4, 5, 6}
    assert all(article.reference_numbered(number) is None for number in range(1, 10))
    assert all(reference.document_id is None for reference in article.references)
    assert library.scope("cop_page").document_ids == ("cop_page",)
    assert any("no cited number is tied" in note for note in report.notes)


@pytest.mark.shared
def test_the_real_pages_abstracts_are_tied_by_title_and_year(
    shared: Path, library: Library, inbox: Path
) -> None:
    """Even tied abstracts give the printed numbers no meaning that the page does not print."""
    ingest([shared / "samples" / "article" / "cop_page.txt"], library)
    title = "Update on cryptogenic organizing pneumonia"
    path = written(inbox, "x.nbib", nbib("7", f"{title}.", 2023) + nbib("8", title, 2022))
    ingest([path], library, slug="cop_page")
    article = library.article("cop_page")
    tied = {r.document_id: r.year for r in article.references if r.document_id}
    assert tied == {"pmid:7": 2023, "pmid:8": 2022}
    assert len(article.references) == 6
    assert all(reference.number is None for reference in article.references)
