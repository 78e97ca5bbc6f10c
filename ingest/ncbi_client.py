"""NCBI's services as this program asks them: `efetch`, `esearch`, and PMC's converter of ids.

https://www.ncbi.nlm.nih.gov/books/NBK25499/ (E-utilities),
https://pmc.ncbi.nlm.nih.gov/tools/id-converter-api/ (converter). Every request bears `tool` and,
where it is known, `email`. The key goes in the body of a POST, never into an address.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from corpus.errors import FetchError
from ingest.drafts import Parsed
from ingest.ncbi_ids import IdentifierKind
from ingest.ncbi_line import LineError, Request, answered
from ingest.ncbi_pace import PER_SECOND, PER_SECOND_WITH_KEY, Pace
from ingest.ncbi_replies import (
    Link,
    PmcReply,
    Search,
    read_links,
    read_pmc,
    read_pubmed,
    read_search,
)

EUTILS_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
IDCONV_URL = "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles"
TOOL = "sequitur"
MAX_REPLY_BYTES = 64_000_000
MAX_REASON_CHARS = 200
# What may be better in a moment.
PASSING = ("unreachable", "slow", "busy", "server_error", "nonsense")
# A network that is not there is not there a minute later; so long as nothing ever came.
FIRST_ATTEMPTS = 2

Read = TypeVar("Read", Parsed, PmcReply, Search, dict[str, Link])
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where NCBI is and who asks; the key never shows. An empty address is NCBI's own."""

    email: str = ""
    api_key: str = field(default="", repr=False)
    eutils_url: str = ""
    idconv_url: str = ""
    timeout_s: float = 60.0
    max_bytes: int = MAX_REPLY_BYTES

    @property
    def per_second(self) -> int:
        """How many requests a second NCBI allows."""
        return PER_SECOND_WITH_KEY if self.api_key else PER_SECOND


class NcbiClient:
    """Asks NCBI, at its pace and with patience; every method raises FetchError in the end."""

    def __init__(self, access: Access, pace: Pace | None = None) -> None:
        self._access = access
        self._pace = pace or Pace(access.per_second)
        self.has_answered = False

    def pubmed(self, pmids: Sequence[str]) -> Parsed:
        """Return PubMed's records of up to some hundred PMIDs, in no promised order."""
        fields = {"db": "pubmed", "id": ",".join(pmids), "retmode": "xml"}
        return self._tried(self._eutils("efetch", fields), read_pubmed)

    def pmc(self, pmcids: Sequence[str]) -> PmcReply:
        """Return PMC's articles: whole in the open-access subset, front matter elsewhere."""
        numbers = ",".join(pmcid.removeprefix("PMC") for pmcid in pmcids)
        fields = {"db": "pmc", "id": numbers, "retmode": "xml"}
        return self._tried(self._eutils("efetch", fields), read_pmc)

    def search_dois(self, dois: Sequence[str], *, most: int) -> Search:
        """Return PMIDs that may belong to some DOIs, at most so many.

        subtle: for a DOI that it does not know PubMed searches for its parts and finds strangers,
        so a record belongs to a DOI only when it says so itself.
        """
        term = " OR ".join(f'"{doi}"[doi]' for doi in dois)
        fields = {"db": "pubmed", "term": term, "retmax": str(most), "retmode": "json"}
        return self._tried(self._eutils("esearch", fields), read_search)

    def links(self, kind: IdentifierKind, ids: Sequence[str]) -> dict[str, Link]:
        """Return the other names of works that are in PMC, by the id asked; unknown ones lack.

        A DOI with a comma cannot be asked: the comma parts ids.
        """
        fields = {"ids": ",".join(ids), "idtype": kind, "format": "json", "versions": "no"}
        url = f"{self._access.idconv_url or IDCONV_URL}/"
        request = Request(url=url, fields={**fields, **self._who()}, is_post=False)
        return self._tried(request, read_links, attempts=2)

    def _eutils(self, name: str, fields: dict[str, str]) -> Request:
        key = {"api_key": self._access.api_key} if self._access.api_key else {}
        url = f"{self._access.eutils_url or EUTILS_URL}/{name}.fcgi"
        return Request(url=url, fields={**fields, **self._who(), **key})

    def _who(self) -> dict[str, str]:
        email = {"email": self._access.email} if self._access.email else {}
        return {"tool": TOOL, **email}

    def _tried(
        self, request: Request, read: Callable[[bytes], Read], *, attempts: int | None = None
    ) -> Read:
        """Send a request as often as is sensible; return what its first good reply holds."""
        failed = 0
        while True:
            self._pace.wait_turn()
            try:
                found = read(self._sent(request))
            except FetchError as error:
                failure = self._masked(error)
            else:
                self.has_answered = True
                return found
            failed += 1
            asked_s = failure.retry_after_s
            most = attempts or self._pace.patience.attempts
            if not self.has_answered and failure.kind == "unreachable":
                most = min(most, FIRST_ATTEMPTS)
            if failure.kind not in PASSING or failed >= most:
                raise failure
            _log.info("%s; trying again", failure)
            if not self._pace.waits(failed, asked_s):
                raise failure

    def _sent(self, request: Request) -> bytes:
        timeout_s, max_bytes = self._access.timeout_s, self._access.max_bytes
        return answered(request, timeout_s=timeout_s, max_bytes=max_bytes)

    def _masked(self, error: FetchError) -> LineError:
        """Return an error in few words and without the key, which a reply may have sent back."""
        text, key = str(error), self._access.api_key
        text = text.replace(key, "…") if key else text
        return LineError(
            error.kind,
            text if len(text) <= MAX_REASON_CHARS else f"{text[:MAX_REASON_CHARS]}…",
            retry_after_s=getattr(error, "retry_after_s", None),
        )
