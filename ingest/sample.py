"""The built-in sample: its Markdown articles, read into a library beside the install."""

import hashlib
import shutil
import tempfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from corpus.errors import LibraryError
from corpus.library import Library
from ingest.code import code_digest

QUESTIONS = "questions.jsonl"


def sample_folder() -> Traversable:
    """Return the folder of the sample's sources inside the installed package."""
    return resources.files("corpus") / "sample"


def sample_library(data_dir: Path) -> Path:
    """Return the folder of the sample's library under `data_dir`, building it when it is not there.

    The folder's name holds a digest of the sources and of the code that reads them, so that a new
    version gets a new library.
    Built under a temporary name and renamed. Raises LibraryError when `data_dir` is not writable.
    """
    folder = data_dir / f"sample-{_digest()[:12]}"
    if (folder / "library.json").exists():
        return folder
    from ingest.reading import ingest  # all formats: half a second that a ready sample spares

    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=data_dir, prefix=".sample-"))
    except OSError as error:
        raise LibraryError(
            f"{data_dir}: the built-in sample cannot be built here ({error.strerror}); "
            "set SEQUITUR_DATA_DIR to a folder that can be written"
        ) from error
    try:
        with resources.as_file(sample_folder() / "articles") as articles:
            ingest([articles], Library.create(building))
        try:
            building.rename(folder)
        except OSError:  # another process was quicker
            if not (folder / "library.json").exists():
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _digest() -> str:
    digest = hashlib.sha256(f"{code_digest('corpus', 'ingest')}\n".encode())
    articles = (sample_folder() / "articles").iterdir()
    for path in sorted(articles, key=lambda p: p.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
