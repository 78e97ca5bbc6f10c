"""What was fetched, in a library: stored, tied, refreshed and marked; and the command itself."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.library import Library
from corpus.records import Article, Document, Notice, Reference
from ingest.assemble import assemble
from ingest.drafts import Draft
from ingest.fetching import keep, mark_library, task_for, task_of
from ingest.ncbi import bring
from ingest.ncbi_ids import read_identifiers
from ingest.ncbi_ledger import Brought
from ingest.retraction_watch import RetractionWatch
from service.cli import cli
from tests.ingest.ncbi_server import (
    EMAIL,
    KEY,
    RECORDINGS,
    FakeNcbi,
    Reply,
    efetched,
    plays,
    unused_port,
)

ROOT = Path(__file__).resolve().parents[2]
WATCH_FILE = RECORDINGS / "retraction_watch.csv"
RETRACTED = (
    "  retraction 2016-01-04 pmid:150 (PubMed): Retraction in: J Invent Lung. 2016 Jan 4;8(1):1"
)
START = "from service.cli import main; main()"
PROGRAM = (sys.executable, "-c", START)
# a test run in the background passes on that Ctrl-C is ignored
INTERRUPTIBLE = f"import signal; signal.signal(2, signal.default_int_handler); {START}"


def article(slug: str = "lungs", **more: object) -> Article:
    """Return an article whose list names works in every way."""
    text = Draft(kind="paragraph", text="Steroids are tapered over months.")
    references = (
        Reference(
            title="Steroid taper in a made-up cohort", number=1, doi="10.1000/taper(19)101-2"
        ),
        Reference(title="Retracted study of an imagined drug", number=2, pmid="102"),
        Reference(title="A letter without an abstract", number=3, pmid="103"),
        Reference(title="A paper whose text only PMC has", number=4, pmcid="PMC9104"),
        Reference(title="A book that nothing identifies", number=5),
        Reference(title="A paper with a mistyped identifier", number=6, doi="10.x"),
    )
    made = Article(
        slug=slug,
        document=assemble(document_id=slug, kind="article", title=slug, drafts=[text]),
        references=references,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def abstract(key: str, **reference: str) -> Document:
    """Return a stored abstract."""
    return assemble(
        document_id=key,
        kind="abstract",
        title=key,
        drafts=[Draft(kind="paragraph", text="What it said before.")],
        reference=Reference(title=key, document_id=key, **reference),  # type: ignore[arg-type]
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return a library of one article without abstracts."""
    made = Library.create(tmp_path / "library")
    made.put(articles=[article()])
    return made


@pytest.fixture
def ncbi() -> Iterator[FakeNcbi]:
    """Return a running server."""
    with plays() as running:
        yield running


def fetched(ncbi: FakeNcbi, library: Library, *ids: str, slug: str | None = None) -> list[Brought]:
    """Fetch and store some works."""
    batches = list(bring(ncbi.client(), read_identifiers(ids)))
    for brought in batches:
        keep(brought, library, slug=slug)
    return batches


# What is wanted


def test_an_article_wants_what_it_names_and_lacks(library: Library) -> None:
    """Entries with an identifier and no stored text; the others are told."""
    library.put(documents=[abstract("pmid:102", pmid="102")])
    task = task_of(library.article("lungs"), library, refresh=False)
    assert list(map(str, task.wanted)) == [
        "doi:10.1000/taper(19)101-2",
        "pmid:103",
        "pmcid:PMC9104",
    ]
    assert [(str(i), key) for i, key in task.stored] == [("pmid:102", "pmid:102")]
    assert len(task.nameless) == 2


def test_what_is_stored_is_known_by_all_its_names(library: Library) -> None:
    """A DOI or PMCID of a stored record is not asked for again, unless to refresh."""
    library.put(documents=[abstract("pmid:1", pmid="1", doi="10.1000/A", pmcid="PMC8")])
    asked = read_identifiers(["10.1000/a", "PMC8", "PMID:1", "2"])
    task = task_for(asked, library, refresh=False)
    assert list(map(str, task.wanted)) == ["pmid:2"]
    assert len(task.stored) == 3
    assert task_for(asked, library, refresh=True).wanted == asked


# What is stored


def test_abstracts_are_tied_to_the_entries_that_name_them(ncbi: FakeNcbi, library: Library) -> None:
    """By DOI, PMID and PMCID; an entry keeps its number and learns its identifiers."""
    fetched(ncbi, library, "10.1000/taper(19)101-2", "102", "PMC9104", slug="lungs")
    entries = library.article("lungs").references
    assert [r.document_id for r in entries[:4]] == ["pmid:101", "pmid:102", None, "pmid:104"]
    assert [r.number for r in entries] == [1, 2, 3, 4, 5, 6]
    assert entries[0].pmid == "101"
    assert entries[1].retracted
    assert "31 improved" in library.document("pmid:101").text


def test_a_work_outside_the_list_is_added_without_a_number(
    ncbi: FakeNcbi, library: Library
) -> None:
    """As with an abstract that is read from a file."""
    fetched(ncbi, library, "1001", slug="lungs")
    assert library.article("lungs").references[-1].document_id == "pmid:1001"
    assert library.article("lungs").references[-1].number is None


def test_other_articles_learn_only_of_works_that_they_name(
    ncbi: FakeNcbi, library: Library
) -> None:
    """Without an article named, nothing is added to any list."""
    library.put(articles=[article("twin")])
    fetched(ncbi, library, "102", "1001")
    for slug in ("lungs", "twin"):
        entries = library.article(slug).references
        assert len(entries) == 6
        assert entries[1].document_id == "pmid:102"
        assert entries[1].retracted


def test_a_retraction_without_a_text_is_known(ncbi: FakeNcbi, library: Library) -> None:
    """The letter has no abstract; that it was retracted still reaches the list."""
    fetched(ncbi, library, "103", slug="lungs")
    entry = library.article("lungs").references[2]
    assert entry.document_id is None
    assert entry.retracted


def test_a_refreshed_record_replaces_what_pubmed_said(ncbi: FakeNcbi, library: Library) -> None:
    """New notices come, those that PubMed took back go, those of others stay; so in the lists."""
    watched = Notice(kind="concern", source="Retraction Watch")
    stale = Notice(kind="correction", source="PubMed", text="taken back")
    before = abstract("pmid:102", pmid="102")
    assert before.reference is not None
    told = replace(before.reference, notices=(stale, watched), publication_types=("Preprint",))
    entry = replace(told, number=2)
    library.put(
        documents=[replace(before, reference=told)],
        articles=[article(references=(entry,))],
    )
    fetched(ncbi, library, "102")
    new = library.document("pmid:102")
    assert new.reference is not None
    for reference in (new.reference, library.article("lungs").references[0]):
        assert [(n.kind, n.source) for n in reference.notices] == [
            ("retraction", "PubMed"),
            ("concern", "Retraction Watch"),
        ]
        assert "Preprint" not in reference.publication_types
        assert reference.retracted
    assert "halved relapses" in new.text


def test_what_stays_the_same_is_not_written(ncbi: FakeNcbi, library: Library) -> None:
    """An article that names none of the works keeps its file as it is."""
    path = library.folder / "articles" / "lungs.json"
    written = path.stat().st_mtime_ns
    fetched(ncbi, library, "1001")
    assert path.stat().st_mtime_ns == written


# Marking


def test_marking_reaches_lists_and_stored_works(library: Library) -> None:
    """Notices of Retraction Watch on entries and documents; a second time nothing is new."""
    library.put(documents=[abstract("pmid:500", pmid="500")])
    watch = RetractionWatch.read(WATCH_FILE)
    marks, doubts = mark_library(library, watch)
    assert [(m.where, m.notices[0].kind) for m in marks] == [
        ("lungs, reference 1", "correction"),
        ("lungs, reference 2", "retraction"),
        ("pmid:500", "concern"),
    ]
    assert doubts == ()
    assert Library(library.folder).article("lungs").references[1].retracted
    assert mark_library(library, watch) == ((), ())


def test_marking_one_article_leaves_the_others(library: Library) -> None:
    """Only its list and what it cites."""
    library.put(articles=[article("twin")], documents=[abstract("pmid:500", pmid="500")])
    marks, _ = mark_library(library, RetractionWatch.read(WATCH_FILE), slug="twin")
    assert {m.where.partition(",")[0] for m in marks} == {"twin"}
    assert not library.article("lungs").references[1].notices


def test_doubts_are_told_and_mark_nothing(library: Library) -> None:
    """A row with the PMID of one work and the DOI of another is for the editor."""
    entry = Reference(title="T", number=1, pmid="102", doi="10.1000/quite-another")
    library.put(articles=[article(references=(entry,))])
    marks, doubts = mark_library(library, RetractionWatch.read(WATCH_FILE))
    assert marks == ()
    assert len(doubts) == 1
    assert "lungs, reference 1: retraction" in doubts[0]


# The command


def run(ncbi: FakeNcbi | None, *arguments: str | Path, **variables: str) -> Result:
    """Run `sequitur fetch` in this process; it asks the server of the test, or nobody."""
    return CliRunner().invoke(
        cli,
        ["fetch", *map(str, arguments)],
        env={**blanks(), **told(url_of(ncbi)), **variables},
        catch_exceptions=False,
    )


def run_program(ncbi: FakeNcbi | None, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `sequitur fetch` as a program of its own."""
    return subprocess.run(
        [*PROGRAM, "fetch", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **blanks(), **told(url_of(ncbi))},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def blanks() -> dict[str, str]:
    """Return every setting of this process as one that is not set."""
    return {name: "" for name in os.environ if name.startswith("SEQUITUR_")}


def url_of(ncbi: FakeNcbi | None) -> str:
    """Return the server's address, or one where nobody listens."""
    return ncbi.url if ncbi else f"http://127.0.0.1:{unused_port()}"


def told(url: str) -> dict[str, str]:
    """Return the settings that lead to the server."""
    return {
        "SEQUITUR_NCBI_EMAIL": EMAIL,
        "SEQUITUR_NCBI_API_KEY": KEY,
        "SEQUITUR_NCBI_EUTILS_URL": f"{url}/eutils",
        "SEQUITUR_NCBI_IDCONV_URL": f"{url}/idconv",
    }


def test_the_command_fetches_into_a_new_library(ncbi: FakeNcbi, tmp_path: Path) -> None:
    """Stored works and their notices on stdout; the next step on stderr; exit code 0."""
    folder = tmp_path / "new"
    done = run_program(ncbi, "PMID:101", "pmid:102", "--library", folder)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert done.stdout.splitlines() == [
        "stored pmid:101: Steroid taper in a made-up cohort.",
        "stored pmid:102: Retracted study of an imagined drug.",
        RETRACTED,
    ]
    assert f"Next: sequitur index --library {folder}" in done.stderr
    assert len(Library(folder).documents()) == 2
    assert ncbi.seen[0].fields["api_key"] == KEY
    assert KEY not in done.stdout + done.stderr


def test_the_command_fetches_what_an_article_lacks(ncbi: FakeNcbi, library: Library) -> None:
    """Partial success is kept, the failed ids are told, and the exit code is 1."""
    done = run(ncbi, "--article", "lungs", "--library", library.folder)
    assert done.exit_code == 1, done.stderr
    assert "failed pmid:103: PubMed has no abstract of it" in done.stdout
    assert "3 tied to references of lungs" in done.stdout
    assert done.stderr.count("no identifier, nothing to ask for") == 2
    entries = Library(library.folder).article("lungs").references
    assert [r.document_id for r in entries[:4]] == ["pmid:101", "pmid:102", None, "pmid:104"]
    again = run(ncbi, "--article", "lungs", "--library", library.folder)
    assert [s.fields.get("id") for s in ncbi.seen[-1:]] == ["103"]
    assert again.exit_code == 1


def test_json_tells_everything(ncbi: FakeNcbi, library: Library) -> None:
    """One object on stdout, with the date of the Retraction Watch file."""
    watched = {"SEQUITUR_RETRACTION_WATCH": str(WATCH_FILE)}
    done = run(ncbi, "101", "7", "--library", library.folder, "--json", **watched)
    assert done.exit_code == 1
    record = json.loads(done.stdout)
    assert record["failed"] == [
        {"asked": "pmid:7", "reason": "PubMed knows no work with this PMID"}
    ]
    (one,) = record["stored"]
    assert (one["asked"], one["document_id"]) == ("pmid:101", "pmid:101")
    assert [(n["kind"], n["source"]) for n in one["notices"]] == [
        ("correction", "Retraction Watch")
    ]
    assert record["retraction_watch"]["dated"] == "2021-02-28"
    assert "Retraction Watch (newest notice 2021-02-28)" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("12345", "gout"), ("PMC",), ("10.1/",), (), ("--article", "nobody"), ("12 34",)],
)
def test_bad_input_is_refused_before_any_request(
    ncbi: FakeNcbi, library: Library, arguments: tuple[str, ...]
) -> None:
    """One line, exit code 2, and NCBI saw nothing."""
    done = run(ncbi, *arguments, "--library", library.folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert ncbi.seen == []


def test_offline_is_one_clear_line(tmp_path: Path) -> None:
    """Exit code 2, what to do instead, and no empty library left behind."""
    done = run_program(None, "12345", "PMC7", "--library", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("sequitur: cannot reach 127.0.0.1: the network is not there; ")
    assert "`sequitur ingest FILE`" in line
    assert not (tmp_path / "none").exists()


def test_a_wrong_key_is_told_without_the_key(library: Library) -> None:
    """The setting to mend is named; the key is nowhere."""
    said = b'{"error":"API key invalid","api-key":"%s"}' % KEY.encode()
    reply = Reply(status=400, parts=[said], content_type="application/json")
    with plays(reply) as ncbi:
        done = run(ncbi, "101", "--library", library.folder)
    assert done.exit_code == 2
    assert "SEQUITUR_NCBI_API_KEY" in done.stderr
    assert KEY not in done.stdout + done.stderr


def test_an_interrupted_fetch_keeps_what_came(library: Library) -> None:
    """Ctrl-C in the second batch: the first is stored and told; no traceback."""
    ids = [str(1000 + n) for n in range(250)]
    script = (Reply(parts=[efetched("pubmed", ids[:200])]), Reply(parts=[30.0]))
    with plays(*script) as ncbi:
        running = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTIBLE, "fetch", *ids, "--library", str(library.folder)],
            cwd=ROOT,
            env={**os.environ, **blanks(), **told(ncbi.url)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        deadline = time.monotonic() + 30
        while len(ncbi.seen) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "Stopped." in err
    assert "Traceback" not in err
    assert out.count("stored pmid:") == 200
    assert len(Library(library.folder).documents()) == 201


def test_the_command_marks_from_a_file_alone(library: Library) -> None:
    """No network is needed; the file's date and each notice are shown."""
    done = run(None, "--retractions", WATCH_FILE, "--library", library.folder)
    assert done.exit_code == 0, done.stderr
    assert "Retraction Watch (newest notice 2021-02-28): 6 notices" in done.stderr
    assert done.stdout.splitlines() == [
        "marked lungs, reference 1: Steroid taper in a made-up cohort",
        "  correction 2020-09-30 (Retraction Watch): +Error in Text;",
        "marked lungs, reference 2: Retracted study of an imagined drug",
        "  retraction 2016-01-04 pmid:150 (Retraction Watch): +Unreliable Results;+Error in Data;",
    ]
    again = run(None, "--retractions", WATCH_FILE, "--library", library.folder)
    assert again.stdout == "Retraction Watch (newest notice 2021-02-28): nothing new\n"


def test_another_file_is_refused_in_one_line(library: Library, tmp_path: Path) -> None:
    """A spreadsheet of something else, or a file that is not there."""
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    for path in (other, tmp_path / "missing.csv"):
        done = run(None, "--retractions", path, "--library", library.folder)
        assert (done.exit_code, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1
        assert str(path) in done.stderr


def test_doubtful_matches_are_listed_for_the_editor(ncbi: FakeNcbi, library: Library) -> None:
    """An entry whose PMID and DOI name two works is not tied; how to tie it is told."""
    entry = Reference(
        title="Steroid taper in a made-up cohort", number=1, pmid="101", doi="10.1000/other"
    )
    library.put(articles=[article(references=(entry,))])
    done = run(ncbi, "--article", "lungs", "--library", library.folder)
    assert done.exit_code == 0
    assert "PMID agrees, but DOI differs" in done.stderr
    assert "--tie lungs:1=pmid:101" in done.stderr
    stored = Library(library.folder).article("lungs")
    assert stored.references[0].document_id is None
    assert len(stored.findings) == 1
