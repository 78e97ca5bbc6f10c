"""Files that a command is told to write."""

import os
from pathlib import Path

from corpus.errors import InputError


def refuse_unwritable(*files: Path | None) -> None:
    """Raise InputError now for a file that cannot be written, not after an hour of questions."""
    for file in files:
        if file is None:
            continue
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{file}: cannot be written ({error.strerror})") from error
        if not os.access(file.parent, os.W_OK):
            raise InputError(f"{file}: cannot be written (no permission for the folder)")
