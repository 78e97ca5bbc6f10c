import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import LibraryError, SequiturError
from corpus.library import Library
from tests.fakes import clinic, contents


def test_a_folder_without_a_library_is_refused(tmp_path: Path) -> None:
    """A folder that is no library is not opened, and is named."""
    with pytest.raises(LibraryError, match=r"library\.json") as caught:
        Library(tmp_path / "nowhere")
    assert "nowhere" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ({"format": "sequitur-library", "version": 2}, "2"),
        ({"format": "recipes", "version": 1}, "recipes"),
        ({"format": "sequitur-library"}, "None"),
        (["sequitur-library", 1], "sequitur-library"),
        (7, "7"),
    ],
)
def test_another_format_or_version_is_refused_with_both_values(
    tmp_path: Path, header: object, found: str
) -> None:
    """The message says what was expected and what the folder holds."""
    clinic(tmp_path)
    (tmp_path / "library.json").write_text(json.dumps(header))
    with pytest.raises(LibraryError) as caught:
        Library(tmp_path)
    assert "expected sequitur-library version 1" in str(caught.value)
    assert found in str(caught.value).partition("found")[2]


@pytest.mark.parametrize("name", ["library.json", "articles/gout.json", "documents/alone.json"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe{}",
        b'{"slug": "gout"',
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"format": "x", "surplus": 1}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, name: str, data: bytes) -> None:
    """Whatever a file holds instead of its record, the error is one line that names it."""
    clinic(tmp_path)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LibraryError) as caught:
        Library(tmp_path)
    assert str(tmp_path / name) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "novel"},
        {"text": None},
        {"blocks": [{"kind": "paragraph"}]},
        {"blocks": 5},
        {"passages": [{"start": "first", "end": 2, "section": None, "lead_ins": []}]},
        {"colour": "red"},
    ],
)
def test_a_field_of_the_wrong_kind_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """A missing, surplus or impossible field is damage, and the file is named."""
    clinic(tmp_path)
    path = tmp_path / "documents" / "alone.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(LibraryError, match=r"alone\.json") as caught:
        Library(tmp_path)
    assert len(str(caught.value).splitlines()) == 1


def test_a_copy_under_another_name_is_refused(tmp_path: Path) -> None:
    """A file whose record has another id than its name would hide, or be hidden by, its double."""
    clinic(tmp_path)
    original = tmp_path / "articles" / "gout.json"
    (tmp_path / "articles" / "gout-draft.json").write_bytes(original.read_bytes())
    with pytest.raises(LibraryError, match="gout-draft"):
        Library(tmp_path)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_damaged_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    """Bytes cut out of or put into a record's file raise nothing but our own error."""
    with tempfile.TemporaryDirectory() as folder:
        clinic(Path(folder))
        name = data.draw(st.sampled_from(sorted(contents(Path(folder)))))
        path = Path(folder) / name
        whole = path.read_bytes()
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, min(start + 40, len(whole))))
        path.write_bytes(whole[:start] + data.draw(st.binary(max_size=4)) + whole[end:])
        message = path.name
        try:
            Library(Path(folder))
        except SequiturError as error:
            message = str(error)
        assert path.name in message


def test_a_folder_with_other_files_is_not_taken_over(tmp_path: Path) -> None:
    """`create` makes a library in a new or empty folder only."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(LibraryError, match="not empty"):
        Library.create(tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"mine"}


def test_a_file_is_not_a_library(tmp_path: Path) -> None:
    """A path that names a file, or leads through one, is refused like any other non-library."""
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (file, file / "inside"):
        with pytest.raises(LibraryError):
            Library(path)
        with pytest.raises(LibraryError):
            Library.create(path)


def test_create_opens_what_is_there(tmp_path: Path) -> None:
    """A second `create` changes nothing and reads everything."""
    clinic(tmp_path)
    before = contents(tmp_path)
    assert len(Library.create(tmp_path).articles()) == 2
    assert contents(tmp_path) == before
