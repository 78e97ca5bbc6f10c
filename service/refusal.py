"""Why there is no answer: which words found no support, and how it is worded.

The reason decides the words, and the words never claim more than is known.
"""

from collections.abc import Callable, Collection, Sequence

from corpus.answers import Nearest, Refusal, RefusalReason
from index.lexical import LexicalIndex
from index.reading.reading import Reading
from index.retriever import Hit, Query
from service.messages import EmergencyKind, emergency_within
from service.question_words import Word, held_by, is_asking, words_of

NEAREST_SHOWN = 3
UNSUPPORTED_SHOWN = 5
# A term in at most this share of the passages, or in at most this many, would have drawn them in.
RARE_SHARE, RARE_COUNT = 0.01, 3
# From this nearness in meaning (cosine of the nearest passage) on, the sources deal with what is
# asked: so said of 0.91 of near misses and 0.60 of questions about other papers. Saying of a near
# miss that the sources do not deal with it would be wrong, so the line is drawn low.
NEAR_AT = 0.45

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
    "not_approved": (
        "The editors have not approved this text yet. Until they have, it can be read here, but "
        "not asked about."
    ),
}
_HELP: dict[EmergencyKind, str] = {
    "body": (
        "This may be an emergency. Call your local emergency number now (112, 911 or 999 in many "
        "countries), or let somebody near you call. Do not wait for an answer here: nothing was "
        "looked up."
    ),
    "self_harm": (
        "It sounds as if somebody's life may be in danger, and that matters more than any article. "
        "Please do not stay alone with this: call your local emergency number or a crisis line now "
        "(112, 911 or 999 in many countries; 988 in the United States and Canada, 116 123 in the "
        "United Kingdom and Ireland), or go to somebody you trust. If tablets were taken or "
        "somebody is hurt, call the emergency number first. People who can help are there at any "
        "hour."
    ),
}


def refuse(
    reason: RefusalReason,
    readings: Sequence[Reading] = (),
    try_asking: tuple[str, ...] = (),
    unsupported: tuple[str, ...] = (),
    *,
    question: str = "",
) -> Refusal:
    """Return the refusal for a reason, with the units that came nearest; `readings` best first.

    `unsupported` are the words that found no support (`unsupported_words`). `question` is what was
    asked; an emergency is worded by it, and gets nothing but the words that name help.
    """
    if reason == "emergency":
        return Refusal(reason=reason, message=_HELP[emergency_within(question) or "body"])
    nearest = tuple(
        Nearest(
            document_id=reading.document.document_id,
            passage_id=reading.hit.passage.passage_id,
            quote=reading.text,
            score=round(reading.score, 4),
            start=reading.unit.start,
            end=reading.unit.end,
            lead_ins=tuple(span.of(reading.document.text) for span in reading.unit.lead_ins),
            title=reading.hit.passage.title,
            section=" > ".join(reading.hit.passage.section_path) or None,
        )
        for reading in readings[:NEAREST_SHOWN]
    )
    return Refusal(
        reason=reason,
        message=_message(reason, unsupported),
        nearest=nearest,
        try_asking=try_asking,
        unsupported=unsupported,
    )


def rare_in(lexical: LexicalIndex) -> Callable[[str], bool]:
    """Return whether so few passages hold a term that a search for it would have found them."""
    most = max(RARE_COUNT, RARE_SHARE * lexical.size)
    return lambda term: lexical.document_frequency.get(term, 0) <= most


def unsupported_words(
    query: Query, hits: Sequence[Hit], is_rare: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return the question's words that no hit holds, as typed and in order; neighbours together.

    Title and section count as held by their passage. Words that only ask ("which", "usually",
    "recommended") are never named, nor is a word that is not rare: it may well stand further down.

    >>> nothing = lambda term: True
    >>> unsupported_words(Query(own="Does inhaled budesonide help?"), [], nothing)
    ('inhaled budesonide',)
    """
    held = held_by(hits)
    words = words_of(query.own)
    missing = [_is_missing(word, held, is_rare) for word in words]
    found: list[str] = []
    for at, word in enumerate(words):
        if missing[at] and at > 0 and missing[at - 1] and word.adjoins:
            found[-1] += f" {word.text}"
        elif missing[at]:
            found.append(word.text)
    return tuple(dict.fromkeys(found))[:UNSUPPORTED_SHOWN]


def deals_with(hits: Sequence[Hit]) -> bool:
    """Tell whether a passage comes so near in meaning that the sources deal with the subject."""
    return max((hit.cosine for hit in hits), default=0.0) >= NEAR_AT


def _is_missing(word: Word, held: Collection[str], is_rare: Callable[[str], bool]) -> bool:
    missing = [term for term in word.terms if term not in held]
    return not is_asking(word) and bool(missing) and all(map(is_rare, missing))


def _message(reason: RefusalReason, unsupported: tuple[str, ...]) -> str:
    if not unsupported:
        return _MESSAGES[reason]
    named = f"Nothing here was found on: {', '.join(unsupported)}."
    lead = "These sources deal with the subject, but not with all of this."
    return f"{lead if reason == 'not_in_these_sources' else _MESSAGES[reason]} {named}"
