"""A server on the loopback that plays NCBI with invented records, and ends with the test.

`plays` runs it. Scripted replies come first, in their order; after them it answers like the
real services: `efetch` from the recordings (and made-up records for PMIDs from 1000 on), `esearch`
with strangers for a DOI that it does not know, and the converter of identifiers for what is in PMC.
"""

import json
import re
import select
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ingest.ncbi_client import Access, NcbiClient
from ingest.ncbi_pace import Pace, Patience

RECORDINGS = Path(__file__).with_name("ncbi_recordings")
KEY = "0123456789abcdef0123456789abcdef0123"
EMAIL = "editor@journal.example"
XML = "text/xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
FIRST_MADE_UP = 1000
STRANGERS = ["101", "102", "103"]
DOIS = {
    "10.1000/taper(19)101-2": "101",
    "10.1000/imaginol": "102",
    "10.1000/letter": "103",
    "10.1000/si<1::aid>3.0.co;2-a": "1200",
}
IN_PMC: dict[str, dict[str, str | int]] = {
    "PMC9101": {"pmid": 101, "pmcid": "PMC9101", "doi": "10.1000/Taper(19)101-2"},
    "10.1000/taper(19)101-2": {"pmid": 101, "pmcid": "PMC9101"},
    "PMC9104": {"pmid": 104, "pmcid": "PMC9104", "doi": "10.1000/pmc-only"},
    "10.1000/pmc-only": {"pmid": 104, "pmcid": "PMC9104", "doi": "10.1000/pmc-only"},
    "10.1000/preprint": {"pmcid": "PMC9200", "doi": "10.1000/preprint"},
    "PMC9200": {"pmcid": "PMC9200", "doi": "10.1000/preprint"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply: `parts` are bytes and waits in seconds; `raw` ones stand for the whole reply."""

    parts: Iterable[bytes | float] = ()
    status: int = 200
    content_type: str = XML
    headers: tuple[tuple[str, str], ...] = ()
    raw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as the server saw it; `at` is when, on the clock of the test."""

    method: str
    service: str
    line: str
    fields: dict[str, str]
    headers: dict[str, str]
    at: float


class FakeClock:
    """A clock that only sleeping moves on; no chance in its waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, wait_s: float) -> None:
        """Move the clock on."""
        self.slept.append(wait_s)
        self.now += wait_s

    def pace(self, per_second: float = 3, patience: Patience | None = None) -> Pace:
        """Return a pace on this clock."""
        return Pace(
            per_second, patience, now=lambda: self.now, sleep=self.sleep, chance=lambda: 0.0
        )


@dataclass(slots=True)
class FakeNcbi:
    """A running server and what it saw."""

    script: Sequence[Reply] = ()
    clock: FakeClock = field(default_factory=FakeClock)
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def access(self, *, key: str = "", timeout_s: float = 10, max_bytes: int = 5_000_000) -> Access:
        """Return how it is asked."""
        return Access(
            email=EMAIL,
            api_key=key,
            eutils_url=f"{self.url}/eutils",
            idconv_url=f"{self.url}/idconv",
            timeout_s=timeout_s,
            max_bytes=max_bytes,
        )

    def client(
        self, *, key: str = "", timeout_s: float = 10, max_bytes: int = 5_000_000
    ) -> NcbiClient:
        """Return a client that asks it, on the clock of the test."""
        access = self.access(key=key, timeout_s=timeout_s, max_bytes=max_bytes)
        return NcbiClient(access, self.clock.pace(access.per_second))

    def services(self) -> list[str]:
        """Return the services asked, in order."""
        return [seen.service for seen in self.seen]


@contextmanager
def plays(*script: Reply) -> Iterator[FakeNcbi]:
    """Run the server for the block."""
    ncbi = FakeNcbi(script)

    class Handler(_Handler):
        server_state = ncbi

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    ncbi.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield ncbi
    finally:
        ncbi.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


def unused_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def recording(name: str) -> bytes:
    """Return the bytes of a recorded reply."""
    return (RECORDINGS / name).read_bytes()


def made_up(pmid: str) -> str:
    """Return the record of a PMID that no recording holds."""
    doi = next((doi for doi, own in DOIS.items() if own == pmid), f"10.1000/made-up.{pmid}")
    doi = doi.replace("<", "&lt;").replace(">", "&gt;")
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>'
        f"<ArticleTitle>Made-up study {pmid}.</ArticleTitle><Abstract><AbstractText>Invented "
        f"finding {pmid}.</AbstractText></Abstract></Article></MedlineCitation><PubmedData>"
        f'<ArticleIdList><ArticleId IdType="doi">{doi}</ArticleId></ArticleIdList></PubmedData>'
        "</PubmedArticle>"
    )


def efetched(db: str, ids: Iterable[str]) -> bytes:
    """Return the reply of `efetch` to some ids."""
    name, article = ("pubmed.xml", "PubmedArticle") if db == "pubmed" else ("pmc.xml", "article")
    text = recording(name).decode()
    own = (
        r'<PMID Version="1">(\d+)' if db == "pubmed" else r'pub-id-type="pmc(?:id)?">(?:PMC)?(\d+)'
    )
    known = {}
    for found in re.findall(rf"<{article}[ >].*?</{article}>", text, re.DOTALL):
        match = re.search(own, found)
        assert match is not None
        known[match[1]] = found
    chosen = [
        known.get(i) or (made_up(i) if db == "pubmed" and int(i) >= FIRST_MADE_UP else "")
        for i in dict.fromkeys(ids)
    ]
    if not any(chosen):
        return recording("no_such_ids.xml")
    opening = "<PubmedArticle>" if db == "pubmed" else "<article "
    start, end = text.index(opening), text.rindex(f"</{article}>") + len(article) + 3
    return (text[:start] + "".join(chosen) + text[end:]).encode()


def esearched(term: str, most: int) -> bytes:
    """Return the reply of `esearch`: for an unknown DOI what its parts find."""
    asked = re.findall(r'"([^"]+)"\[doi\]', term)
    found = [DOIS[doi] for doi in asked if doi in DOIS]
    strange = len(found) < len(asked)
    ids = (STRANGERS + found if strange else found)[:most]
    count = 4321 if strange else len(found)
    return json.dumps({"esearchresult": {"count": str(count), "idlist": ids}}).encode()


def converted(ids: Iterable[str]) -> bytes:
    """Return the reply of the converter."""
    records = [
        {**IN_PMC[i], "requested-id": i}
        if i in IN_PMC
        else {"requested-id": i, "status": "error", "errmsg": "Identifier not found in PMC"}
        for i in ids
    ]
    return json.dumps({"status": "ok", "records": records}).encode()


class _Handler(BaseHTTPRequestHandler):
    server_state: FakeNcbi

    def do_GET(self) -> None:
        """Answer the converter's requests."""
        self._answer("GET", parse_qsl(urlsplit(self.path).query))

    def do_POST(self) -> None:
        """Answer the E-utilities' requests."""
        size = int(self.headers.get("content-length", 0))
        self._answer("POST", parse_qsl(self.rfile.read(size).decode()))

    def _answer(self, method: str, fields: Sequence[tuple[str, str]]) -> None:
        state = self.server_state
        seen = Seen(
            method=method,
            service=urlsplit(self.path).path.strip("/").split("/")[-1].removesuffix(".fcgi"),
            line=self.path,
            fields=dict(fields),
            headers={name.lower(): value for name, value in self.headers.items()},
            at=state.clock.now,
        )
        at = len(state.seen)
        state.seen.append(seen)
        self.close_connection = True
        reply = state.script[at] if at < len(state.script) else self._real(seen)
        with suppress(OSError):
            self._play(reply)

    def _real(self, seen: Seen) -> Reply:
        ids = seen.fields.get("ids", seen.fields.get("id", "")).split(",")
        if seen.service == "efetch":
            return Reply(parts=[efetched(seen.fields["db"], ids)])
        if seen.service == "esearch":
            found = esearched(seen.fields["term"], int(seen.fields["retmax"]))
            return Reply(parts=[found], content_type=JSON)
        return Reply(parts=[converted(ids)], content_type=JSON)

    def _play(self, reply: Reply) -> None:
        if not reply.raw:
            self.send_response(reply.status)
            if reply.content_type:
                self.send_header("Content-Type", reply.content_type)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
        for part in reply.parts:
            if isinstance(part, bytes):
                self.wfile.write(part)
                self.wfile.flush()
            else:
                self._wait(part)

    def _wait(self, wait_s: float) -> None:
        """Wait, and raise OSError as soon as the other side has hung up or the test ends."""
        ends = time.monotonic() + wait_s
        while (left_s := ends - time.monotonic()) > 0:
            readable, _, _ = select.select([self.connection], [], [], min(left_s, 0.02))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionResetError
            if self.server_state.ending.is_set():
                raise ConnectionAbortedError

    def log_message(self, *_: object) -> None:
        """Write nothing."""
