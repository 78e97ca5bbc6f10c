"""PDF files for the tests, made as they are needed, in words of our own.

`Sheet` sets single lines where a test wants them; `flowed` lets the generator break the lines.
"""

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from ingest.drafts import SourceFile

WIDTH, HEIGHT = A4
LEFT, TOP = 60.0, 70.0
LEADING = 14.0
BODY = 10.0
BODY_FONT, BOLD_FONT, ITALIC_FONT = "Times-Roman", "Times-Bold", "Times-Italic"

FILLER = (
    "The patients came back every three months and were asked about cough and breath.",
    "Those who felt worse were seen within a week by the same two physicians.",
    "No one was lost to follow-up during the first year of the study.",
)


class Sheet:
    """Pages on which lines are set by hand, from the top of the page downwards."""

    def __init__(self, *, password: str | None = None) -> None:
        self._buffer = io.BytesIO()
        encrypt = _encryption(password) if password else None
        self.canvas = Canvas(self._buffer, pagesize=A4, invariant=1, encrypt=encrypt)
        self.y = TOP

    def at(
        self, x: float, y: float, text: str, *, size: float = BODY, font: str = BODY_FONT
    ) -> float:
        """Set text with its baseline `y` points below the page's top; returns its right edge."""
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, HEIGHT - y, text)
        return x + float(self.canvas.stringWidth(text, font, size))

    def line(
        self,
        text: str,
        *,
        x: float = LEFT,
        size: float = BODY,
        font: str = BODY_FONT,
        lead: float = LEADING,
    ) -> float:
        """Set the next line; `^…^` in it is raised, `_…_` lowered. Returns its baseline."""
        self.y += lead
        for at, part in enumerate(text.split("^")):
            if at % 2:
                x = self.at(x, self.y - 0.35 * size, part, size=0.65 * size, font=font)
            else:
                x = self._with_lowered(x, part, size, font)
        return self.y

    def _with_lowered(self, x: float, text: str, size: float, font: str) -> float:
        for at, part in enumerate(text.split("_")):
            if at % 2:
                x = self.at(x, self.y + 0.15 * size, part, size=0.65 * size, font=font)
            elif part:
                x = self.at(x, self.y, part, size=size, font=font)
        return x

    def lines(self, texts: Sequence[str], *, x: float = LEFT, size: float = BODY) -> None:
        """Set lines of one paragraph, a little space before it."""
        self.y += 8
        for text in texts:
            self.line(text, x=x, size=size)

    def title(self, text: str) -> None:
        """Set the article's title."""
        self.line(text, size=20, font=BOLD_FONT, lead=26)

    def heading(self, text: str, *, x: float = LEFT, size: float = 13) -> None:
        """Set a heading."""
        self.line(text, x=x, size=size, font=BOLD_FONT, lead=26)
        self.y += 4

    def rule(self, x0: float, x1: float, y: float) -> None:
        """Draw a level line, `y` points below the page's top."""
        self.canvas.line(x0, HEIGHT - y, x1, HEIGHT - y)

    def image(
        self, *, x: float = 0, y: float = 0, width: float = WIDTH, height: float = HEIGHT
    ) -> None:
        """Draw a grey picture, from the lower left corner of the page."""
        from PIL import Image

        buffer = io.BytesIO()
        Image.new("L", (40, 40), 180).save(buffer, "PNG")
        buffer.seek(0)
        self.canvas.drawImage(ImageReader(buffer), x, y, width, height)

    def next_page(self) -> None:
        """Begin another page."""
        self.canvas.showPage()
        self.y = TOP

    def source(self, name: str = "article.pdf") -> SourceFile:
        """End the file."""
        self.canvas.save()
        return SourceFile(name=name, data=self._buffer.getvalue())


def _encryption(password: str) -> object:
    from reportlab.lib.pdfencrypt import StandardEncryption

    return StandardEncryption(password, canPrint=0)


def short_article() -> SourceFile:
    """Make a one-page article with a citation, a list and a reference list."""
    sheet = Sheet()
    sheet.title("Cough after organizing pneumonia")
    sheet.heading("Course")
    sheet.lines(
        ["Most patients recover within weeks.^1^ A relapse is treated", "in the same way [2]."]
    )
    sheet.lines(["Triggers include:"])
    for item in ("amiodarone", "radiation to the breast^2^"):
        sheet.line(f"\u2022  {item}", x=LEFT + 12)
    sheet.lines(FILLER)
    sheet.heading("References")
    sheet.line("1. Roe J. Recovery in weeks. J Lung. 2011;3:1-9. doi:10.1000/lung.1")
    sheet.line("2. Doe A. Relapse and what to do. J Lung. 2012;4:2-8.")
    return sheet.source()


def flowed(
    paragraphs: Sequence[str], *, columns: int = 1, size: float = BODY, justified: bool = False
) -> SourceFile:
    """Let paragraphs flow through pages of one or more columns."""
    buffer = io.BytesIO()
    gap = 24.0
    wide = (WIDTH - 2 * LEFT - gap * (columns - 1)) / columns
    frames = [
        Frame(LEFT + at * (wide + gap), 70, wide, HEIGHT - 140, 0, 0, 0, 0) for at in range(columns)
    ]
    document = BaseDocTemplate(buffer, pagesize=A4, invariant=1)
    document.addPageTemplates([PageTemplate(frames=frames)])
    style = ParagraphStyle(
        "body",
        fontName=BODY_FONT,
        fontSize=size,
        leading=1.25 * size,
        spaceAfter=0.8 * size,
        alignment=4 if justified else 0,
    )
    story: list[Flowable] = [Paragraph(text, style) for text in paragraphs]
    document.build(story)
    return SourceFile(name="flowed.pdf", data=buffer.getvalue())
