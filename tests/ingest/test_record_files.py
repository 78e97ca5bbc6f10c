"""Files of records as streams."""

import gzip
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import FileInputError
from ingest.cited_records import MAX_RECORD_SIZE
from ingest.drafts import SourceFile
from ingest.record_files import lines_of, opened
from tests.ingest.record_reader_contract import SlowFile


@given(st.text(st.sampled_from("aé€𝔸 \n\r\ufeff"), max_size=60))
def test_lines_are_those_of_the_whole_text(text: str) -> None:
    """However the bytes come, the lines are those of the text decoded at once."""
    data = text.encode()
    whole = SourceFile(name="x", data=data).text()
    expected = whole.split("\n")
    expected = expected[:-1] if expected[-1] == "" else expected
    assert list(lines_of(SlowFile(data), name="x")) == expected
    assert list(lines_of(io.BytesIO(data), name="x")) == expected


@given(st.binary(max_size=40))
def test_other_bytes_are_refused_at_their_place(data: bytes) -> None:
    """The first byte that is not UTF-8 is named as when the file is read at once."""
    data = data.replace(b"\x00", b"")
    try:
        SourceFile(name="x", data=data).text()
    except FileInputError as whole:
        expected = re.escape(str(whole))
        with pytest.raises(FileInputError, match=f"^{expected}$"):
            list(lines_of(SlowFile(data), name="x"))


def test_a_nul_and_a_line_without_end_are_refused() -> None:
    """Both are named by their line."""
    with pytest.raises(FileInputError, match=r"^x, line 2: holds a NUL"):
        list(lines_of(io.BytesIO(b"a\nb\x00\n"), name="x"))
    with pytest.raises(FileInputError, match=r"^x, line 1: a line of more than"):
        list(lines_of(io.BytesIO(b"a" * (MAX_RECORD_SIZE + 99_999)), name="x"))


def test_a_zipped_file_is_read_as_what_is_in_it(tmp_path: Path) -> None:
    """The first bytes tell it, not the name."""
    plain, zipped = tmp_path / "a.gz", tmp_path / "b.xml"
    plain.write_bytes(b"plain")
    zipped.write_bytes(gzip.compress(b"inside"))
    with opened(plain) as one, opened(zipped) as other:
        assert (one.read(), other.read()) == (b"plain", b"inside")


def test_a_zip_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    """No more than the limit comes out of a file, and the error names it."""
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(b"\n" * 10_000_000))
    with pytest.raises(FileInputError, match="more than the limit of 1,000 bytes"):  # noqa: SIM117
        with opened(bomb, max_bytes=1_000) as file:
            file.read()
    with opened(bomb, max_bytes=10_000_000) as file:
        assert sum(map(len, lines_of(file, name="bomb"))) == 0


@pytest.mark.parametrize("end", [-4, -12])
def test_a_damaged_zip_is_refused(tmp_path: Path, end: int) -> None:
    """Cut off anywhere, it is an error of one line that names the file."""
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(bytes(range(256)) * 500)[:end])
    with pytest.raises(FileInputError, match=r"cut\.gz: the gzip file is damaged or cut off"):  # noqa: SIM117
        with opened(cut) as file:
            file.read()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The system's reason is given."""
    with pytest.raises(FileInputError, match="No such file"), opened(tmp_path / "none.ris"):
        pass
