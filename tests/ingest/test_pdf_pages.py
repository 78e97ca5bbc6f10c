"""Reading a PDF's pages: what hostile and damaged files cost, and how they are refused."""

import re
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.errors import FileInputError
from ingest import pdf_pages
from ingest.drafts import SourceFile
from ingest.pdf import PdfParser
from ingest.pdf_pages import Pdf, is_pdf, read_pdf
from tests.ingest.parser_contract import assert_one_line_naming
from tests.ingest.pdf_examples import FILLER, Sheet, short_article

PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<<{resources}>>/Contents 4 0 R>>"


def pdf_of(objects: Sequence[bytes], name: str = "made.pdf") -> SourceFile:
    """Make a file of numbered objects, the first of which is its catalogue."""
    data = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return SourceFile(name=name, data=data)


def stream(data: bytes, extra: str = "") -> bytes:
    """Write a stream object."""
    return f"<</Length {len(data)}{extra}>>".encode() + b"stream\n" + data + b"\nendstream"


def one_page(
    content: bytes, *, resources: str = "", more: Sequence[bytes] = (), catalogue: str = ""
) -> SourceFile:
    """Make a file of one page; `more` objects are numbered from 5."""
    head = f"<</Type/Catalog/Pages 2 0 R{catalogue}>>".encode()
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return pdf_of([head, tree, PAGE.format(resources=resources).encode(), content, *more])


def refusal(source: SourceFile, **bounds: int) -> str:
    """Return the reason for which a file is refused."""
    with pytest.raises(FileInputError) as caught:
        read_pdf(source, **bounds)
    assert_one_line_naming(caught.value, source)
    return caught.value.reason


def test_pieces_stand_where_they_are_printed() -> None:
    """Places count in points from the top left corner; a title says how it is set."""
    page = read_pdf(short_article()).pages[0]
    title = page.pieces[0]
    assert (title.text, title.font, round(title.size)) == (
        "Cough after organizing pneumonia",
        "b",
        20,
    )
    assert title.baseline == pytest.approx(96, abs=0.1)
    assert title.x0 == pytest.approx(60, abs=1)
    assert title.top < title.baseline < title.bottom


def test_a_header_may_stand_behind_other_bytes() -> None:
    """A PDF is told by its header near the start, not by its name."""
    assert is_pdf(SourceFile(name="x", data=b"junk\n%PDF-1.4"))
    assert not is_pdf(SourceFile(name="x.pdf", data=b"x" * 3000 + b"%PDF-1.4"))


@pytest.mark.parametrize("keep", [5, 9, 200, 0.3])
def test_a_file_that_is_cut_off_is_refused_or_read(keep: float) -> None:
    """Nothing but the header, or a third of the file, cannot be an article."""
    whole = short_article()
    size = int(keep * len(whole.data)) if keep < 1 else int(keep)
    source = SourceFile(name="cut.pdf", data=whole.data[:size])
    assert refusal(source) == "not a PDF that can be read: it is damaged or cut off"


def test_a_file_without_pages_is_refused() -> None:
    """An empty page tree holds nothing to read."""
    source = pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"])
    assert refusal(source) in (
        "the PDF has no pages",
        "not a PDF that can be read: it is damaged or cut off",
    )


def test_more_pages_than_an_article_has_are_refused() -> None:
    """The limit and the number are told; a page count that lies does not cost time."""
    sheet = Sheet()
    for _ in range(4):
        sheet.lines(FILLER)
        sheet.next_page()
    assert refusal(sheet.source(), max_pages=3) == "4 pages are more than the limit of 3"
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>"
    page = PAGE.format(resources="").encode()
    lying = pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", tree, page, stream(b"")])
    started = time.monotonic()
    with pytest.raises(FileInputError):
        PdfParser().parse(lying)
    assert time.monotonic() - started < 20


def test_more_text_than_an_article_has_is_refused() -> None:
    """The characters are counted while the pages are read."""
    assert refusal(short_article(), max_chars=100) == "more than 100 characters of text"


def test_a_stream_that_unpacks_to_gigabytes_is_refused() -> None:
    """A decompression bomb ends its own process, not ours."""
    packed = zlib.compress(zlib.compress(b"\0" * 150_000_000, 1), 9)
    bomb = one_page(stream(packed, "/Filter[/FlateDecode/FlateDecode]"))
    assert len(bomb.data) < 200_000
    reason = refusal(bomb, max_memory_bytes=200_000_000)
    assert reason == "reading it broke off: it is damaged, or would need too much memory"


def test_forms_that_draw_each_other_without_end_are_refused() -> None:
    """Ten forms that each draw the next ten times would take for ever: time is bounded."""
    forms = []
    for number in range(5, 17):
        inner = b"/F Do " * 10 if number < 16 else b"0 0 m 1 1 l S"
        resources = f"/Resources<</XObject<</F {number + 1} 0 R>>>>" if number < 16 else ""
        head = f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]{resources}"
        forms.append(stream(inner, head))
    source = one_page(stream(b"/F Do " * 10), resources="/XObject<</F 5 0 R>>", more=forms)
    assert refusal(source, max_cpu_s=1) == "reading it takes too long (more than 1 s of computing)"


def test_scripts_and_attached_files_are_neither_run_nor_read() -> None:
    """A file that carries them is read as text, and both are told to the editor."""
    words = b"BT /F1 12 Tf 50 700 Td (" + " ".join(FILLER).encode() + b") Tj ET"
    names = (
        "/Names<</JavaScript<</Names[(go) 6 0 R]>>/EmbeddedFiles<</Names[(a.exe) 7 0 R]>>>>"
        "/OpenAction 6 0 R"
    )
    source = one_page(
        stream(words),
        resources="/Font<</F1 5 0 R>>",
        more=[
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"<</S/JavaScript/JS(app.alert\\('run'\\))>>",
            b"<</Type/Filespec/F(a.exe)/EF<</F 8 0 R>>>>",
            stream(b"MZ", "/Type/EmbeddedFile"),
        ],
        catalogue=names,
    )
    article = PdfParser().parse(source).articles[0]
    assert "alert" not in article.document.text
    assert article.findings == (
        "The PDF carries 1 script(s), which were not run.",
        "The PDF carries 1 attached file(s), which were not read.",
    )


def test_every_fault_of_the_reader_is_our_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that crashes, stops short or hangs gives one line that names the file."""
    for program, reason in (
        ("import os; os.abort()", "reading it broke off"),
        ("raise SystemExit(3)", "reading it broke off"),
        ("print('{}')", "damaged or cut off"),
        ("print('{\"pages\": 1', end='')", "damaged or cut off"),
    ):
        worker = tmp_path / "worker.py"
        worker.write_text(program)
        monkeypatch.setattr(pdf_pages, "_WORKER", worker)
        assert re.search(reason, refusal(short_article()))


def test_a_reader_that_waits_for_ever_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sleeping costs no computing time; the clock on the wall ends it."""
    worker = tmp_path / "worker.py"
    worker.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(pdf_pages, "_WORKER", worker)
    started = time.monotonic()
    with pytest.raises(FileInputError, match="takes too long"):
        read_pdf(short_article(), max_wall_s=0.3)
    assert time.monotonic() - started < 10


def test_the_same_file_gives_the_same_pages() -> None:
    """Reading is a function of the bytes."""
    first: Pdf = read_pdf(short_article())
    assert first == read_pdf(short_article())
