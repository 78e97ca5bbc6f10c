"""The small library behind `TinyServer`, and questions whose answers are known by hand.

`signs` is written to trip up anyone who counts in UTF-16: characters beyond the basic plane stand
before every span that is cited, in running text, a list, a table and an abstract.
"""

import datetime as dt
import threading
from collections.abc import Sequence
from pathlib import Path

from corpus.library import Library
from corpus.records import Article, Callout, Document, Reference, ReviewStatus
from index.reading.model import Asked, WindowScores
from index.reading.tokens import Line
from index.saved import build_index, load_index
from ingest.assemble import assemble
from ingest.drafts import Draft
from service.assistant import Assistant
from service.settings import Settings
from tests.evals.fakes import WordEmbedder, WordReader, steady
from tests.service.conftest import bones, cited, hostile, lungs

SIGNS = "signs"
# what to ask of `signs`, and the words that the first citation must stand on
IN_TEXT = ("Where does clubbing of the fingers appear?", "Clubbing of the fingers")
IN_LIST = ("What do crackles at the bases point to?", "crackles at the 🫁 bases")
IN_TABLE = ("What is the cause of wheezing whistles?", "Wheezing whistles; Cause: 🐈 asthma")
IN_ABSTRACT = ("What does percussion dullness reveal?", "Percussion dullness reveals")
UNANSWERED = "What is the capital of France?"
EMERGENCY = "I cannot breathe and my chest hurts, what should I do?"
THRESHOLD = 0.15
_HELD_S = 30.0


class HeldReader(WordReader):
    """Reads as `WordReader` does, but only while nobody holds it or breaks it."""

    def __init__(self) -> None:
        self._broken = False
        self._free = threading.Event()
        self._free.set()
        self.waiting = threading.Event()

    def hold(self) -> None:
        """Let every reading wait from now on."""
        self._free.clear()

    def break_down(self) -> None:
        """Let every reading fail from now on."""
        self._broken = True

    def let_go(self) -> None:
        """Read on, and well."""
        self._broken = False
        self._free.set()
        self.waiting.clear()

    def read_windows(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        if not self._free.is_set():
            self.waiting.set()
            self._free.wait(_HELD_S)
        if self._broken:
            raise RuntimeError("secret inside")
        return super().read_windows(asked, windows)


def tiny_assistant(folder: Path) -> tuple[Assistant, HeldReader]:
    """Return an assistant over a new library in `folder`, and the reader that can be held."""
    library = Library.create(folder)
    lung_article, lung_abstracts = lungs()
    sign_article, sign_abstracts = signs()
    library.put(
        articles=(lung_article, sign_article, bones(), hostile()),
        documents=(*lung_abstracts, *sign_abstracts),
    )
    embedder, reader = WordEmbedder(), HeldReader()
    build_index(library, embedder)
    settings = Settings(confidence_threshold=THRESHOLD)
    index = load_index(library, embedder)
    return steady(Assistant(library, index, embedder, settings, reader)), reader


def _item(text: str, *numbers: int) -> Draft:
    callouts = (Callout(at=len(text), numbers=numbers),)
    return Draft(kind="item", text=text, depth=1, marker="•", callouts=callouts)


def signs() -> tuple[Article, tuple[Document, ...]]:
    """Return the article that is hard to count in, and its abstracts, one of them retracted."""
    percussion = Reference(
        number=1,
        title="Percussion 🥁 and its echoes",
        authors=("Auenbrugger L",),
        journal="J Knocking",
        year=2019,
        doi="10.1000/knock",
        pmid="1761",
        document_id="pmid:1761",
    )
    withdrawn = Reference(
        number=2,
        title="Clubbing cured by magnets",
        journal="J Haste",
        year=2018,
        pmid="1818",
        publication_types=("Journal Article", "Retracted Publication"),
        document_id="pmid:1818",
    )
    abstract = assemble(
        document_id="pmid:1761",
        kind="abstract",
        title=percussion.title,
        drafts=[
            Draft(
                kind="paragraph",
                text="🥁 Knocking is old 𝒲. Percussion dullness reveals an effusion 💧 in the "
                "pleura.",
            )
        ],
        reference=percussion,
    )
    retracted = assemble(
        document_id="pmid:1818",
        kind="abstract",
        title=withdrawn.title,
        drafts=[
            Draft(kind="paragraph", text="🧲 Magnets straighten clubbed nails within 12 weeks.")
        ],
        reference=withdrawn,
    )
    article = Article(
        slug=SIGNS,
        document=assemble(
            document_id=SIGNS,
            kind="article",
            title="Which signs 🩺 speak for which lung?",
            drafts=[
                Draft(kind="heading", text="Hands and ears", level=1),
                cited(
                    "paragraph",
                    "🫁🫁 The 𝛼 of every examination is the hand 👩🏽‍⚕️. Clubbing of the fingers "
                    "appears in bronchiectasis, not in 10% but in 40 mg/kg of cases.",
                    1,
                    2,
                ),
                Draft(kind="paragraph", text="The stethoscope 🩺 adds further signs:"),
                _item("🎵 crackles at the 🫁 bases point to fibrosis", 1),
                _item("a rub 🧽 points to pleurisy", 9),
                Draft(kind="heading", text="Sounds", level=1),
                Draft(kind="caption", text="Table 1. Sounds 🔊 and causes."),
                Draft(kind="row", text="Wheezing whistles; Cause: 🐈 asthma; Time: at night 🌙"),
                Draft(kind="row", text="Stridor; Cause: 🥜 a foreign body; Time: at once"),
            ],
        ),
        references=(percussion, withdrawn, Reference(number=3, title="A paper without text")),
        review_status=ReviewStatus.UNDER_REVIEW,
        updated=dt.date(2025, 2, 3),
        disclaimer="No substitute for judgement.",
        editorial_board="The chest editors",
    )
    return article, (abstract, retracted)
