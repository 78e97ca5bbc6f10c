"""Recorded replies through the whole path: what a reader sees may not get worse.

`replies.jsonl` was written for this: sentences as several kinds of language models would reply on
the built-in sample, half of them false by nine kinds. `figures.json` holds what was reached; a
change that reaches more writes it anew: `python -m tests.service.writing.test_replay`.
"""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evals.replay import Reply, measured, read_replies, replayed, table
from index.reading.checker import BuiltInChecker
from service.writing.checking import Checks
from tests.service.cases import real_sample

HERE = Path(__file__).parent
FIGURES = HERE / "figures.json"


@cache
def replies() -> tuple[Reply, ...]:
    """Return the recorded replies."""
    return tuple(read_replies(HERE / "replies.jsonl"))


def found(folder: Path) -> dict[str, Any]:
    """Return what becomes of the recorded replies; the sample is built under `folder`."""
    return measured(list(replayed(replies(), real_sample(folder), Checks(BuiltInChecker()))))


def test_the_replies_are_enough_and_balanced() -> None:
    """At least 200 sentences, half of them false, by all nine kinds."""
    sentences = [sentence for reply in replies() for sentence in reply.sentences]
    false = [sentence.kind for sentence in sentences if not sentence.faithful]
    assert len(sentences) >= 195
    assert 0.4 < len(false) / len(sentences) < 0.6
    assert set(false) == {
        "number", "swap", "negation", "population", "certainty", "cause", "extra", "mention",
        "pronoun",
    }  # fmt: skip


def test_what_is_shown_is_no_worse_than_what_was_reached(tmp_path: Path) -> None:
    """More faithful sentences, fewer false ones, more whole answers; the rest as it was."""
    told, before = found(tmp_path), json.loads(FIGURES.read_text(encoding="utf-8"))
    print("\n".join(table(told)))  # noqa: T201 - the figures of this run
    assert told["replies"] == before["replies"]
    assert told["shown"]["faithful"]["share"] >= before["shown"]["faithful"]["share"]
    assert told["shown"]["false"]["share"] <= before["shown"]["false"]["share"]
    assert told["whole"] >= before["whole"]
    assert told["refused_before_asked"] <= before["refused_before_asked"]
    assert told["declined_and_refused"] >= before["declined_and_refused"]


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        FIGURES.write_text(json.dumps(found(Path(made)), indent=1) + "\n", encoding="utf-8")
