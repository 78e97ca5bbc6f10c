"""A library, a writer and a checker that can be worked out by hand."""

import json
import re
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from corpus.library import Library
from corpus.records import Reference
from index.reading.checker import Checked
from index.reading.tokens import Line
from index.saved import build_index, load_index
from prompts.messages import Message
from service.assistant import Assistant
from service.engine_extractive import ExtractiveEngine
from service.engines import AnswerEngine
from service.llm import LanguageModel
from service.settings import Settings
from service.wording import Wordings
from service.writing.checking import Checks, Judge
from service.writing.engine import GenerativeEngine, Limits
from tests.evals.fakes import WordEmbedder, WordReader, steady
from tests.fakes import article_of, document_of, heading, item
from tests.service.cases import ALWAYS

ASKED = "How is gout treated with colchicine?"
TRUE = "Colchicine calms gout within 24 hours."
STOPPED = "When colchicine is stopped, gout returns."
ALSO = "Beer and liver raise urate when gout is treated."
AVOID = "Colchicine must not be given with:"
WRONG = "Colchicine calms gout within 48 hours."
STRANGE = "Everybody with gout should take arsenic."
UNIT = re.compile(r"^\[(u\d+)\] (.*)$", re.MULTILINE)
# A sentence with the texts of the units that it names; a text that was not shown gets "u99".
Said = tuple[str, Sequence[str]]


def gout_library(folder: Any) -> Library:
    """Return an article on gout, with a list, that cites an abstract and a guideline."""
    gout = article_of(
        "gout",
        heading("Treatment"),
        f"{TRUE} {STOPPED}",
        AVOID,
        item("clarithromycin"),
        item("grapefruit"),
        references=[
            Reference(number=1, title="On joints", document_id="pmid:2", year=2019),
            Reference(
                number=2, title="Gout rules", kind="guideline", document_id="pmid:3", year=2021
            ),
        ],
    )
    made = Library.create(folder)
    made.put(
        articles=(gout,),
        documents=(
            document_of("pmid:2", ALSO, kind="abstract"),
            document_of("pmid:3", "Colchicine is given early in gout.", kind="abstract"),
        ),
    )
    return made


class WordChecker:
    """Supports, with 0.97, a claim all of whose words stand in its evidence; else with 0.2.

    It denies a claim of which only figures are missing.
    """

    name = "words"
    digest = "0" * 64

    def __init__(self) -> None:
        self.seen: list[str] = []

    def check(self, pairs: Sequence[tuple[str, Sequence[Line]]]) -> list[Checked]:
        """Return what each claim's evidence says of it."""
        return [self._one(claim, lines) for claim, lines in pairs]

    def _one(self, claim: str, lines: Sequence[Line]) -> Checked:
        self.seen.append(claim)
        missing = _words(claim) - set().union(*(_words(line.text) for line in lines))
        figures = bool(missing) and all(word.isdigit() for word in missing)
        return Checked(
            supports=0.2 if missing else 0.97,
            denies=0.9 if figures else 0.0,
            bears=tuple(0.9 for line in lines if line.judged),
        )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def as_json(said: Sequence[Said], messages: Sequence[Message], *, answered: bool = True) -> str:
    """Return a reply with the ids that the units have in the messages."""
    ids = {text: name for name, text in UNIT.findall(messages[-1].content)}
    sentences = [
        {"text": text, "units": [ids.get(unit, "u99") for unit in units], "quotes": []}
        for text, units in said
    ]
    return json.dumps({"answered": answered, "sentences": sentences})


class Writer:
    """Replies one after the other, the last one again and again, in pieces of `size` characters.

    A reply is a text, or what is said with the units it points at; an empty one declines.
    """

    name = "writer@nowhere"

    def __init__(self, *replies: str | Sequence[Said], size: int = 5) -> None:
        self.replies = replies
        self.size = size
        self.asked: list[Sequence[Message]] = []
        self.forms: list[Any] = []
        self.closed = 0

    def stream(
        self, messages: Sequence[Message], *, form: Mapping[str, Any] | None = None
    ) -> Generator[str, None, None]:
        """Give the next reply in pieces."""
        reply = self.replies[min(len(self.asked), len(self.replies) - 1)]
        text = reply if isinstance(reply, str) else as_json(reply, messages, answered=bool(reply))
        self.asked.append(messages)
        self.forms.append(form)
        try:
            for at in range(0, len(text), self.size):
                yield text[at : at + self.size]
        finally:
            self.closed += 1


def assistant_over(
    library: Library,
    model: LanguageModel | None,
    *,
    checker: WordChecker | None = None,
    judge: Judge | None = None,
    threshold: float = ALWAYS,
    **limits: Any,
) -> Assistant:
    """Return an assistant that lets `model` write, or quotes when there is none."""
    embedder = WordEmbedder()
    build_index(library, embedder)
    settings = Settings(confidence_threshold=threshold)
    wordings = Wordings(library)
    engine: AnswerEngine = ExtractiveEngine(
        library, wordings, max_statements=settings.max_statements
    )
    if model is not None:
        engine = GenerativeEngine(
            library,
            wordings,
            model=model,
            checks=Checks(checker or WordChecker(), judge=judge),
            quoting=engine,
            limits=Limits(**{"max_statements": 4, "max_prompt_chars": 14_000, **limits}),
        )
    index = load_index(library, embedder)
    return steady(Assistant(library, index, embedder, settings, WordReader(), engine=engine))
