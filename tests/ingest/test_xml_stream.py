"""XML with many records, read one by one."""

import gc
import io
import weakref
from itertools import islice

import pytest

from corpus.errors import FileInputError
from ingest.xml_stream import stream_elements
from tests.ingest.record_reader_contract import SlowFile

SET = b"<s>" + b"".join(b"<r><n>%d</n></r>\n" % n for n in range(20_000)) + b"</s>"


def test_records_come_in_order_and_are_let_go() -> None:
    """Neither the tree nor the stream keeps a record that was handed over."""
    found = stream_elements(io.BytesIO(SET), name="x", roots=("s",), tags=("r",), kind="S")
    first = next(found)
    assert first.findtext("n") == "0"
    seen = weakref.ref(first)
    del first
    rest = [element.findtext("n") for element in islice(found, 15_000)]
    gc.collect()
    assert seen() is None
    rest += [element.findtext("n") for element in found]
    assert rest == [str(n) for n in range(1, 20_000)]


def test_a_root_that_is_a_record_is_given() -> None:
    """One record alone needs no set around it."""
    found = stream_elements(SlowFile(b"<r><n>1</n></r>"), name="x", roots=("r",), tags="r", kind="")
    assert [element.findtext("n") for element in found] == ["1"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"<t/>", "not S: its root is <t>"),
        (b'<!DOCTYPE s [<!ENTITY a "b">]><s><r>&a;</r></s>', "declares entities"),
        (b"<s><r>" + b"<a>" * 300, "nested more than 200 deep"),
        (b"<s><r>\xff</r></s>", "the bytes are not UTF-8"),
        (b'<?xml version="1.0" encoding="no-such"?><s/>', "encoding"),
        (b"<s><r></s>", "not well-formed XML"),
        (b"<s><r>" + b"x" * 5_000_000, "a record of more than"),
    ],
)
def test_hostile_files_are_refused(data: bytes, reason: str) -> None:
    """Each is one line that names the file, as when it is read at once."""
    found = stream_elements(io.BytesIO(data), name="x.xml", roots=("s",), tags=("r",), kind="S")
    with pytest.raises(FileInputError, match=reason) as caught:
        list(found)
    assert str(caught.value).startswith("x.xml")
