from pathlib import Path

import pytest

from corpus.errors import NotFoundError
from corpus.library import Library
from corpus.records import Reference, passages_of
from tests.fakes import article_of, clinic, document_of


def test_the_scope_of_an_article_is_itself_and_what_it_cites(tmp_path: Path) -> None:
    """The article comes first, then its stored abstracts in the order of its list, once each."""
    library = clinic(tmp_path)
    scope = library.scope("gout")
    assert scope.article == library.article("gout")
    assert scope.document_ids == ("gout", "pmid:1", "gout#ref-2")


def test_an_abstract_that_is_not_stored_is_not_in_scope(tmp_path: Path) -> None:
    """A reference may name a document that the library has not; it is left out."""
    library = Library.create(tmp_path)
    references = [
        Reference(number=1, title="A", document_id="pmid:404"),
        Reference(number=2, title="B", document_id="pmid:2"),
        Reference(number=3, title="B again", document_id="pmid:2"),
    ]
    library.put(
        articles=[article_of("a", "Text.", references=references)],
        documents=[document_of("pmid:2", "Abstract.")],
    )
    assert library.scope("a").document_ids == ("a", "pmid:2")


def test_the_scope_of_a_document_is_that_document(tmp_path: Path) -> None:
    """A stand-alone text, or an abstract, is asked alone."""
    for document_id in ("alone", "pmid:1"):
        scope = clinic(tmp_path).scope(document_id)
        assert scope.article is None
        assert scope.document_ids == (document_id,)


def test_the_scope_of_nothing_is_everything(tmp_path: Path) -> None:
    """Without an article every document of the library may answer."""
    scope = clinic(tmp_path).scope(None)
    assert scope.article is None
    assert scope.document_ids == ("alone", "fever", "gout", "gout#ref-2", "pmid:1")


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """An unknown id is named, with the slugs that are known."""
    library = clinic(tmp_path)
    for ask in (library.scope, library.article, library.document):
        with pytest.raises(NotFoundError, match="scurvy"):
            ask("scurvy")
    with pytest.raises(NotFoundError, match="fever, gout"):
        library.article("scurvy")


def test_order_is_by_id_whatever_the_order_of_putting(tmp_path: Path) -> None:
    """Articles, documents and passages come by id, passages then in text order."""
    library = Library.create(tmp_path)
    for key in ("b", "c", "a"):
        library.put(articles=[article_of(f"art-{key}", "One.")], documents=[document_of(key, "A.")])
    ids = ["a", "art-a", "art-b", "art-c", "b", "c"]
    assert [d.document_id for d in library.documents()] == ids
    assert [a.slug for a in library.articles()] == ids[1:4]
    assert [p.document_id for p in library.passages()] == ids


def test_passages_are_those_of_every_document(tmp_path: Path) -> None:
    """The library's passages are its documents' passages, none left out."""
    library = clinic(tmp_path)
    assert library.passages() == tuple(p for d in library.documents() for p in passages_of(d))
    assert {p.document_id for p in library.passages()} == {
        d.document_id for d in library.documents()
    }
