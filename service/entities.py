"""Drugs, diseases, populations and names: of what and of whom a sentence speaks.

A claim may name only what its evidence names; what stands around the evidence (its title, its
section, its lead-ins) counts as named. Whom the evidence sentence is bounded to, the claim keeps.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from corpus.library import Library
from corpus.records import Document, Span
from index.lexical import stems, terms
from index.term_spans import term_spans
from service.abbreviations import Definition, agreed, definitions, singular
from service.differences import Difference, DifferenceKind
from service.entity_doses import exchanged_doses
from service.entity_words import (
    BOTH_SEXES,
    DISEASE,
    DRUG,
    DRUGS_WHOLE,
    EXCEPTED,
    GROUPED,
    GROUPS,
    HEADED,
    NOT_DISEASES,
    PROCEDURE,
    RESTRICTED,
    UNTELLING,
    WORD,
    concept_kinds,
)
from service.fact_text import Words, plain, words_of

MAX_CHARS = 6000
# Of a claim's terms, the share that a clause must hold to be what the claim takes up.
TAKEN_UP = 0.4
_SHORT = re.compile(r"(?<![\w-])[A-Z][\w]*(?:[-/][A-Za-z0-9]+)*(?![\w-])")
_SEXES = frozenset(("men", "women"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What a text holds: its raw stems, its terms, and its names without hyphens."""

    stems: frozenset[str]
    terms: frozenset[str]
    names: frozenset[str]
    text: str

    @classmethod
    def of(cls, text: str) -> "_Named":
        text = plain(text)
        return cls(
            stems=frozenset(stems(text)),
            terms=frozenset(terms(text)),
            names=frozenset(
                _bare(part) for m in re.finditer(r"[\w/-]+", text) for part in _and_parts(m[0])
            ),
            text=text,
        )

    def names_it(self, name: str) -> bool:
        """Tell whether a name is here; of "Sf1-expressing" the part that is a name."""
        parts = re.split(r"[-/]", name)
        whole = name if all(map(_is_name, parts)) or not any(p.islower() for p in parts) else ""
        wanted = [whole] if whole else [part for part in parts if not part.islower()]
        return self.names.issuperset(map(_bare, wanted))

    def holds(self, words: str) -> bool:
        """Tell whether every word of a phrase is here, or its concept."""
        found = terms(words)
        concepts = [t for t in found if t.startswith("=")]
        return self.stems.issuperset(stems(words)) or (
            bool(concepts) and self.terms.issuperset(concepts)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """What a corpus calls its things: long forms by abbreviation, where its texts agree."""

    long_forms: Mapping[str, str]

    @classmethod
    def of(cls, source: Library | Iterable[Document]) -> "Entities":
        """Learn the abbreviations of a library (its glossaries win) or of documents."""
        documents = source.documents() if isinstance(source, Library) else tuple(source)
        found = (d for document in documents for d in _defined(document))
        long_forms = dict(sorted(agreed(found).items()))
        if isinstance(source, Library):
            entries = (entry for article in source.articles() for entry in article.glossary)
            long_forms |= {e.term: e.written_out for e in entries if e.written_out}
        return cls(long_forms=long_forms)

    def expanded(self, text: str) -> str:
        """Return a text with the corpus' abbreviations written out.

        >>> Entities(long_forms={"PE": "pulmonary embolism"}).expanded("PE recurs.")
        'pulmonary embolism recurs.'
        """
        text = text[:MAX_CHARS]
        for use in reversed(tuple(definitions(text))):  # the long form stands there already
            text = re.sub(rf"\s?\({re.escape(use.short)}s?\)", "", text)
        return _SHORT.sub(self._long, text)

    def _long(self, match: re.Match[str]) -> str:
        return self.long_forms.get(singular(match[0]), match[0])

    def differences(self, claim: str, evidence: str, context: str = "") -> tuple[Difference, ...]:
        """Return what the claim names that neither evidence nor context does, in a fixed order.

        Also whom the evidence is bounded to and the claim is not. `context` is what a reader of
        the evidence sees around it: title, section, lead-ins.
        """
        claim, evidence, context = map(self.expanded, (claim, evidence, context))
        around = _Named.of(f"{evidence}\n{context}")
        found = (
            *_unnamed(claim, around),
            *_other_groups(claim, around.text),
            *exchanged_doses(words_of(claim), words_of(evidence)),
            *_unbounded(words_of(claim), words_of(evidence), _Named.of(context)),
        )
        return tuple({(d.kind, d.claimed.lower(), d.found.lower()): d for d in found}.values())


def _defined(document: Document) -> Iterator[Definition]:
    blocks = (document.text[block.start : block.end] for block in document.blocks)
    return (d for part in (document.title, *blocks) for d in definitions(part))


def _and_parts(name: str) -> tuple[str, ...]:
    """Return a name and its parts: of "CD4/CD8" both, of "PD-1" no bare number."""
    parts = re.split(r"[-/]", name)
    return (name, *(part for part in parts if not part.isdigit()))


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def _unnamed(claim: str, around: _Named) -> Iterator[Difference]:
    """Give drugs, diseases and names that are nowhere near the evidence."""
    seen: set[str] = set()
    for kind, printed in _kept_things(claim):
        if printed.lower() not in seen and not around.holds(printed):
            seen.add(printed.lower())
            yield _missing(kind, printed)
    for match in _SHORT.finditer(plain(claim)):
        name = match[0]
        if not _is_name(name) or around.names_it(name) or around.holds(name):
            continue
        if name.lower() not in seen and not _initials(name, around.text):
            seen.add(name.lower())
            yield _missing(DifferenceKind.NAME, name)


@lru_cache(maxsize=256)
def _kept_things(claim: str) -> tuple[tuple[DifferenceKind, str], ...]:
    """Return the things of a claim, which is held against many spans."""
    return tuple(_things(claim))


def _things(claim: str) -> Iterator[tuple[DifferenceKind, str]]:
    """Give the drugs and diseases of a claim as printed: known ones, then by their looks."""
    text = plain(claim)
    kinds = concept_kinds()
    for term in term_spans(text):
        kind = kinds.get(term.term)
        if kind is not None and not _groups(term.span.of(text)):
            yield DifferenceKind(kind), term.span.of(text)
    for match in DRUG.finditer(text):
        yield DifferenceKind.DRUG, match[0]
    for match in WORD.finditer(text):
        if match[0].lower() in DRUGS_WHOLE:
            yield DifferenceKind.DRUG, match[0]
    for match in DISEASE.finditer(text):
        if match[0].lower() not in NOT_DISEASES:
            yield DifferenceKind.DISEASE, match[0]
    for match in PROCEDURE.finditer(text):
        yield DifferenceKind.NAME, match[0]
    for match in HEADED.finditer(text):
        told = match["which"].lower() not in UNTELLING and stems(match["which"])
        yield DifferenceKind.DISEASE, match[0] if told else match["head"]


def _missing(kind: DifferenceKind, printed: str) -> Difference:
    return Difference(
        kind=kind,
        claimed=printed,
        found="",
        turned=False,
        reason=f"“{printed}” is not in the cited sentence",
    )


def _is_name(word: str) -> bool:
    """Tell names such as PD-1, IL-6 or AMPLIFY-EXT from words that begin with a capital."""
    capitals = sum(letter.isupper() for letter in word)
    return len(word) > 1 and (capitals > 1 or any(letter.isdigit() for letter in word))


def _initials(short: str, text: str) -> bool:
    """Tell whether words of the text begin with the letters of an abbreviation, in a row."""
    letters = singular(short).lower()
    if not letters.isalpha():
        return False
    initials = "".join(word[0] for word in re.findall(r"[a-z]+", text.lower()))
    return len(letters) > 1 and letters in initials


def _groups(text: str) -> dict[str, str]:
    """Return the groups that a text names, with the words that name each."""
    found = {name: match[0] for name, p in GROUPS.items() if (match := p.search(text))}
    if BOTH_SEXES.search(text):
        found |= dict.fromkeys(_SEXES, "both sexes")
    return found


def _other_groups(claim: str, around: str) -> Iterator[Difference]:
    there = _groups(around)
    for name, printed in _groups(plain(claim)).items():
        if name not in there:
            instead = next((words for other, words in there.items() if other != name), "")
            found = f" (it has “{instead}”)" if instead else ""
            yield Difference(
                kind=DifferenceKind.POPULATION,
                claimed=printed,
                found=instead,
                turned=False,
                reason=f"“{printed}” is not in the cited sentence{found}",
            )


def _unbounded(claim: Words, evidence: Words, context: _Named) -> Iterator[Difference]:
    """Give whom the evidence is bounded to, where the claim takes it up without saying so."""
    ours = set(_groups(claim.text))
    for match in GROUPED.finditer(evidence.text):
        phrase = evidence.text[match.end() : match.end() + 60]
        told = _groups(re.split(r"[,;.:]|\s(?:and|or|than|with|is|are|was|were|had)\s", phrase)[0])
        first = next((w for w in told.values() if phrase.lower().find(w.lower()) <= 24), None)  # noqa: PLR2004
        if first is None or ours & set(told) or not _takes_up(claim, evidence, match.start()):
            continue
        if not {*_groups(evidence.text)} >= _SEXES:
            yield _bound(first)
    for pattern in (RESTRICTED, EXCEPTED):
        for match in pattern.finditer(evidence.text):
            whom = evidence.after(match.end(), 3)
            known = claim.held | context.terms if pattern is RESTRICTED else claim.held
            if not whom or known & set(whom) or not _takes_up(claim, evidence, match.start()):
                continue
            yield _bound(_to_comma(evidence.text, match))


def _takes_up(claim: Words, evidence: Words, place: int) -> bool:
    clause = set(evidence.within(evidence.clause(place)))
    own = set(claim.within(Span(start=0, end=len(claim.text))))
    return len(clause & own) >= max(1, TAKEN_UP * len(own))


def _to_comma(text: str, match: re.Match[str]) -> str:
    tail = re.split(r"[,;.:]", text[match.start() : match.end() + 60])[0]
    return " ".join(tail.split()[:8])


def _bound(printed: str) -> Difference:
    return Difference(
        kind=DifferenceKind.POPULATION,
        claimed="",
        found=printed,
        turned=False,
        reason=f"the cited sentence speaks only of “{printed}”",
    )
