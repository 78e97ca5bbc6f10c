"""Where the evidence disagrees: the same thing said with another number, or turned round.

Two sentences are in conflict only when everything else agrees. They speak of the same subject,
name the same drugs, diseases and populations, and differ in one fact alone: one number with the
same unit, a direction, or a negation. Two doses, two time points or two samples are no conflict;
a false alarm would teach readers to overlook the true ones, so that every doubt means none. A
support model, where there is one, must see the contradiction from both sides as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from corpus.answers import Conflict, ConflictKind, ConflictSide, SourceKind
from corpus.evidence_levels import EvidenceLabel
from corpus.library import Library
from corpus.records import Document, Span
from index.support_model import SupportModel, SupportPair
from service.citing import source_of
from service.differences import Difference, DifferenceKind
from service.facts import Facts, Quantity, differences, facts_of

MAX_CONFLICTS = 3
# Share of the words of either sentence, those of the facts apart, that both must have.
SAME_SUBJECT = 0.7
# One text compares arms and time points in sentences that are nearly alike.
SAME_SUBJECT_WITHIN_ONE = 0.8
MIN_SHARED_WORDS = 3
# Values that are nearer than this share of the smaller one are rounding, or two samples of one
# thing.
APART = 0.1
CONTRADICTED = 0.5
KINDS: Mapping[SourceKind, str] = {
    "article": "an article",
    "guideline": "a guideline",
    "research": "a research paper",
}
LABELS: Mapping[EvidenceLabel, str] = {
    **{label: f"a {label.value}" for label in EvidenceLabel},
    EvidenceLabel.OPINION: "an opinion piece",
}
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_DIGIT = re.compile(r"\d")
# Times, masses and volumes are mostly conditions of what is said: of a dose, of a follow-up.
_CONDITIONS = frozenset(("s", "month", "mg", "mL", "mmol", "/s", "/month", "person-year"))
_MEASURED = re.compile(
    r"\b(?:dos(?:e|es|age)|durations?|lasts?|lasted|half-life|median|means?|averages?|takes?|"
    r"survival|incubation|interval|maximum|minimum|recommended|threshold|limit|period)\b",
    re.IGNORECASE,
)
# What a study says of its own sample differs between studies and contradicts nothing.
_SAMPLE = re.compile(
    r"\b(?:follow(?:ed)?[ -]?up|enrol+ed|included|recruited|randomi[sz]ed|aged?|sample|we|our|"
    r"were (?:studied|analy[sz]ed|reviewed|identified|treated)|this study|consecutive|underwent|"
    r"participants|respondents|control group|cohort of|[Pp] ?[<=>])(?=\W|$)"
)
_COUNTED = re.compile(
    r"(?:patient|case|adult|child|women|woman|men|man|peopl|person|individu|subject|infant|"
    r"stud|trial|paper|center|hospit|sampl|mice|rat|cell)"
)
_TURNS: Mapping[DifferenceKind, ConflictKind] = {
    DifferenceKind.NUMBER: "number",
    DifferenceKind.DIRECTION: "direction",
    DifferenceKind.COMPARISON: "direction",
    DifferenceKind.NEGATION: "negation",
}


class EntityRules(Protocol):
    """Tells who and what one text names that another does not."""

    def differences(self, claim: str, evidence: str, context: str = "") -> tuple[Difference, ...]:
        """Return what the claim names that the evidence does not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A sentence of the evidence, and the kind and year of its source.

    `label` is the kind of evidence that the source is, None where nothing certain tells.
    """

    document: Document
    span: Span
    kind: SourceKind
    year: int | None
    label: EvidenceLabel | None = None

    @property
    def text(self) -> str:
        """The sentence on one line."""
        return " ".join(self.span.of(self.document.text).split())


def told(document: Document, span: Span, library: Library) -> Told:
    """Return a sentence with the kind and year that its source has in the library."""
    source = source_of(document, 1, library, None)
    return Told(
        document=document,
        span=span,
        kind=source.kind,
        year=source.reference.year,
        label=source.evidence_label,
    )


def conflicts_among(
    evidence: Sequence[Told], entities: EntityRules, model: SupportModel | None = None
) -> tuple[Conflict, ...]:
    """Return at most three conflicts among sentences, in the order in which they are given.

    Raises what the model raises.
    """
    once = {(t.document.document_id, t.span.start, t.span.end): t for t in evidence}
    found = [
        (one, other, kind)
        for one, other in combinations(once.values(), 2)
        if (kind := _disagreement(one, other, entities)) is not None
    ]
    if model is not None and found:
        found = list(_confirmed(found, model))
    return tuple(_conflict(*one) for one in found[:MAX_CONFLICTS])


def _disagreement(one: Told, other: Told, entities: EntityRules) -> ConflictKind | None:
    """Return the one kind of fact in which two sentences cannot both hold; None: no conflict."""
    within = one.document.document_id == other.document.document_id
    if within and one.span.start < other.span.end and other.span.start < one.span.end:
        return None
    here, there = _bare(one.text), _bare(other.text)
    ours, theirs = facts_of(here), facts_of(there)
    kind = _turned(ours, theirs) if _same_subject(ours, theirs, within=within) else None
    if kind is None or entities.differences(here, there) or entities.differences(there, here):
        return None
    return kind


def _turned(one: Facts, other: Facts) -> ConflictKind | None:
    """Return the kind of fact that differs when nothing else does."""
    found = (*differences(one, other), *differences(other, one))
    kinds = {_TURNS.get(d.kind) if d.turned else None for d in found}
    kind = kinds.pop() if len(kinds) == 1 else None
    return None if kind == "number" and not _one_number_apart(one, other) else kind


def _bare(text: str) -> str:
    """Drop brackets: what a study counts and tests stands there, and is its own."""
    return _BRACKETS.sub("", text)


def _same_subject(one: Facts, other: Facts, *, within: bool) -> bool:
    first, second = _subject(one), _subject(other)
    shared = len(first & second)
    least = SAME_SUBJECT_WITHIN_ONE if within else SAME_SUBJECT
    return shared >= MIN_SHARED_WORDS and shared >= least * len(first | second)


def _subject(facts: Facts) -> frozenset[str]:
    """Return what a sentence speaks of: its words but numbers and what turns or weighs them."""
    aside = {facts.text[c.start : c.end].lower() for c in facts.cues}
    aside |= {d.printed.lower() for d in facts.directions}
    stems = frozenset(term for words in aside for term in facts_of(words).held)
    return frozenset(
        t for t in facts.held - stems if not _DIGIT.search(t) and not _COUNTED.match(t)
    )


def _hard(facts: Facts) -> list[Quantity]:
    return [q for q in facts.numbers.quantities if not q.soft]


def _value(quantity: Quantity) -> tuple[object, ...]:
    return quantity.low, quantity.high, quantity.unit


def _one_number_apart(one: Facts, other: Facts) -> bool:
    """Tell whether one number of each, with the same unit, is all that differs."""
    ours = [q for q in _hard(one) if _value(q) not in map(_value, _hard(other))]
    theirs = [q for q in _hard(other) if _value(q) not in map(_value, _hard(one))]
    if len(ours) != 1 or len(theirs) != 1 or len(_hard(one)) != len(_hard(other)):
        return False
    first, second = ours[0], theirs[0]
    if first.unit != second.unit or first.comparator != second.comparator:
        return False
    if not first.unit and not (first.noun == second.noun != "" and not _COUNTED.match(first.noun)):
        return False
    measured = all(_MEASURED.search(facts.text) for facts in (one, other))
    if first.unit in _CONDITIONS and not measured:
        return False
    sampled = any(_SAMPLE.search(facts.text) for facts in (one, other))
    return not sampled and _apart(first, second)


def _apart(one: Quantity, other: Quantity) -> bool:
    """Tell whether two ranges leave a gap between them."""
    low, high = sorted((one, other), key=lambda q: (q.low, q.high))
    return high.low - low.high > APART * float(abs(low.high))


_Found = tuple[Told, Told, ConflictKind]


def _confirmed(found: Sequence[_Found], model: SupportModel) -> Iterator[_Found]:
    """Yield those that the model calls contradicted with either sentence as the claim."""
    pairs = [
        SupportPair(claim=claim.text, evidence=(evidence.text,))
        for one, other, _ in found
        for claim, evidence in ((one, other), (other, one))
    ]
    scores = model.judge_batch(pairs)
    for place, one in enumerate(found):
        both = scores[2 * place : 2 * place + 2]
        if all(score.contradicted >= CONTRADICTED for score in both):
            yield one


def _conflict(one: Told, other: Told, kind: ConflictKind) -> Conflict:
    if one.document.document_id == other.document.document_id:
        text = f"The source differs from itself: {_who(one)} says “{one.text}” and “{other.text}”"
    else:
        text = f"The sources differ: {_who(one)} says “{one.text}”, {_who(other)} “{other.text}”"
    return Conflict(kind=kind, text=text, sides=(_side(one), _side(other)))


def _who(side: Told) -> str:
    year = side.year if side.year is not None else "year unknown"
    named = LABELS[side.label] if side.label is not None else KINDS[side.kind]
    return f"{named} ({year})"


def _side(side: Told) -> ConflictSide:
    return ConflictSide(
        document_id=side.document.document_id,
        kind=side.kind,
        year=side.year,
        quote=side.span.of(side.document.text),
        start=side.span.start,
        end=side.span.end,
        sha256=side.document.sha256,
    )
