"""Files into a library: only what changed is read, and what cannot be used is said.

Articles go in all or none: every article file of a run is read before anything is written, and one
that cannot be used stops the run. Files of many records go in record by record.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import FileInputError
from corpus.library import Library
from ingest.doubts import Confirmed
from ingest.formats import PARSERS, parser_for, read_file
from ingest.jobs import MAX_FILE_BYTES, FileReport, Listener, Request, Unwatched, Watch
from ingest.keeping import vanished
from ingest.planning import planned
from ingest.running import Run
from ingest.sources import Source, Sources

__all__ = [
    "MAX_FILE_BYTES",
    "PARSERS",
    "FileReport",
    "files_under",
    "ingest",
    "ingest_request",
    "parser_for",
    "read_file",
]


def files_under(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files named, and those inside named folders, hidden ones left out, in order."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = (Path(root) / name for root, _, names in os.walk(path) for name in names)
        found += sorted(p for p in inside if not _is_hidden(p.relative_to(path)))
    return tuple(dict.fromkeys(found))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def ingest(
    paths: Sequence[Path],
    library: Library,
    *,
    slug: str | None = None,
    max_bytes: int = MAX_FILE_BYTES,
    as_references: bool = False,
    ties: Sequence[Confirmed] = (),
    prune: bool = False,
    watch: Watch | None = None,
    rejected: Listener | None = None,
) -> tuple[FileReport, ...]:
    """Read files into the library; see `ingest.jobs.Request` for what can be asked.

    `watch` hears how far it is, `rejected` of every record that is left out. Raises FileInputError
    before anything is written when an article's file, or the beginning of any file, cannot be used.
    A file that stands in a folder and is of no known format is left alone, and said.
    A KeyboardInterrupt leaves the library whole, and the same call goes on from there.
    """
    request = Request(
        slug=slug,
        max_bytes=max_bytes,
        as_references=as_references,
        ties=tuple(ties),
        prune=prune,
    )
    return ingest_request(paths, library, request, watch=watch, rejected=rejected)


def ingest_request(
    paths: Sequence[Path],
    library: Library,
    request: Request,
    *,
    watch: Watch | None = None,
    rejected: Listener | None = None,
) -> tuple[FileReport, ...]:
    """Do as `ingest`, by a request."""
    files = files_under(paths)
    watch = watch or Unwatched()
    with Sources(library.folder) as sources:
        gone = _gone(paths, files, sources) if request.prune else []
        if not files and not gone and not request.ties:
            raise FileInputError(", ".join(map(str, paths)), "no files here")
        again = _shared(gone, sources)
        jobs, unknown = planned(
            files,
            library,
            sources,
            request,
            again=again,
            watch=watch,
            found_in=set(files) - set(paths),
        )
        if not jobs and unknown:
            raise FileInputError(", ".join(map(str, paths)), "no file of a known format here")
        renamed = {job.renamed_from for job in jobs}
        gone = [source for source in gone if source.name not in renamed]
        try:
            run = Run(library, sources, request, watch=watch, listener=rejected)
            return (*run.carry_out(jobs, gone, again), *map(_left_alone, unknown))
        finally:
            library.save_catalogue()


def _left_alone(path: Path) -> FileReport:
    return FileReport(name=str(path), format="unknown", notes=("no known format: left alone",))


def _gone(paths: Sequence[Path], files: Sequence[Path], sources: Sources) -> list[Source]:
    """Return the noted files of the folders named that are gone."""
    folders = [sources.name_of(path) for path in paths if path.is_dir()]
    return vanished(sources, folders, {sources.name_of(path) for path in files})


def _shared(gone: Sequence[Source], sources: Sources) -> set[str]:
    """Return what files that are gone gave and others give too: it is read from those again."""
    names = {source.name for source in gone}
    given = {key for name in names for key in sources.yields(name)}
    return {key for key in given if set(sources.givers(key)) - names}
