"""Why a message is no question to look up: told from the message alone.

Nothing that is asked is ever carried out; orders are named so that the refusal can say what is
wrong. In doubt a text passes: what the sources do not answer is refused later, by the evidence.
"""

from corpus.answers import RefusalReason
from service.messages import MessageKind, emergency_within, message_kind, plain

_REASONS: dict[MessageKind, RefusalReason | None] = {
    "question": None,
    "emergency": "emergency",
    "self_harm": "emergency",
    "instruction": "instruction",
    "chatter": "not_a_question",
}


def screen(question: str, *, max_chars: int) -> RefusalReason | None:
    """Return why this is no question to look up, or None when it is one.

    An emergency comes before everything else, the length of the text included.
    """
    text = question.strip()
    if not text:
        return "empty"
    if len(text) > max_chars:
        return "too_long" if emergency_within(text) is None else "emergency"
    if not any(character.isalpha() for character in plain(text)):
        return "not_a_question"
    return _REASONS[message_kind(text)]
