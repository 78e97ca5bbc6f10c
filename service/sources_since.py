"""What has become of an answer's sources since it was given: no model, only slices and digests.

A quote *holds* when it is its span of the very text that was read, or, where that text has changed
since, when it still stands there as whole sentences. Words that stand only inside a longer
sentence by now do not hold: what was put around them may turn their sense.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

from corpus.errors import FileInputError, NotFoundError
from corpus.library import Library
from corpus.records import Document, Reference, ReviewStatus, Span

# No answer has as many; a file with more was made to keep somebody busy.
MAX_QUOTES = 10_000

State = Literal["exact", "false", "moved", "inside", "gone", "removed"]
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote as a record has it; `marker` is None where the record has none."""

    marker: int | None
    document_id: str
    quote: str
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What became of a quote, as its `state` says.

    "exact" (same text, same place), "false" (same text, other words there), "removed" (no such
    document); in a changed text "moved" (whole sentences at `at`), "inside" (only within a longer
    sentence) or "gone".
    """

    quoted: Quoted
    state: State
    at: Span | None = None

    @property
    def holds(self) -> bool:
        """True when the quote can still be relied on."""
        return self.state in ("exact", "moved")


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack:
    """An article that is less far in its review than it was."""

    document_id: str
    was: ReviewStatus
    now: ReviewStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What changed, each by document id in order of first use.

    `changed` are texts that read otherwise; of these, `gone` no longer hold a quote. `retracted`
    and `concern` are those about which a notice was published and the record does not say so.
    """

    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()
    concern: tuple[str, ...] = ()
    review: tuple[FellBack, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return it as `contract/answer.schema.json` has it."""
        return {
            "changed": list(self.changed),
            "gone": list(self.gone),
            "removed": list(self.removed),
            "retracted": list(self.retracted),
            "concern": list(self.concern),
            "review": [
                {"document_id": r.document_id, "was": r.was.value, "now": r.now.value}
                for r in self.review
            ],
        }


def quotes_of(record: Record, name: str) -> tuple[Quoted, ...]:
    """Return every quote of a record's statements.

    Raises FileInputError naming what is malformed in the file `name`.
    """
    found: list[Quoted] = []
    for place, many in _citing(record, name):
        for one in many:
            found.append(_quoted(one, name, place))
            if len(found) > MAX_QUOTES:
                raise FileInputError(name, f"more than {MAX_QUOTES:,} quotes")
    return tuple(found)


def checked(quotes: Sequence[Quoted], library: Library) -> tuple[Check, ...]:
    """Return what became of each quote, in order."""
    texts = _Texts(library)
    return tuple(texts.check(quoted) for quoted in quotes)


def since(
    record: Record, checks: Sequence[Check], library: Library, *, name: str = "answer"
) -> Since:
    """Return what changed of the sources that the checks are about, and of the article asked.

    Raises FileInputError naming what is malformed in the file `name`.
    """
    references = _listed(record, "references", name)
    of_document: dict[str, list[Check]] = {}
    for check in checks:
        of_document.setdefault(check.quoted.document_id, []).append(check)
    states = {key: {check.state for check in many} for key, many in of_document.items()}
    told = _told(references, checks)
    notices = _notices(library, set(of_document))
    return Since(
        changed=tuple(k for k, s in states.items() if s & {"moved", "inside", "gone"}),
        gone=tuple(k for k, s in states.items() if s & {"inside", "gone"}),
        removed=tuple(k for k, s in states.items() if "removed" in s),
        retracted=tuple(
            k for k in states if "retraction" in notices[k] and "retraction" not in told.get(k, ())
        ),
        concern=tuple(
            k for k in states if "concern" in notices[k] and "concern" not in told.get(k, ())
        ),
        review=tuple(_fallen_back(record, references, library)),
    )


def since_saved(record: Record, library: Library) -> Since:
    """Return what changed since a record of our own store; nothing where it cannot be read."""
    try:
        checks = checked(quotes_of(record, "answer"), library)
        return since(record, checks, library)
    except FileInputError:
        return Since()


class _Texts:
    """A library's texts, each hashed and cut into sentences at most once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._documents: dict[str, tuple[Document, str] | None] = {}
        self._bounds: dict[str, tuple[tuple[int, ...], frozenset[int]]] = {}

    def check(self, quoted: Quoted) -> Check:
        """Return what became of a quote."""
        found = self._document(quoted.document_id)
        if found is None:
            return Check(quoted=quoted, state="removed")
        document, sha256 = found
        if sha256 == quoted.sha256:
            is_exact = document.text[quoted.start : quoted.end] == quoted.quote
            return Check(quoted=quoted, state="exact" if is_exact else "false")
        at = self._whole(document, quoted)
        if at is not None:
            return Check(quoted=quoted, state="moved", at=at)
        inside = bool(quoted.quote) and quoted.quote in document.text
        return Check(quoted=quoted, state="inside" if inside else "gone")

    def _document(self, document_id: str) -> tuple[Document, str] | None:
        if document_id not in self._documents:
            try:
                document = self._library.document(document_id)
                self._documents[document_id] = (document, document.sha256)
            except NotFoundError:
                self._documents[document_id] = None
        return self._documents[document_id]

    def _whole(self, document: Document, quoted: Quoted) -> Span | None:
        """Return where a quote stands as whole sentences: nearest to where it stood."""
        key, length = document.document_id, len(quoted.quote)
        if key not in self._bounds:
            spans = [(block.start, block.end) for block in document.blocks]
            spans += [(s.start, s.end) for block in document.blocks for s in block.sentences]
            starts = tuple(sorted({start for start, _ in spans}))
            self._bounds[key] = (starts, frozenset(end for _, end in spans))
        starts, ends = self._bounds[key]
        fitting = [
            start
            for start in starts
            if start + length in ends and document.text.startswith(quoted.quote, start)
        ]
        if not fitting:
            return None
        start = min(fitting, key=lambda place: (abs(place - quoted.start), place))
        return Span(start=start, end=start + length)


def _citing(record: Record, name: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists that hold quotes, each with its place in words."""
    for number, statement in enumerate(record["statements"], start=1):
        citations = statement.get("citations") if isinstance(statement, dict) else None
        place = f"statement {number}"
        if not isinstance(citations, list) or not citations:
            raise FileInputError(name, "has no citations", place=place)
        yield place, citations


def _listed(record: Record, key: str, name: str) -> list[dict[str, Any]]:
    """Return a list of objects that may be missing."""
    found = record.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise FileInputError(name, f"{key}: not a list of objects")
    return found


def _quoted(found: Any, name: str, place: str) -> Quoted:
    if not isinstance(found, dict):
        raise FileInputError(name, "malformed citation", place=place)
    texts = [found.get(key) for key in ("document_id", "quote", "sha256")]
    start, end, marker = found.get("start"), found.get("end"), found.get("marker")
    if not (_is_number(start) and _is_number(end) and 0 <= start < end):
        raise FileInputError(name, "malformed citation", place=place)
    if not all(isinstance(text, str) for text in texts):
        raise FileInputError(name, "malformed citation", place=place)
    return Quoted(
        marker=marker if _is_number(marker) else None,
        document_id=str(texts[0]),
        quote=str(texts[1]),
        sha256=str(texts[2]),
        start=start,
        end=end,
    )


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _told(references: Sequence[Record], checks: Sequence[Check]) -> dict[str, set[str]]:
    """Return what the record itself tells of its sources: notices that were known then."""
    by_marker = {check.quoted.marker: check.quoted.document_id for check in checks}
    found: dict[str, set[str]] = {}
    for reference in references:
        key = reference.get("document_id")
        if not isinstance(key, str):  # a record of an earlier version
            marker = reference.get("marker")
            key = by_marker.get(marker) if _is_number(marker) else None
        if key is None:
            continue
        known = found.setdefault(key, set())
        if reference.get("retracted") is True:
            known.add("retraction")
        if reference.get("concern") is True:
            known.add("concern")
    return found


def _notices(library: Library, document_ids: set[str]) -> dict[str, set[str]]:
    """Return what was published about documents, by whatever entry of the library tells it."""
    found: dict[str, set[str]] = {key: set() for key in document_ids}
    listed = ((r.document_id, r) for article in library.articles() for r in article.references)
    for key, reference in (*_own(library, document_ids), *listed):
        if key in found:
            found[key].update(notice.kind for notice in reference.notices)
            if reference.retracted:
                found[key].add("retraction")
    return found


def _own(library: Library, document_ids: set[str]) -> Iterator[tuple[str, Reference]]:
    for key in sorted(document_ids):
        try:
            reference = library.document(key).reference
        except NotFoundError:
            continue
        if reference is not None:
            yield key, reference


def _fallen_back(
    record: Record, references: Sequence[Record], library: Library
) -> Iterator[FellBack]:
    """Yield the article asked about and the articles quoted that are less far in review now."""
    steps = tuple(ReviewStatus)
    said = [(record.get("article"), record.get("review_status"))]
    said += [(one.get("document_id"), one.get("review_status")) for one in references]
    # the first counts: what the record says of the article that was asked
    said.reverse()
    earlier = {str(slug): was for slug, was in said if isinstance(slug, str) and was in steps}
    now = {article.slug: article.review_status for article in library.articles()}
    for slug, value in earlier.items():
        was = ReviewStatus(value)
        if slug in now and steps.index(now[slug]) < steps.index(was):
            yield FellBack(document_id=slug, was=was, now=now[slug])
