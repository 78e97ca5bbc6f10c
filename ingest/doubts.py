"""Matches that a person must decide: found, told as findings, and confirmed with `--tie`."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.errors import InputError, NotFoundError
from corpus.records import Article, Reference
from ingest.matching import Citable, Match, compare, completed, names_of, record_of
from ingest.title_matching import title_key

PREFIX = "Doubtful match: "
MAX_FOR_ENTRY = 3
MAX_TITLE_CHARS = 80
# Words that stand in more titles than this do not make two titles worth comparing.
COMMON_TITLES = 20
COMMON_SHARE = 50
_TIE = re.compile(r"(?P<slug>.+?):(?P<entry>#?[0-9]+)=(?P<document_id>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An entry of an article's list, a stored document that may be its abstract, and why."""

    slug: str
    entry: str
    title: str
    document_id: str
    match: Match

    def __str__(self) -> str:
        shown = self.title if len(self.title) <= MAX_TITLE_CHARS else f"{self.title[:77]}…"
        return (
            f"{PREFIX}entry {self.entry} “{shown}” may be {self.document_id} "
            f"(score {self.match.score:.2f}: {self.match.why}); not tied. "
            f"To tie it: --tie {self.slug}:{self.entry}={self.document_id}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A match that a person confirmed: `entry` is a printed number, or `#` and a position."""

    slug: str
    entry: str
    document_id: str


def confirmed(text: str) -> Confirmed:
    """Read `SLUG:NUMBER=ID` or `SLUG:#POSITION=ID`; raises InputError."""
    match = _TIE.fullmatch(text.strip())
    if match is None:
        raise InputError(
            f"--tie {text[:80]!r}: expected SLUG:NUMBER=ID (or SLUG:#POSITION=ID), "
            "as in cop:3=pmid:12345"
        )
    return Confirmed(slug=match["slug"], entry=match["entry"], document_id=match["document_id"])


def tie_confirmed(article: Article, tie: Confirmed, document: Citable) -> Article:
    """Tie the entry to the document; raises NotFoundError when the list has no such entry."""
    references = list(article.references)
    position = _position(references, tie)
    entry, record = references[position], record_of(document)
    references[position] = completed(entry, record, tie.document_id)
    kept = [
        reference
        for i, reference in enumerate(references)
        if i == position or reference.document_id != tie.document_id or is_listed(reference)
    ]
    return replace(article, references=tuple(kept))


def is_listed(reference: Reference) -> bool:
    """Tell an entry of the article's own list from an abstract that was added to it."""
    return reference.number is not None or bool(reference.as_listed)


def entry_name(references: Sequence[Reference], position: int) -> str:
    """Return what an entry is called: its number, else `#` and its position from 1."""
    number = references[position].number
    return f"#{position + 1}" if number is None else str(number)


class Candidates:
    """Stored abstracts, found by any name of the work or by the rarer words of their titles."""

    def __init__(self, documents: Iterable[Citable]) -> None:
        self.by_id: dict[str, Citable] = {}
        self._named: dict[str, list[str]] = {}
        words: dict[str, list[str]] = {}
        for document in documents:
            self.by_id[document.document_id] = document
            record = record_of(document)
            for name in names_of(record):
                self._named.setdefault(name, []).append(document.document_id)
            for word in set(title_key(record.title).split()):
                words.setdefault(word, []).append(document.document_id)
        limit = max(COMMON_TITLES, len(self.by_id) // COMMON_SHARE)
        self._words = {word: ids for word, ids in words.items() if len(ids) <= limit}

    def named(self, reference: Reference) -> list[Citable]:
        """Return the documents that bear a name of this work, by id."""
        found = {key for name in names_of(reference) for key in self._named.get(name, ())}
        return [self.by_id[key] for key in sorted(found)]

    def near(self, reference: Reference) -> list[Citable]:
        """Return the documents that bear a name of this work or rarer words of its title."""
        rare = [w for w in set(title_key(reference.title).split()) if w in self._words]
        counted = Counter(key for word in rare for key in self._words[word])
        shared = {key for key, count in counted.items() if 2 * count >= len(rare)}
        named = {document.document_id for document in self.named(reference)}
        return [self.by_id[key] for key in sorted(shared | named)]


def doubts(article: Article, candidates: Candidates) -> tuple[Doubt, ...]:
    """Return, for each entry without an abstract, the documents that may hold it, best first."""
    held = {r.document_id for r in article.references if is_listed(r)}
    found: list[Doubt] = []
    for position, reference in enumerate(article.references):
        if reference.document_id is not None:
            continue
        matches = [
            Doubt(
                slug=article.slug,
                entry=entry_name(article.references, position),
                title=reference.title,
                document_id=document.document_id,
                match=_told(compare(reference, record_of(document))),
            )
            for document in candidates.near(reference)
            if document.document_id not in held and document.document_id != article.slug
        ]
        worth = [doubt for doubt in matches if doubt.match.kind == "doubtful"]
        worth.sort(key=lambda doubt: (-doubt.match.score, doubt.document_id))
        found += worth[:MAX_FOR_ENTRY]
    return tuple(found)


def with_findings(article: Article, found: Sequence[Doubt]) -> Article:
    """Return the article with these doubts among its findings, in the place of earlier ones."""
    kept = tuple(finding for finding in article.findings if not finding.startswith(PREFIX))
    return replace(article, findings=(*kept, *map(str, found)))


def with_confirmed(
    articles: Mapping[str, Article], ties: Sequence[Confirmed], documents: Mapping[str, Citable]
) -> dict[str, Article]:
    """Return the articles with these ties; raises NotFoundError naming what is not there."""
    changed = dict(articles)
    for tie in ties:
        if tie.document_id not in documents:
            raise NotFoundError(f"--tie: no abstract {tie.document_id!r} in this library")
        changed[tie.slug] = tie_confirmed(changed[tie.slug], tie, documents[tie.document_id])
    return changed


def _told(match: Match) -> Match:
    """Make a certain match that was not taken a doubtful one: several entries or works fit."""
    if match.kind != "same":
        return match
    return replace(match, kind="doubtful", why=f"{match.why}, but not the only one that fits")


def _position(references: Sequence[Reference], tie: Confirmed) -> int:
    if tie.entry.startswith("#"):
        position = int(tie.entry[1:]) - 1
        if 0 <= position < len(references):
            return position
    else:
        for position, reference in enumerate(references):
            if reference.number == int(tie.entry):
                return position
    raise NotFoundError(f"--tie: the list of {tie.slug} has no entry {tie.entry}")
