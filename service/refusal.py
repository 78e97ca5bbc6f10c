"""How a refusal is worded. The reason decides; the words never claim more than is known."""

from corpus.answers import Nearest, Refusal, RefusalReason
from index.retriever import Retrieval

NEAREST_SHOWN = 3

_MESSAGES: dict[RefusalReason, str] = {
    "empty": "There is no question here.",
    "too_long": "The question is too long; ask one thing at a time.",
    "not_a_question": "This does not read as a question about these sources.",
    "instruction": (
        "This reads as an instruction to the program, not as a question about these sources. "
        "It was not followed."
    ),
    "beyond_corpus": "These sources do not deal with this.",
    "not_in_these_sources": (
        "These sources deal with the subject, but no sentence was found that answers this."
    ),
}


def refuse(
    reason: RefusalReason,
    retrieval: Retrieval | None = None,
    try_asking: tuple[str, ...] = (),
) -> Refusal:
    """Return the refusal for a reason, with the nearest passages of a retrieval."""
    hits = retrieval.hits[:NEAREST_SHOWN] if retrieval is not None else ()
    nearest = tuple(
        Nearest(
            document_id=hit.passage.document_id,
            passage_id=hit.passage.passage_id,
            quote=hit.passage.text,
            score=round(hit.score, 4),
        )
        for hit in hits
    )
    return Refusal(reason=reason, message=_MESSAGES[reason], nearest=nearest, try_asking=try_asking)
