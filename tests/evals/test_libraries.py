"""Libraries made of a set's own corpus."""

from pathlib import Path

import pytest

from corpus.errors import FileInputError, LibraryError
from corpus.library import Library
from evals import libraries
from evals.libraries import own_library
from evals.sets import read_set
from index.saved import load_index
from tests.evals.conftest import CORPUS, MakeSet, question
from tests.evals.fakes import WordEmbedder

ARTICLE = """<?xml version="1.0"?>
<article><front><article-meta><article-id pub-id-type="pmid">11</article-id>
<title-group><article-title>A trial</article-title></title-group></article-meta></front>
<body><sec><title>Results</title><p>Zinc shortened colds <xref ref-type="bibr" rid="r1">1</xref>.
</p></sec></body>
<back><ref-list><ref id="r1"><label>1</label><mixed-citation>Doe J. Zinc.
<pub-id pub-id-type="pmid">123</pub-id></mixed-citation></ref></ref-list></back></article>
"""
ABSTRACT = """
PMID- 123
TI  - Zinc.
AB  - Zinc shortens colds by a day.
"""


def test_a_library_is_built_once(make_set: MakeSet, tmp_path: Path) -> None:
    """The second time nothing is embedded, and nothing but the library lies in the cache."""
    embedder = WordEmbedder()
    question_set = read_set(make_set([question()]))
    cache = tmp_path / "cache"
    folder = own_library(question_set, embedder, cache)
    load_index(Library(folder), embedder)
    count = embedder.embedded
    assert own_library(question_set, embedder, cache) == folder
    assert embedder.embedded == count
    assert [d.document_id for d in Library(folder).documents()] == ["aspirin", "gout", "zinc"]
    assert list(cache.iterdir()) == [folder]


def test_another_corpus_gets_another_library(make_set: MakeSet, tmp_path: Path) -> None:
    """A changed text is never answered from the old library; changed questions keep it."""
    embedder = WordEmbedder()
    first = own_library(read_set(make_set([question()])), embedder, tmp_path / "c")
    asked_otherwise = read_set(make_set([question("q9")]))
    assert own_library(asked_otherwise, embedder, tmp_path / "c") == first
    fewer = read_set(make_set([question()], corpus=CORPUS[:1]))
    second = own_library(fewer, embedder, tmp_path / "c")
    assert [d.document_id for d in Library(second).documents()] == ["aspirin"]
    assert first.exists()


def test_newer_code_reads_again_and_keeps_the_vectors(
    make_set: MakeSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that older code made is replaced, without embedding the same texts again."""
    embedder = WordEmbedder()
    question_set = read_set(make_set([question()]))
    first = own_library(question_set, embedder, tmp_path / "c")
    count = embedder.embedded
    monkeypatch.setattr(libraries, "code_digest", lambda *_packages: "newer")
    second = own_library(question_set, embedder, tmp_path / "c")
    load_index(Library(second), embedder)
    assert embedder.embedded == count
    assert list((tmp_path / "c").iterdir()) == [second] != [first]


def test_articles_come_with_the_abstracts_that_they_cite(make_set: MakeSet, tmp_path: Path) -> None:
    """An article is called by its file's name, and what lies in its .nbib is in its scope."""
    folder = make_set([question()])
    (folder / "corpus.jsonl").unlink()
    (folder / "articles").mkdir()
    (folder / "articles" / "PMC1.nxml").write_text(ARTICLE)
    (folder / "articles" / "PMC1.nbib").write_text(ABSTRACT)
    library = Library(own_library(read_set(folder), WordEmbedder(), tmp_path / "c"))
    assert library.scope("PMC1").document_ids == ("PMC1", "pmid:123")


def test_a_bad_corpus_leaves_nothing_behind(make_set: MakeSet, tmp_path: Path) -> None:
    """A file that cannot be read is named, and no half library stays in the cache."""
    folder = make_set([question()])
    (folder / "corpus.jsonl").write_text('{"_id": "a", "title": "", "text": "x"}\n{')
    with pytest.raises(FileInputError, match="line 2"):
        own_library(read_set(folder), WordEmbedder(), tmp_path / "c")
    assert list((tmp_path / "c").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named(make_set: MakeSet, tmp_path: Path) -> None:
    """The operator is told which folder it is and which setting moves it."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(LibraryError, match="SEQUITUR_DATA_DIR"):
        own_library(read_set(make_set([question()])), WordEmbedder(), blocked / "c")
