"""What every parser must do, whatever its format: inherit `ParserContract` in its test module.

    class TestMedline(ParserContract):
        parser = MedlineParser()
        good_sources = (SourceFile(name="one.nbib", data=ONE_RECORD),)

`good_sources` are files that the parser accepts, each with at least one article or document.
Keep them small: they are parsed many times. A test that does not fit a format is overridden.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.records import Document, PassageSpan, Span
from ingest.drafts import Parsed, Parser, SourceFile

# One test body serves many classes, which hypothesis would otherwise take for a mistake.
inherited = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)


class ParserContract:
    """The tests that hold for every parser; `parser` and `good_sources` are to be given."""

    @property
    def parser(self) -> Parser:
        """The parser under test."""
        raise NotImplementedError

    @property
    def good_sources(self) -> Sequence[SourceFile]:
        """Files that it accepts."""
        raise NotImplementedError

    def test_a_good_file_is_recognised_and_holds_something(self) -> None:
        """A file of the format is recognised by its content and gives a record."""
        for source in self.good_sources:
            assert self.parser.recognises(source) is True, source.name
            parsed = self.parser.parse(source)
            assert parsed.articles or parsed.documents, source.name

    def test_the_parser_has_a_name_for_people(self) -> None:
        """The format's name is a short printable text."""
        assert self.parser.name.strip() == self.parser.name != ""
        assert self.parser.name.isprintable()

    def test_an_empty_file_is_refused(self) -> None:
        """A file without a byte is an error, not an empty success."""
        assert_refused(self.parser, SourceFile(name="nothing here.dat", data=b""))

    def test_a_file_of_white_space_is_refused(self) -> None:
        """Blank lines, tabs and a byte-order mark are not content."""
        for data in (b" ", b"\n\r\n\t \n", b"\xef\xbb\xbf\n", b"\n" * 5000):
            assert_refused(self.parser, SourceFile(name="blank.dat", data=data))

    def test_invalid_utf8_is_refused(self) -> None:
        """Bytes that are not UTF-8 are refused rather than replaced."""
        for source in self.good_sources:
            for place in (0, len(source.data) // 2, len(source.data)):
                damaged = source.data[:place] + b"\xff\x80" + source.data[place:]
                assert_refused(self.parser, replace(source, data=damaged))

    def test_a_nul_is_refused(self) -> None:
        """A NUL anywhere means that this is no text file."""
        for source in self.good_sources:
            middle = len(source.data) // 2
            damaged = source.data[:middle] + b"\x00" + source.data[middle:]
            assert_refused(self.parser, replace(source, data=damaged))

    @given(data=st.binary(max_size=300), suffix=st.sampled_from(("", ".txt", ".md", ".xml", ".x")))
    @inherited
    def test_the_sniffer_never_raises_on_bytes(self, data: bytes, suffix: str) -> None:
        """Whatever the bytes and the name, `recognises` answers yes or no."""
        assert self.parser.recognises(SourceFile(name=f"f{suffix}", data=data)) in (True, False)

    @given(data=st.data())
    @inherited
    def test_damage_raises_nothing_but_our_error(self, data: st.DataObject) -> None:
        """A file cut or overwritten anywhere is read or refused, and sniffed without an error."""
        source = damaged_copy(data, self.good_sources)
        assert self.parser.recognises(source) in (True, False)
        try:
            parsed = self.parser.parse(source)
        except FileInputError as error:
            assert_one_line_naming(error, source)
        else:
            assert_consistent(parsed)

    def test_the_same_bytes_give_equal_records(self) -> None:
        """Parsing is a function of the file alone."""
        for source in self.good_sources:
            assert self.parser.parse(source) == self.parser.parse(source)

    def test_line_ends_and_byte_order_mark_change_nothing(self) -> None:
        """A file saved on Windows, with a byte-order mark, gives the same records."""
        for source in self.good_sources:
            unix = source.data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
            windows = b"\xef\xbb\xbf" + unix.replace(b"\n", b"\r\n")
            expected = self.parser.parse(replace(source, data=unix))
            assert self.parser.recognises(replace(source, data=windows))
            assert self.parser.parse(replace(source, data=windows)) == expected

    def test_every_span_lies_in_its_text(self) -> None:
        """Sections, blocks, sentences, passages and callouts are consistent spans of the text."""
        for source in self.good_sources:
            assert_consistent(self.parser.parse(source))

    def test_a_given_slug_overrides_the_articles_own(self) -> None:
        """`slug` names the one article of a file, and its document with it."""
        for source in self.good_sources:
            articles = self.parser.parse(source, slug="Chosen-1").articles
            if len(articles) == 1:
                assert articles[0].slug == articles[0].document.document_id == "Chosen-1"


def assert_refused(parser: Parser, source: SourceFile) -> None:
    """Check that parsing raises an error of one line that names the file."""
    assert parser.recognises(source) in (True, False)
    with pytest.raises(FileInputError) as caught:
        parser.parse(source)
    assert_one_line_naming(caught.value, source)


def assert_one_line_naming(error: FileInputError, source: SourceFile) -> None:
    """Check that an error is fit to show: one printable line that starts with the file's name."""
    message = str(error)
    assert message.startswith(source.name)
    assert len(message.splitlines()) == 1, message
    assert error.reason.strip(), message


def damaged_copy(data: st.DataObject, sources: Sequence[SourceFile]) -> SourceFile:
    """Draw a source with a stretch cut out and other bytes in its place."""
    source = data.draw(st.sampled_from(list(sources)))
    start = data.draw(st.integers(0, len(source.data)))
    end = data.draw(st.integers(start, len(source.data)))
    patch = data.draw(st.one_of(st.just(b""), st.text(max_size=20).map(_utf8), st.binary()))
    return replace(source, data=source.data[:start] + patch + source.data[end:])


def assert_consistent(parsed: Parsed) -> None:
    """Check ids, and every stored span of every document of `parsed`."""
    for article in parsed.articles:
        assert article.slug == article.document.document_id
        assert article.document.kind == "article"
        assert_document_consistent(article.document)
    for document in parsed.documents:
        assert document.kind != "article"
        assert_document_consistent(document)
    ids = [d.document_id for d in parsed.documents]
    assert len(ids) == len(set(ids)), "an id is given twice"


def assert_document_consistent(document: Document) -> None:
    """Check that every span of a document is what its record promises."""
    assert document.document_id.strip()
    assert document.title.strip() == document.title != ""
    assert document.text.strip() == document.text != ""
    document.text.encode()  # a lone surrogate could not be stored
    _assert_sections(document)
    _assert_blocks(document)
    _assert_callouts(document)
    _assert_passages(document)


def _assert_sections(document: Document) -> None:
    for position, section in enumerate(document.sections):
        assert 0 <= section.start < section.end <= len(document.text)
        assert document.text.startswith(section.title, section.start)
        if section.parent is not None:
            assert section.parent < position
            parent = document.sections[section.parent]
            assert parent.level < section.level
            assert parent.start <= section.start
            assert section.end <= parent.end


def _assert_blocks(document: Document) -> None:
    text = document.text
    blocks = [Span(start=b.start, end=b.end) for b in document.blocks]
    _assert_partition(text, blocks, Span(start=0, end=len(text)))
    for position, (block, span) in enumerate(zip(document.blocks, blocks, strict=True)):
        assert span.of(text).strip() == span.of(text) != ""
        _assert_partition(text, block.sentences, span)
        assert block.section is None or 0 <= block.section < len(document.sections)
        assert block.lead_in is None or 0 <= block.lead_in < position
        assert (block.depth > 0) == (block.kind == "item")
        assert document.lead_ins(block) == document.lead_ins(block)


def _assert_partition(text: str, spans: Sequence[Span], whole: Span) -> None:
    """Check that `spans`, in order, cover all of `whole` but white space, and do not overlap."""
    assert spans
    edges = [whole.start, *(edge for s in spans for edge in (s.start, s.end)), whole.end]
    assert edges == sorted(edges)
    assert all(s.start < s.end for s in spans)
    gaps = zip(edges[::2], edges[1::2], strict=True)
    assert all(not text[start:end].strip() for start, end in gaps)


def _assert_callouts(document: Document) -> None:
    places = [c.at for c in document.callouts]
    assert places == sorted(places)
    sentences = [s for block in document.blocks for s in block.sentences]
    for callout in document.callouts:
        assert callout.numbers
        assert all(number > 0 for number in callout.numbers)
        owners = [s for s in sentences if s.start < callout.at <= s.end]
        assert len(owners) == 1, f"callout at {callout.at} belongs to {len(owners)} sentences"


def _assert_passages(document: Document) -> None:
    covered = [Span(start=p.start, end=p.end) for p in document.passages]
    assert covered
    assert all(0 <= s.start < s.end <= len(document.text) for s in covered)
    assert all(before.end <= after.start for before, after in pairwise(covered))
    for passage in document.passages:
        assert all(0 <= s.start < s.end <= passage.start for s in passage.lead_ins)
    for block in document.blocks:
        for sentence in block.sentences:
            inside = [p for p in document.passages if _overlap(p, sentence)]
            assert bool(inside) == (block.kind != "heading")


def _overlap(passage: PassageSpan, sentence: Span) -> bool:
    return passage.start < sentence.end and sentence.start < passage.end


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")
