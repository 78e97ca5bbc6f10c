"""What a person who waits for `ingest` sees: a bar on stderr, and a file of what was left out."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from tqdm import tqdm

from corpus.errors import InputError
from ingest.drafts import Rejection

# What opens a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@")


class ReadingBar:
    """A bar over the bytes of all files that counts records; shown after two seconds."""

    def __init__(self) -> None:
        self.records = 0
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def begin(self, size_bytes: int) -> None:
        """Hear how many bytes there are to read."""
        self._bar = tqdm(
            total=size_bytes,
            unit="B",
            unit_scale=True,
            desc="reading",
            delay=2,
            mininterval=1,
            file=sys.stderr,
        )

    def advance(self, *, size_bytes: int = 0, records: int = 0) -> None:
        """Hear of bytes that were read, and of records or files that are done with."""
        self.records += records
        if self._bar is None:
            return
        if records:
            elapsed_s = self._bar.format_dict["elapsed"]
            rate = f", {self.records / elapsed_s:,.0f}/s" if elapsed_s > 1 else ""
            self._bar.set_postfix_str(f"{self.records:,} records{rate}", refresh=False)
        self._bar.update(size_bytes)


class RejectedFile:
    """Tab-separated file, place and reason of each record that was left out.

    The file is made with the first of them, in the place of an older one; `count` is their number.
    Raises InputError when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, name: str, rejection: Rejection) -> None:
        """Write one more."""
        try:
            if self._file is None:
                self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace")
                self._file.write("file\tplace\treason\n")
            cells = (name, rejection.place, rejection.reason)
            self._file.write("\t".join(map(_cell, cells)) + "\n")
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error
        self.count += 1


def _cell(text: str) -> str:
    """Return a text that stays in its cell and is no formula."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
