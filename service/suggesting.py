"""What to ask next: questions that were asked beforehand, and were answered.

They are kept beside the index, in `<library>/index/suggestions.json`:

    {"format", "version", "made_by", "corpus_fingerprint", "index_fingerprint",
     "articles": {slug: {"scope", "asked", "suggestions": [...]}}}

A file made from another corpus or index, by other code or other models, is passed over, and so
is one that cannot be read: then nothing is suggested. No model runs when an answer is given.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from corpus.answers import Citation, Provenance, Statement
from corpus.library import Library, fingerprint
from corpus.records import Article
from index.lexical import terms
from index.retriever import Hit

FORMAT = "sequitur-suggestions"
VERSION = 2
SHOWN = 3
NEAR_HITS = 3
# Two questions that share this part of the shorter one's words ask nearly the same.
ALIKE = 0.5
_DOORS = re.compile(
    r"(?:http_\w+|api|pages|problems|streaming|store|wire|terminal|cli|demo|building|verifying|"
    r"swapping|sources_since|preparing|beside|__init__)\.py"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stretch of a document's text."""

    document_id: str
    start: int
    end: int

    def meets(self, other: "Place") -> bool:
        """Tell whether two places share a character."""
        same = self.document_id == other.document_id
        return same and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question with its answer's confidence (0 to 1) as found when it was tried.

    `at` is where the article answers it and `section` the outermost section there. `shown` are
    the places quoted by the answer's first statement. `in_library` tells that it was also answered
    when the whole library was asked, with the article's title before it.
    """

    text: str
    confidence: float
    at: int
    section: str
    shown: tuple[Place, ...]
    in_library: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfArticle:
    """The suggestions of one article; `scope` is the fingerprint of the texts they were asked of.

    `asked` counts the questions that were tried.
    """

    scope: str
    asked: int
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The file's content; `made_by` is the digest of the code and models that asked."""

    made_by: str
    corpus_fingerprint: str
    index_fingerprint: str
    articles: dict[str, OfArticle]

    def belongs_to(self, provenance: Provenance) -> bool:
        """Tell whether answers of this provenance are those that were checked."""
        return (self.made_by, self.corpus_fingerprint, self.index_fingerprint) == (
            maker_digest(provenance),
            provenance.corpus_fingerprint,
            provenance.index_fingerprint,
        )


class Suggestions:
    """The suggestions of one library, read at first use and again when the file changes."""

    def __init__(
        self,
        library: Library,
        provenance: Provenance,
        *,
        threshold: float = 0.0,
        may_be_asked: Callable[[Article], bool] = lambda _: True,
    ) -> None:
        self._library = library
        self._may_be_asked = may_be_asked
        self._provenance = provenance
        self._threshold = threshold
        self._stamp: tuple[int, int] | None = None
        self._articles: dict[str, OfArticle] = {}

    def follow(self, earlier: "Suggestions") -> None:
        """Take over what `earlier` has for articles whose texts are the same here.

        So there is something to suggest from a new index until its own file is written.
        """
        earlier._refresh()  # noqa: SLF001 - of the same class
        articles = {article.slug: article for article in self._library.articles()}
        self._articles = {
            slug: found
            for slug, found in earlier._articles.items()  # noqa: SLF001
            if slug in articles and found.scope == scope_of(self._library, articles[slug])
        }

    def after_answer(
        self, within: str | None, asked: Sequence[str], statements: Sequence[Statement]
    ) -> tuple[str, ...]:
        """Return at most three questions that go on from an answer.

        `within` is what the question was asked within, `asked` all questions of the conversation,
        the present one included.
        """
        shown = places_of(statements)
        return self._suggest(within, asked, near=shown, shown=shown)

    def after_refusal(
        self, within: str | None, asked: Sequence[str], hits: Sequence[Hit]
    ) -> tuple[str, ...]:
        """Return at most three questions that would be answered, the nearest sections first."""
        passages = [hit.passage for hit in hits[:NEAR_HITS]]
        near = tuple(Place(document_id=p.document_id, start=p.start, end=p.end) for p in passages)
        return self._suggest(within, asked, near=near, shown=())

    def opening(self, within: str) -> tuple[str, ...]:
        """Return at most three questions to begin with."""
        return self._suggest(within, (), near=(), shown=())

    def _suggest(
        self,
        within: str | None,
        asked: Sequence[str],
        *,
        near: Sequence[Place],
        shown: Sequence[Place],
    ) -> tuple[str, ...]:
        self._refresh()
        article = self._article_of(within, near)
        stored = self._articles.get(article.slug) if article else None
        if article is None or stored is None:
            return ()
        usable = [
            s
            for s in stored.suggestions
            if s.confidence >= self._threshold and (within is not None or s.in_library)
        ]
        chosen = suggest(
            usable,
            asked=asked,
            near=_in_article(article, near),
            shown=shown,
            common=frozenset(terms(article.title)),
        )
        return chosen if within is not None else tuple(titled(article.title, q) for q in chosen)

    def _refresh(self) -> None:
        path = file_of(self._library)
        try:
            found = path.stat()
        except OSError:
            self._stamp, self._articles = None, {}
            return
        if self._stamp != (found.st_mtime_ns, found.st_ino):
            self._stamp = (found.st_mtime_ns, found.st_ino)
            saved = read(path)
            belongs = saved is not None and saved.belongs_to(self._provenance)
            if saved is not None and belongs:  # else what is known of these texts still holds
                self._articles = saved.articles

    def _article_of(self, within: str | None, near: Sequence[Place]) -> Article | None:
        """Return the article that was asked, or the one that the nearest places belong to."""
        every = filter(self._may_be_asked, self._library.articles())
        articles = {article.slug: article for article in every}
        if within is not None:
            return articles.get(within)
        for place in near:
            if place.document_id in articles:
                return articles[place.document_id]
        for place in near:
            for article in articles.values():
                if any(r.document_id == place.document_id for r in article.references):
                    return article
        return None


def suggest(
    stored: Sequence[Suggestion],
    *,
    asked: Sequence[str],
    near: Sequence[int],
    shown: Sequence[Place],
    common: frozenset[str],
    limit: int = SHOWN,
) -> tuple[str, ...]:
    """Return at most `limit` questions: the nearest to what was just read, each of its own kind.

    `near` are offsets in the article's text, `shown` what was just quoted (its questions are
    answered already), `common` the terms of the article's subject, which tell no two questions
    apart. Same input, same output.
    """
    least = min((_nearest(s, near) for s in stored), default=0)
    here = {s.section for s in stored if _nearest(s, near) == least}

    def order(one: Suggestion) -> tuple[bool, int, float, str]:
        return one.section not in here, _nearest(one, near), -one.confidence, one.text

    chosen: list[str] = []
    for suggestion in sorted(stored, key=order):
        if len(chosen) >= limit:
            break
        if any(place.meets(other) for place in suggestion.shown for other in shown):
            continue
        if not any(alike(suggestion.text, other, common) for other in (*asked, *chosen)):
            chosen.append(suggestion.text)
    return tuple(chosen)


def titled(title: str, question: str) -> str:
    """Return a question that can be asked without the article that it is about.

    >>> titled("Gout in adults", "How is it treated?")
    'Gout in adults: How is it treated?'
    >>> titled("What causes gout?", "How is it treated?")
    'What causes gout? How is it treated?'
    """
    return f"{title}{'' if title.endswith(('?', '.', '!')) else ':'} {question}"


def alike(one: str, two: str, common: frozenset[str]) -> bool:
    """Tell whether two questions ask nearly the same, the words that all have in common apart."""
    first, second = set(terms(one)), set(terms(two))
    if first - common and second - common:
        first, second = first - common, second - common
    elif first - common or second - common:
        return False
    shorter = min(len(first), len(second))
    return shorter > 0 and len(first & second) >= ALIKE * shorter


def _nearest(suggestion: Suggestion, near: Sequence[int]) -> int:
    return min((abs(suggestion.at - offset) for offset in near), default=0)


def _in_article(article: Article, near: Sequence[Place]) -> tuple[int, ...]:
    """Return where places lie in an article's text; an abstract lies where it is cited."""
    numbers = {r.document_id: r.number for r in article.references if r.document_id is not None}
    found: list[int] = []
    for place in near:
        if place.document_id == article.slug:
            found.append(place.start)
        elif (number := numbers.get(place.document_id)) is not None:
            found += [c.at for c in article.document.callouts if number in c.numbers]
    return tuple(found)


def places_of(statements: Sequence[Statement]) -> tuple[Place, ...]:
    """Return where the quotes of statements stand."""
    return tuple(place_of(citation) for said in statements for citation in said.citations)


def place_of(citation: Citation) -> Place:
    """Return where a citation's quote stands."""
    return Place(document_id=citation.document_id, start=citation.start, end=citation.end)


def file_of(library: Library) -> Path:
    """Return where a library's suggestions are kept."""
    return library.folder / "index" / "suggestions.json"


def scope_of(library: Library, article: Article) -> str:
    """Return the fingerprint of all texts that an article's questions are answered from."""
    texts = [library.document(key) for key in library.scope(article.slug).document_ids]
    sections = [[s.title, s.start, s.end] for s in article.document.sections]
    return fingerprint([[[d.document_id, d.title, d.sha256] for d in texts], sections])


def maker_digest(provenance: Provenance) -> str:
    """Return the digest of what decides whether a question is answered: code, models, engine."""
    code = {f"{p}/{name}": text for p in ("index", "service") for name, text in _modules(p)}
    made_with = {"engine": provenance.engine, "models": dict(provenance.models)}
    return fingerprint({"code": code, **made_with})


def _modules(package: str) -> Iterator[tuple[str, str]]:
    """Yield the package's modules by name with their text, without the doors of the service."""
    for file in sorted(resources.files(package).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".py") and not _DOORS.fullmatch(file.name):
            yield file.name, file.read_text(encoding="utf-8")


def as_json(saved: Saved) -> dict[str, Any]:
    """Return the file's content as JSON."""
    return {"format": FORMAT, "version": VERSION, **dataclasses.asdict(saved)}


def read(path: Path) -> Saved | None:
    """Read the file; None when it is not there, is damaged or has another format."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if (found.pop("format"), found.pop("version")) != (FORMAT, VERSION):
            return None
        articles = {slug: _of_article(value) for slug, value in found.pop("articles").items()}
        return Saved(articles=articles, **found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _of_article(value: dict[str, Any]) -> OfArticle:
    every = value.pop("suggestions")
    for one in every:
        one["shown"] = tuple(Place(**place) for place in one["shown"])
    return OfArticle(suggestions=tuple(Suggestion(**one) for one in every), **value)
