"""What NCBI's replies hold: records, found ids, and the errors that it sends as if all were well.

A reply is data from a stranger: it is parsed by the same readers as a file, and whatever cannot
be read is a FetchError.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, tostring

from corpus.errors import FetchError, FileInputError
from corpus.records import Article
from ingest.drafts import Parsed, SourceFile, join_words
from ingest.jats import JatsParser
from ingest.jats_references import pmcid_of
from ingest.ncbi_ids import read_identifier
from ingest.pubmed_xml import PubmedXmlParser
from ingest.xml import inline_text, parse_xml, root_name

MAX_SAID_CHARS = 5_000
PMC_ID_TYPES = ("pmcid", "pmc")
_NO_SUCH_IDS = re.compile(
    r"id list is empty|no items found|cannot get document summary", re.IGNORECASE
)
_PUBMED_RECORD = re.compile(rb"<(?:\w+:)?Pubmed(?:Book)?Article[\s>]")
_ERROR_ROOTS = ("eFetchResult", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found: how many in all, and the first of their PMIDs."""

    count: int
    pmids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The other names of a work that is in PMC."""

    pmid: str | None = None
    pmcid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PmcReply:
    """The articles that PMC sent, by PMCID, and why others cannot be read."""

    articles: dict[str, Article] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    without_body: frozenset[str] = frozenset()


def read_pubmed(data: bytes) -> Parsed:
    """Return the records of PubMed's reply; none when it knows none of the ids."""
    source = SourceFile(name="PubMed", data=data)
    if _holds_error(source):
        return Parsed()
    try:
        if not _PUBMED_RECORD.search(data):
            _require_root(parse_xml(source), "PubmedArticleSet")
            return Parsed()
        return PubmedXmlParser().parse(source)
    except FileInputError as error:
        raise FetchError("nonsense", f"PubMed's reply cannot be read: {error.reason}") from error


def read_pmc(data: bytes) -> PmcReply:
    """Return the articles of PMC's reply by their PMCIDs; none when it knows none of the ids."""
    source = SourceFile(name="PMC", data=data)
    if _holds_error(source):
        return PmcReply()
    try:
        root = parse_xml(source)
        _require_root(root, "pmc-articleset", "article")
    except FileInputError as error:
        raise FetchError("nonsense", f"PMC's reply cannot be read: {error.reason}") from error
    articles, refused, bare = {}, {}, set()
    for element in [root] if root.tag == "article" else root.findall("article"):
        pmcid = _own_pmcid(element)
        if pmcid is None:
            continue
        try:
            articles[pmcid] = _article(element, pmcid)
        except FileInputError as error:
            refused[pmcid] = error.reason
        if element.find("body") is None:
            bare.add(pmcid)
    return PmcReply(articles=articles, refused=refused, without_body=frozenset(bare))


def read_search(data: bytes) -> Search:
    """Return what `esearch` found."""
    result = _object(_json(data), "esearchresult")
    if "ERROR" in result:
        raise FetchError("server_error", f"PubMed's search says: {said(str(result['ERROR']))}")
    ids = result.get("idlist")
    try:
        count = int(result.get("count", ""))
        pmids = tuple(str(int(i)) for i in ids) if isinstance(ids, list) else ()
    except (TypeError, ValueError):
        raise FetchError("nonsense", "PubMed's search sent no list of ids") from None
    return Search(count=count, pmids=pmids)


def read_links(data: bytes) -> dict[str, Link]:
    """Return what the converter knows, by the id that was asked (a DOI in lower case)."""
    records = _json(data).get("records")
    if not isinstance(records, list):
        raise FetchError("nonsense", "PMC's converter of identifiers sent no records")
    links: dict[str, Link] = {}
    for record in records:
        asked = record.get("requested-id") if isinstance(record, dict) else None
        if not isinstance(asked, str) or record.get("status") == "error":
            continue
        one = read_identifier(asked)
        pmid = read_identifier(str(record.get("pmid") or ""))
        pmcid = pmcid_of(str(record.get("pmcid") or ""))
        if one is not None and (pmid or pmcid):
            number = pmid.value if pmid and pmid.kind == "pmid" else None
            links[one.value] = Link(pmid=number, pmcid=pmcid)
    return links


def said(text: str) -> str:
    """Return what a server says of itself as one printable line."""
    return join_words(["".join(c if c.isprintable() else " " for c in text[:MAX_SAID_CHARS])])


def _holds_error(source: SourceFile) -> bool:
    """Tell whether a reply says that none of the ids exist; raises FetchError for other errors."""
    if source.data.lstrip()[:1] == b"{":
        message = _json(source.data).get("error")
        raise _told(source.name, message)
    if root_name(source) not in _ERROR_ROOTS:
        return False
    try:
        root = parse_xml(source)
    except FileInputError as error:
        reason = f"{source.name}'s reply cannot be read: {error.reason}"
        raise FetchError("nonsense", reason) from error
    errors = [inline_text(e) for e in root.iter("ERROR")]
    if errors and not all(map(_NO_SUCH_IDS.search, errors)):
        raise FetchError("server_error", f"{source.name} says: {said('; '.join(errors))}")
    return True


def _told(who: str, message: object) -> FetchError:
    """Return the error that a service tells of as JSON, mostly that it is asked too much."""
    text = said(str(message))
    return FetchError("busy" if "limit" in text.lower() else "server_error", f"{who} says: {text}")


def _require_root(root: Element, *names: str) -> None:
    if root.tag not in names:
        raise FetchError("nonsense", f"a reply with <{said(root.tag)}> in place of <{names[0]}>")


def _own_pmcid(article: Element) -> str | None:
    ids = article.findall("front/article-meta/article-id")
    return next(filter(None, _pmcids(ids)), None)


def _pmcids(ids: list[Element]) -> Iterator[str | None]:
    for wanted in PMC_ID_TYPES:
        for element in ids:
            if element.get("pub-id-type") == wanted:
                yield pmcid_of(inline_text(element))


def _article(element: Element, pmcid: str) -> Article:
    source = SourceFile(name=pmcid, data=tostring(element, encoding="utf-8"))
    (article,) = JatsParser().parse(source, slug=pmcid).articles
    return article


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise FetchError("nonsense", "a reply that is no JSON where JSON was asked for") from None
    if not isinstance(value, dict):
        raise FetchError("nonsense", "a reply of an unknown shape")
    return value


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    inner = value.get(name)
    if isinstance(inner, dict):
        return inner
    message = value.get("error")
    if message is not None:
        raise _told("NCBI", message)
    raise FetchError("nonsense", "a reply of an unknown shape")
