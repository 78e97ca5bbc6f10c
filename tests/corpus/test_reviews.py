"""Editorial review: moves, what they mean for the status, and a log that survives everything."""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest
from filelock import FileLock

from corpus import reviews
from corpus.approvals import KEPT, approved_article, last_approval, review
from corpus.errors import InputError, LibraryError, NotFoundError
from corpus.library import Library
from corpus.records import Article, GlossaryEntry, Notice, Reference, ReviewStatus
from corpus.review_content import content_of
from corpus.reviews import ReviewLog, standing_text
from tests.fakes import article_of, clinic, contents, heading

ROOT = Path(__file__).resolve().parents[2]
SUBMITTED, UNDER_REVIEW, APPROVED = ReviewStatus
NOON = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
UNIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="uses a limit of the kernel")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return the library of gout and fever."""
    return clinic(tmp_path / "library")


def noon() -> dt.datetime:
    """Return the same moment every time."""
    return NOON


def moved(library: Library, *steps: ReviewStatus, slug: str = "gout", by: str = "Ed") -> None:
    """Move an article step by step."""
    for step in steps:
        review(library, slug, step, by=by, now=noon)


def log_of(library: Library, slug: str = "gout") -> Path:
    """Return the log's file."""
    return library.reviews.path(slug)


def in_a_process(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Begin a Python program of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# --- moves --------------------------------------------------------------------------------------


def test_an_article_goes_through_review_and_back(library: Library) -> None:
    """Each step is kept with who, when, why and for which content."""
    moved(library, UNDER_REVIEW, APPROVED, UNDER_REVIEW, SUBMITTED)
    events = Library(library.folder).reviews.history("gout").events
    steps = [(event.was, event.status) for event in events]
    assert steps == [
        (SUBMITTED, UNDER_REVIEW),
        (UNDER_REVIEW, APPROVED),
        (APPROVED, UNDER_REVIEW),
        (UNDER_REVIEW, SUBMITTED),
    ]
    assert {(e.by, e.at, e.content) for e in events} == {
        ("Ed", NOON, content_of(library.article("gout")))
    }


@pytest.mark.parametrize(
    ("before", "to", "reason"),
    [
        ((), APPROVED, "submitted → approved leaves a step out; from submitted it goes to under-r"),
        ((), SUBMITTED, "gout is submitted already"),
        ((UNDER_REVIEW,), UNDER_REVIEW, "gout is under-review already"),
        ((UNDER_REVIEW, APPROVED), SUBMITTED, "from approved it goes to under-review"),
    ],
)
def test_a_move_that_leaves_a_step_out_is_refused(
    library: Library, before: tuple[ReviewStatus, ...], to: ReviewStatus, reason: str
) -> None:
    """The reason says which steps there are, and nothing is written."""
    moved(library, *before)
    files = contents(library.folder)
    with pytest.raises(InputError, match=reason):
        moved(library, to)
    assert contents(library.folder) == files


@pytest.mark.parametrize(
    ("by", "note"),
    [
        *[(by, "") for by in ("", "  ", "a\nb", "a\tb", "x" * 201, "\x1b[31m", "\x00", "\ud800")],
        *[("Ed", note) for note in ("x" * 2001, "\x1b[2J", "\u2028", "\udfff")],
    ],
)
def test_a_name_or_note_that_cannot_be_kept_is_refused(
    library: Library, by: str, note: str
) -> None:
    """No name, or what would steer a terminal or break a line, comes into the log."""
    with pytest.raises(InputError, match=r"by: |note: "):
        review(library, "gout", UNDER_REVIEW, by=by, note=note, now=noon)
    assert not log_of(library).exists()


def test_a_note_keeps_its_words(library: Library) -> None:
    """Lines, quotes, signs and letters of every script come back; the time is told in UTC."""
    note = 'Doses “checked”;\n\tsee β, 心, {"a": 1}, <b>'
    paris = dt.timezone(dt.timedelta(hours=1))
    review(
        library,
        "gout",
        UNDER_REVIEW,
        by="  Zoë  ",
        note=note,
        now=lambda: dt.datetime(2026, 1, 1, 0, 30, 5, 7, tzinfo=paris),
    )
    (line,) = log_of(library).read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "format": "sequitur-review",
        "version": 1,
        "at": "2025-12-31T23:30:05Z",
        "status": "under-review",
        "was": "submitted",
        "by": "Zoë",
        "note": note,
        "content": content_of(library.article("gout")),
    }
    assert ReviewLog(library.folder).history("gout").events[0].note == note


def test_an_unknown_article_cannot_be_moved(library: Library) -> None:
    """Only what is in the library goes through review."""
    with pytest.raises(NotFoundError):
        moved(library, UNDER_REVIEW, slug="toothache")
    with pytest.raises(InputError):
        library.reviews.history("\ud800")


# --- what counts --------------------------------------------------------------------------------


def test_without_events_the_declared_status_counts(library: Library) -> None:
    """What the article's own file says holds until somebody moves it; from then on, the log."""
    library.put(articles=[replace(library.article("gout"), review_status=APPROVED)])
    assert library.article("gout").review_status is APPROVED
    assert standing_text(library.standing("gout")) == "approved (as its file declares)"
    moved(library, UNDER_REVIEW)
    library.put(articles=[replace(library.article("gout"), review_status=APPROVED)])
    assert library.article("gout").review_status is UNDER_REVIEW


def test_a_move_changes_neither_the_articles_nor_the_fingerprint(library: Library) -> None:
    """The index belongs to the library as before, and every reader of it sees the new status."""
    before, files = library.fingerprint, contents(library.folder / "articles")
    moved(library, UNDER_REVIEW, APPROVED)
    again = Library(library.folder)
    assert again.fingerprint == library.fingerprint == before
    assert contents(library.folder / "articles") == files
    for seen in (library, again):
        article = seen.article("gout")
        assert article.review_status is APPROVED
        assert article in seen.articles()
        assert seen.scope("gout").article == article
        assert seen.reviews.status_of(article) is APPROVED


def test_a_running_process_sees_a_move_of_another_one(library: Library) -> None:
    """The log is looked at anew whenever an article is asked for; else the object is the same."""
    running = Library(library.folder)
    first = running.article("gout")
    assert running.article("gout") is first
    moved(library, UNDER_REVIEW)
    second = running.article("gout")
    assert (first.review_status, second.review_status) == (SUBMITTED, UNDER_REVIEW)
    assert running.article("gout") is second
    assert running.articles()[1] is second


def test_what_the_log_says_is_never_stored_as_declared(library: Library) -> None:
    """An article that is read, added to and put back keeps its fingerprint and its own status."""
    before = library.fingerprint
    moved(library, UNDER_REVIEW, APPROVED)
    library.put(articles=[library.article("gout")])
    assert library.fingerprint == before
    log_of(library).unlink()
    assert library.article("gout").review_status is SUBMITTED


def test_an_approved_article_that_changes_falls_back(library: Library) -> None:
    """The same content keeps its approval, another one is under review, with the reason."""
    moved(library, UNDER_REVIEW, APPROVED)
    library.put(articles=[library.article("gout")])
    assert library.article("gout").review_status is APPROVED
    old = library.article("gout")
    library.put(articles=[article_of("gout", "Beer raises urate.")])
    standing = Library(library.folder).standing("gout")
    assert (standing.status, standing.why, standing.by) == (UNDER_REVIEW, "changed", "Ed")
    assert standing_text(standing) == (
        "under review: changed since it was approved on 2026-03-04 by Ed"
    )
    assert standing_text(standing.nameless()).endswith("approved on 2026-03-04")
    moved(library, APPROVED)
    assert library.article("gout").review_status is APPROVED
    library.put(articles=[old])
    assert library.article("gout").review_status is UNDER_REVIEW


@pytest.mark.parametrize("status", [SUBMITTED, UNDER_REVIEW])
def test_what_is_not_approved_does_not_move_by_changing(
    library: Library, status: ReviewStatus
) -> None:
    """Before the approval a text may be written on without losing its place."""
    moved(library, UNDER_REVIEW, *([SUBMITTED] if status is SUBMITTED else []))
    library.put(articles=[article_of("gout", "Beer raises urate.")])
    assert library.article("gout").review_status is status


def test_the_log_stays_when_the_article_goes(library: Library) -> None:
    """Deleted and ingested again with the same content, it has its approval again."""
    moved(library, UNDER_REVIEW, APPROVED)
    article = library.article("gout")
    library.delete_article("gout")
    assert len(Library(library.folder).reviews.history("gout").events) == 2
    library.put(articles=[replace(article, review_status=SUBMITTED)])
    assert Library(library.folder).article("gout").review_status is APPROVED


def _with_references(article: Article, **changed: object) -> Article:
    first, *rest = article.references
    return replace(article, references=(replace(first, **changed), *rest))  # type: ignore[arg-type]


def _notice(kind: str) -> Notice:
    return Notice(kind=kind, source="PubMed")  # type: ignore[arg-type]


CHANGES: dict[str, Callable[[Article], Article]] = {
    "text": lambda a: article_of("gout", "Other words.", references=a.references),
    "title": lambda a: replace(a, document=replace(a.document, title="Other")),
    "glossary": lambda a: replace(a, glossary=(GlossaryEntry(term="urate", meaning="A salt."),)),
    "disclaimer": lambda a: replace(a, disclaimer="None."),
    "date": lambda a: replace(a, updated=dt.date(2026, 1, 2)),
    "order of the list": lambda a: replace(a, references=a.references[::-1]),
    "a reference's year": lambda a: _with_references(a, year=1999),
    "the abstract behind a reference": lambda a: _with_references(a, document_id="pmid:2"),
    "a retraction": lambda a: _with_references(a, notices=(_notice("retraction"),)),
    "a concern": lambda a: _with_references(a, notices=(_notice("concern"),)),
    "a heading": lambda a: article_of(a.slug, heading("Other"), "Beer."),
}
NO_CHANGES: dict[str, Callable[[Article], Article]] = {
    "status": lambda a: replace(a, review_status=APPROVED),
    "findings": lambda a: replace(a, findings=("Cited but not listed: 4.",)),
    "other passages": lambda a: replace(a, document=replace(a.document, passages=())),
    "a correction": lambda a: _with_references(a, notices=(_notice("correction"),)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_content_is_all_that_a_reader_sees(library: Library, what: str) -> None:
    """Whatever an editor looked at when approving makes another content."""
    article = library.article("gout")
    assert content_of(CHANGES[what](article)) != content_of(article)


@pytest.mark.parametrize("what", NO_CHANGES)
def test_the_content_is_not_what_the_program_derives(library: Library, what: str) -> None:
    """A status, a finding, where a passage ends, and an erratum leave an approval alone."""
    article = library.article("gout")
    assert content_of(NO_CHANGES[what](article)) == content_of(article)


# --- damage and company -------------------------------------------------------------------------

BROKEN = {
    "cut off": b'{"format": "sequitur-rev',
    "not UTF-8": b"\xff\xfe\x00",
    "no object": b"[1]",
    "nested": b"[" * 100_000,
    "another version": b'{"format": "sequitur-review", "version": 2}',
    "no status": json.dumps({"format": "sequitur-review", "version": 1}).encode(),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_line_is_told_and_loses_nothing_else(library: Library, what: str) -> None:
    """It is named by file and number; the events before and behind it count, and it stays."""
    moved(library, UNDER_REVIEW)
    with log_of(library).open("ab") as file:
        file.write(BROKEN[what])
    moved(library, APPROVED)
    history = Library(library.folder).reviews.history("gout")
    assert [event.status for event in history.events] == [UNDER_REVIEW, APPROVED]
    (told,) = history.damage
    assert told.startswith(f"{log_of(library)}, line 2: no whole event: ")
    assert "\n" not in told
    assert BROKEN[what] in log_of(library).read_bytes().split(b"\n")
    assert library.article("gout").review_status is APPROVED


@pytest.mark.parametrize("what", BROKEN)
def test_no_approval_counts_in_front_of_what_cannot_be_read(library: Library, what: str) -> None:
    """The line may have taken the approval back; another approval puts it right."""
    moved(library, UNDER_REVIEW, APPROVED)
    with log_of(library).open("ab") as file:
        file.write(BROKEN[what] + b"\n")
    standing = library.standing("gout")
    assert (standing.status, standing.why) == (UNDER_REVIEW, "unreadable")
    assert "cannot be read after the approval on 2026-03-04" in standing_text(standing)
    moved(library, APPROVED)
    assert library.article("gout").review_status is APPROVED


def test_a_declared_approval_does_not_count_beside_a_log_that_cannot_be_read(
    library: Library,
) -> None:
    """Where a review began, its file decides, readable or not."""
    library.put(articles=[replace(library.article("gout"), review_status=APPROVED)])
    library.reviews.folder.mkdir()
    log_of(library).write_bytes(b"{")
    standing = library.standing("gout")
    assert (standing.status, standing.why, standing.at) == (UNDER_REVIEW, "unreadable", None)
    assert standing_text(standing) == "under review: its log cannot be read"


def test_a_log_that_is_no_file_is_an_error_of_ours(library: Library) -> None:
    """Reading and writing name the file in one line."""
    log_of(library).mkdir(parents=True)
    with pytest.raises(LibraryError, match=r"gout\.jsonl: cannot be read"):
        library.article("gout")
    blocked = clinic(library.folder.parent / "blocked")
    (blocked.folder / "reviews").write_bytes(b"")
    with pytest.raises(LibraryError, match="reviews"):
        moved(blocked, UNDER_REVIEW)


_CUT = """
import resource, signal, sys
from pathlib import Path
from corpus.approvals import review
from corpus.library import Library
from corpus.records import ReviewStatus
library = Library(Path(sys.argv[1]))
most = library.reviews.path("gout").stat().st_size + 40
signal.signal(signal.SIGXFSZ, signal.SIG_DFL if sys.argv[2] == "killed" else signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    review(library, "gout", ReviewStatus.SUBMITTED, by="Ed")
except Exception as error:
    print(type(error).__name__, error)
"""


@UNIX_ONLY
@pytest.mark.parametrize("how", ["killed", "full"])
def test_an_append_that_is_cut_off_leaves_what_was_there(library: Library, how: str) -> None:
    """Killed by the kernel, or stopped by a full disk, with half a line written: it is told."""
    moved(library, UNDER_REVIEW)
    before = log_of(library).read_bytes()
    process = in_a_process(_CUT, library.folder, how)
    output, _ = process.communicate(timeout=60)
    assert (process.returncode < 0) == (how == "killed")
    assert output.startswith("" if how == "killed" else "LibraryError")
    after = log_of(library).read_bytes()
    assert after.startswith(before)
    assert len(after) == len(before) + 40
    assert library.article("gout").review_status is UNDER_REVIEW
    assert len(library.reviews.history("gout").damage) == 1
    moved(library, SUBMITTED)  # the lock went with the process
    assert log_of(library).read_bytes().startswith(after + b"\n{")
    assert library.article("gout").review_status is SUBMITTED


_RACE = """
import sys
from pathlib import Path
from corpus.approvals import review
from corpus.errors import InputError
from corpus.library import Library
from corpus.records import ReviewStatus
library = Library(Path(sys.argv[1]))
done = 0
for attempt in range(20):
    for step in ("under-review", "approved", "under-review", "submitted"):
        try:
            review(library, "gout", ReviewStatus(step), by=sys.argv[2])
            done += 1
        except InputError:
            pass
print(done)
"""


def test_two_processes_take_turns(library: Library) -> None:
    """Every move that was reported is in the log, and each begins where the one before ended."""
    processes = [in_a_process(_RACE, library.folder, name) for name in ("Ann", "Bob")]
    done = [int(process.communicate(timeout=120)[0]) for process in processes]
    history = library.reviews.history("gout")
    assert history.damage == ()
    counts = [sum(e.by == name for e in history.events) for name in ("Ann", "Bob")]
    assert counts == done
    statuses = [SUBMITTED, *(event.status for event in history.events)]
    assert [event.was for event in history.events] == statuses[:-1]


def test_who_waited_for_the_lock_looks_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A move that was right when it was asked for is refused if somebody else was quicker."""

    class Quicker(FileLock):
        def __enter__(self) -> Self:
            monkeypatch.setattr(reviews, "FileLock", FileLock)
            moved(library, UNDER_REVIEW, by="Ann")
            return super().__enter__()

    monkeypatch.setattr(reviews, "FileLock", Quicker)
    with pytest.raises(InputError, match="gout is under-review already"):
        moved(library, UNDER_REVIEW, by="Bob")
    assert [event.by for event in library.reviews.history("gout").events] == ["Ann"]


# --- what was approved --------------------------------------------------------------------------


def test_the_approved_text_is_kept(library: Library) -> None:
    """Whatever happens to the article, what was approved last can be read again."""
    moved(library, UNDER_REVIEW, APPROVED)
    approved = library.article("gout")
    library.put(articles=[article_of("gout", "Beer raises urate.")])
    again = Library(library.folder)
    assert replace(approved_article(again, "gout"), review_status=APPROVED) == approved
    event = last_approval(again, "gout")
    assert event is not None
    assert event.content == content_of(approved)


def test_only_the_latest_approved_texts_are_kept(library: Library) -> None:
    """The folder does not grow with every approval; the newest is always there."""
    for number in range(KEPT + 2):
        library.put(articles=[article_of("gout", f"Beer raises urate by {number}.")])
        moved(library, *([UNDER_REVIEW] if number == 0 else []), APPROVED)
        assert approved_article(library, "gout").document.text == f"Beer raises urate by {number}."
    assert len(list((library.reviews.folder / "approved" / "gout").iterdir())) == KEPT


def test_what_is_not_kept_or_damaged_is_told(library: Library) -> None:
    """Never approved, removed, not JSON, of another version, not what was approved."""
    with pytest.raises(InputError, match="gout was never approved here"):
        approved_article(library, "gout")
    moved(library, UNDER_REVIEW, APPROVED)
    (kept,) = (library.reviews.folder / "approved" / "gout").iterdir()
    whole = json.loads(kept.read_text(encoding="utf-8"))
    other = {**whole, "article": {**whole["article"], "disclaimer": "Mine."}}
    for text, reason in (
        ("{", "cannot be read"),
        ("[1]", "expected sequitur-approved version 1"),
        (json.dumps({**whole, "version": 2}), "expected sequitur-approved version 1, found"),
        (json.dumps({**whole, "article": {"slug": 1}}), "not a valid Article"),
        (json.dumps(other), "is not the text that was approved"),
    ):
        kept.write_text(text, encoding="utf-8")
        with pytest.raises(LibraryError, match=reason) as caught:
            approved_article(library, "gout")
        assert str(caught.value).startswith(str(kept))
    kept.unlink()
    with pytest.raises(LibraryError, match="not kept any more"):
        approved_article(library, "gout")


@pytest.mark.parametrize("slug", ["a/b", "a.jsonl", "approved", "doi:10.1/<x>", "心", "x" * 200])
def test_every_slug_has_a_log_of_its_own(tmp_path: Path, slug: str) -> None:
    """Whatever an id holds, its log stays in the folder and meets no other one."""
    library = Library.create(tmp_path / "library")
    plain = Reference(number=1, title="Zinc")
    library.put(articles=[article_of(slug, "It fell.", references=[plain]), article_of("a", "No.")])
    moved(library, UNDER_REVIEW, APPROVED, slug=slug)
    moved(library, UNDER_REVIEW, APPROVED, slug="a")
    again = Library(library.folder)
    assert {a.review_status for a in again.articles()} == {APPROVED}
    assert approved_article(again, slug).document.text == "It fell."
    assert [p.name for p in tmp_path.iterdir()] == ["library"]
