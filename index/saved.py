"""The index on disk: built beside the old one, switched by one rename, refused when it is foreign.

    <library>/index/current                 the name of the generation in use
    <library>/index/<generation>/manifest.json
                                 passages.jsonl, vectors.faiss, bm25*, terms.json

A generation is written into a temporary folder and renamed when it is whole; only then does
`current` name it. A process killed at any moment leaves the generation that was in use. Builds take
turns by a lock. The manifest holds the SHA-256 of every file, so that damage is told at load and
mended by the next build.
"""

import dataclasses
import hashlib
import json
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from corpus.errors import IndexingError
from corpus.library import Library, fingerprint, write_bytes, write_json
from corpus.records import Passage, passages_of
from index.dense import DenseIndex
from index.embedder import Embedder, Progress, Vectors
from index.journal import VectorJournal
from index.lexical import LexicalIndex, rules_digest
from index.retriever import HybridRetriever

FORMAT = "sequitur-index"
VERSION = 1
EMBED_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an index was built from, and what it consists of; the first thing read.

    `files` are the SHA-256 of the generation's files by name.
    """

    format: str
    version: int
    model: str
    model_digest: str
    word_rules: str
    dimension: int
    passages: int
    corpus_fingerprint: str
    files: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the index was built from: its identity.

        The files are left out: vectors computed in another order may differ in their last bit.
        """
        return fingerprint(dataclasses.asdict(dataclasses.replace(self, files={})))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedIndex:
    """An index in memory, ready for questions."""

    manifest: Manifest
    retriever: HybridRetriever


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did, in passages."""

    passages: int
    embedded: int
    reused: int
    changed: bool


def indexed_text(passage: Passage) -> str:
    """Return the text that is embedded and searched for a passage.

    Title, section path and lead-ins stand before the passage's own text, so that "Interferon"
    is found under "Medications, particularly:"; the quoted text is untouched.
    """
    context = " > ".join(part for part in (passage.title, *passage.section_path) if part)
    return "\n".join(part for part in (context, *passage.lead_ins, passage.text) if part)


def build_index(
    library: Library,
    embedder: Embedder,
    *,
    progress: Progress | None = None,
    planned: Progress | None = None,
) -> BuildReport:
    """Bring the library's index up to date; embeds only texts that the old index has not.

    `planned` is called once with the number of passages to embed, `progress` with the number
    embedded since its last call. What was embedded when it is stopped is not embedded again.
    """
    if not any(document.passages for document in library.each_document()):
        raise IndexingError(f"{library.folder}: the library is empty, there is nothing to index")
    root = library.folder / "index"
    root.mkdir(exist_ok=True)
    with FileLock(root / ".lock"):
        report = _build(library, embedder, progress, planned)
    library.save_catalogue()
    return report


def _build(
    library: Library, embedder: Embedder, progress: Progress | None, planned: Progress | None
) -> BuildReport:
    corpus_fingerprint = library.fingerprint
    old = _try_current(library)
    if old is not None and _belongs(old[0], corpus_fingerprint, embedder):
        count = old[0].passages
        return BuildReport(passages=count, embedded=0, reused=count, changed=False)
    texts = [indexed_text(passage) for passage in _passages(library)]
    with VectorJournal(library.folder / "index", embedder.digest) as journal:
        vectors, embedded = _vectors(
            texts, old, embedder, journal, progress=progress, planned=planned
        )
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            model=embedder.name,
            model_digest=embedder.digest,
            word_rules=rules_digest(),
            dimension=int(vectors.shape[1]),
            passages=len(texts),
            corpus_fingerprint=corpus_fingerprint,
        )
        _write(library, manifest, texts, vectors)
        journal.remove()
    return BuildReport(
        passages=len(texts), embedded=embedded, reused=len(texts) - embedded, changed=True
    )


def _passages(library: Library) -> Iterator[Passage]:
    """Give all passages, by document id and then in text order, without holding documents."""
    return (p for document in library.each_document() for p in passages_of(document))


def _vectors(
    texts: Sequence[str],
    old: tuple[Manifest, Path] | None,
    embedder: Embedder,
    journal: VectorJournal,
    *,
    progress: Progress | None,
    planned: Progress | None,
) -> tuple[Vectors, int]:
    """Return float32 (len(texts), dimension), and how many of the texts had to be embedded."""
    keys = [_key(text) for text in texts]
    known = _known_vectors(old, embedder, wanted=set(keys)) | journal.read()
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    new_keys = list(new)
    if planned is not None:
        planned(len(new_keys))
    for start in range(0, len(new_keys), EMBED_AT_ONCE):
        batch = new_keys[start : start + EMBED_AT_ONCE]
        found = embedder.embed_batch([new[key] for key in batch])
        known.update(zip(batch, found, strict=True))
        if start + EMBED_AT_ONCE < len(new_keys):  # the last batch stands in the index at once
            journal.append(batch, found)
        if progress is not None:
            progress(len(batch))
    return np.stack([known[key] for key in keys]), len(new_keys)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def load_index(library: Library, embedder: Embedder) -> LoadedIndex:
    """Read the index in use.

    Raises IndexingError when there is none, or when its format, model or corpus is not the one
    expected; the message holds both values.
    """
    folder = _current_folder(library.folder / "index")
    manifest = _read_manifest(folder)
    _refuse_mismatch(folder, "corpus", library.fingerprint, manifest.corpus_fingerprint)
    _refuse_mismatch(folder, "set of word rules", rules_digest(), manifest.word_rules)
    _refuse_mismatch(folder, "embedding model", embedder.digest, manifest.model_digest)
    _refuse_damage(folder, manifest)
    try:
        passages = tuple(_read_passages(folder))
        lexical = LexicalIndex.load(folder)
        dense = DenseIndex.load(folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise IndexingError(f"{folder}: damaged ({error}); run `sequitur index`") from error
    for part, size in (
        ("passages", len(passages)),
        ("words", lexical.size),
        ("vectors", dense.size),
    ):
        _refuse_mismatch(folder, f"number of {part}", str(manifest.passages), str(size))
    return LoadedIndex(
        manifest=manifest, retriever=HybridRetriever(passages, lexical, dense, embedder)
    )


def current_manifest(library_folder: Path) -> Manifest:
    """Return what the index in use was built from; raises IndexingError."""
    return _read_manifest(_current_folder(library_folder / "index"))


def _belongs(manifest: Manifest, corpus_fingerprint: str, embedder: Embedder) -> bool:
    found = (manifest.corpus_fingerprint, manifest.model_digest, manifest.word_rules)
    return found == (corpus_fingerprint, embedder.digest, rules_digest())


def _refuse_mismatch(folder: Path, what: str, expected: str, found: str) -> None:
    if expected != found:
        raise IndexingError(
            f"{folder}: {what} does not match: expected {expected}, the index has {found}; "
            "run `sequitur index`"
        )


def _try_current(library: Library) -> tuple[Manifest, Path] | None:
    """Return the index in use, or None when there is none that can be read."""
    try:
        folder = _current_folder(library.folder / "index")
        manifest = _read_manifest(folder)
        _refuse_damage(folder, manifest)
    except IndexingError:
        return None
    return manifest, folder


def _refuse_damage(folder: Path, manifest: Manifest) -> None:
    found = _digests(folder)
    wrong = sorted(n for n in {*found, *manifest.files} if found.get(n) != manifest.files.get(n))
    if wrong:
        raise IndexingError(f"{folder}: damaged ({', '.join(wrong)}); run `sequitur index`")


def _digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a generation but its manifest, by relative name."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def _known_vectors(
    old: tuple[Manifest, Path] | None, embedder: Embedder, *, wanted: Collection[bytes]
) -> dict[bytes, Vectors]:
    """Return the vectors of an old index, by text, that are still wanted."""
    if old is None or old[0].model_digest != embedder.digest:
        return {}
    try:
        keys = [_key(indexed_text(passage)) for passage in _read_passages(old[1])]
        kept = [position for position, key in enumerate(keys) if key in wanted]
        vectors = DenseIndex.load(old[1]).vectors(np.asarray(kept, dtype=np.int64))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return {}  # a damaged index has nothing to reuse; it is replaced by the new one
    return dict(zip((keys[position] for position in kept), vectors, strict=True))


def _current_folder(root: Path) -> Path:
    pointer = root / "current"
    if not pointer.exists():
        raise IndexingError(f"{root}: no index here; run `sequitur index`")
    try:
        return root / pointer.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise IndexingError(f"{pointer}: cannot be read ({error}); run `sequitur index`") from error


def _read_manifest(folder: Path) -> Manifest:
    path = folder / "manifest.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _refuse_mismatch(
            folder,
            "format",
            f"{FORMAT} version {VERSION}",
            f"{found['format']} version {found['version']}",
        )
        return Manifest(**found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexingError(f"{path}: cannot be read ({error}); run `sequitur index`") from error


def _read_passages(folder: Path) -> Iterator[Passage]:
    with (folder / "passages.jsonl").open(encoding="utf-8") as file:
        for line in file:
            fields = json.loads(line)
            fields["section_path"] = tuple(fields["section_path"])
            fields["lead_ins"] = tuple(fields["lead_ins"])
            yield Passage(**fields)


def _write(library: Library, manifest: Manifest, texts: Sequence[str], vectors: Vectors) -> None:
    root = library.folder / "index"
    before = _named_by(root / "current")
    building = Path(tempfile.mkdtemp(dir=root, prefix=".building-"))
    try:
        _write_files(building, _passages(library), texts, vectors)
        complete = dataclasses.replace(manifest, files=_digests(building))
        write_json(building / "manifest.json", dataclasses.asdict(complete))
        # a name of its own for each build: the generation in use is never written to
        name = f"{manifest.fingerprint[:16]}-{secrets.token_hex(4)}"
        building.rename(root / name)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    write_bytes(root / "current", f"{name}\n".encode())
    _remove_all_but(root, keep={name, before})


def _write_files(
    folder: Path, passages: Iterable[Passage], texts: Sequence[str], vectors: Vectors
) -> None:
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as file:
        for passage in passages:
            file.write(json.dumps(dataclasses.asdict(passage), ensure_ascii=False) + "\n")
    DenseIndex.build(vectors).save(folder)
    LexicalIndex.build(texts).save(folder)


def _named_by(pointer: Path) -> str | None:
    try:
        return pointer.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None


def _remove_all_but(root: Path, *, keep: set[str | None]) -> None:
    """Remove older generations; the one before stays for a server that still reads it."""
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
