"""The library in use, exchanged for a newer one while questions go on.

    look ──nothing moved──> look again in a second
      │ `index/current` names another generation, or texts moved and rest
      ▼
    open beside ──cannot be used──> the old one goes on; `behind` and the log say why
      │ warm
      ▼
    exchange: one assignment. Who has the old one keeps it until done, then its memory is free.

A look reads dates, no file. Who works on one request takes `Watched.assistant` once: everything
that comes from it is of one state of the library. Editorial reviews need no exchange: their log is
read whenever an article is (`corpus/reviews.py`).
"""

import datetime as dt
import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import IndexingError, SequiturError
from index.saved import current_manifest
from service.assistant import Assistant
from service.beside import Beside

LOOK_EVERY_S = 1.0
# Texts that are being written one after another are read only when so long nothing moved.
REST_S = 2.0
# What failed in an unforeseen way may go well later although nothing on the disk changes.
AGAIN_AFTER_S = 60.0

_log = logging.getLogger(__name__)

Dates = tuple[int, int] | None
_NEVER: Dates = (-1, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """How a library's folder looks from outside: time of change (ns) and inode, None if missing.

    `index` is of the pointer to the generation in use; `texts` are of the folders of texts, which
    change whenever a file in them is written, as every file is renamed into its place.
    """

    index: Dates
    texts: tuple[Dates, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swaps:
    """What has come of watching: exchanges and attempts that were given up, since the start.

    `opened` (UTC) is when the present one came into use. `behind` says in one line why what is on
    the disk is not served; None when it is.
    """

    opened: dt.datetime
    done: int = 0
    refused: int = 0
    behind: str | None = None


class Watched(Beside):
    """An assistant, and the newer ones that take its place; to be read from any thread."""

    def __init__(self, assistant: Assistant) -> None:
        super().__init__("sequitur-watch")
        self._assistant = assistant
        self._folder = assistant.library.folder
        self._seen = self._at_first()
        self._moving: tuple[Stamp, float] | None = None
        self._again_at: float | None = None
        self._swaps = Swaps(opened=dt.datetime.now(dt.UTC))

    @property
    def assistant(self) -> Assistant:
        """The one in use."""
        return self._assistant

    @property
    def swaps(self) -> Swaps:
        """What has come of watching so far."""
        return self._swaps

    def look(self) -> None:
        """Open the library anew and exchange it, if there is cause; returns when that is done."""
        stamp = stamp_of(self._folder)
        if self._is_cause(stamp):
            # before it is opened: what moves meanwhile is seen at the next look
            self._seen, self._moving, self._again_at = stamp, None, None
            self._exchange()

    def _work(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - watching goes on, whatever it was
                self._refuse(f"Looking failed ({type(error).__name__}).")

    def _at_first(self) -> Stamp:
        """Return how the folder looked when it was opened, so that what came since is a cause."""
        stamp = stamp_of(self._folder)
        if not self._is_current():
            return replace(stamp, index=_NEVER)
        if any(texts and stamp.index and texts > stamp.index for texts in stamp.texts):
            return replace(stamp, texts=())  # written after the index, perhaps after the opening
        return stamp

    def _is_current(self) -> bool:
        """Tell whether the generation that the pointer names is the one in use."""
        try:
            manifest = current_manifest(self._folder)
        except IndexingError:
            return False
        return manifest.fingerprint == self._assistant.index.manifest.fingerprint

    def _is_cause(self, stamp: Stamp) -> bool:
        if stamp.index != self._seen.index:
            return True
        now = time.monotonic()
        if stamp == self._seen:
            self._moving = None
            return self._again_at is not None and now >= self._again_at
        if self._moving is None or self._moving[0] != stamp:
            self._moving = (stamp, now)
        return now - self._moving[1] >= REST_S

    def _exchange(self) -> None:
        try:
            fresh = self._assistant.reopened()
            if _identity(fresh) == _identity(self._assistant):
                self._swaps = replace(self._swaps, behind=None)
                return
            fresh.warm()
        except SequiturError as error:
            self._refuse(" ".join(str(error).split()))
        except Exception as error:  # noqa: BLE001 - whatever it is, the old one goes on
            # only its kind: its text may hold what a text or somebody said
            self._refuse(f"The library cannot be opened anew ({type(error).__name__}).")
            self._again_at = time.monotonic() + AGAIN_AFTER_S
        else:
            self._assistant = fresh
            done, now = self._swaps.done + 1, dt.datetime.now(dt.UTC)
            self._swaps = replace(self._swaps, opened=now, done=done, behind=None)
            _log.info("index %s is in use", fresh.index.manifest.fingerprint[:16])

    def _refuse(self, reason: str) -> None:
        if reason != self._swaps.behind:
            _log.warning("the library goes on as it was opened: %s", reason)
        self._swaps = replace(self._swaps, refused=self._swaps.refused + 1, behind=reason)


def stamp_of(folder: Path) -> Stamp:
    """Return how a library's folder looks now; reads no file."""
    return Stamp(
        index=_dates(folder / "index" / "current"),
        texts=(_dates(folder / "articles"), _dates(folder / "documents")),
    )


def _dates(path: Path) -> Dates:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _identity(assistant: Assistant) -> tuple[str, str]:
    manifest = assistant.index.manifest
    return manifest.corpus_fingerprint, manifest.fingerprint
