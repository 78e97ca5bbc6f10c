"""Cited works from PubMed and PMC, by PMID, PMCID or DOI: in batches, and never more than asked.

PubMed is asked first, because its records tell of retractions; PMC for what PubMed has no
abstract of. What comes of one batch is given at once, so that a run that breaks off keeps it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TypeVar

from corpus.errors import FetchError, InputError
from corpus.records import Article, Document, Reference
from ingest.drafts import Parsed
from ingest.jats_as_reference import document_of
from ingest.jats_references import pmcid_of
from ingest.ncbi_ids import Identifier, IdentifierKind
from ingest.ncbi_ledger import Brought, Ledger, Ncbi
from ingest.ncbi_replies import Link, PmcReply

BATCH = 200
# A whole article is some hundred times as large as an abstract.
PMC_BATCH = 20
DOI_BATCH = 40
# So many strangers are looked at when PubMed's search finds more than was asked for.
CANDIDATES = 5

Item = TypeVar("Item")
_CONVERTED: tuple[IdentifierKind, ...] = ("pmcid", "doi")


def bring(
    ncbi: Ncbi, identifiers: Iterable[Identifier], *, full_text: bool = False
) -> Iterator[Brought]:
    """Give what NCBI has of the works named, batch by batch; each identifier is settled once.

    `full_text` takes the text of PMC's open-access articles in place of their abstracts.
    Raises FetchError when NCBI cannot be reached at all.
    """
    yield from _Errand(ncbi, dict.fromkeys(identifiers), full_text=full_text).run()


class _Errand:
    """One run, from the cheapest way to a record to the dearest."""

    def __init__(self, ncbi: Ncbi, identifiers: Iterable[Identifier], *, full_text: bool) -> None:
        self._ncbi = ncbi
        self._full_text = full_text
        self._ledger = Ledger(ncbi, identifiers)
        self._upgrades: dict[str, Link] = {}
        self._records: dict[str, Reference] = {}

    def run(self) -> Iterator[Brought]:
        self._link()
        yield from self._by_number()
        yield from self._by_doi()
        yield from self._from_pmc()
        self._ledger.give_up()
        yield self._ledger.drained()

    def _link(self) -> None:
        """Ask PMC's converter for the other names; without it there are other ways."""
        ledger = self._ledger
        for kind in _CONVERTED:
            asked = [i for i in ledger.open if i.kind == kind and "," not in i.value]
            for batch in _batches(asked, BATCH):
                try:
                    links = self._ncbi.links(kind, [i.value for i in batch])
                except FetchError as error:
                    ledger.note(f"without PMC's converter of identifiers: {error}")
                    return
                for identifier in batch:
                    known, link = ledger.open[identifier], links.get(identifier.value, Link())
                    pmid, pmcid = known.pmid or link.pmid, known.pmcid or link.pmcid
                    ledger.open[identifier] = Link(pmid=pmid, pmcid=pmcid)

    def _by_number(self) -> Iterator[Brought]:
        numbered: dict[str, list[Identifier]] = {}
        for identifier, link in self._ledger.open.items():
            if link.pmid:
                numbered.setdefault(link.pmid, []).append(identifier)
        for batch in _batches(numbered, BATCH):
            waiting = [i for pmid in batch for i in numbered[pmid]]
            parsed = self._ledger.ask(waiting, partial(self._ncbi.pubmed, batch))
            yield self._settled(parsed, {pmid: numbered[pmid] for pmid in batch})

    def _by_doi(self) -> Iterator[Brought]:
        asked = [i for i, link in self._ledger.open.items() if i.kind == "doi" and not link.pmid]
        for dois in _batches(asked, DOI_BATCH):
            search = partial(self._candidates, [i.value for i in dois])
            for batch in _batches(self._ledger.ask(dois, search) or (), BATCH):
                parsed = self._ledger.ask(dois, partial(self._ncbi.pubmed, batch))
                yield self._settled(parsed, _by_own_doi(parsed, dois))
            yield self._ledger.drained()

    def _candidates(self, dois: Sequence[str]) -> tuple[str, ...]:
        """Return PMIDs that may belong to the DOIs.

        When more are found than asked for, one of the DOIs is unknown and its parts were searched
        for; halves are asked again, so that strangers do not crowd out the rest.
        """
        askable = [doi for doi in dois if '"' not in doi]
        if not askable:
            return ()
        most = max(CANDIDATES, len(askable))
        search = self._ncbi.search_dois(askable, most=most)
        if search.count <= len(askable) or len(askable) == 1:
            return search.pmids[:most]
        middle = len(askable) // 2
        halves = (self._candidates(askable[:middle]), self._candidates(askable[middle:]))
        return tuple(dict.fromkeys((*halves[0], *halves[1])))

    def _settled(self, parsed: Parsed | None, asked: dict[str, list[Identifier]]) -> Brought:
        """Return what a reply of PubMed brings for the PMIDs that were asked, and nothing else."""
        documents: list[Document] = []
        bare: list[Reference] = []
        found: list[tuple[Identifier, str]] = []
        for reference, document in _records(parsed):
            agreeing = self._ledger.agreeing(asked.get(reference.pmid or "", ()), reference)
            if agreeing and document is None:
                bare.append(reference)
                self._without_abstract(agreeing, reference)
            elif agreeing and document is not None:
                documents.append(document)
                for identifier in agreeing:
                    self._upgrade(self._ledger.open.pop(identifier), reference)
                    found.append((identifier, document.document_id))
        return self._ledger.drained(
            Brought(documents=tuple(documents), bare=tuple(bare), found=tuple(found))
        )

    def _without_abstract(self, asked: Iterable[Identifier], record: Reference) -> None:
        self._records[record.pmid or ""] = record
        for identifier in asked:
            pmcid = self._ledger.open[identifier].pmcid or pmcid_of(record.pmcid)
            self._ledger.open[identifier] = Link(pmid=record.pmid, pmcid=pmcid)
            self._ledger.doubt([identifier], "PubMed has no abstract of it")

    def _upgrade(self, link: Link, record: Reference) -> None:
        pmcid = link.pmcid or pmcid_of(record.pmcid)
        if self._full_text and pmcid:
            self._upgrades[pmcid] = Link(pmid=record.pmid, pmcid=pmcid)
            self._records[record.pmid or ""] = record

    def _from_pmc(self) -> Iterator[Brought]:
        wanted = dict(self._upgrades)
        asked: dict[str, list[Identifier]] = {}
        for identifier, link in self._ledger.open.items():
            if link.pmcid:
                wanted[link.pmcid] = link
                asked.setdefault(link.pmcid, []).append(identifier)
        for batch in _batches(wanted, PMC_BATCH):
            waiting = [i for pmcid in batch for i in asked.get(pmcid, ())]
            reply = self._ledger.ask(waiting, partial(self._ncbi.pmc, batch))
            if reply is None:
                yield self._ledger.drained()
            else:
                yield self._from_articles(reply, {p: wanted[p] for p in batch}, asked)

    def _from_articles(
        self, reply: PmcReply, wanted: dict[str, Link], asked: dict[str, list[Identifier]]
    ) -> Brought:
        documents: list[Document] = []
        found: list[tuple[Identifier, str]] = []
        for pmcid, link in wanted.items():
            waiting = [i for i in asked.get(pmcid, ()) if i in self._ledger.open]
            document = self._document(reply, link, pmcid)
            if isinstance(document, str):
                self._ledger.doubt(waiting, document)
                if not waiting:
                    self._ledger.note(f"{pmcid}: {document}; its abstract is stored")
                continue
            agreeing = self._ledger.agreeing(waiting, document.reference or Reference(title=""))
            if not agreeing and pmcid not in self._upgrades:
                continue
            documents.append(document)
            for identifier in agreeing:
                del self._ledger.open[identifier]
                found.append((identifier, document.document_id))
        return self._ledger.drained(Brought(documents=tuple(documents), found=tuple(found)))

    def _document(self, reply: PmcReply, link: Link, pmcid: str) -> Document | str:
        """Return the document of an article that PMC sent, or why there is none."""
        if pmcid in reply.refused:
            return f"PMC's article cannot be read: {reply.refused[pmcid]}"
        if pmcid not in reply.articles:
            return "PMC has no such article"
        if pmcid in self._upgrades and pmcid in reply.without_body:
            return "PMC does not give its full text away"
        try:
            record = self._records.get(link.pmid or "")
            return _with_record(_document_of(reply.articles[pmcid], link), record)
        except InputError as error:
            return str(error)


def _records(parsed: Parsed | None) -> Iterator[tuple[Reference, Document | None]]:
    for document in parsed.documents if parsed else ():
        if document.reference is not None:
            yield document.reference, document
    for reference in parsed.references if parsed else ():
        yield reference, None


def _by_own_doi(parsed: Parsed | None, dois: Sequence[Identifier]) -> dict[str, list[Identifier]]:
    """Return the asked DOIs by the PMID of the record that says that it has that DOI."""
    asked = {i.value: i for i in dois}
    return {
        reference.pmid: [asked[reference.doi.lower()]]
        for reference, _ in _records(parsed)
        if reference.pmid and reference.doi and reference.doi.lower() in asked
    }


def _document_of(article: Article, link: Link) -> Document:
    """Return a PMC article as the document of a cited work, under the PMID known for it."""
    own = article.document.reference or Reference(title=article.title)
    known = replace(own, pmid=own.pmid or link.pmid, pmcid=own.pmcid or link.pmcid)
    return document_of(replace(article, document=replace(article.document, reference=known)))


def _with_record(document: Document, record: Reference | None) -> Document:
    """Keep what PubMed's record says of the work: its types, and that it was retracted."""
    if record is None or document.reference is None:
        return document
    own = document.reference
    types = dict.fromkeys((*own.publication_types, *record.publication_types))
    notices = dict.fromkeys((*own.notices, *record.notices))
    kind = record.kind if own.kind == "research" else own.kind
    told = replace(own, kind=kind, publication_types=tuple(types), notices=tuple(notices))
    return replace(document, reference=told)


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
