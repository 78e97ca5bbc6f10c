"""What one run at NCBI still has to settle, what it has found, and what failed and why."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from corpus.errors import FetchError
from corpus.records import Document, Reference
from ingest.drafts import Parsed
from ingest.jats_references import pmcid_of
from ingest.ncbi_ids import Identifier, IdentifierKind
from ingest.ncbi_replies import Link, PmcReply, Search

MISSES_TO_STOP = 2
# With these, and nothing ever answered, nothing more is tried.
_HOPELESS = ("unreachable", "slow", "refused")

Found = TypeVar("Found")


class Ncbi(Protocol):
    """What is asked of NCBI; see `ingest.ncbi_client.NcbiClient`."""

    has_answered: bool

    def pubmed(self, pmids: Sequence[str]) -> Parsed:
        """Return PubMed's records of some PMIDs."""
        ...

    def pmc(self, pmcids: Sequence[str]) -> PmcReply:
        """Return PMC's articles of some PMCIDs."""
        ...

    def search_dois(self, dois: Sequence[str], *, most: int) -> Search:
        """Return PMIDs that may belong to some DOIs."""
        ...

    def links(self, kind: IdentifierKind, ids: Sequence[str]) -> dict[str, Link]:
        """Return the other names of works that are in PMC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An identifier for which nothing can be stored, and why."""

    identifier: Identifier
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What one request brought.

    `found` pairs each identifier with the id of its document; `bare` are works whose record
    came without a text; `notes` are what else there is to know.
    """

    documents: tuple[Document, ...] = ()
    bare: tuple[Reference, ...] = ()
    found: tuple[tuple[Identifier, str], ...] = ()
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()


class Ledger:
    """The identifiers of one run: each is open until it is found or fails, once.

    `open` holds what is known of each open one's other names.
    """

    def __init__(self, ncbi: Ncbi, identifiers: Iterable[Identifier]) -> None:
        self._ncbi = ncbi
        self.open: dict[Identifier, Link] = {i: _given(i) for i in identifiers}
        self._reasons: dict[Identifier, str] = {}
        self._failures: list[Failure] = []
        self._notes: list[str] = []
        self._misses = 0
        self._stopped = ""

    def ask(self, waiting: Sequence[Identifier], ask: Callable[[], Found]) -> Found | None:
        """Return what a request finds; None when it fails, and then those who wait for it fail.

        After two failures in a row nothing more is asked. Raises FetchError when NCBI cannot be
        reached at all.
        """
        if self._stopped:
            self.fail(waiting, self._stopped)
            return None
        try:
            found = ask()
        except FetchError as error:
            if not self._ncbi.has_answered and error.kind in _HOPELESS:
                raise
            self._misses += 1
            self.fail(waiting, str(error))
            if self._misses >= MISSES_TO_STOP or error.kind == "refused":
                self._stopped = f"not asked any more after: {error}"
            return None
        self._misses = 0
        return found

    def agreeing(self, asked: Iterable[Identifier], record: Reference) -> list[Identifier]:
        """Return the open identifiers that a record does not contradict.

        Of the others nothing is known any more but what was asked: a link led astray.
        """
        own = {"pmid": record.pmid, "pmcid": pmcid_of(record.pmcid), "doi": record.doi}
        agreeing = []
        for identifier in asked:
            value = own[identifier.kind]
            if identifier not in self.open:
                continue
            if value is None or value.lower() == identifier.value.lower():
                agreeing.append(identifier)
            else:
                self.open[identifier] = _given(identifier)
                self.doubt([identifier], f"what was found for it is {value}, another work")
        return agreeing

    def doubt(self, identifiers: Iterable[Identifier], reason: str) -> None:
        """Take note of what will have been wrong if nothing is found for these."""
        self._reasons |= dict.fromkeys(identifiers, reason)

    def note(self, text: str) -> None:
        """Take note of something that is no failure."""
        self._notes.append(text)

    def fail(self, identifiers: Iterable[Identifier], reason: str) -> None:
        """Give up some identifiers; those that are settled stay so."""
        for identifier in identifiers:
            if self.open.pop(identifier, None) is not None:
                self._failures.append(Failure(identifier=identifier, reason=reason))

    def give_up(self) -> None:
        """Give up all that is still open, each for what was wrong with it."""
        for identifier in tuple(self.open):
            unknown = f"PubMed knows no work with this {identifier.kind.upper()}"
            self.fail([identifier], self._reasons.get(identifier, unknown))

    def drained(self, brought: Brought | None = None) -> Brought:
        """Return what was brought, with the failures and notes since the last time."""
        brought = brought or Brought()
        drained = replace(brought, failures=tuple(self._failures), notes=tuple(self._notes))
        self._failures, self._notes = [], []
        return drained


def _given(identifier: Identifier) -> Link:
    return Link(
        pmid=identifier.value if identifier.kind == "pmid" else None,
        pmcid=identifier.value if identifier.kind == "pmcid" else None,
    )
