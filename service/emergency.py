"""Somebody's own emergency, told from the words alone, so that help is named and nothing else.

What counts is who is spoken of and when: the writer ("I cannot breathe"), somebody of theirs
("my father has collapsed"), or somebody at hand ("she is unconscious"), now. A clinician writes
of patients, of "he" with a dose or a scan beside it, or of nobody; such a question passes,
whatever its subject. Rules, not a model: each can be read, and each is tested from both sides.
"""

import re
from collections.abc import Iterator
from typing import Literal

from service import emergency_words as w
from service.emergency_words import any_of, plain

EmergencyKind = Literal["body", "self_harm"]

# As much is read at once; a longer text in stretches that overlap, so that the work grows with
# its length and no more.
STRETCH_CHARS, STRETCH_STEP_CHARS = 2000, 1500
# A text too long for a question is read sentence by sentence, and a longer sentence in pieces.
PIECE_CHARS, PIECE_STEP_CHARS = 240, 120
_SHORTEST_CHARS = 6
_SENTENCE_END = re.compile(r"[.!?;\n]+")

_CARRIED_ON = r"\band (?:(?:i|am|have|feel|like|will|now|then|suddenly|also|just) ){0,5}?"
_WORSE_AFTER_A_FALL = r"(?:blood thinner|anticoagula|xaban|farin|vomit|confus|drows|sleepy)"
_OF_MINE = r"\b(?:i am|i feel|i cannot|my|cannot breathe)\b"
# The writer, or somebody of theirs: an emergency whoever else reads along.
_OWN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{w.I}{w.STILL}{w.SIGN}",
        rf"{w.I_HAVE} {w.WITH}{w.PAIN}",
        rf"(?:{w.I}|\bmy) {w.WITH}{_CARRIED_ON}{w.SIGN}",
        rf"(?<!make )\bmy (?:\w+ ){{0,2}}?{w.BODY}",
        rf"\b(?:my|this) {w.PAIN}",
        rf"\b{w.PRESSES} my (?:chest|breastbone|heart)",
        r"\bthink (?:that )?i (?:have|had|got|am having) (?:a|an) (?:\w+ )?(?:heart attack|stroke)",
        r"\bblood in my vomit\b",
        r"\bi am dying\b(?! (?:of|to|for|from)\b)",
        rf"\bi (?:\w+ ){{0,2}}?(?:hit|banged|hurt) my head\b[^?!]{{0,80}}{_WORSE_AFTER_A_FALL}",
        r"\bi cannot (?:wake|rouse) (?:up )?(?:him|her|my|our)\b",
        rf"^(?:please )?(?:help|sos|emergency)\b[^?]{{0,40}}?{any_of(w.STRONG, w.PAIN)}",
        rf"^(?:please )?{w.BREATH}[^?]{{0,30}}(?:$|[.!])",
        rf"{w.KIN}{w.SENTENCE}{any_of(w.SIGN, w.BODY)}",
        rf"{w.KIN}{w.SENTENCE}(?:have|has|having|got|feels?|with) {w.WITH}{w.PAIN}",
        rf"{w.CHILD_OF_MINE}{w.SENTENCE}(?:swallowed|ingested|inhaled)\b",
        w.CALL,
    )
)
# Emergencies unless the rest of the text is a clinician's.
_UNLESS_AT_WORK = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:he|she|the {w.CHILD}){w.STILL}{any_of(w.STRONG, w.OVERDOSE)}",
        rf"\b(?:his|her) {w.BODY}",
        rf"\bthe {w.CHILD} (?:has |just ){{0,2}}(?:swallowed|ingested|inhaled)\b",
        r"\bcannot (?:stop|get) (?:the|my|his|her) (?:\w+ )?bleed(?:ing)?\b",
        r"\b(?:the|my|his|her) (?:nose ?)?bleed(?:ing)? (?:will|does) not stop\b",
        # no subject, but a body further on: "chest pain for an hour, and I am sweating"
        rf"^(?:\w+ ){{0,3}}?{any_of(w.PAIN, w.BREATH, w.BLEEDING)}[^?]{{0,60}}{_OF_MINE}",
    )
)
_SOMEBODYS = re.compile(f"{w.SOMEBODY}{w.SENTENCE}{any_of(w.SIGN, w.BODY)}")
_OWN_LIFE = re.compile(any_of(w.OWN_WAYS, f"{w.KIN}{w.SENTENCE}{w.THEIR_WAYS}"))
_LIFE_OF_THEIRS = re.compile(rf"\b(?:he|she)\b{w.SENTENCE}{w.THEIR_WAYS}")
_KIN, _AT_WORK, _REPORTED = map(re.compile, (w.KIN, w.AT_WORK, w.REPORTED))
_PAST, _CHRONIC, _NOW, _AT_HAND = map(re.compile, (w.PAST, w.CHRONIC, w.NOW, w.AT_HAND))


def emergency_in(text: str) -> EmergencyKind | None:
    """Return what kind of emergency of their own somebody writes of, or None.

    >>> emergency_in("My father can't breathe and his lips are blue")
    'body'
    >>> emergency_in("What should be done when a patient cannot breathe after bronchoscopy?")
    """
    kinds = map(_in_stretch, _stretches(text, STRETCH_CHARS, STRETCH_STEP_CHARS))
    return next((kind for kind in kinds if kind is not None), None)


def emergency_within(text: str) -> EmergencyKind | None:
    """Return what kind of emergency any sentence of a long text tells of, or None.

    For texts that are no question by their length: an old story in one sentence, or a clinician's
    words in another, do not explain away what the next one says.

    >>> emergency_within("My wife died two years ago. " + "I am so tired. " * 99 + "I want to die.")
    'self_harm'
    """
    whole = emergency_in(text)
    if whole is not None:
        return whole
    sentences = (s for s in _SENTENCE_END.split(text) if len(s) >= _SHORTEST_CHARS)
    pieces = (p for s in sentences for p in _stretches(s, PIECE_CHARS, PIECE_STEP_CHARS))
    return next((kind for kind in map(_in_stretch, pieces) if kind is not None), None)


def _stretches(text: str, size: int, step: int) -> Iterator[str]:
    """Give the text in stretches of at most `size` characters, one every `step`; "" has one."""
    last = max(len(text) - size + step, 1)
    return (text[start : start + size] for start in range(0, last, step))


def _in_stretch(text: str) -> EmergencyKind | None:
    words = plain(text)
    if _REPORTED.search(words):
        return None
    now = bool(_NOW.search(words))
    if _PAST.search(words) and not now:
        return None
    if _life_in_danger(words):
        return "self_harm"
    if _CHRONIC.search(words) and not now:
        return None
    return "body" if _body_in_danger(words) else None


def _life_in_danger(words: str) -> bool:
    if _OWN_LIFE.search(words):
        return True
    return bool(_LIFE_OF_THEIRS.search(words)) and not _AT_WORK.search(words)


def _body_in_danger(words: str) -> bool:
    if any(rule.search(words) for rule in _OWN):
        return True
    if _AT_WORK.search(words) and not _KIN.search(words):
        return False
    if any(rule.search(words) for rule in _UNLESS_AT_WORK):
        return True
    return bool(_SOMEBODYS.search(words) and _AT_HAND.search(words))
