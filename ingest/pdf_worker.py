"""Reads a PDF's glyphs with PDFium, in a process of its own: started by `ingest.pdf_pages`.

PDFium is native code that cannot be interrupted, and a hostile file can make it loop, crash or ask
for all memory. So this file runs as a program that knows nothing of ours: the bytes come in on
stdin, one JSON object a line goes out on stdout (the head, then one for each page), and the
operating system ends it when it needs more time or memory than its arguments allow.

Coordinates are points from the top left corner of the page as it is read (y grows downwards). A
piece is a run of glyphs on one baseline in one font:
`[text, x0, x1, top, bottom, baseline, size, font, visible]`.
"""

import ctypes
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

WORD_GAP_EM = 0.16  # between words; kerning stays well below
PIECE_GAP_EM = 0.5  # more than a word's; what it parts is decided by whoever knows the page
MAX_OBJECTS = 20_000  # paths and images that are looked at on one page
MAX_RULE_THICKNESS = 3.0
MIN_RULE_LENGTH = 9.0
DOT = (1.5, 8.0)  # a bullet that is drawn, not written: least and greatest width and height
FLAG_ITALIC, FLAG_FORCE_BOLD = 1 << 6, 1 << 18
SEMIBOLD = 600
SURROGATES = (0xD800, 0xDFFF)
_BOLD_NAMES = ("bold", "black", "heavy", "semib", "demi", "-bd", "medi-", "cmbx", "sfbx")


@dataclass(slots=True)
class _Glyph:
    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    size: float
    font: str
    visible: bool


@dataclass(slots=True)
class _Counts:
    """What a page holds besides its upright, readable glyphs."""

    sideways: int = 0
    unreadable: int = 0
    chars: int = 0
    turns: Counter[int] = field(default_factory=Counter)


def main() -> None:
    """Read stdin, write the pages; `argv` gives the most pages, characters, bytes and seconds."""
    max_pages, max_chars, max_bytes, max_seconds = map(int, sys.argv[1:5])
    _limit(max_bytes, max_seconds)
    data = sys.stdin.buffer.read()
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        _say(error="password" if error.err_code == raw.FPDF_ERR_PASSWORD else _kind(error))
        return
    pages = len(document)
    if pages == 0 or pages > max_pages:
        _say(error="no pages" if pages == 0 else "pages", count=pages)
        return
    _say(**_head(document, pages))
    chars = 0
    for number in range(pages):
        page = _page(document, number)
        chars += page["chars"]
        if chars > max_chars:
            _say(error="text", count=max_chars)
            return
        _say(**page)
    _say(done=True)


def _limit(max_bytes: int, max_seconds: int) -> None:
    """Let the operating system end this process beyond its bounds, where it can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only bound
        return
    resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (max_seconds, max_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(**record: Any) -> None:
    sys.stdout.write(json.dumps(record, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _kind(error: pdfium.PdfiumError) -> str:
    return "security" if error.err_code == raw.FPDF_ERR_SECURITY else "damaged"


def _head(document: pdfium.PdfDocument, pages: int) -> dict[str, Any]:
    handle = document.raw
    return {
        "pages": pages,
        "title": document.get_metadata_value("Title"),
        "scripts": max(0, raw.FPDFDoc_GetJavaScriptActionCount(handle)),
        "attachments": max(0, raw.FPDFDoc_GetAttachmentCount(handle)),
        "dynamic_form": raw.FPDF_GetFormType(handle) == raw.FORMTYPE_XFA_FULL,
    }


def _page(document: pdfium.PdfDocument, number: int) -> dict[str, Any]:
    """Return one page; a page that PDFium cannot load is told as broken, not skipped."""
    empty = {"number": number + 1, "width": 0, "height": 0, "pieces": [], "rules": [], "dots": []}
    try:
        page = document[number]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return {**empty, "broken": True, "chars": 0, "image": 0, "sideways": 0, "unreadable": 0}
    box = page.get_cropbox()
    counts = _Counts()
    found = list(_glyphs(text, counts))
    turn = counts.turns.most_common(1)[0][0] if counts.turns else _page_turn(page)
    glyphs = [g for g in (_placed(one, turn, box) for one in found) if g is not None]
    counts.sideways = sum(n for other, n in counts.turns.items() if other != turn)
    rules, dots, image = _drawn(page, turn, box)
    width, height = box[2] - box[0], box[3] - box[1]
    return {
        "number": number + 1,
        "width": round(height if turn % 2 else width, 2),
        "height": round(width if turn % 2 else height, 2),
        "pieces": list(_pieces(glyphs)),
        "rules": rules,
        "dots": dots,
        "image": image,
        "broken": False,
        "sideways": counts.sideways,
        "unreadable": counts.unreadable,
        "chars": counts.chars,
    }


def _page_turn(page: pdfium.PdfPage) -> int:
    return int(page.get_rotation() // 90) % 4


_Edges = tuple[float, float, float, float]
_Found = tuple[str, _Edges, tuple[float, float], float, str, bool, int]


def _glyphs(text: pdfium.PdfTextPage, counts: _Counts) -> Iterator[_Found]:
    """Give each printed glyph: its text, box, origin, size, font, visibility and quarter turns."""
    handle = text.raw
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    matrix = raw.FS_MATRIX()
    visible: dict[int, bool] = {}
    fonts: dict[int, str] = {}
    for index in range(raw.FPDFText_CountChars(handle)):
        if raw.FPDFText_IsGenerated(handle, index) == 1:
            continue
        counts.chars += 1
        char = _char(handle, index)
        if char is None or raw.FPDFText_HasUnicodeMapError(handle, index) == 1:
            counts.unreadable += 1
            char = "\ufffd"
        raw.FPDFText_GetLooseCharBox(handle, index, box)
        raw.FPDFText_GetCharOrigin(handle, index, x, y)
        raw.FPDFText_GetMatrix(handle, index, matrix)
        item = raw.FPDFText_GetTextObject(handle, index)
        key = ctypes.cast(item, ctypes.c_void_p).value or 0
        if key not in visible:
            visible[key] = raw.FPDFTextObj_GetTextRenderMode(item) not in (3, 7)
            fonts[key] = _font(handle, index)
        size = raw.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d)
        turn = round(math.degrees(raw.FPDFText_GetCharAngle(handle, index)) / 90)
        counts.turns[turn % 4] += 1
        edges = (box.left, box.bottom, box.right, box.top)
        yield char, edges, (x.value, y.value), size, fonts[key], visible[key], turn % 4


def _char(handle: Any, index: int) -> str | None:
    """Return a glyph's text; None where the file does not say what it stands for."""
    code = raw.FPDFText_GetUnicode(handle, index)
    if raw.FPDFText_IsHyphen(handle, index) == 1 or code in (0x02, 0xFFFE):
        return "-"
    if code in (0, 0xFFFD) or SURROGATES[0] <= code <= SURROGATES[1] or code > sys.maxunicode:
        return None
    return chr(code)


def _font(handle: Any, index: int) -> str:
    """Return "", "b", "i" or "bi"; the name of a font tells more than its declared weight."""
    flags = ctypes.c_int()
    size = raw.FPDFText_GetFontInfo(handle, index, None, 0, flags)
    buffer = ctypes.create_string_buffer(max(1, size))
    raw.FPDFText_GetFontInfo(handle, index, buffer, size, flags)
    name = buffer.value.decode("utf-8", errors="replace").lower()
    bold = any(part in name for part in _BOLD_NAMES) or bool(flags.value & FLAG_FORCE_BOLD)
    bold = bold or raw.FPDFText_GetFontWeight(handle, index) >= SEMIBOLD + 100
    italic = "ital" in name or "obli" in name or bool(flags.value & FLAG_ITALIC)
    return ("b" if bold else "") + ("i" if italic else "")


def _placed(found: _Found, page_turn: int, crop: _Edges) -> _Glyph | None:
    """Return the glyph in reading coordinates; None for one turned otherwise or off the page."""
    char, edges, origin, size, font, visible, turn = found
    if turn != page_turn:
        return None
    x0, top, x1, bottom = _turned(edges, page_turn, crop)
    baseline = _turned((*origin, *origin), page_turn, crop)[1]
    wide, high = crop[2] - crop[0], crop[3] - crop[1]
    if page_turn % 2:
        wide, high = high, wide
    if x1 < 0 or x0 > wide or bottom < 0 or top > high or not math.isfinite(x0 + x1 + baseline):
        return None
    return _Glyph(char, x0, x1, top, bottom, baseline, size or bottom - top, font, visible)


def _turned(edges: _Edges, turn: int, crop: _Edges) -> _Edges:
    """Turn (left, bottom, right, top) in PDF space to (x0, top, x1, bottom) as it is read."""
    left, low, right, high = edges
    if turn == 0:
        return left - crop[0], crop[3] - high, right - crop[0], crop[3] - low
    if turn == 1:  # letters lie clockwise by a quarter: lines run from top to bottom of the sheet
        return crop[3] - high, crop[2] - right, crop[3] - low, crop[2] - left
    if turn == 2:  # noqa: PLR2004 - half a turn
        return crop[2] - right, low - crop[1], crop[2] - left, high - crop[1]
    return low - crop[1], left - crop[0], high - crop[1], right - crop[0]


def _pieces(glyphs: list[_Glyph]) -> Iterator[list[Any]]:
    """Join glyphs that follow each other on one baseline in one font."""
    run: list[_Glyph] = []
    for glyph in glyphs:
        if run and not _goes_on(run[-1], glyph):
            yield from _piece(run)
            run = []
        run.append(glyph)
    if run:
        yield from _piece(run)


def _goes_on(last: _Glyph, glyph: _Glyph) -> bool:
    same = (last.font, last.visible) == (glyph.font, glyph.visible)
    em = max(last.size, 1.0)
    return (
        same
        and abs(last.size - glyph.size) < 0.05 * em
        and abs(last.baseline - glyph.baseline) < 0.05 * em
        and (glyph.x0 == last.x0 or -0.5 * em < glyph.x0 - last.x1 < PIECE_GAP_EM * em)
    )


def _piece(run: list[_Glyph]) -> Iterator[list[Any]]:
    text, before = "", None
    for glyph in run:
        if before and glyph.x0 - before.x1 > WORD_GAP_EM * before.size:
            text += " "
        text += glyph.text
        before = glyph
    solid = [g for g in run if not g.text.isspace()]
    if not solid:
        return
    # leading and trailing spaces are kept: they part this piece from its neighbours
    edge = [solid[0].x0, solid[-1].x1, min(g.top for g in run), max(g.bottom for g in run)]
    numbers = [round(v, 2) for v in (*edge, run[0].baseline, run[0].size)]
    yield [text, *numbers, run[0].font, run[0].visible]


def _drawn(
    page: pdfium.PdfPage, turn: int, crop: _Edges
) -> tuple[list[list[float]], list[list[float]], float]:
    """Return the level lines and the dots of the page, and the share of it that images cover."""
    area = max(1.0, (crop[2] - crop[0]) * (crop[3] - crop[1]))
    rules: list[list[float]] = []
    dots: list[list[float]] = []
    image = 0.0
    kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE]
    for count, item in enumerate(page.get_objects(filter=kinds, max_depth=4)):
        if count > MAX_OBJECTS:
            break
        try:
            edges = item.get_bounds()
        except pdfium.PdfiumError:
            continue
        x0, top, x1, bottom = _turned(edges, turn, crop)
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            image += max(0.0, (x1 - x0) * (bottom - top)) / area
        elif DOT[0] <= x1 - x0 <= DOT[1] and DOT[0] <= bottom - top <= DOT[1]:
            dots.append([x0, (top + bottom) / 2])
        else:
            rules += _rules(x0, top, x1, bottom)
    return _rounded(rules), _rounded(dots), round(min(1.0, image), 3)


def _rounded(rows: list[list[float]]) -> list[list[float]]:
    return [[round(value, 2) for value in row] for row in rows if all(map(math.isfinite, row))]


def _rules(x0: float, top: float, x1: float, bottom: float) -> Iterator[list[float]]:
    """Give a thin path as one line, a box as its upper and lower edge."""
    wide, high = x1 - x0, bottom - top
    if high <= MAX_RULE_THICKNESS and wide >= MIN_RULE_LENGTH:
        yield [x0, x1, (top + bottom) / 2]
    elif wide >= MIN_RULE_LENGTH and high >= MIN_RULE_LENGTH:
        yield [x0, x1, top]
        yield [x0, x1, bottom]


if __name__ == "__main__":
    main()
