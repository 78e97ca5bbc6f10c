"""A tiny library with a fake embedder, the assistant over it, and the application."""

import datetime as dt
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpus.library import Library
from corpus.records import Article, Callout, Document, Reference, ReviewStatus
from index.embedder import Vectors
from index.saved import build_index, load_index
from ingest.assemble import assemble
from ingest.drafts import Draft
from service.api import create_app
from service.assistant import Assistant
from service.settings import Settings
from service.store import AnswerStore
from tests.evals.fakes import WordReader, steady

SCHEMA = Path(__file__).resolve().parents[2] / "contract" / "answer.schema.json"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
HOSTILE_SLUG = "hostile\"'<b>"


class HashingEmbedder:
    """A bag of words: each word adds 1 at a place that its checksum names."""

    name = "hashing"
    digest = "0" * 64
    dimension = 512

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimension), each row of length 1."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1), dtype=np.float32)


def cited(kind: str, text: str, *numbers: int, **more: Any) -> Draft:
    """Return a block with citation numbers before its last character."""
    callouts = (Callout(at=len(text) - 1, numbers=numbers),) if numbers else ()
    return Draft(kind=kind, text=text, callouts=callouts, **more)  # type: ignore[arg-type]


def lungs() -> tuple[Article, tuple[Document, ...]]:
    """Return an approved article with a list, a table, and all sorts of references."""
    abstract = assemble(
        document_id="doi:10.1000/masson",
        kind="abstract",
        title="Buds in the alveoli",
        drafts=[Draft(kind="paragraph", text="Masson bodies are buds of granulation tissue.")],
        reference=Reference(title="Buds in the alveoli", doi="10.1000/masson"),
    )
    summary = assemble(
        document_id="lungs#ref-2",
        kind="abstract",
        title="Guideline on steroids",
        drafts=[Draft(kind="paragraph", text="Prednisone is tapered over twelve months.")],
        note="A summary, not the abstract.",
    )
    text = assemble(
        document_id="lungs",
        kind="article",
        title="How do lungs repair themselves?",
        drafts=[
            Draft(kind="heading", text="Repair", level=1),
            cited("paragraph", "Organizing pneumonia is a pattern of repair.", 1, 2),
            cited("paragraph", "Granulation tissue fills the alveoli.", 9),
            Draft(kind="heading", text="Triggers", level=1),
            Draft(kind="heading", text="Medicines", level=2),
            Draft(kind="paragraph", text="Medicines that trigger organizing pneumonia include:"),
            cited("item", "amiodarone", 1, depth=1, marker="•"),
            cited("item", "interferon", depth=1, marker="•"),
            cited("item", "interferon beta", depth=2, marker="•"),
            Draft(kind="heading", text="Doses", level=1),
            cited("caption", "Table 1. Steroid doses.", 2),
            cited("row", "Start; Dose: 1 mg/kg; Duration: one month", 2),
            cited("row", "Taper; Dose: 10 mg; Duration: a year"),
        ],
    )
    article = Article(
        slug="lungs",
        document=text,
        references=(
            Reference(
                number=1,
                title="Buds in the alveoli",
                journal="J Air",
                year=2020,
                doi="10.1000/masson",
                pmid="123",
                document_id="doi:10.1000/masson",
            ),
            Reference(
                number=2,
                title="Guideline on steroids",
                kind="guideline",
                year=2021,
                document_id="lungs#ref-2",
            ),
            Reference(number=3, title="A paper without text", url="https://example.org/paper"),
        ),
        review_status=ReviewStatus.APPROVED,
        updated=dt.date(2024, 5, 17),
        audience_note="For clinicians on the ward.",
        disclaimer="No substitute for judgement.",
        editorial_board="The chest editors",
    )
    return article, (abstract, summary)


def bones() -> Article:
    """Return an article that still waits for its review."""
    drafts = [Draft(kind="paragraph", text="A fracture of the femur heals in twelve weeks.")]
    return Article(
        slug="bones",
        document=assemble(
            document_id="bones", kind="article", title="How do bones heal?", drafts=drafts
        ),
        review_status=ReviewStatus.UNDER_REVIEW,
    )


def hostile() -> Article:
    """Return an article whose every text tries to break out of the page."""
    document = assemble(
        document_id=HOSTILE_SLUG,
        kind="article",
        title=f"Poison {HOSTILE}",
        drafts=[
            Draft(kind="heading", text=f"Heading {HOSTILE}", level=1),
            Draft(kind="paragraph", text=f"Venom of vipers {HOSTILE} stops the blood."),
            Draft(kind="item", text=f"item {HOSTILE}", depth=1, marker="<i>"),
            Draft(kind="row", text=f"Label {HOSTILE}; Column{HOSTILE}: value"),
        ],
    )
    return Article(
        slug=HOSTILE_SLUG,
        document=document,
        references=(
            Reference(number=1, title=f"Title {HOSTILE}", url="javascript:alert(3)"),
            Reference(number=2, title="Tab", url="java\tscript:alert(4)"),
            Reference(number=3, title="Data", url="data:text/html,<script>alert(5)</script>"),
            Reference(number=4, title="Ids", doi='10.1/"><script>', pmid='1"><script>'),
        ),
        policy_url="javascript:alert(6)",
        disclaimer=HOSTILE,
        editorial_board=HOSTILE,
        audience_note=HOSTILE,
    )


def alone() -> Document:
    """Return a document that no article cites."""
    drafts = [Draft(kind="paragraph", text="Vitamin D is made in the skin under sunlight.")]
    return assemble(document_id="doi:10.1/x", kind="text", title="Vitamin D", drafts=drafts)


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Return an assistant over the tiny library."""
    library = Library.create(tmp_path_factory.mktemp("tiny") / "library")
    article, abstracts = lungs()
    library.put(articles=(article, bones(), hostile()), documents=(*abstracts, alone()))
    embedder = HashingEmbedder()
    build_index(library, embedder)
    settings = Settings(confidence_threshold=0.24)
    index = load_index(library, embedder)
    return steady(Assistant(library, index, embedder, settings, WordReader()))


@pytest.fixture
def app(assistant: Assistant) -> FastAPI:
    """Return the application over the tiny library, with a store in memory."""
    return create_app(lambda: assistant, Settings())


def started(app: FastAPI) -> Iterator[TestClient]:
    """Run the application until the caller is done; give a client once loading has ended."""
    with TestClient(app, raise_server_exceptions=True) as client:
        assert app.state.reception.wait(10)
        yield client


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Return a client of the running, loaded application."""
    yield from started(app)


@pytest.fixture
def store() -> Iterator[AnswerStore]:
    """Return an empty store in memory."""
    kept = AnswerStore(":memory:")
    yield kept
    kept.close()


@pytest.fixture(scope="session")
def check_record() -> Callable[[Any], None]:
    """Return a check against the contract's schema of an answer record."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    return validator.validate
