"""Word documents: what becomes of styles, numbering, notes and tracked changes, and bad files."""

import io
import zipfile

import pytest
from docx.document import Document as WordDocument

from corpus.errors import FileInputError
from ingest import docx_package
from ingest.docx import DocxParser
from ingest.drafts import SourceFile
from tests.ingest.docx_examples import (
    add,
    article_of,
    paper,
    raise_last,
    repacked,
    with_footnotes,
    word,
)
from tests.ingest.html_examples import blocks_of, cited
from tests.ingest.parser_contract import ParserContract, assert_consistent

PAPER = word(paper)


class TestDocx(ParserContract):
    parser = DocxParser()
    good_sources = (PAPER,)

    def test_line_ends_and_byte_order_mark_change_nothing(self) -> None:
        """An archive has no line ends; what is put before it makes it another file."""
        source = SourceFile(name="a.docx", data=b"\xef\xbb\xbf" + PAPER.data)
        assert not self.parser.recognises(source)


class TestPaper:
    def test_styles_give_headings_items_captions_and_rows(self) -> None:
        """Each block has the kind that its style names, and the title is not among them."""
        article = article_of(paper)
        assert article.title == "Gout flares"
        assert blocks_of(article.document) == [
            ("heading", 0, "", "Introduction"),
            ("paragraph", 0, "", "Flares are painful and hit 5 in 10⁹ people."),
            ("paragraph", 0, "", "Triggers are:"),
            ("item", 1, "•", "Beer"),
            ("heading", 0, "", "Doses"),
            ("caption", 0, "", "Table 1. Drugs"),
            ("row", 0, "", "Colchicine 1 mg (Drug: Colchicine; Dose: 1 mg)"),
        ]
        assert [s.level for s in article.document.sections] == [1, 2]

    def test_raised_and_bracketed_numbers_cite_the_numbered_list(self) -> None:
        """Superscripts after words cite, exponents do not; the list's own numbers are taken."""
        article = article_of(paper)
        assert cited(article.document) == [("painful", (1, 2)), ("people", (2,))]
        first, second = article.references
        assert (first.number, first.doi) == (1, "10.1000/x")
        assert (second.number, second.pmid) == (2, "77")
        assert article.findings == ()

    def test_tracked_changes_and_comments(self) -> None:
        """Inserted text is in, deleted text and comments are out."""

        def write(document: WordDocument) -> None:
            document.add_heading("Doses", 0)
            add(
                document,
                '<w:p><w:r><w:t xml:space="preserve">Give </w:t></w:r><w:del w:id="1" w:author="a">'
                '<w:r><w:delText>20</w:delText></w:r></w:del><w:ins w:id="2" w:author="a"><w:r>'
                "<w:t>10</w:t></w:r></w:ins><w:r><w:t> mg a day.</w:t></w:r></w:p>",
            )
            paragraph = document.add_paragraph("Stop after a week.")
            document.add_comment(paragraph.runs, text="Really?", author="a", initials="a")
            run = document.add_paragraph("Never ").add_run("ever")
            run.font.strike = True

        assert article_of(write).document.text == "Give 10 mg a day.\n\nStop after a week.\n\nNever"

    def test_a_first_line_without_a_style_is_the_title(self) -> None:
        """A manuscript's first line stands for a title that no style marks."""

        def write(document: WordDocument) -> None:
            document.add_paragraph().add_run("Salt and blood pressure").bold = True
            document.add_paragraph("Salt raises it.")

        article = article_of(write)
        assert (article.title, article.document.text) == (
            "Salt and blood pressure",
            "Salt raises it.",
        )

    def test_printed_front_lines_are_read(self) -> None:
        """Status, date and disclaimer are those that the document prints."""

        def write(document: WordDocument) -> None:
            document.add_heading("Salt", 0)
            document.add_paragraph("Review status: approved")
            document.add_paragraph("Last updated: 4 March 2024")
            document.add_paragraph("Salt raises the pressure.")
            document.add_heading("Disclaimer", 1)
            document.add_paragraph("No substitute for judgement.")

        article = article_of(write)
        assert (article.review_status.value, str(article.updated)) == ("approved", "2024-03-04")
        assert article.disclaimer == "No substitute for judgement."
        assert article.document.text == "Salt raises the pressure."


class TestNumbering:
    @staticmethod
    def numbered(document: WordDocument, text: str, *, list_id: int, level: int = 0) -> None:
        """Append a paragraph of a list."""
        add(
            document,
            f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
            f"</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>",
        )

    def source(self, *texts: tuple[str, int, int]) -> SourceFile:
        """Give paragraphs in lists 1 and 2 (2 starts anew at 5): text, list, level."""

        def write(document: WordDocument) -> None:
            document.add_heading("Lists", 0)
            for text, list_id, level in texts:
                if list_id:
                    self.numbered(document, text, list_id=list_id, level=level)
                else:
                    document.add_paragraph(text)

        levels = "".join(
            f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
            f'<w:lvlText w:val="{text}"/></w:lvl>'
            for at, (kind, text) in enumerate((("decimal", "%1."), ("lowerLetter", "%1.%2)")))
        )
        override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
        space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        numbering = (
            f'<w:numbering {space}><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
            '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2">'
            f'<w:abstractNumId w:val="0"/>{override}</w:num></w:numbering>'
        )
        return repacked(word(write), {"word/numbering.xml": numbering.encode()})

    def test_markers_are_those_that_word_prints(self) -> None:
        """Numbering goes on after a paragraph, inner levels restart, an override starts anew."""
        source = self.source(
            ("a", 1, 0), ("b", 1, 1), ("c", 1, 1), ("between", 0, 0), ("d", 1, 0), ("e", 1, 1),
            ("f", 2, 0),
        )  # fmt: skip
        document = DocxParser().parse(source).articles[0].document
        assert [(b[1], b[2]) for b in blocks_of(document) if b[0] == "item"] == [
            (1, "1."),
            (2, "1.a)"),
            (2, "1.b)"),
            (1, "2."),
            (2, "2.a)"),
            (1, "5."),
        ]

    def test_a_list_of_works_keeps_its_numbers_over_sub_headings(self) -> None:
        """A list that a line divides goes on counting: an entry has the number that is printed."""
        source = self.source(
            ("Salt is bad [2].", 0, 0), ("References", 0, 0), ("Guidelines", 0, 0),
            ("A. 2001.", 1, 0), ("Research", 0, 0), ("B. 2002.", 1, 0),
        )  # fmt: skip
        references = DocxParser().parse(source).articles[0].references
        assert [(r.number, r.kind, r.title) for r in references] == [
            (1, "guideline", "A. 2001."),
            (2, "research", "B. 2002."),
        ]


class TestNotes:
    def test_footnotes_that_name_works_are_the_reference_list(self) -> None:
        """Where nothing else lists works, footnotes do."""
        article = DocxParser().parse(with_footnotes("Doe J. 2001.", "Roe R. 2002.")).articles[0]
        assert [(r.number, r.title) for r in article.references] == [
            (1, "Doe J. 2001."),
            (2, "Roe R. 2002."),
        ]
        assert article.document.text == "Salt is bad and cheap as ever."
        assert cited(article.document) == [("bad", (1,)), ("cheap", (2,))]

    def test_footnotes_beside_a_list_are_text(self) -> None:
        """Their marks are no citations, and their words are kept."""
        source = with_footnotes("Sodium chloride.", "So far.", listed=True)
        article = DocxParser().parse(source).articles[0]
        assert cited(article.document) == [("ever", (1,))]
        assert article.document.text.startswith("Salt is bad and cheap as ever.")
        assert "Sodium chloride." in article.document.text
        assert len(article.references) == 1


class TestBadInput:
    def refused(self, data: bytes, name: str = "bad.docx") -> str:
        """Return the reason for which a file is refused."""
        source = SourceFile(name=name, data=data)
        with pytest.raises(FileInputError) as caught:
            DocxParser().parse(source)
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(name)
        return caught.value.reason

    def test_the_old_format_is_refused_with_its_reason(self) -> None:
        """A .doc is recognised, so that the person learns what to do about it."""
        data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
        assert DocxParser().recognises(SourceFile(name="a.doc", data=data))
        assert "save it as .docx" in self.refused(data, "a.doc")

    def test_other_archives_are_not_claimed(self) -> None:
        """A spreadsheet or a plain zip is no Word document."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("xl/workbook.xml", "<x/>")
        data = buffer.getvalue()
        assert not DocxParser().recognises(SourceFile(name="a.xlsx", data=data))
        assert "word/document.xml" in self.refused(data)

    def test_a_bomb_is_refused_while_it_unpacks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Unpacking stops at the bound, whatever the archive says of its sizes."""
        monkeypatch.setattr(docx_package, "MAX_UNPACKED_BYTES", 3_000_000)
        monkeypatch.setattr(docx_package, "MAX_XML_BYTES", 1_000_000)
        bomb = repacked(PAPER, {"word/media/a.bin": bytes(10_000_000)})
        assert len(bomb.data) < 100_000
        assert "more than" in self.refused(bomb.data)
        inner = repacked(PAPER, {"word/extra.xml": b"<a>" + b" " * 2_000_000 + b"</a>"})
        assert "more than 1,000,000 bytes" in self.refused(inner.data)

    @pytest.mark.parametrize(
        ("xml", "reason"),
        [
            (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares entities"),
            (b"<a><b></a>", "not well-formed"),
            (b"<a>" * 500 + b"</a>" * 500, "nested more than"),
            (b"", "empty"),
        ],
    )
    @pytest.mark.parametrize("part", ["word/document.xml", "word/numbering.xml"])
    def test_hostile_xml_in_any_part_is_refused(self, part: str, xml: bytes, reason: str) -> None:
        """Entity bombs, broken and bottomless XML never reach the converter."""
        assert reason in self.refused(repacked(PAPER, {part: xml}).data)

    def test_a_cut_or_changed_archive_is_refused(self) -> None:
        """Half a file, changed bytes and bytes behind the end are damage, not a document."""
        middle = len(PAPER.data) // 2
        changed = PAPER.data[:middle] + b"\x00\x01\x02\x03" + PAPER.data[middle + 4 :]
        for data in (PAPER.data[:middle], changed, PAPER.data + b"more"):
            self.refused(data)

    def test_a_document_without_words_is_refused(self) -> None:
        """An empty document is an error, not an empty success."""
        assert "no text" in self.refused(word(lambda _: None).data)

    def test_what_the_converter_raises_is_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An error of the foreign library becomes a refusal that names its type alone."""

        def broken(*_: object, **__: object) -> None:
            raise AttributeError("secret words of the document")

        monkeypatch.setattr("mammoth.convert_to_html", broken)
        reason = self.refused(PAPER.data)
        assert reason == "the document cannot be read (AttributeError)"

    def test_markup_and_marks_in_the_text_stay_text(self) -> None:
        """Tags, and bookmarks that look like our own marks, do nothing."""

        def write(document: WordDocument) -> None:
            document.add_heading("Tags", 0)
            document.add_paragraph("<script>alert(1)</script> & <b>bold</b> [1].")
            add(
                document,
                '<w:p><w:bookmarkStart w:id="9" w:name="sequitur-label-999"/>'
                "<w:r><w:t>Marked.</w:t></w:r></w:p>",
            )
            document.add_paragraph("Cited")
            raise_last(document, "1")

        article = article_of(write)
        assert (
            article.document.text == "<script>alert(1)</script> & <b>bold</b>.\n\nMarked.\n\nCited"
        )
        assert_consistent(DocxParser().parse(word(write)))
