"""What a language model is shown: whole passages, numbered, best first."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.errors import GenerationError, InputError
from corpus.library import Library
from corpus.records import Document
from index.retriever import Hit
from prompts.messages import AnswerTask, Message, NumberedEvidence, answer_prompt
from service.citing import source_of
from service.engines import Asking
from service.verdicts import EvidenceText

# The passages of so many of the best units are shown.
READINGS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a model is asked, and by number the passages that it was shown."""

    task: AnswerTask
    messages: tuple[Message, ...]
    evidence: dict[int, EvidenceText]


def brief_of(asked: Asking, library: Library, *, max_sentences: int, max_chars: int) -> Brief:
    """Return what a model is asked, with as many of the best passages as have room.

    Raises GenerationError when there is no room for a single one.
    """
    hits = _best_hits(asked)
    documents = [library.document(hit.passage.document_id) for hit in hits]
    numbered = list(enumerate(zip(hits, documents, strict=True), start=1))
    task = AnswerTask(
        question=asked.query.text,
        article_title=asked.article.title if asked.article is not None else "",
        audience=asked.audience,
        evidence=tuple(_shown(n, hit, d, library, asked) for n, (hit, d) in numbered),
        max_sentences=max_sentences,
        max_chars=max_chars,
    )
    try:
        prompt = answer_prompt(task)
    except InputError:
        raise GenerationError("too_large", "the evidence has no room in the prompt") from None
    evidence = {
        number: EvidenceText(
            number=number,
            document_id=document.document_id,
            document=document,
            start=hit.passage.start,
            end=hit.passage.end,
        )
        for number, (hit, document) in numbered
        if number not in prompt.dropped
    }
    return Brief(task=task, messages=prompt.messages, evidence=evidence)


def _best_hits(asked: Asking) -> Sequence[Hit]:
    """Return the passages of the best sentences, in the order of the best sentence of each."""
    readings = asked.evidence.readings[:READINGS_SHOWN]
    best = {reading.hit.passage.passage_id: reading.hit for reading in reversed(readings)}
    order = dict.fromkeys(reading.hit.passage.passage_id for reading in readings)
    return [best[passage_id] for passage_id in order]


def _shown(
    number: int, hit: Hit, document: Document, library: Library, asked: Asking
) -> NumberedEvidence:
    """Return a passage behind the lead-ins that it needs, with what it is and of which year."""
    passage = hit.passage
    source = source_of(document, number, library, asked.article)
    return NumberedEvidence(
        number=number,
        title=passage.title,
        kind=source.kind,
        year=source.reference.year,
        section=" > ".join(passage.section_path) or None,
        text="\n".join([*passage.lead_ins, passage.text]),
    )
