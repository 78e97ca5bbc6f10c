"""Before anything is written: what each file is, whether it changed, and what its articles say."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from corpus.errors import FileInputError, InputError
from corpus.files import path_for
from corpus.library import Library
from corpus.records import Document
from ingest.code import code_digest
from ingest.drafts import Parsed, Rejection
from ingest.formats import UnknownFormatError, check_size, parser_for, read_file, reader_for
from ingest.jats_as_reference import document_of
from ingest.jobs import Job, Request, Watch
from ingest.sources import Source, Sources
from ingest.streaming import check_first_record


class Planner:
    """Makes a job of each file; reads article files whole, files of records to their first one.

    `again` are ids of documents whose files must be read once more. Of the files in `found_in`
    folders, which nobody named, those of no known format are put into `unknown`.
    """

    def __init__(
        self,
        library: Library,
        sources: Sources,
        request: Request,
        again: Collection[str] = (),
        found_in: Collection[Path] = (),
    ) -> None:
        self.unknown: list[Path] = []
        self._found_in = frozenset(found_in)
        self._sources = sources
        self._request = request
        self._again = again
        self._code = code_digest("corpus", "ingest")
        self._stored = set(library.document_ids())
        self._taken: set[str] = set()

    def jobs(self, paths: Sequence[Path], watch: Watch) -> list[Job]:
        """Return a job for each file, in order; raises FileInputError."""
        sizes = [check_size(path, max_bytes=self._request.max_bytes) for path in paths]
        watch.begin(sum(sizes))
        found = []
        for path, size in zip(paths, sizes, strict=True):
            try:
                found.append(self._job(path, size))
            except UnknownFormatError:
                if path not in self._found_in:
                    raise
                self.unknown.append(path)
            if not found or found[-1].path != path or found[-1].reader is None:
                watch.advance(size_bytes=size, records=1)
        return found

    def _job(self, path: Path, size: int) -> Job:
        source = Source(
            name=self._sources.name_of(path), sha256=_sha256(path), format="", code=self._code
        )
        before = self._sources.get(source.name)
        renamed = None
        if before is None:
            before = renamed = self._renamed(source.sha256)
        job = Job(
            path=path,
            source=source,
            size_bytes=size,
            max_bytes=self._request.max_bytes,
            before=before,
            renamed_from=renamed.name if renamed else None,
        )
        if before is not None and self._is_unchanged(job, before):
            kept = before.kept_slug or (self._own_slug(before.name) if renamed else None)
            return replace(job, source=replace(before, name=source.name, kept_slug=kept))
        return self._read(job)

    def _renamed(self, sha256: str) -> Source | None:
        """Return the file that had this content and is not there any more."""
        for source in self._sources.with_content(sha256):
            gone = not self._sources.path_of(source.name).exists()
            if gone and source.name not in self._taken:
                self._taken.add(source.name)
                return source
        return None

    def _own_slug(self, name: str) -> str | None:
        """Return the slug of the one article that a file gave."""
        found = self._sources.yields(name).values()
        slugs = [noted.id for noted in found if noted.kind == "article"]
        return slugs[0] if len(slugs) == 1 else None

    def _is_unchanged(self, job: Job, before: Source) -> bool:
        found = self._sources.yields(before.name).keys()
        return (
            before.complete
            and (before.sha256, before.code) == (job.source.sha256, job.source.code)
            and before.options in ("", self._options())
            and found <= self._stored
            and not found & set(self._again)
        )

    def _options(self) -> str:
        asked = {"slug": self._request.slug, "as_references": self._request.as_references}
        return json.dumps(asked)

    def _read(self, job: Job) -> Job:
        reader = reader_for(job.path, max_bytes=job.max_bytes)
        if reader is not None:
            job = replace(job, source=replace(job.source, format=reader.name), reader=reader)
            check_first_record(job, job.max_bytes)
            return job
        source = read_file(job.path, max_bytes=job.max_bytes)
        parser = parser_for(source)
        if self._request.as_references:
            parsed = _as_references(parser.parse(source))
            kept = None
        else:
            kept = self._kept_slug(job)
            parsed = parser.parse(source, slug=self._request.slug or kept)
        noted = replace(
            job.source,
            format=parser.name,
            options=self._options() if parsed.articles or self._request.as_references else "",
            kept_slug=kept if parsed.articles else None,
        )
        return replace(job, source=noted, parsed=parsed)

    def _kept_slug(self, job: Job) -> str | None:
        """Return the slug that an article keeps because its file was renamed."""
        if job.before is None:
            return None
        return self._own_slug(job.before.name) if job.renamed_from else job.before.kept_slug


def planned(
    paths: Sequence[Path],
    library: Library,
    sources: Sources,
    request: Request,
    *,
    again: Collection[str],
    watch: Watch,
    found_in: Collection[Path] = (),
) -> tuple[list[Job], list[Path]]:
    """Return what is to be done about each file, and make sure that all of it can be done.

    Files of `found_in` (those that a folder holds, which nobody named) of no known format are left
    alone and returned beside the jobs.
    Raises FileInputError, InputError (an id that is taken) or NotFoundError (no such article).
    """
    planner = Planner(library, sources, request, again, found_in)
    jobs = planner.jobs(paths, watch)
    _refuse_same_slug(jobs, request.slug)
    _refuse_taken_ids(jobs, library)
    parsed = {a.slug for job in jobs if job.parsed for a in job.parsed.articles}
    if request.slug is not None and request.slug not in parsed and any(map(_may_cite, jobs)):
        library.article(request.slug)
    for tie in request.ties:
        if tie.slug not in parsed:
            library.article(tie.slug)
    return jobs, planner.unknown


def _may_cite(job: Job) -> bool:
    return job.parsed is None or bool(job.parsed.documents)


def _as_references(parsed: Parsed) -> Parsed:
    """Take articles as the abstracts of works that another article cites."""
    documents: list[Document] = []
    rejections = list(parsed.rejections)
    for article in parsed.articles:
        try:
            documents.append(document_of(article))
        except InputError as error:
            rejections.append(Rejection(place=article.slug, reason=str(error)))
    return Parsed(documents=tuple(documents), rejections=tuple(rejections))


def _refuse_same_slug(jobs: Sequence[Job], slug: str | None) -> None:
    seen: dict[str, str] = {}
    for job in jobs:
        for article in job.parsed.articles if job.parsed else ():
            if article.slug in seen:
                hint = "; --article names one article" if slug is not None else ""
                reason = f"article {article.slug!r} is also in {seen[article.slug]}{hint}"
                raise FileInputError(str(job.path), reason)
            seen[article.slug] = str(job.path)


def _refuse_taken_ids(jobs: Sequence[Job], library: Library) -> None:
    documents = {card.document_id for card in library.cards()}
    slugs = {article.slug for article in library.articles()}
    parsed = [job.parsed for job in jobs if job.parsed]
    slugs |= {article.slug for found in parsed for article in found.articles}
    documents |= {document.document_id for found in parsed for document in found.documents}
    for key in sorted(slugs | documents):
        path_for(library.folder, key)
    for taken in sorted(slugs & documents):
        raise InputError(f"{taken!r} would name both an article and a document")


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileInputError(str(path), error.strerror or str(error)) from error
