"""Answers made by hand, so that what shows an answer is tested without asking anything."""

from typing import Any

from corpus.answers import Answer, Provenance, Statement
from corpus.library import Library
from corpus.records import Span
from service.citing import citation_of, source_of

PROVENANCE = Provenance(
    corpus_fingerprint="0" * 64,
    index_fingerprint="1" * 64,
    engine="extractive",
    models={},
    prompts={},
    settings={},
)


# Whole sentences of two texts of `tests.fakes.clinic`.
OF_CLINIC = (("gout", "Beer raises urate."), ("gout#ref-2", "Allopurinol lowers urate slowly."))


def made_answer(library: Library, *quotes: tuple[str, str], **changes: Any) -> Answer:
    """Return an answer with one statement for each (document id, words of its text).

    It was asked within the first of the documents that is an article.
    """
    articles = {article.slug: article for article in library.articles()}
    asked = next((articles[key] for key, _ in quotes if key in articles), None)
    markers = {key: at for at, key in enumerate(dict.fromkeys(key for key, _ in quotes), start=1)}
    statements = []
    for key, words in quotes:
        document = library.document(key)
        start = document.text.index(words)
        span = Span(start=start, end=start + len(words))
        citation = citation_of(document, span, library, asked, marker=markers[key])
        statements.append(Statement(text=words, citations=(citation,)))
    given: dict[str, Any] = {
        "answer_id": "made",
        "question": "What is said?",
        "standalone_question": "What is said?",
        "article": asked.slug if asked else None,
        "audience": "clinician",
        "statements": tuple(statements),
        "sources": tuple(
            source_of(library.document(key), marker, library, asked)
            for key, marker in markers.items()
        ),
        "refusal": None,
        "confidence": 0.937,
        "provenance": PROVENANCE,
    }
    return Answer(**given | changes)
