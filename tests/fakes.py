"""What many tests share: small records made by hand, a known library, and a folder's contents.

The fake embedder is `tests.evals.fakes.WordEmbedder`; `RecordingEmbedder` also keeps what it was
given to embed.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from corpus.library import Library
from corpus.records import Article, Document, DocumentKind, Reference
from index.embedder import Vectors
from ingest.assemble import assemble
from ingest.drafts import Draft
from tests.evals.fakes import WordEmbedder


class RecordingEmbedder(WordEmbedder):
    """Counts words, and keeps every text in the order in which it came."""

    def __init__(self, version: str = "words") -> None:
        super().__init__()
        self.name = version
        self.digest = hashlib.sha256(version.encode()).hexdigest()
        self.texts: list[str] = []

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), 64), each row of length 1."""
        self.texts += texts
        return super().embed_batch(texts)


def heading(text: str, level: int = 1) -> Draft:
    """Return a heading."""
    return Draft(kind="heading", text=text, level=level)


def paragraph(text: str) -> Draft:
    """Return a paragraph."""
    return Draft(kind="paragraph", text=text)


def item(text: str, depth: int = 1) -> Draft:
    """Return a list item with a bullet."""
    return Draft(kind="item", text=text, depth=depth, marker="•")


def document_of(
    document_id: str,
    *drafts: Draft | str,
    kind: DocumentKind = "text",
    title: str = "",
    reference: Reference | None = None,
) -> Document:
    """Return a document; a plain string is a paragraph, an empty title is made from the id."""
    return assemble(
        document_id=document_id,
        kind=kind,
        title=title or f"On {document_id}",
        drafts=[paragraph(d) if isinstance(d, str) else d for d in drafts],
        reference=reference,
    )


def article_of(slug: str, *drafts: Draft | str, references: Sequence[Reference] = ()) -> Article:
    """Return an article with this text and reference list."""
    document = document_of(slug, *drafts, kind="article")
    return Article(slug=slug, document=document, references=tuple(references))


def clinic(folder: Path) -> Library:
    """Return a library of two articles, the abstracts that they cite, and a text of its own.

    `gout` cites `pmid:1`, which `fever` cites too, and `gout#ref-2`; nobody cites `alone`.
    """
    shared_abstract = document_of("pmid:1", "Colchicine calms gout and pericarditis.")
    summary = document_of("gout#ref-2", "Allopurinol lowers urate slowly.")
    library = Library.create(folder)
    library.put(
        articles=(
            article_of(
                "gout",
                heading("Causes"),
                "Urate crystals settle in the joints. Beer raises urate.",
                heading("Treatment"),
                "Colchicine works within a day:",
                item("one tablet at once"),
                item("another tablet after an hour"),
                references=(
                    Reference(number=1, title="Colchicine", document_id="pmid:1"),
                    Reference(number=2, title="Allopurinol", document_id="gout#ref-2"),
                    Reference(number=3, title="Nothing to read here"),
                ),
            ),
            article_of(
                "fever",
                "Paracetamol lowers a fever. Aspirin lowers it too.",
                references=(Reference(number=1, title="Colchicine", document_id="pmid:1"),),
            ),
        ),
        documents=(shared_abstract, summary, document_of("alone", "Zinc shortens a cold.")),
    )
    return library


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file under `folder` by its path relative to it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
