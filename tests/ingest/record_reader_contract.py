"""What every reader of records must do beside its parser's contract: inherit `RecordContract`."""

import io
from collections.abc import Sequence

import pytest

from corpus.errors import FileInputError
from ingest.cited_records import CitedRecord, RecordReader, gather_abstracts
from ingest.drafts import Rejection, SourceFile
from tests.ingest.parser_contract import ParserContract


class SlowFile(io.BytesIO):
    """Gives a byte or two at a time, as a pipe or a network may."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most two bytes."""
        return super().read(size if size is not None and 0 <= size < 3 else 2)


class RecordContract(ParserContract):
    """The tests that hold for every reader of records; `reader` is to be given."""

    @property
    def reader(self) -> RecordReader:
        """The reader under test."""
        raise NotImplementedError

    def test_the_records_are_what_parsing_gives(self) -> None:
        """The parser's documents, references and rejections are those of the stream, in order."""
        for source in self.good_sources:
            assert gather_abstracts(all_records(self.reader, source)) == self.parser.parse(source)

    def test_a_reader_does_not_mind_how_its_file_is_read(self) -> None:
        """Small pieces, cut anywhere, give the same records as the whole."""
        for source in self.good_sources:
            slowly = list(self.reader.records(SlowFile(source.data), name=source.name))
            assert slowly == all_records(self.reader, source)

    def test_the_beginning_is_enough_to_recognise_a_file(self) -> None:
        """A long file is told by its first 65,536 bytes."""
        for source in self.good_sources:
            head = SourceFile(name=source.name, data=(source.data + b" " * 99_999)[:65_536])
            assert self.reader.recognises(head)

    def test_each_record_has_a_place_and_an_identity(self) -> None:
        """What is given can be named to an editor."""
        for source in self.good_sources:
            for record in all_records(self.reader, source):
                assert record.place.strip()
                if isinstance(record, CitedRecord):
                    assert record.reference.title.strip() == record.reference.title != ""

    def test_a_file_without_a_record_names_the_file(self) -> None:
        """Nothing to read is an error of the file, when its records are asked for."""
        with pytest.raises(FileInputError, match=r"^nothing\.x"):
            list(self.reader.records(io.BytesIO(b" \n"), name="nothing.x"))


def all_records(reader: RecordReader, source: SourceFile) -> Sequence[CitedRecord | Rejection]:
    """Return every record of a file in memory."""
    return list(reader.records(io.BytesIO(source.data), name=source.name))
