"""The catalogue by which a library opens quickly: a cache that can cost nothing but time."""

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import files, stored_documents
from corpus.errors import LibraryError, NotFoundError
from corpus.files import write_all
from corpus.library import Library
from tests.fakes import clinic, contents, document_of


def catalogued(folder: Path) -> Library:
    """Return the small library, its files older than its catalogue."""
    library = clinic(folder)
    for path in (folder / "documents").iterdir():
        os.utime(path, ns=(0, time.time_ns() - 10**9))
    Library(folder).save_catalogue()
    return library


def test_a_catalogued_library_opens_without_reading_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids, cards and the fingerprint are there; a document is read when it is asked for."""
    before = catalogued(tmp_path)
    read: list[str] = []
    real = stored_documents.read_record

    def counting(path: Path, *more: type) -> object:
        read.append(path.name)
        return real(path, *more)

    monkeypatch.setattr(stored_documents, "read_record", counting)
    library = Library(tmp_path)
    assert library.fingerprint == before.fingerprint
    assert library.document_ids() == before.document_ids()
    assert [c.title for c in library.cards()] == ["On alone", "On gout#ref-2", "On pmid:1"]
    assert read == []
    assert library.document("alone") == before.document("alone")
    assert library.document("alone") is library.document("alone")
    assert read == ["alone.json"]
    assert library.documents() == before.documents()


def test_a_file_that_changed_is_read_whatever_the_catalogue_says(tmp_path: Path) -> None:
    """Another size, another time, a new file, a file that is gone: all are seen."""
    before = catalogued(tmp_path).fingerprint
    path = tmp_path / "documents" / "alone.json"
    path.write_text(path.read_text().replace("Zinc", "Tin!"))
    changed = Library(tmp_path)
    assert changed.document("alone").text == "Tin! shortens a cold."
    assert changed.fingerprint != before
    path.unlink()
    assert "alone" not in Library(tmp_path).document_ids()
    Library(tmp_path).put(documents=[document_of("new", "New.")])
    assert Library(tmp_path).document("new").text == "New."


def test_a_file_written_in_the_same_tick_is_read(tmp_path: Path) -> None:
    """Same size, same time as catalogued, but as young as the catalogue: it is not believed."""
    library = clinic(tmp_path)
    library.save_catalogue()
    path = tmp_path / "documents" / "alone.json"
    stat = path.stat()
    path.write_text(path.read_text().replace("Zinc", "Tinn"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert Library(tmp_path).document("alone").text == "Tinn shortens a cold."


def test_a_document_that_changes_after_opening_is_not_read_half_old_half_new(
    tmp_path: Path,
) -> None:
    """What the library knew of it does not hold any more: an error names the file."""
    catalogued(tmp_path)
    opened = Library(tmp_path)
    Library(tmp_path).put(documents=[document_of("alone", "Quite another text.")])
    with pytest.raises(LibraryError, match=r"alone\.json.*changed"):
        opened.document("alone")
    (tmp_path / "documents" / "alone.json").unlink()
    with pytest.raises(LibraryError, match=r"alone\.json"):
        opened.document("alone")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_catalogue_costs_only_time(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever bytes it holds, the library opens with the content of its documents."""
    folder = tmp_path_factory.mktemp("library")
    before = catalogued(folder)
    path = folder / "catalogue.json"
    whole = path.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 40, len(whole))))
    path.write_bytes(whole[:start] + data.draw(st.binary(max_size=4)) + whole[end:])
    again = Library(folder)
    assert again.fingerprint == before.fingerprint
    assert again.documents() == before.documents()


def test_a_catalogue_of_another_version_is_made_anew(tmp_path: Path) -> None:
    """It is replaced the next time that one is saved, and saved only when something changed."""
    catalogued(tmp_path)
    path = tmp_path / "catalogue.json"
    good = path.read_bytes()
    path.write_text(json.dumps(json.loads(good) | {"version": 99}))
    Library(tmp_path).save_catalogue()
    assert path.read_bytes() == good
    stat = path.stat()
    Library(tmp_path).save_catalogue()
    assert path.stat() == stat


def test_documents_can_be_put_without_being_held(tmp_path: Path) -> None:
    """They are read back from their files, equal."""
    library = Library.create(tmp_path)
    made = [document_of(f"d{n}", f"Text {n}.") for n in range(3)]
    library.put(documents=made, keep=False)
    assert library.documents() == tuple(made)
    assert list(Library(tmp_path).each_document()) == made


def test_a_deleted_document_is_gone(tmp_path: Path) -> None:
    """Its file goes with it; one that is not there is an error."""
    library = clinic(tmp_path)
    library.delete_document("alone")
    assert "documents/alone.json" not in contents(tmp_path)
    for opened in (library, Library(tmp_path)):
        with pytest.raises(NotFoundError):
            opened.document("alone")
        with pytest.raises(NotFoundError):
            opened.card("alone")
        with pytest.raises(NotFoundError):
            opened.delete_document("alone")


@pytest.mark.parametrize("count", [3, 100])
@pytest.mark.parametrize("step", ["sync", "fsync", "replace"])
def test_many_files_are_written_each_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, step: str
) -> None:
    """Stopped while flushing or renaming: every file is the old or the new one, nothing else."""
    paths = [tmp_path / f"{n}.json" for n in range(count)]
    write_all([(path, b"old") for path in paths])
    left = [count // 2 if step == "replace" else 1]
    owner = Path if step == "replace" else os
    real = getattr(owner, step)

    def stopping(*arguments: object) -> object:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(owner, step, stopping)
    uses_step = step == "replace" or (step == "sync") is (count >= files.FLUSH_TOGETHER)
    try:
        write_all([(path, b"new and longer") for path in paths])
    except KeyboardInterrupt:
        assert uses_step
    monkeypatch.undo()
    found = contents(tmp_path)
    assert set(found) == {path.name for path in paths}
    assert set(found.values()) <= {b"old", b"new and longer"}
