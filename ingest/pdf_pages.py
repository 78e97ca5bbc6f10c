"""The pages of a PDF as pieces of text with their places, read in a bounded process.

`ingest.pdf_worker` does the reading. What it may cost is fixed here; a file that needs more, and
any fault of the reader, is a `FileInputError` of one line.
"""

import json
import math
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from corpus.errors import FileInputError
from ingest.drafts import SourceFile

HEADER = b"%PDF-"
HEADER_BYTES = 1024  # the header may stand this far into the file
MAX_PAGES = 500
MAX_CHARS = 5_000_000
MAX_MEMORY_BYTES = 1_500_000_000
MAX_CPU_S = 60
MAX_WALL_S = 300  # of a machine that is busy with other things

_OUT_OF_TIME = getattr(signal, "SIGXCPU", signal.SIGTERM)  # Windows knows no such signal
_WORKER = Path(__file__).with_name("pdf_worker.py")
_REASONS = {
    "password": "protected by a password: save a copy without one and try again",
    "security": "protected in a way that cannot be read",
    "damaged": "not a PDF that can be read: it is damaged or cut off",
    "no pages": "the PDF has no pages",
    "pages": "{count} pages are more than the limit of {max_pages}",
    "text": "more than {max_chars:,} characters of text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Glyphs on one baseline in one font; places in points from the page's top left corner.

    `top` and `bottom` are the font's, not the glyphs'. `font` is "", "b", "i" or "bi".
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    size: float
    font: str = ""
    visible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A level line that is drawn on the page."""

    x0: float
    x1: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. `image` is the share (0 to 1) that images cover; `dots` are drawn bullets (x, y).

    `sideways` and `unreadable` count glyphs left out and glyphs whose meaning the file hides.
    """

    number: int
    width: float
    height: float
    pieces: tuple[Piece, ...] = ()
    rules: tuple[Rule, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()
    image: float = 0.0
    sideways: int = 0
    unreadable: int = 0
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdf:
    """A whole file: its own title (may be empty), its pages, and what else it carries."""

    title: str
    pages: tuple[Page, ...]
    scripts: int = 0
    attachments: int = 0
    dynamic_form: bool = False


def is_pdf(source: SourceFile) -> bool:
    """Tell by the header whether the file is a PDF."""
    return HEADER in source.data[: HEADER_BYTES + len(HEADER)]


def read_pdf(
    source: SourceFile,
    *,
    max_pages: int = MAX_PAGES,
    max_chars: int = MAX_CHARS,
    max_memory_bytes: int = MAX_MEMORY_BYTES,
    max_cpu_s: int = MAX_CPU_S,
    max_wall_s: float = MAX_WALL_S,
) -> Pdf:
    """Read all pages; raises FileInputError for what cannot be read within the bounds."""
    if not is_pdf(source):
        raise FileInputError(source.name, "the file is empty" if not source.data else "not a PDF")
    bounds = {"max_pages": max_pages, "max_chars": max_chars}
    memory = max_memory_bytes + 3 * len(source.data)
    arguments = (str(max_pages), str(max_chars), str(memory), str(max_cpu_s))
    head: dict[str, Any] = {}
    pages: list[Page] = []
    done = False
    for record in _records(source, arguments, max_wall_s):
        if "error" in record:
            reason = _REASONS[record["error"]].format(**{**bounds, **record})
            raise FileInputError(source.name, reason)
        if "done" in record:
            done = True
        elif not head:
            head = record
        else:
            pages.append(_page(record))
    if not done:  # nothing but a fault of the reader ends its output early without a word
        raise FileInputError(source.name, _REASONS["damaged"])
    return Pdf(
        title=" ".join(str(head["title"]).split()),
        pages=tuple(pages),
        scripts=head["scripts"],
        attachments=head["attachments"],
        dynamic_form=head["dynamic_form"],
    )


def _records(
    source: SourceFile, arguments: tuple[str, ...], max_wall_s: float
) -> Iterator[dict[str, Any]]:
    """Give the worker's lines as they come; raises FileInputError when it comes to a bad end."""
    with tempfile.TemporaryFile() as data:
        data.write(source.data)
        data.seek(0)
        # -P: the folder of this program must not hide modules of the standard library
        command = [sys.executable, "-P", str(_WORKER), *arguments]
        with subprocess.Popen(  # noqa: S603 - our own program, no shell, numbers for arguments
            command, stdin=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            timer = threading.Timer(max_wall_s, process.kill)
            timer.start()
            try:
                assert process.stdout is not None  # noqa: S101 - asked for above
                yield from _lines(process.stdout)
                process.wait()
            finally:
                timer.cancel()
                if process.poll() is None:  # whoever reads has seen enough
                    process.kill()
        _refuse_bad_end(source, process.returncode, arguments)


def _lines(stdout: IO[bytes]) -> Iterator[dict[str, Any]]:
    for line in stdout:
        if not line.endswith(b"\n"):
            return  # broken off inside a line
        yield json.loads(line)


def _refuse_bad_end(source: SourceFile, code: int, arguments: tuple[str, ...]) -> None:
    if code in (-_OUT_OF_TIME, -signal.SIGKILL):
        reason = f"reading it takes too long (more than {arguments[3]} s of computing)"
        raise FileInputError(source.name, reason)
    if code != 0:
        reason = "reading it broke off: it is damaged, or would need too much memory"
        raise FileInputError(source.name, reason)


def _page(record: Mapping[str, Any]) -> Page:
    return Page(
        number=record["number"],
        width=record["width"],
        height=record["height"],
        pieces=tuple(p for p in map(_piece, record["pieces"]) if p is not None),
        rules=tuple(Rule(x0=x0, x1=x1, y=y) for x0, x1, y in record["rules"]),
        dots=tuple((x, y) for x, y in record["dots"]),
        image=record["image"],
        sideways=record["sideways"],
        unreadable=record["unreadable"],
        broken=record["broken"],
    )


def _piece(fields: list[Any]) -> Piece | None:
    text, x0, x1, top, bottom, baseline, size, font, visible = fields
    if not all(map(math.isfinite, (x0, x1, top, bottom, baseline, size))) or size <= 0:
        return None
    return Piece(
        text=text,
        x0=x0,
        x1=x1,
        top=top,
        bottom=bottom,
        baseline=baseline,
        size=size,
        font=font,
        visible=visible,
    )
