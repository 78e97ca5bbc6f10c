"""Asking NCBI over a connection: what it sees, how its failures are met, what is never told."""

import gzip
import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from corpus.errors import FetchError
from ingest.ncbi_client import Access, NcbiClient
from ingest.ncbi_pace import Patience
from tests.ingest.ncbi_server import (
    EMAIL,
    JSON,
    KEY,
    FakeClock,
    FakeNcbi,
    Reply,
    efetched,
    plays,
    recording,
    unused_port,
)

GOOD = Reply(parts=[efetched("pubmed", ["101"])])
HTML = Reply(parts=[recording("maintenance.html")], content_type="text/html; charset=utf-8")
BUSY = Reply(status=429, parts=[b'{"error":"API rate limit exceeded"}'], content_type=JSON)


def titles(client: NcbiClient, *pmids: str) -> list[str]:
    """Return the titles of what PubMed sends."""
    return [d.title for d in client.pubmed(pmids or ("101",)).documents]


def refusal(ncbi: FakeNcbi, client: NcbiClient | None = None) -> FetchError:
    """Return the error that asking for a record ends in."""
    with pytest.raises(FetchError) as failed:
        (client or ncbi.client(key=KEY)).pubmed(["101"])
    message = str(failed.value)
    assert message.isprintable()
    assert KEY not in message
    assert KEY not in repr(failed.value.__context__)
    return failed.value


def test_ncbi_sees_who_asks_and_the_ids_in_the_body() -> None:
    """`tool`, `email` and the key go in the body of a POST; the address holds none of them."""
    with plays() as ncbi:
        assert titles(ncbi.client(key=KEY), "101", "102") != []
    (seen,) = ncbi.seen
    assert (seen.method, seen.line) == ("POST", "/eutils/efetch.fcgi")
    assert seen.fields == {
        "db": "pubmed",
        "id": "101,102",
        "retmode": "xml",
        "tool": "sequitur",
        "email": EMAIL,
        "api_key": KEY,
    }
    assert seen.headers["user-agent"] == "sequitur"


def test_without_address_and_key_neither_is_sent() -> None:
    """An empty parameter would be an address that is none."""
    with plays() as ncbi:
        NcbiClient(replace(ncbi.access(), email=""), ncbi.clock.pace()).pubmed(["101"])
    assert not {"email", "api_key"} & set(ncbi.seen[0].fields)


def test_the_converter_never_gets_the_key() -> None:
    """It is asked by an address, where a key has no place."""
    with plays() as ncbi:
        links = ncbi.client(key=KEY).links("pmcid", ["PMC9104", "PMC1"])
    (seen,) = ncbi.seen
    assert (seen.method, seen.fields["idtype"], seen.fields["email"]) == ("GET", "pmcid", EMAIL)
    assert KEY not in seen.line
    assert {k: (v.pmid, v.pmcid) for k, v in links.items()} == {"PMC9104": ("104", "PMC9104")}


def test_a_search_puts_each_doi_in_quotes_in_its_field() -> None:
    """Brackets and semicolons of a DOI are no syntax of the search."""
    with plays() as ncbi:
        found = ncbi.client().search_dois(["10.1000/taper(19)101-2", "10.1000/imaginol"], most=9)
    assert ncbi.seen[0].fields["term"] == '"10.1000/taper(19)101-2"[doi] OR "10.1000/imaginol"[doi]'
    assert (found.count, found.pmids) == (2, ("101", "102"))


@pytest.mark.parametrize(("key", "per_second"), [("", 3), (KEY, 10)])
def test_requests_keep_ncbis_pace(key: str, per_second: int) -> None:
    """3 a second without a key, 10 with one, first and further attempts alike."""
    script = [BUSY if n % 7 == 3 else GOOD for n in range(40)]
    with plays(*script) as ncbi:
        client = ncbi.client(key=key)
        for _ in range(30):
            titles(client)
    starts = [seen.at for seen in ncbi.seen]
    assert len(starts) > 30
    assert all(later - one > 1 for one, later in zip(starts, starts[per_second:], strict=False))


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    """429 with Retry-After, then a good reply."""
    with plays(replace(BUSY, headers=(("Retry-After", "7"),)), GOOD) as ncbi:
        assert len(titles(ncbi.client())) == 1
    assert ncbi.seen[1].at - ncbi.seen[0].at >= 7


@pytest.mark.parametrize(
    "reply",
    [
        BUSY,
        Reply(status=500),
        Reply(status=503, parts=[recording("maintenance.html")], content_type="text/html"),
        HTML,
        Reply(parts=[recording("backend_failed.xml")]),
        Reply(parts=[b'{"error":"API rate limit exceeded","count":"11"}'], content_type=JSON),
        Reply(parts=[GOOD.parts[0][:700]]),  # type: ignore[index]
        Reply(parts=[b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n<Pub"], raw=True),
        Reply(parts=[], raw=True),
        Reply(parts=[b"not HTTP at all\r\n\r\n"], raw=True),
        Reply(parts=[b"GIF89a"], content_type="image/gif"),
        Reply(parts=[b"<html><body>hello</body></html>"], content_type=""),
        Reply(parts=[b'<!DOCTYPE x [<!ENTITY a "b">]><PubmedArticleSet>&a;</PubmedArticleSet>']),
        Reply(parts=[b""]),
    ],
    ids=(
        "429 500 503-page page error-element limit-in-200 cut-xml cut-body nothing noise gif html "
        "entities empty"
    ).split(),
)
def test_what_may_pass_is_tried_again(reply: Reply) -> None:
    """Any failure that may pass, then a good reply: the record is there."""
    with plays(reply, reply, GOOD) as ncbi:
        assert len(titles(ncbi.client())) == 1
    assert len(ncbi.seen) == 3
    assert ncbi.clock.slept[-1] >= 1


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (BUSY, "busy", "asked too much (status 429)"),
        (Reply(status=502), "server_error", "failed (status 502)"),
        (HTML, "server_error", "a web page in place of records"),
        (Reply(parts=[recording("backend_failed.xml")]), "server_error", "server is tired"),
        (Reply(parts=[b"%PDF-1.7"], content_type="application/pdf"), "nonsense", "application/pdf"),
        (Reply(parts=[b"<PubmedArticleSet><Pub"]), "nonsense", "cut off"),
        (Reply(parts=[b"<feed/>"]), "nonsense", "<feed>"),
    ],
)
def test_failures_without_end_end(reply: Reply, kind: str, words: str) -> None:
    """Five attempts in all, then one line that says what was wrong."""
    with plays(*[reply] * 9) as ncbi:
        failed = refusal(ncbi)
    assert failed.kind == kind
    assert words in str(failed)
    assert "127.0.0.1" in str(failed) or "PubMed" in str(failed) or "a reply" in str(failed)
    assert len(ncbi.seen) == 5


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(status=400, parts=[b'{"error":"API key invalid","api-key":"%s"}' % KEY.encode()]),
            "SEQUITUR_NCBI_API_KEY",
        ),
        (Reply(status=403), "refused the request (status 403)"),
        (Reply(status=302, headers=(("Location", "http://127.0.0.1:1/"),)), "check the address"),
    ],
)
def test_a_refusal_is_not_tried_again(reply: Reply, words: str) -> None:
    """A wrong key, a shut door, and an address that leads elsewhere stay so."""
    with plays(reply, GOOD) as ncbi:
        failed = refusal(ncbi)
    assert failed.kind == "refused"
    assert words in str(failed)
    assert len(ncbi.seen) == 1


def test_a_longer_wait_than_ours_is_not_begun() -> None:
    """An hour's Retry-After ends the request at once."""
    with plays(*[replace(BUSY, headers=(("Retry-After", "3600"),))] * 2) as ncbi:
        assert refusal(ncbi).kind == "busy"
    assert ncbi.clock.now < 60


def test_a_key_in_a_reply_is_not_shown() -> None:
    """What a server says of itself is quoted without the key."""
    told = f"<eFetchResult><ERROR>bad {KEY} key</ERROR></eFetchResult>".encode()
    with plays(*[Reply(parts=[told])] * 5) as ncbi:
        assert "bad … key" in str(refusal(ncbi))


def test_what_a_server_says_is_short_and_printable() -> None:
    """Line ends, escapes and a page of text do not reach the terminal."""
    told = b"<eFetchResult><ERROR>a\nb&#x9b;31m " + b"long " * 900 + b"</ERROR></eFetchResult>"
    with plays(*[Reply(parts=[told])] * 5) as ncbi:
        assert len(str(refusal(ncbi))) < 300


@pytest.mark.parametrize(
    "parts",
    [
        [5.0],
        [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n", 0.05] * 200],
        [b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n", *[b" ", 0.05] * 200],
    ],
    ids=["silence", "headers without end", "a byte now and then"],
)
def test_a_slow_server_is_left(parts: list[bytes | float]) -> None:
    """The time of a request holds all of it, however the server spends it."""
    began = time.monotonic()
    with plays(Reply(parts=parts, raw=True)) as ncbi:
        pace = ncbi.clock.pace(patience=Patience(attempts=1))
        failed = refusal(ncbi, NcbiClient(ncbi.access(timeout_s=0.3), pace))
    assert failed.kind == "slow"
    assert "within 0.3 seconds" in str(failed)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_reply_is_left(packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """More bytes than the limit, also when they came packed, are refused and not tried again."""
    body = b"<PubmedArticleSet>" + b" " * 3_000_000
    headers = (("Content-Encoding", "gzip"),) if packed else ()
    reply = Reply(parts=[gzip.compress(body) if packed else body], headers=headers)
    with plays(reply) as ncbi:
        failed = refusal(ncbi, ncbi.client(max_bytes=1_000_000))
    assert failed.kind == "too_large"
    assert "1,000,000 bytes" in str(failed)
    assert len(ncbi.seen) == 1


def test_a_packed_reply_is_read() -> None:
    """Records come packed where the server likes to pack."""
    (body,) = GOOD.parts
    assert isinstance(body, bytes)
    packed = Reply(parts=[gzip.compress(body)], headers=(("Content-Encoding", "gzip"),))
    with plays(packed) as ncbi:
        assert len(titles(ncbi.client())) == 1


def test_no_network_is_told_soon() -> None:
    """Where nothing ever answered, one further attempt is enough."""
    clock = FakeClock()
    access = Access(api_key=KEY, eutils_url=f"http://127.0.0.1:{unused_port()}/x", timeout_s=5)
    with pytest.raises(FetchError, match=r"cannot reach 127\.0\.0\.1") as failed:
        NcbiClient(access, clock.pace()).pubmed(["1"])
    assert failed.value.kind == "unreachable"
    assert len(clock.slept) <= 2


def test_unknown_ids_are_no_error() -> None:
    """NCBI's own words for 'none of these', and an empty set, are empty answers."""
    empty = Reply(parts=[b"<?xml version='1.0'?><PubmedArticleSet></PubmedArticleSet>"])
    with plays(empty) as ncbi:
        client = ncbi.client()
        assert client.pubmed(["7"]).documents == ()
        assert client.pubmed(["8"]).documents == ()
        assert client.pmc(["PMC8"]).articles == {}


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b'{"esearchresult": []}',
        b'{"esearchresult": {"count": "x", "idlist": []}}',
        b'{"esearchresult": {"count": "1", "idlist": ["<b>"]}}',
        b'{"esearchresult": {"ERROR": "Search Backend failed"}}',
        b'{"error": "API rate limit exceeded"}',
        b"[" * 100_000,
        b"<html/>",
    ],
)
@pytest.mark.parametrize(
    "ask",
    [lambda c: c.search_dois(["10.1/a"], most=5), lambda c: c.links("doi", ["10.1/a"])],
    ids=["search", "converter"],
)
def test_json_of_another_shape_is_an_error(
    body: bytes, ask: Callable[[NcbiClient], object]
) -> None:
    """Whatever comes in the place of what was asked, the error is ours."""
    with plays(*[Reply(parts=[body], content_type=JSON)] * 5) as ncbi, pytest.raises(FetchError):
        ask(ncbi.client())


def test_the_converters_errors_are_unknown_ids() -> None:
    """Records with an error, without an id, or of another shape are left out."""
    records = [
        7,
        {"status": "error", "requested-id": "PMC1"},
        {"requested-id": "PMC2", "pmid": "x"},
    ]
    body = json.dumps({"records": records}).encode()
    with plays(Reply(parts=[body], content_type=JSON)) as ncbi:
        assert ncbi.client().links("pmcid", ["PMC1", "PMC2"]) == {}


def test_the_key_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Not even the most talkative log of any library holds it."""
    caplog.set_level(logging.DEBUG)
    with plays(BUSY, GOOD) as ncbi:
        client = ncbi.client(key=KEY)
        titles(client)
        client.links("pmcid", ["PMC1"])
    assert "trying again" in caplog.text
    assert KEY not in caplog.text
    assert KEY not in repr(ncbi.access(key=KEY))
