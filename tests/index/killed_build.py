"""A build that is killed half-way: `python -m tests.index.killed_build LIBRARY MODEL POINT`.

Builds the library's index with the fake embedder called MODEL; when POINT is reached the process
kills itself as the kernel would, so that no clean-up of any kind runs.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from corpus.library import Library
from index import saved
from index.dense import DenseIndex
from index.lexical import LexicalIndex
from tests.fakes import RecordingEmbedder

# where the process is killed: just before the call of this name
POINTS: dict[str, tuple[Any, str]] = {
    "vectors are saved": (DenseIndex, "save"),
    "words are saved": (LexicalIndex, "save"),
    "the new folder is renamed": (Path, "rename"),
    "the pointer is written": (saved, "write_bytes"),
    "the pointer is flushed": (os, "fsync"),
    "the pointer is renamed": (Path, "replace"),
}
AFTER_THE_SWITCH = "old folders are removed"
LATE_POINTS: dict[str, tuple[Any, str]] = {AFTER_THE_SWITCH: (saved, "_remove_all_but")}


def _kill(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def main() -> None:
    """Build until killed."""
    folder, model, point = sys.argv[1:]
    owner, name = (POINTS | LATE_POINTS)[point]
    setattr(owner, name, _kill)
    saved.build_index(Library(Path(folder)), RecordingEmbedder(model))


if __name__ == "__main__":
    main()
