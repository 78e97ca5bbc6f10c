"""One run of ingest after everything was planned: documents first, then articles, then what goes.

Stopped at any moment, the library is whole: documents are in up to some record, articles are in or
not, and the same run goes on from there.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.library import Library
from corpus.records import Article, Document
from corpus.revisions import changes, lines
from corpus.stored_documents import Card
from ingest.doubts import Candidates, Confirmed, doubts, with_confirmed, with_findings
from ingest.jobs import FileReport, Job, Listener, Rejected, Request, Watch
from ingest.keeping import (
    cited_by_others,
    owned,
    prune,
    removable,
    remove_documents,
    with_known,
)
from ingest.matching import tie
from ingest.retraction_watch import still_marked
from ingest.sources import Source, Sources, Yield
from ingest.streaming import Writer, digest_of, stream


@dataclass(slots=True, kw_only=True)
class _Filed:
    """A job, what it has brought so far, and its report."""

    job: Job
    report: FileReport
    cards: Sequence[Card] = ()
    known: dict[str, Yield]

    @property
    def articles(self) -> tuple[Article, ...]:
        """Articles that the file holds."""
        return self.job.parsed.articles if self.job.parsed else ()

    @property
    def own_documents(self) -> tuple[Document, ...]:
        """Documents that an article's own file brings."""
        return self.job.parsed.documents if self.job.parsed and self.articles else ()

    def note(self, *notes: str) -> None:
        """Add what there is to know about the file."""
        self.report = replace(self.report, notes=(*self.report.notes, *notes))


class Run:
    """Carries out jobs that were planned against a library and its sources."""

    def __init__(
        self,
        library: Library,
        sources: Sources,
        request: Request,
        *,
        watch: Watch,
        listener: Listener | None = None,
    ) -> None:
        self._library = library
        self._sources = sources
        self._request = request
        self._watch = watch
        self._listener = listener

    def carry_out(
        self, jobs: Sequence[Job], gone: Sequence[Source], again: Iterable[str]
    ) -> tuple[FileReport, ...]:
        """Store what the jobs bring and remove what is gone; returns a report for each file."""
        for job in jobs:
            if job.renamed_from is not None:
                self._sources.rename(job.renamed_from, job.source.name)
                if job.unchanged:
                    self._sources.record([(job.source, ())])
        slugs = {a.slug for job in jobs if job.parsed for a in job.parsed.articles}
        writer = Writer(self._library, self._sources, slugs=slugs, again=tuple(again))
        filed = [self._documents_of(job, writer) for job in jobs]
        writer.flush()
        self._articles_of(filed)
        self._finish(filed)
        removed = prune(gone, self._library, self._sources)
        reports = [f.report for f in filed]
        reports += [_gone_report(source, removed[source.name]) for source in gone]
        reports += [_tie_report(tie) for tie in self._request.ties]
        return tuple(reports)

    def _documents_of(self, job: Job, writer: Writer) -> _Filed:
        """Store the documents of one file; an article's own wait for their article."""
        known = self._sources.yields(job.source.name)
        filed = _Filed(job=job, known=known, report=_report(job))
        rejected = Rejected(name=str(job.path), listener=self._listener)
        if job.unchanged:
            kept = [key for key, noted in known.items() if noted.kind == "document"]
            filed.cards = [self._library.card(key) for key in kept]
            return filed
        if job.reader is not None:
            return self._streamed(filed, writer, rejected)
        for rejection in job.parsed.rejections if job.parsed else ():
            rejected.add(rejection)
        for document in job.parsed.documents if job.parsed else ():
            digest = digest_of(job.source.code, document)
            if not filed.articles and not writer.holds(document.document_id, digest, known):
                writer.put(job.source, document, digest)
        filed.cards = [_card(d) for d in (job.parsed.documents if job.parsed else ())]
        noted = replace(job.source, left_out=rejected.count)
        if not filed.articles:
            writer.finish(noted)
        filed.job = replace(job, source=noted)
        filed.report = replace(
            filed.report,
            articles=filed.articles,
            document_ids=tuple(card.document_id for card in filed.cards),
            rejections=tuple(rejected.first),
            left_out=rejected.count,
        )
        return filed

    def _streamed(self, filed: _Filed, writer: Writer, rejected: Rejected) -> _Filed:
        job = filed.job
        started = replace(job, source=replace(job.source, complete=False))
        found, bare, error = stream(started, writer, filed.known, rejected, self._watch)
        filed.cards = list(found.values())
        noted = replace(job.source, left_out=rejected.count, complete=error is None)
        writer.finish(noted)
        filed.job = replace(job, source=noted)
        if bare:
            filed.note(f"{bare} record(s) without an abstract: nothing to quote from them")
        filed.report = replace(
            filed.report,
            document_ids=tuple(found),
            rejections=tuple(rejected.first),
            left_out=rejected.count,
            broken=str(error) if error else None,
        )
        return filed

    def _articles_of(self, filed: Sequence[_Filed]) -> None:
        """Tie, tell what changed and store: articles that were read, and those asked for."""
        articles = self._wanted(filed)
        if not articles:
            return
        slug = self._request.slug
        if slug is not None and slug in articles:
            for f in _citing(filed):
                articles[slug] = self._tied(f, articles[slug])
        own = {d.document_id: d for f in filed for d in f.own_documents}
        dropped = {f.job.source.name: self._dropped(f) for f in filed if f.articles}
        candidates = self._candidates(own.values(), dropped.values())
        met = {key: self._met(article, candidates, filed) for key, article in articles.items()}
        met = with_confirmed(met, self._request.ties, candidates.by_id)
        for key, article in list(met.items()):
            found = doubts(article, candidates)
            met[key] = with_findings(article, found)
            told = _file_for(filed, key, slug)
            if told is not None:
                told.note(*map(str, found))
        self._store(met, own.values())
        for f in filed:
            if f.articles:
                self._let_go(f, dropped[f.job.source.name])

    def _wanted(self, filed: Sequence[_Filed]) -> dict[str, Article]:
        """Return articles by slug: those that were read, and stored ones that get new ties."""
        articles = {a.slug: a for f in filed for a in f.articles}
        wanted = [tie.slug for tie in self._request.ties]
        if self._request.slug is not None and _citing(filed):
            wanted.append(self._request.slug)
        for slug in wanted:
            if slug not in articles:
                articles[slug] = self._library.article(slug)
        return articles

    def _candidates(
        self, own: Iterable[Document], dropped: Iterable[Collection[str]]
    ) -> Candidates:
        """Return what may be tied: all that is stored or about to be, but what is let go."""
        let_go = {key for keys in dropped for key in keys}
        cards = {c.document_id: c for c in self._library.cards() if c.document_id not in let_go}
        return Candidates((cards | {d.document_id: _card(d) for d in own}).values())

    def _tied(self, filed: _Filed, article: Article) -> Article:
        """Tie a reference file's abstracts to the article."""
        held = {r.document_id for r in article.references}
        new = [c for c in filed.cards if not filed.job.unchanged or c.document_id not in held]
        tied = tie(article, new)
        if tied.tied:
            filed.note(f"{len(tied.tied)} abstract(s) tied to references of {article.slug}")
        missing = [key for key in tied.added if key not in held]
        filed.note(
            *(
                f"{key}: not in the list of {article.slug}, added without a number"
                for key in missing
            )
        )
        return tied.article

    def _met(self, article: Article, candidates: Candidates, filed: Sequence[_Filed]) -> Article:
        """Let an article that was read meet the library; tell what it says now."""
        reader = next((f for f in filed if any(a.slug == article.slug for a in f.articles)), None)
        if reader is None:
            return article
        known = {a.slug for a in self._library.articles()}
        old = self._library.article(article.slug) if article.slug in known else None
        article = article if old is None else still_marked(article, old)
        met, notes = with_known(article, candidates, old.references if old else ())
        reader.note(*met.findings, *notes)
        if old is not None:
            reader.report = replace(reader.report, changes=lines(changes(old, met)))
        return met

    def _store(self, articles: dict[str, Article], documents: Iterable[Document]) -> None:
        stored = {a.slug: a for a in self._library.articles()}
        changed = [a for slug, a in articles.items() if stored.get(slug) != a]
        self._library.put(articles=changed, documents=documents, keep=False)

    def _dropped(self, filed: _Filed) -> set[str]:
        """Return documents that an article's file gave before and gives no more."""
        before = filed.job.before
        same = before is not None and before.options == filed.job.source.options
        gone = {k for k, noted in filed.known.items() if same and noted.kind == "document"}
        for article in filed.articles:
            gone |= owned(article.slug, self._library)
        gone -= set(filed.report.document_ids)
        slugs = {article.slug for article in filed.articles}
        name = filed.job.source.name
        kept = removable(gone, self._library, self._sources, without=(name,))
        return {key for key in kept if not cited_by_others(key, self._library, slugs)}

    def _let_go(self, filed: _Filed, dropped: set[str]) -> None:
        """Remove what an article's file gives no more, and note what it gives."""
        remove_documents(dropped, self._library)
        filed.note(*(f"{key}: no longer in the file, removed" for key in sorted(dropped)))
        noted = [Yield(id=a.slug, kind="article") for a in filed.articles]
        noted += [Yield(id=key, kind="document") for key in filed.report.document_ids]
        self._sources.record([(filed.job.source, noted)])
        self._sources.no_longer(filed.job.source.name, dropped)

    def _finish(self, filed: Sequence[_Filed]) -> None:
        """Deal with records that files of records held before and hold no more."""
        for f in filed:
            complete = f.job.source.complete and not f.job.unchanged
            gone = sorted(
                f.known.keys() - set(f.report.document_ids) - {a.slug for a in f.articles}
            )
            if not complete or f.articles or not gone:
                continue
            if not self._request.prune:
                f.note(
                    f"{len(gone)} record(s) no longer in the file are kept; --prune removes them"
                )
                continue
            name = f.job.source.name
            remove_documents(
                removable(gone, self._library, self._sources, without=(name,)), self._library
            )
            self._sources.no_longer(name, gone)
            f.note(f"{len(gone)} record(s) no longer in the file removed")


def _citing(filed: Sequence[_Filed]) -> list[_Filed]:
    """Return the files that brought abstracts and no article."""
    return [f for f in filed if f.cards and not f.articles]


def _report(job: Job) -> FileReport:
    notes: tuple[str, ...] = ()
    if job.renamed_from is not None:
        kept = (
            f"; its article keeps the slug {job.source.kept_slug}" if job.source.kept_slug else ""
        )
        notes = (f"renamed from {job.renamed_from}{kept}",)
    left_out = job.source.left_out if job.unchanged else 0
    return FileReport(
        name=str(job.path),
        format=job.source.format,
        unchanged=job.unchanged,
        left_out=left_out,
        notes=notes,
    )


def _gone_report(source: Source, removed: Sequence[str]) -> FileReport:
    what = ", ".join(removed[:10]) + (" …" if len(removed) > 10 else "")  # noqa: PLR2004 - shown
    note = f"the file is gone; removed: {what}" if removed else "the file is gone"
    return FileReport(name=source.name, format=source.format, notes=(note,))


def _tie_report(confirmed: Confirmed) -> FileReport:
    note = f"entry {confirmed.entry} tied to {confirmed.document_id}"
    return FileReport(name=f"article {confirmed.slug}", format="confirmed match", notes=(note,))


def _file_for(filed: Sequence[_Filed], slug: str, asked: str | None) -> _Filed | None:
    """Return the file to whose report a word about an article belongs, if there is one."""
    own = next((f for f in filed if any(a.slug == slug for a in f.articles)), None)
    return own or next((f for f in reversed(filed) if slug == asked), None)


def _card(document: Document) -> Card:
    return Card(
        document_id=document.document_id, title=document.title, reference=document.reference
    )
