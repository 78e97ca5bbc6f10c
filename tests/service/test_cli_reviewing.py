"""`sequitur review` from the outside: moves, history, what changed, and how it ends."""

import datetime as dt
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.library import Library
from corpus.records import Document, ReviewStatus
from index.saved import build_index, load_index
from service.cli import cli
from tests.evals.fakes import WordEmbedder
from tests.fakes import article_of, clinic, contents, heading, item
from tests.service.cases import FAKED_CLI, run_command
from tests.service.test_cli import assert_refused


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Read no settings but those of the test."""
    for variable in [name for name in os.environ if name.startswith("SEQUITUR_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("SEQUITUR_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return the library of gout and fever."""
    return clinic(tmp_path / "library")


def reviewed(library: Library, *arguments: str) -> Result:
    """Run the command in this process; an exception that is not mapped comes through."""
    command = ["review", *arguments, "--library", str(library.folder)]
    return CliRunner().invoke(cli, command, catch_exceptions=False)


def approved(library: Library) -> None:
    """Bring gout to its approval."""
    for status in ("under-review", "approved"):
        assert reviewed(library, "gout", status, "--by", "Dr Roe").exit_code == 0


def test_a_move_is_told_and_listed(library: Library) -> None:
    """The line says from where to where, when and by whom; the list shows the new status."""
    done = reviewed(library, "gout", "under-review", "--by", "Dr Roe", "--note", "Check doses.")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("gout: submitted → under-review, 20")
    assert done.stdout.endswith("Z, by Dr Roe\n")
    listed = CliRunner().invoke(cli, ["articles", "--library", str(library.folder), "--json"])
    assert {a["slug"]: a["review_status"] for a in json.loads(listed.stdout)} == {
        "gout": "under-review",
        "fever": "submitted",
    }


def test_a_move_as_json_is_the_line_of_the_log(library: Library) -> None:
    """What is printed is what was written, in UTC, at the present time."""
    done = reviewed(library, "gout", "under-review", "--by", "Dr Roe", "--json")
    event = json.loads(done.stdout)
    assert event == json.loads(library.reviews.path("gout").read_text(encoding="utf-8"))
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(event["at"])
    assert dt.timedelta(0) <= age < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("gout", "approved", "--by", "Dr Roe"), "submitted → approved leaves a step out"),
        (("gout", "submitted", "--by", "Dr Roe"), "gout is submitted already"),
        (("gout", "under-review"), "--by NAME"),
        (("gout", "under-review", "--by", " "), "by: say who"),
        (("gout", "under-review", "--by", "Dr Roe", "--log"), "without a status"),
        (("gout", "under-review", "--by", "Dr Roe", "--changes"), "without a status"),
        (("gout", "--by", "Dr Roe"), "go with a status"),
        (("gout", "--note", "Why?"), "go with a status"),
        (("gout", "--changes"), "gout was never approved here"),
        (("toothache",), "no article 'toothache'"),
        (("toothache", "under-review", "--by", "Dr Roe"), "no article 'toothache'"),
        (("toothache", "--changes"), "no article 'toothache'"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    library: Library, arguments: tuple[str, ...], named: str
) -> None:
    """Exit code 2, the reason, and not a byte written."""
    before = contents(library.folder)
    assert_refused(reviewed(library, *arguments), named)
    assert contents(library.folder) == before


def test_an_unknown_status_names_those_that_there_are(library: Library) -> None:
    """The three steps are listed."""
    done = reviewed(library, "gout", "published", "--by", "Dr Roe")
    assert done.exit_code == 2
    assert all(status.value in done.stderr for status in ReviewStatus)


def test_the_history_says_how_it_stands(library: Library) -> None:
    """First the status that counts and why, then every event with its note; the same as JSON."""
    assert reviewed(library, "gout").stdout == "gout: submitted (as its file declares)\n"
    reviewed(library, "gout", "under-review", "--by", "Dr Roe", "--note", "Check\nthe doses.")
    reviewed(library, "gout", "approved", "--by", "Dr Doe")
    day = dt.datetime.now(dt.UTC).date().isoformat()
    for option in ([], ["--log"]):
        first, *rest = reviewed(library, "gout", *option).stdout.splitlines()
        assert first == f"gout: approved on {day} by Dr Doe"
        assert rest[0].startswith("  submitted → under-review, ")
        assert rest[1:3] == ["      Check", "      the doses."]
        assert rest[3].endswith(", by Dr Doe")
    record = json.loads(reviewed(library, "gout", "--json").stdout)
    assert (record["status"], record["why"], record["damage"]) == ("approved", "moved", [])
    assert [event["status"] for event in record["events"]] == ["under-review", "approved"]


def test_an_approved_article_that_changed_is_told_with_what_changed(library: Library) -> None:
    """The history says since when; --changes shows old and new, by section."""
    approved(library)
    assert "Nothing has changed since." in reviewed(library, "gout", "--changes").stdout
    references = library.article("gout").references
    library.put(
        articles=[
            article_of(
                "gout",
                heading("Causes"),
                "Urate crystals settle in the joints. Beer lowers urate.",
                heading("Treatment"),
                "Colchicine works within a day:",
                item("one tablet at once"),
                references=references,
            )
        ]
    )
    day = dt.datetime.now(dt.UTC).date().isoformat()
    first, *_ = reviewed(library, "gout").stdout.splitlines()
    assert first == f"gout: under review: changed since it was approved on {day} by Dr Roe"
    head, *told = reviewed(library, "gout", "--changes").stdout.splitlines()
    assert head.startswith("gout: since under-review → approved, ")
    assert told == [
        "  Causes: reworded: “Beer raises urate.”",
        "      now: “Beer lowers urate.”",
        "  Treatment: removed: “another tablet after an hour”",
    ]
    record = json.loads(reviewed(library, "gout", "--changes", "--json").stdout)
    assert [change["kind"] for change in record["changes"]] == ["reworded", "removed"]
    assert (record["same"], record["since"]["by"]) == (False, "Dr Roe")


def test_another_order_is_told_in_words(library: Library) -> None:
    """An approval falls back when a text is only turned round; the editor is told why."""
    approved(library)
    old = library.article("gout")
    library.put(articles=[replace(old, document=_turned())])
    assert library.article("gout").review_status is ReviewStatus.UNDER_REVIEW
    assert "the order or the layout has changed" in reviewed(library, "gout", "--changes").stdout


def _turned() -> Document:
    return article_of(
        "gout",
        heading("Treatment"),
        "Colchicine works within a day:",
        item("one tablet at once"),
        item("another tablet after an hour"),
        heading("Causes"),
        "Urate crystals settle in the joints. Beer raises urate.",
    ).document


def test_the_history_of_a_deleted_article_can_be_read(library: Library) -> None:
    """Its log stays; it can be moved no more."""
    approved(library)
    library.delete_article("gout")
    done = reviewed(library, "gout")
    assert done.exit_code == 0
    assert done.stdout.startswith("gout: no article of this name in the library")
    assert json.loads(reviewed(library, "gout", "--json").stdout)["status"] is None
    assert_refused(reviewed(library, "gout", "under-review", "--by", "Dr Roe"), "no article 'gout'")


def test_damage_is_told_with_file_and_line(library: Library) -> None:
    """The rest is shown, the place is named on stderr, and the exit code says that it is wrong."""
    reviewed(library, "gout", "under-review", "--by", "Dr Roe")
    path = library.reviews.path("gout")
    with path.open("ab") as file:
        file.write(b'{"format": "sequitur-review", "ver')
    done = reviewed(library, "gout")
    assert done.exit_code == 1
    assert f"{path}, line 2" in done.stderr
    assert "by Dr Roe" in done.stdout
    moved = reviewed(library, "gout", "approved", "--by", "Dr Roe")
    assert moved.exit_code == 0
    assert "line 2" in moved.stderr


def test_what_a_log_says_cannot_steer_the_terminal(library: Library) -> None:
    """A log that somebody else wrote is shown as text."""
    approved(library)
    path = library.reviews.path("gout")
    path.write_text(
        path.read_text(encoding="utf-8").replace("Dr Roe", "\\u001b[2J\\u009b31m"),
        encoding="utf-8",
    )
    assert not {"\x1b", "\x9b"} & set(reviewed(library, "gout").stdout)
    assert not {"\x1b", "\x9b"} & set(reviewed(library, "gout", "--changes").stdout)


def test_a_move_leaves_the_index_valid(library: Library) -> None:
    """No rebuild is needed: the index that was there belongs to the library as before."""
    build_index(library, WordEmbedder())
    approved(library)
    assert load_index(Library(library.folder), WordEmbedder())
    assert not build_index(Library(library.folder), WordEmbedder()).changed


def test_the_program_itself_moves_and_then_refuses(library: Library) -> None:
    """In a process of its own, the setting decides what a question gets."""
    build_index(library, WordEmbedder())
    chosen = {"SEQUITUR_ASK_UNREVIEWED": "no", "SEQUITUR_CONFIDENCE_THRESHOLD": "0"}
    question = ("ask", "Does colchicine work within a day?", "--article", "gout")
    where = ("--library", library.folder)
    refused = run_command(sys.executable, "-c", FAKED_CLI, *question, *where, **chosen)
    assert refused.returncode == 0, refused.stderr
    assert "No answer (not_approved)." in refused.stdout
    approved(library)
    answered = run_command(sys.executable, "-c", FAKED_CLI, *question, *where, **chosen)
    assert "Colchicine works within a day" in answered.stdout
