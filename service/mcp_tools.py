"""What an agent can do here: ask a question, list the articles, see a passage.

Each tool takes the assistant and its arguments, and gives a text with the record behind it. A
tool raises SequiturError, whose text never repeats a question.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpus.answers import AUDIENCES, Audience
from corpus.errors import InputError, NotFoundError
from corpus.library import Library
from corpus.records import Article, Document, Passage, passages_of
from service.assistant import Assistant, Question
from service.chat_texts import BETWEEN, answer_text, inert
from service.citing import CONCERN_NOTICE, RETRACTION_NOTICE, source_of
from service.wire import Record, answer_record, article_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a tool gives: a text to show, and the record that it was made from."""

    text: str
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The arguments of a call; every reader raises InputError, which repeats no value."""

    given: Mapping[str, Any] = field(default_factory=dict)

    def check_names(self, known: Mapping[str, Any]) -> None:
        """Refuse names that the tool does not have."""
        unknown = [name for name in self.given if name not in known]
        if unknown:
            names = ", ".join(known) or "none"
            raise InputError(f"no argument {unknown[0][:40]!a} (known: {names})")

    def text(self, name: str) -> str | None:
        """Return a text, None where there is none."""
        value = self.given.get(name)
        if value is not None and not _is_text(value):
            raise InputError(f"{name}: must be a text")
        return value

    def needed(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.text(name)
        if value is None:
            raise InputError(f"{name}: is missing")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; empty where there is none."""
        values = self.given.get(name)
        if values is None:
            return ()
        if not isinstance(values, list) or not all(map(_is_text, values)):
            raise InputError(f"{name}: must be a list of texts")
        return tuple(values)

    def audience(self) -> Audience:
        """Return who reads the answer."""
        chosen = self.text("audience") or "clinician"
        if chosen not in AUDIENCES:
            raise InputError(f"audience: must be one of {', '.join(AUDIENCES)}")
        return chosen


def ask(assistant: Assistant, arguments: Arguments) -> Told:
    """Answer or refuse; raises InputError and NotFoundError."""
    question = Question(
        text=arguments.needed("question"),
        article=arguments.text("article"),
        history=arguments.texts("history"),
        audience=arguments.audience(),
    )
    record = answer_record(assistant.ask(question))
    return Told(text=answer_text(record), record=record)


def list_articles(assistant: Assistant, _: Arguments) -> Told:
    """List the articles, as `sequitur articles` does."""
    library = assistant.library
    articles = [article_record(article, library) for article in library.articles()]
    lines = (f"- {a['slug']} [{a['review_status']}]: {inert(a['title'])}" for a in articles)
    return Told(text="\n".join(lines) or "No articles.", record={"articles": articles})


def get_passage(assistant: Assistant, arguments: Arguments) -> Told:
    """Show a passage with all that makes it readable and citable; raises NotFoundError."""
    passage = _passage(arguments.needed("passage_id"), assistant.library)
    record = passage_record(passage, assistant.library)
    lines = [f"({inert(text)})" for text in passage.lead_ins]
    lines += ["\n".join(map(inert, passage.text.split("\n")))]
    lines += [f"— {inert(record['citation'])}"]
    if record["section"]:
        lines[-1] += f" Section: {inert(record['section'])}."
    if record["retracted"]:
        lines.append("Note: " + RETRACTION_NOTICE.replace("[{marker}]", "This source"))
    if record["concern"]:
        lines.append("Note: " + CONCERN_NOTICE.replace("[{marker}]", "This source"))
    if record["review_status"] not in (None, "approved"):
        lines.append("Note: the article is not approved yet: review pending.")
    if record["note"]:
        lines.append(f"Note: {inert(record['note'])}")
    return Told(text=BETWEEN.join(lines), record=record)


def passage_record(passage: Passage, library: Library) -> Record:
    """Return a passage as `contract/passage.schema.json` has it."""
    document = library.document(passage.document_id)
    source = source_of(document, 1, library, _cited_by(document, library))
    return {
        "passage_id": passage.passage_id,
        "document_id": passage.document_id,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "sha256": document.sha256,
        "lead_ins": list(passage.lead_ins),
        "section": " > ".join(passage.section_path) or None,
        "title": document.title,
        "kind": source.kind,
        "stored": source.stored,
        "citation": source.formatted,
        "note": source.note,
        "retracted": source.retracted,
        "concern": source.concern,
        "evidence_label": source.evidence_label.value if source.evidence_label else None,
        "review_status": source.review_status.value if source.review_status else None,
    }


def _is_text(value: Any) -> bool:
    """Tell whether a value is text that can be written as UTF-8."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def _passage(passage_id: str, library: Library) -> Passage:
    document = library.document(passage_id.rpartition("@")[0])
    found = next((p for p in passages_of(document) if p.passage_id == passage_id), None)
    if found is None:
        raise NotFoundError(f"no passage {passage_id[:80]!r} in this library")
    return found


def _cited_by(document: Document, library: Library) -> Article | None:
    """Return the first article by slug that lists a document, whose entry may know more of it."""
    return next(
        (
            article
            for article in library.articles()
            if any(r.document_id == document.document_id for r in article.references)
        ),
        None,
    )
