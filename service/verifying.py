"""Re-checking a saved answer against a library: no model, no network, only slices and digests."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import FileInputError
from corpus.library import Library
from service.sources_since import Check, Since, checked, quotes_of, since

MAX_ANSWER_BYTES = 16_000_000
_WRONG = {
    "false": "the quote is not what stands there",
    "gone": "the document's text has changed since, and the quote is gone",
    "inside": "the document's text has changed since; the quote stands only inside a longer "
    "sentence",
    "removed": "the document is not in this library",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check found: every quote with its state, and what changed since the answer."""

    checks: tuple[Check, ...]
    since: Since

    @property
    def failed(self) -> bool:
        """True when a quote does not hold or a source was retracted since."""
        return bool(self.since.retracted) or not all(check.holds for check in self.checks)

    def problems(self) -> Iterator[str]:
        """Yield one line for every quote that does not hold and every source retracted since."""
        for check in self.checks:
            if not check.holds:
                yield f"{_where(check)}: {_WRONG[check.state]}"
        for key in self.since.retracted:
            yield f"{_plain(key)}: has been retracted since the answer was given"

    def news(self) -> Iterator[str]:
        """Yield one line for everything else that changed since."""
        for check in self.checks:
            if check.state == "moved" and check.at is not None:
                moved = (check.at.start, check.at.end) != (check.quoted.start, check.quoted.end)
                now = f"stands at {check.at.start}-{check.at.end} now" if moved else "still stands"
                yield (
                    f"{_where(check)}: the document's text has changed since the answer was given; "
                    f"the quote {now}"
                )
        for key in self.since.concern:
            yield f"{_plain(key)}: an expression of concern was published about it"
        for one in self.since.review:
            yield f"{_plain(one.document_id)}: was {one.was.value}, is {one.now.value}"

    def record(self) -> dict[str, Any]:
        """Return it as JSON: every quote, what changed, and the lines that are shown."""
        return {
            "holds": not self.failed,
            "quotes": [_quote_record(check) for check in self.checks],
            "since": self.since.record(),
            "problems": list(self.problems()),
            "news": list(self.news()),
        }


def read_answer(path: Path) -> Mapping[str, Any]:
    """Read a saved answer record; raises FileInputError when it is none."""
    name = str(path)
    try:
        record = json.loads(_content(path))
    except OSError as error:
        raise FileInputError(name, error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise FileInputError(name, "not UTF-8 text", place=f"byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise FileInputError(name, "not a JSON file", place=place) from error
    if not isinstance(record, dict) or not isinstance(record.get("statements"), list):
        raise FileInputError(name, "not an answer record (no list of statements)")
    return record


def verified(record: Mapping[str, Any], name: str, library: Library) -> Verification:
    """Check a record; raises FileInputError naming what is malformed in the file `name`."""
    checks = checked(quotes_of(record, name), library)
    return Verification(checks=checks, since=since(record, checks, library, name=name))


def _content(path: Path) -> bytes:
    """Return a file's bytes; what has no end, and what is too large, is not read."""
    if path.exists() and not path.is_file():
        raise FileInputError(str(path), "not a file")
    with path.open("rb") as file:
        data = file.read(MAX_ANSWER_BYTES + 1)
    if len(data) > MAX_ANSWER_BYTES:
        raise FileInputError(str(path), f"larger than {MAX_ANSWER_BYTES:,} bytes")
    return data


def _where(check: Check) -> str:
    one = check.quoted
    marker = "[?]" if one.marker is None else f"[{one.marker}]"
    return f"{marker} {_plain(one.document_id)} {one.start}-{one.end}"


def _plain(key: str) -> str:
    """Return an id of a foreign record in one line, whatever it holds."""
    return ascii(key)[1:-1]


def _quote_record(check: Check) -> dict[str, Any]:
    one = check.quoted
    return {
        "marker": one.marker,
        "document_id": one.document_id,
        "start": one.start,
        "end": one.end,
        "state": check.state,
        "now": [check.at.start, check.at.end] if check.at is not None else None,
    }
