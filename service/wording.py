"""The words of an article, explained: where they stand in a text, and the view of each audience.

A view never changes a text. For students and patients it adds, after the first mention of an
abbreviation, what it stands for; take the added pieces away and the text is there as it was.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from corpus.answers import Audience, Statement, TermUse
from corpus.library import Library
from corpus.records import Article, Document, GlossaryEntry
from service.abbreviations import Definition, agreed, definitions, folded, singular
from service.term_patterns import (
    bounded,
    is_abbreviation_of,
    pattern_of,
    plain_abbreviation,
    plain_term,
)

__all__ = ["Piece", "TermUse", "Wording", "Wordings", "explained", "viewed", "viewed_text"]

# What is never added to a text, even where it is right: it would look like a finding.
_NUMBER_WORD_OR_NEGATION = re.compile(
    r"\b(?:no|non|not|nor|none|never|neither|without|cannot|lack|lacks|lacking|absent|absence|"
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|"
    r"hundred|thousand|million|half|twice|double)\b|n['’]t\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a viewed text: of the text itself, or `added` to it; `use` if it is a term."""

    text: str
    added: bool = False
    use: TermUse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The terms and abbreviations of one article, to be found in any of its texts.

    Made by `Wording.of`; as it stands it knows none. `pattern` finds every form. `abbreviations`
    and `terms` have the entry of a form by its plain spelling. `otherwise` names, by document id,
    the abbreviations that a cited document uses for something else.
    """

    pattern: re.Pattern[str] | None = None
    abbreviations: Mapping[str, GlossaryEntry] = field(default_factory=dict)
    terms: Mapping[str, GlossaryEntry] = field(default_factory=dict)
    otherwise: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, article: Article | None, documents: Iterable[Document] = ()) -> "Wording":
        """Return the wording of an article and the documents that it cites; empty for None.

        The glossary wins over what the texts define; what they define differently is left out.
        """
        if article is None:
            return cls()
        own = _defined_in(article.document)
        cited = {d.document_id: _defined_in(d) for d in documents}
        in_texts = agreed(d for found in (own, *cited.values()) for d in found)
        entries = _entries(article.glossary, in_texts)
        abbreviations: dict[str, GlossaryEntry] = {}
        terms: dict[str, GlossaryEntry] = {}
        spellings: dict[str, bool] = {}  # whether each is an abbreviation
        for entry in entries:
            for form, short in _forms(entry):
                plain = plain_abbreviation(form) if short else plain_term(form)
                (abbreviations if short else terms).setdefault(plain, entry)
                spellings.setdefault(form, short)
        # not for the article itself: its own glossary is meant for its own text
        otherwise = {key: _otherwise(found, abbreviations) for key, found in cited.items()}
        return cls(
            pattern=pattern_of(spellings),
            abbreviations=abbreviations,
            terms=terms,
            otherwise=otherwise,
        )

    def uses(self, text: str, *, document_id: str | None = None) -> tuple[TermUse, ...]:
        """Return every mention in a text, sorted and not overlapping; offsets are characters.

        Left out are places where the text itself writes an abbreviation out, and abbreviations
        that the text, or the document `document_id` that it is from, uses for something else.
        """
        if self.pattern is None:
            return ()
        own = tuple(definitions(text))
        written_out_at = {definition.start for definition in own}
        foreign = _otherwise(own, self.abbreviations)
        foreign |= self.otherwise.get(document_id or "", frozenset())
        found = (self._use(match) for match in self.pattern.finditer(text))
        return tuple(
            use
            for use in found
            if use.kind == "term"
            or not (
                use.start in written_out_at
                or singular(use.text) in foreign
                or self._is_written_out(text, use)
            )
        )

    def explain(self, statements: Iterable[Statement]) -> tuple[Statement, ...]:
        """Return statements, each of which quotes one document, with the terms in their texts."""
        return tuple(
            replace(s, terms=self.uses(s.text, document_id=s.citations[0].document_id))
            for s in statements
        )

    def _use(self, match: re.Match[str]) -> TermUse:
        text = match[0]
        entry = self._abbreviation(text)
        plain = plain_term(text)
        term = entry or self.terms.get(plain) or self.terms[plain.removesuffix("s")]
        return TermUse(
            start=match.start(),
            end=match.end(),
            text=text,
            kind="term" if entry is None else "abbreviation",
            meaning=term.meaning or None,
            written_out=None if entry is None else entry.written_out,
        )

    def _abbreviation(self, text: str) -> GlossaryEntry | None:
        plain = plain_abbreviation(text)
        return self.abbreviations.get(plain) or self.abbreviations.get(singular(plain))

    def _is_written_out(self, text: str, use: TermUse) -> bool:
        """Tell whether the text says right beside an abbreviation what it stands for."""
        entry = self._abbreviation(use.text)
        for known in _stands_for(entry):
            reach = 2 * len(known) + 10
            before = text[max(0, use.start - reach) : use.start].rstrip()
            after = text[use.end : use.end + reach].lstrip()
            wanted = f" {folded(known)} "
            if before.endswith("(") and f" {folded(before)} ".endswith(wanted):
                return True
            if after.startswith("(") and f" {folded(after.split(')')[0])} ".startswith(wanted):
                return True
        return False


class Wordings:
    """The wordings of a library's articles, each made when it is first asked for and then kept."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: dict[str, tuple[Article, Wording]] = {}

    def of(self, article: Article | None) -> Wording:
        """Return the wording of an article with its stored cited texts; empty for None."""
        if article is None:
            return Wording()
        kept = self._kept.get(article.slug)
        if kept is None or kept[0] is not article:
            ids = self._library.scope(article.slug).document_ids
            documents = [self._library.document(key) for key in ids if key != article.slug]
            kept = (article, Wording.of(article, documents))
            self._kept[article.slug] = kept
        return kept[1]


def viewed(text: str, uses: Sequence[TermUse], audience: Audience) -> tuple[Piece, ...]:
    """Return a text as an audience sees it, in pieces; without those added it is the text itself.

    `uses` are those of this text. For a clinician nothing is added and nothing marked.
    """
    if audience == "clinician" or not uses:
        return (Piece(text=text),) if text else ()
    return tuple(piece for piece in _pieces(text, uses) if piece.text)


def _pieces(text: str, uses: Sequence[TermUse]) -> Iterator[Piece]:
    at = 0
    mentioned: set[str] = set()
    for use in uses:
        yield Piece(text=text[at : use.start])
        yield Piece(text=use.text, use=use)
        at = use.end
        short = singular(use.text)
        if use.written_out and short not in mentioned:
            mentioned.add(short)
            first = _first_mention(text, short, uses) == use.start
            if first and _can_be_added(use.written_out):
                yield Piece(text=f" ({use.written_out})", added=True, use=use)
    yield Piece(text=text[at:])


def _can_be_added(words: str) -> bool:
    numbers = any(c.isnumeric() for c in words)
    return not numbers and _NUMBER_WORD_OR_NEGATION.search(words) is None


def viewed_text(text: str, uses: Sequence[TermUse], audience: Audience) -> str:
    """Return a text as an audience reads it, with what is added to it."""
    return "".join(piece.text for piece in viewed(text, uses, audience))


def explained(uses: Iterable[TermUse]) -> tuple[TermUse, ...]:
    """Return the first use of each term, in order, for a list of words explained."""
    first: dict[str, TermUse] = {}
    for use in uses:
        first.setdefault(use.meaning or (use.written_out or use.text).lower(), use)
    return tuple(first.values())


def _first_mention(text: str, short: str, uses: Sequence[TermUse]) -> int:
    """Return where an abbreviation first stands, other than inside another term; -1: nowhere.

    Where that is not one of the uses, the text writes it out there by itself.
    """
    for match in bounded(short).finditer(text):
        covering = (u for u in uses if u.start <= match.start() < u.end)
        if all(singular(use.text) == short for use in covering):
            return match.start()
    return -1


def _defined_in(document: Document) -> tuple[Definition, ...]:
    blocks = (document.text[block.start : block.end] for block in document.blocks)
    return tuple(d for part in (document.title, *blocks) for d in definitions(part))


def _entries(
    glossary: Sequence[GlossaryEntry], in_texts: Mapping[str, str]
) -> Iterator[GlossaryEntry]:
    """Give the glossary, and the abbreviations of the texts that it does not name."""
    for entry in glossary:
        written_out = (entry.written_out or "").strip() or in_texts.get(entry.term)
        yield replace(entry, meaning=entry.meaning.strip(), written_out=written_out)
    named = {form for entry in glossary for form in (entry.term, *entry.variants)}
    for short, long in in_texts.items():
        if short not in named:
            yield GlossaryEntry(term=short, written_out=long)


def _forms(entry: GlossaryEntry) -> Iterator[tuple[str, bool]]:
    """Give the spellings of an entry, and whether each is an abbreviation."""
    for form in map(str.strip, (entry.term, *entry.variants)):
        short = entry.written_out is not None and is_abbreviation_of(form, entry.term)
        if plain_term(form) and (short or entry.meaning):
            yield form, short
    if entry.meaning and plain_term(entry.written_out or ""):
        yield entry.written_out or "", False


def _stands_for(entry: GlossaryEntry | None) -> Iterator[str]:
    """Give the spellings of what an abbreviation stands for."""
    if entry is not None and entry.written_out:
        yield entry.written_out
        yield from (form for form in entry.variants if not is_abbreviation_of(form, entry.term))


def _otherwise(
    found: Iterable[Definition], abbreviations: Mapping[str, GlossaryEntry]
) -> frozenset[str]:
    """Return the abbreviations that are defined here as something else than their entry says."""
    return frozenset(
        definition.short
        for definition in found
        if (entry := abbreviations.get(plain_abbreviation(definition.short))) is not None
        and folded(definition.long) not in map(folded, _stands_for(entry))
    )
