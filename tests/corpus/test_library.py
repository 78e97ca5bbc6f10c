import datetime as dt
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError, NotFoundError
from corpus.library import Library, fingerprint, write_bytes, write_json
from corpus.records import Article, Document, GlossaryEntry, Reference, ReviewStatus
from tests.corpus.strategies import articles, documents
from tests.fakes import article_of, clinic, contents, document_of, heading, item

STRANGE_IDS = (
    "doi:10.1000/a(b)<c>;2-#",
    "a/b",
    "a#b",
    "50%",
    "%2F",
    "naïve β 心",
    "with space",
    "a.json",
    "a\\b",
    "a..b",
    "x" * 200,
)
BAD_IDS = ("", ".", "..", ".hidden", "../up", "x" * 201, "é" * 40)


def full_article() -> Article:
    """Return an article in which no field has its default."""
    article = article_of(
        "lungs",
        heading("Repair"),
        "It may be:",
        item("a bud"),
        references=(
            Reference(
                number=3,
                title="Buds – β and “quotes”",
                kind="guideline",
                authors=("Roe A", "Doe B"),
                journal="J Air",
                year=2020,
                volume="3",
                issue="4",
                pages="1-9",
                doi="10.1/x",
                pmid="12",
                pmcid="PMC7",
                url="https://example.org",
                publication_types=("Review",),
                document_id="pmid:12",
                as_listed="3. Buds",
            ),
        ),
    )
    return replace(
        article,
        review_status=ReviewStatus.APPROVED,
        updated=dt.date(2024, 5, 7),
        audience_note="For wards.",
        disclaimer="None.",
        editorial_board="Editors",
        policy_url="https://example.org/policy",
        findings=("Cited but not listed: 4.",),
        glossary=(
            GlossaryEntry(term="OP", written_out="organizing pneumonia", variants=("O.P.",)),
            GlossaryEntry(term="bud", meaning="Young tissue."),
        ),
    )


def only_temporary_files(folder: Path) -> list[str]:
    """Return the names under `folder` that are no library file."""
    return [name for name in contents(folder) if not name.endswith(".json")]


# --- round trip ---------------------------------------------------------------------------------


def test_an_article_with_every_field_survives(tmp_path: Path) -> None:
    """What was put is what a new process reads."""
    Library.create(tmp_path).put(articles=[full_article()])
    assert Library(tmp_path).article("lungs") == full_article()


@given(put_articles=st.lists(articles(), max_size=2), put_documents=st.lists(documents, max_size=2))
@settings(max_examples=40, deadline=None)
def test_records_survive_the_disk(
    put_articles: Sequence[Article], put_documents: Sequence[Document]
) -> None:
    """Any record that can be put comes back equal, whatever text and spans it holds."""
    slugs = {a.slug for a in put_articles}
    put_documents = [d for d in put_documents if d.document_id not in slugs]
    with tempfile.TemporaryDirectory() as folder:
        library = Library.create(Path(folder))
        library.put(articles=put_articles, documents=put_documents)
        again = Library(Path(folder))
        assert again.articles() == library.articles()
        assert again.documents() == library.documents()
        assert again.fingerprint == library.fingerprint
        for article in {a.slug: a for a in put_articles}.values():
            assert again.article(article.slug) == article


@pytest.mark.parametrize("key", STRANGE_IDS)
def test_strange_ids_survive(tmp_path: Path, key: str) -> None:
    """An id may hold what file names and addresses give a meaning to."""
    one, other = Library.create(tmp_path / "one"), Library.create(tmp_path / "other")
    one.put(documents=[document_of(key, "It fell.")])
    assert Library(one.folder).document(key).text == "It fell."
    other.put(articles=[article_of(key, "It rose.")])
    again = Library(other.folder)
    assert again.article(key).document.text == "It rose."
    again.delete_article(key)
    assert Library(other.folder).documents() == ()


def test_strange_ids_stay_inside_the_folder(tmp_path: Path) -> None:
    """No id leads out of the library, or into a folder inside it."""
    library = Library.create(tmp_path / "library")
    library.put(documents=[document_of(key, "It fell.") for key in STRANGE_IDS])
    inside = [p for p in (tmp_path / "library").rglob("*") if p.name != "library.json"]
    assert {p.parent.name for p in inside if p.is_file()} == {"documents"}
    assert [p.name for p in tmp_path.iterdir()] == ["library"]


@pytest.mark.parametrize("key", BAD_IDS)
def test_a_bad_id_is_refused_before_anything_is_written(tmp_path: Path, key: str) -> None:
    """An id that makes no file name is refused, and the good records beside it with it."""
    library = Library.create(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError):
        library.put(documents=[document_of("good", "It fell."), document_of(key, "It rose.")])
    with pytest.raises(InputError):
        library.put(documents=[document_of("good", "It fell.")], articles=[article_of(key, "Up.")])
    assert contents(tmp_path) == before
    assert library.documents() == ()


def test_half_a_character_is_refused_as_an_id(tmp_path: Path) -> None:
    """A lone surrogate, as a terminal passes on for a broken byte, is a bad id like any other."""
    library = Library.create(tmp_path)
    with pytest.raises(InputError):
        library.put(documents=[document_of("a\udc80", "It fell.")])


# --- the files ----------------------------------------------------------------------------------


def test_files_are_made_for_people(tmp_path: Path) -> None:
    """One indented JSON file an article, named after it, with its characters as they are."""
    Library.create(tmp_path).put(articles=[full_article()])
    text = (tmp_path / "articles" / "lungs.json").read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert "Buds – β and “quotes”" in text
    assert '\n "slug": "lungs",\n' in text
    assert '"updated": "2024-05-07"' in text
    assert '"review_status": "approved"' in text


def test_only_json_files_are_left_behind(tmp_path: Path) -> None:
    """Putting, replacing and deleting leaves no temporary file."""
    library = clinic(tmp_path)
    library.put(articles=[article_of("gout", "It is gone.")])
    library.delete_article("fever")
    assert only_temporary_files(tmp_path) == []


def test_changing_an_article_changes_its_file_alone(tmp_path: Path) -> None:
    """No other file's bytes move when one article is replaced."""
    library = clinic(tmp_path)
    before = contents(tmp_path)
    library.put(articles=[article_of("gout", "Urate crystals dissolve slowly.")])
    after = contents(tmp_path)
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] == ["articles/gout.json"]


def test_deleting_an_article_takes_only_what_it_owns(tmp_path: Path) -> None:
    """The article's file and its own `#ref-` abstracts go; every other byte stays."""
    library = clinic(tmp_path)
    before = contents(tmp_path)
    library.delete_article("gout")
    after = contents(tmp_path)
    assert before.keys() - after.keys() == {"articles/gout.json", "documents/gout%23ref-2.json"}
    assert all(before[name] == data for name, data in after.items())
    for opened in (library, Library(tmp_path)):
        assert [d.document_id for d in opened.documents()] == ["alone", "fever", "pmid:1"]
        assert [a.slug for a in opened.articles()] == ["fever"]


def test_a_slug_that_begins_alike_keeps_its_abstracts(tmp_path: Path) -> None:
    """Deleting `gout` does not touch `gout-2#ref-1`."""
    library = clinic(tmp_path)
    library.put(
        articles=[article_of("gout-2", "More.")],
        documents=[document_of("gout-2#ref-1", "Kept.")],
    )
    library.delete_article("gout")
    assert Library(tmp_path).document("gout-2#ref-1").text == "Kept."


def test_an_unknown_article_cannot_be_deleted(tmp_path: Path) -> None:
    """Deleting what is not there is an error and changes nothing."""
    library = clinic(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(NotFoundError, match="scurvy"):
        library.delete_article("scurvy")
    assert contents(tmp_path) == before


def test_one_id_cannot_name_an_article_and_a_document(tmp_path: Path) -> None:
    """An id that the other kind has is refused, and nothing is written."""
    library = clinic(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="gout"):
        library.put(documents=[document_of("new", "New."), document_of("gout", "Taken.")])
    with pytest.raises(InputError, match="alone"):
        library.put(articles=[article_of("new", "New."), article_of("alone", "Taken.")])
    assert contents(tmp_path) == before


def test_one_call_cannot_give_an_id_to_both_kinds(tmp_path: Path) -> None:
    """Also within one call an id names either an article or a document."""
    library = Library.create(tmp_path)
    with pytest.raises(InputError, match="twin"):
        library.put(articles=[article_of("twin", "One.")], documents=[document_of("twin", "Two.")])


# --- atomic writes ------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("crash", [OSError("disk full"), KeyboardInterrupt()])
def test_a_crash_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, crash: BaseException
) -> None:
    """Stopped before the rename, the old bytes stand and no temporary file is left."""
    path = tmp_path / "a.json"
    write_bytes(path, b"old")

    def stop(*_: object) -> None:
        raise crash

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", stop)
    else:
        monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(type(crash)):
        write_bytes(path, b"new and longer")
    assert contents(tmp_path) == {"a.json": b"old"}


def test_a_temporary_file_left_by_a_killed_process_is_ignored(tmp_path: Path) -> None:
    """Half a file under a temporary name is not read as a record."""
    clinic(tmp_path)
    (tmp_path / "documents" / ".abc.tmp").write_bytes(b'{"document_id": ')
    assert len(Library(tmp_path).documents()) == 5


def test_writing_replaces_the_whole_file(tmp_path: Path) -> None:
    """A shorter value leaves nothing of a longer one, and folders are made as needed."""
    path = tmp_path / "deep" / "er" / "a.json"
    write_json(path, {"long": "x" * 1000})
    write_json(path, ["é"])
    assert path.read_bytes() == '[\n "é"\n]\n'.encode()


# --- fingerprint --------------------------------------------------------------------------------


def test_the_fingerprint_knows_neither_order_nor_time(tmp_path: Path) -> None:
    """The same content has the same fingerprint, whenever and in whatever order it was put."""
    one = clinic(tmp_path / "one")
    other = Library.create(tmp_path / "other")
    for document in reversed([d for d in one.documents() if d.kind != "article"]):
        other.put(documents=[document])
    for article in reversed(one.articles()):
        other.put(articles=[article])
    for path in (tmp_path / "other").rglob("*.json"):
        os.utime(path, (1, 1))
    assert one.fingerprint == other.fingerprint == Library(tmp_path / "other").fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        {"review_status": ReviewStatus.UNDER_REVIEW},
        {"updated": dt.date(2024, 5, 8)},
        {"findings": ()},
        {"references": ()},
        {"glossary": ()},
        {"document": article_of("lungs", "Other text.").document},
    ],
)
def test_the_fingerprint_depends_on_all_content(tmp_path: Path, changed: dict[str, object]) -> None:
    """Any change of an article changes it, and undoing the change brings it back."""
    library = Library.create(tmp_path)
    library.put(articles=[full_article()])
    before = library.fingerprint
    library.put(articles=[replace(full_article(), **changed)])  # type: ignore[arg-type]
    assert library.fingerprint != before
    library.put(articles=[full_article()])
    assert library.fingerprint == before


def test_a_library_from_before_there_were_glossaries_stays_as_it_was(tmp_path: Path) -> None:
    """Its articles load without the key, and without it they are written and digested."""
    library = Library.create(tmp_path)
    library.put(articles=[replace(full_article(), glossary=())])
    stored = json.loads((tmp_path / "articles" / "lungs.json").read_text(encoding="utf-8"))
    assert "glossary" not in stored
    again = Library(tmp_path)
    assert again.article("lungs").glossary == ()
    assert again.fingerprint == library.fingerprint


def test_the_fingerprint_depends_on_what_is_there(tmp_path: Path) -> None:
    """A record more or less, or the same text as another kind, is another corpus."""
    library = clinic(tmp_path)
    seen = {library.fingerprint}
    library.put(documents=[document_of("new", "New.")])
    seen.add(library.fingerprint)
    library.delete_article("gout")
    seen.add(library.fingerprint)
    assert len(seen) == 3


def test_a_value_has_one_fingerprint_however_it_is_written() -> None:
    """Key order and spacing do not matter: it is the SHA-256 of `{"a":"é","b":1}`."""
    expected = "aa58fba8483623bed37c1b02edfccbdd9a53123837c20bfa4cb4049993a2872e"
    assert fingerprint({"b": 1, "a": "é"}) == fingerprint({"a": "é", "b": 1}) == expected
