"""Every error that Sequitur raises on purpose.

SequiturError            root; its text is one line fit to show
├── InputError           the person who gave the file or the value should mend it
│   └── FileInputError   … in a file: names the file, the place in it and the reason
├── NotFoundError        the id that was asked for is not in the library
├── LibraryError         the operator's library folder is damaged or of another version
├── IndexingError        the operator should (re)build the index
├── ModelError           the operator should mend the model's path or files
├── GenerationError      the language model gave nothing to use: quote instead, tell the operator
├── FetchError           a service of the network gave nothing to use: try later, or read a file
└── SettingsError        the operator should mend an environment variable
"""

from typing import Literal

GenerationFailure = Literal[
    "unreachable",
    "slow",
    "busy",
    "rejected",
    "unknown_model",
    "bad_request",
    "server_error",
    "nonsense",
    "cut",
    "empty",
    "endless",
    "filtered",
    "spent",
    "too_large",
]


FetchFailure = Literal[
    "unreachable",
    "slow",
    "busy",
    "server_error",
    "refused",
    "nonsense",
    "too_large",
]


class SequiturError(Exception):
    """Root of all deliberate errors; `str(error)` is a single line."""


class InputError(SequiturError):
    """A value or file given by the caller cannot be used as it is."""


class FileInputError(InputError):
    """A file cannot be read: `name`, `place` (line, record or byte; may be empty), `reason`."""

    def __init__(self, name: str, reason: str, *, place: str = "") -> None:
        self.name = name
        self.place = place
        self.reason = reason
        where = f"{name}, {place}" if place else name
        super().__init__(f"{where}: {reason}")


class NotFoundError(SequiturError):
    """No article, document or answer has this id."""


class LibraryError(SequiturError):
    """The library folder is missing, damaged or of another format version."""


class IndexingError(SequiturError):
    """The index is missing, or does not belong to this library or this model."""


class ModelError(SequiturError):
    """A model's files are missing or are not the files that were expected."""


class GenerationError(SequiturError):
    """A language model gave nothing that can be used, or broke off; `kind` says how.

    Neither what was asked, nor what was written, nor a key ever stands in its text.
    """

    def __init__(self, kind: GenerationFailure, reason: str) -> None:
        self.kind: GenerationFailure = kind
        super().__init__(f"language model ({kind}): {reason}")


class FetchError(SequiturError):
    """A service of the network was asked for records and gave none; `kind` says how.

    A key never stands in its text.
    """

    def __init__(self, kind: FetchFailure, reason: str) -> None:
        self.kind: FetchFailure = kind
        super().__init__(reason)


class SettingsError(SequiturError):
    """A setting has a value that cannot be used; names the variable."""
