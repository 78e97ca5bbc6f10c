"""Word documents made on the spot, with what python-docx cannot write put in as XML."""

import io
import zipfile
from collections.abc import Callable, Mapping

import docx
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from corpus.records import Article
from ingest.docx import DocxParser
from ingest.drafts import SourceFile

W = nsdecls("w")


def word(write: Callable[[WordDocument], object], *, name: str = "draft.docx") -> SourceFile:
    """Give a document that `write` has filled."""
    document = docx.Document()
    write(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return SourceFile(name=name, data=buffer.getvalue())


def article_of(write: Callable[[WordDocument], object]) -> Article:
    """Parse the one article of such a document."""
    (article,) = DocxParser().parse(word(write)).articles
    return article


def add(document: WordDocument, xml: str) -> None:
    """Append a block given in WordprocessingML, `w:` declared for it."""
    marked = xml.replace(">", f" {W}>", 1) if not xml.split(">", 1)[0].endswith("/") else xml
    document.element.body.insert_element_before(parse_xml(marked), "w:sectPr")


def raise_last(document: WordDocument, text: str) -> None:
    """Add a superscript to the last paragraph."""
    run = document.paragraphs[-1].add_run(text)
    run.font.superscript = True


def repacked(source: SourceFile, changed: Mapping[str, bytes]) -> SourceFile:
    """Give the archive with some parts changed or added."""
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts.update(changed)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    return SourceFile(name=source.name, data=buffer.getvalue())


def paper(document: WordDocument) -> None:
    """Write a short paper with a title, sections, lists, a table and a numbered list of works."""
    document.add_heading("Gout flares", 0)
    document.add_heading("Introduction", 1)
    document.add_paragraph("Flares are painful")
    raise_last(document, "1,2")
    document.paragraphs[-1].add_run(" and hit 5 in 10")
    raise_last(document, "9")
    document.paragraphs[-1].add_run(" people [2].")
    document.add_paragraph("Triggers are:")
    document.add_paragraph("Beer", style="List Bullet")
    document.add_heading("Doses", 2)
    document.add_paragraph("Table 1. Drugs", style="Caption")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table.row_cells(0), ("Drug", "Dose"), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for cell, text in zip(table.row_cells(1), ("Colchicine", "1 mg"), strict=True):
        cell.text = text
    document.add_heading("References", 1)
    document.add_paragraph("Doe J. Flares. 2019. doi:10.1000/x", style="List Number")
    document.add_paragraph("Roe R. Days. 2020. PMID: 77", style="List Number")


NOTES = f"""<?xml version="1.0" encoding="UTF-8"?><w:footnotes {W}>
<w:footnote w:id="1"><w:p><w:r><w:t>{{0}}</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>{{1}}</w:t></w:r></w:p></w:footnote></w:footnotes>"""


def with_footnotes(first: str, second: str, *, listed: bool = False) -> SourceFile:
    """Give a document with two footnotes and, if `listed`, a reference list as well."""

    def write(document: WordDocument) -> None:
        document.add_heading("Salt", 0)
        reference = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
        add(
            document,
            f"<w:p><w:r><w:t>Salt is bad</w:t></w:r>{reference.format(1)}<w:r><w:t"
            f' xml:space="preserve"> and cheap</w:t></w:r>{reference.format(2)}<w:r><w:t'
            f' xml:space="preserve"> as ever{" [1]" if listed else ""}.</w:t></w:r></w:p>',
        )
        if listed:
            document.add_heading("References", 1)
            document.add_paragraph("1. Doe J. Salt. 2001.")

    source = word(write)
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        relations = archive.read("word/_rels/document.xml.rels").decode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    relation = f'<Relationship Id="rIdNotes" Type="{kind}" Target="footnotes.xml"/>'
    relations = relations.replace("</Relationships>", f"{relation}</Relationships>")
    return repacked(
        source,
        {
            "word/_rels/document.xml.rels": relations.encode(),
            "word/footnotes.xml": NOTES.format(first, second).encode(),
        },
    )
